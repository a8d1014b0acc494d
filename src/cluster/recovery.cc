// Implements cluster/recovery.h: one function per kind of sidecar, one branch per row of the
// decision table.

#include "cluster/recovery.h"

#include <optional>
#include <utility>

#include "cluster/address.h"
#include "cluster/observe.h"
#include "cluster/sidecar.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {
namespace {

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

class Sweep {
 public:
  Sweep(const Machine& machine, const Storage& storage, const std::vector<Approval>& approvals,
        Ledger& ledger, Findings& findings)
      : machine_(machine),
        storage_(storage),
        approvals_(approvals),
        ledger_(ledger),
        findings_(findings) {}

  SweepOutcome Run() {
    const Result<std::vector<StoredSidecar>> sidecars = ReadSidecars(storage_.objects());
    if (!sidecars.ok()) {
      findings_.Warn(
          "recovery_sidecar_read_error", "__cluster/recoveries",
          "cannot list the recovery sidecars: " + std::string(sidecars.status().message()));
      return std::move(outcome_);
    }
    ReportUnreadableSidecars(*sidecars, Severity::kWarning, findings_);
    for (const StoredSidecar& stored : *sidecars) {
      if (stored.sidecar) Settle(stored.key, *stored.sidecar);
    }
    return std::move(outcome_);
  }

 private:
  void Settle(const std::string& key, const Sidecar& sidecar) {
    if (!IsResourceId(sidecar.graph_id)) {
      findings_.Warn("invalid_recovery_sidecar", key,
                     "the recovery sidecar names no graph; it was left in place");
      return;
    }
    const RootReading root = ReadRoot(storage_, *machine_.graphs, sidecar.graph_id);
    if (root.state == RootReading::State::kUnknown) {
      Keep(sidecar, "its graph cannot be looked at now: " + root.message);
    } else if (sidecar.kind == SidecarKind::kGraphDelete) {
      SettleDelete(key, sidecar, root);
    } else if (root.is_absent()) {
      Retire(key);  // Nothing happened, or the graph is gone: the plan says what is missing.
    } else if (root.state == RootReading::State::kUnopenable) {
      SettleUnopenable(sidecar, root);
    } else {
      SettleLive(key, sidecar, root.live);
    }
  }

  void SettleLive(const std::string& key, const Sidecar& sidecar, const LiveGraph& live) {
    const std::string schema = SchemaAddress(sidecar.graph_id);
    if (live.schema_digest == ledger_.DigestOf(schema)) {
      Retire(key);
    } else if (live.schema_digest == sidecar.desired_schema_digest) {
      ledger_.resources[schema] = {live.schema_digest, std::nullopt};
      ledger_.RecomputeGraphDigest(sidecar.graph_id);
      ledger_.statuses[schema] = AppliedStatus();
      ledger_.statuses[GraphAddress(sidecar.graph_id)] = AppliedStatus();
      RollForward(key, sidecar);
    } else {
      SetStatus(sidecar.graph_id, {"drifted",
                                   {"actual_applied_state_pending"},
                                   "the schema is neither the recorded nor the intended one"});
      Keep(sidecar,
           "the schema of the graph is neither the recorded one nor the intended one; "
           "'cluster refresh' records what it is");
    }
  }

  void SettleUnopenable(const Sidecar& sidecar, const RootReading& root) {
    if (sidecar.kind == SidecarKind::kSchemaApply) {
      Keep(sidecar, "its graph cannot be opened: " + root.message);
      return;
    }
    const std::string uri = storage_.GraphUri(sidecar.graph_id);
    SetStatus(sidecar.graph_id, {"error", {"graph_create_incomplete"}, root.message});
    outcome_.pending_graphs.insert(sidecar.graph_id);
    findings_.Error("graph_create_incomplete", GraphAddress(sidecar.graph_id),
                    "the creation of the graph broke off and '" + uri + "' cannot be opened: " +
                        root.message + "; remove that root and run 'cluster apply' again");
  }

  void SettleDelete(const std::string& key, const Sidecar& sidecar, const RootReading& root) {
    const std::string graph = GraphAddress(sidecar.graph_id);
    Retire(key);
    if (root.state != RootReading::State::kAbsent) {
      findings_.Warn("graph_delete_incomplete", graph,
                     "the delete of the graph broke off before all its objects were removed; it "
                     "is proposed again and, while still approved, executed");
      return;
    }
    if (!ledger_.resources.contains(graph)) return;
    const std::string now = machine_.Now();
    ledger_.RemoveGraph(sidecar.graph_id);
    ledger_.observations[graph] = TombstoneJson(now, sidecar.approval_id, sidecar.actor);
    if (sidecar.approval_id) {
      ledger_.approval_records.try_emplace(*sidecar.approval_id,
                                           ApprovalRecordJson(now, sidecar.operation_id));
    }
    ConsumeApprovals(approvals_, graph, now, sidecar.operation_id, ledger_);
    Record(sidecar);
  }

  void SetStatus(const std::string& graph, const ResourceStatus& status) {
    ledger_.statuses[GraphAddress(graph)] = status;
    ledger_.statuses[SchemaAddress(graph)] = status;
  }

  void Retire(const std::string& key) { outcome_.retired.push_back(key); }

  void Keep(const Sidecar& sidecar, const std::string& why) {
    outcome_.pending_graphs.insert(sidecar.graph_id);
    findings_.Warn("cluster_recovery_pending", GraphAddress(sidecar.graph_id),
                   "the recovery of an interrupted " + std::string(SidecarKindName(sidecar.kind)) +
                       " waits: " + why);
  }

  void RollForward(const std::string& key, const Sidecar& sidecar) {
    Retire(key);
    Record(sidecar);
  }

  void Record(const Sidecar& sidecar) {
    Json json;
    json["kind"] = SidecarKindName(sidecar.kind);
    json["graph_id"] = sidecar.graph_id;
    json["outcome"] = "rolled_forward";
    json["recovered_at"] = machine_.Now();
    json["actor"] = OrNull(sidecar.actor);
    ledger_.recovery_records[sidecar.operation_id] = CompactJson(json);
    findings_.Warn("cluster_recovery_rolled_forward", GraphAddress(sidecar.graph_id),
                   "an interrupted " + std::string(SidecarKindName(sidecar.kind)) +
                       " had completed; the ledger now records it");
  }

  const Machine& machine_;
  const Storage& storage_;
  const std::vector<Approval>& approvals_;
  Ledger& ledger_;
  Findings& findings_;
  SweepOutcome outcome_;
};

}  // namespace

SweepOutcome SweepRecoveries(const Machine& machine, const Storage& storage,
                             const std::vector<Approval>& approvals, Ledger& ledger,
                             Findings& findings) {
  return Sweep(machine, storage, approvals, ledger, findings).Run();
}

void RetireSidecars(const Storage& storage, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    const Status removed = storage.objects().Delete(key);
    static_cast<void>(removed.ok());
  }
}

std::string TombstoneJson(const std::string& deleted_at,
                          const std::optional<std::string>& approval_id,
                          const std::optional<std::string>& actor) {
  Json json;
  json["kind"] = "tombstone";
  json["deleted_at"] = deleted_at;
  json["approval_id"] = OrNull(approval_id);
  json["actor"] = OrNull(actor);
  return CompactJson(json);
}

}  // namespace omnigraph::cluster
