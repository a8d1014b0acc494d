// Tests of what happens to a request before and after its handler.

#include "server/service.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "server/service_fixture.h"

namespace omnigraph::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HeaderOf;
using ::testing::IsEmpty;
using testing::Sent;
using testing::ServiceFixture;

constexpr std::string_view kQuery = R"({"query": "query q() { match { $p: P } return { $p.x } }"})";

/// Tokens without policies, in multi-graph mode.
ServiceFixture::Options Locked() {
  ServiceFixture::Options options;
  options.access = AccessMode::kDefaultDeny;
  options.tokens = {{"act-vera", "vera-token"}};
  return options;
}

ServiceFixture::Options Single() {
  ServiceFixture::Options options;
  options.is_single = true;
  return options;
}

std::string ErrorOf(const net::HttpResponse& response) {
  return nlohmann::json::parse(response.body).value("error", "");
}

TEST(ServiceTest, ChecksComeInTheOrderOfTheContract) {
  ServiceFixture service(Locked());
  const std::string token = "Bearer vera-token";
  const struct {
    Sent sent;
    int status;
  } cases[] = {
      {{"GET", "/nothing"}, 404},
      {{"GET", "/snapshot"}, 404},
      {{"PUT", "/graphs/g1/query"}, 401},
      {{"GET", "/graphs/a.b/snapshot"}, 401},
      {{"GET", "/graphs/a.b/snapshot", "", token}, 400},
      {{"GET", "/graphs/%67%31/snapshot", "", token}, 400},
      {{"GET", "/graphs/ghost/snapshot", "", token}, 404},
      {{"PUT", "/graphs/ghost/query", "", token}, 404},
      {{"PUT", "/graphs/g1/query", "", token}, 405},
      {{"POST", "/graphs/g1/query", "{", token, "text/plain"}, 415},
      {{"POST", "/graphs/g1/query", "{", token}, 400},
      {{"POST", "/graphs/g1/query", "{}", token}, 422},
      {{"POST", "/graphs/g1/query", std::string(kQuery), token}, 200},
      {{"GET", "/healthz"}, 200},
      {{"GET", "/openapi.json"}, 200},
  };
  for (const auto& [sent, status] : cases) {
    const net::HttpResponse response = service.Send(sent);

    EXPECT_EQ(response.status, status) << sent.method << " " << sent.path << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    if (status >= 400) {
      EXPECT_FALSE(ErrorOf(response).empty());
    }
  }
}

TEST(ServiceTest, WrongMethodsAreToldTheRightOnes) {
  ServiceFixture service(Single());

  EXPECT_EQ(HeaderOf(service.Send({"PATCH", "/branches"}), "allow"), "GET, HEAD, POST");
  EXPECT_EQ(HeaderOf(service.Send({"DELETE", "/schema"}), "allow"), "GET, HEAD");
}

TEST(ServiceTest, JsonContentTypesAreRecognised) {
  ServiceFixture service(Single());
  const std::pair<std::string, int> cases[] = {{"application/json; charset=utf-8", 200},
                                               {"application/vnd.x+json", 200},
                                               {"APPLICATION/JSON", 200},
                                               {"text/json", 415},
                                               {"application/x-www-form-urlencoded", 415},
                                               {"", 415}};
  for (const auto& [type, status] : cases) {
    EXPECT_EQ(service.Send({"POST", "/query", std::string(kQuery), "", type}).status, status)
        << type;
  }
}

TEST(ServiceTest, ABodyThatNobodyReadsIsIgnored) {
  ServiceFixture service(Single());

  EXPECT_EQ(service.Send({"GET", "/schema", "{}"}).status, 200);
  EXPECT_EQ(service.Send({"DELETE", "/branches/draft", "not JSON", "", ""}).status, 200);
  EXPECT_EQ(service.Send({"GET", "/schema", std::string((64U << 10U) + 1, ' ')}).status, 413);
}

