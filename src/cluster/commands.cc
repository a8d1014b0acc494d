// Implements cluster/commands.h: runs, renders, and picks the exit code.

#include "cluster/commands.h"

#include <utility>

#include "cluster/address.h"
#include "cluster/config_folder.h"
#include "cluster/output.h"

namespace omnigraph::cluster {
namespace {

template <typename Report>
CommandOutcome Render(const Machine& machine, const Report& report) {
  CommandOutcome outcome;
  outcome.exit_code = report.findings.has_errors() ? 1 : 0;
  for (const Finding& finding : report.findings.items()) {
    // Shells expect 128 and the signal from a program that one stopped.
    if (finding.code == "interrupted") outcome.exit_code = 128 + machine.stop_signal->load();
  }
  outcome.json = ToJson(report);
  outcome.text = ToText(report);
  outcome.findings = report.findings.items();
  return outcome;
}

/// With `is_detailed` changes are told by the exit code, too.
template <typename Report>
CommandOutcome RenderChanges(const Machine& machine, const Report& report, bool is_detailed) {
  CommandOutcome outcome = Render(machine, report);
  const bool has_changes = outcome.exit_code == 0 && !report.changes.empty();
  if (is_detailed && has_changes) outcome.exit_code = 2;
  return outcome;
}

}  // namespace

CommandOutcome Validate(const Machine& machine, const ConfigOptions& options) {
  return Render(machine, RunValidate(options));
}

CommandOutcome Import(const Machine& machine, const ConfigOptions& options) {
  return Render(machine, RunImport(machine, options));
}

CommandOutcome Refresh(const Machine& machine, const ConfigOptions& options) {
  return Render(machine, RunRefresh(machine, options));
}

CommandOutcome ShowStatus(const Machine& machine, const ConfigOptions& options) {
  return Render(machine, RunStatus(machine, options));
}

CommandOutcome Plan(const Machine& machine, const PlanOptions& options) {
  return RenderChanges(machine, RunPlan(machine, options), options.has_detailed_exit_code);
}

CommandOutcome Apply(const Machine& machine, const ConfigOptions& options,
                     const std::optional<std::string>& actor) {
  return Render(machine, RunApply(machine, options, actor));
}

CommandOutcome Approve(const Machine& machine, const ConfigOptions& options,
                       const std::string& resource, const std::optional<std::string>& actor,
                       const std::optional<std::string>& rollback_to) {
  if (actor && rollback_to) {
    return Render(machine, RunApproveRollback(machine, options, resource, *actor, *rollback_to));
  }
  if (actor) return Render(machine, RunApprove(machine, options, resource, *actor));
  CommandOutcome outcome;
  outcome.exit_code = 1;
  outcome.error_text =
      "cluster approve records who consents, and nobody is named: pass --as <actor>, or set "
      "cli.actor in omnigraph.yaml or operator.actor in ~/.omnigraph/config.yaml\n";
  return outcome;
}

CommandOutcome ForceUnlock(const Machine& machine, const ConfigOptions& options,
                           const std::string& lock_id) {
  return Render(machine, RunForceUnlock(machine, options, lock_id));
}

CommandOutcome ShowHistory(const Machine& machine, const ConfigOptions& options,
                           std::size_t count_max) {
  return Render(machine, RunHistory(machine, options, count_max));
}

CommandOutcome ShowDiff(const Machine& machine, const DiffOptions& options) {
  return RenderChanges(machine, RunDiff(machine, options, options.from, options.to),
                       options.has_detailed_exit_code);
}

CommandOutcome Rollback(const Machine& machine, const RollbackOptions& options,
                        const std::optional<std::string>& actor) {
  if (options.is_confirmed) {
    return Render(machine, RunRollback(machine, options, options.revision, actor));
  }
  return RenderChanges(machine, RunRollbackPlan(machine, options, options.revision),
                       options.has_detailed_exit_code);
}

ValidateReport RunValidate(const ConfigOptions& options) {
  const ConfigFolder folder(options.config_dir);
  LoadedConfig loaded = LoadConfig(folder);
  if (options.deny_warnings) loaded.findings.DenyWarnings();
  ValidateReport report;
  report.config_dir = options.config_dir;
  report.config_file = folder.PathOf(kConfigFileName);
  for (const auto& [address, resource] : loaded.desired.resources) {
    if (resource.kind == ResourceKind::kGraph) continue;
    report.source_paths.emplace(address, folder.PathOf(resource.declared_path));
  }
  report.desired = std::move(loaded.desired);
  report.findings = std::move(loaded.findings);
  return report;
}

}  // namespace omnigraph::cluster
