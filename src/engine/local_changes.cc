// Diffs of two commits, and the changes of one (engine/local_graph.h).

#include <set>

#include "base/strings.h"
#include "engine/change_entries.h"
#include "engine/change_token.h"
#include "engine/changes.h"
#include "engine/local_graph.h"
#include "graph/diff.h"
#include "history/branch_name.h"

namespace omnigraph::engine {
namespace {

// Counts what passes, and hands it on.
class DiffTally {
 public:
  DiffTally(const Caller& caller, const DiffRequest& request)
      : caller_(caller), request_(request) {}

  Result<bool> Take(const graph::RowDifference& row) {
    if (++count_ % kRowsBetweenChecks == 0) OG_RETURN_IF_ERROR(CheckPresence(caller_));
    OG_ASSIGN_OR_RETURN(const DiffChange change, DiffChangeOf(row));
    switch (change.operation) {
      case ChangeOperation::kInsert:
        ++stats_.inserts;
        break;
      case ChangeOperation::kUpdate:
        ++stats_.updates;
        break;
      case ChangeOperation::kDelete:
        ++stats_.deletes;
        break;
    }
    types_.insert(change.type_name);
    OG_RETURN_IF_ERROR(request_.on_change(change));
    return true;
  }

  DiffStats Finish() {
    stats_.types_affected.assign(types_.begin(), types_.end());
    return std::move(stats_);
  }

 private:
  const Caller& caller_;
  const DiffRequest& request_;
  std::uint64_t count_ = 0;
  std::set<std::string> types_;
  DiffStats stats_;
};

// Whether two schemas differ at most in layout and comments.
bool HasSameMeaning(const schema::Schema& left, const schema::Schema& right) {
  return left.semantic_hash == right.semantic_hash && left.identity == right.identity;
}

}  // namespace

Result<LocalGraph::DiffEnd> LocalGraph::FindDiffEnd(const Caller& caller,
                                                    const std::string& given) {
  DiffEnd end;
  const Result<std::string> name = history::CheckBranchName(given);
  if (name.ok()) {
    auto head = repository_->Head(*name);
    if (head.ok()) {
      OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kRead, *name, std::nullopt));
      end.snapshot = *std::move(head);
      end.branch = *name;
      return end;
    }
    if (head.status().code() != ErrorCode::kNotFound) return std::move(head).status();
  }
  const std::string text(TrimSpace(given));
  const Result<CommitRecord> commit = ShowCommit(caller, text);
  if (!commit.ok()) {
    if (commit.status().code() != ErrorCode::kNotFound) return commit.status();
    return Status::Error(ErrorCode::kNotFound,
                         "'" + Abbreviate(text) +
                             "' not found: it is no branch, no tag and no "
                             "commit of this graph; see `omnigraph branch list` and `commit list`");
  }
  end.branch = commit->manifest_branch.value_or(std::string(history::kMainBranch));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kRead, end.branch, std::nullopt));
  OG_ASSIGN_OR_RETURN(end.snapshot, repository_->AtCommit(commit->graph_commit_id));
  return end;
}

Result<DiffStats> LocalGraph::Diff(const Caller& caller, const DiffRequest& request) {
  OG_ASSIGN_OR_RETURN(const DiffEnd from, FindDiffEnd(caller, request.from));
  OG_ASSIGN_OR_RETURN(const DiffEnd to, FindDiffEnd(caller, request.to));
  DiffHead head;
  head.from_version = from.snapshot->commit().version;
  head.to_version = to.snapshot->commit().version;
  head.from_commit_id = from.snapshot->commit().id;
  head.to_commit_id = to.snapshot->commit().id;
  if (from.branch == to.branch) head.branch = from.branch;
  if (request.on_start) OG_RETURN_IF_ERROR(request.on_start(head));
  DiffTally tally(caller, request);
  OG_RETURN_IF_ERROR(graph::VisitDifference(
      *from.snapshot, *to.snapshot, OptionsOf(caller, request.filter, graph::DiffOrder::kTableKey),
      [&tally](const graph::RowDifference& row) { return tally.Take(row); }));
  return tally.Finish();
}

Result<CommitChangesAnswer> LocalGraph::CommitChanges(const Caller& caller,
                                                      const CommitChangesRequest& request) {
  OG_RETURN_IF_ERROR(CheckPageSize(request.limit));
  const Result<CommitRecord> record = ShowCommit(caller, request.commit_id);
  if (!record.ok() && record.status().code() != ErrorCode::kNotFound) return record.status();
  if (!record.ok()) return CommitNotFound(request.commit_id);
  const std::string branch = record->manifest_branch.value_or(std::string(history::kMainBranch));
  const Status permitted = Permit(caller, policy::Action::kRead, branch, std::nullopt);
  if (!permitted.ok() && permitted.code() == ErrorCode::kPermissionDenied) {
    return CommitNotFound(request.commit_id);
  }
  OG_RETURN_IF_ERROR(permitted);
  OG_ASSIGN_OR_RETURN(const history::StoredCommit stored,
                      repository_->commits().FindCommit(record->graph_commit_id, branch));
  const format::Commit& commit = stored.commit();
  CommitChangesAnswer answer;
  answer.block.cause = CauseOf(commit);
  if (!commit.parent) {
    answer.refusal = DiffRefusal::kParentlessCommit;
    answer.refusal_text = "commit '" + commit.id +
                          "' is the first one of the graph: there is no commit before it to "
                          "compare with";
    return answer;
  }
  ChangeToken token;
  token.use = TokenUse::kCommitPage;
  token.subject = {repository_->graph_id(), "", "", FilterDigest(request.filter)};
  if (!request.page_token.empty()) {
    OG_ASSIGN_OR_RETURN(token, DecodeToken(request.page_token, token.use, token.subject));
    if (token.commit_id != commit.id) return RejectToken("it is of commit " + token.commit_id);
  }
  token.commit_id = commit.id;
  token.version = commit.version;
  OG_ASSIGN_OR_RETURN(const SnapshotPtr before, repository_->AtCommit(*commit.parent));
  OG_ASSIGN_OR_RETURN(const SnapshotPtr after, repository_->AtCommit(commit.id));
  if (!HasSameMeaning(*before->schema(), *after->schema())) {
    answer.refusal = DiffRefusal::kSchemaBoundary;
    answer.refusal_text = "commit '" + commit.id +
                          "' changed the schema, so images before and after it do not compare; "
                          "`omnigraph diff` compares the rows";
    return answer;
  }
  OG_ASSIGN_OR_RETURN(const bool is_complete,
                      CollectChanges(caller, {*before, *after, request.filter, request.limit},
                                     &token.position, &answer.block.changes));
  if (!is_complete) answer.next_page_token = EncodeToken(token);
  return answer;
}

}  // namespace omnigraph::engine
