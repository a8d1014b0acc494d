// Implements graph/reachability.h.

#include "graph/reachability.h"

#include "store/object_store.h"

namespace omnigraph::graph {
namespace {

class Walk {
 public:
  explicit Walk(history::CommitStore& commits) : commits_(commits) {}

  Status StartAt(const std::string& branch) {
    const std::string key = format::RefKey(branch);
    const Result<std::vector<store::Object>> values = commits_.store().ReadRecent(key);
    if (!values.ok()) {
      // Deleted since it was listed.
      if (values.status().code() == ErrorCode::kNotFound) return Status::Ok();
      return values.status();
    }
    for (std::size_t i = 0; i < values->size(); ++i) {
      OG_ASSIGN_OR_RETURN(const format::CommitRun run,
                          format::DecodeCommitRun((*values)[i].bytes, key));
      if (i == 0) reached_.branches.push_back({branch, run.head().id});
      for (const format::Commit& commit : run.commits)
        Note(commit, true);
    }
    return Status::Ok();
  }

  Result<Reachable> Finish() {
    while (!pending_.empty()) {
      const auto [id, near] = std::move(pending_.back());
      pending_.pop_back();
      if (reached_.commits.contains(id)) continue;
      OG_ASSIGN_OR_RETURN(const history::StoredCommit stored, commits_.FindCommit(id, near));
      Note(stored.commit(), false);
    }
    return std::move(reached_);
  }

 private:
  void Note(const format::Commit& commit, bool is_in_ref) {
    ReachedCommit& reached = reached_.commits[commit.id];
    reached.is_in_ref = reached.is_in_ref || is_in_ref;
    reached.parent = commit.parent;
    reached.merged_parent = commit.merged_parent;
    reached.generation = commit.generation;
    reached.created_at_micros = commit.created_at_micros;
    reached.schema_digest = commit.schema_digest;
    reached.schema_identity = commit.schema_identity;
    reached.tables = commit.tables;
    const std::string near = commit.branch.value_or("main");
    if (commit.parent) pending_.emplace_back(*commit.parent, near);
    if (commit.merged_parent) pending_.emplace_back(*commit.merged_parent, "");
  }

  history::CommitStore& commits_;
  Reachable reached_;
  std::vector<std::pair<std::string, std::string>> pending_;  // Commit and a branch near it.
};

}  // namespace

Result<Reachable> ReachCommits(history::CommitStore& commits) {
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> branches, commits.ListBranches());
  Walk walk(commits);
  for (const std::string& branch : branches)
    OG_RETURN_IF_ERROR(walk.StartAt(branch));
  return walk.Finish();
}

}  // namespace omnigraph::graph
