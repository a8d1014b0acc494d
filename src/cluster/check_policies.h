// Checks the policies of the configuration: what they are bound to, and whether their bundles can
// govern it.

#pragma once

#include "cluster/config_file.h"
#include "cluster/config_folder.h"
#include "cluster/finding.h"

namespace omnigraph::cluster {

struct DesiredState;

/// Reads and checks every policy and adds them, their bindings and their edges to `desired`, which
/// must hold the queries of all graphs already.
void CheckPolicies(const ConfigFolder& folder, const ConfigFile& config, DesiredState& desired,
                   Findings& findings);

}  // namespace omnigraph::cluster
