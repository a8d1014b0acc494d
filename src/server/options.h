// The command line of `omnigraph-server`.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"

namespace omnigraph::server {

struct ServerOptions {
  std::optional<std::string> uri;      ///< Serve this one graph.
  std::optional<std::string> cluster;  ///< Serve the applied revision of this cluster.
  std::optional<std::string> target;   ///< Only known to be refused: names of a config file.
  std::optional<std::string> config;   ///< Only known to be refused: a config file.
  std::optional<std::string> policy;   ///< Policy bundle of the graph of `uri`.
  std::optional<std::string>
      queries;  ///< A `.gq` file or a folder of them, for the graph of `uri`.
  /// How often to look for a newly applied revision; none: OMNIGRAPH_RELOAD_INTERVAL, or never.
  std::optional<std::string> reload_interval;
  /// How long a query or mutation may take; none: OMNIGRAPH_QUERY_TIMEOUT, or as long as it likes.
  std::optional<std::string> query_timeout;
  std::string bind = "127.0.0.1:8080";
  bool allows_quarantine = false;    ///< A graph that cannot be served is left out.
  bool requires_all_graphs = false;  ///< No graph is ever left out, whatever else is said.
  bool is_strict_cluster = false;    ///< Refuse schema changes that bypass the cluster.
  bool is_unauthenticated = false;
  bool asks_for_help = false;
  bool asks_for_version = false;
};

/// Reads `arguments` (without the program's name). `--name=value` and `--name value` are the same;
/// `--` ends the options.
///
/// Errors: `kInvalidArgument`, a usage error naming the argument (exit 2).
Result<ServerOptions> ParseCommandLine(std::span<const std::string_view> arguments);

/// The text of `--help`, with a line break at the end.
std::string_view HelpText();

/// An address to listen on.
struct BindAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// Reads "host:port"; IPv6 addresses stand in brackets. Errors: `kInvalidArgument`.
Result<BindAddress> ParseBindAddress(std::string_view text);

/// How many connections may be open when the process may open so many files: a quarter of them, and
/// at least 64, are left for the files of the graphs, so that idle clients never keep those from
/// being opened. At least 1, at most `wanted`.
std::size_t ConnectionsWithin(std::uint64_t files_max, std::size_t wanted);

/// Reads "30s", "5m" or "1h"; "0" and nothing are none. `what` says in the error whose value it is.
/// Errors: `kInvalidArgument` for other texts and for less than a second.
Result<std::chrono::seconds> ParseSeconds(std::string_view what, std::string_view text);

/// Whether the value of OMNIGRAPH_UNAUTHENTICATED opens the server: anything but nothing, `0` and
/// `false`, without surrounding space.
bool OpensServer(std::string_view value);

}  // namespace omnigraph::server
