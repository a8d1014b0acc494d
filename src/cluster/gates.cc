// Implements cluster/gates.h.

#include "cluster/gates.h"

#include <algorithm>
#include <optional>

#include "cluster/address.h"
#include "cluster/observe.h"

namespace omnigraph::cluster {

bool ApprovalMatcher::IsOpen(const Approval& approval) const {
  return !approval.consumed_at && !ledger_.approval_records.contains(approval.approval_id);
}

const Approval* ApprovalMatcher::Find(const Change& change) const {
  std::optional<Result<LiveGraph>> live;
  for (const Approval& approval : approvals_) {
    const bool is_fit = IsOpen(approval) && approval.resource == change.resource &&
                        approval.operation == OperationName(change.operation) &&
                        approval.bound_config_digest == config_digest_ &&
                        approval.bound_before_digest == change.before_digest &&
                        approval.bound_after_digest == change.after_digest;
    if (!is_fit) continue;
    if (!approval.binds_incarnation) return &approval;
    if (!live) {
      live = machine_.graphs->Observe(storage_.GraphUri(ParseAddress(change.resource).graph));
    }
    // A graph that cannot be opened is no other graph: it may be half deleted already. One that
    // could not be opened when it was approved, and can be now, may well be another one.
    const bool is_same = live->ok() ? (*live)->incarnation_id == approval.bound_graph_incarnation
                                    : !IsOutage(live->status());
    if (is_same) return &approval;
  }
  return nullptr;
}

void ApprovalMatcher::Match(const std::vector<Change>& changes, bool is_applying, PlanFacts& facts,
                            Findings& findings) const {
  for (const Change& change : changes) {
    if (!IsGated(change)) continue;
    const std::string graph(ParseAddress(change.resource).graph);
    const Approval* approval = Find(change);
    if (approval == nullptr) {
      const bool is_stale =
          std::any_of(approvals_.begin(), approvals_.end(), [&](const Approval& other) {
            return other.resource == change.resource && IsOpen(other);
          });
      if (is_stale) {
        findings.Warn("approval_stale", change.resource,
                      "an approval exists, but the configuration or the graph changed since, or "
                      "the graph cannot be looked at now, so it authorises nothing; look at "
                      "'cluster plan' and run 'cluster approve " +
                          change.resource + "' again");
      }
      continue;
    }
    facts.approved_graphs.insert(graph);
    if (!is_applying || !approval->observed_manifest_version) continue;
    const Result<LiveGraph> live = machine_.graphs->Observe(storage_.GraphUri(graph));
    if (live.ok() && live->manifest_version != *approval->observed_manifest_version) {
      findings.Warn("approval_data_moved", change.resource,
                    "the graph was written to since its delete was approved: main was at version " +
                        std::to_string(*approval->observed_manifest_version) + " and is at " +
                        std::to_string(live->manifest_version));
    }
  }
}

void FindRootsOfLoneSchemas(const Storage& storage, const std::vector<Change>& changes,
                            PlanFacts& facts) {
  for (const Change& change : changes) {
    const Address address = ParseAddress(change.resource);
    const bool is_lone = address.kind == ResourceKind::kSchema &&
                         change.operation == Operation::kDelete &&
                         FindChange(changes, GraphAddress(address.graph)) == nullptr;
    if (!is_lone) continue;
    const Result<std::vector<std::string>> keys =
        storage.objects().List(GraphRootKey(address.graph) + "/", "", 1);
    // What cannot be looked at counts as there: bookkeeping must not lose a graph.
    if (!keys.ok() || !keys->empty()) facts.existing_roots.emplace(address.graph);
  }
}

}  // namespace omnigraph::cluster
