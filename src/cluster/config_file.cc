// Implements cluster/config_file.h.

#include "cluster/config_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "cluster/config_keys.h"
#include "text/yaml.h"

namespace omnigraph::cluster {
namespace {

using text::YamlKind;
using text::YamlNode;

constexpr std::array<std::string_view, 8> kReservedKeys = {
    "apply", "env_file", "providers", "pipelines", "embeddings", "ui", "aliases", "bindings"};

constexpr char kInvalid[] = "invalid_cluster_yaml";

/// Reads typed values out of the tree and reports what does not fit.
class ConfigReader {
 public:
  ConfigReader(const text::Source& source, Findings& findings)
      : source_(source), findings_(findings) {}

  ConfigFile Read(const YamlNode& root) {
    ConfigFile config;
    CheckKeys(root, "cluster.yaml", "");
    ReadVersion(root, config);
    if (const YamlNode* metadata = Section(root, "metadata", "metadata")) {
      CheckKeys(*metadata, "metadata", "metadata");
      config.metadata_name = OptionalText(*metadata, "name", "metadata.name");
    }
    config.storage = OptionalText(root, "storage", "storage");
    if (const YamlNode* state = Section(root, "state", "state")) ReadState(*state, config);
    if (const YamlNode* graphs = Section(root, "graphs", "graphs")) {
      for (const text::YamlEntry& entry : graphs->entries())
        ReadGraph(entry, config);
    }
    if (const YamlNode* policies = Section(root, "policies", "policies")) {
      for (const text::YamlEntry& entry : policies->entries())
        ReadPolicy(entry, config);
    }
    return config;
  }

 private:
  void Report(text::Span span, const std::string& message) {
    const text::Position at = source_.PositionOf(span.begin);
    findings_.Error(kInvalid, kConfigFileName,
                    "line " + std::to_string(at.line) + ", column " + std::to_string(at.column) +
                        ": " + message);
  }

  void ReportKind(const YamlNode& node, const std::string& path, std::string_view expected) {
    Report(node.span(), "'" + path + "' must be " + std::string(expected) + ", found " +
                            std::string(text::Describe(node.kind())));
  }

  /// `section` is the mapping's path in the table of keys.
  void CheckKeys(const YamlNode& mapping, const std::string& where, std::string_view section) {
    const std::vector<std::string_view> known = text::KeysUnder(kConfigKeys, section);
    for (const text::YamlEntry& entry : mapping.entries()) {
      if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
      std::string message = "unknown field " + Quoted(entry.key) + " in " + where;
      const std::string_view near = text::DidYouMean(entry.key, known);
      if (!near.empty()) {
        message += "; did you mean '" + std::string(near) + "'?";
      } else {
        message +=
            "; known fields: " + Join(std::vector<std::string>(known.begin(), known.end()), ", ");
      }
      Report(entry.key_span, message);
    }
  }

  /// The mapping under `key`; null if absent, empty or of another kind.
  const YamlNode* Section(const YamlNode& parent, std::string_view key, const std::string& path) {
    const YamlNode* node = parent.Find(key);
    if (node == nullptr || node->is_null()) return nullptr;
    if (node->is_mapping()) return node;
    ReportKind(*node, path, "a mapping");
    return nullptr;
  }

  std::optional<std::string> Text(const YamlNode& node, const std::string& path) {
    if (const std::string* scalar = node.AsText()) return *scalar;
    ReportKind(node, path, "a text");
    return std::nullopt;
  }

  std::optional<std::string> OptionalText(const YamlNode& parent, std::string_view key,
                                          const std::string& path) {
    const YamlNode* node = parent.Find(key);
    if (node == nullptr || node->is_null()) return std::nullopt;
    return Text(*node, path);
  }

  std::string RequiredText(const YamlNode& parent, std::string_view key, const std::string& path,
                           text::Span owner) {
    const YamlNode* node = parent.Find(key);
    if (node == nullptr || node->is_null()) {
      Report(owner, "'" + path + "' is missing field '" + std::string(key) + "'");
      return {};
    }
    const std::string text = Text(*node, path + "." + std::string(key)).value_or("");
    if (node->AsText() != nullptr && TrimSpace(text).empty()) {
      Report(node->span(), "'" + path + "." + std::string(key) + "' is blank");
    }
    return text;
  }

  std::vector<std::string> Texts(const YamlNode& sequence, const std::string& path) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < sequence.items().size(); ++i) {
      std::optional<std::string> item =
          Text(sequence.items()[i], path + "[" + std::to_string(i) + "]");
      if (item) texts.push_back(*std::move(item));
    }
    return texts;
  }

  void ReadVersion(const YamlNode& root, ConfigFile& config) {
    const YamlNode* version = root.Find("version");
    if (version == nullptr || version->is_null()) {
      Report({0, 0}, "missing field 'version'; write 'version: 1'");
    } else if (const std::optional<std::int64_t> number = version->AsInteger()) {
      config.version = *number;
    } else {
      ReportKind(*version, "version", "an integer");
    }
  }

  void ReadState(const YamlNode& state, ConfigFile& config) {
    CheckKeys(state, "state", "state");
    config.state_backend = OptionalText(state, "backend", "state.backend");
    const YamlNode* lock = state.Find("lock");
    if (lock == nullptr || lock->is_null()) return;
    config.state_lock = lock->AsBool();
    if (!config.state_lock) ReportKind(*lock, "state.lock", "true or false");
  }

