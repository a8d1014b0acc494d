// Operators that bind a variable without walking: a lookup by key, a scan of nodes, a scan of
// edges, and the number of rows of a table.

#pragma once

#include <memory>

#include "base/status.h"
#include "exec/operator.h"
#include "exec/plan.h"

namespace omnigraph::exec {

/// Binds the node with the key `step.key` in every tuple; without one all tuples are dropped.
Result<std::unique_ptr<Operator>> MakeLookup(const Step& step, PipelineState& state);

/// Multiplies every tuple with all nodes of the type. `step.conditions` that read nothing but the
/// new variable are applied here, and what passes is kept for the next tuple; they are taken out of
/// `conditions`, which starts as `step.conditions`.
Result<std::unique_ptr<Operator>> MakeScan(const Step& step, std::size_t slots_count,
                                           PipelineState& state,
                                           std::vector<const query::Expression*>* conditions);

/// Multiplies every tuple with all edges of the type and binds their ends too.
Result<std::unique_ptr<Operator>> MakeScanEdges(const Step& step, std::size_t slots_count,
                                                PipelineState& state);

/// Multiplies the weights by the number of nodes of the type.
Result<std::unique_ptr<Operator>> MakeCountRows(const Step& step, PipelineState& state);

}  // namespace omnigraph::exec
