// Implements history/merge_base.h.

#include "history/merge_base.h"

#include <algorithm>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>

#include "history/branch_name.h"

namespace omnigraph::history {
namespace {

struct Mark {
  StoredCommit commit;
  bool is_left = false;   // An ancestor of the left group, or in it.
  bool is_right = false;  // The same for the right.
  bool is_below = false;  // A proper ancestor of a common ancestor.
};

// Walks both histories newest first. A commit's generation is above its parents', so that its marks
// are complete when its turn comes.
class Walk {
 public:
  explicit Walk(CommitStore& commits) : commits_(commits) {}

  void Start(const StoredCommit& commit, bool is_left) {
    Meet(commit, {.commit = {}, .is_left = is_left, .is_right = !is_left});
  }

  Result<std::vector<StoredCommit>> Run() {
    std::vector<StoredCommit> bases;
    while (open_count_ > 0) {
      const std::string id = queue_.top().second;
      queue_.pop();
      Mark mark = marks_.at(id);
      if (!mark.is_below) --open_count_;
      if (mark.is_left && mark.is_right && !mark.is_below) {
        bases.push_back(mark.commit);
        mark.is_below = true;
      }
      const format::Commit& commit = mark.commit.commit();
      if (commit.parent) OG_RETURN_IF_ERROR(MeetParent(mark, *commit.parent));
      if (commit.merged_parent) OG_RETURN_IF_ERROR(MeetParent(mark, *commit.merged_parent));
    }
    std::sort(bases.begin(), bases.end(), [](const StoredCommit& a, const StoredCommit& b) {
      return a.commit().id < b.commit().id;
    });
    return bases;
  }

 private:
  Status MeetParent(const Mark& child, const std::string& id) {
    const auto known = marks_.find(id);
    if (known != marks_.end()) {
      Meet(known->second.commit, child);
      return Status::Ok();
    }
    const StoredCommit& from = child.commit;
    if (from.index > 0 && from.run->commits[from.index - 1].id == id) {
      Meet({from.run, from.index - 1}, child);
      return Status::Ok();
    }
    const std::optional<std::string>& branch = from.commit().branch;
    OG_ASSIGN_OR_RETURN(const StoredCommit parent,
                        commits_.FindAncestor(id, branch ? *branch : std::string(kMainBranch)));
    Meet(parent, child);
    return Status::Ok();
  }

  void Meet(const StoredCommit& commit, const Mark& child) {
    const auto [at, is_new] = marks_.try_emplace(commit.commit().id);
    Mark& mark = at->second;
    const bool was_below = mark.is_below;
    mark.is_left |= child.is_left;
    mark.is_right |= child.is_right;
    mark.is_below |= child.is_below;
    if (is_new) {
      mark.commit = commit;
      queue_.emplace(commit.commit().generation, commit.commit().id);
      if (!mark.is_below) ++open_count_;
    } else if (!was_below && mark.is_below) {
      --open_count_;
    }
  }

  CommitStore& commits_;
  std::unordered_map<std::string, Mark> marks_;
  std::priority_queue<std::pair<std::uint64_t, std::string>> queue_;  // Those not walked yet.
  std::size_t open_count_ = 0;  // Of the queue: may still be, or lead to, a lowest one.
};

}  // namespace

Result<std::vector<StoredCommit>> MergeBases(CommitStore& commits,
                                             const std::vector<StoredCommit>& left,
                                             const std::vector<StoredCommit>& right) {
  Walk walk(commits);
  for (const StoredCommit& commit : left)
    walk.Start(commit, true);
  for (const StoredCommit& commit : right)
    walk.Start(commit, false);
  return walk.Run();
}

}  // namespace omnigraph::history
