// `cluster import` and `cluster refresh`: bring the ledger to what is really there.

#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/approval.h"
#include "cluster/commands.h"
#include "cluster/history.h"
#include "cluster/observe.h"
#include "cluster/plan.h"
#include "cluster/recovery.h"
#include "cluster/session.h"

namespace omnigraph::cluster {
namespace {

/// One run of either command, from the ledger on.
class Synchronisation {
 public:
  Synchronisation(Session& session, bool is_import, StateReport& report)
      : session_(session), is_import_(is_import), report_(report) {}

  void Run() {
    if (!(is_import_ ? PrepareImport() : session_.RequireLedger())) return;
    ledger_ = session_.stored.ledger;
    approvals_ = ReadApprovals(session_.storage->objects(), session_.findings);
    if (is_import_) RebuildApprovalRecords();
    const SweepOutcome sweep = SweepRecoveries(session_.machine, *session_.storage, approvals_,
                                               ledger_, session_.findings);
    VerifyPayloads(*session_.storage, /*is_recording=*/true, ledger_, session_.findings);
    ObserveGraphs();
    WarnAboutForeignRoots();
    if (session_.IsStopping()) return Show(session_.stored.ledger);
    if (is_import_ && session_.findings.has_errors()) return Show(session_.stored.ledger);
    if (!Write()) return Show(session_.stored.ledger);
    Show(ledger_);
    if (session_.FailsAt("cluster_sync.after_state_write")) return;
    RetireSidecars(*session_.storage, sweep.retired);
    MarkConsumedApprovals(session_.storage->objects(), approvals_, ledger_);
  }

 private:
  const DesiredState& desired() const { return session_.config.desired; }

  /// Sees to it that there is nothing, or only a damaged document, where the ledger will be.
  bool PrepareImport() {
    Findings found;
    std::swap(found, session_.findings);
    const bool is_usable = session_.ReadStoredLedger();
    std::swap(found, session_.findings);
    const std::string key(kLedgerKey);
    if (session_.stored.state == StoredLedger::State::kInvalid) return Quarantine();
    if (!is_usable) {
      session_.findings.Append(found);
      return false;
    }
    if (session_.stored.state == StoredLedger::State::kAbsent) return true;
    session_.findings.Error("state_already_exists", key,
                            "there is a ledger already; 'cluster refresh' brings it up to date");
    return false;
  }

  bool Quarantine() {
    const std::string key = std::string(kLedgerKey) + ".corrupt." + session_.machine.ulids->Next();
    store::ObjectStore& objects = session_.storage->objects();
    const Result<store::ObjectVersion> saved = objects.Create(key, session_.stored.bytes);
    if (!saved.ok()) {
      session_.findings.Error(
          "state_write_error", key,
          "cannot set the damaged ledger aside: " + std::string(saved.status().message()));
      return false;
    }
    session_.findings.Warn("state_ledger_quarantined", key,
                           "the ledger could not be read (" + session_.stored.problem +
                               "); its bytes are kept as '" + key + "' and a new ledger is built");
    return true;
  }

  void RebuildApprovalRecords() {
    for (const Approval& approval : approvals_) {
      if (!approval.consumed_at) continue;
      ledger_.approval_records.try_emplace(
          approval.approval_id,
          ApprovalRecordJson(*approval.consumed_at,
                             approval.consumed_by_operation.value_or("apply")));
    }
  }

  void ObserveGraphs() {
    std::size_t failed_count = 0;
    std::string first_cause;
    for (const auto& [address, resource] : desired().resources) {
      if (resource.kind != ResourceKind::kGraph) continue;
      const std::string graph(ParseAddress(address).graph);
      const RootReading reading = ReadRoot(*session_.storage, *session_.machine.graphs, graph);
      const auto schema = desired().resources.find(SchemaAddress(graph));
      const std::string wanted =
          schema == desired().resources.end() ? std::string() : schema->second.digest;
      ledger_.observations[address] =
          ObservationJson(*session_.storage, graph, reading, wanted, session_.machine.Now());
      if (RecordGraph(graph, reading, wanted)) continue;
      if (failed_count++ == 0) first_cause = graph + ": " + reading.message;
    }
    if (failed_count == 0) return;
    session_.findings.Error("graph_observation_error", "graphs",
                            std::to_string(failed_count) +
                                " graph(s) could not be observed; the first is " + first_cause);
  }

