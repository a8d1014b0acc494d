// Operators that walk along edges.

#pragma once

#include <memory>

#include "base/status.h"
#include "exec/operator.h"
#include "exec/plan.h"

namespace omnigraph::exec {

/// Binds `step.variable` to every node that all of `step.hops` reach.
Result<std::unique_ptr<Operator>> MakeExpand(const Step& step, std::size_t slots_count,
                                             PipelineState& state);

/// Binds the edge of `step.traversal`, one tuple per edge, and its other end if that is not bound.
Result<std::unique_ptr<Operator>> MakeExpandEdges(const Step& step, std::size_t slots_count,
                                                  PipelineState& state);

/// Keeps the tuples whose two ends are joined by `step.hops[0]`.
Result<std::unique_ptr<Operator>> MakeTestHop(const Step& step, PipelineState& state);

/// Multiplies the weights by `step.fold`.
Result<std::unique_ptr<Operator>> MakeFold(const Step& step, PipelineState& state);

}  // namespace omnigraph::exec
