// Branches and merges of `LocalGraph`.

#include <algorithm>

#include "engine/local_graph.h"
#include "engine/request_keys.h"
#include "graph/merge.h"
#include "history/branch_name.h"

namespace omnigraph::engine {
namespace {

MergeOutcome OutcomeOf(graph::MergeOutcome outcome) {
  switch (outcome) {
    case graph::MergeOutcome::kAlreadyUpToDate:
      return MergeOutcome::kAlreadyUpToDate;
    case graph::MergeOutcome::kFastForward:
      return MergeOutcome::kFastForward;
    case graph::MergeOutcome::kMerged:
      return MergeOutcome::kMerged;
  }
  OG_CHECK(false);
}

void TakeConflicts(std::vector<graph::MergeConflict> conflicts, MergeAnswer* answer) {
  answer->conflict_text = graph::ConflictSummary(conflicts);
  for (graph::MergeConflict& conflict : conflicts) {
    answer->conflicts.push_back({std::move(conflict.table_key), std::move(conflict.row_id),
                                 std::string(graph::ConflictKindName(conflict.kind)),
                                 std::move(conflict.message)});
  }
}

}  // namespace

Result<std::vector<std::string>> LocalGraph::ListBranches(const Caller&) {
  history::CommitStore& commits = repository_->commits();
  OG_ASSIGN_OR_RETURN(std::vector<std::string> branches, commits.ListBranches());
  if (std::binary_search(branches.begin(), branches.end(), history::kMainBranch)) return branches;
  // Every graph has it: this one is damaged or gone, which is no short list.
  OG_RETURN_IF_ERROR(commits.ReadHead(history::kMainBranch).status());
  return branches;
}

Status LocalGraph::CreateBranch(const Caller& caller, std::string_view name,
                                std::string_view from) {
  OG_ASSIGN_OR_RETURN(const std::string branch, history::CheckBranchName(name));
  OG_ASSIGN_OR_RETURN(const std::string source, history::CheckBranchName(from));
  OG_RETURN_IF_ERROR(RequireWritable("branch create"));
  if (branch == history::kMainBranch) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "cannot create branch 'main': every graph has it from the start");
  }
  OG_ASSIGN_OR_RETURN(const StartingPoint start, ResolveStart(caller, source, branch));
  history::CommitStore& commits = repository_->commits();
  if (!start.branch.empty()) {
    OG_ASSIGN_OR_RETURN(const history::BranchHead head, commits.ReadHead(start.branch));
    return commits.CreateBranch(branch, start.branch, head);
  }
  OG_ASSIGN_OR_RETURN(const graph::HeldCommit held, repository_->HoldCommit(start.commit_id));
  return commits.CreateBranchAt(branch, held.stored);
}

Result<LocalGraph::StartingPoint> LocalGraph::ResolveStart(const Caller& caller,
                                                           std::string_view from,
                                                           std::string_view target) {
  const auto permit = [&](std::string_view branch) {
    return Permit(caller, policy::Action::kBranchCreate, branch, target);
  };
  const auto head = repository_->Head(from);
  if (head.ok()) {
    OG_RETURN_IF_ERROR(permit(from));
    return StartingPoint{std::string(from), (*head)->commit().id};
  }
  if (head.status().code() != ErrorCode::kNotFound) return head.status();
  const auto commit = repository_->FindCommit(from);
  if (commit.ok()) {
    const std::optional<std::string>& branch = commit->commit().branch;
    OG_RETURN_IF_ERROR(permit(branch ? *branch : std::string(history::kMainBranch)));
    return StartingPoint{"", commit->commit().id};
  }
  // Who may not do it anyway does not learn what there is.
  OG_RETURN_IF_ERROR(permit(from));
  if (commit.status().code() != ErrorCode::kNotFound) return commit.status();
  return Status::Error(ErrorCode::kNotFound, "branch '" + std::string(from) +
                                                 "' not found, nor a tag or a commit of that "
                                                 "name; `omnigraph branch list` and `omnigraph "
                                                 "tag list` show what there is");
}

Status LocalGraph::DeleteBranch(const Caller& caller, std::string_view name) {
  OG_ASSIGN_OR_RETURN(const std::string branch, history::CheckBranchName(name));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kBranchDelete, std::nullopt, branch));
  OG_RETURN_IF_ERROR(RequireWritable("branch delete"));
  OG_RETURN_IF_ERROR(CheckDeletable(branch));
  return repository_->commits().DeleteBranch(branch);
}

Status LocalGraph::CheckDeletable(std::string_view branch) {
  if (branch == history::kMainBranch) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "cannot delete branch 'main': every graph keeps it");
  }
  history::CommitStore& commits = repository_->commits();
  OG_RETURN_IF_ERROR(commits.ReadHead(branch).status());
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> branches, commits.ListBranches());
  for (const std::string& other : branches) {
    const auto head = commits.ReadHead(other);
    if (!head.ok() || head->run->created_from != branch) continue;
    return Status::Error(ErrorCode::kConflict,
                         "cannot delete branch '" + std::string(branch) + "': branch '" + other +
                             "' still depends on it; delete '" + other + "' first");
  }
  return Status::Ok();
}

