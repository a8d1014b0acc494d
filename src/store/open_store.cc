// From a storage URI to a store.

#include "store/open_store.h"

#include "base/environment.h"
#include "base/strings.h"
#include "store/local_store.h"
#include "store/uri.h"

namespace omnigraph::store {

Result<std::shared_ptr<ObjectStore>> OpenStore(std::string_view uri) {
  OG_ASSIGN_OR_RETURN(StorageUri parsed, ParseStorageUri(uri));
  if (parsed.scheme != StorageScheme::kLocal) {
    const std::string scheme = parsed.normalized.substr(0, parsed.normalized.find(':'));
    return Status::Error(ErrorCode::kInvalidArgument, "this build of OmniGraph has no store for '" +
                                                          scheme + "://' (storage URI " +
                                                          Quoted(uri) + "); use a local directory");
  }
  LocalStoreOptions options;
  options.maps_files = SystemEnvironment()("OG_MMAP").value_or("1") != "0";
  return std::shared_ptr<ObjectStore>(
      std::make_shared<LocalStore>(std::move(parsed.path), options));
}

}  // namespace omnigraph::store
