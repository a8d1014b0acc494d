// Where a cluster keeps what it stores: the config folder itself, or what `storage:` names.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace omnigraph::cluster {

/// The normalised storage root: an absolute path or a bucket URI, without a slash at the end.
/// Relative paths start from the config folder.
///
/// Errors: `kInvalidArgument` for a blank text, a missing bucket or an unknown scheme.
Result<std::string> ResolveStorageRoot(std::string_view config_folder,
                                       const std::optional<std::string>& storage);

}  // namespace omnigraph::cluster
