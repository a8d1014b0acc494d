// The order of the steps of a pattern: the greedy part of exec/pattern_planner.h.
//
// From each promising start the next variable is the one that leaves the fewest tuples; everything
// that can be tested without binding a variable is tested at once. The cheapest of these orders,
// by the sum of the tuples of all steps, is taken.

#include <algorithm>
#include <utility>

#include "exec/pattern_planner.h"
#include "exec/selectivity.h"

namespace omnigraph::exec {
namespace {

using query::kNone;

constexpr double kNegationGuess = 0.5;
// Reading a row in a scan costs less than making a tuple.
constexpr double kScanCost = 0.25;
// A test per tuple (a condition, an edge) also costs less.
constexpr double kTestCost = 0.25;

bool AllBound(const std::vector<std::uint32_t>& variables, const VariableSet& bound) {
  return std::all_of(variables.begin(), variables.end(),
                     [&](std::uint32_t v) { return static_cast<bool>(bound[v]); });
}

// The sides of an equality, seen from the variable that it is to bind.
Join JoinOf(const query::Expression& equality, std::uint32_t variable) {
  const bool is_left = equality.arguments[0].variable == variable;
  return {&equality, &equality.arguments[is_left ? 0 : 1], &equality.arguments[is_left ? 1 : 0]};
}

Step& AddStep(StepKind kind, std::vector<Step>* steps) {
  Step& step = steps->emplace_back();
  step.kind = kind;
  return step;
}

}  // namespace

PatternPlanner::Ordering PatternPlanner::Begin() const {
  Ordering ordering;
  ordering.bound = bound_;
  for (std::size_t i = 0; i < pattern_.traversals.size(); ++i) {
    ordering.traversal_is_done.push_back(!traversal_is_in_scope_[i] || traversal_is_folded_[i]);
  }
  for (const bool is_in_scope : condition_is_in_scope_) {
    ordering.condition_is_done.push_back(!is_in_scope);
  }
  for (const bool is_in_scope : negation_is_in_scope_) {
    ordering.negation_is_done.push_back(!is_in_scope);
  }
  ordering.fold_is_done.resize(shared_.slots_count);
  return ordering;
}

void PatternPlanner::Arrange(Start start, Ordering* ordering) const {
  ApplyReady(ordering);
  BindLookups(ordering);
  if (start.variable != kNone || start.traversal != kNone) BindStart(start, ordering);
  while (!IsTooLate() && HasUnbound(*ordering)) {
    const Extension extension = PickExtension(*ordering);
    if (extension.variable != kNone) {
      BindExtension(extension, ordering);
    } else {
      BindStart(PickStart(*ordering), ordering);
    }
  }
}

bool PatternPlanner::IsOpen(const Ordering& ordering, std::uint32_t variable) const {
  return scope_[variable] && !ordering.bound[variable] && !is_folded_[variable] &&
         shared_.query.variables[variable].kind == query::VariableKind::kNode;
}

bool PatternPlanner::HasUnbound(const Ordering& ordering) const {
  return std::any_of(pattern_.variables.begin(), pattern_.variables.end(),
                     [&](std::uint32_t v) { return IsOpen(ordering, v); });
}

void PatternPlanner::BindLookups(Ordering* ordering) const {
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    const PlannedCondition& condition = conditions_[i];
    if (condition.lookup_key == nullptr || ordering->condition_is_done[i]) continue;
    if (IsTooLate()) return;
    const std::uint32_t variable = condition.variables[0];
    if (!IsOpen(*ordering, variable)) continue;
    Step& step = AddStep(StepKind::kLookup, &ordering->steps);
    step.variable = variable;
    step.key = condition.lookup_key;
    ordering->condition_is_done[i] = true;
    ordering->bound[variable] = true;
    ordering->cost += 1;
    step.rows_estimate = ordering->rows;
    ApplyReady(ordering);
  }
}

