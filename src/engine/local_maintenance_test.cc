// Tests of optimize, cleanup and repair through the gate.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "engine/local_graph.h"
#include "engine/maintenance.h"
#include "engine/versions.h"
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

TEST_F(MaintenanceTest, ADryRunOfCleanupSaysWhatARunRemoves) {
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "gone", "main").ok());
  ASSERT_TRUE(LoadPeople(*graph_, 9000, 12000).ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), Call("add", R"({"name":"d"})", "gone")).ok());
  ASSERT_TRUE(graph_->DeleteBranch(Caller(), "gone").ok());
  graph_.reset();  // Ends what is done behind replies.
  graph_ = *Graph::Open(store_, OpenOptions{});
  CleanupRequest request = KeepOne();
  request.keep_versions = 2;
  request.is_dry_run = true;
  const auto dry = graph_->Cleanup(Caller(), request);
  ASSERT_TRUE(dry.ok()) << dry.status().message();

  request.is_dry_run = false;
  const auto done = graph_->Cleanup(Caller(), request);

  ASSERT_TRUE(done.ok()) << done.status().message();
  EXPECT_GT(dry->history_bytes, 0u);
  EXPECT_GT(dry->unreferenced_bytes, 0u);
  EXPECT_EQ(dry->history_bytes, done->history_bytes);
  EXPECT_EQ(dry->unreferenced_bytes, done->unreferenced_bytes);
  ASSERT_EQ(dry->tables.size(), done->tables.size());
  for (std::size_t i = 0; i < dry->tables.size(); ++i) {
    EXPECT_EQ(dry->tables[i].bytes_removed, done->tables[i].bytes_removed);
    EXPECT_EQ(dry->tables[i].old_versions_removed, done->tables[i].old_versions_removed);
  }
}

TEST_F(MaintenanceTest, CleanupSparesWhatWasMergedAndDeletedWhileItIsYoung) {
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "side", "main").ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), Call("add", R"({"name":"d"})", "side")).ok());
  const std::string merged = graph_->ListCommits(Caller(), "side", 1)->front().graph_commit_id;
  MergeRequest merge;
  merge.source = "side";
  merge.deletes_source = true;
  ASSERT_EQ(graph_->Merge(Caller(), merge)->branch_deleted, true);
  CleanupRequest graceful = KeepOne();
  graceful.grace_secs = 3600;
  ASSERT_TRUE(graph_->Cleanup(Caller(), graceful).ok());
  EXPECT_THAT(ExportOf(*graph_, {"", merged}), HasSubstr("p0"));
  CleanupRequest old_ones = KeepOne();
  old_ones.older_than_secs = 3600;
  ASSERT_TRUE(graph_->Cleanup(Caller(), old_ones).ok());
  EXPECT_THAT(ExportOf(*graph_, {"", merged}), HasSubstr("p0"));
  ASSERT_TRUE(graph_->Cleanup(Caller(), KeepOne()).ok());
  EXPECT_THAT(ExportOf(*graph_, {"", merged}), HasSubstr("was cleaned up"));
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

// Whatever is damaged is found, all of it in one run, also if nobody needs it now.
TEST_F(MaintenanceTest, RepairReportsDamagedObjectsOfNoTable) {
  for (int i = 0; i < 40; ++i) {
    const std::string params = R"({"name":"k)" + std::to_string(i) + "\"}";
    MutationRequest request = Call("add", params);
    request.conditions.idempotency_key = std::to_string(i);
    ASSERT_TRUE(graph_->Mutate(Caller(), request).ok());
  }
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "side", "main").ok());
  TagRequest tag;
  tag.name = "v1";
  tag.from = Commits()[2].graph_commit_id;
  ASSERT_TRUE(graph_->CreateTag(Caller(), tag).ok());
  graph_.reset();  // Ends what is done behind replies.
  std::set<std::string> damaged = {"refs/side", "tags/v1"};
  for (const std::string_view prefix : {"receipts/", "schemas/"}) {
    ASSERT_TRUE(store::ForEachKey(*store_, prefix, [&](const std::string& key) {
                  damaged.insert(key);
                  return Status::Ok();
                }).ok());
  }
  ASSERT_EQ(damaged.size(), 4u);
  for (const std::string& key : damaged) {
    const std::string path = directory_.path() + "/" + key;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    std::ofstream(path, std::ios::trunc) << "damage";
  }
  graph_ = *Graph::Open(store_, OpenOptions{});

  const auto report = graph_->Repair(Caller(), {true});

  ASSERT_TRUE(report.ok()) << report.status().message();
  std::set<std::string> found;
  for (const RepairAnswer::Object& object : report->objects) {
    EXPECT_EQ(object.action, "refused");
    EXPECT_THAT(object.error, HasSubstr(object.key));
    found.insert(object.key);
  }
  EXPECT_EQ(found, damaged);
}

// A tag has its commit filed while the branch still holds it.
TEST_F(MaintenanceTest, ADamagedCopyOfACommitIsNotMissedAndIsRebuilt) {
  TagRequest tag;
  tag.name = "v1";
  tag.from = Commits().back().graph_commit_id;
  ASSERT_TRUE(graph_->CreateTag(Caller(), tag).ok());
  graph_.reset();
  const std::string key = "commits/" + tag.from;
  const std::string path = directory_.path() + "/" + key;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::ofstream(path, std::ios::trunc) << "damage";
  graph_ = *Graph::Open(store_, OpenOptions{});
  EXPECT_TRUE(graph_->ListTags(Caller()).ok());
  EXPECT_THAT(ExportOf(*graph_, {"", "v1"}), HasSubstr("p0"));

  const auto preview = graph_->Repair(Caller(), {});

  ASSERT_EQ(preview->objects.size(), 1u);
  EXPECT_EQ(preview->objects[0].key, key);
  EXPECT_EQ(preview->objects[0].action, "preview");
  EXPECT_EQ(graph_->Repair(Caller(), {true})->objects[0].action, "healed");
  EXPECT_TRUE(graph_->Repair(Caller(), {})->objects.empty());
}

TEST_F(MaintenanceTest, AListWithoutMainIsDamageAndNoShortList) {
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "side", "main").ok());
  graph_.reset();
  std::filesystem::remove(directory_.path() + "/refs/main");
  graph_ = *Graph::Open(store_, OpenOptions{});
  const auto listed = graph_->ListBranches(Caller());
  ASSERT_FALSE(listed.ok());
  EXPECT_THAT(std::string(listed.status().message()), HasSubstr("refs/main"));
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
