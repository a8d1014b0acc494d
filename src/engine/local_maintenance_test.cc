// Tests of optimize, cleanup and repair through the gate.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "engine/local_graph.h"
#include "engine/maintenance.h"
#include "exec/result_table.h"
#include "store/faulty_store.h"
#include "store/local_store.h"
#include "store/memory_store.h"
#include "store/test_directory.h"

namespace omnigraph::engine {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSchema = R"(
node Person { name: String @key
  age: I32? }
edge Knows: Person -> Person
)";

constexpr std::string_view kQueries = R"(
query add($name: String) { insert Person { name: $name, age: 1 } }
query link($a: String, $b: String) { insert Knows { from: $a, to: $b } }
query grow($name: String, $age: I32) { update Person set { age: $age } where name = $name }
query remove($name: String) { delete Person where name = $name }
)";

MutationRequest Call(std::string_view name, std::string_view params, std::string branch = "main") {
  MutationRequest request;
  request.source = kQueries;
  request.name = name;
  request.params_json = params;
  request.branch = std::move(branch);
  return request;
}

std::string ExportOf(Graph& graph, ReadTarget target = {}) {
  std::string all;
  ExportRequest request;
  request.target = std::move(target);
  request.write = [&all](std::string_view lines) {
    all += lines;
    return Status::Ok();
  };
  const Status status = graph.Export(Caller(), request);
  return status.ok() ? all : std::string(status.message());
}

Status LoadPeople(Graph& graph, int begin, int end) {
  std::string text;
  for (int i = begin; i < end; ++i) {
    text += R"({"type":"Person","data":{"name":"p)" + std::to_string(i) + std::string(30, 'x') +
            "\",\"age\":" + std::to_string(i) + "}}\n";
  }
  LoadRequest request;
  request.source_name = "people.jsonl";
  request.mode = LoadMode::kMerge;
  request.read = [rest = std::string_view(text)](char* buffer,
                                                 std::size_t max) mutable -> Result<std::size_t> {
    const std::size_t size = std::min(max, rest.size());
    std::memcpy(buffer, rest.data(), size);
    rest.remove_prefix(size);
    return size;
  };
  return graph.Load(Caller(), request).status();
}

// Several fragments, updates in fragments and in the tail, deleted rows, and edges.
void Fragment(Graph& graph) {
  for (int piece = 0; piece < 3; ++piece)
    ASSERT_TRUE(LoadPeople(graph, piece * 1500, piece * 1500 + 2000).ok());
  for (const std::string_view name : {"a", "b", "c"}) {
    const std::string params = R"({"name":")" + std::string(name) + "\"}";
    ASSERT_TRUE(graph.Mutate(Caller(), Call("add", params)).ok());
  }
  ASSERT_TRUE(graph.Mutate(Caller(), Call("link", R"({"a":"a","b":"b"})")).ok());
  ASSERT_TRUE(graph.Mutate(Caller(), Call("grow", R"({"name":"b","age":7})")).ok());
  ASSERT_TRUE(graph.Mutate(Caller(), Call("remove", R"({"name":"c"})")).ok());
}

CleanupRequest KeepOne() {
  CleanupRequest request;
  request.keep_versions = 1;
  request.grace_secs = 0;
  return request;
}

class MaintenanceTest : public ::testing::Test {
 protected:
  MaintenanceTest() {
    EXPECT_TRUE(Graph::Init(store_, "g", kSchema, false).ok());
    graph_ = *Graph::Open(store_, OpenOptions{});
    Fragment(*graph_);
  }
  std::vector<CommitRecord> Commits() { return *graph_->ListCommits(Caller(), "main", 0); }

  store::TestDirectory directory_;
  std::shared_ptr<store::ObjectStore> store_ =
      std::make_shared<store::LocalStore>(directory_.path());
  std::shared_ptr<Graph> graph_;
};

TEST_F(MaintenanceTest, OptimizeKeepsRowsAndHistoryAndIsIdempotent) {
  const std::string before = ExportOf(*graph_);
  const auto commits = Commits();
  const auto first = graph_->Optimize(Caller());
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_TRUE(first->tables.back().is_committed);
  EXPECT_EQ(ExportOf(*graph_), before);
  EXPECT_EQ(Commits().size(), commits.size() + 1);
  const auto second = graph_->Optimize(Caller());
  ASSERT_TRUE(second.ok());
  for (const OptimizeAnswer::Table& table : second->tables)
    EXPECT_FALSE(table.is_committed) << table.table_key;
  EXPECT_EQ(Commits().size(), commits.size() + 1);
  const auto reopened = *Graph::Open(store_, OpenOptions{});
  EXPECT_EQ(ExportOf(*reopened), before);
  EXPECT_TRUE(reopened->Mutate(Caller(), Call("grow", R"({"name":"a","age":9})")).ok());
}

TEST_F(MaintenanceTest, OptimizeHoldsUpNoWriter) {
  std::atomic<int> failures{0};
  std::thread writer([&] {
    for (int i = 0; i < 30; ++i) {
      const std::string params = R"({"name":"w)" + std::to_string(i) + "\"}";
      if (!graph_->Mutate(Caller(), Call("add", params)).ok()) ++failures;
    }
  });
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(graph_->Optimize(Caller()).ok());
  writer.join();
  EXPECT_EQ(failures, 0);
  EXPECT_THAT(ExportOf(*graph_), HasSubstr("w29"));
}

