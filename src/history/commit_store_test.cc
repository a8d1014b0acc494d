// Tests of publication: who wins, what is found again, and every fault at every store effect.

#include "history/commit_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "base/clock.h"
#include "store/faulty_store.h"
#include "store/local_store.h"
#include "store/memory_store.h"
#include "store/test_directory.h"

namespace omnigraph::history {
namespace {

format::CommitRun Genesis() {
  format::CommitRun run;
  format::Commit commit;
  commit.id = UlidGenerator::System().Next();
  commit.write_id = UlidGenerator::System().Next();
  commit.operation = format::Operation::kInit;
  run.commits.push_back(std::move(commit));
  return run;
}

// A run of `count` commits on top of `head`.
std::shared_ptr<const format::CommitRun> After(const BranchHead& head, std::string_view branch,
                                               int count = 1, std::size_t payload_bytes = 0) {
  format::CommitRun run;
  const std::string write_id = UlidGenerator::System().Next();
  format::Commit before = head.commit();
  for (int i = 0; i < count; ++i) {
    format::Commit commit = before;
    commit.id = UlidGenerator::System().Next();
    commit.parent = before.id;
    commit.version = before.version + 1;
    commit.generation = before.generation + 1;
    commit.write_id = write_id;
    if (branch != "main") commit.branch = branch;
    run.commits.push_back(commit);
    before = commit;
  }
  format::Segment segment;
  segment.id = UlidGenerator::System().Next();
  segment.bytes = std::make_shared<const std::string>(payload_bytes, 'x');
  run.segments.push_back(segment);
  return std::make_shared<const format::CommitRun>(std::move(run));
}

class CountingFiles final : public store::FileOperations {
 public:
  std::uint64_t read_bytes = 0;

  ssize_t ReadAt(int file, char* bytes, std::size_t size, std::uint64_t offset) override {
    const ssize_t count = FileOperations::ReadAt(file, bytes, size, offset);
    if (count > 0) read_bytes += static_cast<std::uint64_t>(count);
    return count;
  }
};

class CommitStoreTest : public ::testing::Test {
 protected:
  CommitStoreTest() : local_(std::make_shared<store::LocalStore>(directory_.path())) {}

  void CreateMain(CommitStore& commits) { ASSERT_TRUE(commits.CreateRoot("main", Genesis()).ok()); }

