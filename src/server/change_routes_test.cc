// Tests of the routes that tell what changed, over a real graph: documents, parameters, refusals,
// gaps, streams, and who may read them.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "engine/changes_fixture.h"
#include "server/service_fixture.h"

namespace omnigraph::server {
namespace {

using engine::testing::ChangesGraph;
using engine::testing::Knows;
using engine::testing::Person;
using nlohmann::json;
using ::testing::HasSubstr;
using testing::Sent;
using testing::ServiceFixture;
using ::testing::StartsWith;

// Shares a graph with the service.
class ChangeRoutesTest : public ::testing::Test {
 protected:
  ChangeRoutesTest() {
    first_ = graph_.Load(Person("Alice", 30) + Person("Bob", 25));
    second_ = graph_.Load(Person("Carol", 40) + Person("Bob", 26) + Knows("k1", "Alice", "Bob"));
    ServiceFixture::Options options;
    options.is_single = true;
    options.real_graph = std::shared_ptr<engine::Graph>(std::shared_ptr<void>(), &*graph_);
    service_ = std::make_unique<ServiceFixture>(options);
  }

  net::HttpResponse Get(const std::string& path) { return service_->Send({"GET", path}); }
  json Document(const std::string& path) {
    const net::HttpResponse response = Get(path);
    EXPECT_EQ(response.status, 200) << path << ": " << response.body;
    return json::parse(response.body, nullptr, false);
  }

