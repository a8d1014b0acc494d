// The routes of the HTTP API as one table: what a route is called, which action it asks for, what
// its body may be, and the function that answers it. Dispatch, the OpenAPI document and the
// authorisation tests all derive from it.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_message.h"
#include "policy/action.h"

namespace omnigraph::server {

class Call;

/// Answers a call that was routed and authenticated. A route that streams answers by itself.
using Handler = net::HttpResponse (*)(Call& call);
/// Looks at a call whose body is unread; empty if the handler is to answer.
using HeadCheck = std::optional<net::HttpResponse> (*)(const Call& call);

enum class RouteScope : unsigned char {
  kServer,  ///< Only at its own path.
  kGraph,   ///< Below `/graphs/{graph_id}`, and at its own path when one graph is served.
};

enum class BodyKind : unsigned char {
  kNone,   ///< Read and ignored, as some clients send one with every method.
  kJson,   ///< Must say that it is JSON.
  kLines,  ///< Must say that it is lines of JSON.
  kBytes,  ///< Whatever the content type says.
};

/// Where the work is done.
enum class Effort : unsigned char {
  kInstant,    ///< From memory: on the thread of the connection.
  kAdaptive,   ///< On the thread of the connection while such requests turn out to be quick.
  kWaiting,    ///< Little work and a wait for the disk that many share: on a thread of a writer.
  kStreaming,  ///< As fast as its reader: on a thread of a stream, so that it holds up no worker.
  kHeavy,      ///< On a worker.
};

struct Route {
  std::string_view method;
  std::string_view path;  ///< Below the graph; `{…}` stands for one segment.
  RouteScope scope = RouteScope::kGraph;
  /// The first action that is asked for. None: the route is open to everybody, or to every actor.
  std::optional<policy::Action> action;
  BodyKind body = BodyKind::kNone;
  std::uint64_t body_size_bytes_max = std::uint64_t{1} << 20;
  Effort effort = Effort::kHeavy;
  /// The route that replaces this one ("query"); empty unless it is deprecated.
  std::string_view successor;
  Handler handler = nullptr;
  /// Any known token will do: no policy is asked.
  bool takes_any_token = false;
  /// Refuses what the head alone can decide, before a large body is read. May be null.
  HeadCheck check_head = nullptr;

  bool needs_token() const { return action.has_value() || takes_any_token; }
  bool is_deprecated() const { return !successor.empty(); }
};

/// Every route. Rows with a literal path stand before those with `{…}` at the same place.
std::span<const Route> AllRoutes();

/// Where a path leads.
struct RouteMatch {
  const Route* route = nullptr;  ///< Null: no row has the path, or none of them the method.
  bool is_known_path = false;
  std::optional<std::string_view> graph;  ///< The segment behind `/graphs/`, as written.
  std::string_view argument;              ///< The segment that matched `{…}`, as written.
  std::string allowed_methods;            ///< "GET, HEAD, POST"; only when `route` is null.
};

/// Finds the route of a request. `HEAD` is served by rows of `GET`. Flat paths of graph routes are
/// known only if `has_flat_routes`. Cost: linear in the table, well below a microsecond.
RouteMatch FindRoute(std::string_view method, std::string_view path, bool has_flat_routes);

}  // namespace omnigraph::server
