// `cluster apply`: compares under the lock, executes, and moves the ledger once.

#include "cluster/apply.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/commands.h"
#include "cluster/config_folder.h"

namespace omnigraph::cluster {

ExecutionOutcome Executor::Run() {
  CreateGraphs();
  if (outcome_.may_record) ApplySchemas();
  if (outcome_.may_record) ReportBlocked();
  if (outcome_.may_record) WritePayloads();
  if (outcome_.may_record && !Halts("cluster_apply.after_payload_phase")) DeleteGraphs();
  return std::move(outcome_);
}

void Executor::ReportBlocked() {
  for (const Change& change : changes_) {
    if (change.disposition == Disposition::kDeferred) {
      session_.findings.Warn(
          "apply_unsupported_change", change.resource,
          "this change is left undone: this version cannot execute it (" + change.reason + ")");
    } else if (change.disposition == Disposition::kBlocked) {
      std::string message = "this change was not executed (" + change.reason + ")";
      if (change.reason == "approval_required") {
        message += "; a person consents with: omnigraph cluster approve graph." +
                   std::string(ParseAddress(change.resource).graph);
        if (cause_.rollback_to) message += " --rollback " + std::to_string(*cause_.rollback_to);
        message += " --as <actor> --config " + session_.folder.directory();
      } else if (change.reason == "ledger_incomplete") {
        message += "; 'cluster refresh' completes the ledger";
      }
      session_.findings.Warn("apply_dependency_blocked", change.resource, std::move(message));
    }
  }
}

void Executor::WritePayloads() {
  for (const Change& change : changes_) {
    const ResourceKind kind = ParseAddress(change.resource).kind;
    const bool has_payload = kind == ResourceKind::kQuery || kind == ResourceKind::kPolicy;
    if (!has_payload || change.operation == Operation::kDelete ||
        change.disposition != Disposition::kApplied) {
      continue;
    }
    if (!WritePayload(change)) outcome_.may_record = false;
  }
}

bool Executor::WritePayload(const Change& change) {
  store::ObjectStore& objects = session_.storage->objects();
  const PayloadReading present = ReadPayload(objects, change.resource, *change.after_digest);
  if (present.state == PayloadReading::State::kIntact) return true;
  const std::optional<std::string> source =
      ReadPlannedSource(change, "resource_payload_write_error");
  if (!source) return false;
  const std::string key = PayloadKey(ParseAddress(change.resource), *change.after_digest);
  const Status written = objects.PutImmutable(key, *source);
  if (!written.ok()) {
    session_.findings.Error("resource_payload_write_error", change.resource,
                            "cannot write its content to the catalog as '" + key +
                                "': " + std::string(written.message()));
    return false;
  }
  if (present.state != PayloadReading::State::kMissing) {
    session_.findings.Warn("catalog_payload_repaired", change.resource,
                           "the catalog held other content under this digest (" + present.message +
                               "); it was written again");
  }
  return true;
}

namespace {

/// One run of the command, from the ledger on.
class Application {
 public:
  Application(Session& session, const RevisionCause& cause, ApplyReport& report)
      : session_(session), cause_(cause), report_(report) {}

  void Run() {
    ledger_ = session_.stored.ledger;
    approvals_ = ReadApprovals(session_.storage->objects(), session_.findings);
    sweep_ = SweepRecoveries(session_.machine, *session_.storage, approvals_, ledger_,
                             session_.findings);
    std::vector<Change> changes = Diff(desired(), ledger_);
    const ApprovalMatcher matcher(session_.machine, *session_.storage, approvals_,
                                  desired().config_digest, ledger_);
    PlanFacts facts;
    facts.pending_graphs = sweep_.pending_graphs;
    matcher.Match(changes, /*is_applying=*/true, facts, session_.findings);
    FindRootsOfLoneSchemas(*session_.storage, changes, facts);
    Classify(desired(), facts, changes);
    if (!session_.IsStopping()) Execute(matcher, changes);
    report_.changes = std::move(changes);
  }

 private:
  const DesiredState& desired() const { return session_.config.desired; }

  void Execute(const ApprovalMatcher& matcher, std::vector<Change>& changes) {
    // Before anything moves: of graphs that change, only now can the source be known.
    if (!changes.empty() && !Keeps(AdoptStoredLedger(session_))) return;
    const ExecutionOutcome outcome = Executor(session_, matcher, cause_, changes).Run();
    if (!outcome.may_record) return;
    RecordChanges(changes, outcome);
    RecordObservations(outcome);
    for (const std::string& graph : ledger_.GraphIds()) {
      if (desired().DeclaresGraph(graph)) ledger_.RecomputeGraphDigest(graph);
    }
    const std::vector<Change> remaining = Diff(desired(), ledger_);
    ForgetOldBlocks(remaining);
    const bool converged = remaining.empty();
    if (converged) ledger_.config_digest = desired().applied_config_digest;
    if (!Write()) return;
    report_.converged = converged;
    CountChanges(changes);
    if (session_.FailsAt("cluster_apply.after_state_write")) return;
    RetireSidecars(*session_.storage, sweep_.retired);
    RetireSidecars(*session_.storage, outcome.sidecars);
    if (session_.FailsAt("cluster_apply.after_sidecar_retire")) return;
    MarkConsumedApprovals(session_.storage->objects(), approvals_, ledger_);
  }

