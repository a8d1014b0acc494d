// HTTP requests and responses as the handlers of a server see them.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace omnigraph::net {

struct HttpHeader {
  std::string_view name;
  std::string_view value;  ///< Without white space at its ends.
};

/// All views stay valid until the handler has returned and the response is complete.
struct HttpRequest {
  std::string_view method;  ///< "GET"; methods are case-sensitive.
  std::string_view target;  ///< As sent: path and query; starts with '/' or is "*".
  std::string_view path;    ///< The target before '?', not decoded.
  std::string_view query;   ///< The target after '?', not decoded.
  std::span<const HttpHeader> headers;
  std::string_view body;  ///< Empty while `HttpHandler::Plan` looks at the request.
  std::string_view peer;  ///< Address of the client, without the port.
  /// What `HttpHandler::Plan` left for `Handle`.
  std::uint64_t tag = 0;

  /// The value of the first header called `name` (any case); none if there is none.
  std::optional<std::string_view> Header(std::string_view name) const;
  /// How many headers are called `name`.
  std::size_t HeaderCount(std::string_view name) const;

  /// Whether the client is gone or the server gives up on it: the work is for nothing. Cheap, from
  /// any thread.
  bool IsCancelled() const {
    return is_cancelled != nullptr && is_cancelled->load(std::memory_order_relaxed);
  }
  const std::atomic<bool>* is_cancelled = nullptr;
};

struct HttpResponse {
  int status = 200;
  /// Empty: no such header.
  std::string content_type = "application/json";
  /// More headers. `content-length`, `transfer-encoding`, `connection` and `date` are the server's.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// "Not Found" for 404; empty for unknown ones.
std::string_view HttpStatusText(int status);

}  // namespace omnigraph::net
