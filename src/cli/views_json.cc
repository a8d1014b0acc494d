// The JSON documents of the commands.

#include "base/json_writer.h"
#include "cli/views.h"

namespace omnigraph::cli {
namespace {

void Member(JsonWriter& json, std::string_view key, const std::optional<std::string>& value) {
  json.Key(key);
  if (value.has_value()) {
    json.String(*value);
  } else {
    json.Null();
  }
}

void CommitMember(JsonWriter& json, const std::optional<engine::CommitRecord>& commit) {
  json.Key("commit");
  if (!commit.has_value()) {
    json.Null();
    return;
  }
  std::string record;
  engine::AppendJson(*commit, record);
  json.Raw(record);
}

void IgnoredMember(JsonWriter& json, const engine::LoadAnswer& answer) {
  if (answer.ignored.empty()) return;
  json.Key("ignored").BeginArray();
  for (const engine::LoadAnswer::Ignored& ignored : answer.ignored) {
    json.BeginObject().Key("type").String(ignored.type).Key("key").String(ignored.key);
    json.Key("count").Uint(ignored.count).EndObject();
  }
  json.EndArray();
}

// What goes beyond the counts: always with a receipt, else only if it says something.
void ReceiptMembers(JsonWriter& json, const engine::LoadAnswer& answer, bool has_receipt) {
  if (has_receipt || answer.edges_removed > 0) json.Key("edges_removed").Uint(answer.edges_removed);
  IgnoredMember(json, answer);
  if (has_receipt) CommitMember(json, answer.commit);
  if (answer.is_replayed) json.Key("replayed").Bool(true);
}

void RemarksMember(JsonWriter& json, std::string_view key,
                   const std::vector<StoredQueriesCheckView::Remark>& remarks) {
  json.Key(key).BeginArray();
  for (const StoredQueriesCheckView::Remark& remark : remarks) {
    json.BeginObject().Key("query").String(remark.query);
    json.Key("message").String(remark.message).EndObject();
  }
  json.EndArray();
}

}  // namespace

void AppendJson(const MutationView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("branch").String(view.answer.branch);
  json.Key("query_name").String(view.answer.query_name);
  json.Key("affected_nodes").Uint(view.answer.affected_nodes);
  json.Key("affected_edges").Uint(view.answer.affected_edges);
  Member(json, "actor_id", view.actor);
  if (view.has_receipt) CommitMember(json, view.answer.commit);
  if (view.answer.is_replayed) json.Key("replayed").Bool(true);
  json.EndObject();
}

void AppendJson(const LoadView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri).Key("branch").String(view.answer.branch);
  json.Key("mode").String(engine::LoadModeName(view.answer.mode));
  if (view.base_branch.has_value()) json.Key("base_branch").String(*view.base_branch);
  json.Key("branch_created").Bool(view.answer.branch_created);
  json.Key("nodes_loaded").Uint(view.answer.nodes_loaded);
  json.Key("edges_loaded").Uint(view.answer.edges_loaded);
  json.Key("node_types_loaded").Uint(view.answer.node_types_loaded);
  json.Key("edge_types_loaded").Uint(view.answer.edge_types_loaded);
  ReceiptMembers(json, view.answer, view.has_receipt);
  json.EndObject();
}

void AppendJson(const IngestView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri).Key("branch").String(view.answer.branch);
  Member(json, "base_branch", view.base_branch);
  json.Key("branch_created").Bool(view.answer.branch_created);
  json.Key("mode").String(engine::LoadModeName(view.answer.mode)).Key("tables").BeginArray();
  for (const engine::LoadAnswer::Table& table : view.answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("rows_loaded").Uint(table.rows_loaded).EndObject();
  }
  json.EndArray();
  Member(json, "actor_id", view.actor);
  ReceiptMembers(json, view.answer, view.has_receipt);
  json.EndObject();
}

void AppendJson(const BranchCreatedView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri).Key("from").String(view.from);
  json.Key("name").String(view.name);
  Member(json, "actor_id", view.actor);
  json.EndObject();
}

void AppendJson(const BranchListView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("branches").BeginArray();
  for (const std::string& branch : view.branches)
    json.String(branch);
  json.EndArray().EndObject();
}

void AppendJson(const BranchDeletedView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri).Key("name").String(view.name);
  Member(json, "actor_id", view.actor);
  json.EndObject();
}