void PatternPlanner::BindStart(Start start, Ordering* ordering) const {
  if (start.traversal != kNone) {
    const query::Traversal& traversal = pattern_.traversals[start.traversal];
    Step& step = AddStep(StepKind::kScanEdges, &ordering->steps);
    step.traversal = &traversal;
    ordering->traversal_is_done[start.traversal] = true;
    for (const std::uint32_t v : {traversal.source, traversal.target, traversal.edge_variable}) {
      ordering->bound[v] = true;
    }
    ordering->cost += ordering->rows * edges_count_[start.traversal];
    ordering->rows *= edges_count_[start.traversal];
  } else {
    Step& step = AddStep(StepKind::kScan, &ordering->steps);
    step.variable = start.variable;
    ordering->bound[start.variable] = true;
    ordering->cost += ordering->rows * shared_.rows_of[start.variable] * kScanCost;
    ordering->rows *= shared_.rows_of[start.variable];
  }
  ApplyReady(ordering);
  ordering->cost += ordering->rows;
}

void PatternPlanner::BindExtension(const Extension& extension, Ordering* ordering) const {
  if (extension.condition != kNone) return BindJoin(extension, ordering);
  const std::uint32_t variable = extension.variable;
  if (extension.edge_traversal != kNone) {
    const query::Traversal& traversal = pattern_.traversals[extension.edge_traversal];
    Step& step = AddStep(StepKind::kExpandEdges, &ordering->steps);
    step.traversal = &traversal;
    step.variable = variable;
    ordering->traversal_is_done[extension.edge_traversal] = true;
    ordering->bound[traversal.edge_variable] = true;
  } else {
    Step& step = AddStep(StepKind::kExpand, &ordering->steps);
    step.variable = variable;
    for (const std::uint32_t i : traversals_at_[variable]) {
      const query::Traversal& traversal = pattern_.traversals[i];
      const std::uint32_t other = OtherEnd(*ordering, i, variable);
      if (other == kNone || traversal.edge_variable != kNone) continue;
      step.hops.push_back(HopFrom(traversal, other));
      ordering->traversal_is_done[i] = true;
    }
  }
  ordering->bound[variable] = true;
  const double rows_expanded = ordering->rows * extension.growth / Selectivity(*ordering, variable);
  ordering->rows = rows_expanded;
  ordering->cost += rows_expanded;
  ApplyReady(ordering);
  ordering->cost += ordering->rows;
}

void PatternPlanner::BindJoin(const Extension& join, Ordering* ordering) const {
  const PlannedCondition& condition = conditions_[join.condition];
  Step& step = AddStep(StepKind::kJoin, &ordering->steps);
  step.variable = join.variable;
  step.join = JoinOf(*condition.expression, join.variable);
  step.join.is_by_key = join.build_cost == 0;
  step.conditions.push_back(condition.expression);
  ordering->condition_is_done[join.condition] = true;
  ordering->bound[join.variable] = true;
  ordering->cost += join.build_cost;
  ordering->rows *= shared_.rows_of[join.variable] * condition.selectivity;
  ordering->cost += ordering->rows;
  step.rows_estimate = ordering->rows;
  ApplyReady(ordering);
  ordering->cost += ordering->rows;
}

void PatternPlanner::ApplyReady(Ordering* ordering) const {
  do {
    ApplyConditions(false, ordering);
    ApplyTests(ordering);
  } while (ApplyEdgesBetween(ordering));
  ApplyConditions(true, ordering);
  ApplyNegationsAndFolds(ordering);
}

void PatternPlanner::ApplyConditions(bool dear_ones, Ordering* ordering) const {
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    const PlannedCondition& condition = conditions_[i];
    if (ordering->condition_is_done[i] || condition.is_dear != dear_ones) continue;
    if (!AllBound(condition.variables, ordering->bound)) continue;
    if (ordering->steps.empty()) AddStep(StepKind::kFilter, &ordering->steps);
    ordering->steps.back().conditions.push_back(condition.expression);
    ordering->condition_is_done[i] = true;
    ordering->cost += ordering->rows * kTestCost;
    ordering->rows *= condition.selectivity;
  }
  if (!ordering->steps.empty()) ordering->steps.back().rows_estimate = ordering->rows;
}

