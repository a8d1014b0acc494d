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
#include "exec/batch.h"
#include "exec/result_table.h"
#include "query/checked.h"
#include "table/table.h"
#include "types/value.h"

namespace omnigraph {
class ThreadPool;
}

namespace omnigraph::exec {

/// How a read is executed, for people and for programs.
struct PlanDescription {
  std::string text;
  std::string json;
};

enum class IndexUse : unsigned char {
  kNever,
  kWhenWorth,  ///< When the estimate says so, and after enough queries that wanted it.
  kAlways,     ///< At once, wherever there is one.
};

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
  /// Text and ordered indexes never change an answer; the other choices are for tests.
  IndexUse uses_indexes = IndexUse::kWhenWorth;
  /// May be null: then everything runs on the calling thread.
  ThreadPool* pool = nullptr;
  /// Reads that are estimated to make fewer tuples stay on the calling thread.
  std::uint64_t parallel_tuples_min = 32'768;
  /// Tuples that operators hand on at a time. Answers do not depend on it.
  std::size_t batch_rows_max = kBatchRowsMax;
  /// If set, gets the plan with what every step did.
  PlanDescription* profile = nullptr;
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

/// An answer without rows, in the columns of `query`.
ResultTable EmptyAnswer(const query::CheckedQuery& query);

/// The plan of a read with its estimated rows; nothing is executed. Errors: as of opening the
/// tables.
Result<PlanDescription> DescribeRead(const query::CheckedQuery& query,
                                     const table::GraphView& view);
/// Its text: one step a line.
Result<std::string> ExplainRead(const query::CheckedQuery& query, const table::GraphView& view);

}  // namespace omnigraph::exec