TEST(ServiceTest, LinesMustSayThatTheyAreLines) {
  ServiceFixture service(Single());
  const std::pair<std::string, int> cases[] = {{"application/x-ndjson; charset=utf-8", 200},
                                               {"Application/X-NDJSON", 200},
                                               {"application/json", 415},
                                               {"text/plain", 415},
                                               {"", 415}};
  for (const std::string_view path : {"/load/ndjson", "/load/ndjson/if-graph-commit"}) {
    for (const auto& [type, status] : cases) {
      Sent sent = {"POST", std::string(path), "", "", type};
      sent.headers = {{"Omnigraph-If-Graph-Commit", "01ARZ3NDEKTSV4RRFFQ69G5FAV"}};
      if (path == "/load/ndjson") sent.headers.clear();
      EXPECT_EQ(service.Send(sent).status, status) << path << " " << type;
    }
  }
}

TEST(ServiceTest, WhoMayNotLoadLinesIsToldBeforeTheyAreRead) {
  ServiceFixture service(Locked());
  const std::string too_large((std::size_t{32} << 20) + 1, ' ');
  const net::HttpResponse refused = service.Send(
      {"POST", "/graphs/g1/load/ndjson", too_large, "Bearer vera-token", "application/x-ndjson"});

  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(ErrorOf(refused), HasSubstr("default-deny"));
  const std::vector<std::string> lines = service.TakeLines();
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) {
                            return line.find("policy decision") != std::string::npos;
                          }),
            1);
}

TEST(ServiceTest, EveryAnswerHasItsOwnRequestId) {
  ServiceFixture service(Single());
  std::set<std::string> ids;
  for (const std::string_view path : {"/healthz", "/nothing", "/branches", "/commits/x"}) {
    ids.insert(HeaderOf(service.Send({"GET", std::string(path)}), "x-request-id"));
  }

  EXPECT_EQ(ids.size(), 4U);
  EXPECT_FALSE(ids.contains(""));
}

TEST(ServiceTest, OldRoutesAnnounceTheirSuccessorAlsoOnErrors) {
  ServiceFixture service(Single());
  for (const std::string_view body : {R"({"query_source": "q"})", "{"}) {
    const net::HttpResponse old = service.Send({"POST", "/read", std::string(body)});

    EXPECT_EQ(HeaderOf(old, "deprecation"), "true");
    EXPECT_EQ(HeaderOf(old, "link"), "</query>; rel=\"successor-version\"");
  }
  EXPECT_EQ(HeaderOf(service.Send({"POST", "/query", std::string(kQuery)}), "deprecation"), "");
  ServiceFixture many(ServiceFixture::Options{});
  const net::HttpResponse moved =
      many.Send({"POST", "/graphs/g1/change", R"({"query_source": "q"})"});
  EXPECT_EQ(HeaderOf(moved, "link"), "<mutate>; rel=\"successor-version\"");
}

TEST(ServiceTest, TheCallerIsWhoTheTokenSays) {
  ServiceFixture service(Locked());
  const std::pair<std::string, std::string> cases[] = {
      {"", "missing bearer token"},
      {"Basic dmVyYTp4", "missing bearer token"},
      {"vera-token", "missing bearer token"},
      {"Bearer wrong", "invalid bearer token"},
      {"Bearer vera-token2", "invalid bearer token"}};
  for (const auto& [header, words] : cases) {
    const net::HttpResponse response = service.Send({"GET", "/graphs/g1/schema", "", header});

    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(ErrorOf(response), words);
    EXPECT_EQ(HeaderOf(response, "www-authenticate"), "Bearer");
  }
  EXPECT_EQ(service.graph().calls_count(), 0);
  for (const std::string_view header : {"bearer vera-token", "BEARER   vera-token"}) {
    EXPECT_EQ(service.Send({"GET", "/graphs/g1/schema", "", std::string(header)}).status, 200);
  }
}

