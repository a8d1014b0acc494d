// One function per cluster command: what the command line calls. Each runs to its end, holds the
// lock only meanwhile, and returns everything that is to be printed.

#pragma once

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
CommandOutcome Approve(const Machine& machine, const ConfigOptions& options,
                       const std::string& resource, const std::optional<std::string>& actor);

CommandOutcome ForceUnlock(const Machine& machine, const ConfigOptions& options,
                           const std::string& lock_id);

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

}  // namespace omnigraph::cluster
