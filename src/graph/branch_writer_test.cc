// Tests of what keeps a write from being published: contention, objects that may be gone, and the
// conditions of a request within a group.

#include "graph/branch_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "graph/repository.h"
#include "history/receipts.h"
#include "store/local_store.h"
#include "store/memory_store.h"
#include "store/test_directory.h"

namespace omnigraph::graph {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSchema =
    "node Person { name: String @key }\nnode Note { text: String? }";

WriteRequest Insert(const std::string& name) {
  WriteRequest request;
  request.plan = [name](WorkingGraph& working, Footprint* footprint) -> Status {
    const schema::NodeType& type = *working.catalog().FindNode("Person");
    footprint->tables = {type.table_key};
    TableDelta delta(type);
    format::RowBatch row(type);
    row.column(type.FindProperty("name")->ordinal).AppendText(name);
    row.FinishRow();
    delta.inserted.push_back(std::move(row));
    return working.Apply(std::move(delta));
  };
  return request;
}

class BranchWriterTest : public ::testing::Test {
 protected:
  BranchWriterTest() {
    EXPECT_TRUE(Repository::Init(*store_, "g", kSchema, false).ok());
    graph_ = *Repository::Open(store_, "g");
    other_process_ = *Repository::Open(store_, "g");
  }
  std::uint64_t Version() { return (*graph_->Head("main"))->commit().version; }

  std::shared_ptr<store::ObjectStore> store_ = std::make_shared<store::MemoryStore>();
  std::unique_ptr<Repository> graph_;
  std::unique_ptr<Repository> other_process_;
};

TEST_F(BranchWriterTest, EndlessContentionIsAConflictThatNamesTheTable) {
  int planned = 0;
  WriteRequest slow = Insert("slow");
  slow.plan = [&, insert = slow.plan](WorkingGraph& working, Footprint* footprint) -> Status {
    const std::string name = "p" + std::to_string(planned++);
    EXPECT_TRUE(other_process_->Writer("main")->Write(Insert(name)).ok());
    return insert(working, footprint);
  };
  const auto lost = graph_->Writer("main")->Write(slow);
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.status().code(), ErrorCode::kConflict);
  EXPECT_THAT(std::string(lost.status().message()), HasSubstr("under contention"));
  ASSERT_NE(lost.status().table_conflict(), nullptr);
  EXPECT_EQ(lost.status().table_conflict()->table_key, "node:Person");
  EXPECT_GT(lost.status().table_conflict()->actual_version,
            lost.status().table_conflict()->expected_version);
  EXPECT_GE(planned, 32);
  EXPECT_EQ(Version(), 1u + static_cast<std::uint64_t>(planned));
  EXPECT_TRUE(graph_->Writer("main")->Write(Insert("next")).ok());
}

// Two processes on one directory.
class TurnTest : public ::testing::Test {
 protected:
  TurnTest() {
    EXPECT_TRUE(Repository::Init(*store_, "g", kSchema, false).ok());
    graph_ = *Repository::Open(store_, "g");
    other_process_ = *Repository::Open(std::make_shared<store::LocalStore>(directory_.path()), "g");
  }
  bool IsTurnTaken() const { return store_->IsTurnTaken(format::kGraphMarkerKey, kMain); }

  static constexpr std::string_view kMain = "refs/main";
  store::TestDirectory directory_;
  std::shared_ptr<store::ObjectStore> store_ =
      std::make_shared<store::LocalStore>(directory_.path());
  std::unique_ptr<Repository> graph_;
  std::unique_ptr<Repository> other_process_;
};

TEST_F(TurnTest, WhoIsAlwaysOvertakenTakesTheTurnAndWins) {
  ASSERT_EQ(format::RefKey("main"), kMain);
  int planned = 0;
  WriteRequest slow = Insert("slow");
  slow.plan = [&, insert = slow.plan](WorkingGraph& working, Footprint* footprint) -> Status {
    const std::string name = "p" + std::to_string(planned++);
    // Somebody quick, who keeps to the rules.
    if (!IsTurnTaken()) {
      EXPECT_TRUE(other_process_->Writer("main")->Write(Insert(name)).ok());
    }
    return insert(working, footprint);
  };

  const auto written = graph_->Writer("main")->Write(slow);

  EXPECT_TRUE(written.ok()) << written.status().message();
  EXPECT_LT(planned, 8);
  EXPECT_FALSE(IsTurnTaken());
}

TEST_F(TurnTest, AStrictMutationThatIsOvertakenBeginsAnewInItsTurn) {
  int planned = 0;
  std::uint64_t decided_on = 0;
  WriteRequest strict = Insert("strict");
  strict.plan = [&, insert = strict.plan](WorkingGraph& working, Footprint* footprint) -> Status {
    const std::string name = "p" + std::to_string(planned++);
    // Once before the turn, once by somebody who had begun before it.
    if (planned <= 2) {
      EXPECT_TRUE(other_process_->Writer("main")->Write(Insert(name)).ok());
    }
    EXPECT_EQ(IsTurnTaken(), planned > 1);
    decided_on = working.base().commit().version;
    const Status status = insert(working, footprint);
    footprint->strict_tables = footprint->tables;
    return status;
  };

  const auto written = graph_->Writer("main")->Write(strict);

  ASSERT_TRUE(written.ok()) << written.status().message();
  EXPECT_EQ(planned, 3);
  EXPECT_EQ((*written)->version, decided_on + 1) << "what it decided by is what it stands on";
  EXPECT_EQ(decided_on, 3u);
  EXPECT_FALSE(IsTurnTaken());
}

