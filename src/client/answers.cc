// Adapter between the documents of the HTTP API and the engine's structures.

#include "client/answers.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "client/json_slices.h"
#include "exec/result_table.h"
#include "schema/migration.h"
#include "types/type.h"

namespace omnigraph::client {
namespace {

using Json = nlohmann::json;

Status Unexpected(std::string_view what) {
  return Status::Error(ErrorCode::kInternal,
                       "the server's answer cannot be read: " + std::string(what) +
                           "; is this the address of an OmniGraph graph?");
}

std::string TextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::string> OptionalTextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::uint64_t CountOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool FlagOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

// The object in `json` if it has all of `keys`.
Result<Json> ParseObject(std::string_view json, std::initializer_list<const char*> keys) {
  Json object = Json::parse(json.begin(), json.end(), nullptr, false);
  if (!object.is_object()) return Unexpected("it is no JSON object");
  for (const char* key : keys)
    if (!object.contains(key)) return Unexpected("'" + std::string(key) + "' is missing");
  return object;
}

engine::CommitRecord CommitOf(const Json& object) {
  engine::CommitRecord record;
  record.graph_commit_id = TextOf(object, "graph_commit_id");
  record.manifest_branch = OptionalTextOf(object, "manifest_branch");
  record.manifest_version = CountOf(object, "manifest_version");
  record.parent_commit_id = OptionalTextOf(object, "parent_commit_id");
  record.merged_parent_commit_id = OptionalTextOf(object, "merged_parent_commit_id");
  record.actor_id = OptionalTextOf(object, "actor_id");
  const auto created = object.find("created_at");
  if (created != object.end() && created->is_number_integer())
    record.created_at = created->get<std::int64_t>();
  return record;
}

// The `commit` of a write's answer; older servers do not send it.
std::optional<engine::CommitRecord> CommitIn(const Json& object) {
  const auto found = object.find("commit");
  if (found == object.end() || !found->is_object()) return std::nullopt;
  return CommitOf(*found);
}

engine::Tag TagOf(const Json& object) {
  engine::Tag tag;
  tag.name = TextOf(object, "name");
  tag.graph_commit_id = TextOf(object, "graph_commit_id");
  tag.manifest_branch = OptionalTextOf(object, "manifest_branch");
  tag.actor_id = OptionalTextOf(object, "actor_id");
  const auto created = object.find("created_at");
  if (created != object.end() && created->is_number_integer())
    tag.created_at = created->get<std::int64_t>();
  return tag;
}

using Row = std::vector<JsonMember>;

// The columns of a server that does not say them: every key of every row.
std::vector<exec::ResultColumn> ColumnsOf(const std::vector<Row>& rows) {
  std::set<std::string> names;
  for (const Row& row : rows)
    for (const JsonMember& member : row)
      names.insert(member.key);
  std::vector<exec::ResultColumn> columns;
  for (const std::string& name : names)
    columns.push_back({name, types::Type{.is_nullable = true}});
  return columns;
}

Result<std::vector<Row>> CutRows(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const auto elements, CutArray(json));
  std::vector<Row> rows;
  rows.reserve(elements.size());
  for (std::string_view element : elements) {
    if (!element.starts_with('{')) {
      rows.push_back({{"value", element}});
      continue;
    }
    OG_ASSIGN_OR_RETURN(Row row, CutObject(element));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::shared_ptr<const exec::ResultTable> BuildTable(std::vector<exec::ResultColumn> columns,
                                                    const std::vector<Row>& rows) {
  auto table = std::make_shared<exec::ResultTable>(columns);
  for (const Row& row : rows) {
    table->BeginRow();
    for (const exec::ResultColumn& column : columns) {
      const auto member = std::find_if(
          row.begin(), row.end(), [&column](const JsonMember& m) { return m.key == column.name; });
      table->BeginCell() += member == row.end() ? std::string_view("null") : member->json;
    }
    table->EndRow();
  }
  return table;
}

Result<engine::QueryAnswer> CutQueryAnswer(std::string_view json) {
  engine::QueryAnswer answer;
  answer.target = {};
  std::vector<exec::ResultColumn> columns;
  std::vector<Row> rows;
  bool has_columns = false;
  OG_ASSIGN_OR_RETURN(const std::vector<JsonMember> members, CutObject(json));
  for (const JsonMember& member : members) {
    if (member.key == "rows") {
      OG_ASSIGN_OR_RETURN(rows, CutRows(member.json));
      continue;
    }
    const Json value = Json::parse(member.json.begin(), member.json.end(), nullptr, false);
    if (member.key == "query_name" && value.is_string()) {
      answer.query_name = value.get<std::string>();
    } else if (member.key == "graph_commit_id" && value.is_string()) {
      answer.graph_commit_id = value.get<std::string>();
    } else if (member.key == "target" && value.is_object()) {
      answer.target.branch = TextOf(value, "branch");
      answer.target.snapshot = TextOf(value, "snapshot");
    } else if (member.key == "plan" && value.is_object()) {
      answer.plan = engine::QueryPlan{TextOf(value, "text"), std::string(member.json)};
    } else if (member.key == "columns" && value.is_array()) {
      has_columns = true;
      for (const Json& name : value)
        if (name.is_string())
          columns.push_back({name.get<std::string>(), types::Type{.is_nullable = true}});
    }
  }
  if (!has_columns) columns = ColumnsOf(rows);
  answer.table = BuildTable(std::move(columns), rows);
  return answer;
}

}  // namespace

Result<engine::QueryAnswer> ReadQueryAnswer(std::string_view json) {
  auto answer = CutQueryAnswer(json);
  if (!answer.ok()) return Unexpected("it is no read document");
  if (answer->query_name.empty()) return Unexpected("'query_name' is missing");
  return answer;
}

Result<engine::MutationAnswer> ReadMutationAnswer(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object,
                      ParseObject(json, {"branch", "query_name", "affected_nodes"}));
  engine::MutationAnswer answer;
  answer.branch = TextOf(object, "branch");
  answer.query_name = TextOf(object, "query_name");
  answer.affected_nodes = CountOf(object, "affected_nodes");
  answer.affected_edges = CountOf(object, "affected_edges");
  answer.commit = CommitIn(object);
  answer.is_replayed = FlagOf(object, "replayed");
  return answer;
}

Result<engine::LoadAnswer> ReadLoadAnswer(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"branch", "mode", "tables"}));
  engine::LoadAnswer answer;
  answer.branch = TextOf(object, "branch");
  answer.mode = engine::FindLoadMode(TextOf(object, "mode")).value_or(engine::LoadMode::kMerge);
  answer.base_branch = OptionalTextOf(object, "base_branch");
  answer.branch_created = FlagOf(object, "branch_created");
  answer.edges_removed = CountOf(object, "edges_removed");
  answer.commit = CommitIn(object);
  answer.is_replayed = FlagOf(object, "replayed");
  for (const Json& table : object["tables"]) {
    if (!table.is_object()) return Unexpected("'tables' holds something else than objects");
    engine::LoadAnswer::Table loaded{TextOf(table, "table_key"), CountOf(table, "rows_loaded")};
    const bool is_edge = loaded.table_key.starts_with("edge:");
    (is_edge ? answer.edges_loaded : answer.nodes_loaded) += loaded.rows_loaded;
    (is_edge ? answer.edge_types_loaded : answer.node_types_loaded) += 1;
    answer.tables.push_back(std::move(loaded));
  }
  const auto ignored = object.find("ignored");
  if (ignored != object.end() && ignored->is_array()) {
    for (const Json& entry : *ignored) {
      if (!entry.is_object()) continue;
      answer.ignored.push_back(
          {TextOf(entry, "type"), TextOf(entry, "key"), CountOf(entry, "count")});
    }
  }
  return answer;
}

