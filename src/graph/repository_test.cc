// Tests of a graph on a store: commits, snapshots, group commit, lost races, flushes, and every
// fault at every store effect of init and writes.

#include "graph/repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "graph/export.h"
#include "store/faulty_store.h"
#include "store/local_store.h"
#include "store/memory_store.h"
#include "store/test_directory.h"

namespace omnigraph::graph {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSchema =
    "node Person { name: String @key\n age: I32? }\nnode Note { text: String? }\n"
    "edge Knows: Person -> Person";

// Inserts a person, or replaces its age.
WriteRequest Upsert(const std::string& name, int age) {
  WriteRequest request;
  request.plan = [name, age](WorkingGraph& working, Footprint* footprint) -> Status {
    const schema::NodeType& type = *working.catalog().FindNode("Person");
    footprint->tables = {type.table_key};
    OG_ASSIGN_OR_RETURN(const table::Table* const people, working.TableOf(type));
    OG_ASSIGN_OR_RETURN(const auto present, people->FindById(name));
    format::RowBatch row(type);
    row.column(type.FindProperty("name")->ordinal).AppendText(name);
    row.column(type.FindProperty("age")->ordinal).AppendInt(age);
    row.FinishRow();
    TableDelta delta(type);
    if (present) {
      delta.updated_rows = {*present};
      delta.updated = std::move(row);
    } else {
      delta.inserted.push_back(std::move(row));
    }
    return working.Apply(std::move(delta));
  };
  return request;
}

std::string ExportAll(const Snapshot& snapshot) {
  std::string all;
  const auto keys = ResolveSelection(snapshot.catalog(), {});
  const Status status = ExportTables(snapshot, *keys, Deadline(), [&](std::string_view lines) {
    all += lines;
    return Status::Ok();
  });
  EXPECT_TRUE(status.ok()) << status.message();
  return all;
}

std::int64_t AgeOf(const Snapshot& snapshot, std::string_view name) {
  const schema::NodeType& type = *snapshot.catalog().FindNode("Person");
  const table::Table* people = *snapshot.NodeTable(type.ordinal);
  const auto row = *people->FindById(name);
  if (!row) return -1;
  return people->BindColumn(type.FindProperty("age")->ordinal)->Int(*row);
}

class RepositoryTest : public ::testing::Test {
 protected:
  std::unique_ptr<Repository> Create(const std::shared_ptr<store::ObjectStore>& store) {
    const Status created = Repository::Init(*store, "g", kSchema, false);
    EXPECT_TRUE(created.ok()) << created.message();
    return *Repository::Open(store, "g");
  }
  store::TestDirectory directory_;
  std::shared_ptr<store::ObjectStore> local_ =
      std::make_shared<store::LocalStore>(directory_.path());
};

TEST_F(RepositoryTest, InitClaimsTheRootOnce) {
  const auto graph = Create(local_);
  EXPECT_TRUE(IsUlid(graph->graph_id()));
  const Status again = Repository::Init(*local_, "g", kSchema, true);
  EXPECT_EQ(again.code(), ErrorCode::kAlreadyExists);
  EXPECT_THAT(std::string(again.message()), HasSubstr("already initialized"));
  const auto head = *graph->Head("main");
  EXPECT_EQ(head->commit().version, 1u);
  EXPECT_EQ(ExportAll(*head), "");
}

TEST_F(RepositoryTest, SchemaErrorsLeaveTheRootUntouched) {
  EXPECT_EQ(Repository::Init(*local_, "g", "node {", false).code(), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(local_->List("", "", 10)->empty());
  EXPECT_EQ(Repository::Open(local_, "g").status().code(), ErrorCode::kNotFound);
}

TEST_F(RepositoryTest, WritesAreCommitsAndOldSnapshotsStay) {
  const auto graph = Create(local_);
  const auto before = *graph->Head("main");
  const auto commit = graph->Writer("main")->Write(Upsert("ada", 36));
  ASSERT_TRUE(commit.ok()) << commit.status().message();
  EXPECT_EQ((*commit)->version, 2u);
  const auto after = *graph->Head("main");
  EXPECT_EQ(AgeOf(*before, "ada"), -1);
  EXPECT_EQ(AgeOf(*after, "ada"), 36);
  EXPECT_EQ(after->commit().FindTable("node:Person")->table_version, 2u);
  EXPECT_EQ(after->commit().FindTable("edge:Knows")->table_version, 1u);
  EXPECT_EQ(AgeOf(**graph->AtCommit(before->commit().id), "ada"), -1);
  EXPECT_EQ(graph->Writer("nope")->Write(Upsert("ada", 1)).status().code(), ErrorCode::kNotFound);
}

// Many small commits move through tails, flushes and trims; another process sees the same rows.
TEST_F(RepositoryTest, ManySmallCommitsSurviveFlushesAndReopening) {
  const auto graph = Create(local_);
  std::map<std::string, int> model;
  for (int i = 0; i < 400; ++i) {
    const std::string name = "p" + std::to_string(i * 7 % 90);
    const auto commit = graph->Writer("main")->Write(Upsert(name, i));
    ASSERT_TRUE(commit.ok()) << i << ": " << commit.status().message();
    graph->housekeeper().WaitUntilIdle();
    model[name] = i;
  }
  const auto reopened = *Repository::Open(local_, "g");
  const auto head = *reopened->Head("main");
  EXPECT_EQ(head->commit().version, 401u);
  for (const auto& [name, age] : model)
    EXPECT_EQ(AgeOf(*head, name), age);
  EXPECT_EQ(ExportAll(*head), ExportAll(**graph->Head("main")));
  const auto manifest = head->cache()->Manifest(head->commit().FindTable("node:Person")->manifest);
  ASSERT_TRUE(manifest.ok());
  EXPECT_LE((*manifest)->fragments.size(), 12u) << "fragments are merged as they grow";
}

// Rows of one table fill the tail, then another table gets small commits: they must not flush one
// by one, and the first table's version must not move although its rows do.
TEST_F(RepositoryTest, FullTailOfAnotherTableIsFlushedOnceWithoutANewVersion) {
  const auto graph = Create(local_);
  for (int i = 0; i < 3; ++i) {
    const std::string name(20'000, static_cast<char>('a' + i));
    ASSERT_TRUE(graph->Writer("main")->Write(Upsert(name, i)).ok());
  }
  WriteRequest note;
  note.plan = [](WorkingGraph& working, Footprint*) -> Status {
    TableDelta delta(*working.catalog().FindNode("Note"));
    delta.generated_id_base = UlidGenerator::System().Next();
    delta.inserted.emplace_back(*delta.type);
    delta.inserted[0].column(0).AppendText(std::string(2000, 'n'));
    delta.inserted[0].FinishRow();
    return working.Apply(std::move(delta));
  };
  const std::string before = ExportAll(**graph->Head("main"));
  const std::uint64_t version =
      (*graph->Head("main"))->commit().FindTable("node:Person")->table_version;
  int flushed = 0;
  std::string manifest;
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(graph->Writer("main")->Write(note).ok());
    graph->housekeeper().WaitUntilIdle();
    const auto head = *graph->Head("main");
    EXPECT_EQ(head->commit().FindTable("node:Person")->table_version, version);
    const std::string& now = head->commit().FindTable("node:Person")->manifest;
    flushed += std::exchange(manifest, now) != now ? 1 : 0;
    EXPECT_TRUE(head->commit().FindTable("node:Note")->manifest.empty());
  }
  EXPECT_EQ(flushed, 1);
  const std::string after = ExportAll(**(*Repository::Open(local_, "g"))->Head("main"));
  EXPECT_NE(after.find(before), std::string::npos);
}

// Nobody waits for a fold; the next commit names what was folded, and nothing else changes.
TEST_F(RepositoryTest, TailsAreFoldedBehindTheRepliesAndTakenOver) {
  const auto graph = Create(local_);
  const auto padded = [](int i) { return std::string(20'000, 'x') + std::to_string(i); };
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(graph->Writer("main")->Write(Upsert(padded(i), i)).ok());
  const auto before = *graph->Head("main");
  EXPECT_TRUE(before->commit().FindTable("node:Person")->manifest.empty());
  graph->housekeeper().WaitUntilIdle();
  EXPECT_EQ(*graph->Head("main"), before) << "a fold is no commit";

  WriteRequest nothing;
  nothing.plan = [](WorkingGraph& working, Footprint*) -> Status {
    OG_ASSIGN_OR_RETURN(const table::Table* const people,
                        working.TableOf(*working.catalog().FindNode("Person")));
    EXPECT_EQ(people->rows_count(), 4u);
    return Status::Ok();
  };
  const auto unchanged = graph->Writer("main")->Write(nothing);
  ASSERT_TRUE(unchanged.ok());
  EXPECT_FALSE(unchanged->has_value()) << "a fold is no reason for a commit";

  ASSERT_TRUE(graph->Writer("main")->Write(Upsert(padded(1), 11)).ok());
  const auto after = *graph->Head("main");
  const format::TableState& people = *after->commit().FindTable("node:Person");
  EXPECT_FALSE(people.manifest.empty());
  EXPECT_EQ(people.segments.size(), 1u);
  EXPECT_EQ(people.table_version, before->commit().FindTable("node:Person")->table_version + 1);
  EXPECT_EQ(AgeOf(*after, padded(1)), 11);
  EXPECT_EQ(AgeOf(*before, padded(1)), 1);
  EXPECT_EQ(ExportAll(*after), ExportAll(**(*Repository::Open(local_, "g"))->Head("main")));
}

// A fold names nothing yet, so that cleaning up may take it: then it is forgotten.
TEST_F(RepositoryTest, AFoldThatWasCleanedUpIsNotTakenOver) {
  const auto graph = Create(local_);
  for (int i = 0; i < 4; ++i)
    ASSERT_TRUE(graph->Writer("main")->Write(Upsert(std::string(20'000, 'x'), i)).ok());
  graph->housekeeper().WaitUntilIdle();
  ASSERT_TRUE(local_->DeletePrefix("data/").ok());
  ASSERT_TRUE(graph->Writer("main")->Write(Upsert("last", 1)).ok());
  const auto head = *(*Repository::Open(local_, "g"))->Head("main");
  EXPECT_EQ(AgeOf(*head, std::string(20'000, 'x')), 3);
  EXPECT_EQ(AgeOf(*head, "last"), 1);
}

// The crash matrix of a fold and of the commit that takes it over: each fault at each effect.
TEST_F(RepositoryTest, CrashMatrixOfFoldedTails) {
  using store::Fault;
  int cells = 0;
  for (const bool loses_power : {false, true}) {
    for (const Fault fault : {Fault::kRefused, Fault::kLostRequest, Fault::kLostReply,
                              Fault::kDelayed, Fault::kCrashBefore, Fault::kCrashAfter}) {
      for (std::uint64_t effect = 0;; ++effect) {
        const auto faulty =
            std::make_shared<store::FaultyStore>(std::make_shared<store::MemoryStore>());
        faulty->SetLosesPower(loses_power);
        const auto graph = Create(faulty);
        std::map<std::string, int> model;
        for (int i = 0; i < 3; ++i) {
          const std::string name = std::string(20'000, 'x') + std::to_string(i);
          ASSERT_TRUE(graph->Writer("main")->Write(Upsert(name, i)).ok());
          model[name] = i;
        }
        graph->housekeeper().WaitUntilIdle();
        faulty->SetPlan({{effect, fault}});
        for (int i = 3; i < 6; ++i) {
          const std::string name = std::string(5000, 'y') + std::to_string(i);
          const bool is_written = graph->Writer("main")->Write(Upsert(name, i)).ok();
          graph->housekeeper().WaitUntilIdle();
          if (is_written) model[name] = i;
        }
        const bool is_past_the_end = faulty->effects_count() <= effect;
        faulty->Reopen();
        const auto next = *Repository::Open(faulty, "g");
        const auto head = *next->Head("main");
        for (const auto& [name, age] : model)
          EXPECT_EQ(AgeOf(*head, name), age) << "an acknowledged write was lost";
        EXPECT_TRUE(next->Writer("main")->Write(Upsert("last", 1)).ok());
        if (is_past_the_end) {
          EXPECT_GT(effect, 5u) << "no tail was folded";
          EXPECT_FALSE((*next->Head("main"))->commit().FindTable("node:Person")->manifest.empty());
          break;
        }
        ++cells;
      }
    }
  }
  std::printf("crash matrix of folds: %d cells, 0 losses\n", cells);
}

// Writers of several processes and branches, with folds and filings going on beside them.
TEST_F(RepositoryTest, FoldsBesideWritersLoseNothing) {
  Create(local_);
  std::vector<std::unique_ptr<Repository>> processes;
  for (int i = 0; i < 2; ++i)
    processes.push_back(*Repository::Open(local_, "g"));
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i) {
        const std::string name =
            std::string(1500, 'n') + std::to_string(t) + "-" + std::to_string(i % 40);
        if (!processes[t % 2]->Writer("main")->Write(Upsert(name, i)).ok()) ++failures;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
  processes.clear();
  const auto head = *(*Repository::Open(local_, "g"))->Head("main");
  EXPECT_EQ(head->commit().version, 241u);
  for (int t = 0; t < 4; ++t) {
    for (int i = 0; i < 40; ++i) {
      const std::string name = std::string(1500, 'n') + std::to_string(t) + "-" + std::to_string(i);
      EXPECT_EQ(AgeOf(*head, name), i < 20 ? i + 40 : i);
    }
  }
}

// A table must not keep the one that it was folded from: a writing server would keep them all.
TEST_F(RepositoryTest, RowsThatWereFoldedAreNotKept) {
  const auto graph = Create(std::make_shared<store::MemoryStore>());
  std::vector<std::weak_ptr<const table::Table>> tables;
  std::string folded;
  int folds = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string name = std::string(5000, 'x') + std::to_string(i);
    ASSERT_TRUE(graph->Writer("main")->Write(Upsert(name, i)).ok());
    graph->housekeeper().WaitUntilIdle();
    const auto head = *graph->Head("main");
    const std::string& manifest = head->commit().FindTable("node:Person")->manifest;
    if (std::exchange(folded, manifest) != manifest) ++folds;
    const auto table = head->slot(*head->catalog().FindNode("Person"))->built();
    ASSERT_NE(table, nullptr);
    tables.push_back(table);
  }
  const auto kept = std::count_if(tables.begin(), tables.end(),
                                  [](const auto& table) { return !table.expired(); });
  EXPECT_GT(folds, 4);
  EXPECT_LE(kept, 3) << "of " << folds << " folds";
}

TEST_F(RepositoryTest, ConcurrentWritersOfOneAndOfSeveralProcessesAllSucceed) {
  Create(local_);
  std::vector<std::unique_ptr<Repository>> processes;
  for (int i = 0; i < 3; ++i)
    processes.push_back(*Repository::Open(local_, "g"));
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 9; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 8; ++i) {
        const std::string name = "p" + std::to_string(t) + "-" + std::to_string(i);
        const auto commit =
            processes[static_cast<std::size_t>(t % 3)]->Writer("main")->Write(Upsert(name, i));
        if (!commit.ok()) ++failures;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
  const auto head = *(*Repository::Open(local_, "g"))->Head("main");
  EXPECT_EQ(head->commit().FindTable("node:Person")->rows_count, 72u);
  EXPECT_EQ(head->commit().version, 73u);
}

TEST_F(RepositoryTest, StrictWritesThatWereOvertakenAreConflictsWithDetails) {
  Create(local_);
  const auto first = *Repository::Open(local_, "g");
  const auto second = *Repository::Open(local_, "g");
  WriteRequest strict = Upsert("ada", 1);
  strict.operation = format::Operation::kLoad;  // A mutation would begin anew, in its turn.
  bool overtake = true;
  strict.plan = [&, plan = strict.plan](WorkingGraph& working, Footprint* footprint) {
    Status status = plan(working, footprint);
    footprint->strict_tables = footprint->tables;
    if (std::exchange(overtake, false)) {
      EXPECT_TRUE(second->Writer("main")->Write(Upsert("bob", 2)).ok());
    }
    return status;
  };
  const auto lost = first->Writer("main")->Write(strict);
  ASSERT_FALSE(lost.ok());
  ASSERT_NE(lost.status().table_conflict(), nullptr);
  EXPECT_EQ(lost.status().table_conflict()->table_key, "node:Person");
  EXPECT_LT(lost.status().table_conflict()->expected_version,
            lost.status().table_conflict()->actual_version);
  EXPECT_THAT(std::string(lost.status().message()), HasSubstr("stale view of"));
  EXPECT_TRUE(first->Writer("main")->Write(strict).ok());
}

// The crash matrix of init and of small and flushing writes (engine contract S15.3): each fault at
// each effect; afterwards the next process reads the old or the new state, and writes.
TEST_F(RepositoryTest, CrashMatrixOfInitAndWrites) {
  using store::Fault;
  constexpr Fault kFaults[] = {Fault::kRefused, Fault::kLostRequest, Fault::kLostReply,
                               Fault::kDelayed, Fault::kCrashBefore, Fault::kCrashAfter};
  int cells = 0;
  for (const bool loses_power : {false, true}) {
    for (const Fault fault : kFaults) {
      for (std::uint64_t effect = 0;; ++effect) {
        const auto faulty =
            std::make_shared<store::FaultyStore>(std::make_shared<store::MemoryStore>());
        faulty->SetLosesPower(loses_power);
        faulty->SetPlan({{effect, fault}});
        const Status created = Repository::Init(*faulty, "g", kSchema, false);
        const bool is_past_the_end = faulty->effects_count() <= effect;
        faulty->Reopen();
        if (!created.ok()) {
          const Status again = Repository::Init(*faulty, "g", kSchema, true);
          EXPECT_TRUE(again.ok() || again.code() == ErrorCode::kAlreadyExists) << again.message();
        }
        const auto graph = Repository::Open(faulty, "g");
        ASSERT_TRUE(graph.ok()) << graph.status().message();
        EXPECT_TRUE((*graph)->Writer("main")->Write(Upsert("ada", 1)).ok());
        if (is_past_the_end) break;
        ++cells;
      }
      for (const int filler : {0, 90'000}) {  // The latter makes the commit flush its tail.
        for (std::uint64_t effect = 0;; ++effect) {
          const auto faulty =
              std::make_shared<store::FaultyStore>(std::make_shared<store::MemoryStore>());
          faulty->SetLosesPower(loses_power);
          ASSERT_TRUE(Create(faulty)->Writer("main")->Write(Upsert("ada", 1)).ok());
          const auto graph = *Repository::Open(faulty, "g");  // Its first commit does all itself.
          faulty->SetPlan({{effect, fault}});
          const std::string name = "bob" + std::string(static_cast<std::size_t>(filler), 'b');
          const auto written = graph->Writer("main")->Write(Upsert(name, 2));
          const bool is_past_the_end = faulty->effects_count() <= effect;
          faulty->Reopen();
          const auto next = *Repository::Open(faulty, "g");
          const auto head = *next->Head("main");
          EXPECT_EQ(AgeOf(*head, "ada"), 1);
          const bool is_there = AgeOf(*head, name) == 2;
          EXPECT_TRUE(is_there || !written.ok()) << "an acknowledged write was lost";
          EXPECT_EQ(head->commit().version, is_there ? 3u : 2u);
          const auto retried = next->Writer("main")->Write(Upsert(name, 2));
          EXPECT_TRUE(retried.ok()) << retried.status().message();
          if (is_past_the_end) break;
          ++cells;
        }
      }
    }
  }
  std::printf("crash matrix: %d cells, 0 losses\n", cells);
}

TEST(HousekeeperTest, OneTaskOfANameAtATimeAndTheLastRunBeforeItGoes) {
  std::atomic<int> runs{0};
  std::atomic<bool> is_released{false};
  {
    Housekeeper housekeeper;
    const auto slow = [&] {
      while (!is_released)
        std::this_thread::yield();
      ++runs;
    };
    housekeeper.Submit("slow", slow);
    housekeeper.Submit("slow", slow);  // Runs or waits already.
    housekeeper.Submit("quick", [&] { ++runs; });
    housekeeper.WaitFor("quick");  // The slow one does not hold it up.
    EXPECT_EQ(runs, 1);
    is_released = true;
    housekeeper.WaitUntilIdle();
    EXPECT_EQ(runs, 2);
    housekeeper.Submit("slow", slow);
  }
  EXPECT_EQ(runs, 3);
}

}  // namespace
}  // namespace omnigraph::graph
