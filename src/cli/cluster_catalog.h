// What a cluster has applied, for commands that address a graph, its queries or its policies by
// cluster: `--cluster <dir|uri>` with `--cluster-graph <id>` (or `--graph`). Nothing is locked or
// changed.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "cluster/serving.h"

namespace omnigraph::cli {

class Invocation;

/// The storage URI of the graph that is named. Reads the ledger alone. A cluster with a single
/// graph needs no name.
///
/// Errors: `kNotFound` if the cluster has no applied state or not this graph, listing those it has.
Result<std::string> ResolveClusterGraph(Invocation& invocation);

/// The applied stored queries of the graph that is named, or of the only one.
Result<std::vector<cluster::ServedQuery>> ReadClusterQueries(Invocation& invocation);

/// A bundle, and the graph that it governs; none for the bundle of the server.
struct AppliedPolicy {
  cluster::ServedPolicy policy;
  std::optional<std::string> graph_id;
};

/// The bundle of the graph that is named, or the only bundle of the cluster.
///
/// Errors: `kInvalidArgument` if several bundles fit, listing them; `kNotFound` if none does.
Result<AppliedPolicy> ReadClusterPolicy(Invocation& invocation);

}  // namespace omnigraph::cli