TEST(ServiceTest, BranchNamesAreTrimmedBeforeAnybodySeesThem) {
  ServiceFixture service(Single());

  EXPECT_EQ(service.Send({"POST", "/mutate", R"({"query": "q", "branch": "\t trial \n"})"}).status,
            200);
  EXPECT_EQ(service.graph().last_branch(), "trial");
  EXPECT_EQ(service.Send({"DELETE", "/branches/%20wet%2Fbank%20"}).status, 200);
  EXPECT_EQ(service.graph().last_branch(), "wet/bank");
  EXPECT_EQ(service.Send({"GET", "/snapshot?branch=+trial%20"}).status, 200);
  EXPECT_EQ(service.graph().last_branch(), "trial");
  const net::HttpResponse blank = service.Send({"POST", "/branches", R"({"name": "  "})"});
  EXPECT_EQ(blank.status, 400);
  EXPECT_THAT(ErrorOf(blank), HasSubstr("branch name cannot be empty"));
}

TEST(ServiceTest, AMutationThatIsToBeExplainedIsNotExecuted) {
  ServiceFixture service(Single());

  const net::HttpResponse refused =
      service.Send({"POST", "/mutate", R"({"query": "q", "explain": "plan"})"});

  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(ErrorOf(refused), HasSubstr("explain is for reads"));
  EXPECT_EQ(service.graph().calls_count(), 0);
}

TEST(ServiceTest, ParametersMayBeGivenOnce) {
  ServiceFixture service(Single());

  EXPECT_EQ(service.Send({"GET", "/snapshot?branch=main&branch=main"}).status, 400);
  EXPECT_EQ(service.Send({"GET", "/snapshot?branch=%zz"}).status, 400);
  EXPECT_EQ(service.Send({"GET", "/commits?limit=-1"}).status, 400);
  EXPECT_EQ(service.Send({"GET", "/commits?limit=5&colour=red&colour=red"}).status, 200);
}

TEST(ServiceTest, ASingleGraphIsAlsoTheGraphDefault) {
  ServiceFixture service(Single());

  EXPECT_EQ(service.Send({"GET", "/graphs/default/snapshot"}).status, 200);
  EXPECT_EQ(service.Send({"GET", "/graphs/other/snapshot"}).status, 404);
  const net::HttpResponse list = service.Send({"GET", "/graphs"});
  EXPECT_EQ(list.status, 405);
  EXPECT_THAT(ErrorOf(list), HasSubstr("multi-graph"));
}

TEST(ServiceTest, FailuresOfTheEngineBecomeErrorDocuments) {
  ServiceFixture service(Single());
  service.graph().FailWith(Status::Error(ErrorCode::kNotFound, "branch 'typo' not found"));

  EXPECT_EQ(service.Send({"POST", "/query", std::string(kQuery)}).status, 404);
  EXPECT_EQ(service.Send({"POST", "/export", "{}"}).status, 404);
  const net::HttpResponse load =
      service.Send({"POST", "/load", R"({"data": "", "branch": "typo"})"});
  EXPECT_EQ(ErrorOf(load), "branch 'typo' not found; pass `from` to create it");
}

TEST(ServiceTest, ServerFailuresAreLogged) {
  ServiceFixture service(Single());
  service.graph().FailWith(Status::Error(ErrorCode::kCorruption, "object 'x' is damaged"));

  EXPECT_EQ(service.Send({"GET", "/branches"}).status, 500);
  EXPECT_THAT(service.TakeLines(), ElementsAre(HasSubstr("request failed status=500")));
}

TEST(ServiceTest, WhatAClientGaveUpIsNoFailureOfTheServer) {
  ServiceFixture service(Single());
  service.graph().FailWith(Status::Error(ErrorCode::kDeadlineExceeded, "cancelled"));
  Sent sent{"GET", "/branches"};
  sent.has_left = true;

  EXPECT_EQ(service.Send(sent).status, 504);
  EXPECT_THAT(service.TakeLines(), IsEmpty());
}

TEST(ServiceTest, QueriesAndMutationsMayBeBoundedInTime) {
  ServiceFixture::Options options = Single();
  options.query_time_max = std::chrono::milliseconds(0);
  ServiceFixture service(options);

  EXPECT_EQ(service.Send({"POST", "/query", std::string(kQuery)}).status, 504);
  EXPECT_EQ(service.Send({"POST", "/mutate", std::string(kQuery)}).status, 504);
  EXPECT_EQ(service.Send({"POST", "/export", "{}"}).status, 200);
}

