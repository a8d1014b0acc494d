// Implements cluster/serving_root.h and the two checks that only need a root: maintenance by graph
// id and the guard of `init`.

#include "cluster/serving_root.h"

#include <optional>
#include <utility>

#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/config_file.h"
#include "cluster/config_folder.h"
#include "cluster/serving.h"
#include "cluster/storage.h"
#include "cluster/storage_root.h"
#include "store/uri.h"
#include "text/yaml.h"

namespace omnigraph::cluster {
namespace {

bool IsUri(std::string_view argument) {
  return argument.find("://") != std::string_view::npos;
}

/// The value of `storage` in a configuration of which nothing else counts.
struct StorageKey {
  bool is_yaml = false;
  std::optional<std::string> value;
};

StorageKey ReadStorageKey(const text::Source& source) {
  const text::YamlDocument document = text::ReadYaml(source);
  StorageKey key;
  key.is_yaml = document.ok();
  if (!key.is_yaml) return key;
  const text::YamlNode* storage = document.root.Find("storage");
  if (storage == nullptr || storage->AsText() == nullptr) return key;
  if (!TrimSpace(*storage->AsText()).empty()) key.value = *storage->AsText();
  return key;
}

std::string DescribeIds(const std::vector<std::string>& ids) {
  return ids.empty() ? "none" : Join(ids, ", ");
}

}  // namespace

Result<std::string> ResolveServingRoot(const std::string& argument, Findings& findings) {
  const auto fail = [&](const Status& status) {
    findings.Error("storage_root_invalid", "storage", std::string(status.message()));
    return status;
  };
  if (IsUri(argument)) {
    Result<store::StorageUri> uri = store::ParseStorageUri(argument);
    if (!uri.ok()) return fail(uri.status());
    return std::move(uri->normalized);
  }
  const ConfigFolder folder(argument);
  std::optional<std::string> storage;
  const Result<SourceFile> file = folder.Read(kConfigFileName, kConfigFileBytesMax);
  if (!file.ok() && file.status().code() != ErrorCode::kNotFound) {
    // It may name another root, and what lies here may be long out of date.
    const std::string why = "cannot read the configuration, which may name another storage root: " +
                            std::string(file.status().message());
    findings.Error("cluster_config_read_error", kConfigFileName, why);
    return Status::Error(file.status().code(), why);
  }
  if (file.ok()) {
    const text::Source source(kConfigFileName, file->bytes);
    StorageKey key = ReadStorageKey(source);
    if (!key.is_yaml && MayDeclareStorage(file->bytes)) {
      Findings found;
      ParseConfigFile(source, found);
      findings.Append(found);
      return Status::Error(ErrorCode::kInvalidArgument,
                           "cluster.yaml cannot be read, and it may name another storage root");
    }
    if (!key.is_yaml) {
      findings.Warn("invalid_cluster_yaml", kConfigFileName,
                    "cluster.yaml cannot be read; its folder is taken for the storage root");
    }
    storage = std::move(key.value);
  }
  Result<std::string> root = ResolveStorageRoot(folder.directory(), storage);
  if (!root.ok()) return fail(root.status());
  return root;
}

Result<std::string> ResolveClusterGraph(const Machine& machine, const std::string& argument,
                                        const std::string& graph_id) {
  Findings findings;
  OG_ASSIGN_OR_RETURN(std::string root, ResolveServingRoot(argument, findings));
  OG_ASSIGN_OR_RETURN(const Storage storage, Storage::Open(machine, std::move(root)));
  const StoredLedger stored = ReadLedger(storage.objects());
  if (stored.state == StoredLedger::State::kAbsent) {
    return Status::Error(ErrorCode::kNotFound,
                         "cluster_state_missing: the cluster at " + Quoted(argument) +
                             " has no ledger; run 'cluster import' and then 'cluster apply'");
  }
  if (stored.state != StoredLedger::State::kValid) {
    return Status::Error(
        ErrorCode::kInvalidArgument,
        "the ledger of the cluster at " + Quoted(argument) + " cannot be used: " + stored.problem);
  }
  if (stored.ledger.resources.contains(GraphAddress(graph_id))) return storage.GraphUri(graph_id);
  return Status::Error(ErrorCode::kNotFound,
                       "graph_not_applied: the graph " + Quoted(graph_id) +
                           " is not applied in cluster " + Quoted(argument) +
                           "; applied graphs: " + DescribeIds(stored.ledger.GraphIds()) +
                           "; declare it in cluster.yaml and run 'cluster apply'");
}

std::optional<std::string> FindClusterAround(const Machine& machine, const std::string& uri) {
  const Result<store::StorageUri> target = store::ParseStorageUri(uri);
  if (!target.ok()) return std::nullopt;
  const std::string& path = target->normalized;
  const std::size_t name_at = path.rfind('/');
  if (name_at == std::string::npos || !std::string_view(path).ends_with(kGraphSuffix)) {
    return std::nullopt;
  }
  constexpr std::string_view kFolder = "/graphs";
  const std::string_view parent = std::string_view(path).substr(0, name_at);
  if (!parent.ends_with(kFolder)) return std::nullopt;
  const std::string root(parent.substr(0, parent.size() - kFolder.size()));
  if (root.empty()) return std::nullopt;
  const Result<Storage> storage = Storage::Open(machine, root);
  if (!storage.ok() || !storage->objects().ReadVersion(kLedgerKey).ok()) return std::nullopt;
  return root;
}

Status CheckInitTarget(const Machine& machine, const std::string& uri) {
  const std::optional<std::string> root = FindClusterAround(machine, uri);
  if (!root) return Status::Ok();
  return Status::Error(ErrorCode::kInvalidArgument,
                       "cannot create a graph at " + Quoted(uri) + ": it lies in the cluster " +
                           Quoted(*root) +
                           ", whose graphs are declared in cluster.yaml and created by 'cluster "
                           "apply'");
}

}  // namespace omnigraph::cluster
