// Implements exec/test_interpreter.h.

#include "exec/test_interpreter.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"

namespace omnigraph::exec::testing {
namespace {

using query::AggregateFunction;
using query::CompareOp;
using query::Comparison;
using query::Expression;
using query::ExpressionKind;
using types::Value;

constexpr std::size_t kUnset = static_cast<std::size_t>(-1);

// Position of a node or edge by variable.
using Assignment = std::vector<std::size_t>;

bool IsNumber(const Value& value) {
  return value.As<std::int64_t>() != nullptr || value.As<std::uint64_t>() != nullptr ||
         value.As<double>() != nullptr;
}

// Holds every 64-bit integer and every double exactly.
long double Number(const Value& value) {
  if (const auto* integer = value.As<std::int64_t>()) return static_cast<long double>(*integer);
  if (const auto* natural = value.As<std::uint64_t>()) return static_cast<long double>(*natural);
  return static_cast<long double>(*value.As<double>());
}

int CompareValues(const Value& a, const Value& b) {
  if (IsNumber(a) && IsNumber(b)) {
    const long double left = Number(a);
    const long double right = Number(b);
    if (left != right) return left < right ? -1 : 1;
    const bool are_floats = a.As<double>() != nullptr && b.As<double>() != nullptr;
    if (!are_floats || left != 0) return 0;
    return static_cast<int>(std::signbit(right)) - static_cast<int>(std::signbit(left));
  }
  const std::partial_ordering order = types::Compare(a, b);
  OG_CHECK(order != std::partial_ordering::unordered);
  return order < 0 ? -1 : (order > 0 ? 1 : 0);
}

Value Rounded(const Value& value) {
  return Value::Float(static_cast<double>(static_cast<float>(Number(value))));
}

int CompareAs(Comparison comparison, const Value& a, const Value& b) {
  if (comparison == Comparison::kRoundedNumber) return CompareValues(Rounded(a), Rounded(b));
  return CompareValues(a, b);
}

int CompareForSorting(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) {
    return static_cast<int>(!a.is_null()) - static_cast<int>(!b.is_null());
  }
  const auto* left = a.As<types::ListValue>();
  if (left == nullptr) return CompareValues(a, b);
  const auto& right = *b.As<types::ListValue>();
  for (std::size_t i = 0; i < std::min(left->size(), right.size()); ++i) {
    const int order = CompareForSorting((*left)[i], right[i]);
    if (order != 0) return order;
  }
  return left->size() < right.size() ? -1 : (left->size() > right.size() ? 1 : 0);
}

class Interpreter {
 public:
  Interpreter(const query::ReadQuery& query, const std::vector<Value>& parameters,
              const TestGraph& graph)
      : query_(query), parameters_(parameters), graph_(graph) {}

  std::vector<std::string> Run() {
    Assignment assignment(query_.variables.size(), kUnset);
    Enumerate(query_.match, 0, &assignment, [&] {
      rows_.push_back(assignment);
      return true;
    });
    return query_.is_aggregate ? Aggregated() : Projected();
  }

 private:
  std::size_t Count(std::uint32_t variable) const {
    const query::Variable& described = query_.variables[variable];
    return described.kind == query::VariableKind::kNode ? graph_.nodes(described.type).size()
                                                        : graph_.edges(described.type).size();
  }

  // Calls `visit` for every match that extends the assignment, until it returns false.
  bool Enumerate(const query::Pattern& pattern, std::size_t next, Assignment* assignment,
                 const std::function<bool()>& visit) const {
    if (!Holds(pattern, *assignment, next == pattern.variables.size())) return true;
    if (next == pattern.variables.size()) return visit();
    const std::uint32_t variable = pattern.variables[next];
    bool goes_on = true;
    for (std::size_t i = 0; i < Count(variable) && goes_on; ++i) {
      (*assignment)[variable] = i;
      goes_on = Enumerate(pattern, next + 1, assignment, visit);
    }
    (*assignment)[variable] = kUnset;
    return goes_on;
  }

  // Whether no clause whose variables are all assigned is violated.
  bool Holds(const query::Pattern& pattern, const Assignment& assignment, bool is_full) const {
    for (const query::Traversal& traversal : pattern.traversals) {
      if (!IsViolated(traversal, assignment)) continue;
      return false;
    }
    for (const Expression& condition : pattern.conditions) {
      if (!IsAssigned(condition, assignment)) continue;
      const Value value = Evaluate(condition, assignment);
      if (value.As<bool>() == nullptr || !*value.As<bool>()) return false;
    }
    if (!is_full) return true;
    return std::none_of(pattern.negations.begin(), pattern.negations.end(),
                        [&](const query::Negation& negation) {
                          Assignment inner = assignment;
                          bool is_found = false;
                          Enumerate(negation.pattern, 0, &inner, [&] {
                            is_found = true;
                            return false;
                          });
                          return is_found;
                        });
  }

