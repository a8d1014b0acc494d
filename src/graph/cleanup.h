// Removes what no branch and no tag needs any more: the rows of old commits, and what aborted
// writes and deleted branches have left.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "graph/repository.h"

namespace omnigraph::graph {

/// At least one of the first two. A commit loses its rows only if all that are given allow it.
struct CleanupPolicy {
  std::optional<std::uint64_t> keep_versions;    ///< Newest of each branch; 0 counts as 1.
  std::optional<std::uint64_t> older_than_secs;  ///< Younger commits stay.
  /// Objects younger than this are never removed, nor commits that were a head within it: a writer
  /// or a reader may be about to use them.
  std::uint64_t grace_secs = std::uint64_t{24} * 3600;
  bool is_dry_run = false;
  std::size_t concurrency = 8;  ///< Requests to the store at a time (limit `maintenance.requests`).
};

struct CleanedTable {
  std::string table_key;
  std::uint64_t bytes_removed = 0;
  std::uint64_t old_versions_removed = 0;
  std::optional<std::string> error;  ///< Something could not be removed; the next run tries again.
};

struct CleanupReport {
  std::vector<CleanedTable> tables;      ///< Those of the head of `main`, ascending by key.
  std::uint64_t history_bytes = 0;       ///< Rows of old commits.
  std::uint64_t unreferenced_bytes = 0;  ///< Of aborted writes, deleted branches, replaced objects.
  std::vector<std::string> failures;     ///< Of what belongs to none of the tables.
};

/// Marks, strips the records of commits that lose their rows, marks again and sweeps. Records of
/// reachable commits stay: a history lists as before. Safe beside readers and writers, at every
/// crash point, and when several run at once.
///
/// Errors: `kInvalidArgument` without a policy; whatever keeps the history from being read, with
/// nothing removed.
Result<CleanupReport> Cleanup(Repository& repository, const CleanupPolicy& policy);

}  // namespace omnigraph::graph
