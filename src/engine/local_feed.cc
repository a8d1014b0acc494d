// The change feed of a branch, and the baselines that consumers start from (engine/local_graph.h).

#include <algorithm>

#include "base/json_writer.h"
#include "base/strings.h"
#include "engine/change_entries.h"
#include "engine/change_token.h"
#include "engine/changes.h"
#include "engine/local_graph.h"
#include "history/branch_name.h"

namespace omnigraph::engine {
namespace {

constexpr std::size_t kBlocksPerPageMax = 256;
constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::string_view kAfter = "after:";

// Where a poll stands in the history of its branch.
struct FeedPosition {
  std::string commit_id;  ///< The last commit that was told as a whole.
  std::uint64_t version = 0;
  std::optional<graph::DiffPosition> within;  ///< The last change told of the next commit.
};

TokenSubject SubjectOf(const std::string& graph_id, const std::string& branch,
                       const history::BranchHead& head, const ChangeFilter& filter) {
  return {graph_id, branch, head.run->branch_incarnation, FilterDigest(filter)};
}

std::string TokenAt(TokenUse use, const TokenSubject& subject, const FeedPosition& position) {
  return EncodeToken({use, subject, position.commit_id, position.version, position.within});
}

// The ids of the commits behind a position on the way to the head, oldest first; none if the
// position is not in the history of the head. A position without a commit becomes the oldest one.
Result<std::optional<std::vector<std::string>>> CommitsAfter(history::CommitStore& commits,
                                                             const history::BranchHead& head,
                                                             FeedPosition* position) {
  std::vector<std::string> chain;
  history::StoredCommit at{head.run, head.run->commits.size() - 1};
  while (at.commit().id != position->commit_id) {
    const std::optional<std::string> parent = at.commit().parent;
    if (!parent && position->commit_id.empty()) {
      position->commit_id = at.commit().id;
      position->version = at.commit().version;
      break;
    }
    if (!parent || at.commit().version <= position->version) {
      return std::optional<std::vector<std::string>>();
    }
    chain.push_back(at.commit().id);
    if (at.index > 0 && at.run->commits[at.index - 1].id == *parent) {
      --at.index;
      continue;
    }
    const std::string branch = BranchOf(at.commit());
    OG_ASSIGN_OR_RETURN(at, commits.FindCommit(*parent, branch));
  }
  std::reverse(chain.begin(), chain.end());
  return std::optional(std::move(chain));
}

Status CheckStarts(const ChangeFeedRequest& request) {
  const int count = (request.cursor.empty() ? 0 : 1) + (request.page_token.empty() ? 0 : 1) +
                    (request.start.empty() ? 0 : 1);
  if (count <= 1) return Status::Ok();
  return Status::Error(ErrorCode::kInvalidArgument,
                       "a poll takes one of cursor, page_token and start");
}

// What `start` means.
Result<FeedPosition> StartOf(history::CommitStore& commits, const history::BranchHead& head,
                             const std::string& branch, std::string_view start) {
  const format::Commit& newest = head.commit();
  if (start.empty() || start == "now") {
    return FeedPosition{newest.id, newest.version, std::nullopt};
  }
  if (start == "beginning") return FeedPosition();
  if (start.starts_with(kAfter)) {
    OG_ASSIGN_OR_RETURN(const history::StoredCommit stored,
                        commits.FindCommit(start.substr(kAfter.size()), branch));
    return FeedPosition{stored.commit().id, stored.commit().version, std::nullopt};
  }
  return Status::Error(
      ErrorCode::kInvalidArgument,
      "start " + Quoted(Abbreviate(start)) + " is none of: now, beginning, after:<commit id>");
}

// One poll: from a position as far as one page goes.
class Poll {
 public:
  Poll(graph::Repository& repository, const Caller& caller, const ChangeFeedRequest& request,
       TokenSubject subject)
      : repository_(repository), caller_(caller), request_(request), subject_(std::move(subject)) {}

  Result<ChangeFeedAnswer> Run(const std::vector<std::string>& commit_ids, FeedPosition position) {
    std::uint64_t left = request_.limit;
    for (const std::string& id : commit_ids) {
      if (left == 0 || answer_.blocks.size() >= kBlocksPerPageMax) return Finish(position, false);
      OG_ASSIGN_OR_RETURN(const history::StoredCommit stored,
                          repository_.commits().FindCommit(id, subject_.branch));
      const format::Commit& commit = stored.commit();
      ChangeBlock block{CauseOf(commit), {}};
      const Result<bool> read = ReadBlock(commit, left, &position.within, &block.changes);
      if (!read.ok()) return Break(read.status(), position);
      left -= block.changes.size();
      answer_.blocks.push_back(std::move(block));
      if (!*read) {
        answer_.next_page_token = TokenAt(TokenUse::kFeedPage, subject_, position);
        return std::move(answer_);
      }
      position = {commit.id, commit.version, std::nullopt};
    }
    return Finish(position, true);
  }

 private:
  // Whether all changes of the commit behind `*within` were taken.
  Result<bool> ReadBlock(const format::Commit& commit, std::uint64_t limit,
                         std::optional<graph::DiffPosition>* within,
                         std::vector<EntityChange>* changes) {
    for (const std::string& id : {*commit.parent, commit.id}) {
      auto snapshot = repository_.AtCommit(id);
      if (!snapshot.ok()) {
        unreadable_ = id;
        return std::move(snapshot).status();
      }
      before_ = std::exchange(after_, *std::move(snapshot));
    }
    unreadable_ = *commit.parent;
    return CollectChanges(caller_, {*before_, *after_, request_.filter, limit}, within, changes);
  }