// Deletes the source of a merge if it still is what was merged.
Status LocalGraph::DeleteMerged(const Caller& caller, const std::string& source,
                                std::string_view head) {
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kBranchDelete, std::nullopt, source));
  OG_RETURN_IF_ERROR(CheckDeletable(source));
  return repository_->commits().DeleteBranch(source, head);
}

Result<std::optional<format::Commit>> LocalGraph::FindMade(
    const std::string& branch, const std::optional<graph::RequestKey>& key) {
  if (!key) return std::optional<format::Commit>();
  return repository_->Writer(branch)->FindMade(*key);
}

Result<MergeAnswer> LocalGraph::Merge(const Caller& caller, const MergeRequest& request) {
  MergeRequest checked = request;
  OG_ASSIGN_OR_RETURN(checked.source, history::CheckBranchName(request.source));
  OG_ASSIGN_OR_RETURN(checked.target, history::CheckBranchName(request.target));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kBranchMerge, checked.source, checked.target));
  if (!request.is_dry_run) OG_RETURN_IF_ERROR(RequireWritable("branch merge"));
  OG_RETURN_IF_ERROR(CheckConditions(request.conditions));
  if (checked.source == checked.target) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "cannot merge branch '" + checked.source +
                             "' into itself: a merge needs distinct source and target branches");
  }
  MergeAnswer answer;
  answer.source = checked.source;
  answer.target = checked.target;
  std::string merged_head;
  OG_RETURN_IF_ERROR(RunMerge(caller, checked, &answer, &merged_head));
  if (request.deletes_source && answer.conflicts.empty() && !request.is_dry_run) {
    const Status deleted = DeleteMerged(caller, checked.source, merged_head);
    // Asked again after it was deleted, it is deleted.
    const bool is_gone =
        answer.is_replayed && !deleted.ok() && deleted.code() == ErrorCode::kNotFound;
    answer.branch_deleted = deleted.ok() || is_gone;
    if (!*answer.branch_deleted) answer.branch_delete_error = deleted.message();
  }
  return answer;
}

Status LocalGraph::RunMerge(const Caller& caller, const MergeRequest& request, MergeAnswer* answer,
                            std::string* merged_head) {
  graph::WriteRequest write =
      WriteOf(caller, format::Operation::kMerge, request.conditions, {"merge", request.source});
  write.answer = [answer] { return EncodeAnswer(*answer); };
  write.replay = [answer, merged_head](const format::Commit& made) {
    *merged_head = made.merged_parent.value_or("");
    return DecodeAnswer(made, answer);
  };
  if (!request.is_dry_run) {
    // Its source may be gone, so a merge that is asked for again is answered before that matters.
    OG_ASSIGN_OR_RETURN(const auto made, FindMade(request.target, write.key));
    if (made) {
      answer->commit = RecordOf(*made);
      return write.replay(*made);
    }
  }
  graph::MergeSides sides;
  sides.source_name = request.source;
  sides.target_name = request.target;
  OG_ASSIGN_OR_RETURN(sides.source, repository_->Head(request.source));
  OG_ASSIGN_OR_RETURN(const SnapshotPtr target, repository_->Head(request.target));
  graph::MergePlan plan;
  write.plan = [&](graph::WorkingGraph& working, graph::Footprint* footprint) -> Status {
    answer->is_replayed = false;
    *merged_head = sides.source->commit().id;
    OG_RETURN_IF_ERROR(graph::PlanMerge(*repository_, sides, working, footprint, &plan));
    answer->outcome = OutcomeOf(plan.outcome);
    if (!working.is_merge() || request.is_dry_run) return Status::Ok();
    return repository_->commits().FileHead(request.source, *sides.source->run());
  };
  Status status;
  if (request.is_dry_run) {
    OG_RETURN_IF_ERROR(graph::RequireHead(request.conditions.expected_commit, target->commit().id,
                                          request.target));
    graph::WorkingGraph working(target, &repository_->pool());
    graph::Footprint footprint;
    status = write.plan(working, &footprint);
  } else {
    auto commit = repository_->Writer(request.target)->Write(std::move(write));
    if (commit.ok() && *commit) answer->commit = RecordOf(**commit);
    status = std::move(commit).status();
  }
  if (status.ok()) return Status::Ok();
  if (plan.conflicts.empty()) return status;
  answer->outcome = OutcomeOf(plan.outcome);
  TakeConflicts(std::move(plan.conflicts), answer);
  return Status::Ok();
}

}  // namespace omnigraph::engine
