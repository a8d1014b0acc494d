// Tests of providers against a server of this process that speaks both wire forms.

#include "embed/provider.h"

#include <gmock/gmock.h>

#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>

#include "net/http_server.h"

namespace omnigraph::embed {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kKey = "sk-very-secret";

// Answers requests with prepared replies and remembers them.
class FakeProvider final : public net::HttpHandler {
 public:
  struct Request {
    std::string target;
    std::string authorization;
    std::string google_key;
    Json body;
  };

  net::RequestPlan Plan(const net::HttpRequest&) override { return {}; }
  void Handle(const net::HttpRequest& request, net::HttpResponder responder) override {
    net::HttpResponse response;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(
          {std::string(request.target), std::string(request.Header("authorization").value_or("")),
           std::string(request.Header("x-goog-api-key").value_or("")), Json::parse(request.body)});
      std::tie(response.status, response.body) = replies_.front();
      if (replies_.size() > 1) replies_.pop_front();
    }
    responder.Send(std::move(response));
  }

  void Reply(int status, std::string body) { replies_.emplace_back(status, std::move(body)); }
  const std::vector<Request>& requests() const { return requests_; }

 private:
  std::mutex mutex_;
  std::deque<std::pair<int, std::string>> replies_;  // The last one is repeated.
  std::vector<Request> requests_;
};

class ProviderTest : public ::testing::Test {
 protected:
  ProviderTest() : server_(*net::HttpServer::Start(provider_, {})) {}

  std::shared_ptr<Embedder> Open(Wire wire) const {
    Settings settings;
    settings.wire = wire;
    settings.base_url = "http://" + server_->LocalAddress() + "/v1";
    settings.model = "some-model";
    settings.api_key = kKey;
    settings.backoff = std::chrono::milliseconds(1);
    settings.attempts_max = 3;
    settings.deadline = deadline_;
    return OpenProvider(settings);
  }
  Result<std::vector<float>> Embed(Wire wire, std::string_view text = "hello \"you\"") {
    return Open(wire)->Embed(text, 2, Task::kQuery, {});
  }
  std::string Failure(Wire wire = Wire::kOpenAi) {
    const auto vector = Embed(wire);
    EXPECT_EQ(vector.status().code(), ErrorCode::kInternal);
    return std::string(vector.status().message());
  }

  FakeProvider provider_;
  std::chrono::milliseconds deadline_{0};
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(ProviderTest, SpeaksTheFormOfOpenAi) {
  provider_.Reply(200, R"({"data":[{"index":0,"embedding":[3,4]}],"usage":{}})");
  EXPECT_THAT(*Embed(Wire::kOpenAi), ElementsAre(0.6F, 0.8F));
  ASSERT_EQ(provider_.requests().size(), 1u);
  const auto& request = provider_.requests()[0];
  EXPECT_EQ(request.target, "/v1/embeddings");
  EXPECT_EQ(request.authorization, "Bearer sk-very-secret");
  EXPECT_EQ(request.body,
            Json({{"model", "some-model"}, {"input", "hello \"you\""}, {"dimensions", 2}}));
}

TEST_F(ProviderTest, SpeaksTheFormOfGemini) {
  provider_.Reply(200, R"({"embedding":{"values":[0.6,0.8]}})");
  EXPECT_THAT(*Embed(Wire::kGemini), ElementsAre(0.6F, 0.8F));
  EXPECT_TRUE(Open(Wire::kGemini)->Embed("t", 2, Task::kDocument, {}).ok());
  const auto& request = provider_.requests()[0];
  EXPECT_EQ(request.target, "/v1/models/some-model:embedContent");
  EXPECT_EQ(request.google_key, kKey);
  EXPECT_EQ(request.authorization, "");
  EXPECT_EQ(request.body, Json::parse(R"({"model":"models/some-model",
      "content":{"parts":[{"text":"hello \"you\""}]},
      "taskType":"RETRIEVAL_QUERY","outputDimensionality":2})"));
  EXPECT_EQ(provider_.requests()[1].body["taskType"], "RETRIEVAL_DOCUMENT");
}

TEST_F(ProviderTest, BusyAndBrokenProvidersAreAskedAgain) {
  provider_.Reply(429, "slow down");
  provider_.Reply(503, "");
  provider_.Reply(200, R"({"data":[{"embedding":[0,2]}]})");
  EXPECT_THAT(*Embed(Wire::kOpenAi), ElementsAre(0.0F, 1.0F));
  EXPECT_EQ(provider_.requests().size(), 3u);
}

TEST_F(ProviderTest, AttemptsEnd) {
  provider_.Reply(500, R"({"error":{"message":"out of order"}})");
  EXPECT_THAT(Failure(),
              AllOf(HasSubstr("embedding"), HasSubstr("500"), HasSubstr("out of order")));
  EXPECT_EQ(provider_.requests().size(), 3u);
}

TEST_F(ProviderTest, RefusalsAreFinalAndKeepTheKeySecret) {
  provider_.Reply(401, R"({"error":{"message":"bad key sk-very-secret given"}})");
  EXPECT_THAT(Failure(), AllOf(HasSubstr("401"), HasSubstr("bad key *** given"),
                               Not(HasSubstr("sk-very-secret"))));
  EXPECT_EQ(provider_.requests().size(), 1u);
}

TEST_F(ProviderTest, UnusableAnswersAreErrors) {
  const std::pair<const char*, const char*> replies[] = {
      {R"({"data":[{"embedding":[1,2,3]}]})", "expected 2, got 3"},
      {R"({"data":[{"embedding":[1,"x"]}]})", "no finite number"},
      {R"({"data":[{"embedding":[1,1e300]}]})", "no finite number"},
      {R"({"data":[{"embedding":[0,0]}]})", "zeros"},
      {R"({"data":[]})", "no vector"},
      {R"({"embedding":{"values":[1,2]}})", "no vector"},
      {"[]", "no vector"},
      {"not JSON", "no vector"},
  };
  for (const auto& [body, expected] : replies) {
    FakeProvider provider;
    provider.Reply(200, body);
    const auto server = *net::HttpServer::Start(provider, {});
    Settings settings;
    settings.wire = Wire::kOpenAi;
    settings.base_url = "http://" + server->LocalAddress();
    settings.api_key = kKey;
    const auto vector = OpenProvider(settings)->Embed("a", 2, Task::kQuery, {});
    EXPECT_THAT(std::string(vector.status().message()), HasSubstr(expected)) << body;
    EXPECT_EQ(provider.requests().size(), 1u) << body;
  }
}

TEST_F(ProviderTest, AProviderThatIsGoneIsAnErrorThatNamesIt) {
  const std::string address = server_->LocalAddress();
  const auto embedder = Open(Wire::kOpenAi);
  server_.reset();
  const auto vector = embedder->Embed("a", 2, Task::kQuery, {});
  EXPECT_THAT(std::string(vector.status().message()),
              AllOf(HasSubstr(address), Not(HasSubstr("sk-very-secret"))));
}

TEST_F(ProviderTest, TheDeadlineOfTheCallerEndsTheAttempts) {
  provider_.Reply(500, "");
  const auto vector =
      Open(Wire::kOpenAi)
          ->Embed("a", 2, Task::kQuery, Deadline::After(std::chrono::milliseconds(0)));
  EXPECT_EQ(vector.status().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(provider_.requests().size(), 1u);
}

}  // namespace
}  // namespace omnigraph::embed
