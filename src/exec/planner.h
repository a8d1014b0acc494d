// Decides how a read is executed: where to start, in which order to walk, what not to enumerate.
//
// A plan never changes a result, only its cost. It depends on the query with its arguments, and
// on the tables: their sizes, a sample of their values, and which indexes are there.

#pragma once

#include <string>

#include "base/status.h"
#include "exec/context.h"
#include "exec/executor.h"
#include "exec/plan.h"
#include "query/checked.h"
#include "table/table.h"

namespace omnigraph::exec {

/// Plans the query of `context`, which must outlive the plan. Cost: microseconds; grows with
/// the square of the number of variables. Errors: as of opening the tables.
Result<Plan> PlanRead(Context& context);

/// Whether the sink reads this variable of the match: in a projection, an aggregate, the order or
/// its tie-breaks.
std::vector<bool> VariablesReadBySink(const query::ReadQuery& query);

class Profile;

/// Text: one step a line, inner plans indented. JSON: {"text", "operators", "output"}. With a
/// profile (null: without) also what every step did.
PlanDescription DescribePlan(const Plan& plan, const query::ReadQuery& query,
                             const schema::Catalog& catalog, const Profile* profile);

}  // namespace omnigraph::exec
