// The sweep: settles what interrupted operations left behind. It only moves the ledger towards what
// the graphs are; it never changes or removes a graph.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "cluster/approval.h"
#include "cluster/finding.h"
#include "cluster/ledger.h"
#include "cluster/machine.h"
#include "cluster/storage.h"

namespace omnigraph::cluster {

struct SweepOutcome {
  std::vector<std::string> retired;      ///< Keys of sidecars that go once the ledger is written.
  std::set<std::string> pending_graphs;  ///< Graphs whose sidecar stays: nothing may move them.
};

/// Reads every sidecar, compares it with its graph and edits `ledger`; writes nothing.
SweepOutcome SweepRecoveries(const Machine& machine, const Storage& storage,
                             const std::vector<Approval>& approvals, Ledger& ledger,
                             Findings& findings);

/// Removes the sidecars. Best effort: what stays is swept again.
void RetireSidecars(const Storage& storage, const std::vector<std::string>& keys);

/// The entry of `observations` that a deleted graph leaves.
std::string TombstoneJson(const std::string& deleted_at,
                          const std::optional<std::string>& approval_id,
                          const std::optional<std::string>& actor);

}  // namespace omnigraph::cluster
