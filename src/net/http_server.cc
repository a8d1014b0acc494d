// Accepts connections and spreads them over the I/O threads.

#include "net/http_server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>

#include "base/json_writer.h"
#include "base/strings.h"
#include "base/thread_pool.h"
#include "net/http_connection.h"

namespace omnigraph::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kUseTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kTick{50};
/// After a failure to accept, most likely for want of file descriptors.
constexpr std::chrono::milliseconds kAcceptPause{100};

void SetDate(IoThread& thread) {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  thread.date.assign(text, size);
}

asio::awaitable<void> Tick(IoThread& thread) {
  while (true) {
    thread.ticker.expires_after(kTick);
    const auto now = (thread.ticker.expiry() - kTick).time_since_epoch();
    thread.now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    SetDate(thread);
    for (HttpConnection* connection : thread.connections)
      connection->OnTick();
    auto [error] = co_await thread.ticker.async_wait(kUseTuple);
    if (error || thread.is_stopped) co_return;
  }
}

/// A coroutine may end by an exception only if memory is short; then its connection is lost.
void IgnoreException(const std::exception_ptr&) {}

}  // namespace

HttpResponse HttpHandler::Refuse(int status, std::string_view reason) {
  HttpResponse response;
  response.status = status;
  JsonWriter(response.body).BeginObject().Key("error").String(reason).EndObject();
  return response;
}

HttpResponder::~HttpResponder() {
  if (exchange_ != nullptr) exchange_->Abandon();
}

void HttpResponder::Send(HttpResponse response) {
  OG_CHECK(exchange_ != nullptr);
  const std::shared_ptr<HttpExchange> exchange = std::move(exchange_);
  exchange->Complete(std::move(response));
}

std::unique_ptr<HttpStream> HttpResponder::StartStream(HttpResponse head) {
  OG_CHECK(exchange_ != nullptr);
  const std::shared_ptr<HttpExchange> exchange = std::move(exchange_);
  return exchange->BeginStream(std::move(head));
}

class HttpServer::State {
 public:
  State(HttpHandler& handler, const HttpServerOptions& options)
      : workers_("http-worker", options.workers_count),
        shared_{handler, options, workers_, {}, {}, 0} {}

  Status Bind(const HttpServerOptions& options);
  void Run();
  void Stop(std::optional<std::chrono::milliseconds> cancel_after);

  bool is_stopped() const { return is_stopped_; }
  const tcp::endpoint& endpoint() const { return endpoint_; }

 private:
  using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;

  asio::awaitable<void> Accept();
  void Adopt(tcp::socket socket, IoThread& thread);

  std::vector<std::unique_ptr<IoThread>> io_threads_;
  ThreadPool workers_;  // Its tasks refer to connections, which refer to the above.
  ServerShared shared_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  tcp::endpoint endpoint_;
  std::vector<WorkGuard> guards_;
  std::unique_ptr<ThreadPool> io_pool_;
  bool is_accepting_ = true;  // Guarded by shared_.mutex.
  bool is_stopped_ = false;
};

Status HttpServer::State::Bind(const HttpServerOptions& options) {
  for (std::size_t i = 0; i < options.io_threads_count; ++i) {
    io_threads_.push_back(std::make_unique<IoThread>());
    SetDate(*io_threads_.back());
  }
  asio::io_context& context = io_threads_.front()->context;
  const std::string place = options.address + ":" + std::to_string(options.port);
  error_code error;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(options.address, std::to_string(options.port), error);
  if (error || found.empty()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "listen on " + Quoted(place) + ": no such address: " + error.message());
  }
  const tcp::endpoint wanted = found.begin()->endpoint();
  acceptor_ = std::make_unique<tcp::acceptor>(context);
  acceptor_->open(wanted.protocol(), error);
  if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_->bind(wanted, error);
  if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
  if (!error) endpoint_ = acceptor_->local_endpoint(error);
  if (!error) return Status::Ok();
  return Status::Error(ErrorCode::kUnavailable,
                       "listen on " + Quoted(place) + ": " + error.message());
}

