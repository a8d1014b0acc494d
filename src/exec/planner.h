// Decides how a read is executed: where to start, in which order to walk, what not to enumerate.
//
// A plan never changes a result, only its cost. It depends on the query and on the sizes of the
// tables, not on the values of parameters.

#pragma once

#include <string>

#include "base/status.h"
#include "exec/plan.h"
#include "query/checked.h"
#include "table/table.h"

namespace omnigraph::exec {

/// Plans a read. The plan refers to `query`, which must outlive it. Cost: microseconds; grows with
/// the square of the number of variables. Errors: as of opening the tables.
Result<Plan> PlanRead(const query::ReadQuery& query, const table::GraphView& view);

/// Whether the sink reads this variable of the match: in a projection, an aggregate, the order or
/// its tie-breaks.
std::vector<bool> VariablesReadBySink(const query::ReadQuery& query);

/// The plan as text, one step a line, inner plans indented.
std::string PlanText(const Plan& plan, const query::ReadQuery& query,
                     const schema::Catalog& catalog);

}  // namespace omnigraph::exec
