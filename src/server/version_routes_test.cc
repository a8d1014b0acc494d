// Tests of conditional writes, idempotency keys, tags and reverts over HTTP, on a real graph.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "server/service_fixture.h"
#include "store/memory_store.h"

namespace omnigraph::server {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::Sent;
using testing::ServiceFixture;

constexpr std::string_view kSchema = "node Plant { tag: String @key\n height: I32? }";
constexpr std::string_view kGrow =
    "query grow($tag: String, $h: I32) { update Plant set { height: $h } where tag = $tag }";
constexpr std::string_view kAdd =
    "query add($tag: String, $h: I32) { insert Plant { tag: $tag, height: $h } }";
constexpr std::string_view kAll =
    "query all() { match { $p: Plant } return { $p.tag, $p.height } order { $p.tag } }";

using Headers = std::vector<std::pair<std::string, std::string>>;

class VersionRoutesTest : public ::testing::Test {
 protected:
  VersionRoutesTest() {
    auto store = std::make_shared<store::MemoryStore>();
    EXPECT_TRUE(engine::Graph::Init(store, "g", kSchema, false).ok());
    graph_ = *engine::Graph::Open(store, {});
    Serve({});
    EXPECT_EQ(Post("/mutate", Change(kAdd, "fern", 1)).status, 200);
  }

  void Serve(ServiceFixture::Options options) {
    options.is_single = true;
    options.real_graph = graph_;
    options.queries.push_back({"grow", std::string(kGrow)});
    options.queries.push_back({"all", std::string(kAll)});
    service_ = std::make_unique<ServiceFixture>(options);
  }

  static json Change(std::string_view query, const std::string& tag, int height) {
    return {{"query", query}, {"params", {{"tag", tag}, {"h", height}}}};
  }

  net::HttpResponse Post(const std::string& path, const json& body, Headers headers = {}) {
    Sent sent;
    sent.method = "POST";
    sent.path = path;
    sent.body = body.dump();
    sent.headers = std::move(headers);
    return service_->Send(sent);
  }
  net::HttpResponse Get(const std::string& path) { return service_->Send({"GET", path}); }
  net::HttpResponse Delete(const std::string& path) { return service_->Send({"DELETE", path}); }

  std::string Head(const std::string& branch = "main") {
    return json::parse(Get("/commits?branch=" + branch).body)["commits"].back()["graph_commit_id"];
  }
  std::string Rows(const json& target = json::object()) {
    json body = target;
    body["query"] = kAll;
    const net::HttpResponse response = Post("/query", body);
    return response.status == 200 ? json::parse(response.body)["rows"].dump() : response.body;
  }
  static Headers IfCommit(const std::string& id) { return {{"Omnigraph-If-Graph-Commit", id}}; }

