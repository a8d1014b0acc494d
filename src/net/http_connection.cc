// One connection of the HTTP server.

#include "net/http_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/thread_pool.h"
#include "net/http_chunks.h"

namespace omnigraph::net {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kUseTuple = asio::as_tuple(asio::use_awaitable);
/// Pipelined responses are gathered up to this size before they are written.
constexpr std::size_t kOutputSizeBytesMax = std::size_t{64} << 10;
/// A streaming handler waits while this much is unsent.
constexpr std::size_t kStreamSizeBytesMax = std::size_t{256} << 10;
/// What a refused client may still send before the connection is cut.
constexpr std::size_t kLingerSizeBytesMax = std::size_t{256} << 10;
constexpr std::int64_t kLingerMs = 2000;
/// Bodies grow in steps, so that a large announced length costs nothing until the bytes come.
constexpr std::size_t kBodyStepBytes = std::size_t{64} << 10;

void AppendNumber(std::uint64_t value, std::string& out, int base = 10) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value, base);
  (void)error;
  out.append(digits, end);
}

/// Header values must not start a new line, whoever made them.
void AppendHeader(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ");
  const std::size_t start = out.size();
  out.append(value);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, ' ');
  out.append("\r\n");
}

}  // namespace

/// The writing end of a streamed response, in the hands of the handler.
class HttpConnection::Stream final : public HttpStream {
 public:
  explicit Stream(std::shared_ptr<HttpConnection> connection)
      : connection_(std::move(connection)) {}
  ~Stream() override {
    if (connection_ != nullptr) End(true);
  }

  Status Write(std::string_view bytes) override {
    HttpConnection& connection = *connection_;
    bool is_first = false;
    {
      std::unique_lock lock(connection.stream_mutex_);
      connection.stream_drained_.wait(lock, [&] {
        return connection.stream_bytes_.size() < kStreamSizeBytesMax || connection.is_cancelled_;
      });
      is_first = connection.stream_bytes_.empty();
      if (!connection.is_cancelled_) connection.stream_bytes_.append(bytes);
    }
    if (connection.is_cancelled_) {
      return Status::Error(ErrorCode::kUnavailable, "send the response: the client is gone");
    }
    if (is_first) connection.Wake();
    return Status::Ok();
  }

  Status Finish() override {
    const bool is_cancelled = connection_->is_cancelled_;
    End(false);
    if (!is_cancelled) return Status::Ok();
    return Status::Error(ErrorCode::kUnavailable, "send the response: the client is gone");
  }

 private:
  void End(bool is_broken) {
    {
      const std::lock_guard lock(connection_->stream_mutex_);
      connection_->is_stream_finished_ = true;
      connection_->is_stream_broken_ = is_broken;
    }
    connection_->ReleaseExchange();
    connection_.reset();
  }

  std::shared_ptr<HttpConnection> connection_;
};

