// How many small requests does the server answer, and how fast is one?

#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "net/http_server.h"

namespace omnigraph::net {
namespace {

class SmallHandler final : public HttpHandler {
 public:
  RequestPlan Plan(const HttpRequest& head) override {
    RequestPlan plan;
    plan.is_inline = head.path == "/inline";
    return plan;
  }
  void Handle(const HttpRequest& request, HttpResponder responder) override {
    HttpResponse response;
    response.body.assign(request.body);
    responder.Send(std::move(response));
  }
};

int Connect(std::uint16_t port) {
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return -1;
  const int one = 1;
  (void)::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  return client;
}

std::string RequestTo(const std::string& path) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Type: application/json\r\n"
         "Authorization: Bearer 0123456789abcdef\r\nContent-Length: 30\r\n\r\n"
         "{\"query\":\"find\",\"params\":{\"a\":1}}";
}

/// One client thread keeps `state.range(0)` connections busy, one request each.
void Serve(benchmark::State& state, const std::string& path) {
  SmallHandler handler;
  const auto server = *HttpServer::Start(handler, {});
  // 30 bytes of the body are announced; cut it to that.
  std::string request = RequestTo(path);
  request.resize(request.find("\r\n\r\n") + 4 + 30);
  std::vector<int> clients;
  const int poll = ::epoll_create1(0);
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    clients.push_back(Connect(server->port()));
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = clients.back();
    (void)::epoll_ctl(poll, EPOLL_CTL_ADD, clients.back(), &event);
    (void)!::write(clients.back(), request.data(), request.size());
  }
  std::int64_t answers_count = 0;
  char bytes[4096];
  epoll_event events[64];
  for (auto _ : state) {
    const int ready_count = ::epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < ready_count; ++i) {
      (void)!::read(events[i].data.fd, bytes, sizeof(bytes));
      (void)!::write(events[i].data.fd, request.data(), request.size());
      ++answers_count;
    }
  }
  for (const int client : clients)
    ::close(client);
  ::close(poll);
  state.counters["requests"] =
      benchmark::Counter(static_cast<double>(answers_count), benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(Serve, inline_answer, "/inline")->Arg(1)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(Serve, worker_answer, "/worker")->Arg(1)->Arg(64)->UseRealTime();

}  // namespace
}  // namespace omnigraph::net
