// What the history keeps about one revision of the ledger.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cluster/plan.h"

namespace omnigraph::cluster {

/// An approval that a revision consumed.
struct UsedApproval {
  std::string approval_id;
  std::string resource;
  std::string approved_by;
};

/// What is kept about one revision of the ledger.
struct RevisionRecord {
  std::uint64_t state_revision = 0;
  std::string state_cas;  ///< Of the ledger's bytes.
  /// The revision before it; absent for the first one.
  std::optional<std::uint64_t> parent_revision;
  std::optional<std::string> parent_cas;
  std::string operation;  ///< "import", "refresh", "apply", "rollback"; "adopted": found there.
  std::optional<std::string> actor;
  std::string recorded_at;
  std::optional<std::uint64_t> rollback_to;
  std::optional<std::string> config_digest;  ///< Of the last converged revision until then.
  std::string resources_digest;              ///< Names the object with the resources.
  std::vector<Change> changes;               ///< Against the parent; without dispositions.
  std::vector<UsedApproval> approvals;
};

}  // namespace omnigraph::cluster