TEST_F(TurnTest, AStrictMutationGivesUpBesideWritersWhoHeedNoTurns) {
  class BlindFiles final : public store::FileOperations {
    int IsByteLocked(int, std::uint64_t) override { return 0; }
  };
  BlindFiles files;
  const auto heedless =
      *Repository::Open(std::make_shared<store::LocalStore>(
                            directory_.path(), store::LocalStoreOptions{.files = &files}),
                        "g");
  int planned = 0;
  WriteRequest strict = Insert("strict");
  strict.plan = [&, insert = strict.plan](WorkingGraph& working, Footprint* footprint) -> Status {
    EXPECT_TRUE(heedless->Writer("main")->Write(Insert("p" + std::to_string(planned++))).ok());
    const Status status = insert(working, footprint);
    footprint->strict_tables = footprint->tables;
    return status;
  };

  const auto lost = graph_->Writer("main")->Write(strict);

  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.status().code(), ErrorCode::kConflict);
  ASSERT_NE(lost.status().table_conflict(), nullptr);
  EXPECT_GT(lost.status().table_conflict()->actual_version,
            lost.status().table_conflict()->expected_version);
  EXPECT_GT(planned, 1);
  EXPECT_LT(planned, 32);
}

TEST_F(TurnTest, AnOverwriteThatIsOvertakenIsRefusedWithItsTurnOrWithoutIt) {
  WriteRequest overwrite = Insert("all");
  overwrite.operation = format::Operation::kLoad;
  bool is_first = true;
  overwrite.plan = [&, insert = overwrite.plan](WorkingGraph& working, Footprint* footprint) {
    if (std::exchange(is_first, false)) {
      EXPECT_TRUE(other_process_->Writer("main")->Write(Insert("theirs")).ok());
    }
    const Status status = insert(working, footprint);
    footprint->strict_tables = footprint->tables;
    return status;
  };
  const auto lost = graph_->Writer("main")->Write(overwrite);
  ASSERT_FALSE(lost.ok());
  EXPECT_NE(lost.status().table_conflict(), nullptr);
}

TEST_F(TurnTest, AWriterWaitsForTheTurnOfAnotherButNotBeyondItsDeadline) {
  std::unique_ptr<store::Turn> turn = store_->TakeTurn(format::kGraphMarkerKey, kMain);
  ASSERT_NE(turn, nullptr);
  WriteRequest hurried = Insert("hurried");
  hurried.deadline = Deadline::After(std::chrono::milliseconds(20));
  const auto late = graph_->Writer("main")->Write(hurried);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.status().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ((*graph_->Head("main"))->commit().version, 1u);

  turn.reset();
  EXPECT_TRUE(graph_->Writer("main")->Write(Insert("next")).ok());
}

TEST_F(BranchWriterTest, ACommitOverObjectsThatMayBeGoneIsNotPublished) {
  WriteRequest late = Insert("late");
  late.prepared_at_micros = Clock::System().NowMicros() - kPreparedAgeMicrosMax - 1'000'000;
  const auto refused = graph_->Writer("main")->Write(late);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), ErrorCode::kUnavailable);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("commit.prepared_age_max"));
  EXPECT_EQ(Version(), 1u);
  late.prepared_at_micros = Clock::System().NowMicros() - kPreparedAgeMicrosMax + 60'000'000;
  EXPECT_TRUE(graph_->Writer("main")->Write(late).ok());
}

// Many writers of one process share swaps; conditions and keys see the state within the group.
TEST_F(BranchWriterTest, ConditionsAndKeysHoldWithinAGroup) {
  const std::string head = (*graph_->Head("main"))->commit().id;
  constexpr int kThreads = 16;
  std::atomic<int> conditional = 0;
  std::atomic<int> mismatched = 0;
  std::atomic<int> made = 0;
  std::atomic<int> replayed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      if (t % 2 == 0) {
        WriteRequest request = Insert("c" + std::to_string(t));
        request.expected_commit = head;
        const auto written = graph_->Writer("main")->Write(request);
        conditional += written.ok();
        mismatched += !written.ok() && written.status().head_mismatch() != nullptr;
        return;
      }
      WriteRequest request = Insert("keyed");
      request.key = RequestKey{history::ReceiptDigest({"k"}), history::ReceiptDigest({"r"})};
      request.answer = [] { return std::string("said"); };
      bool is_replayed = false;
      request.replay = [&](const format::Commit& commit) {
        is_replayed = true;
        EXPECT_EQ(commit.receipt->answer, "said");
        return Status::Ok();
      };
      const auto written = graph_->Writer("main")->Write(request);
      ASSERT_TRUE(written.ok()) << written.status().message();
      (is_replayed ? replayed : made) += 1;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_LE(conditional, 1);
  EXPECT_EQ(conditional + mismatched, kThreads / 2);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(replayed, kThreads / 2 - 1);
  EXPECT_EQ(Version(), 1u + static_cast<std::uint64_t>(made + conditional));
}

}  // namespace
}  // namespace omnigraph::graph
