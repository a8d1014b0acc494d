// Tests of the HTTP server over the loopback interface.

#include "net/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace omnigraph::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A raw connection: sends any bytes and reads until something is there.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_open_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~RawClient() { Close(); }
  bool is_open() const { return is_open_; }
  void Close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  /// Reads until `end` has come; what has come if the connection ends or 10 s pass.
  std::string ReadUntil(std::string_view end) {
    while (received_.find(end) == std::string::npos && ReadSome()) {
    }
    const std::size_t found = received_.find(end);
    const std::size_t size = found == std::string::npos ? received_.size() : found + end.size();
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }
  std::string ReadToEnd() {
    while (ReadSome()) {
    }
    return std::move(received_);
  }

  /// Reads at least so many bytes and forgets them. Returns how many there were.
  std::int64_t Skip(std::int64_t size_bytes) {
    std::int64_t skipped_bytes = 0;
    while (skipped_bytes < size_bytes && ReadSome()) {
      skipped_bytes += static_cast<std::int64_t>(received_.size());
      received_.clear();
    }
    return skipped_bytes;
  }

 private:
  bool ReadSome() {
    pollfd waiting = {socket_, POLLIN, 0};
    if (::poll(&waiting, 1, 10'000) != 1) return false;
    char bytes[65536];
    const ssize_t count = ::recv(socket_, bytes, sizeof(bytes), 0);
    if (count <= 0) return false;
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool is_open_ = false;
  std::string received_;
};

/// Routes for every behaviour under test.
class TestHandler final : public HttpHandler {
 public:
  RequestPlan Plan(const HttpRequest& head) override {
    RequestPlan plan;
    plan.is_inline = head.path.starts_with("/inline");
    plan.tag = 7;
    plan.body_size_bytes_max = head.path == "/large" ? 4 << 20 : 1000;
    if (head.path == "/refused") {
      plan.refusal.emplace();
      plan.refusal->status = 401;
    }
    return plan;
  }

  void Handle(const HttpRequest& request, HttpResponder responder) override {
    EXPECT_EQ(request.tag, 7U);
    if (request.path == "/dropped") return;
    if (request.path == "/thrown") (void)std::string().at(1);
    if (request.path == "/stream") return Stream(request, std::move(responder));
    if (request.path == "/wait") WaitUntilReleased(request);
    if (request.path == "/inline/later") {
      std::thread([moved = std::make_shared<HttpResponder>(std::move(responder))] {
        moved->Send(HttpResponse{200, "", {}, "later"});
      }).detach();
      return;
    }
    HttpResponse response;
    response.content_type = "text/plain";
    response.headers = {{"x-evil", "a\r\nInjected: b"}};
    response.body = std::string(request.method) + " " + std::string(request.path) + "?" +
                    std::string(request.query) + " " + std::string(request.peer) + " ";
    if (request.path == "/large") {
      response.body += std::to_string(request.body.size());
    } else {
      response.body += request.body;
    }
    if (request.path == "/empty") response = HttpResponse{204, "", {}, ""};
    responder.Send(std::move(response));
  }

  void Release() {
    const std::lock_guard lock(mutex_);
    is_released_ = true;
    changed_.notify_all();
  }
  void AwaitWaiting() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_waiting_; });
  }
  std::atomic<bool> was_cancelled{false};
  std::atomic<int> pieces_count{0};
  std::atomic<bool> is_stream_refused{false};

 private:
  void WaitUntilReleased(const HttpRequest& request) {
    std::unique_lock lock(mutex_);
    is_waiting_ = true;
    changed_.notify_all();
    while (!is_released_ && !request.IsCancelled()) {
      changed_.wait_for(lock, std::chrono::milliseconds(5));
    }
    was_cancelled = request.IsCancelled();
    was_cancelled.notify_all();
  }

  void Stream(const HttpRequest& request, HttpResponder responder) {
    const std::unique_ptr<HttpStream> stream =
        responder.StartStream(HttpResponse{200, "application/x-ndjson", {}, ""});
    const std::string piece(10'000, 'x');
    const int count = request.query == "endless" ? 1'000'000 : 100;
    for (int i = 0; i < count; ++i) {
      if (!stream->Write(piece).ok()) {
        is_stream_refused = true;
        is_stream_refused.notify_all();
        return;
      }
      ++pieces_count;
    }
    if (request.query == "broken") return;
    EXPECT_TRUE(stream->Finish().ok());
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_released_ = false;
  bool is_waiting_ = false;
};

class HttpServerTest : public ::testing::Test {
 protected:
  void Start() {
    Result<std::unique_ptr<HttpServer>> server = HttpServer::Start(handler_, options_);
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = *std::move(server);
  }
  std::string Exchange(std::string_view bytes) {
    RawClient client(server_->port());
    client.Send(bytes);
    return client.ReadToEnd();
  }
  TestHandler handler_;
  HttpServerOptions options_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersOnBothKindsOfThreads) {
  Start();
  for (const char* path : {"/inline", "/worker"}) {
    const std::string response = Exchange("POST " + std::string(path) +
                                          "?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
                                          "Connection: close\r\n\r\nbody");
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"));
    EXPECT_THAT(response, HasSubstr("\r\ndate: "));
    EXPECT_THAT(response, HasSubstr("\r\nconnection: close\r\n"));
    EXPECT_THAT(response, EndsWith("\r\n\r\nPOST " + std::string(path) + "?q=1 127.0.0.1 body"));
  }
}

TEST_F(HttpServerTest, AHeaderValueCannotStartALine) {
  Start();
  const std::string response = Exchange("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(response, HasSubstr("x-evil: a  Injected: b\r\n"));
}

TEST_F(HttpServerTest, ConnectionsAreKeptAndPipelinedRequestsAnsweredInOrder) {
  Start();
  RawClient client(server_->port());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += "POST /" + std::string(i % 3 == 0 ? "worker" : "inline") + "?" + std::to_string(i) +
                " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nend";
  }
  client.Send(requests);
  for (int i = 0; i < 200; ++i) {
    EXPECT_THAT(client.ReadUntil("end"), HasSubstr("?" + std::to_string(i) + " 127.0.0.1 end"));
  }
}

TEST_F(HttpServerTest, RequestsMayComeByteByByte) {
  Start();
  RawClient client(server_->port());
  for (int round = 0; round < 2; ++round) {
    for (const char c : std::string_view("POST /inline HTTP/1.1\r\nHost: h\r\n"
                                         "Transfer-Encoding: chunked\r\n\r\n"
                                         "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) {
      client.Send({&c, 1});
    }
    EXPECT_THAT(client.ReadUntil("abcde"), EndsWith(" abcde"));
  }
}

TEST_F(HttpServerTest, AChunkedBodyMayBeFollowedByTheNextRequest) {
  Start();
  EXPECT_THAT(Exchange("POST /inline HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nabc\r\n0\r\n\r\nGET /next HTTP/1.0\r\n\r\n"),
              ::testing::ContainsRegex("abcHTTP/1.1 200 OK(.|\r|\n)*GET /next"));
}

TEST_F(HttpServerTest, LargeBodiesComeWhole) {
  Start();
  const std::string body(3 << 20, 'b');
  EXPECT_THAT(Exchange("POST /large HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
                       "\r\n\r\n" + body),
              EndsWith(" " + std::to_string(body.size())));
  std::string chunked =
      "POST /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 300; ++i)
    chunked += "2710\r\n" + std::string(10'000, 'c') + "\r\n";
  EXPECT_THAT(Exchange(chunked + "0\r\n\r\n"), EndsWith(" 3000000"));
}

TEST_F(HttpServerTest, BodyLimitsBelongToTheRouteAndAreInclusive) {
  Start();
  const auto post = [&](std::size_t size) {
    return Exchange("POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " +
                    std::to_string(size) + "\r\n\r\n" + std::string(size, 'b'));
  };
  EXPECT_THAT(post(1000), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(post(1001), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(post(200'000), HasSubstr("connection: close"));
  EXPECT_THAT(Exchange("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                       std::string(1001, 'b') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, ABodyIsAskedForOnlyIfItIsWanted) {
  Start();
  RawClient client(server_->port());
  client.Send(
      "POST /inline HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ok");
  EXPECT_THAT(client.ReadUntil("ok"), StartsWith("HTTP/1.1 200"));  // "OK" is not "ok".
  client.Send(
      "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("\r\n"), "HTTP/1.1 413 Payload Too Large\r\n");
}

TEST_F(HttpServerTest, ARefusalByTheHeadLeavesTheConnectionIfThereIsNoBody) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /refused HTTP/1.1\r\nHost: h\r\n\r\nGET /inline HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("127.0.0.1"),
              ::testing::AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("HTTP/1.1 200 ")));
  EXPECT_THAT(Exchange("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"),
              ::testing::AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("connection: close")));
}

TEST_F(HttpServerTest, MalformedRequestsAreRefusedAndTheConnectionCloses) {
  Start();
  for (const char* bad :
       {"GET / HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n", "GET / HTTP/1.1\nHost: h\n\n",
        "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"}) {
    const std::string response = Exchange(std::string(bad) + "GET /inline HTTP/1.0\r\n\r\n");
    EXPECT_THAT(response, StartsWith("HTTP/1.1 400 Bad Request\r\n")) << bad;
    EXPECT_THAT(response, HasSubstr("\"error\":"));
    EXPECT_THAT(response, Not(HasSubstr("/inline"))) << bad;
  }
}

TEST_F(HttpServerTest, HeadAndNoContentHaveNoBody) {
  Start();
  const std::string head = Exchange("HEAD /inline HTTP/1.0\r\n\r\n");
  EXPECT_THAT(head, HasSubstr("content-length: "));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  const std::string empty = Exchange("GET /empty HTTP/1.0\r\n\r\n");
  EXPECT_THAT(empty, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(empty, Not(HasSubstr("content-length")));
}

TEST_F(HttpServerTest, EveryRequestIsAnsweredWhateverTheHandlerDoes) {
  Start();
  EXPECT_THAT(Exchange("GET /dropped HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(Exchange("GET /thrown HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(Exchange("GET /inline/later HTTP/1.0\r\n\r\n"), EndsWith("later"));
}

TEST_F(HttpServerTest, AStreamIsChunkedAndTheConnectionGoesOn) {
  Start();
  RawClient client(server_->port());
  for (int round = 0; round < 2; ++round) {
    client.Send("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string response = client.ReadUntil("\r\n0\r\n\r\n");
    EXPECT_THAT(response, HasSubstr("transfer-encoding: chunked\r\n"));
    EXPECT_EQ(std::count(response.begin(), response.end(), 'x'), 1'000'000 + 1);  // "x-ndjson".
  }
  const std::string old = Exchange("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old, Not(HasSubstr("transfer-encoding")));
  EXPECT_EQ(std::count(old.begin(), old.end(), 'x'), 1'000'000 + 1);
}

TEST_F(HttpServerTest, ABrokenStreamDoesNotLookWhole) {
  Start();
  EXPECT_THAT(Exchange("GET /stream?broken HTTP/1.1\r\nHost: h\r\n\r\n"),
              Not(HasSubstr("\r\n0\r\n\r\n")));
}

TEST_F(HttpServerTest, AStreamWaitsForItsReaderAndEndsWithIt) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /stream?endless HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::int64_t read_bytes = client.Skip(20'000'000);
  // What sockets and the connection buffer; a writer that does not wait is far ahead by now.
  EXPECT_LT(handler_.pieces_count * std::int64_t{10'000}, read_bytes + 16'000'000);
  client.Close();
  handler_.is_stream_refused.wait(false);
}

TEST_F(HttpServerTest, AHandlerLearnsThatItsClientIsGone) {
  Start();
  RawClient client(server_->port());
  client.Send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  handler_.AwaitWaiting();
  client.Close();
  handler_.was_cancelled.wait(false);
}

TEST_F(HttpServerTest, SlowAndIdleClientsAreCutOff) {
  options_.head_timeout = options_.body_timeout = std::chrono::milliseconds(150);
  options_.idle_timeout = std::chrono::milliseconds(400);
  Start();
  RawClient idle(server_->port());
  EXPECT_THAT(Exchange("GET / HT"), StartsWith("HTTP/1.1 408 "));
  EXPECT_THAT(Exchange("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf"),
              StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(idle.ReadToEnd(), "");
}

TEST_F(HttpServerTest, SurplusConnectionsAreTold) {
  options_.connections_count_max = 1;
  Start();
  RawClient first(server_->port());
  first.Send("GET /inline HTTP/1.1\r\nHost: h\r\n\r\n");
  (void)first.ReadUntil("127.0.0.1");
  EXPECT_THAT(Exchange(""), StartsWith("HTTP/1.1 503 "));
}

TEST_F(HttpServerTest, ATideOfSurplusConnectionsIsCutOff) {
  options_.connections_count_max = 1;
  options_.surplus_count_max = 0;
  Start();
  RawClient first(server_->port());
  first.Send("GET /inline HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(first.ReadUntil("127.0.0.1"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(Exchange(""), "");
  first.Send("GET /inline HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(first.ReadUntil("127.0.0.1"), HasSubstr("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, StoppingAnswersWhatIsInFlightAndClosesTheRest) {
  Start();
  RawClient idle(server_->port());
  RawClient busy(server_->port());
  idle.Send("GET /inline HTTP/1.1\r\nHost: h\r\n\r\n");
  (void)idle.ReadUntil("127.0.0.1");
  busy.Send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  handler_.AwaitWaiting();
  std::thread stopper([&] { server_->Stop(); });
  EXPECT_THAT(idle.ReadToEnd(), Not(HasSubstr("HTTP")));
  EXPECT_FALSE(RawClient(server_->port()).is_open());

  handler_.Release();
  const std::string response = busy.ReadToEnd();
  stopper.join();

  EXPECT_THAT(response, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(response, HasSubstr("connection: close"));
}

TEST_F(HttpServerTest, StoppingCancelsWhatTakesTooLong) {
  Start();
  RawClient busy(server_->port());
  busy.Send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  handler_.AwaitWaiting();
  server_->Stop(std::chrono::milliseconds(50));
  EXPECT_TRUE(handler_.was_cancelled);
  EXPECT_THAT(busy.ReadToEnd(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpServerTest, AnAddressThatIsTakenOrUnknownIsReported) {
  Start();
  HttpServerOptions taken;
  taken.port = server_->port();
  EXPECT_EQ(HttpServer::Start(handler_, taken).status().code(), ErrorCode::kUnavailable);
  taken.address = "256.0.0.1";
  EXPECT_EQ(HttpServer::Start(handler_, taken).status().code(), ErrorCode::kInvalidArgument);
}

TEST_F(HttpServerTest, ManyConnectionsAtOnceGetTheirOwnAnswers) {
  Start();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      RawClient client(server_->port());
      for (int k = 0; k < 200; ++k) {
        const std::string mark = std::to_string(i) + "." + std::to_string(k) + "end";
        client.Send("POST /" + std::string(k % 2 == 0 ? "inline" : "worker") +
                    " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(mark.size()) +
                    "\r\n\r\n" + mark);
        ASSERT_THAT(client.ReadUntil("end"), EndsWith(" " + mark));
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace
}  // namespace omnigraph::net
