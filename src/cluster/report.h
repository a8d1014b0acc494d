// What each cluster command reports, as data. `output.h` renders them.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cluster/desired_state.h"
#include "cluster/finding.h"
#include "cluster/ledger.h"
#include "cluster/plan.h"
#include "cluster/revision_record.h"

namespace omnigraph::cluster {

/// The metadata of a lock that was seen.
struct SeenLock {
  std::optional<std::string> lock_id;
  std::optional<std::string> operation;
  std::optional<std::string> created_at;
  std::optional<std::uint64_t> pid;
  std::optional<std::uint64_t> age_seconds;
};

/// Where the state lies and what was seen of it.
struct StateObservations {
  std::string state_path;
  std::string lock_path;
  bool state_found = false;  ///< Also when the document could not be read as a ledger.
  std::optional<std::string> applied_config_digest;
  std::uint64_t state_revision = 0;
  std::optional<std::string> state_cas;
  std::uint64_t resource_count = 0;
  bool locked = false;  ///< By somebody else.
  SeenLock lock;
  bool lock_acquired = false;
  std::optional<std::string> acquired_lock_id;
};

struct ValidateReport {
  std::string config_dir;
  std::string config_file;
  DesiredState desired;
  std::map<std::string, std::string> source_paths;  ///< By address, joined with the folder.
  Findings findings;
};

/// Of `import`, `refresh` and `status`.
struct StateReport {
  std::string operation;  ///< "import", "refresh"; empty for `status`.
  std::string config_dir;
  StateObservations state;
  std::map<std::string, std::string> resource_digests;
  std::map<std::string, ResourceStatus> statuses;
  std::map<std::string, std::string> observations;  ///< JSON objects by address.
  Findings findings;
};

struct PlanReport {
  std::string config_dir;
  std::string config_digest;  ///< Empty if the configuration could not be parsed.
  std::map<std::string, std::string> resource_digests;
  std::vector<Dependency> dependencies;
  StateObservations state;
  std::vector<Change> changes;
  std::vector<BlastRadius> blast_radius;
  std::vector<ApprovalGate> gates;
  bool is_rollback = false;
  std::optional<std::uint64_t> rollback_to;  ///< Of a rollback whose revision was found.
  Findings findings;
};

struct ApplyReport {
  std::string config_dir;
  std::optional<std::string> actor;
  std::string config_digest;
  StateObservations state;
  std::vector<Change> changes;
  std::uint64_t applied_count = 0;
  std::uint64_t deferred_count = 0;  ///< Deferred and blocked.
  bool converged = false;
  bool state_written = false;
  bool is_rollback = false;
  std::optional<std::uint64_t> rollback_to;  ///< Of a rollback whose revision was found.
  std::map<std::string, ResourceStatus> statuses;
  Findings findings;
};

struct ApproveReport {
  std::string config_dir;
  std::optional<std::string> approval_id;
  std::optional<std::string> resource;
  std::optional<std::string> operation;
  std::optional<std::string> approved_by;
  Findings findings;
};

struct HistoryReport {
  std::string config_dir;
  StateObservations state;
  std::vector<RevisionRecord> revisions;  ///< Newest first.
  bool is_complete = true;                ///< False if older ones were never recorded.
  Findings findings;
};

/// One side of a difference: a revision, or the config folder.
struct RevisionName {
  std::string name;  ///< As it was asked for.
  std::optional<std::uint64_t> state_revision;
  std::optional<std::string> state_cas;
  std::optional<std::string> config_digest;
};

struct DiffReport {
  std::string config_dir;
  RevisionName from;
  RevisionName to;
  std::vector<Change> changes;  ///< Without dispositions.
  Findings findings;
};

struct ForceUnlockReport {
  std::string config_dir;
  StateObservations state;
  bool lock_removed = false;
  Findings findings;
};

}  // namespace omnigraph::cluster