  bool IsAssigned(const Expression& expression, const Assignment& assignment) const {
    if (expression.kind == ExpressionKind::kProperty || expression.kind == ExpressionKind::kNode) {
      return assignment[expression.variable] != kUnset;
    }
    return std::all_of(expression.arguments.begin(), expression.arguments.end(),
                       [&](const Expression& part) { return IsAssigned(part, assignment); });
  }

  bool IsViolated(const query::Traversal& traversal, const Assignment& assignment) const {
    const std::size_t source = assignment[traversal.source];
    const std::size_t target = assignment[traversal.target];
    if (source == kUnset || target == kUnset) return false;
    if (traversal.edge_variable == query::kNone) return !Reaches(traversal, source, target);
    const std::size_t edge = assignment[traversal.edge_variable];
    if (edge == kUnset) return false;
    const TestEdge& joined = graph_.edges(traversal.edge_type)[edge];
    if (joined.source == source && joined.target == target) return false;
    return !traversal.is_undirected || joined.source != target || joined.target != source;
  }

  bool HasEdge(const query::Traversal& traversal, std::size_t source, std::size_t target) const {
    const std::vector<TestEdge>& edges = graph_.edges(traversal.edge_type);
    return std::any_of(edges.begin(), edges.end(), [&](const TestEdge& edge) {
      if (edge.source == source && edge.target == target) return true;
      return traversal.is_undirected && edge.source == target && edge.target == source;
    });
  }

  bool Reaches(const query::Traversal& traversal, std::size_t source, std::size_t target) const {
    const schema::EdgeType& type = graph_.catalog().edge(traversal.edge_type);
    if (type.from != type.to) {
      return traversal.hops_min == 1 && HasEdge(traversal, source, target);
    }
    const auto is_within = [&](std::uint64_t distance) {
      return distance >= traversal.hops_min && distance <= traversal.hops_max;
    };
    const std::optional<std::uint64_t> distance = Distance(traversal, source, target);
    if (!distance.has_value()) return false;
    if (source != target && is_within(*distance)) return true;
    return HasEdge(traversal, target, target) && is_within(*distance + 1);
  }

  std::optional<std::uint64_t> Distance(const query::Traversal& traversal, std::size_t source,
                                        std::size_t target) const {
    const std::size_t count = Count(traversal.source);
    std::vector<std::uint64_t> distances(count, kUnset);
    std::deque<std::size_t> queue = {source};
    distances[source] = 0;
    while (!queue.empty()) {
      const std::size_t node = queue.front();
      queue.pop_front();
      for (std::size_t next = 0; next < count; ++next) {
        if (distances[next] != kUnset || !HasEdge(traversal, node, next)) continue;
        distances[next] = distances[node] + 1;
        queue.push_back(next);
      }
    }
    if (distances[target] == kUnset) return std::nullopt;
    return distances[target];
  }

  Value Evaluate(const Expression& expression, const Assignment& assignment) const {
    switch (expression.kind) {
      case ExpressionKind::kLiteral:
        return expression.value;
      case ExpressionKind::kParameter:
        return parameters_[expression.parameter];
      case ExpressionKind::kNode:
        return Value::String(Id(expression.variable, assignment));
      case ExpressionKind::kProperty: {
        const query::Variable& variable = query_.variables[expression.variable];
        const std::size_t position = assignment[expression.variable];
        return variable.kind == query::VariableKind::kNode
                   ? graph_.nodes(variable.type)[position].properties[expression.property]
                   : graph_.edges(variable.type)[position].properties[expression.property];
      }
      default:
        return Operator(expression, Evaluate(expression.arguments[0], assignment),
                        Evaluate(expression.arguments[1], assignment));
    }
  }

  static Value Operator(const Expression& expression, const Value& left, const Value& right) {
    if (expression.kind == ExpressionKind::kContains) {
      if (left.is_null() || right.is_null()) return Value::Bool(false);
      for (const Value& element : *left.As<types::ListValue>()) {
        if (element.is_null()) continue;
        if (CompareAs(expression.comparison, element, right) == 0) return Value::Bool(true);
      }
      return Value::Bool(false);
    }
    if (left.is_null() || right.is_null()) {
      return expression.kind == ExpressionKind::kCompare ? Value::Null() : Value::Bool(false);
    }
    if (expression.kind == ExpressionKind::kHasSubstring) {
      return Value::Bool(left.As<std::string>()->find(*right.As<std::string>()) !=
                         std::string::npos);
    }
    if (expression.kind == ExpressionKind::kStartsWith) {
      return Value::Bool(left.As<std::string>()->starts_with(*right.As<std::string>()));
    }
    OG_CHECK(expression.kind == ExpressionKind::kCompare);
    const int order = CompareAs(expression.comparison, left, right);
    switch (expression.compare) {
      case CompareOp::kEqual:
        return Value::Bool(order == 0);
      case CompareOp::kNotEqual:
        return Value::Bool(order != 0);
      case CompareOp::kLess:
        return Value::Bool(order < 0);
      case CompareOp::kLessOrEqual:
        return Value::Bool(order <= 0);
      case CompareOp::kGreater:
        return Value::Bool(order > 0);
      default:
        return Value::Bool(order >= 0);
    }
  }

