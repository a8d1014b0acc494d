// One function per cluster command: what the command line calls. Each runs to its end, holds the
// lock only meanwhile, and returns everything that is to be printed.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cluster/finding.h"
#include "cluster/machine.h"
#include "cluster/report.h"

namespace omnigraph::cluster {

/// What a command leaves: print `json` or `text` to stdout, `error_text` to stderr.
struct CommandOutcome {
  int exit_code = 0;
  std::string json;
  std::string text;
  std::string error_text;  ///< Only for failures before a report could be made.
  std::vector<Finding> findings;
};

struct ConfigOptions {
  std::string config_dir = ".";
  /// Warnings about the configuration count as errors (validate, plan, apply).
  bool deny_warnings = false;
};

CommandOutcome Validate(const Machine& machine, const ConfigOptions& options);
CommandOutcome Import(const Machine& machine, const ConfigOptions& options);
CommandOutcome Refresh(const Machine& machine, const ConfigOptions& options);
CommandOutcome ShowStatus(const Machine& machine, const ConfigOptions& options);

struct PlanOptions : ConfigOptions {
  /// Exit with 2 instead of 0 if there are changes.
  bool has_detailed_exit_code = false;
};
CommandOutcome Plan(const Machine& machine, const PlanOptions& options);

/// `actor` is what the command line resolved; recorded wherever the run leaves a trace.
CommandOutcome Apply(const Machine& machine, const ConfigOptions& options,
                     const std::optional<std::string>& actor);

/// Fails on stderr if `actor` is absent.
///
/// With `rollback_to` the change is one of a rollback to that revision.
CommandOutcome Approve(const Machine& machine, const ConfigOptions& options,
                       const std::string& resource, const std::optional<std::string>& actor,
                       const std::optional<std::string>& rollback_to = std::nullopt);

CommandOutcome ForceUnlock(const Machine& machine, const ConfigOptions& options,
                           const std::string& lock_id);

/// The newest `count_max` revisions of the ledger, with who wrote them and what they changed.
CommandOutcome ShowHistory(const Machine& machine, const ConfigOptions& options,
                           std::size_t count_max);

struct DiffOptions : ConfigOptions {
  /// A revision's number, "sha256:" and digits of its ledger's digest, "current", or "config".
  std::string from;
  std::string to = "current";
  /// Exit with 2 instead of 0 if there are differences.
  bool has_detailed_exit_code = false;
};
CommandOutcome ShowDiff(const Machine& machine, const DiffOptions& options);

struct RollbackOptions : ConfigOptions {
  std::string revision;
  bool is_confirmed = false;  ///< Otherwise only the plan is shown.
  bool has_detailed_exit_code = false;
};
CommandOutcome Rollback(const Machine& machine, const RollbackOptions& options,
                        const std::optional<std::string>& actor);

// ---- The same as data --------------------------------------------------------------------------

ValidateReport RunValidate(const ConfigOptions& options);
StateReport RunImport(const Machine& machine, const ConfigOptions& options);
StateReport RunRefresh(const Machine& machine, const ConfigOptions& options);
StateReport RunStatus(const Machine& machine, const ConfigOptions& options);
PlanReport RunPlan(const Machine& machine, const ConfigOptions& options);
ApplyReport RunApply(const Machine& machine, const ConfigOptions& options,
                     const std::optional<std::string>& actor);
ApproveReport RunApprove(const Machine& machine, const ConfigOptions& options,
                         const std::string& resource, const std::string& actor);
ForceUnlockReport RunForceUnlock(const Machine& machine, const ConfigOptions& options,
                                 const std::string& lock_id);

HistoryReport RunHistory(const Machine& machine, const ConfigOptions& options,
                         std::size_t count_max);
DiffReport RunDiff(const Machine& machine, const ConfigOptions& options, const std::string& from,
                   const std::string& to);
PlanReport RunRollbackPlan(const Machine& machine, const ConfigOptions& options,
                           const std::string& revision);
ApplyReport RunRollback(const Machine& machine, const ConfigOptions& options,
                        const std::string& revision, const std::optional<std::string>& actor);
ApproveReport RunApproveRollback(const Machine& machine, const ConfigOptions& options,
                                 const std::string& resource, const std::string& actor,
                                 const std::string& revision);

}  // namespace omnigraph::cluster