  void RecordChanges(const std::vector<Change>& changes, const ExecutionOutcome& outcome) {
    for (const std::string& graph : outcome.deleted)
      RecordDelete(graph, outcome);
    for (const Change& change : changes) {
      if (change.disposition == Disposition::kBlocked) {
        // The sweep's own status says more.
        if (change.reason == "cluster_recovery_pending") continue;
        ledger_.statuses[change.resource] = {"blocked", {change.reason}, std::nullopt};
      } else if (change.disposition == Disposition::kApplied) {
        RecordApplied(change);
      }
    }
  }

  void RecordApplied(const Change& change) {
    if (change.operation == Operation::kDelete) {
      ledger_.resources.erase(change.resource);
      ledger_.statuses.erase(change.resource);
      return;
    }
    AppliedResource& resource = ledger_.resources[change.resource];
    resource.digest = *change.after_digest;
    const auto bindings = desired().bindings.find(change.resource);
    if (bindings != desired().bindings.end()) resource.applies_to = bindings->second;
    ledger_.statuses[change.resource] = AppliedStatus();
  }

  void RecordDelete(const std::string& graph, const ExecutionOutcome& outcome) {
    const std::string address = GraphAddress(graph);
    const std::string now = session_.machine.Now();
    ledger_.RemoveGraph(graph);
    ledger_.observations[address] =
        TombstoneJson(now, outcome.delete_approvals.at(graph), cause_.actor);
    ConsumeApprovals(approvals_, address, now, "apply", ledger_);
  }

  /// What was blocked once and needs no change any more is applied.
  void ForgetOldBlocks(const std::vector<Change>& remaining) {
    for (auto& [address, status] : ledger_.statuses) {
      if (status.status != "blocked" || FindChange(remaining, address) != nullptr) continue;
      if (ledger_.resources.contains(address)) status = AppliedStatus();
    }
  }

  void RecordObservations(const ExecutionOutcome& outcome) {
    for (const auto& [graph, reading] : outcome.observed) {
      const auto schema = desired().resources.find(SchemaAddress(graph));
      if (schema == desired().resources.end()) continue;
      ledger_.observations[GraphAddress(graph)] = ObservationJson(
          *session_.storage, graph, reading, schema->second.digest, session_.machine.Now());
      // A graph whose schema was changed is applied as a whole, whatever was said before.
      if (ledger_.statuses.contains(GraphAddress(graph))) {
        ledger_.statuses[GraphAddress(graph)] = AppliedStatus();
      }
    }
  }

  /// Writes the ledger if it changed; reports and returns false if that failed.
  bool Write() {
    report_.statuses = session_.stored.ledger.statuses;
    if (ledger_ == session_.stored.ledger) return true;
    ++ledger_.state_revision;
    if (session_.FailsAt("cluster_apply.before_state_write")) return false;
    if (!Keeps(RecordRevision(session_, ledger_, cause_, approvals_))) return false;
    const LedgerWrite write = WriteLedger(session_.storage->objects(), session_.stored, ledger_);
    if (write.result != LedgerWrite::Result::kWritten) {
      const bool is_moved = write.result == LedgerWrite::Result::kMoved;
      session_.findings.Error(is_moved ? "state_cas_mismatch" : "state_write_error",
                              std::string(kLedgerKey), write.message);
      return false;
    }
    session_.ShowLedger(ledger_, write.cas);
    report_.state_written = true;
    report_.statuses = ledger_.statuses;
    return true;
  }

  /// Whether the history took what it must have before the ledger moves; reports if not.
  bool Keeps(const Status& kept) {
    if (kept.ok()) return true;
    session_.findings.Error("state_write_error", std::string(kLedgerKey),
                            "cannot keep the ledger's history: " + std::string(kept.message()));
    return false;
  }

  void CountChanges(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      switch (change.disposition) {
        case Disposition::kApplied:
          ++report_.applied_count;
          break;
        case Disposition::kDerived:
          break;
        case Disposition::kDeferred:
        case Disposition::kBlocked:
          ++report_.deferred_count;
          break;
      }
    }
  }

  Session& session_;
  const RevisionCause& cause_;
  ApplyReport& report_;
  Ledger ledger_;
  std::vector<Approval> approvals_;
  SweepOutcome sweep_;
};

}  // namespace

void ApplyDesired(Session& session, const RevisionCause& cause, ApplyReport& report) {
  Application(session, cause, report).Run();
}

ApplyReport RunApply(const Machine& machine, const ConfigOptions& options,
                     const std::optional<std::string>& actor) {
  Session session(machine, options.config_dir, "apply");
  ApplyReport report;
  report.config_dir = options.config_dir;
  report.actor = actor;
  const bool is_valid = session.LoadConfiguration(options.deny_warnings);
  report.config_digest = session.config.desired.config_digest;
  if (is_valid && session.OpenStorage() && session.Lock() && session.RequireLedger()) {
    ApplyDesired(session, {"apply", actor, std::nullopt}, report);
  }
  session.Unlock();
  report.state = session.state;
  report.findings = std::move(session.findings);
  return report;
}

}  // namespace omnigraph::cluster
