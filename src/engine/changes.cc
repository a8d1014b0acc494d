// Implements engine/changes.h: names and documents.

#include "engine/changes.h"

#include "base/check.h"
#include "base/json_writer.h"
#include "base/strings.h"

namespace omnigraph::engine {
namespace {

template <typename T>
std::optional<T> FindNamed(std::string_view name, std::initializer_list<T> all,
                           std::string_view (*name_of)(T)) {
  for (const T value : all) {
    if (name_of(value) == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view ChangeOperationName(ChangeOperation operation) {
  switch (operation) {
    case ChangeOperation::kInsert:
      return "insert";
    case ChangeOperation::kUpdate:
      return "update";
    case ChangeOperation::kDelete:
      return "delete";
  }
  OG_CHECK(false);
}

std::optional<ChangeOperation> FindChangeOperation(std::string_view name) {
  return FindNamed(name,
                   {ChangeOperation::kInsert, ChangeOperation::kUpdate, ChangeOperation::kDelete},
                   ChangeOperationName);
}

std::string_view EntityKindName(EntityKind kind) {
  return kind == EntityKind::kNode ? "node" : "edge";
}

std::optional<EntityKind> FindEntityKind(std::string_view name) {
  return FindNamed(name, {EntityKind::kNode, EntityKind::kEdge}, EntityKindName);
}

std::string_view DiffRefusalName(DiffRefusal refusal) {
  return refusal == DiffRefusal::kParentlessCommit ? "parentless_commit" : "schema_boundary";
}

std::optional<DiffRefusal> FindDiffRefusal(std::string_view name) {
  return FindNamed(name, {DiffRefusal::kParentlessCommit, DiffRefusal::kSchemaBoundary},
                   DiffRefusalName);
}

Status CommitNotFound(std::string_view id) {
  return Status::Error(ErrorCode::kNotFound, "commit '" + Abbreviate(id) +
                                                 "' not found; `omnigraph commit list` shows those"
                                                 " of a branch");
}

void AppendJson(const DiffChange& change, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("table_key").String(change.table_key);
  json.Key("kind").String(EntityKindName(change.kind));
  json.Key("type_name").String(change.type_name).Key("id").String(change.id);
  json.Key("op").String(ChangeOperationName(change.operation));
  json.Key("manifest_version").Uint(change.manifest_version);
  if (change.endpoints) {
    json.Key("endpoints").BeginObject().Key("src").String(change.endpoints->src);
    json.Key("dst").String(change.endpoints->dst).EndObject();
  }
  if (!change.properties.empty()) {
    json.Key("properties").BeginArray();
    for (const std::string& name : change.properties)
      json.String(name);
    json.EndArray();
  }
  json.EndObject();
}

void AppendJsonMembers(const DiffHead& head, std::string& out) {
  std::string object;
  JsonWriter json(object);
  json.BeginObject().Key("from_version").Uint(head.from_version);
  json.Key("to_version").Uint(head.to_version);
  json.Key("from_commit_id").String(head.from_commit_id);
  json.Key("to_commit_id").String(head.to_commit_id);
  if (head.branch) json.Key("branch").String(*head.branch);
  json.EndObject();
  out += std::string_view(object).substr(1, object.size() - 2);
}

void AppendJson(const DiffStats& stats, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("inserts").Uint(stats.inserts).Key("updates").Uint(stats.updates);
  json.Key("deletes").Uint(stats.deletes).Key("types_affected").BeginArray();
  for (const std::string& type : stats.types_affected)
    json.String(type);
  json.EndArray().EndObject();
}

void AppendJson(const ChangeCause& cause, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("graph_commit_id").String(cause.graph_commit_id);
  if (cause.parent_commit_id) json.Key("parent_commit_id").String(*cause.parent_commit_id);
  if (cause.merged_parent_commit_id) {
    json.Key("merged_parent_commit_id").String(*cause.merged_parent_commit_id);
  }
  json.Key("authored_branch").String(cause.authored_branch);
  if (cause.actor_id) json.Key("actor_id").String(*cause.actor_id);
  json.Key("authored_at").Int(cause.authored_at).EndObject();
}

void AppendJson(const EntityChange& change, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("kind").String(EntityKindName(change.kind));
  json.Key("type").BeginObject().Key("id").String(change.type_id);
  json.Key("name").String(change.type_name).EndObject();
  json.Key("id").String(change.id).Key("op").String(ChangeOperationName(change.operation));
  if (!change.before_json.empty()) json.Key("before").Raw(change.before_json);
  if (!change.after_json.empty()) json.Key("after").Raw(change.after_json);
  json.EndObject();
}

void AppendJson(const ChangeBlock& block, std::string& out) {
  out += "{\"cause\":";
  AppendJson(block.cause, out);
  out += ",\"changes\":[";
  for (std::size_t i = 0; i < block.changes.size(); ++i) {
    if (i > 0) out += ',';
    AppendJson(block.changes[i], out);
  }
  out += "]}";
}

void AppendJson(const BaselineAnswer& answer, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("snapshot_commit_id").String(answer.snapshot_commit_id);
  json.Key("resume_cursor").String(answer.resume_cursor).EndObject();
}

}  // namespace omnigraph::engine