void HttpServer::State::Run() {
  io_pool_ = std::make_unique<ThreadPool>("http-io", io_threads_.size());
  for (const std::unique_ptr<IoThread>& thread : io_threads_) {
    guards_.push_back(asio::make_work_guard(thread->context));
    asio::co_spawn(thread->context, Tick(*thread), IgnoreException);
    io_pool_->Submit([&context = thread->context] { context.run(); });
  }
  asio::co_spawn(io_threads_.front()->context, Accept(), IgnoreException);
}

void HttpServer::State::Adopt(tcp::socket socket, IoThread& thread) {
  bool is_surplus = false;
  {
    const std::lock_guard lock(shared_.mutex);
    const std::size_t wanted_max = shared_.options.connections_count_max;
    if (shared_.connections_count >= wanted_max + shared_.options.surplus_count_max) {
      return;  // Its socket closes here: a tide of clients must not hold descriptors by lingering.
    }
    is_surplus = ++shared_.connections_count > wanted_max;
  }
  asio::post(thread.context, [this, &thread, is_surplus, socket = std::move(socket)]() mutable {
    auto connection = std::make_shared<HttpConnection>(std::move(socket), thread, shared_);
    HttpConnection& born = *connection;
    asio::co_spawn(thread.context, born.Run(std::move(connection), is_surplus), IgnoreException);
  });
}

asio::awaitable<void> HttpServer::State::Accept() {
  asio::steady_timer pause(io_threads_.front()->context);
  for (std::size_t turn = 0; acceptor_->is_open(); ++turn) {
    IoThread& thread = *io_threads_[turn % io_threads_.size()];
    auto [error, socket] = co_await acceptor_->async_accept(thread.context, kUseTuple);
    if (!error) {
      Adopt(std::move(socket), thread);
    } else if (acceptor_->is_open()) {
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kUseTuple);
    }
  }
  const std::lock_guard lock(shared_.mutex);
  is_accepting_ = false;
  shared_.all_closed.notify_all();
}

void HttpServer::State::Stop(std::optional<std::chrono::milliseconds> cancel_after) {
  is_stopped_ = true;
  asio::post(io_threads_.front()->context, [this] {
    error_code ignored;
    acceptor_->close(ignored);
  });
  const auto for_all = [this](void (HttpConnection::*call)()) {
    for (const std::unique_ptr<IoThread>& thread : io_threads_) {
      asio::post(thread->context, [&thread = *thread, call] {
        thread.is_draining = true;
        for (HttpConnection* connection : thread.connections)
          (connection->*call)();
      });
    }
  };
  for_all(&HttpConnection::OnDrain);
  {
    std::unique_lock lock(shared_.mutex);
    const auto is_done = [this] { return !is_accepting_ && shared_.connections_count == 0; };
    if (cancel_after && !shared_.all_closed.wait_for(lock, *cancel_after, is_done)) {
      lock.unlock();
      for_all(&HttpConnection::Cancel);
      lock.lock();
    }
    shared_.all_closed.wait(lock, is_done);
  }
  for (const std::unique_ptr<IoThread>& thread : io_threads_) {
    asio::post(thread->context, [&thread = *thread] {
      thread.is_stopped = true;
      thread.ticker.cancel();
    });
  }
  guards_.clear();
  io_pool_.reset();
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpHandler& handler,
                                                      const HttpServerOptions& wanted) {
  HttpServerOptions options = wanted;
  if (options.io_threads_count == 0) options.io_threads_count = ProcessorsCount();
  if (options.workers_count == 0) {
    options.workers_count = std::max<std::size_t>(8, 2 * ProcessorsCount());
  }
  auto state = std::make_unique<State>(handler, options);
  OG_RETURN_IF_ERROR(state->Bind(options));
  state->Run();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
  if (!state_->is_stopped()) state_->Stop(std::nullopt);
}

std::uint16_t HttpServer::port() const {
  return state_->endpoint().port();
}

std::string HttpServer::LocalAddress() const {
  const tcp::endpoint& endpoint = state_->endpoint();
  const std::string host = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
         std::to_string(endpoint.port());
}

void HttpServer::Stop(std::optional<std::chrono::milliseconds> cancel_after) {
  state_->Stop(cancel_after);
}

}  // namespace omnigraph::net
