// A small HTTP client for the doors of OmniGraph: one server, one request after the other.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "net/url.h"

namespace omnigraph::net {

struct HttpClientOptions {
  /// Where the server is, for example "https://graphs.example.com/base"; see `ParseUrl`.
  std::string base_url;
  /// Sent as `Authorization: Bearer …` to this server alone. Never part of a message.
  std::optional<std::string> bearer_token;
  /// Sent with every request, for example an API key of a provider. Never part of a message.
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds connect_timeout{10'000};
  /// For the whole request; 0 is no limit.
  std::chrono::milliseconds timeout{0};
  std::string user_agent = "omnigraph";
};

struct HttpClientRequest {
  std::string method = "GET";
  /// Appended to the base URL; starts with '/'; escaped by the caller (`PercentEncode`).
  std::string target = "/";
  std::string body;
  /// Empty: no body is sent.
  std::string content_type;
  /// Further headers. Errors: `kInvalidArgument` for a value with a control character.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::uint64_t response_size_bytes_max = std::uint64_t{1} << 30;
};

struct HttpClientResponse {
  int status = 0;
  std::string content_type;
  /// Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  std::optional<std::string_view> Header(std::string_view name) const;
};

/// Keeps its connection between requests. Follows redirects of GET within the same scheme, host and
/// port only; any other redirect is returned as it is. Proxies come from the environment
/// (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`). Not thread-safe.
class HttpClient {
 public:
  /// Errors: `kInvalidArgument` for a bad base URL, token or header.
  static Result<std::unique_ptr<HttpClient>> Open(HttpClientOptions options);
  virtual ~HttpClient() = default;

  /// Any response is OK, whatever its status. Never retries.
  ///
  /// Errors: `kUnavailable` if the server cannot be reached or its response is cut off: the request
  /// may have taken effect. `kDeadlineExceeded`; `kResourceExhausted` for too large a response.
  virtual Result<HttpClientResponse> Send(const HttpClientRequest& request) = 0;

  /// `Send`, but the body of a 2xx response goes to `on_bytes` as it comes. An error from there
  /// ends the request and is returned.
  virtual Result<HttpClientResponse> SendStreaming(
      const HttpClientRequest& request,
      const std::function<Status(std::string_view bytes)>& on_bytes) = 0;
};

}  // namespace omnigraph::net
