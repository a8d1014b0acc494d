// Plans the clauses of one `match` or `not`: a part of exec/planner.h.

#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "exec/context.h"
#include "exec/plan.h"
#include "table/table.h"

namespace omnigraph::exec {

using VariableSet = std::vector<bool>;  ///< By slot.

/// What the planning of all patterns of a query shares.
struct PlanningState {
  const query::ReadQuery& query;
  const table::GraphView& view;
  Context& context;
  std::size_t slots_count = 0;  ///< Variables, plus one hidden column per level of negations.
  std::vector<double> rows_of;  ///< By variable: rows of its table.
};

/// A condition of the pattern with what the planner knows about it.
struct PlannedCondition {
  const query::Expression* expression = nullptr;
  std::vector<std::uint32_t> variables;
  double selectivity = 1;
  bool is_dear = false;  ///< Texts to analyse or lists to copy: evaluated after the cheap ones.
  bool is_join = false;  ///< An equality of properties of two variables.
  const query::Expression* lookup_key = nullptr;  ///< Set if it names one node by its key.
};

class PatternPlanner {
 public:
  /// `bound` are the variables that tuples arrive with, `needed` the slots that are read behind.
  /// `hidden_slot` is the column that anti-joins of this pattern number their tuples in.
  PatternPlanner(PlanningState& shared, const query::Pattern& pattern, VariableSet bound,
                 VariableSet needed, Slot hidden_slot);

  Result<PatternPlan> Run();

 private:
  // A connected part of the pattern while it is put in order.
  struct Ordering {
    VariableSet bound;
    std::vector<bool> traversal_is_done, condition_is_done, negation_is_done, fold_is_done;
    std::vector<Step> steps;
    double rows = 1;
    double cost = 0;
  };
  // Where an ordering begins: nowhere in particular, at a node, or at the edges of a traversal.
  struct Start {
    std::uint32_t variable = query::kNone;
    std::uint32_t traversal = query::kNone;
    double rows_estimate = 0;
  };
  struct Extension {
    std::uint32_t variable = query::kNone;
    std::uint32_t edge_traversal = query::kNone;  // Set if it follows a named edge.
    double growth = 0;
    std::uint32_t condition = query::kNone;  // Set if it is a join.
    double build_cost = 0;                   // Once, however many tuples there are.
  };

  Status Prepare();
  std::vector<std::vector<std::uint32_t>> Components(std::vector<bool>* is_attached) const;
  PatternPlan PlanScope(const std::vector<std::uint32_t>& scope, bool takes_unscoped);
  Result<PatternPlan> FillInner(PatternPlan plan);

  void FoldLeaves();
  bool FoldOneLeaf();
  std::uint32_t OnlyOpenTraversal(std::uint32_t variable) const;

  std::vector<Start> Starts(const Ordering& begin) const;
  Ordering Begin() const;
  void Arrange(Start start, Ordering* ordering) const;
  void BindLookups(Ordering* ordering) const;
  void BindStart(Start start, Ordering* ordering) const;
  void BindExtension(const Extension& extension, Ordering* ordering) const;
  void BindJoin(const Extension& join, Ordering* ordering) const;
  void ApplyReady(Ordering* ordering) const;
  void ApplyConditions(bool dear_ones, Ordering* ordering) const;
  void ApplyTests(Ordering* ordering) const;
  bool ApplyEdgesBetween(Ordering* ordering) const;
  void ApplyNegationsAndFolds(Ordering* ordering) const;
  // The bound end of a traversal that is still to be walked and whose other end is `variable`.
  std::uint32_t OtherEnd(const Ordering& ordering, std::size_t traversal,
                         std::uint32_t variable) const;
  Extension ExtensionTo(const Ordering& ordering, std::uint32_t variable) const;
  Extension JoinTo(const Ordering& ordering, std::uint32_t variable) const;
  // Whether extending so many tuples by `a` makes fewer new ones than by `b`, what has to be built
  // for it included.
  static bool IsCheaper(const Extension& a, const Extension& b, double rows);
  Extension PickExtension(const Ordering& ordering) const;
  Start PickStart(const Ordering& ordering) const;
  bool HasUnbound(const Ordering& ordering) const;
  // Whether the deadline has passed; then the plan is of no use, and `Run` fails.
  bool IsTooLate() const { return !shared_.context.Poll().ok(); }

  double Selectivity(const Ordering& ordering, std::uint32_t variable) const;
  double FanOut(const query::Traversal& traversal, std::uint32_t from) const;
  bool IsOpen(const Ordering& ordering, std::uint32_t variable) const;
  void Carry(VariableSet live, std::vector<Step>* steps) const;

  PlanningState& shared_;
  const query::Pattern& pattern_;
  VariableSet bound_;
  VariableSet needed_;
  Slot hidden_slot_;
  std::vector<PlannedCondition> conditions_;
  std::vector<double> edges_count_;  // By traversal.
  // By variable, ascending: so that a pattern of thousands of clauses is planned in time.
  std::vector<std::vector<std::uint32_t>> traversals_at_;
  std::vector<std::vector<std::uint32_t>> conditions_at_;

  // Of the scope that is being planned.
  VariableSet scope_;  // Node variables to bind, and edge variables.
  std::vector<bool> traversal_is_in_scope_, condition_is_in_scope_, negation_is_in_scope_;
  std::vector<bool> traversal_is_folded_;
  VariableSet is_folded_;
  std::vector<std::vector<Fold>> folds_;  // By the variable that they start from.
};

}  // namespace omnigraph::exec
