// Runs a checked read query on the tables of one commit.
//
// The way of a query: `PlanRead` (exec/planner.h) orders the pattern by estimated cost, a
// `Pipeline` (exec/pipeline.h) of operators pushes batches of row ids through it, and a sink
// projects, groups or sorts them into a `ResultTable`. Properties are read when an operator or the
// answer needs them, never earlier.

#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "exec/result_table.h"
#include "query/checked.h"
#include "table/table.h"
#include "types/value.h"

namespace omnigraph {
class ThreadPool;
}

namespace omnigraph::exec {

/// What one execution may use. Going over is `kResourceExhausted` with the name of the limit.
struct ExecutionOptions {
  Deadline deadline;
  /// Bytes that sorting, grouping, memos and the answer may hold (`query.memory_bytes_max`).
  std::uint64_t memory_bytes_max = std::uint64_t{1} << 30;
  /// Rows of the answer (`query.rows_max`).
  std::uint64_t rows_max = std::numeric_limits<std::uint64_t>::max();
  /// Neighbours looked at (`query.edges_visited_max`).
  std::uint64_t edges_visited_max = std::numeric_limits<std::uint64_t>::max();
  /// Work stops at its next batch once this is true. May be null.
  std::shared_ptr<const std::atomic<bool>> is_cancelled;
  /// What `now()` is: microseconds since the Unix epoch.
  std::int64_t now_micros = 0;
  /// Whether texts given to `nearest` become the offline vectors of S10.8.
  bool uses_mock_embeddings = false;
  /// May be null: then everything runs on the calling thread.
  ThreadPool* pool = nullptr;
};

/// Executes `query`, which must be a read, checked against the catalog of `view`. `parameters`
/// holds one value per declared parameter, in declaration order, absent ones null; it may be empty
/// if `query` was bound (query/bind.h) and refers to none.
///
/// The rows of one commit and the same arguments come in the same order every time.
///
/// Errors: `kInvalidArgument` for arguments of search functions out of range, for sort terms that
/// have no order and for an unusable combination of ranking and aggregates; `kDeadlineExceeded`;
/// `kResourceExhausted`; `kUnavailable` and `kCorruption` of what is read.
Result<ResultTable> ExecuteRead(const query::CheckedQuery& query,
                                std::span<const types::Value> parameters,
                                const table::GraphView& view, const ExecutionOptions& options);

/// The plan of a read as indented text, one step a line with its estimated rows. Errors: as of
/// opening the tables.
Result<std::string> ExplainRead(const query::CheckedQuery& query, const table::GraphView& view);

}  // namespace omnigraph::exec