  void ReadGraph(const text::YamlEntry& entry, ConfigFile& config) {
    const std::string path = "graphs." + entry.key;
    if (!entry.value.is_mapping() && !entry.value.is_null()) {
      ReportKind(entry.value, path, "a mapping");
      return;
    }
    CheckKeys(entry.value, path, "graphs.*");
    GraphEntry graph;
    graph.schema = RequiredText(entry.value, "schema", path, entry.key_span);
    const YamlNode* queries = entry.value.Find("queries");
    if (queries != nullptr) graph.queries = ReadQueries(*queries, path + ".queries");
    config.graphs.emplace(entry.key, std::move(graph));
  }

  QueriesEntry ReadQueries(const YamlNode& node, const std::string& path) {
    if (node.is_sequence()) return Texts(node, path);
    if (const std::string* single = node.AsText()) return *single;
    std::map<std::string, std::string> files;
    if (node.is_null()) return files;
    if (!node.is_mapping()) {
      ReportKind(node, path, "a path, a list of paths, or a mapping of names to files");
      return files;
    }
    for (const text::YamlEntry& entry : node.entries()) {
      const std::string query_path = path + "." + entry.key;
      if (!entry.value.is_mapping() && !entry.value.is_null()) {
        ReportKind(entry.value, query_path, "a mapping with 'file'");
        continue;
      }
      CheckKeys(entry.value, query_path, "graphs.*.queries.*");
      files.emplace(entry.key, RequiredText(entry.value, "file", query_path, entry.key_span));
    }
    return files;
  }

  void ReadPolicy(const text::YamlEntry& entry, ConfigFile& config) {
    const std::string path = "policies." + entry.key;
    if (!entry.value.is_mapping() && !entry.value.is_null()) {
      ReportKind(entry.value, path, "a mapping");
      return;
    }
    CheckKeys(entry.value, path, "policies.*");
    PolicyEntry policy;
    policy.file = RequiredText(entry.value, "file", path, entry.key_span);
    const YamlNode* applies_to = entry.value.Find("applies_to");
    if (applies_to == nullptr || applies_to->is_null()) {
      Report(entry.key_span, "'" + path + "' is missing field 'applies_to'");
    } else if (applies_to->is_sequence()) {
      policy.applies_to = Texts(*applies_to, path + ".applies_to");
    } else {
      ReportKind(*applies_to, path + ".applies_to", "a list of 'cluster' and graph ids");
    }
    config.policies.emplace(entry.key, std::move(policy));
  }

  const text::Source& source_;
  Findings& findings_;
};

void ReportYamlProblems(const text::Source& source, const text::YamlDocument& document,
                        Findings& findings) {
  for (const text::YamlProblem& problem : document.problems) {
    const text::Position at = source.PositionOf(problem.span.begin);
    std::string message = "line " + std::to_string(at.line) + ", column " +
                          std::to_string(at.column) + ": " + problem.message;
    if (problem.kind == text::YamlProblemKind::kDuplicateKey) {
      findings.Error("duplicate_yaml_key", problem.path, std::move(message));
    } else {
      findings.Error(kInvalid, kConfigFileName, std::move(message));
    }
  }
}

void ReportReservedKeys(const text::Source& source, const YamlNode& root, Findings& findings) {
  for (const text::YamlEntry& entry : root.entries()) {
    if (std::find(kReservedKeys.begin(), kReservedKeys.end(), entry.key) == kReservedKeys.end()) {
      continue;
    }
    const text::Position at = source.PositionOf(entry.key_span.begin);
    findings.Error("future_phase_field", entry.key,
                   "line " + std::to_string(at.line) + ": the key '" + entry.key +
                       "' is reserved for a later version and has no meaning yet; remove it");
  }
}

}  // namespace

std::optional<ConfigFile> ParseConfigFile(const text::Source& source, Findings& findings) {
  const text::YamlDocument document = text::ReadYaml(source);
  Findings found;
  ReportYamlProblems(source, document, found);
  ReportReservedKeys(source, document.root, found);
  if (found.has_errors()) {
    findings.Append(found);
    return std::nullopt;
  }
  if (!document.root.is_mapping()) {
    findings.Error(kInvalid, kConfigFileName,
                   "line 1, column 1: the file must be a mapping that starts with 'version: 1', "
                   "found " +
                       std::string(text::Describe(document.root.kind())));
    return std::nullopt;
  }
  ConfigFile config = ConfigReader(source, found).Read(document.root);
  findings.Append(found);
  if (found.has_errors()) return std::nullopt;
  return config;
}

void CheckConfigHeader(const ConfigFile& config, Findings& findings) {
  if (config.version != 1) {
    findings.Error("unsupported_cluster_config_version", "version",
                   "cluster.yaml says version " + std::to_string(config.version) +
                       ", this program reads version 1");
  }
  if (config.metadata_name && TrimSpace(*config.metadata_name).empty()) {
    findings.Error("empty_metadata_name", "metadata.name",
                   "metadata.name is blank; give the cluster a name or remove the key");
  }
  if (config.state_backend && *config.state_backend != "cluster") {
    findings.Error("unsupported_state_backend", "state.backend",
                   "state.backend is " + Quoted(*config.state_backend) +
                       "; only 'cluster' is supported: the ledger lies in the storage root");
  }
}

std::string ConfigJsonSchema() {
  return text::JsonSchemaOf(kConfigKeys, "cluster.yaml",
                            "Graphs, stored queries and policies of an OmniGraph cluster.");
}

bool MayDeclareStorage(std::string_view text) {
  for (std::string_view line : Split(text, '\n')) {
    if (line.find("storage") != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace omnigraph::cluster
