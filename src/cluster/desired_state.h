// Desired state: what `cluster.yaml` and the files it names ask for, with everything that is wrong
// with them. Needs no storage.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cluster/address.h"
#include "cluster/config_file.h"
#include "cluster/config_folder.h"
#include "cluster/finding.h"
#include "cluster/ledger.h"

namespace omnigraph::cluster {

struct DesiredResource {
  ResourceKind kind = ResourceKind::kUnknown;
  std::string digest;
  std::string declared_path;  ///< Of the source file, relative to the folder; empty for graphs.
};

/// `from` needs `to`.
struct Dependency {
  std::string from;
  std::string to;
  friend auto operator<=>(const Dependency&, const Dependency&) = default;
};

struct DesiredState {
  std::map<std::string, DesiredResource> resources;  ///< By address.
  std::vector<Dependency> dependencies;              ///< Ascending, distinct.
  /// What each policy address is bound to: "cluster" or "graph.<id>", ascending, distinct.
  std::map<std::string, std::vector<std::string>> bindings;
  std::map<std::string, std::string> schema_texts;  ///< By graph id.
  std::string config_digest;
  /// A past revision instead of the config folder: its content comes from the catalog.
  bool is_archived = false;
  /// What the ledger notes as the configuration once this is applied; none for a past revision
  /// before which nothing had converged.
  std::optional<std::string> applied_config_digest;

  bool DeclaresGraph(std::string_view graph) const;
  /// Digests by address.
  std::map<std::string, std::string> Digests() const;
  /// What the ledger says once all of it is applied.
  std::map<std::string, AppliedResource> AsApplied() const;
};

/// What was found in a config folder. `config` is absent if the file could not be parsed; `desired`
/// holds what could be read even if `findings` has errors.
struct LoadedConfig {
  std::optional<ConfigFile> config;
  DesiredState desired;
  Findings findings;
};

/// Reads `cluster.yaml` alone and checks its header and, with `ParseStorageUri`, its storage.
LoadedConfig LoadConfigHeader(const ConfigFolder& folder);

/// `LoadConfigHeader` and every file that it names: schemas are compiled, queries checked against
/// them, policies compiled for what they are bound to. All findings are collected.
LoadedConfig LoadConfig(const ConfigFolder& folder);

}  // namespace omnigraph::cluster
