// `cluster history`, `cluster diff` and `cluster rollback`: what was applied, how revisions differ,
// and the way back, which is a plan like any other whose desired state is a past revision.

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/apply.h"
#include "cluster/commands.h"
#include "cluster/history.h"
#include "cluster/observe.h"
#include "cluster/session.h"
#include "cluster/sidecar.h"

namespace omnigraph::cluster {
namespace {

constexpr std::string_view kHistoryPath = "__history";
constexpr std::string_view kConfigName = "config";

void ReportMissing(const Status& status, std::string_view name, Findings& findings) {
  switch (status.code()) {
    case ErrorCode::kNotFound:
      findings.Error("revision_not_found", std::string(name), std::string(status.message()));
      return;
    case ErrorCode::kInvalidArgument:
      findings.Error("invalid_revision", std::string(name), std::string(status.message()));
      return;
    default:
      findings.Error("history_read_error", std::string(kHistoryPath),
                     "cannot read the history: " + std::string(status.message()));
      return;
  }
}

std::optional<History> OpenHistory(Session& session) {
  Result<History> history = History::Open(session.storage->objects(), session.stored);
  if (history.ok()) return *std::move(history);
  ReportMissing(history.status(), kHistoryPath, session.findings);
  return std::nullopt;
}

// ---- Diff --------------------------------------------------------------------------------------

/// One side of a difference.
struct Side {
  RevisionName name;
  std::map<std::string, AppliedResource> resources;
};

std::optional<Side> ReadRevision(Session& session, const History& history,
                                 const std::string& name) {
  Side side;
  side.name.name = name;
  if (name == kConfigName) {
    side.name.config_digest = session.config.desired.config_digest;
    side.resources = session.config.desired.AsApplied();
    return side;
  }
  if (name == "current") {
    side.name.state_revision = session.stored.ledger.state_revision;
    side.name.state_cas = session.stored.cas;
    side.name.config_digest = session.stored.ledger.config_digest;
    side.resources = session.stored.ledger.resources;
    return side;
  }
  const Result<RevisionRecord> record = history.Find(name);
  if (!record.ok()) {
    ReportMissing(record.status(), name, session.findings);
    return std::nullopt;
  }
  Result<std::map<std::string, AppliedResource>> resources = history.Resources(*record);
  if (!resources.ok()) {
    ReportMissing(Status::Error(ErrorCode::kCorruption, std::string(resources.status().message())),
                  name, session.findings);
    return std::nullopt;
  }
  side.name.state_revision = record->state_revision;
  side.name.state_cas = record->state_cas;
  side.name.config_digest = record->config_digest;
  side.resources = *std::move(resources);
  return side;
}

void Compare(Session& session, const std::string& from, const std::string& to, DiffReport& report) {
  const std::optional<History> history = OpenHistory(session);
  if (!history) return;
  std::optional<Side> before = ReadRevision(session, *history, from);
  std::optional<Side> after = ReadRevision(session, *history, to);
  if (!before || !after) return;
  report.changes = DiffResources(before->resources, after->resources);
  report.from = std::move(before->name);
  report.to = std::move(after->name);
}

// ---- Rollback ----------------------------------------------------------------------------------

/// The desired state that a past revision was.
class ArchivedState {
 public:
  ArchivedState(Session& session, const History& history) : session_(session), history_(history) {}

  /// Makes `record` what the session desires. Every text that will be needed is looked for now, so
  /// that nothing moves if one is lost.
  bool Restore(const RevisionRecord& record) {
    Result<std::map<std::string, AppliedResource>> resources = history_.Resources(record);
    if (!resources.ok()) {
      session_.findings.Error("revision_content_missing", std::string(kHistoryPath),
                              "the resources of revision " + std::to_string(record.state_revision) +
                                  " are lost: " + std::string(resources.status().message()));
      return false;
    }
    desired_.is_archived = true;
    desired_.applied_config_digest = record.config_digest;
    // Approvals bind to it; a revision before the first that converged has no configuration.
    desired_.config_digest = record.config_digest.value_or("revision:" + record.resources_digest);
    for (const auto& [address, resource] : *resources)
      AddResource(address, resource);
    std::sort(desired_.dependencies.begin(), desired_.dependencies.end());
    session_.config.desired = std::move(desired_);
    return CheckContent();
  }

 private:
  void AddResource(const std::string& address, const AppliedResource& resource) {
    const Address parts = ParseAddress(address);
    desired_.resources[address] = {parts.kind, resource.digest, address};
    if (resource.applies_to) desired_.bindings[address] = *resource.applies_to;
    const std::string graph = GraphAddress(parts.graph);
    switch (parts.kind) {
      case ResourceKind::kSchema: {
        desired_.dependencies.push_back({address, graph});
        Result<std::string> source = history_.SchemaSource(resource.digest);
        if (source.ok()) desired_.schema_texts[std::string(parts.graph)] = *std::move(source);
        return;
      }
      case ResourceKind::kQuery:
        desired_.dependencies.push_back({address, graph});
        desired_.dependencies.push_back({address, SchemaAddress(parts.graph)});
        return;
      case ResourceKind::kPolicy:
        for (const std::string& scope : resource.applies_to.value_or(std::vector<std::string>())) {
          if (scope != "cluster") desired_.dependencies.push_back({address, scope});
        }
        return;
      case ResourceKind::kGraph:
      case ResourceKind::kUnknown:
        return;
    }
  }

