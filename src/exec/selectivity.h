// What the planner believes about a condition before it has seen a row.

#pragma once

#include <vector>

#include "exec/pattern_planner.h"
#include "schema/catalog.h"

namespace omnigraph::exec {

/// `rows_of` is by variable. The guesses are constants per kind of condition; what is known
/// exactly (keys, unique properties, the number of enum values) is used.
PlannedCondition PlanCondition(const query::Expression& expression, const query::ReadQuery& query,
                               const schema::Catalog& catalog, const std::vector<double>& rows_of);

}  // namespace omnigraph::exec