  /// Brings the graph's entries to what was seen; false if it could not be seen.
  bool RecordGraph(const std::string& graph, const RootReading& reading,
                   const std::string& wanted) {
    const std::string address = GraphAddress(graph);
    const std::string schema = SchemaAddress(graph);
    if (reading.is_absent()) {
      ledger_.resources.erase(address);
      ledger_.resources.erase(schema);
      SetStatus(graph, {"drifted",
                        {"graph_missing"},
                        "there is no graph at '" + session_.storage->GraphUri(graph) + "'"});
      return true;
    }
    if (reading.state != RootReading::State::kGraph) {
      SetStatus(graph, {"error", {"graph_observation_error"}, reading.message});
      return false;
    }
    ledger_.resources[schema] = {reading.live.schema_digest, std::nullopt};
    ledger_.RecomputeGraphDigest(graph);
    if (reading.live.schema_digest == wanted) {
      SetStatus(graph, AppliedStatus());
    } else {
      SetStatus(graph, {"drifted",
                        {"schema_mismatch"},
                        "the graph's schema is not the one that the configuration asks for"});
    }
    return true;
  }

  void SetStatus(const std::string& graph, const ResourceStatus& status) {
    ledger_.statuses[GraphAddress(graph)] = status;
    ledger_.statuses[SchemaAddress(graph)] = status;
  }

  void WarnAboutForeignRoots() {
    const Result<std::vector<std::string>> roots = ListGraphRoots(session_.storage->objects());
    if (!roots.ok()) return;  // Observation of the declared graphs reports what is broken.
    for (const std::string& graph : *roots) {
      const std::string address = GraphAddress(graph);
      if (desired().resources.contains(address) || ledger_.resources.contains(address)) continue;
      session_.findings.Warn("undeclared_graph_root", GraphRootKey(graph),
                             "a graph root that neither the configuration nor the ledger knows; "
                             "declare it under 'graphs' or move it away");
    }
  }

  bool Write() {
    if (is_import_ && Diff(desired(), ledger_).empty()) {
      ledger_.config_digest = desired().config_digest;
    }
    ++ledger_.state_revision;
    if (session_.FailsAt("cluster_sync.before_state_write")) return false;
    const Status kept =
        RecordRevision(session_, ledger_,
                       {is_import_ ? "import" : "refresh", std::nullopt, std::nullopt}, approvals_);
    if (!kept.ok()) {
      session_.findings.Error("state_write_error", std::string(kLedgerKey),
                              "cannot keep the ledger's history: " + std::string(kept.message()));
      return false;
    }
    const LedgerWrite write = WriteLedger(session_.storage->objects(), session_.stored, ledger_);
    if (write.result == LedgerWrite::Result::kWritten) {
      session_.ShowLedger(ledger_, write.cas);
      return true;
    }
    const bool is_moved = write.result == LedgerWrite::Result::kMoved;
    session_.findings.Error(is_moved ? "state_cas_mismatch" : "state_write_error",
                            std::string(kLedgerKey), write.message);
    return false;
  }

  void Show(const Ledger& ledger) {
    report_.resource_digests.clear();
    for (const auto& [address, resource] : ledger.resources) {
      report_.resource_digests.emplace(address, resource.digest);
    }
    report_.statuses = ledger.statuses;
    report_.observations = ledger.observations;
  }

  Session& session_;
  const bool is_import_;
  StateReport& report_;
  Ledger ledger_;
  std::vector<Approval> approvals_;
};

StateReport Synchronise(const Machine& machine, const ConfigOptions& options,
                        const std::string& operation) {
  Session session(machine, options.config_dir, operation);
  StateReport report;
  report.operation = operation;
  report.config_dir = options.config_dir;
  const bool is_valid = session.LoadConfiguration(options.deny_warnings);
  report.resource_digests = session.config.desired.Digests();
  if (is_valid && session.OpenStorage() && session.Lock()) {
    Synchronisation(session, operation == "import", report).Run();
    if (session.stored.state == StoredLedger::State::kAbsent && operation == "refresh") {
      report.resource_digests.clear();
    }
  }
  session.Unlock();
  report.state = session.state;
  report.findings = std::move(session.findings);
  return report;
}

}  // namespace

StateReport RunImport(const Machine& machine, const ConfigOptions& options) {
  return Synchronise(machine, options, "import");
}

StateReport RunRefresh(const Machine& machine, const ConfigOptions& options) {
  return Synchronise(machine, options, "refresh");
}

}  // namespace omnigraph::cluster
