// Implements cli/maintenance_views.h.

#include "cli/maintenance_views.h"

#include "base/json_writer.h"

namespace omnigraph::cli {
namespace {

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

void NumberMember(JsonWriter& json, std::string_view key,
                  const std::optional<std::uint64_t>& value) {
  json.Key(key);
  if (value) {
    json.Uint(*value);
  } else {
    json.Null();
  }
}

void TextMember(JsonWriter& json, std::string_view key, const std::optional<std::string>& value) {
  json.Key(key);
  if (value) {
    json.String(*value);
  } else {
    json.Null();
  }
}

}  // namespace

void AppendText(const OptimizeView& view, std::string& out) {
  out += "optimize " + view.uri + " — " + std::to_string(view.answer.tables.size()) + " tables\n";
  for (const engine::OptimizeAnswer::Table& table : view.answer.tables) {
    out += "  " + Padded(table.table_key, 40);
    out += !table.is_committed ? std::string("no-op\n")
                               : "frags " + std::to_string(table.fragments_removed) + " → " +
                                     std::to_string(table.fragments_added) + " ✓\n";
  }
}

void AppendText(const RepairView& view, std::string& out) {
  out += "repair " + view.uri + " — " + (view.is_confirmed ? "confirm" : "preview") + " mode, " +
         std::to_string(view.answer.tables.size()) + " tables\n";
  bool has_preview = false;
  for (const engine::RepairAnswer::Table& table : view.answer.tables) {
    has_preview = has_preview || table.action == "preview";
    out += "  " + Padded(table.table_key, 40) + " " + Padded(table.action, 12) + " " +
           Padded(table.classification, 22) + " " + std::to_string(table.table_version);
    for (std::size_t i = 0; i < table.operations.size(); ++i)
      out += (i == 0 ? " [" : ", ") + table.operations[i];
    if (!table.operations.empty()) out += "]";
    if (table.error) out += " (" + *table.error + ")";
    out += '\n';
  }
  for (const engine::RepairAnswer::Object& object : view.answer.objects) {
    has_preview = has_preview || object.action == "preview";
    out += "  " + Padded(object.key, 40) + " " + Padded(object.action, 12) + " (" + object.error +
           ")\n";
  }
  if (has_preview) out += "rerun with --confirm to rebuild what is damaged\n";
}

void AppendText(const CleanupView& view, std::string& out) {
  std::uint64_t versions = 0;
  std::string failed;
  for (const engine::CleanupAnswer::Table& table : view.answer.tables) {
    versions += table.old_versions_removed;
    if (!table.error) continue;
    if (!failed.empty()) failed += "; ";
    failed += table.table_key + " (" + *table.error + ")";
  }
  for (const std::string& failure : view.answer.failures) {
    if (!failed.empty()) failed += "; ";
    failed += failure;
  }
  const bool is_dry_run = view.request.is_dry_run;
  out += "cleanup " + view.uri + " (" + view.policy + ") — " +
         (is_dry_run ? "would remove " : "removed ") + std::to_string(versions) + " versions (" +
         std::to_string(view.answer.history_bytes + view.answer.unreferenced_bytes) +
         " bytes) across " + std::to_string(view.answer.tables.size()) + " tables\n";
  if (!failed.empty()) out += "failed, will be tried again next time: " + failed + "\n";
  if (!is_dry_run) return;
  out += "  " + Padded("rows of old commits", 40) + std::to_string(view.answer.history_bytes) +
         " bytes\n";
  out += "  " + Padded("of deleted branches, aborted writes", 40) +
         std::to_string(view.answer.unreferenced_bytes) + " bytes\n";
  out += "nothing was removed — rerun with --confirm\n";
}

void AppendJson(const OptimizeView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri).Key("tables").BeginArray();
  for (const engine::OptimizeAnswer::Table& table : view.answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("fragments_removed").Uint(table.fragments_removed);
    json.Key("fragments_added").Uint(table.fragments_added);
    json.Key("committed").Bool(table.is_committed).Key("skipped").Null();
    json.Key("manifest_version").Uint(table.table_version).EndObject();
  }
  json.EndArray().EndObject();
}

void AppendJson(const RepairView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri).Key("confirm").Bool(view.is_confirmed);
  json.Key("force").Bool(view.is_forced).Key("manifest_version").Null();
  json.Key("tables").BeginArray();
  for (const engine::RepairAnswer::Table& table : view.answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("manifest_version").Uint(table.table_version);
    json.Key("classification").String(table.classification).Key("action").String(table.action);
    json.Key("operations").BeginArray();
    for (const std::string& operation : table.operations)
      json.String(operation);
    json.EndArray();
    TextMember(json, "error", table.error);
    json.EndObject();
  }
  json.EndArray();
  json.Key("objects").BeginArray();
  for (const engine::RepairAnswer::Object& object : view.answer.objects) {
    json.BeginObject().Key("key").String(object.key).Key("action").String(object.action);
    json.Key("error").String(object.error).EndObject();
  }
  json.EndArray().EndObject();
}

void AppendJson(const CleanupView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(view.uri);
  NumberMember(json, "keep_versions", view.request.keep_versions);
  NumberMember(json, "older_than_secs", view.request.older_than_secs);
  json.Key("tables").BeginArray();
  for (const engine::CleanupAnswer::Table& table : view.answer.tables) {
    json.BeginObject().Key("table_key").String(table.table_key);
    json.Key("bytes_removed").Uint(table.bytes_removed);
    json.Key("old_versions_removed").Uint(table.old_versions_removed);
    TextMember(json, "error", table.error);
    json.EndObject();
  }
  json.EndArray();
  json.Key("history_bytes").Uint(view.answer.history_bytes);
  json.Key("unreferenced_bytes").Uint(view.answer.unreferenced_bytes);
  json.Key("failures").BeginArray();
  for (const std::string& failure : view.answer.failures)
    json.String(failure);
  json.EndArray();
  if (view.request.is_dry_run) json.Key("dry_run").Bool(true);
  json.EndObject();
}

}  // namespace omnigraph::cli