void AppendJson(const BranchMergedView& view, std::string& out) {
  const engine::MergeAnswer& answer = view.answer;
  JsonWriter json(out);
  json.BeginObject().Key("source").String(answer.source).Key("target").String(answer.target);
  json.Key("outcome").String(engine::MergeOutcomeName(answer.outcome));
  Member(json, "actor_id", view.actor);
  if (view.is_dry_run) json.Key("dry_run").Bool(true);
  if (answer.branch_deleted) json.Key("branch_deleted").Bool(*answer.branch_deleted);
  if (!answer.branch_delete_error.empty()) {
    json.Key("branch_delete_error").String(answer.branch_delete_error);
  }
  if (answer.is_replayed) json.Key("replayed").Bool(true);
  json.EndObject();
}

void AppendJson(const SnapshotView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("branch");
  if (view.answer.target.snapshot.empty()) {
    json.String(view.answer.target.branch);
  } else {
    json.Null().Key("snapshot").String(view.answer.target.snapshot);
  }
  json.Key("manifest_version").Uint(view.answer.manifest_version).Key("tables").BeginArray();
  for (const engine::SnapshotAnswer::Table& table : view.answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("table_path").String(table.table_path).Key("table_version").Uint(table.table_version);
    Member(json, "table_branch", table.table_branch);
    json.Key("row_count").Uint(table.row_count).EndObject();
  }
  json.EndArray().EndObject();
}

void AppendJson(const CommitListView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("commits").BeginArray();
  for (const engine::CommitRecord& commit : view.commits) {
    std::string record;
    engine::AppendJson(commit, record);
    json.Raw(record);
  }
  json.EndArray().EndObject();
}

void AppendJson(const CommitView& view, std::string& out) {
  engine::AppendJson(view.commit, out);
}

void AppendJson(const SchemaView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("schema_source").String(view.source).EndObject();
}

void AppendJson(const SchemaPlanView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri).Key("supported").Bool(view.is_supported);
  json.Key("step_count").Uint(view.steps_json.size()).Key("steps").BeginArray();
  for (const std::string& step : view.steps_json)
    json.Raw(step);
  json.EndArray().EndObject();
}

void AppendJson(const SchemaApplyView& view, std::string& out) {
  const SchemaPlanView& plan = view.plan;
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(plan.uri).Key("supported").Bool(plan.is_supported);
  json.Key("applied").Bool(view.is_applied).Key("step_count").Uint(plan.steps_json.size());
  json.Key("manifest_version").Uint(view.manifest_version).Key("steps").BeginArray();
  for (const std::string& step : plan.steps_json)
    json.Raw(step);
  json.EndArray().EndObject();
}

void AppendJson(const GraphListView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("graphs").BeginArray();
  for (const GraphListView::Graph& graph : view.graphs) {
    json.BeginObject().Key("graph_id").String(graph.graph_id);
    json.Key("uri").String(graph.uri).EndObject();
  }
  json.EndArray().EndObject();
}

void AppendJson(const StoredQueriesView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("queries").BeginArray();
  for (const StoredQueriesView::Query& query : view.queries) {
    json.BeginObject().Key("name").String(query.name).Key("mcp_expose").Bool(true);
    json.Key("tool_name").String(query.name);
    if (query.description.has_value()) json.Key("description").String(*query.description);
    if (query.instruction.has_value()) json.Key("instruction").String(*query.instruction);
    json.Key("mutation").Bool(query.is_mutation).Key("params").BeginArray();
    for (const StoredQueriesView::Parameter& parameter : query.parameters) {
      json.BeginObject().Key("name").String(parameter.name).Key("type").String(parameter.type);
      json.Key("nullable").Bool(parameter.is_nullable).EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
}

void AppendJson(const StoredQueriesCheckView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("ok").Bool(view.breakages.empty());
  RemarksMember(json, "breakages", view.breakages);
  RemarksMember(json, "warnings", view.warnings);
  json.EndObject();
}

void AppendJson(const LoginView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("server").String(view.server);
  json.Key("credentials_path").String(view.credentials_path);
  json.Key("declared").Bool(view.is_declared).EndObject();
}

void AppendJson(const LogoutView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("server").String(view.server);
  json.Key("credentials_path").String(view.credentials_path).EndObject();
}

}  // namespace omnigraph::cli