  store::TestDirectory directory_;
  std::shared_ptr<store::ObjectStore> local_;
};

TEST_F(CommitStoreTest, UnknownBranchesAndCommitsAreNotFoundByName) {
  CommitStore commits(local_);
  CreateMain(commits);
  EXPECT_EQ(commits.ReadHead("dev").status().code(), ErrorCode::kNotFound);
  EXPECT_THAT(std::string(commits.ReadHead("dev").status().message()),
              ::testing::HasSubstr("branch 'dev' not found"));
  EXPECT_EQ(commits.FindCommit("01ARYZ6S41TSV4RRFFQ69G5FAV", "").status().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(commits.FindCommit("../../etc/passwd", "").status().code(), ErrorCode::kNotFound);
}

TEST_F(CommitStoreTest, AllCommitsStayReachableThroughTrimsByANewProcess) {
  CommitStore commits(local_);
  CreateMain(commits);
  BranchHead head = *commits.ReadHead("main");
  std::vector<std::string> ids = {head.commit().id};
  int filings = 0;
  for (int i = 0; i < 60; ++i) {  // About 400 KiB each: the ref's file is trimmed several times.
    const auto run = After(head, "main", i % 3 + 1, 400'000);
    const auto published = commits.Publish("main", head, run);
    ASSERT_TRUE(published.ok()) << published.status().message();
    ASSERT_TRUE(published->is_published);
    head = published->head;
    if (published->wants_filing) {
      ++filings;
      ASSERT_TRUE(commits.FileOldHeads("main").ok());
    }
    for (const format::Commit& commit : run->commits)
      ids.push_back(commit.id);
  }
  EXPECT_GT(filings, 3);
  CommitStore reader(local_);
  const auto chain = reader.FirstParents(*reader.ReadHead("main"), 0);
  ASSERT_TRUE(chain.ok()) << chain.status().message();
  std::vector<std::string> found;
  for (const format::Commit& commit : *chain)
    found.insert(found.begin(), commit.id);
  EXPECT_EQ(found, ids);
  for (const std::string& id : ids)
    EXPECT_TRUE(CommitStore(local_).FindCommit(id, "").ok());
}

// Writers that are killed before they file leave many commits in the ref's file. A walk must not
// read and decode that file for each of them.
TEST_F(CommitStoreTest, AWalkReadsTheFileOfARefNowAndThen) {
  CommitStore commits(local_);
  CreateMain(commits);
  BranchHead head = *commits.ReadHead("main");
  constexpr int kCommitsCount = 400;
  for (int i = 0; i < kCommitsCount; ++i)
    head = commits.Publish("main", head, After(head, "main", 1, 2000))->head;
  const std::uint64_t file_bytes = std::filesystem::file_size(directory_.path() + "/refs/main");

  CountingFiles files;
  CommitStore reader(std::make_shared<store::LocalStore>(
      directory_.path(), store::LocalStoreOptions{&files, std::uint64_t{1} << 30}));
  const auto chain = reader.FirstParents(*reader.ReadHead("main"), 0);

  ASSERT_TRUE(chain.ok()) << chain.status().message();
  EXPECT_EQ(chain->size(), kCommitsCount + 1u);
  EXPECT_GE(files.read_bytes, file_bytes);
  EXPECT_LE(files.read_bytes, file_bytes * 8);
}

TEST_F(CommitStoreTest, WhoIsKilledWhileFilingLeavesLessToTheNext) {
  const auto faulty = std::make_shared<store::FaultyStore>(local_);
  CommitStore commits(faulty);
  CreateMain(commits);
  BranchHead head = *commits.ReadHead("main");
  constexpr std::size_t kCommitsCount = 60;
  for (std::size_t i = 0; i < kCommitsCount; ++i)
    head = commits.Publish("main", head, After(head, "main", 1, 400'000))->head;
  EXPECT_EQ(local_->ReadRecent("refs/main")->size(), kCommitsCount + 1);
  // In the second of several steps of about 20 commits.
  faulty->SetPlan({{30, store::Fault::kCrashBefore}});
  EXPECT_FALSE(CommitStore(faulty).FileOldHeads("main").ok());
  faulty->Reopen();

  const std::size_t left = local_->ReadRecent("refs/main")->size();
  EXPECT_LT(left, kCommitsCount - 10);
  EXPECT_GT(left, kCommitsCount / 3);
  EXPECT_TRUE(CommitStore(local_).FileOldHeads("main").ok());
  EXPECT_EQ(local_->ReadRecent("refs/main")->size(), 1u);
  CommitStore reader(local_);
  EXPECT_EQ(reader.FirstParents(*reader.ReadHead("main"), 0)->size(), kCommitsCount + 1);
}

// Filing goes on beside the writers of this process and of others; whatever is published meanwhile
// must not be dropped with what was filed.
TEST_F(CommitStoreTest, FilingBesideWritersLosesNothing) {
  CommitStore commits(local_);
  CreateMain(commits);
  BranchHead head = *commits.ReadHead("main");
  std::vector<std::string> ids = {head.commit().id};
  std::atomic<bool> is_done{false};
  std::atomic<int> filings{0};
  std::vector<std::thread> filers;
  for (const bool is_same_process : {true, false}) {
    filers.emplace_back([&, is_same_process] {
      CommitStore other(local_);
      while (!is_done) {
        const Status filed = (is_same_process ? commits : other).FileOldHeads("main");
        if (filed.ok()) ++filings;
      }
    });
  }
  for (int i = 0; i < 150; ++i) {
    const auto run = After(head, "main", 1 + i % 2, 2000);
    const auto published = commits.Publish("main", head, run);
    ASSERT_TRUE(published.ok()) << published.status().message();
    ASSERT_TRUE(published->is_published);
    head = published->head;
    for (const format::Commit& commit : run->commits)
      ids.push_back(commit.id);
  }
  is_done = true;
  for (std::thread& filer : filers)
    filer.join();
  EXPECT_GT(filings, 2);
  CommitStore reader(local_);
  const auto chain = reader.FirstParents(*reader.ReadHead("main"), 0);
  ASSERT_TRUE(chain.ok()) << chain.status().message();
  EXPECT_EQ(chain->size(), ids.size());
}

TEST_F(CommitStoreTest, OfTwoWritersOneWinsAndTheOtherLearnsTheNewHead) {
  CommitStore commits(local_);
  CreateMain(commits);
  const BranchHead head = *commits.ReadHead("main");
  ASSERT_TRUE(commits.Publish("main", head, After(head, "main"))->is_published);
  const auto lost = commits.Publish("main", head, After(head, "main"));
  ASSERT_TRUE(lost.ok());
  EXPECT_FALSE(lost->is_published);
  EXPECT_EQ(lost->head.commit().version, 2u);
}

TEST_F(CommitStoreTest, BranchesShareHistoryAndSurviveTheDeletionOfTheirSource) {
  CommitStore commits(local_);
  CreateMain(commits);
  BranchHead main = *commits.ReadHead("main");
  ASSERT_TRUE(commits.CreateBranch("dev", "main", main).ok());
  EXPECT_EQ(commits.CreateBranch("dev", "main", main).code(), ErrorCode::kAlreadyExists);
  BranchHead dev = *commits.ReadHead("dev");
  EXPECT_EQ(dev.run->created_from, "main");
  for (int i = 0; i < 5; ++i)
    dev = commits.Publish("dev", dev, After(dev, "dev"))->head;
  ASSERT_TRUE(commits.CreateBranch("sub", "dev", dev).ok());
  BranchHead sub = *commits.ReadHead("sub");
  sub = commits.Publish("sub", sub, After(sub, "sub"))->head;
  EXPECT_THAT(*commits.ListBranches(), ::testing::ElementsAre("dev", "main", "sub"));
  ASSERT_TRUE(commits.DeleteBranch("dev").ok());
  EXPECT_EQ(commits.DeleteBranch("dev").code(), ErrorCode::kNotFound);
  CommitStore reader(local_);
  EXPECT_EQ(reader.FirstParents(*reader.ReadHead("sub"), 0)->size(), 7u);
}

TEST_F(CommitStoreTest, ABranchOfAHeadThatIsDurableAlreadySyncsNothingElse) {
  const auto faulty = std::make_shared<store::FaultyStore>(local_);
  CommitStore commits(faulty);
  CreateMain(commits);
  BranchHead head = *commits.ReadHead("main");
  head = commits.Publish("main", head, After(head, "main"))->head;
  const auto syncs_of = [&](CommitStore& process, std::string_view name) {
    faulty->SetPlan({});
    EXPECT_TRUE(process.CreateBranch(name, "main", *process.ReadHead("main")).ok());
    const std::vector<store::Effect> trace = faulty->trace();
    return std::count_if(trace.begin(), trace.end(), [](const store::Effect& effect) {
      return effect.kind == store::EffectKind::kSync;
    });
  };
  EXPECT_EQ(syncs_of(commits, "own"), 0);
  CommitStore other(faulty);
  EXPECT_EQ(syncs_of(other, "of-another"), 1) << "its writer may not have synced it";
}

// Every fault at every effect of a publication: afterwards the branch is at the old or the new
// head, a reported success is there, a reported loss is not, and the next writer succeeds.
TEST_F(CommitStoreTest, EveryFaultLeavesTheOldOrTheNewHead) {
  using store::Fault;
  int cells = 0;
  for (const bool on_directory : {false, true}) {
    for (const Fault fault : {Fault::kRefused, Fault::kLostRequest, Fault::kLostReply,
                              Fault::kDelayed, Fault::kCrashBefore, Fault::kCrashAfter}) {
      for (std::uint64_t effect = 0; effect < 4; ++effect) {
        store::TestDirectory directory;
        std::shared_ptr<store::ObjectStore> inner = std::make_shared<store::MemoryStore>();
        if (on_directory) inner = std::make_shared<store::LocalStore>(directory.path());
        const auto faulty = std::make_shared<store::FaultyStore>(inner);
        CommitStore commits(faulty);
        CreateMain(commits);
        const BranchHead before = *commits.ReadHead("main");
        const auto run = After(before, "main");
        faulty->SetPlan({{effect, fault}});
        const auto published = commits.Publish("main", before, run);
        faulty->Reopen();
        ++cells;

        CommitStore next_process(faulty);
        const auto after = next_process.ReadHead("main");
        ASSERT_TRUE(after.ok()) << after.status().message();
        const bool is_new = after->commit().id == run->head().id;
        EXPECT_TRUE(is_new || after->commit().id == before.commit().id);
        if (published.ok()) {
          EXPECT_EQ(published->is_published, is_new) << static_cast<int>(fault) << " " << effect;
        }
        const auto retried = next_process.Publish("main", *after, After(*after, "main"));
        ASSERT_TRUE(retried.ok()) << retried.status().message();
        EXPECT_TRUE(retried->is_published);
      }
    }
  }
  std::printf("publication: %d cells, 0 losses\n", cells);
}

TEST_F(CommitStoreTest, ConcurrentWritersLoseNothing) {
  ASSERT_TRUE(CommitStore(local_).CreateRoot("main", Genesis()).ok());
  constexpr int kThreads = 4;
  constexpr int kCommits = 25;
  std::vector<std::thread> writers;
  for (int t = 0; t < kThreads; ++t) {
    writers.emplace_back([&] {
      CommitStore commits(local_);
      for (int i = 0; i < kCommits; ++i) {
        for (;;) {
          const BranchHead head = *commits.ReadHead("main");
          const auto outcome = commits.Publish("main", head, After(head, "main"));
          if (outcome.ok() && outcome->is_published) break;
        }
      }
    });
  }
  for (std::thread& writer : writers)
    writer.join();
  CommitStore reader(local_);
  EXPECT_EQ(reader.ReadHead("main")->commit().version, 1u + kThreads * kCommits);
  EXPECT_EQ(reader.FirstParents(*reader.ReadHead("main"), 0)->size(), 1u + kThreads * kCommits);
}

}  // namespace
}  // namespace omnigraph::history
