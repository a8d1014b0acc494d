// How a read is executed: the steps that bind its variables, in order.
//
// Three ideas carry the plans:
//   *hop*    one way along a traversal, from a variable that is bound to one that is not;
//   *fold*   a variable that nobody reads is not enumerated: it multiplies the weight of the tuple
//            by the number of its assignments (a degree, or a sum of degrees);
//   *carry*  a step copies only the variables that a later step reads.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exec/batch.h"
#include "query/checked.h"

namespace omnigraph::exec {

/// From variable `from` to variable `to` along one edge type.
struct Hop {
  std::uint32_t edge_type = query::kNone;
  std::uint32_t from = query::kNone;
  std::uint32_t to = query::kNone;
  bool is_backward = false;  ///< Edges run from `to` to `from`.
  bool is_undirected = false;
  std::uint32_t hops_min = 1;  ///< More than one hop only where both ends have one type.
  std::uint32_t hops_max = 1;

  bool is_single() const { return hops_min == 1 && hops_max == 1; }
};

/// The number of nodes that all `hops` reach, each times what its own children count.
struct Fold {
  std::uint32_t variable = query::kNone;
  std::vector<Hop> hops;  ///< At least one, all to `variable`; of a child, one from its parent.
  std::vector<Fold> children;  ///< Their hops start at `variable`.
};

/// A property of a new variable that equals one of a variable that is bound.
struct Join {
  const query::Expression* equality = nullptr;  ///< Also one of the step's conditions.
  const query::Expression* property = nullptr;  ///< Its side of the new variable.
  const query::Expression* value = nullptr;     ///< Its other side.
  bool is_by_key = false;  ///< The property is the node's id: rows are looked up by it.
};

enum class StepKind : unsigned char {
  kLookup,       ///< Binds `variable` to the one node with the key `key`, if there is one.
  kScan,         ///< Binds `variable` to every node of its type.
  kCountRows,    ///< Multiplies the weight by the number of nodes of the type of `variable`.
  kJoin,         ///< Binds `variable` to the nodes whose property equals a value of the tuple.
  kScanEdges,    ///< Binds the edge of `traversal` and both its ends.
  kExpand,       ///< Binds `variable` to the nodes that all of `hops` reach.
  kExpandEdges,  ///< Binds the edge of `traversal`, and `variable` to its other end unless kNone.
  kTestHop,      ///< Keeps tuples whose two ends are joined by `hops[0]`.
  kFold,         ///< Multiplies the weight by `fold`; drops what becomes 0.
  kFilter,       ///< Nothing but `conditions`.
  kAntiJoin,     ///< Drops tuples for which `inner[0]` finds anything.
};

/// How a scan finds its rows.
enum class Access : unsigned char {
  kAll,      ///< One after the other.
  kText,     ///< The text index knows the rows for which `access_condition` may hold.
  kOrdered,  ///< The ordered index knows those.
  kKeys,     ///< Those with the ids in the constant list of `access_condition`.
};

struct Step;

/// The clauses of one `match` or `not`.
struct PatternPlan {
  /// Some clause can never hold, so there are no rows.
  bool is_never = false;
  /// Parts that share no variable with the rest and that nobody reads: only their number of rows
  /// matters (inside `not`, whether there are any).
  std::vector<PatternPlan> counted;
  std::vector<Step> steps;
};

struct Step {
  StepKind kind = StepKind::kFilter;
  std::uint32_t variable = query::kNone;
  std::vector<Hop> hops;
  Fold fold;
  Join join;
  const query::Expression* key = nullptr;  ///< kLookup: the constant.
  bool is_first = false;                   ///< Of the match: may run in parts.
  Access access = Access::kAll;            ///< kScan.
  const query::Expression* access_condition = nullptr;
  std::uint32_t access_property = query::kNone;
  /// kScan: rows go on in the order of this term, the first of the query's order, until the sink
  /// has enough.
  const query::OrderTerm* best_first = nullptr;
  const query::Traversal* traversal = nullptr;       ///< kScanEdges, kExpandEdges.
  const query::Negation* negation = nullptr;         ///< kAntiJoin.
  std::vector<PatternPlan> inner;                    ///< kAntiJoin: exactly one.
  Slot ordinal_slot = query::kNone;                  ///< kAntiJoin: hidden column of `inner`.
  std::vector<const query::Expression*> conditions;  ///< Of the tuples that the step yields.
  std::vector<Slot> carried;  ///< Columns that pass from the tuples before to those after.
  double rows_estimate = 0;   ///< Tuples after the step and its conditions.
};

struct Plan {
  PatternPlan match;
  std::size_t slots_count = 0;  ///< Variables and hidden columns.
};

/// The hop along `traversal` that starts at `from`, one of its ends.
Hop HopFrom(const query::Traversal& traversal, std::uint32_t from);

/// The variables in an expression, ascending and distinct.
std::vector<std::uint32_t> VariablesOf(const query::Expression& expression);

}  // namespace omnigraph::exec
