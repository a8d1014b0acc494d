// Tests of the HTTP client against our server.

#include "net/http_client.h"

#include <gmock/gmock.h>

#include "net/http_server.h"

namespace omnigraph::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class EchoHandler final : public HttpHandler {
 public:
  RequestPlan Plan(const HttpRequest&) override { return {}; }
  void Handle(const HttpRequest& request, HttpResponder responder) override {
    HttpResponse response;
    if (request.path == "/base/big") {
      const std::unique_ptr<HttpStream> stream = responder.StartStream({});
      for (int i = 0; i < 100; ++i)
        (void)stream->Write(std::string(10'000, 'x')).ok();
      if (request.query.empty()) (void)stream->Finish().ok();
      return;
    }
    if (request.path == "/base/moved") {
      response.status = 307;
      response.headers = {{"location", std::string(request.query)}};
    } else if (request.path == "/base/missing") {
      response.status = 404;
      response.body = "{\"error\":\"none\"}";
    } else {
      response.headers = {{"X-Reply", " value "}};
      response.body = std::string(request.method) + " " + std::string(request.target) + " " +
                      std::string(request.Header("authorization").value_or("-")) + " " +
                      std::string(request.Header("content-type").value_or("-")) + " " +
                      std::string(request.body);
    }
    responder.Send(std::move(response));
  }
};

class HttpClientTest : public ::testing::Test {
 protected:
  HttpClientTest() : server_(*HttpServer::Start(handler_, {})) {}
  std::string Base() const { return "http://" + server_->LocalAddress() + "/base/"; }
  std::unique_ptr<HttpClient> Client(std::optional<std::string> token = std::nullopt) const {
    HttpClientOptions options;
    options.base_url = Base();
    options.bearer_token = std::move(token);
    return *HttpClient::Open(std::move(options));
  }
  static HttpClientRequest Get(std::string target) {
    HttpClientRequest request;
    request.target = std::move(target);
    return request;
  }

  EchoHandler handler_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpClientTest, SendsMethodTargetTokenAndBody) {
  const std::unique_ptr<HttpClient> client = Client("secret");
  HttpClientRequest request;
  request.method = "POST";
  request.target = "/a%2Fb?x=1";
  request.body = "{}";
  request.content_type = "application/json";

  const Result<HttpClientResponse> response = client->Send(request);

  ASSERT_TRUE(response.ok()) << response.status().message();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->content_type, "application/json");
  EXPECT_EQ(response->Header("X-REPLY"), "value");
  EXPECT_EQ(response->body, "POST /base/a%2Fb?x=1 Bearer secret application/json {}");
  request = Get("/x");
  request.method = "DELETE";
  EXPECT_EQ(client->Send(request)->body, "DELETE /base/x Bearer secret - ");
}

TEST_F(HttpClientTest, AnErrorStatusIsAResponse) {
  const Result<HttpClientResponse> response = Client()->Send(Get("/missing"));
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "{\"error\":\"none\"}");
}

TEST_F(HttpClientTest, StreamsComeInPiecesAndCanBeStopped) {
  const std::unique_ptr<HttpClient> client = Client();
  std::size_t size = 0;
  const auto count = [&](std::string_view bytes) {
    size += bytes.size();
    return Status::Ok();
  };
  EXPECT_EQ(client->SendStreaming(Get("/big"), count)->status, 200);
  EXPECT_EQ(size, 1'000'000U);

  const auto stop = [](std::string_view) {
    return Status::Error(ErrorCode::kResourceExhausted, "disk full");
  };
  EXPECT_EQ(client->SendStreaming(Get("/big"), stop).status().message(), "disk full");
  EXPECT_EQ(client->SendStreaming(Get("/missing"), stop)->body, "{\"error\":\"none\"}");
}

TEST_F(HttpClientTest, AHalfResponseIsAnError) {
  EXPECT_EQ(Client()->Send(Get("/big?broken")).status().code(), ErrorCode::kUnavailable);
}

TEST_F(HttpClientTest, LargeResponsesAreLimited) {
  HttpClientRequest request = Get("/big");
  request.response_size_bytes_max = 999'999;
  EXPECT_EQ(Client()->Send(request).status().code(), ErrorCode::kResourceExhausted);
  request.response_size_bytes_max = 1'000'000;
  EXPECT_TRUE(Client()->Send(request).ok());
}

TEST_F(HttpClientTest, RedirectsStayOnTheServer) {
  const std::unique_ptr<HttpClient> client = Client("secret");
  EXPECT_EQ(client->Send(Get("/moved?/base/there"))->body, "GET /base/there Bearer secret - ");
  EXPECT_THAT(client->Send(Get("/moved?" + Base() + "y"))->body, HasSubstr("/base/y"));
  for (const char* elsewhere : {"http://localhost:1/x", "//evil/x", "ftp://h/x"}) {
    EXPECT_EQ(client->Send(Get("/moved?" + std::string(elsewhere)))->status, 307) << elsewhere;
  }
  HttpClientRequest post = Get("/moved?/base/there");
  post.method = "POST";
  EXPECT_EQ(client->Send(post)->status, 307);
}

TEST_F(HttpClientTest, AServerThatIsGoneIsUnavailableAndTheTokenIsNotNamed) {
  const std::unique_ptr<HttpClient> client = Client("secret");
  server_->Stop();
  const Status status = client->Send(Get("/x")).status();
  EXPECT_EQ(status.code(), ErrorCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
}

TEST(HttpClientOpenTest, BadOptionsAreRefused) {
  HttpClientOptions options;
  options.base_url = "ftp://h";
  EXPECT_EQ(HttpClient::Open(options).status().code(), ErrorCode::kInvalidArgument);
  options.base_url = "http://h/?x";
  EXPECT_EQ(HttpClient::Open(options).status().code(), ErrorCode::kInvalidArgument);
  options.base_url = "http://h";
  options.bearer_token = "a\r\nX: y";
  EXPECT_EQ(HttpClient::Open(options).status().code(), ErrorCode::kInvalidArgument);
  options.bearer_token.reset();
  options.headers = {{"a", "b\n"}};
  EXPECT_EQ(HttpClient::Open(options).status().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace omnigraph::net
