// The tree that the parser makes of a `.gq` file: what was written, names unresolved, nothing
// checked. Trees own their texts; places refer to the parsed source. Two trees are equal when they
// say the same, wherever it stands.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "query/operators.h"
#include "text/source.h"

namespace omnigraph::query {

/// Where a part of the tree stands. Always equal to another place, so that trees compare by
/// content.
struct Place {
  text::Span span;
  friend bool operator==(const Place&, const Place&) { return true; }
};

/// A name as written, without the `$` of a variable.
struct Name {
  std::string text;
  Place place;
  friend bool operator==(const Name&, const Name&) = default;
};

namespace ast {

enum class LiteralKind : unsigned char {
  kString,
  kInteger,
  kFloat,
  kBool,
  kDate,      ///< `date("…")`; the text is not looked at.
  kDateTime,  ///< `datetime("…")`.
  kList,
};

struct Literal {
  LiteralKind kind = LiteralKind::kInteger;
  std::string text;  ///< kString, kDate, kDateTime: unescaped. kFloat: the digits as written.
  std::int64_t integer = 0;       ///< kInteger.
  bool boolean = false;           ///< kBool.
  std::vector<Literal> elements;  ///< kList.
  Place place;
  friend bool operator==(const Literal&, const Literal&) = default;
};

enum class ExpressionKind : unsigned char {
  kLiteral,
  kVariable,   ///< `$v`: a parameter, a node or an edge.
  kProperty,   ///< `$v.name`.
  kName,       ///< A bare word: an alias or an output column.
  kNow,        ///< `now()`.
  kSearch,     ///< `search(field, query)`.
  kFuzzy,      ///< `fuzzy(field, query[, edits])`.
  kMatchText,  ///< `match_text(field, query)`.
  kNearest,    ///< `nearest($v.p, query)`.
  kBm25,       ///< `bm25(field, query)`.
  kRrf,        ///< `rrf(rank, rank[, k])`.
  kAggregate,  ///< `count(e)` and the other four.
};

struct Expression {
  ExpressionKind kind = ExpressionKind::kName;
  Literal literal;  ///< kLiteral.
  Name variable;    ///< kVariable, kProperty.
  Name name;        ///< kProperty: the property. kName: the word.
  AggregateFunction function = AggregateFunction::kCount;  ///< kAggregate.
  std::vector<Expression> arguments;                       ///< Functions, in the order written.
  Place place;
  friend bool operator==(const Expression&, const Expression&) = default;
};

/// `name: value` in a binding or an assignment. The value is a literal, a variable or `now()`.
struct Field {
  Name name;
  Expression value;
  friend bool operator==(const Field&, const Field&) = default;
};

/// `$p: Person { city: "Rome" }`.
struct Binding {
  Name variable;
  Name type;
  std::vector<Field> fields;
  Place place;
  friend bool operator==(const Binding&, const Binding&) = default;
};

/// `{min,max}` behind an edge word.
struct HopBounds {
  std::uint32_t min = 1;
  std::optional<std::uint32_t> max;  ///< Absent in `{1,}`.
  Place place;
  friend bool operator==(const HopBounds&, const HopBounds&) = default;
};

/// `$a knows{1,3} $b`, `$a <knows> $b`, `$a $w:knows $b`.
struct Traversal {
  Name left;
  std::optional<Name> edge_variable;
  Name edge_word;
  bool is_undirected = false;
  std::optional<HopBounds> hops;
  Name right;
  Place place;
  friend bool operator==(const Traversal&, const Traversal&) = default;
};

enum class FilterOp : unsigned char { kCompare, kContains, kStartsWith };

/// `left op right`.
struct Filter {
  Expression left;
  FilterOp op = FilterOp::kCompare;
  CompareOp compare = CompareOp::kEqual;  ///< kCompare.
  Expression right;
  Place place;
  friend bool operator==(const Filter&, const Filter&) = default;
};

/// `search(…)`, `fuzzy(…)` or `match_text(…)` standing alone.
struct TextPredicate {
  Expression call;
  friend bool operator==(const TextPredicate&, const TextPredicate&) = default;
};

struct Clause;

/// `not { … }`.
struct Negation {
  std::vector<Clause> clauses;
  Place place;
};

struct Clause {
  std::variant<Binding, Traversal, Filter, TextPredicate, Negation> item;
};

bool operator==(const Clause& left, const Clause& right);
bool operator==(const Negation& left, const Negation& right);

struct Projection {
  Expression expression;
  std::optional<Name> alias;
  Place place;
  friend bool operator==(const Projection&, const Projection&) = default;
};

enum class Direction : unsigned char { kNone, kAscending, kDescending };

struct Ordering {
  Expression expression;
  Direction direction = Direction::kNone;
  Place place;
  friend bool operator==(const Ordering&, const Ordering&) = default;
};

struct Limit {
  std::uint64_t rows_count = 0;
  Place place;
  friend bool operator==(const Limit&, const Limit&) = default;
};

struct Read {
  std::vector<Clause> match;
  std::vector<Projection> projections;
  std::vector<Ordering> order;
  std::optional<Limit> limit;
  friend bool operator==(const Read&, const Read&) = default;
};

/// `name op value` behind `where`.
struct Predicate {
  Name name;
  CompareOp op = CompareOp::kEqual;
  Expression value;
  Place place;
  friend bool operator==(const Predicate&, const Predicate&) = default;
};

enum class StatementKind : unsigned char { kInsert, kUpdate, kDelete };

struct Statement {
  StatementKind kind = StatementKind::kInsert;
  Name type;
  std::vector<Field> fields;           ///< kInsert, kUpdate.
  std::optional<Predicate> predicate;  ///< kUpdate, kDelete.
  Place place;
  friend bool operator==(const Statement&, const Statement&) = default;
};

struct Mutation {
  std::vector<Statement> statements;
  friend bool operator==(const Mutation&, const Mutation&) = default;
};

/// A declared parameter type as written.
struct ParameterType {
  std::string base;  ///< "String" … "Date", or "Vector".
  bool is_list = false;
  std::optional<std::uint64_t> vector_dimension;  ///< "Vector" only.
  bool is_nullable = false;
  Place place;
  friend bool operator==(const ParameterType&, const ParameterType&) = default;
};

struct Parameter {
  Name name;
  ParameterType type;
  friend bool operator==(const Parameter&, const Parameter&) = default;
};

struct Query {
  Name name;
  std::vector<Parameter> parameters;
  std::optional<std::string> description;
  std::optional<std::string> instruction;
  std::variant<Read, Mutation> body;
  Place place;  ///< From `query` to the closing brace.

  bool is_mutation() const { return std::holds_alternative<Mutation>(body); }
  friend bool operator==(const Query&, const Query&) = default;
};

/// A whole file: its queries in source order. Names may repeat; the first one wins.
struct File {
  std::vector<Query> queries;
  friend bool operator==(const File&, const File&) = default;
};

}  // namespace ast
}  // namespace omnigraph::query
