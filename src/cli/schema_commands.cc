// schema plan and schema apply.

#include <utility>

#include "cli/files.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/stored_queries.h"
#include "schema/compile.h"

namespace omnigraph::cli {
namespace {

SchemaPlanView ViewOf(engine::SchemaChangeAnswer answer, std::string uri) {
  SchemaPlanView view;
  view.uri = std::move(uri);
  view.is_supported = answer.is_supported;
  for (engine::SchemaChangeAnswer::Step& step : answer.steps) {
    view.steps_json.push_back(std::move(step.json));
    view.steps_text.push_back(std::move(step.text));
  }
  return view;
}

// The first query that would not work with the new schema ends the change.
Status CheckRegistry(const std::vector<StoredQuery>& queries, const schema::Catalog& desired) {
  const StoredQueriesCheckView checked = CheckStoredQueries(queries, desired);
  if (checked.breakages.empty()) return Status::Ok();
  std::string text = "schema check of the stored queries failed:";
  for (const StoredQueriesCheckView::Remark& remark : checked.breakages)
    text += "\n  stored query '" + remark.query + "': " + remark.message;
  return Status::Error(ErrorCode::kInvalidArgument, std::move(text));
}

}  // namespace

Result<int> RunSchemaPlan(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveStorageAddress(invocation));
  const std::string& path = line.Get("schema");
  OG_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  OG_RETURN_IF_ERROR(schema::CompileSchema(text, path).status());
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kRead));
  engine::SchemaChangeRequest request;
  request.source = text;
  request.allow_data_loss = line.Has("allow-data-loss");
  OG_ASSIGN_OR_RETURN(auto answer, opened.graph->PlanSchema(opened.caller, request));
  OG_RETURN_IF_ERROR(invocation.Print(ViewOf(std::move(answer), opened.uri)));
  return 0;
}

Result<int> RunSchemaApply(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const std::string text, ReadFile(line.Get("schema")));
  OG_ASSIGN_OR_RETURN(const std::vector<StoredQuery> queries, ReadStoredQueries(invocation));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kWrite));
  engine::SchemaChangeRequest request;
  request.source = text;
  request.allow_data_loss = line.Has("allow-data-loss");
  if (!queries.empty()) {
    request.check_catalog = [&queries](const schema::Catalog& desired) {
      return CheckRegistry(queries, desired);
    };
  }
  OG_ASSIGN_OR_RETURN(auto answer, opened.graph->ApplySchema(opened.caller, request));
  SchemaApplyView view;
  view.is_applied = answer.is_applied;
  view.manifest_version = answer.manifest_version;
  view.plan = ViewOf(std::move(answer), opened.WrittenUri());
  OG_RETURN_IF_ERROR(invocation.Print(view));
  return 0;
}

}  // namespace omnigraph::cli