  ChangesGraph graph_;
  std::unique_ptr<ServiceFixture> service_;
  std::string first_;
  std::string second_;
};

TEST_F(ChangeRoutesTest, ADiffHasItsEndsItsChangesAndItsCounts) {
  EXPECT_EQ(Get("/diff?from=" + first_ + "&to=main").body,
            R"({"from_version":2,"to_version":3,"from_commit_id":")" + first_ +
                R"(","to_commit_id":")" + second_ +
                R"(","branch":"main","changes":[)"
                R"({"table_key":"edge:Knows","kind":"edge","type_name":"Knows","id":"k1",)"
                R"("op":"insert","manifest_version":3,"endpoints":{"src":"Alice","dst":"Bob"}},)"
                R"({"table_key":"node:Person","kind":"node","type_name":"Person","id":"Bob",)"
                R"("op":"update","manifest_version":3,"properties":["age"]},)"
                R"({"table_key":"node:Person","kind":"node","type_name":"Person","id":"Carol",)"
                R"("op":"insert","manifest_version":3}],"stats":{"inserts":2,"updates":1,)"
                R"("deletes":0,"types_affected":["Knows","Person"]}})");
  const json filtered =
      Document("/diff?from=" + first_ + "&to=main&kind=node&op=insert&op=delete&type=Person");
  EXPECT_EQ(filtered["changes"].size(), 1u);
  EXPECT_EQ(Document("/diff?from=main&to=main")["changes"].size(), 0u);
}

TEST_F(ChangeRoutesTest, AGreatDiffIsStreamedAndIsTheSameDocument) {
  std::string text;
  for (int i = 0; i < 4000; ++i)
    text += Person("p" + std::to_string(10'000 + i), i);
  graph_.Load(text);
  const json document = Document("/diff?from=" + second_ + "&to=main");
  ASSERT_EQ(document["changes"].size(), 4000u);
  EXPECT_EQ(document["changes"][3999]["id"], "p13999");
  EXPECT_EQ(document["stats"]["inserts"], 4000);
}

TEST_F(ChangeRoutesTest, BadParametersAreRefusedByName) {
  for (const auto& [path, token] : std::vector<std::pair<std::string, std::string>>{
           {"/diff?from=main", "`to`"},
           {"/diff?from=main&to=main&frm=x", "frm"},
           {"/diff?from=main&to=main&kind=row", "row"},
           {"/diff?from=main&to=main&op=upsert", "upsert"},
           {"/diff?from=main&from=main&to=main", "twice"},
           {"/commits/" + second_ + "/changes?branch=main", "branch"},
           {"/commits/" + second_ + "/changes?limit=many", "many"},
           {"/commits/" + second_ + "/changes?limit=0", "limit 0"},
           {"/commits/" + second_ + "/changes?page_token=zzz", "change cursor rejected: "},
           {"/changes?commit=x", "commit"},
           {"/changes?start=soon", "soon"},
           {"/changes?start=now&cursor=x", "one of"},
           {"/changes?cursor=x", "change cursor rejected: "}}) {
    const net::HttpResponse response = Get(path);
    EXPECT_EQ(response.status, 400) << path;
    EXPECT_THAT(response.body, HasSubstr(token)) << path;
  }
  EXPECT_THAT(json::parse(Get("/changes?cursor=x").body)["error"].get<std::string>(),
              StartsWith("change cursor rejected: "));
  EXPECT_EQ(Get("/diff?from=main&to=nowhere").status, 404);
  EXPECT_EQ(Get("/changes?branch=nowhere").status, 404);
  EXPECT_EQ(Get("/commits/01ARZ3NDEKTSV4RRFFQ69G5FAV/changes").status, 404);
}

TEST_F(ChangeRoutesTest, ACommitTellsItsChangesInPages) {
  const json whole = Document("/commits/" + second_ + "/changes");
  EXPECT_EQ(whole["cause"]["graph_commit_id"], second_);
  EXPECT_EQ(whole["cause"]["parent_commit_id"], first_);
  EXPECT_EQ(whole["cause"]["authored_branch"], "main");
  ASSERT_EQ(whole["changes"].size(), 3u);
  EXPECT_EQ(whole["changes"][0]["before"]["properties"]["age"], 25);
  EXPECT_EQ(whole["changes"][2]["after"]["endpoints"], (json{{"from", "Alice"}, {"to", "Bob"}}));
  EXPECT_FALSE(whole.contains("next_page_token"));
  const json page = Document("/commits/" + second_ + "/changes?limit=2");
  ASSERT_TRUE(page.contains("next_page_token"));
  const json rest = Document("/commits/" + second_ + "/changes?limit=2&page_token=" +
                             page["next_page_token"].get<std::string>());
  EXPECT_EQ(rest["changes"].size(), 1u);
  EXPECT_FALSE(rest.contains("next_page_token"));
}

TEST_F(ChangeRoutesTest, CommitsWithoutAnExactDifferenceAreRefusedWithTheReason) {
  const std::string genesis =
      graph_->ListCommits(engine::Caller(), "main", 0)->front().graph_commit_id;
  const net::HttpResponse parentless = Get("/commits/" + genesis + "/changes");
  EXPECT_EQ(parentless.status, 409);
  EXPECT_EQ(json::parse(parentless.body)["change_diff_refusal"]["reason"], "parentless_commit");
  const std::string changed =
      graph_.Apply(std::string(engine::testing::kChangesSchema) + "node T { a: String @key }");
  const net::HttpResponse boundary = Get("/commits/" + changed + "/changes");
  EXPECT_EQ(boundary.status, 409);
  EXPECT_EQ(json::parse(boundary.body)["change_diff_refusal"]["reason"], "schema_boundary");
  EXPECT_EQ(json::parse(boundary.body)["code"], "conflict");
}

TEST_F(ChangeRoutesTest, TheFeedIsFollowedByCursorAndPageToken) {
  const json page = Document("/changes?start=beginning&limit=3");
  ASSERT_EQ(page["blocks"].size(), 2u);
  EXPECT_FALSE(page.contains("cursor"));
  const json rest =
      Document("/changes?limit=3&page_token=" + page["next_page_token"].get<std::string>());
  ASSERT_EQ(rest["blocks"].size(), 1u);
  EXPECT_EQ(rest["blocks"][0]["changes"].size(), 2u);
  EXPECT_EQ(rest["caught_up"], true);
  const std::string cursor = rest["cursor"];
  EXPECT_EQ(Document("/changes?cursor=" + cursor)["blocks"].size(), 0u);
  graph_.Load(Person("Dan", 1));
  EXPECT_EQ(Document("/changes?cursor=" + cursor)["blocks"].size(), 1u);
  EXPECT_EQ(Document("/changes?start=after:" + first_)["blocks"].size(), 2u);
}

TEST_F(ChangeRoutesTest, HistoryThatIsGoneIs410AndABaselineLeadsOn) {
  const std::string cursor = Document("/changes")["cursor"];
  for (int i = 0; i < 3; ++i)
    graph_.Load(Person("x" + std::to_string(i), i));
  engine::CleanupRequest cleanup;
  cleanup.keep_versions = 1;
  cleanup.grace_secs = 0;
  ASSERT_TRUE(graph_->Cleanup(engine::Caller(), cleanup).ok());
  const net::HttpResponse gap = Get("/changes?cursor=" + cursor);
  EXPECT_EQ(gap.status, 410);
  EXPECT_EQ(json::parse(gap.body)["change_feed_gap"],
            (json{{"cursor", cursor}, {"first_unreadable_commit_id", second_}}));

  const net::HttpResponse baseline = service_->Send({"POST", "/changes/baseline", "{}"});
  EXPECT_EQ(baseline.status, 200);
  const std::size_t last = baseline.body.rfind('\n', baseline.body.size() - 2) + 1;
  const json end = json::parse(baseline.body.substr(last))["baseline"];
  EXPECT_EQ(end["snapshot_commit_id"], graph_.Head());
  EXPECT_EQ(std::count(baseline.body.begin(), baseline.body.end(), '\n'), 8);
  const json next = Document("/changes?cursor=" + end["resume_cursor"].get<std::string>());
  EXPECT_EQ(next["caught_up"], true);
}

TEST_F(ChangeRoutesTest, ABaselineTakesFiltersAndRefusesBadOnes) {
  const net::HttpResponse edges =
      service_->Send({"POST", "/changes/baseline", R"({"kind":["edge"],"op":["insert"]})"});
  EXPECT_EQ(std::count(edges.body.begin(), edges.body.end(), '\n'), 2);
  EXPECT_EQ(service_->Send({"POST", "/changes/baseline", R"({"kind":["row"]})"}).status, 400);
  EXPECT_EQ(service_->Send({"POST", "/changes/baseline", R"({"branch":"nowhere"})"}).status, 404);
}

TEST_F(ChangeRoutesTest, ABranchThatIsNotForTheCallerHasNoCommits) {
  graph_.Fork("dev");
  const std::string hidden = graph_.Load(Person("Eve", 1), "dev");
  ServiceFixture::Options options;
  options.is_single = true;
  options.access = AccessMode::kPolicyEnabled;
  options.tokens = {{"ada", "tok"}};
  options.graph_bundle =
      "version: 1\ngroups: { g: [ada] }\nprotected_branches: [main]\nrules:\n"
      "  - { id: r, allow: { actors: { group: g }, actions: [read], branch_scope: protected } }\n";
  options.real_graph = std::shared_ptr<engine::Graph>(std::shared_ptr<void>(), &*graph_);
  ServiceFixture service(options);
  const auto get = [&service](const std::string& path) {
    return service.Send({"GET", path, "", "Bearer tok"});
  };
  EXPECT_EQ(get("/commits/" + second_ + "/changes").status, 200);
  const net::HttpResponse forbidden = get("/commits/" + hidden + "/changes");
  EXPECT_EQ(forbidden.status, 404);
  const std::string unknown = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  std::string expected = get("/commits/" + unknown + "/changes").body;
  expected.replace(expected.find(unknown), unknown.size(), hidden);
  EXPECT_EQ(forbidden.body, expected);
  EXPECT_EQ(get("/diff?from=" + first_ + "&to=main").status, 200);
  EXPECT_EQ(get("/diff?from=main&to=dev").status, 403);
  EXPECT_EQ(get("/diff?from=" + hidden + "&to=main").status, 403);
  EXPECT_EQ(get("/changes").status, 200);
  EXPECT_EQ(get("/changes?branch=dev").status, 403);
  EXPECT_EQ(service.Send({"POST", "/changes/baseline", "{}", "Bearer tok"}).status, 403);
}

}  // namespace
}  // namespace omnigraph::server
