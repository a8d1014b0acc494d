// The difference between what is wanted and what is recorded, and what may become of each change.
// Pure: the facts about approvals, recoveries and roots come in as data.

#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/desired_state.h"
#include "cluster/ledger.h"
#include "cluster/machine.h"

namespace omnigraph::cluster {

enum class Operation : unsigned char { kCreate, kUpdate, kDelete };
/// "create", "update", "delete".
std::string_view OperationName(Operation operation);

enum class Disposition : unsigned char {
  kApplied,   ///< Apply executes it.
  kDerived,   ///< Follows from others; apply recomputes it.
  kDeferred,  ///< Nothing this version can do.
  kBlocked,   ///< Waits for something; `reason` says for what.
};
/// "applied", "derived", "deferred", "blocked".
std::string_view DispositionName(Disposition disposition);

struct Change {
  std::string resource;
  Operation operation = Operation::kUpdate;
  std::optional<std::string> before_digest;
  std::optional<std::string> after_digest;
  Disposition disposition = Disposition::kApplied;
  std::string reason{};                         ///< Empty, or a word such as "approval_required".
  bool binding_change = false;                  ///< Only what a policy is bound to changes.
  std::optional<MigrationPreview> migration{};  ///< Of schema updates, in a plan.

  void Block(std::string_view why) {
    disposition = Disposition::kBlocked;
    reason = why;
  }
};

/// Every change from one applied revision to another, ascending by address; not classified. A
/// policy whose bindings alone differ is an update with equal digests.
std::vector<Change> DiffResources(const std::map<std::string, AppliedResource>& before,
                                  const std::map<std::string, AppliedResource>& after);

/// Every change from `ledger` to `desired`, ascending by address, those of bindings included; not
/// classified yet.
std::vector<Change> Diff(const DesiredState& desired, const Ledger& ledger);

/// What `Classify` must know beyond the two states.
struct PlanFacts {
  std::set<std::string> pending_graphs;   ///< An unfinished recovery holds them.
  std::set<std::string> approved_graphs;  ///< Their delete has a valid approval.
  std::set<std::string> existing_roots;   ///< Graphs with objects, among those only half recorded.
};

/// Gives each change its disposition and reason.
void Classify(const DesiredState& desired, const PlanFacts& facts, std::vector<Change>& changes);

/// The change of an address; null if there is none.
Change* FindChange(std::vector<Change>& changes, std::string_view resource);
const Change* FindChange(const std::vector<Change>& changes, std::string_view resource);

/// What depends directly on a changed resource.
struct BlastRadius {
  std::string resource;
  std::vector<std::string> affected;
};
std::vector<BlastRadius> FindBlastRadius(const DesiredState& desired,
                                         const std::vector<Change>& changes);

/// A change that needs a person's consent.
struct ApprovalGate {
  std::string resource;
  std::string reason;
  bool is_satisfied = false;
};
std::vector<ApprovalGate> FindGates(const std::vector<Change>& changes, const PlanFacts& facts);

/// Why the delete of a graph is gated, for people.
inline constexpr std::string_view kDeleteGateReason =
    "deletes the graph with all its rows and its history; this cannot be undone";

/// Whether the change is behind a gate of its own: the delete of a graph.
bool IsGated(const Change& change);

/// Turns the changes of `graph` and of policies bound to it that would be applied into blocked
/// ones, after its change `origin` failed for `reason`.
void DemoteGraph(std::string_view graph, std::string_view origin, std::string_view reason,
                 const DesiredState& desired, std::vector<Change>& changes);

}  // namespace omnigraph::cluster
