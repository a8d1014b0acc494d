// Writes answer documents.

#include "server/answers.h"

#include "base/json_writer.h"
#include "exec/result_table.h"
#include "server/site.h"

namespace omnigraph::server {

namespace {

void WriteOptional(const std::optional<std::string>& text, JsonWriter& json) {
  if (text) {
    json.String(*text);
  } else {
    json.Null();
  }
}

void WriteNonEmpty(const std::string& text, JsonWriter& json) {
  if (text.empty()) {
    json.Null();
  } else {
    json.String(text);
  }
}

void WriteCommit(const std::optional<engine::CommitRecord>& commit, JsonWriter& json) {
  if (!commit) {
    json.Null();
    return;
  }
  std::string text;
  engine::AppendJson(*commit, text);
  json.Raw(text);
}

}  // namespace

std::string HealthOutput(std::string_view source_version) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("status").String("ok").Key("version").String(kApiVersion);
  if (!source_version.empty()) json.Key("source_version").String(source_version);
  json.EndObject();
  return out;
}

std::string ReadOutput(const engine::QueryAnswer& answer, bool tells_commit) {
  const exec::ResultTable& table = *answer.table;
  std::string out;
  out.reserve(table.RowsJson().size() + 256);
  JsonWriter json(out);
  json.BeginObject().Key("query_name").String(answer.query_name);
  json.Key("target").BeginObject().Key("branch");
  WriteNonEmpty(answer.target.snapshot.empty() ? answer.target.branch : std::string(), json);
  json.Key("snapshot");
  WriteNonEmpty(answer.target.snapshot, json);
  json.EndObject();
  if (tells_commit) json.Key("graph_commit_id").String(answer.graph_commit_id);
  json.Key("row_count").Uint(table.rows_count());
  if (!table.columns().empty()) {
    json.Key("columns").BeginArray();
    for (const exec::ResultColumn& column : table.columns())
      json.String(column.name);
    json.EndArray();
  }
  json.Key("rows").BeginArray();
  if (table.rows_count() > 0) json.Raw(table.RowsJson());
  json.EndArray();
  if (answer.plan) json.Key("plan").Raw(answer.plan->json);
  json.EndObject();
  return out;
}

std::string ChangeOutput(const engine::MutationAnswer& answer,
                         const std::optional<std::string>& actor) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("branch").String(answer.branch);
  json.Key("query_name").String(answer.query_name);
  json.Key("affected_nodes").Uint(answer.affected_nodes);
  json.Key("affected_edges").Uint(answer.affected_edges);
  json.Key("actor_id");
  WriteOptional(actor, json);
  json.Key("commit");
  WriteCommit(answer.commit, json);
  if (answer.is_replayed) json.Key("replayed").Bool(true);
  json.EndObject();
  return out;
}

std::string SnapshotOutput(const engine::SnapshotAnswer& answer) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("branch");
  if (answer.target.snapshot.empty()) {
    json.String(answer.target.branch);
  } else {
    json.Null().Key("snapshot").String(answer.target.snapshot);
  }
  json.Key("manifest_version").Uint(answer.manifest_version);
  json.Key("tables").BeginArray();
  for (const engine::SnapshotAnswer::Table& table : answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("table_path").String(table.table_path);
    json.Key("table_version").Uint(table.table_version);
    json.Key("table_branch");
    WriteOptional(table.table_branch, json);
    json.Key("row_count").Uint(table.row_count).EndObject();
  }
  json.EndArray().EndObject();
  return out;
}

namespace {

/// `{"name", "entities_loaded"}` of every loaded type whose table key begins with `prefix`.
void WriteEntities(const engine::LoadAnswer& answer, std::string_view prefix, JsonWriter& json) {
  json.BeginArray();
  for (const engine::LoadAnswer::Table& table : answer.tables) {
    const std::string_view key = table.table_key;
    if (!key.starts_with(prefix)) continue;
    json.BeginObject().Key("name").String(key.substr(prefix.size()));
    json.Key("entities_loaded").Uint(table.rows_loaded).EndObject();
  }
  json.EndArray();
}

}  // namespace

