// Both faces of the views.

#include "cli/views.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/load_progress.h"

namespace omnigraph::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

template <typename View>
std::string TextOf(const View& view) {
  std::string out;
  AppendText(view, out);
  return out;
}

template <typename View>
std::string JsonOf(const View& view) {
  std::string out;
  AppendJson(view, out);
  return out;
}

engine::LoadAnswer SampleLoad() {
  engine::LoadAnswer answer;
  answer.branch = "review";
  answer.mode = engine::LoadMode::kMerge;
  answer.tables = {{"edge:Knows", 2}, {"node:Person", 3}};
  answer.nodes_loaded = 3;
  answer.edges_loaded = 2;
  answer.node_types_loaded = 1;
  answer.edge_types_loaded = 1;
  return answer;
}

engine::CommitRecord SampleCommit() {
  engine::CommitRecord commit;
  commit.graph_commit_id = "01C";
  commit.manifest_version = 2;
  commit.parent_commit_id = "01B";
  commit.actor_id = "ada";
  commit.created_at = 1'750'000'000'000'000;
  return commit;
}

TEST(ViewsTest, ALoadIsOneSentence) {
  engine::LoadAnswer answer = SampleLoad();
  EXPECT_EQ(TextOf(LoadView{"g.omni", answer, std::nullopt}),
            "loaded g.omni on branch review with merge: 3 nodes across 1 node types, 2 edges "
            "across 1 edge types\n");
  answer.branch_created = true;
  answer.edges_removed = 4;
  EXPECT_THAT(TextOf(LoadView{"g.omni", answer, "main"}),
              testing::EndsWith("\nbranch review created from main\n"
                                "removed 4 edges that lost an endpoint\n"));
}

TEST(ViewsTest, ALoadDocumentNamesTheBaseOnlyIfThereIsOne) {
  const engine::LoadAnswer answer = SampleLoad();
  EXPECT_EQ(JsonOf(LoadView{"g", answer, std::nullopt}),
            R"({"uri":"g","branch":"review","mode":"merge","branch_created":false,)"
            R"("nodes_loaded":3,"edges_loaded":2,"node_types_loaded":1,"edge_types_loaded":1})");
  EXPECT_THAT(JsonOf(LoadView{"g", answer, "main"}), HasSubstr(R"("base_branch":"main")"));
}

TEST(ViewsTest, AReceiptAddsTheCommitAndTheRemovedEdges) {
  engine::LoadAnswer answer = SampleLoad();
  EXPECT_THAT(JsonOf(LoadView{"g", answer, std::nullopt, true}),
              HasSubstr(R"("edges_removed":0,"commit":null)"));
  answer.commit = SampleCommit();
  EXPECT_THAT(JsonOf(LoadView{"g", answer, std::nullopt, true}),
              HasSubstr(R"("commit":{"graph_commit_id":"01C")"));
  answer.edges_removed = 1;
  EXPECT_THAT(JsonOf(LoadView{"g", answer, std::nullopt}), HasSubstr(R"("edges_removed":1)"));
}

TEST(ViewsTest, IgnoredKeysAreListed) {
  engine::LoadAnswer answer = SampleLoad();
  answer.ignored = {{"Person", "hat", 2}};
  EXPECT_THAT(JsonOf(LoadView{"g", answer, std::nullopt}),
              HasSubstr(R"("ignored":[{"type":"Person","key":"hat","count":2}])"));
}

TEST(ViewsTest, IngestListsTables) {
  const engine::LoadAnswer answer = SampleLoad();
  EXPECT_EQ(TextOf(IngestView{"g", answer, "main", "ada"}),
            "ingested g into branch review from main with merge (branch exists)\n"
            "edge:Knows rows_loaded=2\nnode:Person rows_loaded=3\nactor_id: ada\n");
  EXPECT_EQ(JsonOf(IngestView{"g", answer, "main", std::nullopt}),
            R"({"uri":"g","branch":"review","base_branch":"main","branch_created":false,)"
            R"("mode":"merge","tables":[{"table_key":"edge:Knows","rows_loaded":2},)"
            R"({"table_key":"node:Person","rows_loaded":3}],"actor_id":null})");
}

TEST(ViewsTest, AMutationNamesItsActorIfThereIsOne) {
  engine::MutationAnswer answer{"main", "add", 1, 2, std::nullopt};
  EXPECT_EQ(TextOf(MutationView{answer, std::nullopt}), "changed main via add: 1 nodes, 2 edges\n");
  EXPECT_EQ(TextOf(MutationView{answer, "ada"}),
            "changed main via add: 1 nodes, 2 edges\nactor_id: ada\n");
  EXPECT_EQ(JsonOf(MutationView{answer, std::nullopt}),
            R"({"branch":"main","query_name":"add","affected_nodes":1,"affected_edges":2,)"
            R"("actor_id":null})");
}

