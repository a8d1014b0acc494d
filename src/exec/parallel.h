// Splits a read over threads: each runs the steps for parts of the rows of the first scan.
//
// The tuples of the parts reach the sink in the order of the parts, whoever made them and whenever,
// so the sink sees exactly what it sees on one thread, and the answer is the same to the bit. What
// runs side by side is everything before the sink.

#pragma once

#include "base/status.h"
#include "exec/operator.h"
#include "exec/plan.h"

namespace omnigraph::exec {

/// Whether the pool of the execution would make `plan` faster: a long scan at its beginning and
/// many tuples after it. Errors: as of opening tables.
Result<bool> IsWorthThreads(const Plan& plan, Context& context);

/// Pushes the matches of `plan` into `sink`, which is not finished. Requires `IsWorthThreads`, and
/// that all of `plan` begins with that scan. Errors: the first one of any thread.
Status RunOnThreads(const Plan& plan, Context& context, PipelineState& sink_state, Sink* sink);

}  // namespace omnigraph::exec