HttpConnection::HttpConnection(Socket socket, IoThread& home, ServerShared& shared)
    : socket_(std::move(socket)),
      home_(home),
      shared_(shared),
      input_(shared.options.head_size_bytes_max + (std::size_t{8} << 10)),
      wake_(home.context, asio::steady_timer::time_point::max()) {
  home_.connections.insert(this);
  error_code ignored;
  const auto endpoint = socket_.remote_endpoint(ignored);
  peer_ = endpoint.address().to_string(ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.native_non_blocking(true, ignored);
}

HttpConnection::~HttpConnection() = default;

// ---- Time, cancellation, the end
// -----------------------------------------------------------------

void HttpConnection::SetPhase(Phase phase) {
  const HttpServerOptions& options = shared_.options;
  std::int64_t limit_ms = 0;
  switch (phase) {
    case Phase::kIdle:
      limit_ms = options.idle_timeout.count();
      break;
    case Phase::kHead:
      limit_ms = options.head_timeout.count();
      break;
    case Phase::kBody:
      limit_ms = options.body_timeout.count();
      break;
    case Phase::kHandler:
      break;
    case Phase::kWrite:
      limit_ms = options.write_timeout.count();
      break;
    case Phase::kLinger:
      limit_ms = kLingerMs;
      break;
  }
  phase_ = phase;
  deadline_ms_ = limit_ms == 0 ? 0 : home_.now_ms + limit_ms;
}

void HttpConnection::OnTick() {
  if (deadline_ms_ == 0 || home_.now_ms < deadline_ms_) return;
  is_timed_out_ = true;
  deadline_ms_ = 0;
  error_code ignored;
  socket_.cancel(ignored);
}

void HttpConnection::OnDrain() {
  error_code ignored;
  if (phase_ == Phase::kIdle) socket_.cancel(ignored);
}

void HttpConnection::Cancel() {
  {
    const std::lock_guard lock(stream_mutex_);
    is_cancelled_ = true;
  }
  stream_drained_.notify_all();
}

void HttpConnection::GiveUp() {
  Cancel();
  error_code ignored;
  socket_.close(ignored);
}

void HttpConnection::WatchForDisconnect() {
  if (is_watching_) return;
  is_watching_ = true;
  const std::uint64_t watch = ++watches_count_;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this(), watch](error_code error) {
    if (error || watch != self->watches_count_) return;
    self->is_watching_ = false;
    if (self->phase_ != Phase::kHandler) return;
    char byte = 0;
    const ssize_t count = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    // More bytes are the next request. Then an end behind them is seen only after this one.
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) self->Cancel();
  });
}

// ---- Reading
// -------------------------------------------------------------------------------------

HttpConnection::Task<bool> HttpConnection::ReadMore(char* into, std::size_t size_bytes,
                                                    std::size_t& count) {
  auto [error, read_count] =
      co_await socket_.async_read_some(asio::buffer(into, size_bytes), kUseTuple);
  count = read_count;
  co_return !error && read_count > 0;
}

