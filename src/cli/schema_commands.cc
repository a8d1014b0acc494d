// schema show, schema plan and schema apply.

#include <utility>

#include "base/json_writer.h"
#include "base/strings.h"
#include "cli/files.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/stored_queries.h"
#include "cluster/machine.h"
#include "cluster/serving.h"
#include "schema/compile.h"
#include "schema/diagram.h"

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

// The members of the canonical form, behind the source and its digests.
void AppendCanonicalJson(const engine::SchemaAnswer& answer, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("schema_source").String(answer.source);
  json.Key("source_digest").String(answer.source_digest).Key("semantic_hash").String(answer.digest);
  json.Key("schema").Raw(answer.canonical_json).EndObject();
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

// `--backfill Type.property=JSON`, as often as it was given.
Result<std::map<std::string, std::string>> ReadBackfills(const CommandLine& line) {
  std::map<std::string, std::string> backfills;
  for (const std::string& given : line.All("backfill")) {
    const std::size_t equals = given.find('=');
    const std::string name(TrimSpace(std::string_view(given).substr(0, equals)));
    if (equals == std::string::npos || name.find('.') == std::string::npos) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "--backfill " + Quoted(given) +
                               " is not of the form Type.property=JSON, for example "
                               "'Person.country=\"nl\"'");
    }
    if (!backfills.emplace(name, given.substr(equals + 1)).second) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "--backfill names " + Quoted(name) + " twice");
    }
  }
  return backfills;
}

// What plan and apply share. `text` must outlive the request.
Result<engine::SchemaChangeRequest> RequestOf(const CommandLine& line, const std::string& text) {
  engine::SchemaChangeRequest request;
  request.source = text;
  request.allow_data_loss = line.Has("allow-data-loss");
  OG_ASSIGN_OR_RETURN(request.backfills, ReadBackfills(line));
  return request;
}

// Changes that bypass the cluster are allowed, and are drift.
void WarnAboutCluster(Invocation& invocation, const GraphAddress& address) {
  if (address.is_remote) return;
  const auto root = cluster::FindClusterAround(cluster::SystemMachine(), address.uri);
  if (!root) return;
  invocation.Warn("this graph belongs to the cluster at " + Quoted(*root) +
                  ": its schema is declared in the cluster's config folder and changed with "
                  "`cluster apply`. What is applied here is drift, which `cluster refresh` reports "
                  "and the next `cluster apply` undoes");
}

}  // namespace

Result<int> RunSchemaShow(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  engine::ReadTarget target;
  target.snapshot = line.Find("snapshot").value_or("");
  OG_ASSIGN_OR_RETURN(auto answer, opened.graph->Schema(opened.caller, target));
  const std::string format = line.Find("schema-format").value_or("pg");
  if (format == "mermaid") {
    OG_RETURN_IF_ERROR(invocation.console().Write(schema::MermaidDiagram(*answer.catalog)));
  } else if (format == "json") {
    std::string json;
    AppendCanonicalJson(answer, json);
    OG_RETURN_IF_ERROR(invocation.console().Write(LayOutJson(json)));
  } else {
    OG_RETURN_IF_ERROR(invocation.Print(SchemaView{std::move(answer.source)}));
  }
  return 0;
}

Result<int> RunSchemaPlan(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveStorageAddress(invocation));
  const std::string& path = line.Get("schema");
  OG_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  OG_ASSIGN_OR_RETURN(const engine::SchemaChangeRequest request, RequestOf(line, text));
  OG_RETURN_IF_ERROR(schema::CompileSchema(text, path).status());
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kRead));
  OG_ASSIGN_OR_RETURN(auto answer, opened.graph->PlanSchema(opened.caller, request));
  OG_RETURN_IF_ERROR(invocation.Print(ViewOf(std::move(answer), opened.uri)));
  return 0;
}

Result<int> RunSchemaApply(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  const std::string& path = line.Get("schema");
  OG_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  OG_ASSIGN_OR_RETURN(engine::SchemaChangeRequest request, RequestOf(line, text));
  OG_ASSIGN_OR_RETURN(const std::vector<StoredQuery> queries, ReadStoredQueries(invocation));
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveAddress(invocation));
  // Messages name the file; a server has its own idea of what a schema is.
  if (!address.is_remote) OG_RETURN_IF_ERROR(schema::CompileSchema(text, path).status());
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kWrite));
  WarnAboutCluster(invocation, address);
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
