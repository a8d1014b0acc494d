// An HTTP/1.1 server: reads requests strictly, hands them to one handler, writes the responses.
//
// Each connection lives on one I/O thread. The handler says, before the body is read, how large the
// body may be and whether it answers at once on the I/O thread (a few microseconds of work) or on
// the worker pool. Requests of one connection are answered one after the other, in order.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/http_message.h"

namespace omnigraph::net {

/// How a request will be treated, decided from its head alone.
struct RequestPlan {
  /// A larger body is refused with 413.
  std::uint64_t body_size_bytes_max = std::uint64_t{1} << 20;
  /// `Handle` runs on the I/O thread: it must not wait and not stream.
  bool is_inline = false;
  /// Passed on as `HttpRequest::tag`.
  std::uint64_t tag = 0;
  /// The answer, if the head is enough to refuse. The body is not read.
  std::optional<HttpResponse> refusal;
};

/// A response whose body is produced piece by piece. Used by one thread at a time. Destroying it
/// before `Finish` breaks the connection, so that no client takes the half for the whole.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// Sends a piece; waits while the client is slow. Errors: `kUnavailable` when the client is gone
  /// or the server gives up on it.
  virtual Status Write(std::string_view bytes) = 0;
  /// Ends the response.
  virtual Status Finish() = 0;
};

/// The connection's side of one request.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual void Complete(HttpResponse response) = 0;
  /// There will be no answer.
  virtual void Abandon() = 0;
  virtual std::unique_ptr<HttpStream> BeginStream(HttpResponse head) = 0;
};

/// Answers one request, once, from any thread. Dropping it unused answers 500.
class HttpResponder {
 public:
  explicit HttpResponder(std::shared_ptr<HttpExchange> exchange) : exchange_(std::move(exchange)) {}
  HttpResponder(HttpResponder&&) noexcept = default;
  HttpResponder& operator=(HttpResponder&&) = delete;
  ~HttpResponder();

  void Send(HttpResponse response);
  /// Starts a response with the status and headers of `head` (its body is not used) and a body that
  /// follows. Not for inline requests.
  std::unique_ptr<HttpStream> StartStream(HttpResponse head);

 private:
  std::shared_ptr<HttpExchange> exchange_;
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Looks at a request whose body is unread. Runs on an I/O thread for every request: be quick.
  virtual RequestPlan Plan(const HttpRequest& head) = 0;
  /// Answers the request, now or later.
  virtual void Handle(const HttpRequest& request, HttpResponder responder) = 0;
  /// Words a refusal of the server itself: 400, 408, 413, 414, 417, 431, 500, 501, 503, 505.
  virtual HttpResponse Refuse(int status, std::string_view reason);
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< An IP address, or a host name to be looked up.
  std::uint16_t port = 0;             ///< 0 lets the system choose.
  std::size_t io_threads_count = 0;   ///< 0: one for each processor.
  std::size_t workers_count = 0;      ///< 0: two for each processor, at least 8.
  std::size_t head_size_bytes_max = 8192;
  std::size_t headers_count_max = 64;
  std::size_t connections_count_max = 10'000;
  std::size_t surplus_count_max = 32;  ///< So many more are told why; others are closed at once.
  std::chrono::milliseconds head_timeout{10'000};   ///< From a head's first byte to its last.
  std::chrono::milliseconds body_timeout{30'000};   ///< Between two pieces of a body.
  std::chrono::milliseconds idle_timeout{75'000};   ///< Between two requests.
  std::chrono::milliseconds write_timeout{60'000};  ///< For a client that does not read.
};

class HttpServer {
 public:
  /// Binds and starts to serve. `handler` outlives the server.
  ///
  /// Errors: `kInvalidArgument` for an unknown address; `kUnavailable` if it cannot be bound.
  static Result<std::unique_ptr<HttpServer>> Start(HttpHandler& handler,
                                                   const HttpServerOptions& options);
  /// `Stop` without a limit of time, if it has not been called.
  ~HttpServer();

  /// The port that is listened on.
  std::uint16_t port() const;
  /// "127.0.0.1:8080".
  std::string LocalAddress() const;

  /// Stops accepting, closes idle connections, answers what is in flight, and returns when all is
  /// done. After `cancel_after`, if given, requests are told that they are cancelled; they are
  /// still waited for. Call once.
  void Stop(std::optional<std::chrono::milliseconds> cancel_after = std::nullopt);

 private:
  class State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace omnigraph::net
