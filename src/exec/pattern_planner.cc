// Implements exec/pattern_planner.h: components, folds, carried columns. The order of the steps is
// found in pattern_order.cc.

#include "exec/pattern_planner.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "exec/selectivity.h"

namespace omnigraph::exec {
namespace {

using query::kNone;

// Greedy orders that are tried, from the most selective starts.
constexpr std::size_t kStartsMax = 6;
// Operators call each other, one per step, so there must be fewer than a stack holds.
constexpr std::size_t kPatternPartsMax = 8192;

bool IsNever(const query::Traversal& traversal, const schema::EdgeType& edge) {
  return edge.from != edge.to && traversal.hops_min > 1;
}

class DisjointSets {
 public:
  explicit DisjointSets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t Find(std::size_t x) {
    while (parent_[x] != x)
      x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void Join(std::size_t x, std::size_t y) { parent_[Find(x)] = Find(y); }

 private:
  std::vector<std::size_t> parent_;
};

std::vector<std::uint32_t> EndsOf(const query::Traversal& traversal) {
  std::vector<std::uint32_t> ends = {traversal.source, traversal.target};
  if (traversal.edge_variable != kNone) ends.push_back(traversal.edge_variable);
  return ends;
}

void MarkInputs(const Step& step, VariableSet* live) {
  for (const Hop& hop : step.kind == StepKind::kFold ? step.fold.hops : step.hops) {
    (*live)[hop.from] = true;
    if (step.kind == StepKind::kTestHop) (*live)[hop.to] = true;
  }
  if (step.kind == StepKind::kExpandEdges) {
    for (const std::uint32_t end : {step.traversal->source, step.traversal->target}) {
      if (end != step.variable) (*live)[end] = true;
    }
  }
  if (step.kind == StepKind::kAntiJoin) {
    for (const std::uint32_t outer : step.negation->outer_variables)
      (*live)[outer] = true;
  }
}

void UnmarkOutputs(const Step& step, VariableSet* live) {
  if (step.variable != kNone) (*live)[step.variable] = false;
  if (step.traversal == nullptr) return;
  (*live)[step.traversal->edge_variable] = false;
  if (step.kind != StepKind::kScanEdges) return;
  (*live)[step.traversal->source] = false;
  (*live)[step.traversal->target] = false;
}

// A variable that is bound here and read nowhere need not be bound.
void DropUnread(const VariableSet& live, Step* step) {
  if (step->variable == kNone || live[step->variable] || !step->conditions.empty()) return;
  if (step->kind == StepKind::kScan) {
    step->kind = StepKind::kCountRows;
  } else if (step->kind == StepKind::kExpand) {
    step->kind = StepKind::kFold;
    step->fold = Fold{step->variable, std::move(step->hops), {}};
    step->hops.clear();
  }
}

}  // namespace

Hop HopFrom(const query::Traversal& traversal, std::uint32_t from) {
  Hop hop;
  hop.edge_type = traversal.edge_type;
  hop.from = from;
  hop.is_backward = from != traversal.source;
  hop.to = hop.is_backward ? traversal.source : traversal.target;
  hop.is_undirected = traversal.is_undirected;
  hop.hops_min = traversal.hops_min;
  hop.hops_max = traversal.hops_max;
  return hop;
}

PatternPlanner::PatternPlanner(PlanningState& shared, const query::Pattern& pattern,
                               VariableSet bound, VariableSet needed, Slot hidden_slot)
    : shared_(shared),
      pattern_(pattern),
      bound_(std::move(bound)),
      needed_(std::move(needed)),
      hidden_slot_(hidden_slot),
      scope_(shared.slots_count),
      is_folded_(shared.slots_count),
      folds_(shared.slots_count) {}

Result<PatternPlan> PatternPlanner::Run() {
  PatternPlan plan;
  for (const query::Traversal& traversal : pattern_.traversals) {
    const schema::EdgeType& edge = shared_.view.catalog().edge(traversal.edge_type);
    plan.is_never = plan.is_never || IsNever(traversal, edge);
  }
  if (plan.is_never) return plan;
  OG_RETURN_IF_ERROR(Prepare());

  std::vector<bool> is_attached;
  const std::vector<std::vector<std::uint32_t>> components = Components(&is_attached);
  std::vector<std::uint32_t> main;
  std::vector<std::vector<std::uint32_t>> counted;
  const bool is_inner = std::find(bound_.begin(), bound_.end(), true) != bound_.end();
  for (std::size_t i = 0; i < components.size(); ++i) {
    const bool is_read = std::any_of(components[i].begin(), components[i].end(),
                                     [&](std::uint32_t v) { return needed_[v]; });
    if (is_read || is_attached[i] || (components.size() == 1 && !is_inner)) {
      main.insert(main.end(), components[i].begin(), components[i].end());
    } else {
      counted.push_back(components[i]);
    }
  }
  OG_ASSIGN_OR_RETURN(plan, FillInner(PlanScope(main, true)));
  for (const std::vector<std::uint32_t>& component : counted) {
    OG_ASSIGN_OR_RETURN(PatternPlan part, FillInner(PlanScope(component, false)));
    plan.counted.push_back(std::move(part));
  }
  OG_RETURN_IF_ERROR(shared_.context.Poll());
  return plan;
}

Status PatternPlanner::Prepare() {
  if (pattern_.variables.size() + pattern_.traversals.size() > kPatternPartsMax) {
    return Status::Error(ErrorCode::kResourceExhausted,
                         "a match or not has more than query.pattern_parts_max = " +
                             std::to_string(kPatternPartsMax) + " nodes and edges");
  }
  for (const query::Expression& expression : pattern_.conditions) {
    conditions_.push_back(PlanCondition(expression, shared_.context, shared_.rows_of));
    // With one variable there is nothing to order.
    if (shared_.query.variables.size() > 1) {
      OG_RETURN_IF_ERROR(SampleSelectivity(shared_.context, &conditions_.back()));
    }
  }
  for (const query::Traversal& traversal : pattern_.traversals) {
    OG_ASSIGN_OR_RETURN(const table::Table* edges, shared_.view.EdgeTable(traversal.edge_type));
    edges_count_.push_back(static_cast<double>(edges->rows_count()));
  }
  traversal_is_folded_.resize(pattern_.traversals.size());
  traversals_at_.resize(shared_.slots_count);
  conditions_at_.resize(shared_.slots_count);
  for (std::uint32_t i = 0; i < pattern_.traversals.size(); ++i) {
    const query::Traversal& traversal = pattern_.traversals[i];
    traversals_at_[traversal.source].push_back(i);
    if (traversal.target != traversal.source) traversals_at_[traversal.target].push_back(i);
  }
  for (std::uint32_t i = 0; i < conditions_.size(); ++i) {
    for (const std::uint32_t v : conditions_[i].variables)
      conditions_at_[v].push_back(i);
  }
  return Status::Ok();
}

std::vector<std::vector<std::uint32_t>> PatternPlanner::Components(
    std::vector<bool>* is_attached) const {
  // One more element stands for everything that is bound outside.
  DisjointSets sets(shared_.slots_count + 1);
  const auto join = [&](const std::vector<std::uint32_t>& variables) {
    for (const std::uint32_t v : variables) {
      sets.Join(bound_[v] ? shared_.slots_count : v,
                bound_[variables[0]] ? shared_.slots_count : variables[0]);
    }
  };
  for (const query::Traversal& traversal : pattern_.traversals)
    join(EndsOf(traversal));
  for (const PlannedCondition& condition : conditions_)
    join(condition.variables);
  for (const query::Negation& negation : pattern_.negations)
    join(negation.outer_variables);

  std::vector<std::vector<std::uint32_t>> components;
  std::vector<std::size_t> component_of(shared_.slots_count + 1, components.max_size());
  for (const std::uint32_t v : pattern_.variables) {
    const std::size_t root = sets.Find(v);
    if (component_of[root] == components.max_size()) {
      component_of[root] = components.size();
      components.emplace_back();
      is_attached->push_back(root == sets.Find(shared_.slots_count));
    }
    components[component_of[root]].push_back(v);
  }
  return components;
}

PatternPlan PatternPlanner::PlanScope(const std::vector<std::uint32_t>& scope,
                                      bool takes_unscoped) {
  scope_.assign(shared_.slots_count, false);
  for (const std::uint32_t v : scope)
    scope_[v] = true;
  VariableSet is_inner(shared_.slots_count);
  for (const std::uint32_t v : pattern_.variables)
    is_inner[v] = true;
  const auto belongs = [&](const std::vector<std::uint32_t>& variables) {
    for (const std::uint32_t v : variables) {
      if (is_inner[v]) return static_cast<bool>(scope_[v]);
    }
    return takes_unscoped;
  };
  folds_.assign(shared_.slots_count, {});
  traversal_is_in_scope_.clear();
  condition_is_in_scope_.clear();
  negation_is_in_scope_.clear();
  for (const auto& part : pattern_.traversals) {
    traversal_is_in_scope_.push_back(belongs(EndsOf(part)));
  }
  for (const auto& part : conditions_)
    condition_is_in_scope_.push_back(belongs(part.variables));
  for (const auto& part : pattern_.negations) {
    negation_is_in_scope_.push_back(belongs(part.outer_variables));
  }
  FoldLeaves();

  const Ordering begin = Begin();
  std::vector<Start> starts = Starts(begin);
  PatternPlan plan;
  double cost_best = std::numeric_limits<double>::infinity();
  for (const Start& start : starts) {
    if (IsTooLate()) break;
    Ordering ordering = Begin();
    Arrange(start, &ordering);
    if (ordering.cost >= cost_best) continue;
    cost_best = ordering.cost;
    plan.steps = std::move(ordering.steps);
  }
  // A counted part gets no tuples and yields none, only their number.
  Carry(takes_unscoped ? needed_ : VariableSet(shared_.slots_count), &plan.steps);
  return plan;
}

Result<PatternPlan> PatternPlanner::FillInner(PatternPlan plan) {
  std::vector<Step> kept;
  for (Step& step : plan.steps) {
    if (step.kind == StepKind::kAntiJoin) {
      VariableSet bound(shared_.slots_count);
      VariableSet needed(shared_.slots_count);
      for (const std::uint32_t v : step.negation->outer_variables)
        bound[v] = true;
      needed[step.ordinal_slot] = true;
      bound[step.ordinal_slot] = true;
      PatternPlanner planner(shared_, step.negation->pattern, std::move(bound), std::move(needed),
                             hidden_slot_ + 1);
      OG_ASSIGN_OR_RETURN(PatternPlan inner, planner.Run());
      if (inner.is_never) step.kind = StepKind::kFilter;
      step.inner.push_back(std::move(inner));
    }
    kept.push_back(std::move(step));
  }
  plan.steps = std::move(kept);
  return plan;
}

void PatternPlanner::FoldLeaves() {
  is_folded_.assign(shared_.slots_count, false);
  while (!IsTooLate() && FoldOneLeaf()) {
  }
}

std::uint32_t PatternPlanner::OnlyOpenTraversal(std::uint32_t variable) const {
  std::uint32_t found = kNone;
  for (const std::uint32_t i : traversals_at_[variable]) {
    const query::Traversal& traversal = pattern_.traversals[i];
    if (traversal_is_folded_[i]) continue;
    if (found != kNone || traversal.edge_variable != kNone) return kNone;
    if (traversal.source == traversal.target) return kNone;
    found = i;
  }
  return found;
}

bool PatternPlanner::FoldOneLeaf() {
  VariableSet is_used = needed_;
  for (const PlannedCondition& condition : conditions_) {
    for (const std::uint32_t v : condition.variables)
      is_used[v] = true;
  }
  for (const query::Negation& negation : pattern_.negations) {
    for (const std::uint32_t v : negation.outer_variables)
      is_used[v] = true;
  }
  // Last ones first: of a path that nobody reads the beginning stays.
  for (auto it = pattern_.variables.rbegin(); it != pattern_.variables.rend(); ++it) {
    const std::uint32_t v = *it;
    if (!scope_[v] || is_used[v] || is_folded_[v]) continue;
    const std::uint32_t traversal = OnlyOpenTraversal(v);
    if (traversal == kNone) continue;
    const query::Traversal& walk = pattern_.traversals[traversal];
    const std::uint32_t parent = walk.source == v ? walk.target : walk.source;
    Fold fold{v, {HopFrom(walk, parent)}, std::move(folds_[v])};
    folds_[v].clear();
    folds_[parent].push_back(std::move(fold));
    is_folded_[v] = true;
    traversal_is_folded_[traversal] = true;
    return true;
  }
  return false;
}

std::vector<PatternPlanner::Start> PatternPlanner::Starts(const Ordering& begin) const {
  Ordering probe = Begin();
  BindLookups(&probe);
  const bool has_entry =
      !probe.steps.empty() || std::find(bound_.begin(), bound_.end(), true) != bound_.end();
  if (has_entry) return {Start()};
  std::vector<Start> starts;
  for (const std::uint32_t v : pattern_.variables) {
    if (IsOpen(begin, v)) {
      starts.push_back({v, kNone, shared_.rows_of[v] * Selectivity(begin, v)});
    }
  }
  for (std::uint32_t i = 0; i < pattern_.traversals.size(); ++i) {
    const std::uint32_t edge = pattern_.traversals[i].edge_variable;
    if (!traversal_is_in_scope_[i] || edge == kNone) continue;
    starts.push_back({kNone, i, edges_count_[i] * Selectivity(begin, edge)});
  }
  std::stable_sort(starts.begin(), starts.end(), [](const Start& a, const Start& b) {
    return a.rows_estimate < b.rows_estimate;
  });
  if (starts.size() > kStartsMax) starts.resize(kStartsMax);
  if (starts.empty()) starts.emplace_back();
  return starts;
}

void PatternPlanner::Carry(VariableSet live, std::vector<Step>* steps) const {
  for (auto step = steps->rbegin(); step != steps->rend(); ++step) {
    DropUnread(live, &*step);
    for (const query::Expression* condition : step->conditions) {
      for (const std::uint32_t v : VariablesOf(*condition))
        live[v] = true;
    }
    UnmarkOutputs(*step, &live);
    for (Slot slot = 0; slot < live.size(); ++slot) {
      if (live[slot]) step->carried.push_back(slot);
    }
    MarkInputs(*step, &live);
  }
}

}  // namespace omnigraph::exec