TEST(ServiceTest, ExportsStreamTheirLines) {
  ServiceFixture service(Single());
  const net::HttpResponse response = service.Send({"POST", "/export", "{}"});

  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/x-ndjson; charset=utf-8");
  EXPECT_EQ(response.body, "{}\n");
  EXPECT_NE(HeaderOf(response, "x-request-id"), "");
}

/// A client that reads nothing until it is told to.
class SlowReader final : public net::HttpExchange {
 public:
  explicit SlowReader(std::shared_future<void> start) : start_(std::move(start)) {}
  void Complete(net::HttpResponse) override {}
  void Abandon() override {}
  std::unique_ptr<net::HttpStream> BeginStream(net::HttpResponse) override {
    return std::make_unique<Stream>(start_);
  }

 private:
  class Stream final : public net::HttpStream {
   public:
    explicit Stream(std::shared_future<void> start) : start_(std::move(start)) {}
    Status Write(std::string_view) override {
      start_.wait();
      return Status::Ok();
    }
    Status Finish() override { return Status::Ok(); }

   private:
    std::shared_future<void> start_;
  };

  std::shared_future<void> start_;
};

TEST(ServiceTest, ExportsOfSlowReadersHoldNoWorkerUp) {
  std::promise<void> start;
  const std::shared_future<void> started = start.get_future().share();
  const std::atomic<bool> is_cancelled{false};
  const net::HttpHeader json[] = {{"content-type", "application/json"}};
  ServiceFixture service(Single());
  net::HttpRequest request;
  request.method = "POST";
  request.target = request.path = "/export";
  request.headers = json;
  request.body = "{}";
  request.is_cancelled = &is_cancelled;
  const net::RequestPlan plan = service.service().Plan(request);
  request.tag = plan.tag;
  EXPECT_FALSE(plan.is_inline);
  for (int i = 0; i < 4; ++i) {
    const auto reader = std::make_shared<SlowReader>(started);
    service.service().Handle(request, net::HttpResponder(reader));  // Comes back.
  }
  EXPECT_EQ(service.Send({"POST", "/branches", R"({"name": "x"})"}).status, 200);
  start.set_value();
}

TEST(ServiceTest, WritesOverTheCapAreTurnedAwayAndReadsAreNot) {
  ServiceFixture::Options options = Single();
  options.limits.inflight_count_max = 0;
  ServiceFixture service(options);
  const Sent writes[] = {
      {"POST", "/mutate", R"({"query": "q"})"},  {"POST", "/change", R"({"query": "q"})"},
      {"POST", "/load", R"({"data": ""})"},      {"POST", "/ingest", R"({"data": ""})"},
      {"POST", "/branches", R"({"name": "x"})"}, {"DELETE", "/branches/x"}};
  for (const Sent& write : writes) {
    const net::HttpResponse response = service.Send(write);

    EXPECT_EQ(response.status, 429) << write.path;
    EXPECT_EQ(HeaderOf(response, "retry-after"), "60");
  }
  EXPECT_EQ(service.graph().calls_count(), 0);
  EXPECT_EQ(service.Send({"POST", "/query", std::string(kQuery)}).status, 200);
}