TEST(ViewsTest, ACommitLeavesOutWhatItLacks) {
  EXPECT_EQ(TextOf(CommitView{SampleCommit()}),
            "graph_commit_id: 01C\nmanifest_branch: main\nmanifest_version: 2\n"
            "parent_commit_id: 01B\nactor_id: ada\ncreated_at: 1750000000000000\n");
  EXPECT_EQ(TextOf(CommitListView{{SampleCommit()}}), "01C branch=main version=2 actor=ada\n");
  EXPECT_EQ(JsonOf(CommitListView{}), R"({"commits":[]})");
}

TEST(ViewsTest, ASnapshotListsTables) {
  engine::SnapshotAnswer answer;
  answer.manifest_version = 2;
  answer.tables = {{"edge:Knows", "edges/9f", 2, std::nullopt, 3},
                   {"node:Person", "nodes/51", 1, "review", 4}};
  EXPECT_EQ(TextOf(SnapshotView{answer}),
            "branch: main\nmanifest_version: 2\nedge:Knows v2 branch=main rows=3\n"
            "node:Person v1 branch=review rows=4\n");
  EXPECT_THAT(JsonOf(SnapshotView{answer}),
              HasSubstr(R"({"table_key":"edge:Knows","table_path":"edges/9f","table_version":2,)"
                        R"("table_branch":null,"row_count":3})"));
}

TEST(ViewsTest, BranchesAreTold) {
  EXPECT_EQ(TextOf(BranchCreatedView{"g", "main", "a/b", std::nullopt}),
            "created branch a/b from main\n");
  EXPECT_EQ(JsonOf(BranchCreatedView{"g", "main", "a/b", std::nullopt}),
            R"({"uri":"g","from":"main","name":"a/b","actor_id":null})");
  EXPECT_EQ(TextOf(BranchListView{{"a", "main"}}), "a\nmain\n");
  EXPECT_EQ(JsonOf(BranchDeletedView{"g", "a", "ada"}),
            R"({"uri":"g","name":"a","actor_id":"ada"})");
}

TEST(ViewsTest, StoredQueriesShowTheirParameters) {
  StoredQueriesView view;
  EXPECT_EQ(TextOf(view), "(no stored queries registered)\n");
  view.queries = {
      {"find", false, {{"name", "String", false}, {"limit", "I32", true}}, "Finds.", {}}};
  EXPECT_EQ(TextOf(view),
            "read  find($name: String, $limit: I32?) [mcp: find]\n      description: Finds.\n");
  EXPECT_THAT(JsonOf(view), HasSubstr(R"({"name":"limit","type":"I32","nullable":true})"));
}

TEST(ViewsTest, ARegistryCheckSaysOkOnlyWithoutBreakages) {
  StoredQueriesCheckView view;
  view.queries_count = 1;
  EXPECT_EQ(TextOf(view), "OK  1 stored query type-check against the schema\n");
  view.breakages = {{"find", "type error: T6: no"}};
  view.warnings = {{"near", "careful"}};
  EXPECT_EQ(TextOf(view),
            "ERROR  query 'find': type error: T6: no\nWARN   query 'near': careful\n");
  EXPECT_THAT(JsonOf(view), HasSubstr(R"("ok":false,"breakages":[{"query":"find")"));
}

TEST(ViewsTest, ASchemaIsVerbatimWithALineBreakMore) {
  EXPECT_EQ(TextOf(SchemaView{"node A {}\n"}), "node A {}\n\n");
  EXPECT_EQ(TextOf(SchemaView{"node A {}"}), "node A {}\n");
}

TEST(ViewsTest, APlanWithoutStepsSaysSo) {
  EXPECT_EQ(TextOf(SchemaPlanView{"g", true, {}, {}}),
            "schema plan for g\nsupported: yes\nno schema changes\n");
  EXPECT_EQ(JsonOf(SchemaPlanView{"g", false, {R"({"kind":"x"})"}, {"x"}}),
            R"({"uri":"g","supported":false,"step_count":1,"steps":[{"kind":"x"}]})");
}

TEST(LoadProgressTest, TheLineShowsShareRecordsAndSpeed) {
  EXPECT_EQ(ProgressLine(6'000'000, 12'000'000, 12'000, 2'000'000),
            "[############............]  50%  12,000 records  6.0 of 12.0 MB  3.0 MB/s");
  EXPECT_EQ(ProgressLine(500'000, 0, 7, 0), "7 records  0.5 MB");
  EXPECT_THAT(ProgressLine(9, 4, 1, 0), Not(HasSubstr("225%")));
}

}  // namespace
}  // namespace omnigraph::cli
