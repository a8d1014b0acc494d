// The typed tree of one query: what the checker makes of it and what planner and executor read.
//
// Every name is resolved to an ordinal: types and properties to their ordinals in the catalog
// (`Catalog::node`, `Catalog::edge`, `TableType::properties`), variables, parameters and
// projections to their position in this tree. Clause order inside `match` has no meaning, so a
// pattern keeps its parts by kind. Trees are plain values and immutable once made.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "query/operators.h"
#include "text/source.h"
#include "types/type.h"
#include "types/value.h"

namespace omnigraph::query {

/// "There is none" for every ordinal below.
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

enum class VariableKind : unsigned char { kNode, kEdge };

/// A variable of a read, wherever it is introduced. An edge variable belongs to one traversal.
struct Variable {
  std::string name;  ///< Without `$`; empty for each occurrence of `$_`.
  VariableKind kind = VariableKind::kNode;
  std::uint32_t type = kNone;  ///< Ordinal of a node type or edge type, after `kind`.
};

enum class ExpressionKind : unsigned char {
  kLiteral,    ///< `value`. A vector query is a VectorValue; a text predicate's texts are strings.
  kParameter,  ///< `parameter`.
  kNow,        ///< The one instant of this execution.
  kProperty,   ///< `property` of the node or edge `variable`.
  kNode,       ///< The id of the node `variable`, a String.
  kEdgeFrom,   ///< The id of the source node of the edge (mutation predicates only).
  kEdgeTo,     ///< The id of the target node of the edge (mutation predicates only).
  kCompare,    ///< arguments[0] `compare` arguments[1], as `comparison`. Null gives unknown.
  kContains,   ///< Some element of list arguments[0] equals arguments[1]. Null gives false.
  kHasSubstring,  ///< Text arguments[0] contains text arguments[1], byte for byte.
  kStartsWith,    ///< Text arguments[0] starts with text arguments[1], byte for byte.
  kSearch,        ///< arguments: text property, query text.
  kMatchText,     ///< arguments: text property, query text.
  kFuzzy,         ///< arguments: text property, query text, edits (always present).
  kNearest,       ///< arguments: vector property, query (Vector, or String to be embedded).
  kBm25,          ///< arguments: text property, query text.
  kRrf,           ///< arguments: arm, arm, k (always present). Arms are kNearest or kBm25.
};

/// How two values compare (`kCompare`, and the elements of `kContains`).
enum class Comparison : unsigned char {
  kExactNumber,    ///< By exact mathematical value, whatever the widths; floats in total order.
  kRoundedNumber,  ///< One side is F32: the other is rounded to F32 first, then as kExactNumber.
  kText,           ///< UTF-8 bytes; enums too.
  kBool,           ///< false < true.
  kDate,
  kDateTime,
};

struct Expression {
  ExpressionKind kind = ExpressionKind::kLiteral;
  types::Type type;                       ///< Of the result.
  text::Span span;                        ///< Where it was written.
  types::Value value;                     ///< kLiteral.
  std::uint32_t parameter = kNone;        ///< kParameter: ordinal in `CheckedQuery::parameters`.
  std::uint32_t variable = kNone;         ///< kProperty, kNode. In a mutation's predicate 0.
  std::uint32_t property = kNone;         ///< kProperty: ordinal in the type of the variable.
  CompareOp compare = CompareOp::kEqual;  ///< kCompare.
  Comparison comparison = Comparison::kExactNumber;  ///< kCompare, kContains.
  std::vector<Expression> arguments;
};

/// `source` reaches `target` over 1 edge, or over `hops_min` to `hops_max` edges by shortest
/// distance. The direction is resolved: edges run from `source` to `target` whatever the notation.
struct Traversal {
  std::uint32_t edge_type = kNone;
  std::uint32_t source = kNone;  ///< Variable whose type is the edge type's source type.
  std::uint32_t target = kNone;  ///< Variable whose type is its target type; may equal `source`.
  std::uint32_t hops_min = 1;    ///< >= 1. A cross-type edge with more than 1 never holds.
  std::uint32_t hops_max = 1;    ///< >= hops_min.
  bool is_undirected = false;    ///< Either direction; source and target types are then equal.
  /// Names the matched edge: one row per edge instead of one per pair. Then hops are {1,1}.
  std::uint32_t edge_variable = kNone;
  text::Span span;
};

struct Negation;

/// The clauses of `match { … }` or `not { … }`. A row assigns every variable introduced here; it
/// matches when all parts hold. Rows are a set over the variables.
struct Pattern {
  /// Introduced in this list, explicitly, by a traversal, or as `$_`; the named ones first.
  /// A node variable ranges over all nodes of its type. Inside `not` a name of an enclosing list is
  /// that outer variable and not listed here.
  std::vector<std::uint32_t> variables;
  std::vector<Traversal> traversals;
  /// Filters, text predicates and the properties of bindings (`$x.p = v`, or kContains for a list
  /// property). Each must be true; unknown drops the row.
  std::vector<Expression> conditions;
  std::vector<Negation> negations;
};

/// `not { … }`: true when no assignment of `pattern.variables` matches `pattern` for the row.
struct Negation {
  Pattern pattern;
  /// Variables of enclosing lists that the pattern (nested ones included) refers to; ascending.
  std::vector<std::uint32_t> outer_variables;
  text::Span span;
};

/// One output column.
struct Projection {
  std::string name;  ///< Output column name; may repeat.
  types::Type type;  ///< Of the column, aggregates applied.
  std::optional<AggregateFunction> aggregate;
  Expression expression;  ///< The value, or the argument of the aggregate. Aliases are replaced.
  text::Span span;
};

/// One term of the sort order. Nulls come first ascending and last descending.
struct OrderTerm {
  /// The column to sort by when the term names one (an alias, a column, or in an aggregate query a
  /// group key), else kNone. Always set in an aggregate query, but for a ranking term.
  std::uint32_t projection = kNone;
  Expression
      expression;  ///< The value of the term; for an aggregate's column a copy of its argument.
  bool is_descending = false;
  /// Best first: kNearest ascending, kBm25 and kRrf descending, rows without a rank dropped. Only
  /// on the first term; `is_descending` has no meaning then. In an aggregate query the group key
  /// holds the ranked variable or its whole key, so that every group has one rank.
  bool is_ranking = false;
  text::Span span;
};

struct ReadQuery {
  std::vector<Variable> variables;  ///< Of the match and of all `not` blocks.
  Pattern match;
  std::vector<Projection> projections;
  bool is_aggregate = false;  ///< At least one projection is; the others are the group key.
  std::vector<OrderTerm> order;
  std::optional<std::uint64_t> limit_rows_count;
};

struct Assignment {
  std::uint32_t property = kNone;
  Expression value;  ///< kLiteral, kParameter or kNow; not converted to the property's type yet.
};

struct InsertNode {
  std::uint32_t node_type = kNone;
  std::vector<Assignment> assignments;  ///< Properties not named become null.
};

struct InsertEdge {
  std::uint32_t edge_type = kNone;
  Expression from;  ///< Ids: kLiteral or kParameter of type String.
  Expression to;
  std::vector<Assignment> assignments;
};

struct UpdateNode {
  std::uint32_t node_type = kNone;
  std::vector<Assignment> assignments;
  Expression predicate;  ///< A kCompare of kProperty with a constant.
};

struct DeleteNode {
  std::uint32_t node_type = kNone;
  Expression predicate;  ///< A kCompare of kProperty with a constant.
};

struct DeleteEdge {
  std::uint32_t edge_type = kNone;
  Expression predicate;  ///< A kCompare of kProperty, kEdgeFrom or kEdgeTo with a constant.
};

struct Statement {
  std::variant<InsertNode, InsertEdge, UpdateNode, DeleteNode, DeleteEdge> action;
  text::Span span;
};

struct MutationQuery {
  std::vector<Statement> statements;
  bool has_constructive = false;  ///< Some insert or update.
  bool has_destructive = false;   ///< Some delete. Both together are refused before execution.
};

/// A declared parameter; nullable ones may be missing.
struct Parameter {
  std::string name;  ///< Without `$`.
  types::Type type;
};

/// A node type or edge type that a query touches.
struct TouchedType {
  bool is_edge = false;
  std::uint32_t type = kNone;
  friend bool operator==(const TouchedType&, const TouchedType&) = default;
};

struct CheckedQuery {
  std::string name;
  std::vector<Parameter> parameters;  ///< In declaration order.
  std::variant<ReadQuery, MutationQuery> body;
  /// Sorted: nodes before edges, then by name; distinct. Endpoints of edges and types inside `not`
  /// are included; every target of a mutation is in both.
  std::vector<TouchedType> reads;
  std::vector<TouchedType> writes;
  /// Constants whose text cannot be converted (`date("soon")`): legal to check, refused by `Bind`.
  std::vector<std::string> constant_errors;

  const ReadQuery* read() const { return std::get_if<ReadQuery>(&body); }
  const MutationQuery* mutation() const { return std::get_if<MutationQuery>(&body); }
};

}  // namespace omnigraph::query