HttpConnection::Task<bool> HttpConnection::ReadHead() {
  const HttpHeadLimits limits{shared_.options.head_size_bytes_max,
                              shared_.options.headers_count_max};
  SetPhase(begin_ == end_ ? Phase::kIdle : Phase::kHead);
  while (true) {
    const HeadState state =
        begin_ == end_ ? HeadState::kIncomplete : ParseHttpHead(Unread(), limits, head_);
    if (state == HeadState::kComplete) co_return true;
    if (state == HeadState::kRefused) {
      request_.method = {};
      SetRefusal(head_.refusal_status, std::string(head_.refusal_reason));
      co_await RefuseAndClose();
      co_return false;
    }
    if (!output_.empty()) {
      if (!co_await Flush()) co_return false;
      SetPhase(begin_ == end_ ? Phase::kIdle : Phase::kHead);
    }
    if (begin_ == end_) {
      begin_ = end_ = 0;
      if (home_.is_draining) co_return false;
    } else if (begin_ > 0) {
      std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    std::size_t count = 0;
    if (!co_await ReadMore(input_.data() + end_, input_.size() - end_, count)) {
      if (is_timed_out_ && phase_ == Phase::kHead) {
        SetRefusal(408, "the request's head did not come in time");
        co_await RefuseAndClose();
      }
      co_return false;
    }
    end_ += count;
    if (phase_ == Phase::kIdle) SetPhase(Phase::kHead);
  }
}

void HttpConnection::PrepareRequest() {
  const std::size_t question = std::min(head_.target.find('?'), head_.target.size());
  request_.method = head_.method;
  request_.target = head_.target;
  request_.path = head_.target.substr(0, question);
  request_.query = head_.target.substr(std::min(question + 1, head_.target.size()));
  request_.headers = head_.headers;
  request_.body = {};
  request_.peer = peer_;
  request_.tag = 0;
  request_.is_cancelled = &is_cancelled_;
  begin_ += head_.size_bytes;
  keeps_alive_ = head_.keeps_alive;
}

HttpConnection::Task<bool> HttpConnection::SendContinue() {
  if (!head_.expects_continue || begin_ < end_) co_return true;
  output_.append("HTTP/1.1 100 Continue\r\n\r\n");
  co_return co_await Flush();
}

HttpConnection::Task<bool> HttpConnection::ReadBody(std::uint64_t size_bytes_max) {
  body_.clear();
  if (!head_.is_chunked && head_.content_length == 0) co_return true;
  if (!head_.is_chunked && head_.content_length > size_bytes_max) {
    SetTooLarge(size_bytes_max);
    co_await RefuseAndClose();
    co_return false;
  }
  if (!head_.is_chunked && head_.content_length <= end_ - begin_) {
    request_.body = Unread().substr(0, head_.content_length);
    begin_ += head_.content_length;
    co_return true;
  }
  if (!co_await SendContinue()) co_return false;
  SetPhase(Phase::kBody);
  bool is_read = false;
  if (head_.is_chunked) {
    is_read = co_await ReadChunkedBody(size_bytes_max);
  } else {
    is_read = co_await ReadSizedBody();
  }
  request_.body = body_;
  co_return is_read;
}

HttpConnection::Task<bool> HttpConnection::ReadSizedBody() {
  const std::size_t size_bytes = head_.content_length;
  body_.assign(Unread());
  begin_ = end_;
  std::size_t filled = body_.size();
  while (filled < size_bytes) {
    if (filled == body_.size()) {
      body_.resize(std::min(size_bytes, std::max(filled * 2, filled + kBodyStepBytes)));
    }
    std::size_t count = 0;
    if (!co_await ReadMore(body_.data() + filled, body_.size() - filled, count)) {
      co_return co_await RefuseSlowBody();
    }
    filled += count;
    SetPhase(Phase::kBody);
  }
  co_return true;
}

HttpConnection::Task<bool> HttpConnection::ReadChunkedBody(std::uint64_t size_bytes_max) {
  ChunkDecoder decoder(size_bytes_max);
  // The head stays where it is; the chunks go through the space behind it.
  const std::size_t space_begin = begin_;
  while (true) {
    std::size_t used_count = 0;
    const ChunkDecoder::State state = decoder.Decode(Unread(), body_, used_count);
    begin_ += used_count;
    if (state == ChunkDecoder::State::kDone) co_return true;
    if (state == ChunkDecoder::State::kMalformed) {
      SetRefusal(400, "the chunks of the body are malformed");
      co_await RefuseAndClose();
      co_return false;
    }
    if (state == ChunkDecoder::State::kTooLarge) {
      SetTooLarge(size_bytes_max);
      co_await RefuseAndClose();
      co_return false;
    }
    begin_ = end_ = space_begin;
    std::size_t count = 0;
    if (!co_await ReadMore(input_.data() + end_, input_.size() - end_, count)) {
      co_return co_await RefuseSlowBody();
    }
    end_ += count;
    SetPhase(Phase::kBody);
  }
}

// ---- The exchange
// --------------------------------------------------------------------------------

void HttpConnection::Wake() {
  asio::post(home_.context, [self = shared_from_this()] {
    self->is_woken_ = true;
    self->wake_.cancel();
  });
}

void HttpConnection::ReleaseExchange() {
  if (owners_count_.fetch_sub(1) == 1) Wake();
}

void HttpConnection::Complete(HttpResponse response) {
  response_ = std::move(response);
  is_answered_ = true;
  ReleaseExchange();
}

void HttpConnection::Abandon() {
  Complete(shared_.handler.Refuse(500, "the request was not answered"));
}

std::unique_ptr<HttpStream> HttpConnection::BeginStream(HttpResponse head) {
  OG_CHECK(!is_inline_);
  {
    const std::lock_guard lock(stream_mutex_);
    response_ = std::move(head);
    is_stream_started_ = true;
  }
  Wake();
  return std::make_unique<Stream>(shared_from_this());
}

void HttpConnection::CallHandler(HttpResponder responder) {
  try {
    shared_.handler.Handle(request_, std::move(responder));
  } catch (...) {
    // From a library, most likely out of memory. The responder has answered 500 on its way out.
  }
}

bool HttpConnection::Dispatch() {
  owners_count_ = 2;
  is_answered_ = false;
  is_stream_started_ = is_stream_finished_ = is_stream_broken_ = is_streaming_ = false;
  stream_bytes_.clear();
  if (is_inline_) {
    CallHandler(HttpResponder(shared_from_this()));
    return owners_count_.fetch_sub(1) == 1;
  }
  shared_.workers.Submit([self = shared_from_this()] {
    self->CallHandler(HttpResponder(self));
    self->ReleaseExchange();
  });
  return false;
}

HttpConnection::Task<> HttpConnection::WaitForWake() {
  if (!is_woken_) {
    co_await wake_.async_wait(kUseTuple);
  }
  is_woken_ = false;
}

HttpConnection::Task<bool> HttpConnection::WaitForHandler() {
  bool is_open = true;
  while (true) {
    if (!co_await PumpStream()) is_open = false;
    if (owners_count_ == 0) break;
    if (is_open) {
      SetPhase(Phase::kHandler);
      WatchForDisconnect();
    }
    co_await WaitForWake();
  }
  // What came between the last look and the end of the handler.
  if (!co_await PumpStream()) is_open = false;
  if (is_watching_) {
    is_watching_ = false;
    ++watches_count_;
    error_code ignored;
    socket_.cancel(ignored);
  }
  co_return is_open;
}

HttpConnection::Task<bool> HttpConnection::PumpStream() {
  while (true) {
    std::string bytes;
    bool is_finished = false;
    {
      const std::lock_guard lock(stream_mutex_);
      if (!is_stream_started_) co_return true;
      bytes.swap(stream_bytes_);
      is_finished = is_stream_finished_;
      if (is_cancelled_ || (is_finished && is_stream_broken_)) {
        keeps_alive_ = false;
        co_return false;
      }
    }
    stream_drained_.notify_all();
    if (!is_streaming_) {
      if (head_.is_http_1_0) keeps_alive_ = false;
      AppendHead(response_, !head_.is_http_1_0);
      output_.append("\r\n");
      is_streaming_ = true;
    }
    if (request_.method == "HEAD") bytes.clear();
    if (!bytes.empty()) {
      if (!head_.is_http_1_0) {
        AppendNumber(bytes.size(), output_, 16);
        output_.append("\r\n");
      }
      output_.append(bytes);
      if (!head_.is_http_1_0) output_.append("\r\n");
    }
    if (is_finished && !head_.is_http_1_0 && request_.method != "HEAD") {
      output_.append("0\r\n\r\n");
    }
    if (is_finished) is_stream_started_ = false;
    SetPhase(Phase::kWrite);
    if (!co_await Flush()) {
      Cancel();
      co_return false;
    }
    if (is_finished) co_return true;
    if (bytes.empty()) co_return true;
  }
}

HttpConnection::Task<> HttpConnection::Answer() {
  SetPhase(Phase::kHandler);
  bool is_open = true;
  if (!Dispatch()) {
    is_open = co_await WaitForHandler();
  }
  if (!is_open) {
    keeps_alive_ = false;
    GiveUp();
  } else if (is_answered_) {
    AppendResponse(response_);
  }
  response_.body.clear();
}

// ---- Writing
// -------------------------------------------------------------------------------------

void HttpConnection::AppendHead(const HttpResponse& response, bool is_chunked) {
  if (home_.is_draining) keeps_alive_ = false;
  output_.append("HTTP/1.1 ");
  AppendNumber(static_cast<std::uint64_t>(response.status), output_);
  output_.append(" ").append(HttpStatusText(response.status)).append("\r\n");
  if (!response.content_type.empty()) {
    AppendHeader("content-type", response.content_type, output_);
  }
  for (const auto& [name, value] : response.headers)
    AppendHeader(name, value, output_);
  if (is_chunked) output_.append("transfer-encoding: chunked\r\n");
  output_.append("date: ").append(home_.date).append("\r\n");
  if (!keeps_alive_) output_.append("connection: close\r\n");
}

void HttpConnection::AppendResponse(const HttpResponse& response) {
  const bool has_no_body = response.status == 204 || response.status == 304;
  AppendHead(response, false);
  if (!has_no_body) {
    output_.append("content-length: ");
    AppendNumber(response.body.size(), output_);
    output_.append("\r\n");
  }
  output_.append("\r\n");
  if (!has_no_body && request_.method != "HEAD") output_.append(response.body);
}

HttpConnection::Task<bool> HttpConnection::Flush() {
  if (output_.empty()) co_return true;
  std::size_t sent = 0;
  // Nearly always the kernel takes it all at once, without a detour over the event loop.
  const ssize_t count =
      ::send(socket_.native_handle(), output_.data(), output_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count > 0) sent = static_cast<std::size_t>(count);
  if (count < 0 && errno != EAGAIN && errno != EINTR) co_return false;
  while (sent < output_.size()) {
    if (phase_ != Phase::kLinger) SetPhase(Phase::kWrite);
    auto [error, written] = co_await socket_.async_write_some(
        asio::buffer(output_.data() + sent, output_.size() - sent), kUseTuple);
    if (error) co_return false;
    sent += written;
  }
  output_.clear();
  if (output_.capacity() > kOutputSizeBytesMax * 4) output_.shrink_to_fit();
  co_return true;
}

void HttpConnection::SetRefusal(int status, std::string reason) {
  refusal_status_ = status;
  refusal_reason_ = std::move(reason);
}

void HttpConnection::SetTooLarge(std::uint64_t size_bytes_max) {
  SetRefusal(413, "the body is larger than " + std::to_string(size_bytes_max) + " bytes");
}

HttpConnection::Task<bool> HttpConnection::RefuseSlowBody() {
  if (is_timed_out_) {
    SetRefusal(408, "the request's body did not come in time");
    co_await RefuseAndClose();
  }
  co_return false;
}

HttpConnection::Task<> HttpConnection::RefuseAndClose() {
  keeps_alive_ = false;
  is_timed_out_ = false;
  SetPhase(Phase::kLinger);
  AppendResponse(shared_.handler.Refuse(refusal_status_, refusal_reason_));
  const bool is_sent = co_await Flush();
  if (is_sent) {
    co_await Linger();
  }
}

HttpConnection::Task<> HttpConnection::Linger() {
  // Closing with unread bytes would reset the connection and destroy the answer on its way.
  SetPhase(Phase::kLinger);
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  std::size_t total = 0;
  std::size_t count = 0;
  while (total < kLingerSizeBytesMax) {
    const bool is_read = co_await ReadMore(input_.data(), input_.size(), count);
    if (!is_read) break;
    total += count;
  }
}

// ---- The life of a connection
// --------------------------------------------------------------------

HttpConnection::Task<> HttpConnection::Serve() {
  while (co_await ReadHead()) {
    PrepareRequest();
    bool has_unread_body = false;
    RequestPlan plan = shared_.handler.Plan(request_);
    request_.tag = plan.tag;
    if (plan.refusal) {
      // An unread body makes the rest of the connection unreadable.
      const bool has_body = head_.is_chunked || head_.content_length > 0;
      if (has_body) keeps_alive_ = false;
      has_unread_body = has_body;
      AppendResponse(*plan.refusal);
    } else {
      if (!co_await ReadBody(plan.body_size_bytes_max)) co_return;
      is_inline_ = plan.is_inline;
      if (!is_inline_) {
        const bool is_sent = co_await Flush();
        if (!is_sent) co_return;
      }
      co_await Answer();
    }
    if (!socket_.is_open()) co_return;
    const bool has_next = keeps_alive_ && begin_ < end_ && output_.size() < kOutputSizeBytesMax;
    if (!has_next) {
      if (!co_await Flush()) co_return;
    }
    if (!keeps_alive_) {
      if (has_unread_body || begin_ < end_) {
        co_await Linger();
      }
      co_return;
    }
  }
}

HttpConnection::Task<> HttpConnection::Run(std::shared_ptr<HttpConnection> self, bool is_surplus) {
  if (is_surplus) {
    SetRefusal(503, "too many connections");
    co_await RefuseAndClose();
  } else {
    co_await Serve();
  }
  GiveUp();
  home_.connections.erase(this);
  const std::lock_guard lock(shared_.mutex);
  if (--shared_.connections_count == 0) shared_.all_closed.notify_all();
  (void)self;  // Kept alive until here.
}

}  // namespace omnigraph::net
