// diff, commit changes, changes poll, changes baseline.

#include <string>
#include <utility>

#include "base/json_writer.h"
#include "base/strings.h"
#include "cli/change_views.h"
#include "cli/file_replacement.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "engine/changes.h"

namespace omnigraph::cli {
namespace {

Result<int> Printed(const Status& status) {
  if (!status.ok()) return status;
  return 0;
}

// `--kind`, `--type`, `--op`; the parser has checked the choices.
engine::ChangeFilter FilterOf(const CommandLine& line) {
  engine::ChangeFilter filter;
  for (const std::string& name : line.All("entity-kind")) {
    if (const auto kind = engine::FindEntityKind(name)) filter.kinds.push_back(*kind);
  }
  filter.type_names = line.All("type");
  for (const std::string& name : line.All("op")) {
    if (const auto found = engine::FindChangeOperation(name)) filter.operations.push_back(*found);
  }
  return filter;
}

// `--limit`: how many changes one request asks for.
Result<std::uint64_t> PageSizeOption(const CommandLine& line) {
  const auto limit = line.Find("page-size");
  if (!limit.has_value()) return engine::kChangesPageDefault;
  const auto number = ParseUint64(*limit);
  if (number && *number >= 1 && *number <= engine::kChangesPageMax) return *number;
  return Status::Error(ErrorCode::kInvalidArgument, "--limit takes a whole number from 1 to " +
                                                        std::to_string(engine::kChangesPageMax) +
                                                        ", and got " + Quoted(*limit));
}

// An error that programs read as a document and people as a message.
Result<int> Refuse(Invocation& invocation, const ChangeErrorView& view) {
  if (!invocation.wants_json()) return Status::Error(ErrorCode::kConflict, view.text);
  std::string out;
  AppendJson(view, out);
  OG_RETURN_IF_ERROR(invocation.console().Write(LayOutJson(out)));
  return 1;
}

Result<int> RefuseGap(Invocation& invocation, const engine::ChangeFeedGap& gap) {
  std::string details;
  JsonWriter json(details);
  json.BeginObject();
  if (!gap.cursor.empty()) json.Key("cursor").String(gap.cursor);
  json.Key("first_unreadable_commit_id").String(gap.first_unreadable_commit_id).EndObject();
  return Refuse(invocation, {gap.text, "change_feed_gap", details});
}

// Joins the pages of one poll; a commit that is cut by the end of a page is one block.
void Join(std::vector<engine::ChangeBlock> page, std::vector<engine::ChangeBlock>* blocks) {
  for (engine::ChangeBlock& block : page) {
    if (!blocks->empty() && blocks->back().cause.graph_commit_id == block.cause.graph_commit_id) {
      std::vector<engine::EntityChange>& changes = blocks->back().changes;
      changes.insert(changes.end(), std::make_move_iterator(block.changes.begin()),
                     std::make_move_iterator(block.changes.end()));
    } else {
      blocks->push_back(std::move(block));
    }
  }
}

}  // namespace

Result<int> RunDiff(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  DiffPrinter printer(invocation.console(), invocation.wants_json() ? DiffPrinter::Form::kJson
                                            : line.Has("stat")      ? DiffPrinter::Form::kStat
                                                                    : DiffPrinter::Form::kRows);
  engine::DiffRequest request;
  request.from = TrimSpace(line.Get("FROM"));
  request.to = TrimSpace(line.Get("TO"));
  request.filter = FilterOf(line);
  request.on_start = [&printer](const engine::DiffHead& head) { return printer.Start(head); };
  request.on_change = [&printer](const engine::DiffChange& change) { return printer.Add(change); };
  OG_ASSIGN_OR_RETURN(const engine::DiffStats stats, opened.graph->Diff(opened.caller, request));
  return Printed(printer.Finish(stats));
}

Result<int> RunCommitChanges(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  engine::CommitChangesRequest request;
  OG_ASSIGN_OR_RETURN(request.limit, PageSizeOption(line));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  request.commit_id = line.Get("COMMIT_ID");
  request.filter = FilterOf(line);
  request.page_token = line.Find("page-token").value_or("");
  std::vector<engine::ChangeBlock> blocks;
  do {
    OG_ASSIGN_OR_RETURN(engine::CommitChangesAnswer answer,
                        opened.graph->CommitChanges(opened.caller, request));
    if (answer.refusal) {
      std::string details;
      JsonWriter json(details);
      json.BeginObject().Key("reason").String(engine::DiffRefusalName(*answer.refusal));
      json.EndObject();
      return Refuse(invocation, {answer.refusal_text, "change_diff_refusal", details});
    }
    request.page_token = std::move(answer.next_page_token);
    std::vector<engine::ChangeBlock> page;
    page.push_back(std::move(answer.block));
    Join(std::move(page), &blocks);
  } while (!request.page_token.empty());
  return Printed(invocation.Print(CommitChangesView{std::move(blocks.front())}));
}

Result<int> RunChangesPoll(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  engine::ChangeFeedRequest request;
  OG_ASSIGN_OR_RETURN(request.limit, PageSizeOption(line));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  OG_ASSIGN_OR_RETURN(request.branch, invocation.Branch());
  request.cursor = line.Find("cursor").value_or("");
  request.start = line.Find("feed-start").value_or("");
  request.filter = FilterOf(line);
  ChangeFeedView view;
  while (true) {
    OG_ASSIGN_OR_RETURN(engine::ChangeFeedAnswer answer,
                        opened.graph->PollChanges(opened.caller, request));
    if (answer.gap) return RefuseGap(invocation, *answer.gap);
    Join(std::move(answer.blocks), &view.blocks);
    if (answer.next_page_token.empty()) {
      view.cursor = std::move(answer.cursor);
      view.is_caught_up = answer.is_caught_up;
      return Printed(invocation.Print(view));
    }
    request.cursor.clear();
    request.start.clear();
    request.page_token = std::move(answer.next_page_token);
  }
}

Result<int> RunChangesBaseline(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  const std::string& path = line.Get("out");
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  OG_ASSIGN_OR_RETURN(FileReplacement file, FileReplacement::Create(path));
  engine::BaselineRequest request;
  OG_ASSIGN_OR_RETURN(request.branch, invocation.Branch());
  request.filter = FilterOf(line);
  request.write = [&file](std::string_view lines) { return file.Write(lines); };
  OG_ASSIGN_OR_RETURN(const engine::BaselineAnswer answer,
                      opened.graph->CaptureBaseline(opened.caller, request));
  // A cursor without its baseline would lose everything before it.
  OG_RETURN_IF_ERROR(file.Commit());
  return Printed(invocation.Print(BaselineView{path, answer}));
}

}  // namespace omnigraph::cli