std::string LoadOutput(const engine::LoadAnswer& answer, const LoadFacts& facts) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(facts.uri);
  json.Key("branch").String(answer.branch).Key("base_branch");
  WriteOptional(facts.from, json);
  json.Key("branch_created").Bool(answer.branch_created);
  json.Key("mode").String(engine::LoadModeName(answer.mode));
  json.Key("tables").BeginArray();
  for (const engine::LoadAnswer::Table& table : answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("rows_loaded").Uint(table.rows_loaded).EndObject();
  }
  json.EndArray();
  if (facts.tells_entities) {
    json.Key("nodes");
    WriteEntities(answer, "node:", json);
    json.Key("edges");
    WriteEntities(answer, "edge:", json);
    json.Key("total_entities").Uint(answer.nodes_loaded + answer.edges_loaded);
  }
  json.Key("edges_removed").Uint(answer.edges_removed);
  if (facts.tells_ignored) {
    json.Key("ignored").BeginArray();
    for (const engine::LoadAnswer::Ignored& ignored : answer.ignored) {
      json.BeginObject().Key("type").String(ignored.type).Key("key").String(ignored.key);
      json.Key("count").Uint(ignored.count).EndObject();
    }
    json.EndArray();
  }
  json.Key("actor_id");
  WriteOptional(facts.actor, json);
  json.Key("commit");
  WriteCommit(answer.commit, json);
  if (answer.is_replayed) json.Key("replayed").Bool(true);
  json.EndObject();
  return out;
}

std::string MergeOutput(const engine::MergeAnswer& answer, bool is_dry_run,
                        const std::optional<std::string>& actor) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("source").String(answer.source).Key("target").String(answer.target);
  json.Key("outcome").String(engine::MergeOutcomeName(answer.outcome)).Key("actor_id");
  WriteOptional(actor, json);
  if (answer.branch_deleted) json.Key("branch_deleted").Bool(*answer.branch_deleted);
  if (!answer.branch_delete_error.empty()) {
    json.Key("branch_delete_error").String(answer.branch_delete_error);
  }
  if (is_dry_run) json.Key("dry_run").Bool(true);
  json.Key("commit");
  WriteCommit(answer.commit, json);
  if (answer.is_replayed) json.Key("replayed").Bool(true);
  json.EndObject();
  return out;
}

std::string RevertOutput(const engine::RevertAnswer& answer,
                         const std::optional<std::string>& actor) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("branch").String(answer.branch);
  json.Key("reverted_to").String(answer.reverted_to);
  json.Key("changes_schema").Bool(answer.changes_schema).Key("tables").BeginArray();
  for (const engine::RevertAnswer::Table& table : answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("rows_before").Uint(table.rows_before);
    json.Key("rows_after").Uint(table.rows_after).EndObject();
  }
  json.EndArray().Key("actor_id");
  WriteOptional(actor, json);
  json.Key("commit");
  WriteCommit(answer.commit, json);
  if (answer.is_replayed) json.Key("replayed").Bool(true);
  json.EndObject();
  return out;
}

std::string MergeConflictsOutput(const engine::MergeAnswer& answer) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("error").String(answer.conflict_text).Key("code").String("conflict");
  json.Key("merge_conflicts").BeginArray();
  for (const engine::MergeConflict& conflict : answer.conflicts) {
    std::string text;
    engine::AppendJson(conflict, text);
    json.Raw(text);
  }
  json.EndArray().EndObject();
  return out;
}

std::string CommitListOutput(const std::vector<engine::CommitRecord>& commits) {
  std::string out = "{\"commits\":[";
  for (std::size_t i = 0; i < commits.size(); ++i) {
    if (i > 0) out.push_back(',');
    engine::AppendJson(commits[i], out);
  }
  out += "]}";
  return out;
}

}  // namespace omnigraph::server
