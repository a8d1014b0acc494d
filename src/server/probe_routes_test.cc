// Tests of /readyz and /metrics. What they tell of reloads stands in reload_test.cc.

#include <gmock/gmock.h>

#include "server/service_fixture.h"

namespace omnigraph::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::ServiceFixture;

TEST(ProbeRoutesTest, AServerOfOneGraphIsReady) {
  ServiceFixture service({.is_single = true});

  EXPECT_EQ(service.Send({.path = "/readyz"}).body, R"({"status":"ready"})");
  EXPECT_EQ(service.graph().calls_count(), 0);
}

TEST(ProbeRoutesTest, AServerThatEndsIsNotReadyButServesOn) {
  ServiceFixture service({.is_single = true});
  service.service().BeginDrain();

  const net::HttpResponse answer = service.Send({.path = "/readyz"});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"status":"draining"})");
  EXPECT_THAT(service.TakeLines(), IsEmpty()) << "a probe is no failure";
  EXPECT_EQ(service.Send({.path = "/snapshot"}).status, 200);
  EXPECT_EQ(service.Send({.path = "/healthz"}).status, 200);
}

TEST(ProbeRoutesTest, ReadinessNeedsNoTokenAndMetricsNeedAny) {
  ServiceFixture service(
      {.access = AccessMode::kDefaultDeny, .tokens = {{"act-vera", "vera-token"}}});

  EXPECT_EQ(service.Send({.path = "/readyz"}).status, 200);
  EXPECT_EQ(service.Send({.path = "/metrics"}).status, 401);
  EXPECT_EQ(service.Send({.path = "/metrics", .authorization = "Bearer other"}).status, 401);
  const auto answer = service.Send({.path = "/metrics", .authorization = "Bearer vera-token"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, Not(HasSubstr("vera")));
}

TEST(ProbeRoutesTest, EveryAnswerIsCountedOnce) {
  ServiceFixture service(ServiceFixture::Options{});
  const auto count = [](std::string_view route, std::string_view status, int value) {
    return HasSubstr("route=\"" + std::string(route) + "\",status=\"" + std::string(status) +
                     "\"} " + std::to_string(value) + "\n");
  };
  EXPECT_EQ(service.Send({.path = "/graphs/g1/snapshot"}).status, 200);
  EXPECT_EQ(service.Send({.path = "/graphs/g1/snapshot"}).status, 200);
  EXPECT_EQ(service.Send({.path = "/graphs/ghost/snapshot"}).status, 404);
  EXPECT_EQ(service.Send({"POST", "/graphs/g1/export", "{}"}).status, 200);
  EXPECT_EQ(service.Send({.path = "/secret-path"}).status, 404);

  // A streamed answer is counted when its last piece has left, which its reader sees first.
  const auto export_is_counted = count("/export", "2xx", 1);
  std::string text;
  for (int i = 0; i < 1000 && !::testing::Value(text, export_is_counted); ++i)
    text = service.Send({.path = "/metrics"}).body;
  EXPECT_THAT(text, AllOf(count("/snapshot", "2xx", 2), count("/snapshot", "4xx", 1),
                          export_is_counted, count("none", "4xx", 1)));
  EXPECT_THAT(text, HasSubstr("omnigraph_http_requests_in_flight 1\n")) << "this one";
  EXPECT_THAT(text, AllOf(Not(HasSubstr("ghost")), Not(HasSubstr("secret-path"))));
}

TEST(ProbeRoutesTest, WritesThatAreTurnedAwayAreCounted) {
  ServiceFixture service({.is_single = true, .limits = {.inflight_count_max = 0}});
  EXPECT_THAT(service.Send({.path = "/metrics"}).body,
              HasSubstr("omnigraph_admission_refusals_total 0\n"));

  EXPECT_EQ(service.Send({"POST", "/mutate", R"({"query": "query q() { delete P }"})"}).status,
            429);
  EXPECT_THAT(service.Send({.path = "/metrics"}).body,
              HasSubstr("omnigraph_admission_refusals_total 1\n"));
}

}  // namespace
}  // namespace omnigraph::server
