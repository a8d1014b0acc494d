// Implements exec/planner.h.

#include "exec/planner.h"

#include <algorithm>
#include <utility>

#include "exec/access.h"
#include "exec/pattern_planner.h"

namespace omnigraph::exec {
namespace {

using query::Expression;
using query::ExpressionKind;

std::size_t NegationDepth(const query::Pattern& pattern) {
  std::size_t depth = 0;
  for (const query::Negation& negation : pattern.negations) {
    depth = std::max(depth, 1 + NegationDepth(negation.pattern));
  }
  return depth;
}

void Mark(const Expression& expression, std::vector<bool>* is_read) {
  for (const std::uint32_t v : VariablesOf(expression))
    (*is_read)[v] = true;
}

}  // namespace

std::vector<bool> VariablesReadBySink(const query::ReadQuery& query) {
  std::vector<bool> is_read(query.variables.size());
  for (const query::Projection& projection : query.projections) {
    const bool counts_rows = projection.aggregate == query::AggregateFunction::kCount &&
                             projection.expression.kind == ExpressionKind::kNode;
    if (!counts_rows) Mark(projection.expression, &is_read);
  }
  for (const query::OrderTerm& term : query.order) {
    if (!query.is_aggregate || term.is_ranking) Mark(term.expression, &is_read);
  }
  if (query.is_aggregate || query.order.empty()) return is_read;
  for (const std::uint32_t v : query.match.variables) {
    if (!query.variables[v].name.empty()) is_read[v] = true;
  }
  return is_read;
}

Result<Plan> PlanRead(Context& context) {
  const query::ReadQuery& query = context.query();
  const table::GraphView& view = context.view();
  PlanningState state{query, view, context, 0, {}};
  state.slots_count = query.variables.size() + NegationDepth(query.match);
  for (const query::Variable& variable : query.variables) {
    OG_ASSIGN_OR_RETURN(const table::Table* table, variable.kind == query::VariableKind::kNode
                                                       ? view.NodeTable(variable.type)
                                                       : view.EdgeTable(variable.type));
    state.rows_of.push_back(static_cast<double>(table->rows_count()));
  }
  VariableSet needed = VariablesReadBySink(query);
  needed.resize(state.slots_count);
  PatternPlanner planner(state, query.match, VariableSet(state.slots_count), std::move(needed),
                         static_cast<Slot>(query.variables.size()));
  Plan plan;
  OG_ASSIGN_OR_RETURN(plan.match, planner.Run());
  plan.slots_count = state.slots_count;
  OG_RETURN_IF_ERROR(ChooseAccess(context, &plan));
  return plan;
}

}  // namespace omnigraph::exec
