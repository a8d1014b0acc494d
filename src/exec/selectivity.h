// What the planner believes about a condition before it has seen a row.

#pragma once

#include <vector>

#include "exec/pattern_planner.h"
#include "schema/catalog.h"

namespace omnigraph::exec {

/// `rows_of` is by variable. The guesses are constants per kind of condition; what is known
/// exactly (keys, unique properties, the number of enum values, lengths of constant lists) is used.
PlannedCondition PlanCondition(const query::Expression& expression, const Context& context,
                               const std::vector<double>& rows_of);

/// Replaces the guessed selectivity of a condition on one variable by what a sample of its rows
/// says, and that of a join by the number of distinct values in samples of both sides; the same
/// rows every time. Leaves lookups, searches and small tables as they are. Cost: some microseconds.
/// Errors: as of opening the table.
Status SampleSelectivity(Context& context, PlannedCondition* condition);

/// Whether the property is the whole key of a node.
bool IsKey(const query::Expression& property, const query::ReadQuery& query,
           const schema::Catalog& catalog);
/// Whether the id of a node is the text of this property.
bool IsTextKey(const query::Expression& property, const query::ReadQuery& query,
               const schema::Catalog& catalog);

}  // namespace omnigraph::exec
