// Implements cluster/desired_state.h: the order of the checks, header first, then graphs by id,
// then policies by name.

#include "cluster/desired_state.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "cluster/check_graph.h"
#include "cluster/check_policies.h"
#include "cluster/digest.h"
#include "cluster/storage_root.h"

namespace omnigraph::cluster {
namespace {

std::optional<std::string> ReadConfigText(const ConfigFolder& folder, Findings& findings) {
  if (!folder.Exists()) {
    findings.Error("config_dir_not_found", folder.directory(),
                   "the config folder " + Quoted(folder.directory()) +
                       " does not exist or is not a folder; --config names the folder that holds "
                       "cluster.yaml");
    return std::nullopt;
  }
  Result<SourceFile> file = folder.Read(kConfigFileName, kConfigFileBytesMax);
  if (!file.ok()) {
    findings.Error("cluster_config_read_error", kConfigFileName,
                   "cannot read the configuration: " + std::string(file.status().message()));
    return std::nullopt;
  }
  return std::move(file->bytes);
}

void CheckStorage(const ConfigFolder& folder, const ConfigFile& config, Findings& findings) {
  const Result<std::string> root = ResolveStorageRoot(folder.directory(), config.storage);
  if (!root.ok()) {
    findings.Error("invalid_storage_root", "storage",
                   "storage " + Quoted(config.storage.value_or("")) +
                       " names no storage root: " + std::string(root.status().message()));
  }
}

/// Adds the composed resources and edges once the parts are known.
void ComposeGraphs(const ConfigFile& config, DesiredState& desired) {
  for (const auto& [id, entry] : config.graphs) {
    if (!IsResourceId(id)) continue;
    const std::string graph = GraphAddress(id);
    const std::string schema = SchemaAddress(id);
    std::string schema_digest;
    if (const auto found = desired.resources.find(schema); found != desired.resources.end()) {
      schema_digest = found->second.digest;
      desired.dependencies.push_back({schema, graph});
    }
    std::map<std::string, std::string> query_digests;
    const std::string prefix = QueryAddress(id, "");
    for (auto query = desired.resources.lower_bound(prefix);
         query != desired.resources.end() && query->first.starts_with(prefix); ++query) {
      query_digests.emplace(query->first.substr(prefix.size()), query->second.digest);
      desired.dependencies.push_back({query->first, graph});
      desired.dependencies.push_back({query->first, schema});
    }
    desired.resources[graph] = {
        ResourceKind::kGraph, GraphDigest(id, schema_digest, query_digests), {}};
  }
}

}  // namespace

bool DesiredState::DeclaresGraph(std::string_view graph) const {
  return resources.contains(GraphAddress(graph));
}

std::map<std::string, std::string> DesiredState::Digests() const {
  std::map<std::string, std::string> digests;
  for (const auto& [address, resource] : resources)
    digests.emplace(address, resource.digest);
  return digests;
}

std::map<std::string, AppliedResource> DesiredState::AsApplied() const {
  std::map<std::string, AppliedResource> applied;
  for (const auto& [address, resource] : resources) {
    AppliedResource& entry = applied[address];
    entry.digest = resource.digest;
    const auto binding = bindings.find(address);
    if (binding != bindings.end()) entry.applies_to = binding->second;
  }
  return applied;
}

LoadedConfig LoadConfigHeader(const ConfigFolder& folder) {
  LoadedConfig loaded;
  std::optional<std::string> text = ReadConfigText(folder, loaded.findings);
  if (!text) return loaded;
  const text::Source source(kConfigFileName, *std::move(text));
  loaded.config = ParseConfigFile(source, loaded.findings);
  if (!loaded.config) return loaded;
  CheckConfigHeader(*loaded.config, loaded.findings);
  CheckStorage(folder, *loaded.config, loaded.findings);
  return loaded;
}

LoadedConfig LoadConfig(const ConfigFolder& folder) {
  LoadedConfig loaded = LoadConfigHeader(folder);
  if (!loaded.config) return loaded;
  for (const auto& [id, entry] : loaded.config->graphs) {
    CheckGraph(folder, id, entry, loaded.desired, loaded.findings);
  }
  CheckPolicies(folder, *loaded.config, loaded.desired, loaded.findings);
  ComposeGraphs(*loaded.config, loaded.desired);
  std::sort(loaded.desired.dependencies.begin(), loaded.desired.dependencies.end());
  loaded.desired.config_digest = ConfigDigest(*loaded.config, loaded.desired.Digests());
  loaded.desired.applied_config_digest = loaded.desired.config_digest;
  return loaded;
}

}  // namespace omnigraph::cluster
