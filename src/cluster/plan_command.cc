// `cluster plan` and `cluster approve`: compare, and record a person's consent. Neither changes the
// ledger.

#include <utility>

#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/apply.h"
#include "cluster/approval.h"
#include "cluster/commands.h"
#include "cluster/gates.h"
#include "cluster/session.h"
#include "cluster/sidecar.h"

namespace omnigraph::cluster {
namespace {

void PreviewSchemas(const Session& session, std::vector<Change>& changes, Findings& findings) {
  for (Change& change : changes) {
    const Address address = ParseAddress(change.resource);
    if (address.kind != ResourceKind::kSchema || change.operation != Operation::kUpdate) continue;
    const auto text = session.config.desired.schema_texts.find(std::string(address.graph));
    if (text == session.config.desired.schema_texts.end()) continue;
    Result<MigrationPreview> preview = session.machine.graphs->PreviewSchema(
        session.storage->GraphUri(address.graph), text->second);
    if (preview.ok()) {
      change.migration = *std::move(preview);
    } else {
      findings.Warn(
          "schema_preview_unavailable", change.resource,
          "the steps of this change cannot be shown: " + std::string(preview.status().message()));
    }
  }
}

/// Writes the approval of `change` and notes it in the report.
void WriteApproval(Session& session, const Change& change, const std::string& actor,
                   ApproveReport& report) {
  Approval approval;
  approval.approval_id = session.machine.ulids->Next();
  approval.resource = change.resource;
  approval.operation = OperationName(change.operation);
  approval.reason = kDeleteGateReason;
  approval.bound_config_digest = session.config.desired.config_digest;
  approval.bound_before_digest = change.before_digest;
  approval.bound_after_digest = change.after_digest;
  approval.approved_by = actor;
  approval.created_at = session.machine.Now();
  const Result<LiveGraph> live = session.machine.graphs->Observe(
      session.storage->GraphUri(ParseAddress(change.resource).graph));
  if (live.ok()) {
    approval.bound_graph_incarnation = live->incarnation_id;
    approval.observed_manifest_version = live->manifest_version;
  }
  if (session.FailsAt("cluster_approve.before_artifact_write")) return;
  const std::string key = ApprovalKey(approval.approval_id);
  const Result<store::ObjectVersion> written =
      session.storage->objects().Create(key, SerializeApproval(approval));
  if (!written.ok()) {
    session.findings.Error("approval_write_error", key,
                           "cannot write the approval: " + std::string(written.status().message()));
    return;
  }
  report.approval_id = approval.approval_id;
  report.resource = approval.resource;
  report.operation = approval.operation;
  report.approved_by = actor;
}

}  // namespace

void PlanDesired(Session& session, PlanReport& report) {
  const DesiredState& desired = session.config.desired;
  const Ledger& ledger = session.stored.ledger;
  std::vector<Change> changes = Diff(desired, ledger);
  const std::vector<Approval> approvals =
      ReadApprovals(session.storage->objects(), session.findings);
  PlanFacts facts;
  ApprovalMatcher(session.machine, *session.storage, approvals, desired.config_digest, ledger)
      .Match(changes, /*is_applying=*/false, facts, session.findings);
  FindRootsOfLoneSchemas(*session.storage, changes, facts);
  Classify(desired, facts, changes);
  PreviewSchemas(session, changes, session.findings);
  report.blast_radius = FindBlastRadius(desired, changes);
  report.gates = FindGates(changes, facts);
  report.changes = std::move(changes);
}

void ApproveDesired(Session& session, const std::string& resource, const std::string& actor,
                    ApproveReport& report) {
  const std::vector<Change> changes = Diff(session.config.desired, session.stored.ledger);
  const Change* change = FindChange(changes, resource);
  if (change != nullptr && IsGated(*change)) {
    WriteApproval(session, *change, actor, report);
    return;
  }
  session.findings.Error("approval_not_required", resource,
                         "no pending change of " + Quoted(resource) +
                             " needs an approval; 'cluster plan' lists what does");
}

PlanReport RunPlan(const Machine& machine, const ConfigOptions& options) {
  Session session(machine, options.config_dir, "plan");
  PlanReport report;
  report.config_dir = options.config_dir;
  const bool is_valid = session.LoadConfiguration(options.deny_warnings);
  report.config_digest = session.config.desired.config_digest;
  report.resource_digests = session.config.desired.Digests();
  report.dependencies = session.config.desired.dependencies;
  if (is_valid && session.OpenStorage() && session.Lock()) {
    WarnAboutPendingSidecars(session.storage->objects(), session.findings);
    if (session.ReadStoredLedger() && !session.IsStopping()) PlanDesired(session, report);
  }
  session.Unlock();
  report.state = session.state;
  report.findings = std::move(session.findings);
  return report;
}

ApproveReport RunApprove(const Machine& machine, const ConfigOptions& options,
                         const std::string& resource, const std::string& actor) {
  Session session(machine, options.config_dir, "approve");
  ApproveReport report;
  report.config_dir = options.config_dir;
  if (session.LoadConfiguration() && session.OpenStorage() && session.Lock() &&
      session.RequireLedger()) {
    ApproveDesired(session, resource, actor, report);
  }
  session.Unlock();
  report.findings = std::move(session.findings);
  return report;
}

}  // namespace omnigraph::cluster
