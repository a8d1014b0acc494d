// Implements cli/version_views.h.

#include "cli/version_views.h"

#include "base/json_writer.h"

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

}  // namespace

void AppendText(const TagCreatedView& view, std::string& out) {
  out += "created tag " + view.tag.name + " at " + view.tag.graph_commit_id + "\n";
}

void AppendText(const TagListView& view, std::string& out) {
  for (const engine::Tag& tag : view.tags) {
    out += tag.name + " " + tag.graph_commit_id + " branch=" + tag.manifest_branch.value_or("main");
    if (tag.actor_id) out += " actor=" + *tag.actor_id;
    out += "\n";
  }
}

void AppendText(const TagDeletedView& view, std::string& out) {
  out += "deleted tag " + view.name + "\n";
}

void AppendText(const RevertView& view, std::string& out) {
  const engine::RevertAnswer& answer = view.answer;
  const bool is_nothing = answer.tables.empty() && !answer.changes_schema;
  if (is_nothing) {
    out += "branch " + answer.branch + " is as at " + answer.reverted_to + " already\n";
    return;
  }
  out += (view.is_dry_run ? "would revert branch " : "reverted branch ") + answer.branch + " to " +
         answer.reverted_to + (answer.changes_schema ? ", schema and rows\n" : "\n");
  for (const engine::RevertAnswer::Table& table : answer.tables) {
    out += table.table_key + " rows " + std::to_string(table.rows_before) + " -> " +
           std::to_string(table.rows_after) + "\n";
  }
}

void AppendJson(const TagCreatedView& view, std::string& out) {
  engine::AppendJson(view.tag, out);
}

void AppendJson(const TagListView& view, std::string& out) {
  out += "{\"tags\":[";
  for (const engine::Tag& tag : view.tags) {
    if (&tag != &view.tags.front()) out += ',';
    engine::AppendJson(tag, out);
  }
  out += "]}";
}

void AppendJson(const TagDeletedView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri).Key("name").String(view.name);
  Member(json, "actor_id", view.actor);
  json.EndObject();
}

void AppendJson(const RevertView& view, std::string& out) {
  const engine::RevertAnswer& answer = view.answer;
  JsonWriter json(out);
  json.BeginObject().Key("branch").String(answer.branch);
  json.Key("reverted_to").String(answer.reverted_to);
  json.Key("changes_schema").Bool(answer.changes_schema).Key("tables").BeginArray();
  for (const engine::RevertAnswer::Table& table : answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("rows_before").Uint(table.rows_before);
    json.Key("rows_after").Uint(table.rows_after).EndObject();
  }
  json.EndArray();
  Member(json, "actor_id", view.actor);
  if (view.is_dry_run) json.Key("dry_run").Bool(true);
  json.Key("commit");
  if (answer.commit) {
    std::string record;
    engine::AppendJson(*answer.commit, record);
    json.Raw(record);
  } else {
    json.Null();
  }
  if (answer.is_replayed) json.Key("replayed").Bool(true);
  json.EndObject();
}

}  // namespace omnigraph::cli
