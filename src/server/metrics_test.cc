// Tests of what is counted and how it is told.

#include "server/metrics.h"

#include <gmock/gmock.h>

#include <thread>

#include "server/routes.h"

namespace omnigraph::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Route& RouteAt(std::string_view path) {
  return *FindRoute("GET", path, true).route;
}

TEST(MetricsTest, RequestsAreCountedByRouteAndClassOfStatus) {
  Metrics metrics(1'000'000);
  metrics.Begin();
  metrics.Finish(RouteAt("/commits/c1"), 200, 2'000'000);
  metrics.Begin();
  metrics.Finish(RouteAt("/commits/c2"), 404, 700'000'000);
  metrics.Begin();

  const std::string text = metrics.Render(std::nullopt);
  const std::string labels = R"({method="GET",route="/commits/{commit_id}")";
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("omnigraph_http_requests_total" + labels + ",status=\"2xx\"} 1\n"),
            HasSubstr("omnigraph_http_requests_total" + labels + ",status=\"4xx\"} 1\n"),
            HasSubstr("omnigraph_http_request_seconds_count" + labels + "} 2\n"),
            HasSubstr("omnigraph_http_request_seconds_sum" + labels + "} 0.702"),
            HasSubstr("omnigraph_http_request_seconds_bucket" + labels + ",le=\"0.001\"} 0\n"),
            HasSubstr("omnigraph_http_request_seconds_bucket" + labels + ",le=\"0.0025\"} 1\n"),
            HasSubstr("omnigraph_http_request_seconds_bucket" + labels + ",le=\"+Inf\"} 2\n")));
  EXPECT_THAT(text, AllOf(HasSubstr("omnigraph_http_requests_in_flight 1\n"),
                          HasSubstr("process_start_time_seconds 1\n")));
  EXPECT_THAT(text, Not(HasSubstr("omnigraph_reloads_total"))) << "no cluster is served";
  EXPECT_THAT(text, Not(HasSubstr("route=\"/query\""))) << "not asked yet";
}

TEST(MetricsTest, TheSlowestRequestsHaveABucketToo) {
  Metrics metrics(0);
  metrics.Begin();
  metrics.Finish(RouteAt("/schema"), 200, 3'600'000'000'000);

  const std::string labels = R"({method="GET",route="/schema",le=)";
  EXPECT_THAT(metrics.Render(std::nullopt), AllOf(HasSubstr("_bucket" + labels + "\"10\"} 0\n"),
                                                  HasSubstr("_bucket" + labels + "\"+Inf\"} 1\n")));
}

TEST(MetricsTest, WhatIsOfNoRouteIsOneSeries) {
  Metrics metrics(0);
  metrics.CountRefused(nullptr, 404);
  metrics.CountRefused(nullptr, 431);

  EXPECT_THAT(metrics.Render(std::nullopt),
              HasSubstr("{method=\"none\",route=\"none\",status=\"4xx\"} 2\n"));
}

TEST(MetricsTest, NothingIsLostBetweenThreads) {
  constexpr int kEachCount = 20'000;
  Metrics metrics(0);
  const auto work = [&metrics] {
    for (int i = 0; i < kEachCount; ++i) {
      metrics.Begin();
      metrics.Finish(RouteAt("/healthz"), 200, 1);
    }
  };
  std::thread other(work);
  work();
  other.join();

  EXPECT_THAT(metrics.Render(std::nullopt),
              AllOf(HasSubstr("route=\"/healthz\",status=\"2xx\"} 40000\n"),
                    HasSubstr("omnigraph_http_requests_in_flight 0\n")));
}

}  // namespace
}  // namespace omnigraph::server
