// Which graph a command line means: the guard over planes, and the order in which addresses count.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "cli/command_line.h"

namespace omnigraph::cli {

class Invocation;

struct GraphAddress {
  std::string uri;  ///< As the user or the file wrote it; without slashes for a server.
  bool is_remote = false;
  /// The name in omnigraph.yaml whose token variable applies; empty for none.
  std::string named_graph;
};

/// "schema plan" for groups that are split over planes, else the first word of the path.
std::string_view LabelOf(const Command& command);

/// Refuses `--server` and `--graph` where they mean nothing, before anything is read.
Status CheckPlane(const CommandLine& line);

/// Whether the command line itself says where the graph is.
bool HasExplicitAddress(const CommandLine& line);

/// The explicit URI, `--server` with `--graph`, `--cluster` with its graph, `--target`, or the
/// project's default graph. `typed_uri` stands for the positional argument of commands that take it
/// under conditions.
///
/// Errors: `kInvalidArgument` if there is none or two of them; `kNotFound` for unknown names.
Result<GraphAddress> ResolveAddress(Invocation& invocation,
                                    const std::optional<std::string>& typed_uri = std::nullopt);

/// `ResolveAddress` for commands that need the storage itself.
///
/// Errors: also `kInvalidArgument` for the address of a server.
Result<GraphAddress> ResolveStorageAddress(Invocation& invocation);

/// The token for a server's URL: of the operator's server that the URL belongs to, of the named
/// graph, else `OMNIGRAPH_BEARER_TOKEN`; none if there is none.
Result<std::optional<std::string>> ResolveToken(Invocation& invocation,
                                                const GraphAddress& address);

}  // namespace omnigraph::cli
