// Implements cluster/plan.h.

#include "cluster/plan.h"

#include <algorithm>
#include <map>
#include <utility>

#include "cluster/address.h"

namespace omnigraph::cluster {
namespace {

constexpr std::string_view kRecoveryPending = "cluster_recovery_pending";
constexpr std::string_view kApprovalRequired = "approval_required";
constexpr std::string_view kNotApplied = "dependency_not_applied";
constexpr std::string_view kUnsupported = "apply_unsupported_kind";

void Defer(Change& change) {
  change.disposition = Disposition::kDeferred;
  change.reason = kUnsupported;
}

class Classifier {
 public:
  Classifier(const DesiredState& desired, const PlanFacts& facts, std::vector<Change>& changes)
      : desired_(desired), facts_(facts), changes_(changes) {}

  void Run() {
    for (Change& change : changes_) {
      const Address address = ParseAddress(change.resource);
      switch (address.kind) {
        case ResourceKind::kGraph:
          ClassifyGraph(std::string(address.graph), change);
          break;
        case ResourceKind::kSchema:
          ClassifySchema(std::string(address.graph), change);
          break;
        case ResourceKind::kQuery:
          ClassifyQuery(std::string(address.graph), change);
          break;
        case ResourceKind::kPolicy:
          ClassifyPolicy(change);
          break;
        case ResourceKind::kUnknown:
          Defer(change);
          break;
      }
    }
  }

 private:
  bool IsPending(const std::string& graph) const { return facts_.pending_graphs.contains(graph); }

  std::optional<Operation> OperationOn(const std::string& address) const {
    const Change* change = FindChange(changes_, address);
    return change == nullptr ? std::nullopt : std::optional(change->operation);
  }

  /// Whether the schema is created or deleted while its graph is not.
  bool HasLoneSchema(const std::string& graph) const {
    const std::optional<Operation> schema = OperationOn(SchemaAddress(graph));
    if (!schema || *schema == Operation::kUpdate) return false;
    return OperationOn(GraphAddress(graph)) != schema;
  }

  void ClassifyDelete(const std::string& graph, Change& change) const {
    if (IsPending(graph)) {
      change.Block(kRecoveryPending);
    } else if (!facts_.approved_graphs.contains(graph)) {
      change.Block(kApprovalRequired);
    }
  }

  void ClassifyGraph(const std::string& graph, Change& change) const {
    switch (change.operation) {
      case Operation::kCreate:
        if (IsPending(graph)) change.Block(kRecoveryPending);
        return;
      case Operation::kUpdate:
        if (HasLoneSchema(graph)) {
          Defer(change);
        } else {
          change.disposition = Disposition::kDerived;
        }
        return;
      case Operation::kDelete:
        ClassifyDelete(graph, change);
        return;
    }
  }

  void ClassifySchema(const std::string& graph, Change& change) const {
    const std::optional<Operation> of_graph = OperationOn(GraphAddress(graph));
    if (change.operation == Operation::kDelete) {
      if (of_graph == Operation::kDelete) {
        ClassifyDelete(graph, change);
      } else if (facts_.existing_roots.contains(graph)) {
        Defer(change);
      }
      return;
    }
    if (IsPending(graph)) {
      change.Block(kRecoveryPending);
    } else if (change.operation == Operation::kCreate && of_graph != Operation::kCreate) {
      change.Block("ledger_incomplete");
    }
  }

  void ClassifyQuery(const std::string& graph, Change& change) const {
    if (change.operation == Operation::kDelete) {
      if (OperationOn(GraphAddress(graph)) == Operation::kDelete) ClassifyDelete(graph, change);
      return;
    }
    if (IsPending(graph)) {
      change.Block(kRecoveryPending);
    } else if (HasLoneSchema(graph)) {
      change.Block(kNotApplied);
    }
  }

  void ClassifyPolicy(Change& change) const {
    if (change.operation == Operation::kDelete) return;
    const auto bindings = desired_.bindings.find(change.resource);
    if (bindings == desired_.bindings.end()) return;
    const bool is_pending = std::any_of(
        bindings->second.begin(), bindings->second.end(),
        [&](const auto& scope) { return IsPending(std::string(ParseAddress(scope).graph)); });
    if (is_pending) change.Block(kRecoveryPending);
  }