// What waits for one commit must be able to wait together, and nothing else waits for it.
TEST(ServiceTest, MutationsWaitTogetherAndHoldNothingElseUp) {
  ServiceFixture::Options options = Single();
  options.limits.inflight_count_max = 1024;
  ServiceFixture service(options);
  constexpr std::size_t kTogether = Service::kWritersCount;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t waiting = 0;
  bool is_released = false;
  service.graph().OnMutate([&] {
    std::unique_lock lock(mutex);
    ++waiting;
    changed.notify_all();
    changed.wait(lock, [&] { return is_released; });
  });
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < kTogether + 8; ++i) {  // Eight more than may wait at once.
    clients.emplace_back([&] {
      const Sent mutation{"POST", "/mutate", R"({"query": "q"})"};
      if (service.Send(mutation).status == 200) ++answered;
    });
  }
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [&] {
      return waiting == kTogether;
    })) << waiting;
  }
  EXPECT_EQ(service.Send({"POST", "/query", std::string(kQuery)}).status, 200);
  EXPECT_EQ(service.Send({"GET", "/branches"}).status, 200);
  EXPECT_EQ(answered, 0);
  {
    const std::lock_guard lock(mutex);
    is_released = true;
  }
  changed.notify_all();
  for (std::thread& client : clients)
    client.join();
  EXPECT_EQ(answered, static_cast<int>(kTogether + 8));
}

TEST(ServiceTest, WhatAHandlerThrowsEndsItsRequestAlone) {
  ServiceFixture service(Single());
  service.graph().OnMutate([] { (void)std::vector<int>().at(0); });  // As a library would.
  const net::HttpResponse failed = service.Send({"POST", "/mutate", R"({"query": "q"})"});

  EXPECT_EQ(failed.status, 500);
  EXPECT_THAT(service.TakeLines(),
              ElementsAre(HasSubstr("handler threw"), HasSubstr("request failed status=500")));
  EXPECT_EQ(service.Send({"POST", "/query", std::string(kQuery)}).status, 200);
}

TEST(ServiceTest, StoredQueriesAreListedAndInvoked) {
  ServiceFixture::Options options = Single();
  const std::string text =
      "query find($tag: String?) @description(\"Finds.\") { match { $p: P } return { $p.x } }\n"
      "query add($tag: String) { insert P { tag: $tag } }";
  options.queries = {{"find", text}, {"add", text}};
  ServiceFixture service(options);

  EXPECT_EQ(service.Send({"GET", "/queries"}).body,
            R"({"queries":[{"name":"add","tool_name":"add","mutation":true,)"
            R"("params":[{"name":"tag","kind":"string","nullable":false}]},)"
            R"({"name":"find","tool_name":"find","description":"Finds.","mutation":false,)"
            R"("params":[{"name":"tag","kind":"string","nullable":true}]}]})");
  for (const std::string_view body : {"", "null", "{}", " {\"params\": null} "}) {
    const net::HttpResponse found =
        service.Send({"POST", "/queries/find", std::string(body), "", ""});
    EXPECT_EQ(found.status, 200);
    EXPECT_FALSE(nlohmann::json::parse(found.body).contains("graph_commit_id"));
  }
  const std::pair<std::string, std::string> refusals[] = {
      {"{", "invalid stored-query invocation body"},
      {"7", "invalid stored-query invocation body"},
      {"[]", "invalid stored-query invocation body"},
      {R"({"branch": 1})", "invalid stored-query invocation body"},
      {R"({"expect_mutation": false})", "mutate add"},
      {R"({"snapshot": "c1"})", "stored mutation cannot target a snapshot"}};
  for (const auto& [body, words] : refusals) {
    const net::HttpResponse response = service.Send({"POST", "/queries/add", body});

    EXPECT_EQ(response.status, 400) << body;
    EXPECT_THAT(ErrorOf(response), HasSubstr(words));
  }
}

TEST(ServiceTest, QueriesTakeABranchOrASnapshot) {
  ServiceFixture service(Single());
  const net::HttpResponse both =
      service.Send({"POST", "/query", R"({"query": "q", "branch": "main", "snapshot": "c1"})"});
  EXPECT_EQ(both.status, 400);
  EXPECT_THAT(ErrorOf(both), HasSubstr("branch or snapshot, not both"));

  const auto body = nlohmann::json::parse(
      service.Send({"POST", "/query", R"({"query": "q", "snapshot": "c1"})"}).body);
  EXPECT_EQ(body.at("target").dump(), R"({"branch":null,"snapshot":"c1"})");
  EXPECT_EQ(body.at("graph_commit_id"), "c1");
}

}  // namespace
}  // namespace omnigraph::server