  // Rows that are gone end a page that has something, and are a gap for the next one.
  Result<ChangeFeedAnswer> Break(const Status& status, const FeedPosition& position) {
    if (status.code() != ErrorCode::kNotFound) return status;
    if (!answer_.blocks.empty()) return Finish(position, false);
    answer_.gap = ChangeFeedGap{
        request_.cursor, unreadable_,
        "the change feed of branch '" + subject_.branch + "' has a gap: the rows of commit '" +
            unreadable_ + "' were cleaned up; capture a new baseline and go on from its cursor"};
    return std::move(answer_);
  }

  Result<ChangeFeedAnswer> Finish(const FeedPosition& position, bool is_caught_up) {
    answer_.cursor =
        TokenAt(TokenUse::kCursor, subject_, {position.commit_id, position.version, std::nullopt});
    answer_.is_caught_up = is_caught_up;
    return std::move(answer_);
  }

  graph::Repository& repository_;
  const Caller& caller_;
  const ChangeFeedRequest& request_;
  const TokenSubject subject_;
  std::shared_ptr<const graph::Snapshot> before_;
  std::shared_ptr<const graph::Snapshot> after_;
  std::string unreadable_;
  ChangeFeedAnswer answer_;
};

// Writes entities as lines, in pieces.
class BaselineWriter {
 public:
  BaselineWriter(const Caller& caller, const BaselineRequest& request)
      : caller_(caller), request_(request) {}

  Result<bool> Take(const graph::RowDifference& row) {
    const schema::TableType& type = row.table.type();
    JsonWriter json(lines_);
    json.BeginObject().Key("kind").String(graph::RowKindName(graph::KindOf(type)));
    json.Key("type").BeginObject().Key("id").String(std::to_string(type.id));
    json.Key("name").String(type.name).EndObject().Key("id").String(row.id);
    std::string image;
    OG_RETURN_IF_ERROR(graph::AppendImage(row.after, image));
    json.Key("image").Raw(image).EndObject();
    lines_ += '\n';
    if (lines_.size() >= kPieceBytes) OG_RETURN_IF_ERROR(Flush());
    return true;
  }

  Status Finish(const BaselineAnswer& answer) {
    lines_ += "{\"baseline\":";
    AppendJson(answer, lines_);
    lines_ += "}\n";
    return Flush();
  }

 private:
  Status Flush() {
    OG_RETURN_IF_ERROR(CheckPresence(caller_));
    OG_RETURN_IF_ERROR(request_.write(lines_));
    lines_.clear();
    return Status::Ok();
  }

  const Caller& caller_;
  const BaselineRequest& request_;
  std::string lines_;
};

}  // namespace

Result<ChangeFeedAnswer> LocalGraph::PollChanges(const Caller& caller,
                                                 const ChangeFeedRequest& request) {
  OG_ASSIGN_OR_RETURN(const std::string branch, history::CheckBranchName(request.branch));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kRead, branch, std::nullopt));
  OG_RETURN_IF_ERROR(CheckPageSize(request.limit));
  OG_RETURN_IF_ERROR(CheckStarts(request));
  history::CommitStore& commits = repository_->commits();
  OG_ASSIGN_OR_RETURN(const history::BranchHead head, commits.ReadHead(branch));
  const TokenSubject subject = SubjectOf(repository_->graph_id(), branch, head, request.filter);
  FeedPosition position;
  const bool has_cursor = !request.cursor.empty();
  if (has_cursor || !request.page_token.empty()) {
    OG_ASSIGN_OR_RETURN(const ChangeToken token,
                        has_cursor ? DecodeToken(request.cursor, TokenUse::kCursor, subject)
                                   : DecodeToken(request.page_token, TokenUse::kFeedPage, subject));
    position = {token.commit_id, token.version, token.position};
  } else {
    OG_ASSIGN_OR_RETURN(position, StartOf(commits, head, branch, request.start));
  }
  OG_ASSIGN_OR_RETURN(const auto chain, CommitsAfter(commits, head, &position));
  if (!chain) {
    const std::string why =
        "commit '" + position.commit_id + "' is not in the history of branch '" + branch + "'";
    if (request.start.empty()) return RejectToken(why);
    return Status::Error(ErrorCode::kNotFound, why);
  }
  return Poll(*repository_, caller, request, subject).Run(*chain, std::move(position));
}

Result<BaselineAnswer> LocalGraph::CaptureBaseline(const Caller& caller,
                                                   const BaselineRequest& request) {
  OG_ASSIGN_OR_RETURN(const std::string branch, history::CheckBranchName(request.branch));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kExport, branch, std::nullopt));
  OG_ASSIGN_OR_RETURN(const history::BranchHead head, repository_->commits().ReadHead(branch));
  OG_ASSIGN_OR_RETURN(const SnapshotPtr snapshot, repository_->AtCommit(head.commit().id));
  if (request.on_start) OG_RETURN_IF_ERROR(request.on_start());
  graph::DiffOptions options = OptionsOf(caller, request.filter, graph::DiffOrder::kTypeIdentity);
  // Every entity is there once, however it came to be.
  options.filter.operations.clear();
  BaselineWriter writer(caller, request);
  OG_RETURN_IF_ERROR(graph::VisitAllRows(
      *snapshot, options, [&writer](const graph::RowDifference& row) { return writer.Take(row); }));
  BaselineAnswer answer;
  answer.snapshot_commit_id = head.commit().id;
  answer.resume_cursor =
      TokenAt(TokenUse::kCursor, SubjectOf(repository_->graph_id(), branch, head, request.filter),
              {head.commit().id, head.commit().version, std::nullopt});
  OG_RETURN_IF_ERROR(writer.Finish(answer));
  return answer;
}

}  // namespace omnigraph::engine