  bool CheckContent() {
    bool is_complete = true;
    for (const Change& change : Diff(session_.config.desired, session_.stored.ledger)) {
      const ResourceKind kind = ParseAddress(change.resource).kind;
      const bool has_text = kind == ResourceKind::kSchema || kind == ResourceKind::kQuery ||
                            kind == ResourceKind::kPolicy;
      if (!has_text || change.operation == Operation::kDelete) continue;
      const Result<std::string> source = session_.ReadSource(change.resource);
      if (source.ok()) continue;
      is_complete = false;
      session_.findings.Error(
          "revision_content_missing", change.resource,
          "the text that the revision had is lost: " + std::string(source.status().message()) +
              "; put it back into the config folder and use 'cluster apply'");
    }
    return is_complete;
  }

  Session& session_;
  const History& history_;
  DesiredState desired_;
};

/// Makes the named revision what the session desires; its number, or nothing if that failed.
std::optional<std::uint64_t> DesireRevision(Session& session, const std::string& name) {
  const std::optional<History> history = OpenHistory(session);
  if (!history) return std::nullopt;
  const Result<RevisionRecord> record = history->Find(name);
  if (!record.ok()) {
    ReportMissing(record.status(), name, session.findings);
    return std::nullopt;
  }
  if (!ArchivedState(session, *history).Restore(*record)) return std::nullopt;
  return record->state_revision;
}

/// Says what a rollback cannot bring back.
void WarnAboutEmptyGraphs(const std::vector<Change>& changes, Findings& findings) {
  for (const Change& change : changes) {
    const bool is_recreated = change.operation == Operation::kCreate &&
                              ParseAddress(change.resource).kind == ResourceKind::kGraph;
    if (!is_recreated) continue;
    findings.Warn("rollback_creates_empty_graph", change.resource,
                  "the graph was deleted since; it comes back without its rows, load them again");
  }
}

}  // namespace

HistoryReport RunHistory(const Machine& machine, const ConfigOptions& options,
                         std::size_t count_max) {
  Session session(machine, options.config_dir, "history");
  HistoryReport report;
  report.config_dir = options.config_dir;
  if (session.LoadHeader() && session.OpenStorage() && session.RequireLedger()) {
    if (const std::optional<History> history = OpenHistory(session)) {
      Result<std::vector<RevisionRecord>> newest = history->Newest(count_max, &report.is_complete);
      if (newest.ok()) {
        report.revisions = *std::move(newest);
      } else {
        ReportMissing(Status::Error(ErrorCode::kCorruption, std::string(newest.status().message())),
                      kHistoryPath, session.findings);
      }
    }
  }
  report.state = session.state;
  report.findings = std::move(session.findings);
  return report;
}

DiffReport RunDiff(const Machine& machine, const ConfigOptions& options, const std::string& from,
                   const std::string& to) {
  Session session(machine, options.config_dir, "diff");
  DiffReport report;
  report.config_dir = options.config_dir;
  report.from.name = from;
  report.to.name = to;
  const bool needs_config = from == kConfigName || to == kConfigName;
  const bool is_loaded = needs_config ? session.LoadConfiguration() : session.LoadHeader();
  if (is_loaded && session.OpenStorage() && session.RequireLedger()) {
    Compare(session, from, to, report);
  }
  report.findings = std::move(session.findings);
  return report;
}

PlanReport RunRollbackPlan(const Machine& machine, const ConfigOptions& options,
                           const std::string& revision) {
  Session session(machine, options.config_dir, "rollback");
  PlanReport report;
  report.config_dir = options.config_dir;
  report.is_rollback = true;
  if (session.LoadHeader() && session.OpenStorage() && session.Lock() && session.RequireLedger()) {
    WarnAboutPendingSidecars(session.storage->objects(), session.findings);
    report.rollback_to = DesireRevision(session, revision);
    if (report.rollback_to && !session.IsStopping()) {
      report.config_digest = session.config.desired.config_digest;
      report.resource_digests = session.config.desired.Digests();
      report.dependencies = session.config.desired.dependencies;
      PlanDesired(session, report);
      WarnAboutEmptyGraphs(report.changes, session.findings);
    }
  }
  session.Unlock();
  report.state = session.state;
  report.findings = std::move(session.findings);
  return report;
}

ApplyReport RunRollback(const Machine& machine, const ConfigOptions& options,
                        const std::string& revision, const std::optional<std::string>& actor) {
  Session session(machine, options.config_dir, "rollback");
  ApplyReport report;
  report.config_dir = options.config_dir;
  report.actor = actor;
  report.is_rollback = true;
  if (session.LoadHeader() && session.OpenStorage() && session.Lock() && session.RequireLedger()) {
    report.rollback_to = DesireRevision(session, revision);
    if (report.rollback_to) {
      report.config_digest = session.config.desired.config_digest;
      ApplyDesired(session, {"rollback", actor, report.rollback_to}, report);
      WarnAboutEmptyGraphs(report.changes, session.findings);
    }
  }
  session.Unlock();
  report.state = session.state;
  report.findings = std::move(session.findings);
  return report;
}

ApproveReport RunApproveRollback(const Machine& machine, const ConfigOptions& options,
                                 const std::string& resource, const std::string& actor,
                                 const std::string& revision) {
  Session session(machine, options.config_dir, "approve");
  ApproveReport report;
  report.config_dir = options.config_dir;
  if (session.LoadHeader() && session.OpenStorage() && session.Lock() && session.RequireLedger() &&
      DesireRevision(session, revision)) {
    ApproveDesired(session, resource, actor, report);
  }
  session.Unlock();
  report.findings = std::move(session.findings);
  return report;
}

}  // namespace omnigraph::cluster
