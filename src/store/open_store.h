// From a storage URI to a store.

#pragma once

#include <memory>
#include <string_view>

#include "base/status.h"

namespace omnigraph::store {

class ObjectStore;

/// Opens the store that `uri` names (see `ParseStorageUri`). Nothing is read or created: a missing
/// directory is a store without objects, and comes into being with its first object.
///
/// Errors: as `ParseStorageUri`; `kInvalidArgument` for a kind of store that this build lacks.
Result<std::shared_ptr<ObjectStore>> OpenStore(std::string_view uri);

}  // namespace omnigraph::store