void PatternPlanner::ApplyTests(Ordering* ordering) const {
  for (std::size_t i = 0; i < pattern_.traversals.size(); ++i) {
    const query::Traversal& traversal = pattern_.traversals[i];
    if (ordering->traversal_is_done[i] || traversal.edge_variable != kNone) continue;
    if (!ordering->bound[traversal.source] || !ordering->bound[traversal.target]) continue;
    Step& step = AddStep(StepKind::kTestHop, &ordering->steps);
    step.hops.push_back(HopFrom(traversal, traversal.source));
    ordering->traversal_is_done[i] = true;
    ordering->cost += ordering->rows * kTestCost;
    ordering->rows *= std::min(1.0, FanOut(traversal, traversal.source) /
                                        std::max(1.0, shared_.rows_of[traversal.target]));
    step.rows_estimate = ordering->rows;
  }
}

bool PatternPlanner::ApplyEdgesBetween(Ordering* ordering) const {
  for (std::size_t i = 0; i < pattern_.traversals.size(); ++i) {
    const query::Traversal& traversal = pattern_.traversals[i];
    if (ordering->traversal_is_done[i] || traversal.edge_variable == kNone) continue;
    if (!ordering->bound[traversal.source] || !ordering->bound[traversal.target]) continue;
    Step& step = AddStep(StepKind::kExpandEdges, &ordering->steps);
    step.traversal = &traversal;
    ordering->bound[traversal.edge_variable] = true;
    ordering->traversal_is_done[i] = true;
    ordering->cost += ordering->rows;
    ordering->rows *= std::min(1.0, FanOut(traversal, traversal.source) /
                                        std::max(1.0, shared_.rows_of[traversal.target]));
    return true;
  }
  return false;
}

void PatternPlanner::ApplyNegationsAndFolds(Ordering* ordering) const {
  for (std::size_t i = 0; i < pattern_.negations.size(); ++i) {
    const query::Negation& negation = pattern_.negations[i];
    if (ordering->negation_is_done[i]) continue;
    if (!AllBound(negation.outer_variables, ordering->bound)) continue;
    Step& step = AddStep(StepKind::kAntiJoin, &ordering->steps);
    step.negation = &negation;
    step.ordinal_slot = hidden_slot_;
    ordering->negation_is_done[i] = true;
    ordering->cost += ordering->rows;
    ordering->rows *= kNegationGuess;
    step.rows_estimate = ordering->rows;
  }
  for (Slot v = 0; v < folds_.size(); ++v) {
    if (folds_[v].empty() || !ordering->bound[v] || ordering->fold_is_done[v]) continue;
    ordering->fold_is_done[v] = true;
    for (const Fold& fold : folds_[v]) {
      Step& step = AddStep(StepKind::kFold, &ordering->steps);
      step.fold = fold;
      step.rows_estimate = ordering->rows;
      ordering->cost += ordering->rows;
    }
  }
}

std::uint32_t PatternPlanner::OtherEnd(const Ordering& ordering, std::size_t traversal,
                                       std::uint32_t variable) const {
  if (ordering.traversal_is_done[traversal]) return kNone;
  const query::Traversal& walk = pattern_.traversals[traversal];
  const bool is_source = walk.source == variable;
  if (is_source == (walk.target == variable)) return kNone;
  const std::uint32_t other = is_source ? walk.target : walk.source;
  return ordering.bound[other] ? other : kNone;
}

bool PatternPlanner::IsCheaper(const Extension& a, const Extension& b, double rows) {
  const auto cost = [rows](const Extension& extension) {
    return extension.growth + extension.build_cost / std::max(1.0, rows);
  };
  return cost(a) < cost(b);
}

