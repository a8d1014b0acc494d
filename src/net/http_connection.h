// One connection of the HTTP server and the I/O thread that it lives on. Private to the module.

#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "net/http_parser.h"
#include "net/http_server.h"

namespace omnigraph {
class ThreadPool;
}  // namespace omnigraph

namespace omnigraph::net {

class HttpConnection;

/// What one I/O thread owns. Everything here is touched by that thread alone, but for `context`.
struct IoThread {
  boost::asio::io_context context{1};
  boost::asio::steady_timer ticker{context};
  std::unordered_set<HttpConnection*> connections;
  std::int64_t now_ms = 0;  ///< Coarse: set by every tick.
  std::string date;         ///< The value of the Date header; set by every tick.
  bool is_draining = false;
  bool is_stopped = false;
};

/// What all connections of a server share.
struct ServerShared {
  HttpHandler& handler;
  const HttpServerOptions options;
  ThreadPool& workers;

  std::mutex mutex;
  std::condition_variable all_closed;
  std::size_t connections_count = 0;  // Guarded by mutex.
};

class HttpConnection final : public HttpExchange,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  template <typename T = void>
  using Task = boost::asio::awaitable<T>;

  /// `shared.connections_count` counts this connection already.
  HttpConnection(Socket socket, IoThread& home, ServerShared& shared);
  ~HttpConnection() override;

  /// Serves until the connection ends. `is_surplus`: only says that there are too many.
  Task<> Run(std::shared_ptr<HttpConnection> self, bool is_surplus);

  /// Both on the I/O thread.
  void OnTick();
  void OnDrain();
  void Cancel();

  // HttpExchange: from any thread.
  void Complete(HttpResponse response) override;
  void Abandon() override;
  std::unique_ptr<HttpStream> BeginStream(HttpResponse head) override;

 private:
  class Stream;
  enum class Phase : unsigned char { kIdle, kHead, kBody, kHandler, kWrite, kLinger };

  Task<> Serve();
  /// False if the connection is at its end.
  Task<bool> ReadHead();
  Task<bool> ReadBody(std::uint64_t size_bytes_max);
  Task<bool> ReadSizedBody();
  Task<bool> ReadChunkedBody(std::uint64_t size_bytes_max);
  Task<bool> ReadMore(char* into, std::size_t size_bytes, std::size_t& count);
  Task<bool> SendContinue();
  Task<> Answer();
  Task<bool> WaitForHandler();
  Task<> WaitForWake();
  Task<bool> PumpStream();
  Task<bool> Flush();
  Task<> Linger();
  // GCC 12 compiles `if (co_await A()) co_await B();` wrongly: B starts in a foreign frame. Name
  // the result of an await before testing it where the branch awaits again.
  void SetRefusal(int status, std::string reason);
  void SetTooLarge(std::uint64_t size_bytes_max);
  Task<> RefuseAndClose();
  Task<bool> RefuseSlowBody();

  std::string_view Unread() const { return {input_.data() + begin_, end_ - begin_}; }
  void PrepareRequest();
  void CallHandler(HttpResponder responder);
  /// True if the request is answered already.
  bool Dispatch();
  void ReleaseExchange();
  void Wake();
  void WatchForDisconnect();
  void GiveUp();
  void AppendHead(const HttpResponse& response, bool is_chunked);
  void AppendResponse(const HttpResponse& response);
  void SetPhase(Phase phase);

  Socket socket_;
  IoThread& home_;
  ServerShared& shared_;
  std::string peer_;

  std::vector<char> input_;  // Holds a whole head; its views point in here.
  std::size_t begin_ = 0;    // Unread bytes of input_.
  std::size_t end_ = 0;
  std::string body_;  // A body that did not come together with its head.
  std::string output_;
  HttpHead head_;
  HttpRequest request_;
  HttpResponse response_;
  Phase phase_ = Phase::kIdle;
  std::int64_t deadline_ms_ = 0;  // 0: none.
  bool is_timed_out_ = false;
  bool keeps_alive_ = true;
  bool is_inline_ = false;
  int refusal_status_ = 0;
  std::string refusal_reason_;

  // The exchange in progress.
  boost::asio::steady_timer wake_;
  bool is_woken_ = false;
  bool is_watching_ = false;
  std::uint64_t watches_count_ = 0;   // The callback of an older watch is void.
  std::atomic<int> owners_count_{0};  // The handler's call and its responder.
  std::atomic<bool> is_answered_{false};
  std::atomic<bool> is_cancelled_{false};

  // The response that is being streamed.
  std::mutex stream_mutex_;
  std::condition_variable stream_drained_;
  std::string stream_bytes_;  // Guarded by stream_mutex_, as are the next three.
  bool is_stream_started_ = false;
  bool is_stream_finished_ = false;
  bool is_stream_broken_ = false;  // The stream was dropped by its writer.
  bool is_streaming_ = false;      // The head is written; I/O thread only.
};

}  // namespace omnigraph::net
