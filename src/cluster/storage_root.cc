// Implements cluster/storage_root.h.

#include "cluster/storage_root.h"

#include <utility>

#include "base/strings.h"
#include "store/uri.h"

namespace omnigraph::cluster {

Result<std::string> ResolveStorageRoot(std::string_view config_folder,
                                       const std::optional<std::string>& storage) {
  if (config_folder.empty()) config_folder = ".";
  OG_ASSIGN_OR_RETURN(store::StorageUri folder, store::ParseStorageUri(config_folder));
  if (!storage) return std::move(folder.normalized);
  const std::string_view trimmed = TrimSpace(*storage);
  if (trimmed.empty()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "it is blank; remove the key to store beside cluster.yaml");
  }
  OG_ASSIGN_OR_RETURN(store::StorageUri root, store::ParseStorageUri(trimmed, folder.path));
  return std::move(root.normalized);
}

}  // namespace omnigraph::cluster
