// Rewrites the tables of a branch into few, full fragments. Rows, ids and history stay.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "graph/repository.h"

namespace omnigraph::graph {

struct OptimizedTable {
  std::string table_key;
  std::uint64_t fragments_removed = 0;
  std::uint64_t fragments_added = 0;
  bool is_committed = false;
  std::uint64_t table_version = 0;
};

struct OptimizeReport {
  std::vector<OptimizedTable> tables;    ///< Every table, ascending by key.
  std::optional<format::Commit> commit;  ///< None if nothing was compacted.
};

/// Compacts the tables of `branch` as one commit at most. The new fragments are written beside the
/// writers, who are not held up; a table that is written from scratch meanwhile is left for the
/// next run, so that no writer ever fails or has to plan anew because of this.
///
/// Errors: `kNotFound` for the branch; those of reading tables and of `BranchWriter::Write`.
/// Nothing changed then.
Result<OptimizeReport> Optimize(Repository& repository, const std::string& branch,
                                const std::optional<std::string>& actor, const Deadline& deadline);

}  // namespace omnigraph::graph
