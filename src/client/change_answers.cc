// Adapter between the documents of diffs and change feeds and the engine's structures.

#include "client/change_answers.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "client/json_slices.h"

namespace omnigraph::client {
namespace {

using Json = nlohmann::json;

// The members of an object as they are spelt.
using Slices = std::map<std::string, std::string_view, std::less<>>;

Status Unexpected(std::string_view what) {
  return Status::Error(ErrorCode::kInternal,
                       "the server's answer cannot be read: " + std::string(what) +
                           "; is this the address of an OmniGraph graph?");
}

Result<Slices> Cut(std::string_view json, std::initializer_list<std::string_view> required) {
  const auto members = CutObject(json);
  if (!members.ok()) return Unexpected("it is no JSON object");
  Slices slices;
  for (const JsonMember& member : *members)
    slices.emplace(member.key, member.json);
  for (const std::string_view key : required) {
    if (!slices.contains(key)) return Unexpected("'" + std::string(key) + "' is missing");
  }
  return slices;
}

std::string_view SliceOf(const Slices& slices, std::string_view key) {
  const auto found = slices.find(key);
  return found == slices.end() ? std::string_view() : found->second;
}

Json Parsed(std::string_view json) {
  return Json::parse(json.begin(), json.end(), nullptr, false);
}

std::string TextOf(const Slices& slices, std::string_view key) {
  const Json value = Parsed(SliceOf(slices, key));
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<std::string> OptionalTextOf(const Slices& slices, std::string_view key) {
  const Json value = Parsed(SliceOf(slices, key));
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

std::uint64_t CountOf(const Slices& slices, std::string_view key) {
  const Json value = Parsed(SliceOf(slices, key));
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

std::vector<std::string> TextsOf(const Slices& slices, std::string_view key) {
  std::vector<std::string> texts;
  const Json value = Parsed(SliceOf(slices, key));
  if (!value.is_array()) return texts;
  for (const Json& item : value) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

Status ReadKindAndOperation(const Slices& slices, engine::EntityKind* kind,
                            engine::ChangeOperation* operation) {
  const auto found_kind = engine::FindEntityKind(TextOf(slices, "kind"));
  const auto found_operation = engine::FindChangeOperation(TextOf(slices, "op"));
  if (!found_kind || !found_operation) return Unexpected("a change has no kind or no operation");
  *kind = *found_kind;
  *operation = *found_operation;
  return Status::Ok();
}

Result<engine::DiffChange> ReadDiffChange(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Slices slices, Cut(json, {"table_key", "type_name", "id"}));
  engine::DiffChange change;
  OG_RETURN_IF_ERROR(ReadKindAndOperation(slices, &change.kind, &change.operation));
  change.table_key = TextOf(slices, "table_key");
  change.type_name = TextOf(slices, "type_name");
  change.id = TextOf(slices, "id");
  change.manifest_version = CountOf(slices, "manifest_version");
  change.properties = TextsOf(slices, "properties");
  if (slices.contains("endpoints")) {
    OG_ASSIGN_OR_RETURN(const Slices ends, Cut(SliceOf(slices, "endpoints"), {"src", "dst"}));
    change.endpoints = {TextOf(ends, "src"), TextOf(ends, "dst")};
  }
  return change;
}

Result<engine::EntityChange> ReadEntityChange(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Slices slices, Cut(json, {"type", "id"}));
  engine::EntityChange change;
  OG_RETURN_IF_ERROR(ReadKindAndOperation(slices, &change.kind, &change.operation));
  OG_ASSIGN_OR_RETURN(const Slices type, Cut(SliceOf(slices, "type"), {"id", "name"}));
  change.type_id = TextOf(type, "id");
  change.type_name = TextOf(type, "name");
  change.id = TextOf(slices, "id");
  change.before_json = SliceOf(slices, "before");
  change.after_json = SliceOf(slices, "after");
  return change;
}

Result<engine::ChangeBlock> ReadBlock(const Slices& slices) {
  OG_ASSIGN_OR_RETURN(const Slices cause, Cut(SliceOf(slices, "cause"), {"graph_commit_id"}));
  engine::ChangeBlock block;
  block.cause.graph_commit_id = TextOf(cause, "graph_commit_id");
  block.cause.parent_commit_id = OptionalTextOf(cause, "parent_commit_id");
  block.cause.merged_parent_commit_id = OptionalTextOf(cause, "merged_parent_commit_id");
  block.cause.authored_branch = TextOf(cause, "authored_branch");
  block.cause.actor_id = OptionalTextOf(cause, "actor_id");
  block.cause.authored_at = static_cast<std::int64_t>(CountOf(cause, "authored_at"));
  const auto changes = CutArray(SliceOf(slices, "changes"));
  if (!changes.ok()) return Unexpected("'changes' is no array");
  for (const std::string_view json : *changes) {
    OG_ASSIGN_OR_RETURN(engine::EntityChange change, ReadEntityChange(json));
    block.changes.push_back(std::move(change));
  }
  return block;
}

}  // namespace

Result<engine::DiffStats> ReadDiff(std::string_view json, const engine::DiffRequest& request) {
  OG_ASSIGN_OR_RETURN(const Slices slices, Cut(json, {"from_commit_id", "changes", "stats"}));
  engine::DiffHead head;
  head.from_version = CountOf(slices, "from_version");
  head.to_version = CountOf(slices, "to_version");
  head.from_commit_id = TextOf(slices, "from_commit_id");
  head.to_commit_id = TextOf(slices, "to_commit_id");
  head.branch = OptionalTextOf(slices, "branch");
  if (request.on_start) OG_RETURN_IF_ERROR(request.on_start(head));
  const auto changes = CutArray(SliceOf(slices, "changes"));
  if (!changes.ok()) return Unexpected("'changes' is no array");
  for (const std::string_view item : *changes) {
    OG_ASSIGN_OR_RETURN(const engine::DiffChange change, ReadDiffChange(item));
    OG_RETURN_IF_ERROR(request.on_change(change));
  }
  OG_ASSIGN_OR_RETURN(const Slices counts, Cut(SliceOf(slices, "stats"), {}));
  return engine::DiffStats{CountOf(counts, "inserts"), CountOf(counts, "updates"),
                           CountOf(counts, "deletes"), TextsOf(counts, "types_affected")};
}

Result<engine::CommitChangesAnswer> ReadCommitChanges(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Slices slices, Cut(json, {"cause", "changes"}));
  engine::CommitChangesAnswer answer;
  OG_ASSIGN_OR_RETURN(answer.block, ReadBlock(slices));
  answer.next_page_token = TextOf(slices, "next_page_token");
  return answer;
}

Result<engine::ChangeFeedAnswer> ReadChangeFeed(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Slices slices, Cut(json, {"blocks"}));
  engine::ChangeFeedAnswer answer;
  const auto blocks = CutArray(SliceOf(slices, "blocks"));
  if (!blocks.ok()) return Unexpected("'blocks' is no array");
  for (const std::string_view item : *blocks) {
    OG_ASSIGN_OR_RETURN(const Slices members, Cut(item, {"cause", "changes"}));
    OG_ASSIGN_OR_RETURN(engine::ChangeBlock block, ReadBlock(members));
    answer.blocks.push_back(std::move(block));
  }
  answer.next_page_token = TextOf(slices, "next_page_token");
  answer.cursor = TextOf(slices, "cursor");
  answer.is_caught_up = SliceOf(slices, "caught_up") == "true";
  if (answer.next_page_token.empty() && answer.cursor.empty()) {
    return Unexpected("a page has neither a token nor a cursor");
  }
  return answer;
}

Result<engine::BaselineAnswer> ReadBaselineEnd(std::string_view line) {
  const Status cut = Status::Error(ErrorCode::kUnavailable,
                                   "the baseline broke off: its last record is missing; try again");
  const auto record = Cut(line, {"baseline"});
  if (!record.ok()) return cut;
  OG_ASSIGN_OR_RETURN(const Slices slices,
                      Cut(SliceOf(*record, "baseline"), {"snapshot_commit_id", "resume_cursor"}));
  return engine::BaselineAnswer{TextOf(slices, "snapshot_commit_id"),
                                TextOf(slices, "resume_cursor")};
}

std::optional<engine::CommitChangesAnswer> ReadDiffRefusal(std::string_view json) {
  const auto slices = Cut(json, {"error", "change_diff_refusal"});
  if (!slices.ok()) return std::nullopt;
  const auto details = Cut(SliceOf(*slices, "change_diff_refusal"), {"reason"});
  if (!details.ok()) return std::nullopt;
  engine::CommitChangesAnswer answer;
  answer.refusal = engine::FindDiffRefusal(TextOf(*details, "reason"));
  answer.refusal_text = TextOf(*slices, "error");
  if (!answer.refusal) return std::nullopt;
  return answer;
}

std::optional<engine::ChangeFeedGap> ReadChangeFeedGap(std::string_view json) {
  const auto slices = Cut(json, {"error", "change_feed_gap"});
  if (!slices.ok()) return std::nullopt;
  const auto details = Cut(SliceOf(*slices, "change_feed_gap"), {"first_unreadable_commit_id"});
  if (!details.ok()) return std::nullopt;
  return engine::ChangeFeedGap{TextOf(*details, "cursor"),
                               TextOf(*details, "first_unreadable_commit_id"),
                               TextOf(*slices, "error")};
}

}  // namespace omnigraph::client
