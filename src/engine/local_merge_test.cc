// Tests of merges through the gate: dry runs, deletion of the source, concurrency, and every fault
// at every store effect.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "engine/local_graph.h"
#include "exec/result_table.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace omnigraph::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kSchema =
    "node Person { name: String @key\n age: I32? }\nedge Knows: Person -> Person";
constexpr std::string_view kQueries = R"(
query add($name: String, $age: I32?) { insert Person { name: $name, age: $age } }
query link($a: String, $b: String) { insert Knows { from: $a, to: $b } }
query names() { match { $p: Person } return { $p.name } order { $p.name } }
query links() { match { $p: Person  $p knows $q } return { $q.name } order { $q.name } }
)";

Status Mutate(Graph& graph, std::string_view name, const std::string& params,
              const std::string& branch) {
  MutationRequest request;
  request.source = kQueries;
  request.name = name;
  request.params_json = params;
  request.branch = branch;
  return graph.Mutate(Caller(), request).status();
}

Status Add(Graph& graph, const std::string& name, int age, const std::string& branch) {
  return Mutate(graph, "add", R"({"name":")" + name + R"(","age":)" + std::to_string(age) + "}",
                branch);
}

std::string Rows(Graph& graph, std::string_view name, const std::string& branch) {
  QueryRequest request;
  request.source = kQueries;
  request.name = name;
  request.target.branch = branch;
  const auto answer = graph.Query(Caller(), request);
  if (!answer.ok()) return std::string(answer.status().message());
  return std::string(answer->table->RowsJson());
}

MergeRequest Into(std::string source, std::string target = "main") {
  MergeRequest request;
  request.source = std::move(source);
  request.target = std::move(target);
  return request;
}

std::string Head(Graph& graph, std::string branch) {
  return graph.Snapshot(Caller(), {std::move(branch), ""})->graph_commit_id;
}

class LocalMergeTest : public ::testing::Test {
 protected:
  LocalMergeTest() {
    EXPECT_TRUE(Graph::Init(store_, "g", kSchema, false).ok());
    graph_ = *Graph::Open(store_, OpenOptions{});
    EXPECT_TRUE(Add(*graph_, "a", 1, "main").ok());
    EXPECT_TRUE(graph_->CreateBranch(Caller(), "dev", "main").ok());
    EXPECT_TRUE(Add(*graph_, "b", 2, "dev").ok());
  }
  std::shared_ptr<store::ObjectStore> store_ = std::make_shared<store::MemoryStore>();
  std::shared_ptr<Graph> graph_;
};

TEST_F(LocalMergeTest, ADryRunTellsTheOutcomeAndChangesNothing) {
  const std::string head = Head(*graph_, "main");
  MergeRequest request = Into("dev");
  request.is_dry_run = true;
  request.deletes_source = true;
  const auto answer = graph_->Merge(Caller(), request);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(answer->outcome, MergeOutcome::kFastForward);
  EXPECT_FALSE(answer->commit.has_value());
  EXPECT_EQ(Head(*graph_, "main"), head);
  EXPECT_THAT(*graph_->ListBranches(Caller()), ElementsAre("dev", "main"));
  ASSERT_TRUE(Add(*graph_, "b", 3, "main").ok());
  const auto refused = graph_->Merge(Caller(), request);
  ASSERT_TRUE(refused.ok()) << refused.status().message();
  ASSERT_EQ(refused->conflicts.size(), 1u);
  EXPECT_EQ(refused->conflicts[0].kind, "divergent_insert");
}

TEST_F(LocalMergeTest, TheSourceGoesAfterAMergeIfAsked) {
  MergeRequest request = Into("dev");
  request.deletes_source = true;
  const std::string source = Head(*graph_, "dev");
  const auto answer = graph_->Merge(Caller(), request);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(answer->branch_deleted, true);
  EXPECT_THAT(*graph_->ListBranches(Caller()), ElementsAre("main"));
  EXPECT_EQ(answer->commit->merged_parent_commit_id, source);
  EXPECT_TRUE(graph_->ShowCommit(Caller(), source).ok());
}

TEST_F(LocalMergeTest, ASourceThatCannotGoDoesNotFailTheMerge) {
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "sub", "dev").ok());
  MergeRequest request = Into("dev");
  request.deletes_source = true;
  const auto answer = graph_->Merge(Caller(), request);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(answer->outcome, MergeOutcome::kFastForward);
  EXPECT_EQ(answer->branch_deleted, false);
  EXPECT_THAT(answer->branch_delete_error, HasSubstr("'sub'"));
}

