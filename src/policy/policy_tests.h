// Test cases for bundles: the file `policy.tests.yaml` and its runner.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "policy/policy_engine.h"

namespace omnigraph::policy {

/// One expectation. Nothing is filled in: a case without a branch is decided without one.
struct PolicyTestCase {
  std::string id;
  std::string actor;
  Action action = Action::kRead;
  std::optional<std::string> branch;
  std::optional<std::string> target_branch;
  std::optional<std::string> query;
  bool expects_allow = false;
};

/// Reads a file of cases. Errors (`kInvalidArgument`): every problem of the file, rendered.
Result<std::vector<PolicyTestCase>> ParsePolicyTests(std::string name, std::string yaml);

struct PolicyTestResult {
  std::string id;
  bool expected_allow = false;
  Decision decision;

  bool passed() const { return decision.allowed() == expected_allow; }
  /// One line for a failure: `<id>: expected Allow but got deny`.
  std::string FailureText() const;
};

/// Decides every case as of `graph`, in the order of the file. A failing case stops nothing.
/// Errors: `kInternal` if an evaluation failed.
Result<std::vector<PolicyTestResult>> RunPolicyTests(const PolicyEngine& engine,
                                                     std::string_view graph,
                                                     const std::vector<PolicyTestCase>& cases);

}  // namespace omnigraph::policy