  std::shared_ptr<engine::Graph> graph_;
  std::unique_ptr<ServiceFixture> service_;
};

TEST_F(VersionRoutesTest, AConditionalWriteThatComesLateIs412WithBothCommits) {
  const std::string head = Head();
  EXPECT_EQ(Post("/mutate/if-graph-commit", Change(kGrow, "fern", 7), IfCommit(head)).status, 200);
  for (const int height : {8, 9}) {
    // Also for one that would change nothing.
    const json body = Change(kGrow, height == 8 ? "fern" : "nobody", height);
    const auto late = Post("/mutate/if-graph-commit", body, IfCommit(head));
    ASSERT_EQ(late.status, 412);
    const json document = json::parse(late.body);
    EXPECT_EQ(document["precondition_failure"]["expected"], head);
    EXPECT_EQ(document["precondition_failure"]["actual"], Head());
    EXPECT_FALSE(document.contains("code"));
  }
  EXPECT_THAT(Rows(), HasSubstr("7"));
}

TEST_F(VersionRoutesTest, TheHeaderIsOneBareCommitIdOnRoutesOfItsOwn) {
  const std::string head = Head();
  const json body = Change(kGrow, "fern", 7);
  for (const std::string& bad : {std::string("*"), "\"" + head + "\"", "W/\"" + head + "\"",
                                 head + ", " + head, std::string("nonsense")}) {
    EXPECT_EQ(Post("/mutate/if-graph-commit", body, IfCommit(bad)).status, 400) << bad;
  }
  EXPECT_EQ(Post("/mutate/if-graph-commit", body).status, 400);
  Headers twice = IfCommit(head);
  twice.push_back(twice.front());
  EXPECT_EQ(Post("/mutate/if-graph-commit", body, twice).status, 400);
  const std::vector<std::pair<std::string, json>> ordinary = {
      {"/mutate", body},
      {"/change", body},
      {"/queries/grow", json::object()},
      {"/load", {{"data", ""}}},
      {"/branches/merge", {{"source", "x"}}},
      {"/branches/revert", {{"branch", "main"}, {"to", "x"}}}};
  for (const auto& [path, valid] : ordinary)
    EXPECT_EQ(Post(path, valid, IfCommit(head)).status, 400) << path;
  EXPECT_THAT(Rows(), HasSubstr("1"));
}

TEST_F(VersionRoutesTest, StoredMutationsLoadsMergesAndRevertsHaveConditionalRoutes) {
  const std::string head = Head();
  const json grow = {{"params", {{"tag", "fern"}, {"h", 3}}}};
  EXPECT_EQ(Post("/queries/grow/if-graph-commit", grow, IfCommit(head)).status, 200);
  EXPECT_EQ(Post("/queries/grow/if-graph-commit", grow, IfCommit(head)).status, 412);
  EXPECT_EQ(Post("/queries/all/if-graph-commit", json::object(), IfCommit(head)).status, 400);
  const json load = {{"data", R"({"type":"Plant","data":{"tag":"moss"}})"}, {"mode", "append"}};
  EXPECT_EQ(Post("/load/if-graph-commit", load, IfCommit(head)).status, 412);
  EXPECT_EQ(Post("/load/if-graph-commit", load, IfCommit(Head())).status, 200);
  ASSERT_EQ(Post("/branches", {{"name", "dev"}}).status, 200);
  json add = Change(kAdd, "dill", 1);
  add["branch"] = "dev";
  ASSERT_EQ(Post("/mutate", add).status, 200);
  const json merge = {{"source", "dev"}};
  EXPECT_EQ(Post("/branches/merge/if-graph-commit", merge, IfCommit(head)).status, 412);
  const auto merged = Post("/branches/merge/if-graph-commit", merge, IfCommit(Head()));
  ASSERT_EQ(merged.status, 200) << merged.body;
  EXPECT_EQ(json::parse(merged.body)["commit"]["graph_commit_id"], Head());
  const json revert = {{"branch", "main"}, {"to", head}};
  EXPECT_EQ(Post("/branches/revert/if-graph-commit", revert, IfCommit(head)).status, 412);
  EXPECT_EQ(Post("/branches/revert/if-graph-commit", revert, IfCommit(Head())).status, 200);
  EXPECT_EQ(Rows(), R"([{"p.height":1,"p.tag":"fern"}])");
}

TEST_F(VersionRoutesTest, AKeyMakesARequestTakeEffectOnce) {
  const Headers key = {{"Idempotency-Key", "k1"}};
  const auto first = Post("/mutate", Change(kAdd, "moss", 2), key);
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_FALSE(json::parse(first.body).contains("replayed"));
  const auto again = Post("/mutate", Change(kAdd, "moss", 2), key);
  json document = json::parse(again.body);
  EXPECT_EQ(document["replayed"], true);
  document.erase("replayed");
  EXPECT_EQ(document, json::parse(first.body));
  const auto other = Post("/mutate", Change(kAdd, "moss", 3), key);
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, HasSubstr(document["commit"]["graph_commit_id"].get<std::string>()));
  EXPECT_EQ(Post("/mutate", Change(kAdd, "moss", 2), {{"Idempotency-Key", " "}}).status, 400);
  // A retried conditional write that landed is no mismatch.
  Headers both = IfCommit(Head());
  both.emplace_back("Idempotency-Key", "k2");
  const auto conditional = Post("/mutate/if-graph-commit", Change(kGrow, "moss", 9), both);
  ASSERT_EQ(conditional.status, 200) << conditional.body;
  EXPECT_EQ(Post("/mutate/if-graph-commit", Change(kGrow, "moss", 9), both).status, 200);
}