PatternPlanner::Extension PatternPlanner::ExtensionTo(const Ordering& ordering,
                                                      std::uint32_t variable) const {
  const double rows_of_target = std::max(1.0, shared_.rows_of[variable]);
  Extension by_hops;
  Extension by_edge;
  for (const std::uint32_t i : traversals_at_[variable]) {
    const std::uint32_t other = OtherEnd(ordering, i, variable);
    if (other == kNone) continue;
    const query::Traversal& traversal = pattern_.traversals[i];
    const double fan_out = FanOut(traversal, other);
    if (traversal.edge_variable != kNone) {
      if (by_edge.variable == kNone || fan_out < by_edge.growth) by_edge = {variable, i, fan_out};
    } else if (by_hops.variable == kNone) {
      by_hops = {variable, kNone, fan_out};
    } else {
      // Of the smaller set of neighbours the share that is in the larger one.
      const auto [fewer, more] = std::minmax(by_hops.growth, fan_out);
      by_hops.growth = fewer * std::min(1.0, more / rows_of_target);
    }
  }
  Extension extension = by_hops.variable != kNone ? by_hops : by_edge;
  extension.growth *= Selectivity(ordering, variable);
  const Extension join = JoinTo(ordering, variable);
  const bool is_better = join.variable != kNone &&
                         (extension.variable == kNone || IsCheaper(join, extension, ordering.rows));
  return is_better ? join : extension;
}

PatternPlanner::Extension PatternPlanner::JoinTo(const Ordering& ordering,
                                                 std::uint32_t variable) const {
  Extension best;
  for (const std::uint32_t i : conditions_at_[variable]) {
    const PlannedCondition& condition = conditions_[i];
    if (!condition.is_join || ordering.condition_is_done[i]) continue;
    const Join join = JoinOf(*condition.expression, variable);
    if (!ordering.bound[join.value->variable]) continue;
    const bool is_by_key = condition.expression->comparison == query::Comparison::kText &&
                           IsTextKey(*join.property, shared_.query, shared_.view.catalog());
    const double rows = shared_.rows_of[variable];
    const Extension found = {variable, kNone, rows * Selectivity(ordering, variable), i,
                             is_by_key ? 0 : std::max(1.0, rows) * kScanCost};
    const bool is_better = best.variable == kNone || found.build_cost < best.build_cost ||
                           condition.selectivity < conditions_[best.condition].selectivity;
    if (is_better) best = found;
  }
  return best;
}

PatternPlanner::Extension PatternPlanner::PickExtension(const Ordering& ordering) const {
  Extension best;
  for (const std::uint32_t v : pattern_.variables) {
    if (!IsOpen(ordering, v)) continue;
    const Extension extension = ExtensionTo(ordering, v);
    if (extension.variable == kNone) continue;
    if (best.variable == kNone || IsCheaper(extension, best, ordering.rows)) best = extension;
  }
  return best;
}

PatternPlanner::Start PatternPlanner::PickStart(const Ordering& ordering) const {
  Start best;
  for (const std::uint32_t v : pattern_.variables) {
    if (!IsOpen(ordering, v)) continue;
    const double rows = shared_.rows_of[v] * Selectivity(ordering, v);
    if (best.variable == kNone || rows < best.rows_estimate) best = {v, kNone, rows};
  }
  return best;
}

double PatternPlanner::Selectivity(const Ordering& ordering, std::uint32_t variable) const {
  double selectivity = 1;
  for (const std::uint32_t i : conditions_at_[variable]) {
    const std::vector<std::uint32_t>& variables = conditions_[i].variables;
    if (ordering.condition_is_done[i]) continue;
    const bool is_ready = std::all_of(variables.begin(), variables.end(), [&](std::uint32_t v) {
      return v == variable || ordering.bound[v];
    });
    if (is_ready) selectivity *= conditions_[i].selectivity;
  }
  return std::max(selectivity, 1e-12);
}

double PatternPlanner::FanOut(const query::Traversal& traversal, std::uint32_t from) const {
  const auto index = static_cast<std::size_t>(&traversal - pattern_.traversals.data());
  const double rows_from = std::max(1.0, shared_.rows_of[from]);
  double degree = edges_count_[index] / rows_from;
  if (traversal.is_undirected) degree *= 2;
  // Each further hop multiplies again, until everything is reached.
  const std::uint32_t to = from == traversal.source ? traversal.target : traversal.source;
  const double rows_to = shared_.rows_of[to];
  double reached = degree;
  for (std::uint32_t hop = 1; hop < traversal.hops_max && reached < rows_to; ++hop) {
    if (degree <= 1) break;
    reached *= degree;
  }
  return std::min(reached, std::max(rows_to, degree));
}

}  // namespace omnigraph::exec
