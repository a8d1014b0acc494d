// Implements the human half of cluster/output.h.

#include <string_view>

#include "base/strings.h"
#include "cluster/output.h"

namespace omnigraph::cluster {
namespace {

std::string Capitalised(std::string_view word) {
  std::string text(word);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

std::string_view YesNo(bool value) {
  return value ? "true" : "false";
}

void AppendMigration(const MigrationPreview& migration, std::string& out) {
  if (!migration.is_supported) out += "      migration UNSUPPORTED:\n";
  for (const std::string& line : migration.lines)
    out += "      " + line + "\n";
}

void AppendChanges(const std::vector<Change>& changes, std::string& out) {
  for (const Change& change : changes) {
    out += "  " + Capitalised(OperationName(change.operation)) + " " + change.resource;
    if (change.binding_change) out += " [bindings]";
    out += " [" + Capitalised(DispositionName(change.disposition));
    if (!change.reason.empty()) out += ": " + change.reason;
    out += "]\n";
    if (change.migration) AppendMigration(*change.migration, out);
  }
}

/// "id=…, operation=…, pid=…, created_at=…, age_seconds=…", as far as known.
std::string LockText(const SeenLock& lock) {
  std::vector<std::string> parts;
  if (lock.lock_id) parts.push_back("id=" + *lock.lock_id);
  if (lock.operation) parts.push_back("operation=" + *lock.operation);
  if (lock.pid) parts.push_back("pid=" + std::to_string(*lock.pid));
  if (lock.created_at) parts.push_back("created_at=" + *lock.created_at);
  if (lock.age_seconds) parts.push_back("age_seconds=" + std::to_string(*lock.age_seconds));
  return parts.empty() ? "unreadable" : Join(parts, ", ");
}

std::string StatusText(const StateReport& report) {
  if (report.findings.has_errors()) return "cluster status failed\n";
  const StateObservations& state = report.state;
  std::string out;
  if (!state.state_found) {
    out = "cluster state missing\n";
  } else {
    out = "cluster state: revision " + std::to_string(state.state_revision) + ", " +
          std::to_string(state.resource_count) + " resource(s)\n";
    if (state.applied_config_digest)
      out += "  applied config: " + *state.applied_config_digest + "\n";
  }
  out += state.locked ? "  lock: held (" + LockText(state.lock) + ")\n" : "  lock: not held\n";
  for (const auto& [address, status] : report.statuses) {
    if (status.status == "applied") continue;
    out += "  " + status.status + " " + address;
    if (!status.conditions.empty()) out += " (" + Join(status.conditions, ", ") + ")";
    out += "\n";
  }
  return out;
}

std::string SyncText(const StateReport& report) {
  if (report.findings.has_errors()) return "cluster " + report.operation + " failed\n";
  const StateObservations& state = report.state;
  std::string out = "cluster " + report.operation + ": revision " +
                    std::to_string(state.state_revision) + ", " +
                    std::to_string(state.resource_count) + " resource(s)\n";
  if (state.state_cas) out += "  state_cas: " + *state.state_cas + "\n";
  out += state.acquired_lock_id ? "  lock: acquired (id=" + *state.acquired_lock_id + ")\n"
                                : "  lock: not acquired\n";
  return out;
}

}  // namespace

std::string ToText(const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings.items()) {
    out += finding.severity == Severity::kError ? "ERROR " : "WARN  ";
    out += finding.code + " " + finding.path + ": " + finding.message + "\n";
  }
  return out;
}

std::string ToText(const ValidateReport& report) {
  std::string out = "cluster config invalid\n";
  if (!report.findings.has_errors()) {
    out = "cluster config valid: " + std::to_string(report.desired.resources.size()) +
          " resource(s), " + std::to_string(report.desired.dependencies.size()) +
          " dependency edge(s)\n";
  }
  return out + ToText(report.findings);
}

std::string ToText(const StateReport& report) {
  return (report.operation.empty() ? StatusText(report) : SyncText(report)) +
         ToText(report.findings);
}

std::string ToText(const PlanReport& report) {
  const std::string command = report.is_rollback ? "cluster rollback" : "cluster plan";
  if (report.findings.has_errors()) return command + " failed\n" + ToText(report.findings);
  std::string out = command;
  if (report.rollback_to) out += " to revision " + std::to_string(*report.rollback_to);
  out += ": " + std::to_string(report.changes.size()) + " change(s), " +
         std::to_string(report.gates.size()) + " approval gate(s)\n";
  AppendChanges(report.changes, out);
  if (report.changes.empty()) out += "  no changes\n";
  if (report.is_rollback) out += "  nothing was changed; --confirm carries it out\n";
  return out + ToText(report.findings);
}

std::string ToText(const ApplyReport& report) {
  const std::string command = report.is_rollback ? "cluster rollback" : "cluster apply";
  if (report.findings.has_errors()) {
    std::string out = command + " failed\n";
    AppendChanges(report.changes, out);
    return out + ToText(report.findings);
  }
  std::string out = command;
  if (report.rollback_to) out += " to revision " + std::to_string(*report.rollback_to);
  out += ": " + std::to_string(report.applied_count) + " applied, " +
         std::to_string(report.deferred_count) + " deferred/blocked\n";
  AppendChanges(report.changes, out);
  if (report.changes.empty()) out += "  no changes\n";
  out += "  state: revision " + std::to_string(report.state.state_revision) + ", converged: ";
  out += YesNo(report.converged);
  out += ", written: ";
  out += YesNo(report.state_written);
  out += "\n";
  if (report.state_written) {
    out += "  note: servers booted with --cluster serve this after their next restart\n";
  }
  if (report.is_rollback) {
    out +=
        "  note: the config folder is as it was; put its files back too, or the next apply goes "
        "forward again\n";
  }
  return out + ToText(report.findings);
}

std::string ToText(const ApproveReport& report) {
  if (report.findings.has_errors() || !report.approval_id) {
    return "cluster approve failed\n" + ToText(report.findings);
  }
  return "cluster approve: " + report.operation.value_or("") + " " + report.resource.value_or("") +
         " approved by " + report.approved_by.value_or("") + " (approval " + *report.approval_id +
         ")\n" + ToText(report.findings);
}

std::string ToText(const ForceUnlockReport& report) {
  std::string out;
  if (report.lock_removed) {
    out = "cluster force-unlock: removed lock (" + LockText(report.state.lock) + ")\n";
  } else {
    out = "cluster force-unlock failed\n";
    if (report.state.locked) out += "  lock: held (" + LockText(report.state.lock) + ")\n";
  }
  return out + ToText(report.findings);
}

}  // namespace omnigraph::cluster
