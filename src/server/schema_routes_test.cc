// Schema changes, schemas of old commits and strict lines over HTTP, on a graph in memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/service_fixture.h"
#include "store/memory_store.h"

namespace omnigraph::server::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::string_view kSchema = "node Port { code: String @key }\n";
constexpr std::string_view kNext = "node Port { code: String @key  country: String }\n";

std::shared_ptr<engine::Graph> MakeGraph() {
  const auto store = std::make_shared<store::MemoryStore>();
  EXPECT_TRUE(engine::Graph::Init(store, "g1", kSchema, false).ok());
  return *engine::Graph::Open(store, engine::OpenOptions{});
}

class SchemaRoutesTest : public ::testing::Test {
 protected:
  explicit SchemaRoutesTest(bool is_strict_cluster = false)
      : service_({.real_graph = MakeGraph(), .is_strict_cluster = is_strict_cluster}) {}

  net::HttpResponse Post(const std::string& path, std::string body,
                         std::string content_type = "application/json") {
    return service_.Send({.method = "POST",
                          .path = "/graphs/g1" + path,
                          .body = std::move(body),
                          .content_type = std::move(content_type)});
  }
  net::HttpResponse Get(const std::string& path) {
    return service_.Send({.path = "/graphs/g1" + path, .content_type = ""});
  }
  net::HttpResponse LoadLines(const std::string& lines, const std::string& query = "") {
    return Post("/load/ndjson" + query, lines, "application/x-ndjson");
  }

  ServiceFixture service_;
};

class StrictClusterTest : public SchemaRoutesTest {
 protected:
  StrictClusterTest() : SchemaRoutesTest(true) {}
};

TEST_F(SchemaRoutesTest, ABackfillFillsTheRowsThatAreThere) {
  ASSERT_EQ(LoadLines(R"({"type":"Port","data":{"code":"rtm"}})").status, 200);
  const json request = {{"schema_source", kNext}};
  const net::HttpResponse refused = Post("/schema/apply", request.dump());
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("OG-MF-103"));
  const json filled = {{"schema_source", kNext}, {"backfills", {{"Port.country", "nl"}}}};
  const json answer = json::parse(Post("/schema/apply", filled.dump()).body);
  EXPECT_EQ(answer["applied"], true);
  EXPECT_EQ(answer["steps"][0]["backfill"], "nl");
  EXPECT_TRUE(answer["commit"].is_object());
  EXPECT_THAT(Post("/export", "{}").body, HasSubstr(R"("country":"nl")"));
  const json wrong = {{"schema_source", kNext}, {"backfills", {"nl"}}};
  EXPECT_EQ(Post("/schema/apply", wrong.dump()).status, 422);
}

TEST_F(SchemaRoutesTest, TheSchemaOfAnOldCommitIsTheOneItHad) {
  const json loaded = json::parse(LoadLines(R"({"type":"Port","data":{"code":"rtm"}})").body);
  const std::string commit = loaded["commit"]["graph_commit_id"];
  const json next = {{"schema_source", "node Port { code: String @key  city: String? }"}};
  ASSERT_EQ(Post("/schema/apply", next.dump()).status, 200);
  EXPECT_EQ(json::parse(Get("/schema?snapshot=" + commit).body)["schema_source"], kSchema);
  EXPECT_EQ(json::parse(Get("/schema").body)["schema_source"], next["schema_source"]);
  EXPECT_EQ(Get("/schema?snapshot=01NONE").status, 404);
}

TEST_F(SchemaRoutesTest, LinesAreLoadedStrictly) {
  const std::string good = R"({"type":"Port","data":{"code":"rtm"}})"
                           "\n";
  const net::HttpResponse bad = LoadLines(good + R"({"type":"Port","data":{"code":"a"},"x":1})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr("line 2: unknown top-level field"));
  EXPECT_EQ(LoadLines(good, "?mode=sideways").status, 422);
  EXPECT_EQ(LoadLines(good, "?ignore_unknown=perhaps").status, 400);
  EXPECT_EQ(Post("/export", "{}").body, "");
  const net::HttpResponse ignored =
      LoadLines(R"({"type":"Port","data":{"code":"b","x":1}})", "?ignore_unknown=true&mode=merge");
  EXPECT_EQ(ignored.status, 200);
  EXPECT_EQ(json::parse(ignored.body)["ignored"][0]["key"], "x");
}

TEST_F(StrictClusterTest, SchemaChangesAreLeftToTheCluster) {
  const json next = {{"schema_source", kNext}};
  const net::HttpResponse refused = Post("/schema/apply", next.dump());
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, HasSubstr("cluster apply"));
  EXPECT_THAT(refused.body, HasSubstr("--strict-cluster"));
  EXPECT_EQ(json::parse(Get("/schema").body)["schema_source"], kSchema);
}

TEST(StrictClusterPolicyTest, ThePolicyIsAskedFirst) {
  ServiceFixture service({.access = AccessMode::kDefaultDeny,
                          .tokens = {{"vera", "secret"}},
                          .is_strict_cluster = true});
  const net::HttpResponse refused = service.Send({.method = "POST",
                                                  .path = "/graphs/g1/schema/apply",
                                                  .body = R"({"schema_source": ""})",
                                                  .authorization = "Bearer secret"});
  EXPECT_EQ(refused.status, 403);
}

}  // namespace
}  // namespace omnigraph::server::testing
