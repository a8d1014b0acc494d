// What a server serves of a cluster: the applied revision, read once and verified, or every reason
// why it cannot be served. Reads only, takes no lock, and needs no config folder.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cluster/finding.h"
#include "cluster/machine.h"

namespace omnigraph::policy {
struct Bundle;
}

namespace omnigraph::cluster {

struct ServedQuery {
  std::string name;
  std::string digest;
  /// The whole containing file; one text for all queries of it. Holds a query of that name.
  std::shared_ptr<const std::string> source;
};

struct ServedPolicy {
  std::string name;
  std::string digest;
  std::shared_ptr<const policy::Bundle> bundle;
};

struct ServedGraph {
  std::string graph_id;
  std::string root_uri;  ///< Absolute path or bucket URI.
  std::string schema_digest;
  std::vector<ServedQuery> queries;  ///< Ascending by name.
  std::optional<ServedPolicy> policy;
  /// Why this graph cannot be served; only set if the caller allows quarantine.
  std::string quarantine_reason;
};

struct ServingSnapshot {
  std::string root_uri;
  std::uint64_t state_revision = 0;
  std::optional<std::string> config_digest;
  std::string state_cas;            ///< "sha256:…" of the ledger.
  std::vector<ServedGraph> graphs;  ///< Ascending by id.
  std::optional<ServedPolicy> server_policy;
  bool has_policies() const;
};

struct SnapshotOutcome {
  std::optional<ServingSnapshot> snapshot;  ///< Absent if there are errors.
  Findings findings;
  std::string argument;

  /// "the cluster at '…' is not ready to serve:" and one line per error.
  std::string RefusalText() const;
};

struct ServingOptions {
  /// A graph that cannot be served is left out instead of refusing the whole cluster.
  bool allows_quarantine = false;
};

/// Reads the applied revision. `argument` is a storage root with `://`, or a config folder, whose
/// `cluster.yaml` is looked at only for `storage`, or a storage root on this machine.
///
/// What is left to the server: to open the graphs, to check the queries against their live schemas,
/// and to see that there are tokens.
SnapshotOutcome ReadServingSnapshot(const Machine& machine, const std::string& argument,
                                    const ServingOptions& options = {});

/// The version of the ledger by its bytes; to notice that a new revision was applied.
Result<std::string> ReadLedgerCas(const Machine& machine, const std::string& root_uri);

/// The root of an applied graph, from the ledger alone.
///
/// Errors: `kNotFound` ("is not applied in cluster", with the applied ids; or there is no ledger);
/// `kInvalidArgument` for a root or ledger that cannot be used.
Result<std::string> ResolveClusterGraph(const Machine& machine, const std::string& argument,
                                        const std::string& graph_id);

/// The storage root of the cluster in which a graph at `uri` lies ("<root>/graphs/<id>.omni", with
/// a ledger at the root); none for other graphs. Looks at storage only if the URI has that shape.
std::optional<std::string> FindClusterAround(const Machine& machine, const std::string& uri);

/// `kInvalidArgument` if a graph that is to be created at `uri` would lie in a cluster's storage
/// root ("<root>/graphs/<id>.omni"), where only 'cluster apply' creates graphs. Looks at storage
/// only if the URI has that shape.
Status CheckInitTarget(const Machine& machine, const std::string& uri);

}  // namespace omnigraph::cluster
