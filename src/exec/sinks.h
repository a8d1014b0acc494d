// The sinks of a read: one for each way in which matches become an answer.

#pragma once

#include <memory>

#include "base/status.h"
#include "exec/operator.h"
#include "exec/result_table.h"

namespace omnigraph::exec {

/// Writes tuples as they come and stops the pipeline at the limit.
Result<std::unique_ptr<Sink>> MakeProjectSink(PipelineState& state, ResultTable* table);

/// Sorts tuples by the query's order and its tie-breaks (S9.2); with a limit keeps only the best.
/// Also for queries with `rrf`, whose ranks need all tuples. Errors: `kInvalidArgument` when a term
/// has no order.
Result<std::unique_ptr<Sink>> MakeSortSink(PipelineState& state, ResultTable* table);

/// Groups tuples and computes the aggregates. Errors: `kInvalidArgument` when the query is ranked
/// by something that its groups do not determine.
Result<std::unique_ptr<Sink>> MakeAggregateSink(PipelineState& state, ResultTable* table);

}  // namespace omnigraph::exec
