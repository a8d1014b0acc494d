// Reads the operator's configuration.

#include "cli/operator_config.h"

#include <utility>

#include "base/json_writer.h"
#include "base/strings.h"
#include "cli/files.h"
#include "text/yaml.h"

namespace omnigraph::cli {
namespace {

using text::YamlNode;

std::optional<std::string> HomeFolder(const Environment& environment) {
  for (const std::string_view name : {"HOME", "USERPROFILE"}) {
    auto home = environment(name);
    if (home.has_value() && !home->empty()) return home;
  }
  return std::nullopt;
}

// A YAML value as JSON; fixed parameters are passed on that way.
void AppendValue(const YamlNode& node, JsonWriter& json) {
  switch (node.kind()) {
    case text::YamlKind::kNull:
      json.Null();
      return;
    case text::YamlKind::kBool:
      json.Bool(node.AsBool().value_or(false));
      return;
    case text::YamlKind::kInteger:
      if (const auto value = node.AsInteger()) {
        json.Int(*value);
      } else {
        json.String(node.scalar());
      }
      return;
    case text::YamlKind::kFloat:
      json.Raw(node.scalar());
      return;
    case text::YamlKind::kText:
      json.String(node.scalar());
      return;
    case text::YamlKind::kSequence:
      json.BeginArray();
      for (const YamlNode& item : node.items())
        AppendValue(item, json);
      json.EndArray();
      return;
    case text::YamlKind::kMapping:
      json.BeginObject();
      for (const text::YamlEntry& entry : node.entries()) {
        json.Key(entry.key);
        AppendValue(entry.value, json);
      }
      json.EndObject();
      return;
  }
}

void ReadServers(const YamlNode& root, SettingsReader& reader, OperatorConfig& config) {
  const YamlNode* servers = reader.Mapping(root, "servers", "servers");
  if (servers == nullptr) return;
  for (const text::YamlEntry& entry : servers->entries()) {
    const std::string path = "servers." + entry.key;
    reader.NoteUnknown(entry.value, {"url"}, path);
    std::string url = reader.RequiredText(entry.value, "url", path + ".url");
    while (url.ends_with('/'))
      url.pop_back();
    config.servers[entry.key] = std::move(url);
  }
}

OperatorAlias ReadAlias(const YamlNode& node, const std::string& path, SettingsReader& reader) {
  reader.NoteUnknown(node, {"server", "graph", "query", "args", "params", "format"}, path);
  OperatorAlias alias;
  alias.server = reader.RequiredText(node, "server", path + ".server");
  alias.graph = reader.Text(node, "graph", path + ".graph");
  alias.query = reader.RequiredText(node, "query", path + ".query");
  alias.arguments = reader.TextList(node, "args", path + ".args");
  if (const YamlNode* params = reader.Mapping(node, "params", path + ".params")) {
    alias.params_json.clear();
    JsonWriter json(alias.params_json);
    AppendValue(*params, json);
  }
  if (const auto format = reader.Text(node, "format", path + ".format")) {
    alias.format = FindOutputFormat(*format);
    if (!alias.format.has_value())
      reader.Problem(path + ".format",
                     "is " + Quoted(*format) + ", not table, kv, csv, jsonl or json");
  }
  return alias;
}

Status ReadFields(const YamlNode& root, OperatorConfig& config) {
  SettingsReader reader(config.path);
  if (!root.is_null() && !root.is_mapping())
    return Status::Error(ErrorCode::kInvalidArgument, config.path + ": it must be a mapping");
  reader.NoteUnknown(root, {"operator", "servers", "defaults", "aliases"}, "");
  if (const YamlNode* person = reader.Mapping(root, "operator", "operator")) {
    reader.NoteUnknown(*person, {"actor"}, "operator");
    config.actor = reader.Text(*person, "actor", "operator.actor");
  }
  ReadServers(root, reader, config);
  if (const YamlNode* defaults = reader.Mapping(root, "defaults", "defaults")) {
    reader.NoteUnknown(*defaults, {"output", "table_max_column_width", "table_cell_layout"},
                       "defaults");
    config.output = reader.Output(*defaults, "output", "defaults");
  }
  if (const YamlNode* aliases = reader.Mapping(root, "aliases", "aliases")) {
    for (const text::YamlEntry& entry : aliases->entries())
      config.aliases[entry.key] = ReadAlias(entry.value, "aliases." + entry.key, reader);
  }
  config.unknown_keys = reader.unknown_keys();
  return reader.status();
}

}  // namespace

std::optional<std::string> OperatorFolder(const Environment& environment) {
  const auto home = HomeFolder(environment);
  const auto configured = environment("OMNIGRAPH_HOME");
  if (configured.has_value() && !configured->empty()) {
    const bool is_below_home = *configured == "~" || configured->starts_with("~/");
    if (!is_below_home) return configured;
    if (!home.has_value()) return std::nullopt;
    return *home + configured->substr(1);
  }
  if (!home.has_value()) return std::nullopt;
  return *home + "/.omnigraph";
}

Result<OperatorConfig> ReadOperatorConfig(const Environment& environment) {
  OperatorConfig config;
  const auto folder = OperatorFolder(environment);
  if (!folder.has_value()) return config;
  config.path = *folder + "/config.yaml";
  if (!FileExists(config.path)) return config;
  const auto refuse = [](Status status) {
    return std::move(status).WithContext("could not parse operator config");
  };
  auto bytes = ReadFile(config.path);
  if (!bytes.ok()) return refuse(std::move(bytes).status());
  auto root = text::ParseYaml(text::Source(config.path, std::move(*bytes)));
  if (!root.ok()) return refuse(std::move(root).status());
  Status status = ReadFields(*root, config);
  if (!status.ok()) return refuse(std::move(status));
  return config;
}

std::optional<std::string> ServerOfUrl(const OperatorConfig& config, std::string_view url) {
  while (url.ends_with('/'))
    url.remove_suffix(1);
  std::optional<std::string> best;
  std::size_t best_size = 0;
  for (const auto& [name, server_url] : config.servers) {
    const bool belongs = url == server_url || url.starts_with(server_url + "/");
    if (!belongs || server_url.empty() || server_url.size() < best_size) continue;
    if (best.has_value() && server_url.size() == best_size) continue;
    best = name;
    best_size = server_url.size();
  }
  return best;
}

}  // namespace omnigraph::cli