TEST_F(MaintenanceTest, CleanupTakesTheRowsOfOldCommitsAndLeavesTheirRecords) {
  const auto commits = Commits();
  const std::string before = ExportOf(*graph_);
  const auto dry = [&] {
    CleanupRequest request = KeepOne();
    request.is_dry_run = true;
    return graph_->Cleanup(Caller(), request);
  }();
  ASSERT_TRUE(dry.ok()) << dry.status().message();
  EXPECT_EQ(ExportOf(*graph_, {"", commits[1].graph_commit_id}).find("was cleaned up"),
            std::string::npos);
  const auto cleaned = graph_->Cleanup(Caller(), KeepOne());
  ASSERT_TRUE(cleaned.ok()) << cleaned.status().message();
  EXPECT_GT(cleaned->history_bytes, 0u);
  EXPECT_EQ(ExportOf(*graph_), before);
  EXPECT_EQ(Commits().size(), commits.size());
  EXPECT_THAT(ExportOf(*graph_, {"", commits[1].graph_commit_id}), HasSubstr("was cleaned up"));
  const auto again = graph_->Cleanup(Caller(), KeepOne());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->history_bytes + again->unreferenced_bytes, 0u);
  const auto reopened = *Graph::Open(store_, OpenOptions{});
  EXPECT_EQ(ExportOf(*reopened), before);
  EXPECT_TRUE(reopened->Repair(Caller(), {}).ok());
}

TEST_F(MaintenanceTest, CleanupSparesWhatTheGracePeriodAndOtherBranchesProtect) {
  const auto commits = Commits();
  CleanupRequest graceful = KeepOne();
  graceful.grace_secs = 3600;
  ASSERT_TRUE(graph_->Cleanup(Caller(), graceful).ok());
  EXPECT_THAT(ExportOf(*graph_, {"", commits[1].graph_commit_id}), HasSubstr("p0"));
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "side", "main").ok());
  const std::string side = ExportOf(*graph_, {"side", ""});
  ASSERT_TRUE(graph_->Optimize(Caller()).ok());
  ASSERT_TRUE(LoadPeople(*graph_, 9000, 12000).ok());
  ASSERT_TRUE(graph_->Cleanup(Caller(), KeepOne()).ok());
  const auto reopened = *Graph::Open(store_, OpenOptions{});
  EXPECT_EQ(ExportOf(*reopened, {"side", ""}), side);
}

TEST_F(MaintenanceTest, RepairFindsDamagedRowsAndRebuildsKeyIndexes) {
  graph_.reset();  // Ends what is done behind replies.
  graph_ = *Graph::Open(store_, OpenOptions{});
  ASSERT_TRUE(graph_->Optimize(Caller()).ok());
  ASSERT_TRUE(graph_->Cleanup(Caller(), KeepOne()).ok());  // Leaves what the head names.
  std::string index_key, rows_key;
  ASSERT_TRUE(store::ForEachKey(*store_, "data/nodes/", [&](const std::string& key) {
                (key.ends_with(".key") ? index_key : rows_key) = key;
                return Status::Ok();
              }).ok());
  ASSERT_TRUE(store_->Delete(index_key).ok());
  const auto preview = graph_->Repair(Caller(), {});
  ASSERT_TRUE(preview.ok()) << preview.status().message();
  EXPECT_EQ(preview->tables.back().action, "preview");
  EXPECT_EQ(graph_->Repair(Caller(), {true})->tables.back().action, "healed");
  EXPECT_EQ(graph_->Repair(Caller(), {})->tables.back().action, "no_op");
  ASSERT_TRUE(store_->Delete(rows_key).ok());
  const auto refused = graph_->Repair(Caller(), {true});
  EXPECT_EQ(refused->tables.back().classification, "unverifiable");
  EXPECT_THAT(*refused->tables.back().error, HasSubstr(rows_key));
}

// Both commands under every fault at every effect: the rows are those of before, and a rerun works.
TEST(MaintenanceFaults, CrashMatrixOfOptimizeAndCleanup) {
  using store::Fault;
  const auto origin = std::make_shared<store::MemoryStore>();
  ASSERT_TRUE(Graph::Init(origin, "g", kSchema, false).ok());
  const auto graph = *Graph::Open(origin, OpenOptions{});
  Fragment(*graph);
  const std::string before = ExportOf(*graph);
  int cells = 0;
  for (const bool is_cleanup : {false, true}) {
    for (const Fault fault : {Fault::kRefused, Fault::kLostRequest, Fault::kLostReply,
                              Fault::kDelayed, Fault::kCrashBefore, Fault::kCrashAfter}) {
      for (std::uint64_t effect = 0;; ++effect) {
        const auto faulty = std::make_shared<store::FaultyStore>(origin->Clone());
        auto copy = *Graph::Open(faulty, OpenOptions{});
        faulty->SetLosesPower(true);
        faulty->SetPlan({{effect, fault}});
        const auto run = [&] {
          return is_cleanup ? copy->Cleanup(Caller(), KeepOne()).status()
                            : copy->Optimize(Caller()).status();
        };
        (void)run();
        const bool is_past_the_end = faulty->effects_count() <= effect;
        faulty->Reopen();
        copy = *Graph::Open(faulty, OpenOptions{});
        EXPECT_EQ(ExportOf(*copy), before) << static_cast<int>(fault) << " at " << effect;
        EXPECT_TRUE(copy->Mutate(Caller(), Call("add", R"({"name":"z"})")).ok());
        const Status again = run();
        EXPECT_TRUE(again.ok()) << again.message();
        if (is_past_the_end) break;
        ++cells;
      }
    }
  }
  std::printf("crash matrix of optimize and cleanup: %d cells, 0 losses\n", cells);
}

}  // namespace
}  // namespace omnigraph::engine
