// Tests of merge bases against a brute-force search of random commit graphs.

#include "history/merge_base.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "store/memory_store.h"

namespace omnigraph::history {
namespace {

// Commits by number, filed under `commits/`.
class CommitGraph {
 public:
  StoredCommit Add(std::optional<int> parent, std::optional<int> merged) {
    const int number = static_cast<int>(stored_.size());
    format::Commit commit;
    commit.id = Id(number);
    commit.write_id = commit.id;
    std::set<int> above{number};
    for (const std::optional<int>& from : {parent, merged}) {
      if (!from) continue;
      const auto at = static_cast<std::size_t>(*from);
      commit.generation = std::max(commit.generation, stored_[at].commit().generation + 1);
      above.insert(ancestors_[at].begin(), ancestors_[at].end());
    }
    if (parent) commit.parent = Id(*parent);
    if (merged) commit.merged_parent = Id(*merged);
    auto run = std::make_shared<format::CommitRun>();
    run->commits.push_back(commit);
    EXPECT_TRUE(commits_.FileHead("nowhere", *run).ok());
    stored_.push_back({run, 0});
    ancestors_.push_back(std::move(above));
    return stored_.back();
  }

  std::vector<std::string> Found(int left, int right) {
    const auto bases = MergeBases(commits_, {stored_[static_cast<std::size_t>(left)]},
                                  {stored_[static_cast<std::size_t>(right)]});
    EXPECT_TRUE(bases.ok()) << bases.status().message();
    std::vector<std::string> ids;
    for (const StoredCommit& base : *bases)
      ids.push_back(base.commit().id);
    return ids;
  }

  std::vector<std::string> Expected(int left, int right) const {
    std::vector<std::string> ids;
    const std::set<int>& of_left = ancestors_[static_cast<std::size_t>(left)];
    const std::set<int>& of_right = ancestors_[static_cast<std::size_t>(right)];
    const auto is_common = [&](int i) { return of_left.contains(i) && of_right.contains(i); };
    for (int i = 0; i < static_cast<int>(stored_.size()); ++i) {
      if (!is_common(i)) continue;
      bool is_lowest = true;
      for (int j = i + 1; j < static_cast<int>(stored_.size()); ++j) {
        if (is_common(j) && ancestors_[static_cast<std::size_t>(j)].contains(i)) is_lowest = false;
      }
      if (is_lowest) ids.push_back(Id(i));
    }
    return ids;
  }

 private:
  static std::string Id(int number) { return "commit" + std::to_string(1000 + number); }

  CommitStore commits_{std::make_shared<store::MemoryStore>()};
  std::vector<StoredCommit> stored_;
  std::vector<std::set<int>> ancestors_;  // Itself included.
};

TEST(MergeBase, ACrissCrossHasTwo) {
  CommitGraph graph;
  graph.Add({}, {});
  graph.Add(0, {});
  graph.Add(0, {});
  graph.Add(1, 2);
  graph.Add(2, 1);
  EXPECT_EQ(graph.Found(3, 4), (std::vector<std::string>{"commit1001", "commit1002"}));
  EXPECT_EQ(graph.Found(3, 1), (std::vector<std::string>{"commit1001"}));
  EXPECT_EQ(graph.Found(3, 3), (std::vector<std::string>{"commit1003"}));
}

TEST(MergeBase, UnrelatedHistoriesHaveNone) {
  CommitGraph graph;
  graph.Add({}, {});
  graph.Add({}, {});
  EXPECT_TRUE(graph.Found(0, 1).empty());
}

TEST(MergeBase, RandomGraphsAgreeWithBruteForce) {
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    CommitGraph graph;
    graph.Add({}, {});
    const int count = 5 + static_cast<int>(random() % 20);
    for (int i = 1; i < count; ++i) {
      const int parent = static_cast<int>(random() % static_cast<unsigned>(i));
      const int merged = static_cast<int>(random() % static_cast<unsigned>(i));
      graph.Add(parent, merged == parent ? std::nullopt : std::optional<int>(merged));
    }
    for (int left = 0; left < count; ++left) {
      for (int right = 0; right < count; ++right) {
        ASSERT_EQ(graph.Found(left, right), graph.Expected(left, right)) << round;
      }
    }
  }
}

}  // namespace
}  // namespace omnigraph::history