  const DesiredState& desired_;
  const PlanFacts& facts_;
  std::vector<Change>& changes_;
};

template <typename Changes>
auto* Find(Changes& changes, std::string_view resource) {
  const auto found = std::lower_bound(
      changes.begin(), changes.end(), resource,
      [](const Change& change, std::string_view address) { return change.resource < address; });
  return found != changes.end() && found->resource == resource ? &*found : nullptr;
}

}  // namespace

std::string_view OperationName(Operation operation) {
  switch (operation) {
    case Operation::kCreate:
      return "create";
    case Operation::kUpdate:
      return "update";
    case Operation::kDelete:
      return "delete";
  }
  return "";
}

std::string_view DispositionName(Disposition disposition) {
  switch (disposition) {
    case Disposition::kApplied:
      return "applied";
    case Disposition::kDerived:
      return "derived";
    case Disposition::kDeferred:
      return "deferred";
    case Disposition::kBlocked:
      return "blocked";
  }
  return "";
}

std::vector<Change> DiffResources(const std::map<std::string, AppliedResource>& before,
                                  const std::map<std::string, AppliedResource>& after) {
  std::map<std::string, Change> changes;
  for (const auto& [address, wanted] : after) {
    const auto recorded = before.find(address);
    if (recorded == before.end()) {
      changes[address] = {address, Operation::kCreate, std::nullopt, wanted.digest};
    } else if (recorded->second.digest != wanted.digest) {
      changes[address] = {address, Operation::kUpdate, recorded->second.digest, wanted.digest};
    } else if (wanted.applies_to && recorded->second.applies_to != wanted.applies_to) {
      Change change{address, Operation::kUpdate, wanted.digest, wanted.digest};
      change.binding_change = true;
      changes[address] = std::move(change);
    }
  }
  for (const auto& [address, recorded] : before) {
    if (after.contains(address)) continue;
    changes[address] = {address, Operation::kDelete, recorded.digest, std::nullopt};
  }
  std::vector<Change> sorted;
  sorted.reserve(changes.size());
  for (auto& [address, change] : changes)
    sorted.push_back(std::move(change));
  return sorted;
}

std::vector<Change> Diff(const DesiredState& desired, const Ledger& ledger) {
  return DiffResources(ledger.resources, desired.AsApplied());
}

void Classify(const DesiredState& desired, const PlanFacts& facts, std::vector<Change>& changes) {
  Classifier(desired, facts, changes).Run();
}

Change* FindChange(std::vector<Change>& changes, std::string_view resource) {
  return Find(changes, resource);
}

const Change* FindChange(const std::vector<Change>& changes, std::string_view resource) {
  return Find(changes, resource);
}

std::vector<BlastRadius> FindBlastRadius(const DesiredState& desired,
                                         const std::vector<Change>& changes) {
  std::map<std::string, std::vector<std::string>> users;
  for (const Dependency& edge : desired.dependencies)
    users[edge.to].push_back(edge.from);
  std::vector<BlastRadius> radius;
  for (const Change& change : changes) {
    const auto found = users.find(change.resource);
    if (found != users.end()) radius.push_back({change.resource, found->second});
  }
  return radius;
}

bool IsGated(const Change& change) {
  return change.operation == Operation::kDelete &&
         ParseAddress(change.resource).kind == ResourceKind::kGraph;
}

std::vector<ApprovalGate> FindGates(const std::vector<Change>& changes, const PlanFacts& facts) {
  std::vector<ApprovalGate> gates;
  for (const Change& change : changes) {
    if (!IsGated(change)) continue;
    const std::string graph(ParseAddress(change.resource).graph);
    gates.push_back(
        {change.resource, std::string(kDeleteGateReason), facts.approved_graphs.contains(graph)});
  }
  return gates;
}

void DemoteGraph(std::string_view graph, std::string_view origin, std::string_view reason,
                 const DesiredState& desired, std::vector<Change>& changes) {
  const std::string scope = GraphAddress(graph);
  for (Change& change : changes) {
    const bool is_settled =
        change.disposition == Disposition::kBlocked || change.disposition == Disposition::kDeferred;
    if (change.resource == origin) {
      change.Block(reason);
      continue;
    }
    if (is_settled) continue;
    const Address address = ParseAddress(change.resource);
    const auto bindings = desired.bindings.find(change.resource);
    const bool is_bound = bindings != desired.bindings.end() &&
                          std::find(bindings->second.begin(), bindings->second.end(), scope) !=
                              bindings->second.end();
    if (address.graph == graph || is_bound) change.Block(kNotApplied);
  }
}

}  // namespace omnigraph::cluster
