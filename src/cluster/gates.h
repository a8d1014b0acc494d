// Finds out which gated changes a person has approved.

#pragma once

#include <string>
#include <vector>

#include "cluster/approval.h"
#include "cluster/finding.h"
#include "cluster/machine.h"
#include "cluster/plan.h"
#include "cluster/storage.h"

namespace omnigraph::cluster {

/// Compares approvals with changes: one covers a change if resource, configuration, digests and the
/// graph's incarnation are the same and it was not used yet.
class ApprovalMatcher {
 public:
  /// All references must outlive the matcher.
  ApprovalMatcher(const Machine& machine, const Storage& storage,
                  const std::vector<Approval>& approvals, const std::string& config_digest,
                  const Ledger& ledger)
      : machine_(machine),
        storage_(storage),
        approvals_(approvals),
        config_digest_(config_digest),
        ledger_(ledger) {}

  /// Sets `facts.approved_graphs`. Warns about approvals that no longer fit; with `is_applying`
  /// also about rows that changed since.
  void Match(const std::vector<Change>& changes, bool is_applying, PlanFacts& facts,
             Findings& findings) const;

  /// The open approval that covers the gated change, or null. Reads the graph if there is one to
  /// compare with.
  const Approval* Find(const Change& change) const;

 private:
  bool IsOpen(const Approval& approval) const;

  const Machine& machine_;
  const Storage& storage_;
  const std::vector<Approval>& approvals_;
  const std::string& config_digest_;
  const Ledger& ledger_;
};

/// Sets `facts.existing_roots` for graphs whose schema alone is to be deleted.
void FindRootsOfLoneSchemas(const Storage& storage, const std::vector<Change>& changes,
                            PlanFacts& facts);

}  // namespace omnigraph::cluster