TEST_F(VersionRoutesTest, TagsAreMadeListedReadAndDeleted) {
  const std::string head = Head();
  const auto made = Post("/tags", {{"name", "release/1"}});
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(json::parse(made.body)["graph_commit_id"], head);
  ASSERT_EQ(Post("/mutate", Change(kGrow, "fern", 7)).status, 200);
  EXPECT_EQ(Rows({{"snapshot", "release/1"}}), R"([{"p.height":1,"p.tag":"fern"}])");
  EXPECT_EQ(Post("/tags", {{"name", "release/1"}}).status, 409);
  EXPECT_EQ(Post("/tags", {{"name", "x"}, {"from", "nope"}}).status, 404);
  EXPECT_EQ(Post("/tags", {{"name", "a..b"}}).status, 400);
  EXPECT_EQ(json::parse(Get("/tags").body)["tags"].size(), 1u);
  const json snapshot = json::parse(Get("/snapshot?snapshot=release%2F1").body);
  EXPECT_EQ(snapshot["branch"], nullptr);
  EXPECT_EQ(snapshot["snapshot"], "release/1");
  EXPECT_EQ(Get("/snapshot?snapshot=release%2F1&branch=main").status, 400);
  EXPECT_EQ(Get("/commits/release%2F1").status, 200);
  ASSERT_EQ(Post("/branches", {{"name", "retake"}, {"from", "release/1"}}).status, 200);
  EXPECT_EQ(Head("retake"), head);
  EXPECT_EQ(Delete("/tags/release%2F1").status, 200);
  EXPECT_EQ(Delete("/tags/release%2F1").status, 404);
}

TEST_F(VersionRoutesTest, ARevertTellsWhatItDoes) {
  const std::string head = Head();
  ASSERT_EQ(Post("/mutate", Change(kAdd, "moss", 7)).status, 200);
  const json dry = json::parse(
      Post("/branches/revert", {{"branch", "main"}, {"to", head}, {"dry_run", true}}).body);
  EXPECT_EQ(dry["commit"], nullptr);
  EXPECT_EQ(dry["tables"], json::parse(R"([{"table_key":"node:Plant","rows_before":2,
                                            "rows_after":1}])"));
  const json done = json::parse(Post("/branches/revert", {{"branch", "main"}, {"to", head}}).body);
  EXPECT_EQ(done["commit"]["graph_commit_id"], Head());
  EXPECT_EQ(Rows(), R"([{"p.height":1,"p.tag":"fern"}])");
  EXPECT_EQ(Post("/branches/revert", {{"branch", "main"}, {"to", "nope"}}).status, 404);
  EXPECT_EQ(Post("/branches/revert", {{"branch", "main"}}).status, 422);
}

TEST_F(VersionRoutesTest, ThePolicyDecidesTagsAndReverts) {
  const std::string old = Head();
  ServiceFixture::Options options;
  options.access = AccessMode::kPolicyEnabled;
  options.tokens = {{"mia", "t"}};
  options.graph_bundle =
      "version: 1\ngroups:\n  all: [mia]\nrules:\n  - id: r\n    allow:\n      actors: { group: "
      "all }"
      "\n      actions: [read]\n";
  Serve(options);
  const auto send = [&](std::string method, std::string path, const json& body) {
    Sent sent{std::move(method), std::move(path), body.is_null() ? "" : body.dump(), "Bearer t"};
    return service_->Send(sent).status;
  };
  EXPECT_EQ(send("GET", "/tags", nullptr), 200);
  EXPECT_EQ(send("POST", "/tags", {{"name", "v1"}}), 403);
  EXPECT_EQ(send("DELETE", "/tags/v1", nullptr), 403);
  EXPECT_EQ(send("POST", "/branches/revert", {{"branch", "main"}, {"to", old}}), 403);
}

}  // namespace
}  // namespace omnigraph::server