  std::string Id(std::uint32_t variable, const Assignment& assignment) const {
    const query::Variable& described = query_.variables[variable];
    return described.kind == query::VariableKind::kNode
               ? graph_.nodes(described.type)[assignment[variable]].id
               : graph_.edges(described.type)[assignment[variable]].id;
  }

  // One row of the answer and what it is sorted by.
  struct Row {
    std::string json;
    std::vector<Value> keys;
  };

  std::vector<std::string> Sorted(std::vector<Row> rows) const {
    const auto less = [&](const Row& a, const Row& b) {
      for (std::size_t i = 0; i < a.keys.size(); ++i) {
        const int order = CompareForSorting(a.keys[i], b.keys[i]);
        if (order == 0) continue;
        const bool is_descending = i < query_.order.size() && query_.order[i].is_descending;
        return is_descending ? order > 0 : order < 0;
      }
      return false;
    };
    if (!query_.order.empty()) std::stable_sort(rows.begin(), rows.end(), less);
    std::vector<std::string> texts;
    for (Row& row : rows)
      texts.push_back(std::move(row.json));
    return texts;
  }

  static std::string RowJson(const std::vector<Value>& cells) {
    std::string json;
    types::AppendJson(Value::List(cells), json);
    return json;
  }

  std::vector<std::string> Projected() const {
    std::vector<std::uint32_t> named;
    for (const std::uint32_t v : query_.match.variables) {
      if (!query_.variables[v].name.empty()) named.push_back(v);
    }
    std::sort(named.begin(), named.end(), [&](std::uint32_t a, std::uint32_t b) {
      return query_.variables[a].name < query_.variables[b].name;
    });
    std::vector<Row> rows;
    for (const Assignment& assignment : rows_) {
      Row row;
      std::vector<Value> cells;
      for (const query::Projection& projection : query_.projections) {
        cells.push_back(Evaluate(projection.expression, assignment));
      }
      row.json = RowJson(cells);
      for (const query::OrderTerm& term : query_.order) {
        row.keys.push_back(Evaluate(term.expression, assignment));
      }
      for (const std::uint32_t v : named) {
        row.keys.push_back(Value::String(Id(v, assignment)));
      }
      rows.push_back(std::move(row));
    }
    return Sorted(std::move(rows));
  }

  Value Aggregate(const query::Projection& projection,
                  const std::vector<const Assignment*>& group) const {
    std::vector<Value> values;
    for (const Assignment* assignment : group) {
      Value value = Evaluate(projection.expression, *assignment);
      if (!value.is_null()) values.push_back(std::move(value));
    }
    if (projection.aggregate == AggregateFunction::kCount) {
      return Value::Int(static_cast<std::int64_t>(values.size()));
    }
    if (values.empty()) return Value::Null();
    const auto less = [](const Value& a, const Value& b) { return CompareValues(a, b) < 0; };
    if (projection.aggregate == AggregateFunction::kMin) {
      return *std::min_element(values.begin(), values.end(), less);
    }
    if (projection.aggregate == AggregateFunction::kMax) {
      return *std::max_element(values.begin(), values.end(), less);
    }
    double sum = 0;
    for (const Value& value : values)
      sum += static_cast<double>(Number(value));
    const bool is_average = projection.aggregate == AggregateFunction::kAvg;
    return Value::Float(is_average ? sum / static_cast<double>(values.size()) : sum);
  }

  std::vector<std::string> Aggregated() const {
    std::map<std::string, std::vector<const Assignment*>> groups;
    bool has_key = false;
    for (const query::Projection& projection : query_.projections) {
      has_key = has_key || !projection.aggregate.has_value();
    }
    if (!has_key) groups["[]"];
    for (const Assignment& assignment : rows_) {
      std::vector<Value> key;
      for (const query::Projection& projection : query_.projections) {
        if (projection.aggregate.has_value()) continue;
        key.push_back(Evaluate(projection.expression, assignment));
      }
      groups[RowJson(key)].push_back(&assignment);
    }
    std::vector<Row> rows;
    for (const auto& [key, group] : groups) {
      std::vector<Value> cells;
      for (const query::Projection& projection : query_.projections) {
        cells.push_back(projection.aggregate.has_value()
                            ? Aggregate(projection, group)
                            : Evaluate(projection.expression, *group.front()));
      }
      Row row{RowJson(cells), {}};
      for (const query::OrderTerm& term : query_.order)
        row.keys.push_back(cells[term.projection]);
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!query_.projections[i].aggregate.has_value()) row.keys.push_back(cells[i]);
      }
      rows.push_back(std::move(row));
    }
    return Sorted(std::move(rows));
  }

  const query::ReadQuery& query_;
  const std::vector<Value>& parameters_;
  const TestGraph& graph_;
  std::vector<Assignment> rows_;
};

}  // namespace

std::vector<std::string> InterpretRead(const query::CheckedQuery& query,
                                       const std::vector<types::Value>& parameters,
                                       const TestGraph& graph) {
  return Interpreter(*query.read(), parameters, graph).Run();
}

}  // namespace omnigraph::exec::testing
