// Tests of what the heads of a graph lead to, over random histories.

#include "graph/reachability.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/clock.h"
#include "history/commit_store.h"
#include "history/merge_base.h"
#include "history/tags.h"
#include "store/memory_store.h"

namespace omnigraph::graph {
namespace {

// A graph of commits without tables, on several branches with merges between them.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {
    format::CommitRun genesis;
    genesis.commits.push_back(NewCommit());
    EXPECT_TRUE(commits_.CreateRoot("main", genesis).ok());
    branches_.push_back("main");
  }

  void Grow(int steps) {
    for (int i = 0; i < steps; ++i) {
      const std::size_t kind = random_() % 8;
      const std::string branch = Some();
      const history::BranchHead head = *commits_.ReadHead(branch);
      if (kind == 0 && branches_.size() < 7) {
        const std::string name = "b" + std::to_string(i);
        ASSERT_TRUE(commits_.CreateBranch(name, branch, head).ok());
        branches_.push_back(name);
      } else if (kind <= 2) {
        const history::BranchHead other = *commits_.ReadHead(Some());
        if (other.commit().id != head.commit().id) Commit(branch, head, &other);
      } else {
        Commit(branch, head, nullptr);
      }
    }
  }

  history::CommitStore& commits() { return commits_; }
  const std::vector<std::string>& branches() const { return branches_; }

 private:
  static format::Commit NewCommit() {
    format::Commit commit;
    commit.id = UlidGenerator::System().Next();
    commit.write_id = UlidGenerator::System().Next();
    return commit;
  }

  std::string Some() { return branches_[random_() % branches_.size()]; }

  void Commit(const std::string& branch, const history::BranchHead& head,
              const history::BranchHead* merged) {
    format::Commit commit = NewCommit();
    commit.parent = head.commit().id;
    commit.generation = head.commit().generation + 1;
    commit.version = head.commit().version + 1;
    if (branch != "main") commit.branch = branch;
    if (merged != nullptr) {
      commit.merged_parent = merged->commit().id;
      commit.generation = std::max(commit.generation, merged->commit().generation + 1);
    }
    format::CommitRun run;
    run.commits.push_back(std::move(commit));
    ASSERT_TRUE(commits_.Publish(branch, head, run)->is_published);
  }

  std::mt19937 random_;
  history::CommitStore commits_{std::make_shared<store::MemoryStore>()};
  std::vector<std::string> branches_;
};

std::set<std::string> BasesOfAllPairs(History& history) {
  std::vector<history::StoredCommit> heads;
  for (const std::string& branch : history.branches()) {
    const history::BranchHead head = *history.commits().ReadHead(branch);
    heads.push_back({head.run, head.run->commits.size() - 1});
  }
  std::set<std::string> bases;
  for (std::size_t i = 0; i < heads.size(); ++i) {
    for (std::size_t j = i + 1; j < heads.size(); ++j) {
      if (heads[i].commit().id == heads[j].commit().id) continue;
      const auto found = history::MergeBases(history.commits(), {heads[i]}, {heads[j]});
      EXPECT_TRUE(found.ok());
      for (const history::StoredCommit& base : *found)
        bases.insert(base.commit().id);
    }
  }
  return bases;
}

TEST(ReachabilityTest, EveryMergeBaseOfTwoHeadsIsAPartingCommit) {
  std::size_t bases_count = 0;
  std::size_t parting_count = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    History history(seed);
    history.Grow(60);
    const auto reachable = ReachCommits(history.commits());
    ASSERT_TRUE(reachable.ok()) << reachable.status().message();
    const std::vector<std::string> parting = PartingCommits(*reachable);
    const std::set<std::string> found(parting.begin(), parting.end());
    for (const std::string& base : BasesOfAllPairs(history)) {
      ++bases_count;
      EXPECT_TRUE(found.contains(base)) << "seed " << seed << " commit " << base;
    }
    parting_count += found.size();
  }
  std::printf("parting commits: 60 histories, %zu merge bases, %zu parting commits\n", bases_count,
              parting_count);
  EXPECT_LE(parting_count, 2 * bases_count);
}

TEST(ReachabilityTest, OneLineOfHistoryPartsNowhere) {
  History history(1);
  history::CommitStore& commits = history.commits();
  const history::BranchHead head = *commits.ReadHead("main");
  ASSERT_TRUE(commits.CreateBranch("dev", "main", head).ok());
  EXPECT_TRUE(PartingCommits(*ReachCommits(commits)).empty());
}

TEST(ReachabilityTest, TagsAreWaysIntoTheHistory) {
  History history(3);
  history.Grow(10);
  history::CommitStore& commits = history.commits();
  const history::BranchHead main = *commits.ReadHead("main");
  ASSERT_TRUE(commits.CreateBranch("gone", "main", main).ok());
  const history::BranchHead before = *commits.ReadHead("gone");
  format::CommitRun run;
  run.commits.push_back(before.commit());
  run.commits[0].id = UlidGenerator::System().Next();
  run.commits[0].write_id = UlidGenerator::System().Next();
  run.commits[0].parent = before.commit().id;
  run.commits[0].branch = "gone";
  ++run.commits[0].generation;
  ASSERT_TRUE(commits.Publish("gone", before, run)->is_published);
  const std::string id = run.head().id;
  ASSERT_TRUE(history::CreateTag(commits.store(), "kept", {id, std::nullopt, 1}).ok());
  ASSERT_TRUE(commits.DeleteBranch("gone").ok());
  EXPECT_TRUE(ReachCommits(commits)->commits.contains(id));
  ASSERT_TRUE(history::DeleteTag(commits.store(), "kept").ok());
  EXPECT_FALSE(ReachCommits(commits)->commits.contains(id));
}

}  // namespace
}  // namespace omnigraph::graph
