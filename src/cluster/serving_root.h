// From the argument of `--cluster` to a storage root.

#pragma once

#include <string>

#include "base/status.h"
#include "cluster/finding.h"

namespace omnigraph::cluster {

/// The normalised storage root that `argument` names (see `ReadServingSnapshot`). A `cluster.yaml`
/// that cannot be used but may name a storage is an error with its findings; one that cannot is a
/// warning.
Result<std::string> ResolveServingRoot(const std::string& argument, Findings& findings);

}  // namespace omnigraph::cluster
