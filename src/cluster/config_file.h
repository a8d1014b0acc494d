// `cluster.yaml` as written: what its keys say, before any file that it names is read.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cluster/finding.h"
#include "text/source.h"

namespace omnigraph::cluster {

inline constexpr char kConfigFileName[] = "cluster.yaml";

/// A file or folder; several; or query names with the file of each.
using QueriesEntry =
    std::variant<std::map<std::string, std::string>, std::string, std::vector<std::string>>;

struct GraphEntry {
  std::string schema;
  QueriesEntry queries;  ///< Default: an empty map.
};

struct PolicyEntry {
  std::string file;
  std::vector<std::string> applies_to;  ///< As written.
};

/// Texts are verbatim; an absent optional key is absent here too, because digests tell it apart
/// from its default.
struct ConfigFile {
  std::int64_t version = 1;
  std::optional<std::string> metadata_name;
  std::optional<std::string> storage;
  std::optional<std::string> state_backend;
  std::optional<bool> state_lock;
  std::map<std::string, GraphEntry> graphs;
  std::map<std::string, PolicyEntry> policies;

  bool is_locking() const { return state_lock.value_or(true); }
};

/// Reads the text of a `cluster.yaml`. Nothing is returned if it is not YAML, holds a reserved,
/// unknown, missing or mistyped key; every such mistake is reported with its line.
std::optional<ConfigFile> ParseConfigFile(const text::Source& source, Findings& findings);

/// Checks the keys that stand for themselves: version, metadata.name, state.backend.
void CheckConfigHeader(const ConfigFile& config, Findings& findings);

/// The JSON Schema of `cluster.yaml`, for editors. It knows keys and the kinds of their values;
/// what other files say is for 'cluster validate'.
std::string ConfigJsonSchema();

/// Whether a file that is not YAML may all the same be meant to have a `storage` key.
bool MayDeclareStorage(std::string_view text);

}  // namespace omnigraph::cluster
