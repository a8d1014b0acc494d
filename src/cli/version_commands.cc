// tag and revert.

#include <string>
#include <utility>

#include "base/strings.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/version_views.h"
#include "cli/write_conditions.h"

namespace omnigraph::cli {
namespace {

Result<int> Printed(const Status& status) {
  if (!status.ok()) return status;
  return 0;
}

}  // namespace

Result<engine::WriteConditions> ConditionsOf(const CommandLine& line) {
  engine::WriteConditions conditions;
  for (const auto& [option, value] : {std::pair("if-commit", &conditions.expected_commit),
                                      std::pair("idempotency-key", &conditions.idempotency_key)}) {
    const auto given = line.Find(option);
    if (!given) continue;
    *value = TrimSpace(*given);
    if (!value->empty()) continue;
    return Status::Error(ErrorCode::kInvalidArgument,
                         "--" + std::string(option) +
                             " is blank, perhaps for a variable that is not set; nothing was "
                             "written, leave it out to write without");
  }
  return conditions;
}

Result<int> RunTagCreate(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kWrite));
  engine::TagRequest request;
  request.name = TrimSpace(line.Get("NAME"));
  if (const auto from = line.Find("start")) {
    request.from = TrimSpace(*from);
  } else {
    OG_ASSIGN_OR_RETURN(request.from, invocation.Branch());
  }
  OG_ASSIGN_OR_RETURN(engine::Tag tag, opened.graph->CreateTag(opened.caller, request));
  return Printed(invocation.Print(TagCreatedView{std::move(tag)}));
}

Result<int> RunTagList(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  TagListView view;
  OG_ASSIGN_OR_RETURN(view.tags, opened.graph->ListTags(opened.caller));
  return Printed(invocation.Print(view));
}

Result<int> RunTagDelete(Invocation& invocation) {
  const std::string name(TrimSpace(invocation.line().Get("NAME")));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kWrite));
  OG_RETURN_IF_ERROR(opened.graph->DeleteTag(opened.caller, name));
  return Printed(invocation.Print(TagDeletedView{opened.WrittenUri(), name, opened.Writer()}));
}

Result<int> RunRevert(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kWrite));
  engine::RevertRequest request;
  request.branch = TrimSpace(line.Get("BRANCH"));
  request.to = TrimSpace(line.Get("to"));
  request.is_dry_run = line.Has("dry-run");
  OG_ASSIGN_OR_RETURN(request.conditions, ConditionsOf(line));
  OG_ASSIGN_OR_RETURN(const auto answer, opened.graph->Revert(opened.caller, request));
  return Printed(invocation.Print(RevertView{answer, request.is_dry_run, opened.Writer()}));
}

}  // namespace omnigraph::cli