TEST_F(LocalMergeTest, BadNamesAreRefused) {
  EXPECT_THAT(std::string(graph_->Merge(Caller(), Into("main", " main")).status().message()),
              HasSubstr("distinct source and target"));
  EXPECT_EQ(graph_->Merge(Caller(), Into("ghost")).status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(graph_->Merge(Caller(), Into("main", "ghost")).status().code(), ErrorCode::kNotFound);
}

TEST_F(LocalMergeTest, ConcurrentMergesAndInsertsAllLand) {
  constexpr int kBranches = 4;
  for (int i = 0; i < kBranches; ++i) {
    const std::string name = "f" + std::to_string(i);
    ASSERT_TRUE(graph_->CreateBranch(Caller(), name, "main").ok());
    ASSERT_TRUE(Add(*graph_, name, i, name).ok());
    ASSERT_TRUE(Mutate(*graph_, "link", R"({"a":"a","b":")" + name + "\"}", name).ok());
  }
  // A second process, as far as the store can tell.
  const auto other = *Graph::Open(store_, OpenOptions{});
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int i = 0; i < kBranches; ++i) {
    threads.emplace_back([&, i] {
      Graph& graph = i % 2 == 0 ? *graph_ : *other;
      const auto merged = graph.Merge(Caller(), Into("f" + std::to_string(i)));
      if (!merged.ok() || !merged->conflicts.empty()) ++failures;
    });
    threads.emplace_back([&, i] {
      Graph& graph = i % 2 == 0 ? *other : *graph_;
      if (!Add(graph, "m" + std::to_string(i), i, "main").ok()) ++failures;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
  const std::string names = Rows(*graph_, "names", "main");
  EXPECT_EQ(std::count(names.begin(), names.end(), '{'), 1 + 2 * kBranches);
  const std::string links = Rows(*graph_, "links", "main");
  EXPECT_EQ(std::count(links.begin(), links.end(), '{'), kBranches);
}

// A merge under every fault at every effect: all of it or nothing, and a retry applies it once.
TEST(LocalMergeCrash, CrashMatrixOfMerges) {
  using store::Fault;
  int cells = 0;
  for (const int rows : {3, 1500}) {
    for (const Fault fault : {Fault::kRefused, Fault::kLostRequest, Fault::kLostReply,
                              Fault::kDelayed, Fault::kCrashBefore, Fault::kCrashAfter}) {
      for (std::uint64_t effect = 0;; ++effect) {
        const auto faulty =
            std::make_shared<store::FaultyStore>(std::make_shared<store::MemoryStore>());
        ASSERT_TRUE(Graph::Init(faulty, "g", kSchema, false).ok());
        auto graph = *Graph::Open(faulty, OpenOptions{});
        ASSERT_TRUE(graph->CreateBranch(Caller(), "dev", "main").ok());
        std::string text;
        for (int i = 0; i < rows; ++i) {
          const std::string name = std::to_string(i) + std::string(40, 'x');
          text += R"({"type":"Person","data":{"name":")" + name + "\"}}\n";
          text += R"({"edge":"Knows","from":")" + name + R"(","to":")" + name + "\"}\n";
        }
        LoadRequest load;
        load.branch = "dev";
        load.read = [left = std::string_view(text)](
                        char* buffer, std::size_t size_max) mutable -> Result<std::size_t> {
          const std::size_t size = std::min(size_max, left.size());
          std::memcpy(buffer, left.data(), size);
          left.remove_prefix(size);
          return size;
        };
        ASSERT_TRUE(graph->Load(Caller(), load).ok());
        ASSERT_TRUE(Add(*graph, "main only", 1, "main").ok());
        faulty->SetLosesPower(true);
        faulty->SetPlan({{effect, fault}});
        const auto merged = graph->Merge(Caller(), Into("dev"));
        const bool is_past_the_end = faulty->effects_count() <= effect;
        faulty->Reopen();
        graph = *Graph::Open(faulty, OpenOptions{});
        const auto after = *graph->Snapshot(Caller(), {});
        const bool has_landed = after.manifest_version == 3;
        EXPECT_TRUE(has_landed || after.manifest_version == 2);
        EXPECT_TRUE(!merged.ok() || has_landed) << "an acknowledged merge was lost";
        const auto again = graph->Merge(Caller(), Into("dev"));
        ASSERT_TRUE(again.ok()) << again.status().message();
        EXPECT_EQ(again->outcome,
                  has_landed ? MergeOutcome::kAlreadyUpToDate : MergeOutcome::kMerged);
        const auto final_state = *graph->Snapshot(Caller(), {});
        EXPECT_EQ(final_state.manifest_version, 3u);
        for (const SnapshotAnswer::Table& table : final_state.tables) {
          EXPECT_EQ(table.row_count,
                    static_cast<std::uint64_t>(rows) + (table.table_key[0] == 'n' ? 1 : 0));
        }
        if (is_past_the_end) break;
        ++cells;
      }
    }
  }
  std::printf("crash matrix of merges: %d cells, 0 losses\n", cells);
}

}  // namespace
}  // namespace omnigraph::engine