Result<engine::SnapshotAnswer> ReadSnapshotAnswer(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object,
                      ParseObject(json, {"branch", "manifest_version", "tables"}));
  engine::SnapshotAnswer answer;
  answer.target.branch = TextOf(object, "branch");
  answer.target.snapshot = TextOf(object, "snapshot");
  answer.graph_commit_id = TextOf(object, "graph_commit_id");
  answer.manifest_version = CountOf(object, "manifest_version");
  for (const Json& table : object["tables"]) {
    if (!table.is_object()) return Unexpected("'tables' holds something else than objects");
    answer.tables.push_back({TextOf(table, "table_key"), TextOf(table, "table_path"),
                             CountOf(table, "table_version"), OptionalTextOf(table, "table_branch"),
                             CountOf(table, "row_count")});
  }
  return answer;
}

Result<std::vector<engine::CommitRecord>> ReadCommitList(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"commits"}));
  std::vector<engine::CommitRecord> commits;
  for (const Json& commit : object["commits"]) {
    if (!commit.is_object()) return Unexpected("'commits' holds something else than objects");
    commits.push_back(CommitOf(commit));
  }
  return commits;
}

Result<engine::CommitRecord> ReadCommit(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"graph_commit_id"}));
  return CommitOf(object);
}

Result<std::vector<std::string>> ReadBranchList(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"branches"}));
  std::vector<std::string> branches;
  for (const Json& branch : object["branches"])
    if (branch.is_string()) branches.push_back(branch.get<std::string>());
  return branches;
}

