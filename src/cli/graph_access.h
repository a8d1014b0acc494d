// Opens the graph that the command line names, in storage or behind a server.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "cli/address.h"
#include "engine/engine.h"

namespace omnigraph::client {
class RemoteGraph;
}

namespace omnigraph::cli {

class Invocation;

enum class Access : unsigned char {
  kRead,
  kWrite,  ///< Finds out who acts, and asks the policy that `--policy` names.
};

/// A graph and who works on it.
struct OpenedGraph {
  std::string uri;  ///< As addressed.
  std::shared_ptr<engine::Graph> graph;
  std::shared_ptr<client::RemoteGraph> remote;  ///< `graph`, if it is behind a server.
  engine::Caller caller;

  /// Who did the last write: the caller, or who the server says.
  std::optional<std::string> Writer() const;
  /// Where the last write went: the URI, or what the server says.
  std::string WrittenUri() const;
};

/// Errors: as `ResolveAddress`; `kNotFound` naming the URI if no graph is there; as `ReadBundle`.
Result<OpenedGraph> OpenGraph(Invocation& invocation, Access access);
Result<OpenedGraph> OpenGraphAt(Invocation& invocation, const GraphAddress& address, Access access);

/// The server at an address.
Result<std::shared_ptr<client::RemoteGraph>> OpenServer(Invocation& invocation,
                                                        const GraphAddress& address);

}  // namespace omnigraph::cli
