// Reads the project file.

#include "cli/project_config.h"

#include <array>

#include "base/strings.h"
#include "cli/files.h"
#include "text/yaml.h"

namespace omnigraph::cli {
namespace {

using text::YamlNode;

constexpr std::string_view kDefaultPath = "omnigraph.yaml";

struct DeprecatedKey {
  std::string_view key;
  std::string_view destination;
};

constexpr auto kDeprecatedKeys = std::to_array<DeprecatedKey>({
    {"graphs", "cluster.yaml `graphs:`, or flags and environment"},
    {"queries", "the cluster catalog (cluster.yaml `queries:`)"},
    {"policy", "cluster.yaml `policies:` with `applies_to`"},
    {"server", "flags and environment of omnigraph-server (`--bind`)"},
    {"auth", "operator credentials (`omnigraph login <server>`)"},
    {"aliases", "operator `aliases:` and stored queries of the catalog"},
    {"query", "obsolete (stored queries are discovered)"},
    {"project", "cluster.yaml `metadata.name`"},
    {"cli.actor", "`operator.actor` in ~/.omnigraph/config.yaml"},
    {"cli.output_format", "`defaults.output` in ~/.omnigraph/config.yaml"},
    {"cli.table_max_column_width", "`defaults.table_max_column_width` in ~/.omnigraph/config.yaml"},
    {"cli.table_cell_layout", "`defaults.table_cell_layout` in ~/.omnigraph/config.yaml"},
    {"cli.graph", "an explicit `--target` or `--server`"},
    {"cli.branch", "an explicit `--branch`"},
});

bool HasScheme(std::string_view uri) {
  return uri.find("://") != std::string_view::npos;
}

bool HasKey(const YamlNode& root, std::string_view key) {
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return root.Find(key) != nullptr;
  const YamlNode* parent = root.Find(key.substr(0, dot));
  return parent != nullptr && parent->Find(key.substr(dot + 1)) != nullptr;
}

void ReadGraphs(const YamlNode& root, SettingsReader& reader, ProjectConfig& config) {
  const YamlNode* graphs = reader.Mapping(root, "graphs", "graphs");
  if (graphs == nullptr) return;
  for (const text::YamlEntry& entry : graphs->entries()) {
    const std::string path = "graphs." + entry.key;
    NamedGraph graph;
    graph.uri = reader.RequiredText(entry.value, "uri", path + ".uri");
    if (!HasScheme(graph.uri)) graph.uri = PathBelow(config.folder, graph.uri);
    graph.token_variable = reader.Text(entry.value, "bearer_token_env", path + ".bearer_token_env");
    config.graphs[entry.key] = std::move(graph);
  }
}

Status ReadVariables(const YamlNode& root, SettingsReader& reader, ProjectConfig& config) {
  const YamlNode* auth = reader.Mapping(root, "auth", "auth");
  if (auth == nullptr) return Status::Ok();
  const auto name = reader.Text(*auth, "env_file", "auth.env_file");
  if (!name.has_value()) return Status::Ok();
  const std::string path = PathBelow(config.folder, *name);
  if (!FileExists(path)) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  config.variables = ParseVariables(text);
  return Status::Ok();
}

Status ReadFields(const YamlNode& root, ProjectConfig& config) {
  if (!root.is_null() && !root.is_mapping())
    return Status::Error(ErrorCode::kInvalidArgument, config.path + ": it must be a mapping");
  SettingsReader reader(config.path);
  ReadGraphs(root, reader, config);
  if (const YamlNode* cli = reader.Mapping(root, "cli", "cli")) {
    config.graph = reader.Text(*cli, "graph", "cli.graph");
    config.branch = reader.Text(*cli, "branch", "cli.branch");
    config.actor = reader.Text(*cli, "actor", "cli.actor");
    config.output = reader.Output(*cli, "output_format", "cli");
  }
  if (const YamlNode* query = reader.Mapping(root, "query", "query"))
    config.query_folders = reader.TextList(*query, "roots", "query.roots");
  OG_RETURN_IF_ERROR(ReadVariables(root, reader, config));
  for (const DeprecatedKey& deprecated : kDeprecatedKeys)
    if (HasKey(root, deprecated.key))
      config.deprecated_keys.emplace_back(deprecated.key, deprecated.destination);
  return reader.status();
}

}  // namespace

Result<ProjectConfig> ReadProjectConfig(const std::optional<std::string>& explicit_path,
                                        const Environment& environment) {
  ProjectConfig config;
  std::optional<std::string> named = explicit_path;
  if (!named.has_value()) named = environment("OMNIGRAPH_CONFIG");
  if (named.has_value() && named->empty()) named.reset();
  if (!named.has_value() && !FileExists(std::string(kDefaultPath))) return config;
  config.path = named.value_or(std::string(kDefaultPath));
  config.folder = FolderOf(config.path);
  OG_ASSIGN_OR_RETURN(std::string bytes, ReadFile(config.path));
  if (environment("OMNIGRAPH_NO_LEGACY_CONFIG").has_value()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "the project file '" + config.path +
                             "' is refused because OMNIGRAPH_NO_LEGACY_CONFIG is set: move its "
                             "settings (`omnigraph config migrate`) or unset the variable");
  }
  auto root = text::ParseYaml(text::Source(config.path, std::move(bytes)));
  if (!root.ok())
    return std::move(root).status().WithContext("could not parse '" + config.path + "'");
  OG_RETURN_IF_ERROR(ReadFields(*root, config));
  return config;
}

std::string DeprecationNotice(const ProjectConfig& config) {
  if (config.deprecated_keys.empty()) return {};
  std::string notice =
      "warning: '" + config.path +
      "' is deprecated (RFC-008); `omnigraph config migrate` proposes where its settings go; set "
      "OMNIGRAPH_SUPPRESS_YAML_DEPRECATION to silence this\n";
  for (const auto& [key, destination] : config.deprecated_keys)
    notice += "  `" + key + "` -> " + destination + "\n";
  return notice;
}

std::vector<std::pair<std::string, std::string>> ParseVariables(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (std::string_view line : Split(text, '\n')) {
    line = TrimSpace(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("export ")) line = TrimSpace(line.substr(7));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = TrimSpace(line.substr(0, equals));
    std::string_view value = TrimSpace(line.substr(equals + 1));
    const bool is_quoted = value.size() >= 2 && value.front() == value.back() &&
                           (value.front() == '"' || value.front() == '\'');
    if (is_quoted) value = value.substr(1, value.size() - 2);
    variables.emplace_back(name, value);
  }
  return variables;
}

}  // namespace omnigraph::cli