Result<engine::MergeAnswer> ReadMergeAnswer(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"source", "target", "outcome"}));
  engine::MergeAnswer answer;
  answer.source = TextOf(object, "source");
  answer.target = TextOf(object, "target");
  const auto outcome = engine::FindMergeOutcome(TextOf(object, "outcome"));
  if (!outcome) return Unexpected("'outcome' is " + TextOf(object, "outcome"));
  answer.outcome = *outcome;
  answer.commit = CommitIn(object);
  answer.is_replayed = FlagOf(object, "replayed");
  if (object.contains("branch_deleted")) answer.branch_deleted = FlagOf(object, "branch_deleted");
  answer.branch_delete_error = TextOf(object, "branch_delete_error");
  return answer;
}

Result<std::vector<engine::Tag>> ReadTagList(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"tags"}));
  std::vector<engine::Tag> tags;
  for (const Json& item : object["tags"]) {
    if (!item.is_object()) return Unexpected("'tags' holds something else than objects");
    tags.push_back(TagOf(item));
  }
  return tags;
}

Result<engine::Tag> ReadTag(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"name", "graph_commit_id"}));
  return TagOf(object);
}

Result<engine::RevertAnswer> ReadRevertAnswer(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"branch", "reverted_to", "tables"}));
  engine::RevertAnswer answer;
  answer.branch = TextOf(object, "branch");
  answer.reverted_to = TextOf(object, "reverted_to");
  answer.changes_schema = FlagOf(object, "changes_schema");
  answer.commit = CommitIn(object);
  answer.is_replayed = FlagOf(object, "replayed");
  for (const Json& table : object["tables"]) {
    if (!table.is_object()) return Unexpected("'tables' holds something else than objects");
    answer.tables.push_back(
        {TextOf(table, "table_key"), CountOf(table, "rows_before"), CountOf(table, "rows_after")});
  }
  return answer;
}

bool ReadMergeConflicts(std::string_view json, engine::MergeAnswer* answer) {
  const Json object = Json::parse(json.begin(), json.end(), nullptr, false);
  if (!object.is_object() || !object.contains("merge_conflicts")) return false;
  for (const Json& conflict : object["merge_conflicts"]) {
    if (!conflict.is_object()) continue;
    answer->conflicts.push_back({TextOf(conflict, "table_key"), OptionalTextOf(conflict, "row_id"),
                                 TextOf(conflict, "kind"), TextOf(conflict, "message")});
  }
  answer->conflict_text = TextOf(object, "error");
  return !answer->conflicts.empty();
}

Result<engine::SchemaChangeAnswer> ReadSchemaChangeAnswer(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"applied", "steps"}));
  engine::SchemaChangeAnswer answer;
  answer.is_supported = FlagOf(object, "supported");
  answer.is_applied = FlagOf(object, "applied");
  answer.manifest_version = CountOf(object, "manifest_version");
  for (const Json& item : object["steps"]) {
    std::string text = item.dump();
    OG_ASSIGN_OR_RETURN(const schema::MigrationStep step, schema::DecodeStep(text));
    answer.steps.push_back({std::move(text), schema::StepText(step)});
  }
  answer.commit = CommitIn(object);
  return answer;
}

Result<std::string> ReadSchemaSource(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"schema_source"}));
  return TextOf(object, "schema_source");
}

Result<std::vector<ListedGraph>> ReadGraphList(std::string_view json) {
  OG_ASSIGN_OR_RETURN(const Json object, ParseObject(json, {"graphs"}));
  std::vector<ListedGraph> graphs;
  for (const Json& graph : object["graphs"])
    if (graph.is_object()) graphs.push_back({TextOf(graph, "graph_id"), TextOf(graph, "uri")});
  return graphs;
}

ServerEcho ReadEcho(std::string_view json) {
  const Json object = Json::parse(json.begin(), json.end(), nullptr, false);
  if (!object.is_object()) return {};
  return {OptionalTextOf(object, "actor_id"), OptionalTextOf(object, "uri")};
}

}  // namespace omnigraph::client
