// Tags and reverts of `LocalGraph`.

#include <algorithm>

#include "engine/local_graph.h"
#include "engine/request_keys.h"
#include "engine/versions.h"
#include "history/branch_name.h"
#include "history/tags.h"

namespace omnigraph::engine {
namespace {

// What `working`, after `Restore`, changes in its base.
void CompareTables(const graph::WorkingGraph& working, RevertAnswer* answer) {
  answer->tables.clear();
  if (working.new_schema() == nullptr) return;
  const format::Commit& base = working.base().commit();
  const graph::NewSchema& next = *working.new_schema();
  for (const format::TableState& after : next.tables) {
    const format::TableState* const before = base.FindTable(after.table_key);
    if (before != nullptr && before->table_version == after.table_version) continue;
    answer->tables.push_back(
        {after.table_key, before == nullptr ? 0 : before->rows_count, after.rows_count});
  }
  for (const format::TableState& before : base.tables) {
    const bool stays = std::any_of(
        next.tables.begin(), next.tables.end(),
        [&](const format::TableState& after) { return after.table_key == before.table_key; });
    if (!stays) answer->tables.push_back({before.table_key, before.rows_count, 0});
  }
  std::sort(answer->tables.begin(), answer->tables.end(),
            [](const auto& a, const auto& b) { return a.table_key < b.table_key; });
}

Tag TagOf(std::string name, const format::TagRecord& record, const format::Commit& commit) {
  Tag tag;
  tag.name = std::move(name);
  tag.graph_commit_id = record.commit_id;
  tag.manifest_branch = commit.branch;
  tag.actor_id = record.actor;
  tag.created_at = record.created_at_micros;
  return tag;
}

}  // namespace

Result<std::vector<Tag>> LocalGraph::ListTags(const Caller&) {
  history::CommitStore& commits = repository_->commits();
  OG_ASSIGN_OR_RETURN(std::vector<history::NamedTag> named, history::ListTags(commits.store()));
  std::vector<Tag> tags;
  for (history::NamedTag& tag : named) {
    OG_ASSIGN_OR_RETURN(const history::StoredCommit target,
                        commits.FindCommit(tag.record.commit_id, history::kMainBranch));
    tags.push_back(TagOf(std::move(tag.name), tag.record, target.commit()));
  }
  return tags;
}

Result<Tag> LocalGraph::CreateTag(const Caller& caller, const TagRequest& request) {
  OG_ASSIGN_OR_RETURN(const std::string name, history::CheckTagName(request.name));
  OG_ASSIGN_OR_RETURN(const std::string from, history::CheckBranchName(request.from));
  OG_RETURN_IF_ERROR(RequireWritable("tag create"));
  OG_ASSIGN_OR_RETURN(const StartingPoint start, ResolveStart(caller, from, name));
  OG_ASSIGN_OR_RETURN(const graph::HeldCommit held, repository_->HoldCommit(start.commit_id));
  history::CommitStore& commits = repository_->commits();
  OG_RETURN_IF_ERROR(commits.FileCommit(held.stored));
  format::TagRecord record;
  record.commit_id = start.commit_id;
  record.actor = caller.actor;
  record.created_at_micros = Clock::System().NowMicros();
  OG_RETURN_IF_ERROR(history::CreateTag(commits.store(), name, record));
  // A cleanup that had looked at the tags before may have taken the rows away since.
  const auto checked = repository_->HoldCommit(start.commit_id);
  if (!checked.ok() && checked.status().code() == ErrorCode::kNotFound) {
    OG_RETURN_IF_ERROR(history::DeleteTag(commits.store(), name));
    return checked.status();
  }
  return TagOf(name, record, held.stored.commit());
}

Status LocalGraph::DeleteTag(const Caller& caller, std::string_view name) {
  OG_ASSIGN_OR_RETURN(const std::string tag, history::CheckTagName(name));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kBranchDelete, std::nullopt, tag));
  OG_RETURN_IF_ERROR(RequireWritable("tag delete"));
  return history::DeleteTag(repository_->commits().store(), tag);
}

Result<RevertAnswer> LocalGraph::Revert(const Caller& caller, const RevertRequest& request) {
  OG_ASSIGN_OR_RETURN(const std::string branch, history::CheckBranchName(request.branch));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kChange, branch, std::nullopt));
  if (!request.is_dry_run) OG_RETURN_IF_ERROR(RequireWritable("revert"));
  OG_RETURN_IF_ERROR(CheckConditions(request.conditions));
  RevertAnswer answer;
  answer.branch = branch;
  graph::WriteRequest write =
      WriteOf(caller, format::Operation::kRevert, request.conditions, {"revert", request.to});
  write.answer = [&] { return EncodeAnswer(answer); };
  write.replay = [&](const format::Commit& made) { return DecodeAnswer(made, &answer); };
  if (!request.is_dry_run) {
    // Its tag may be gone, or name another commit.
    OG_ASSIGN_OR_RETURN(const auto made, FindMade(branch, write.key));
    if (made) {
      answer.commit = RecordOf(*made);
      OG_RETURN_IF_ERROR(write.replay(*made));
      return answer;
    }
  }
  OG_ASSIGN_OR_RETURN(const SnapshotPtr head, repository_->Head(branch));
  std::optional<graph::HeldCommit> held;
  std::string commit_id = request.to;
  if (!request.is_dry_run) {
    OG_ASSIGN_OR_RETURN(held, repository_->HoldCommit(request.to));
    commit_id = held->stored.commit().id;
  }
  OG_ASSIGN_OR_RETURN(const SnapshotPtr past, repository_->AtCommit(commit_id));
  write.plan = [&](graph::WorkingGraph& working, graph::Footprint* footprint) {
    answer.is_replayed = false;
    return PlanRevert(*past, working, footprint, &answer);
  };
  if (request.is_dry_run) {
    OG_RETURN_IF_ERROR(
        graph::RequireHead(request.conditions.expected_commit, head->commit().id, branch));
    graph::WorkingGraph working(head, &repository_->pool());
    graph::Footprint footprint;
    OG_RETURN_IF_ERROR(write.plan(working, &footprint));
    return answer;
  }
  OG_ASSIGN_OR_RETURN(const auto commit, repository_->Writer(branch)->Write(std::move(write)));
  if (commit) answer.commit = RecordOf(*commit);
  return answer;
}

Status LocalGraph::PlanRevert(const graph::Snapshot& past, graph::WorkingGraph& working,
                              graph::Footprint* footprint, RevertAnswer* answer) {
  const graph::Snapshot& base = working.base();
  answer->reverted_to = past.commit().id;
  history::CommitStore& commits = repository_->commits();
  const history::StoredCommit head{base.run(), base.index()};
  OG_ASSIGN_OR_RETURN(const bool is_earlier, commits.LeadsTo({head}, past.commit()));
  if (!is_earlier) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "cannot revert branch '" + answer->branch + "' to commit '" +
                             past.commit().id +
                             "': it is not in the history of the branch; `omnigraph commit list` "
                             "shows what is");
  }
  answer->changes_schema = past.schema()->source_digest != base.schema()->source_digest;
  if (answer->changes_schema) {
    OG_RETURN_IF_ERROR(RequireOnlyMain(commits, "a revert across a schema change"));
  }
  for (const format::TableState& state : base.commit().tables)
    footprint->tables.push_back(state.table_key);
  // What somebody wrote meanwhile must not vanish unseen.
  footprint->strict_tables = footprint->tables;
  OG_RETURN_IF_ERROR(working.Restore(past));
  CompareTables(working, answer);
  return Status::Ok();
}

}  // namespace omnigraph::engine
