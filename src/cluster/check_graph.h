// Checks one graph of the configuration: its schema, and its stored queries against it.

#pragma once

#include <string>

#include "cluster/config_file.h"
#include "cluster/config_folder.h"
#include "cluster/finding.h"

namespace omnigraph::cluster {

struct DesiredState;

/// Reads and checks the files of graph `id` and adds its schema and its queries to `desired`.
void CheckGraph(const ConfigFolder& folder, const std::string& id, const GraphEntry& entry,
                DesiredState& desired, Findings& findings);

}  // namespace omnigraph::cluster
