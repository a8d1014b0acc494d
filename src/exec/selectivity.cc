// Implements exec/selectivity.h.

#include "exec/selectivity.h"

#include <algorithm>
#include <utility>

namespace omnigraph::exec {
namespace {

using query::CompareOp;
using query::Expression;
using query::ExpressionKind;

constexpr double kEqualGuess = 0.05;
constexpr double kRangeGuess = 0.3;
constexpr double kTextGuess = 0.05;

bool IsConstant(const Expression& expression) {
  return expression.kind == ExpressionKind::kLiteral ||
         expression.kind == ExpressionKind::kParameter || expression.kind == ExpressionKind::kNow;
}

const schema::TableType& TypeOf(const query::Variable& variable, const schema::Catalog& catalog) {
  if (variable.kind == query::VariableKind::kEdge) return catalog.edge(variable.type);
  return catalog.node(variable.type);
}

double EqualSelectivity(const Expression& property, const query::ReadQuery& query,
                        const schema::Catalog& catalog, const std::vector<double>& rows_of) {
  const schema::TableType& type = TypeOf(query.variables[property.variable], catalog);
  const schema::ColumnGroup alone = {property.property};
  const bool is_unique = std::find(type.unique_groups.begin(), type.unique_groups.end(), alone) !=
                         type.unique_groups.end();
  if (is_unique) return 1 / std::max(1.0, rows_of[property.variable]);
  if (property.type.is_enum()) {
    return 1 / static_cast<double>(property.type.enum_values.size());
  }
  return property.type.scalar == types::Scalar::kBool ? 0.5 : kEqualGuess;
}

double Guess(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kCompare:
      if (expression.compare == CompareOp::kEqual) return kEqualGuess;
      return expression.compare == CompareOp::kNotEqual ? 1 - kEqualGuess : kRangeGuess;
    case ExpressionKind::kContains:
    case ExpressionKind::kHasSubstring:
      return 0.1;
    default:
      return kTextGuess;
  }
}

bool IsDear(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kContains:
    case ExpressionKind::kSearch:
    case ExpressionKind::kMatchText:
    case ExpressionKind::kFuzzy:
      return true;
    default:
      return std::any_of(expression.arguments.begin(), expression.arguments.end(), IsDear);
  }
}

// Whether the id of a node is the text of this property.
bool IsTextKey(const Expression& property, const query::ReadQuery& query,
               const schema::Catalog& catalog) {
  const query::Variable& variable = query.variables[property.variable];
  if (variable.kind != query::VariableKind::kNode) return false;
  const schema::NodeType& type = catalog.node(variable.type);
  if (type.key.size() != 1 || type.key[0] != property.property) return false;
  const types::Type& stored = type.properties[property.property].type;
  return stored.scalar == types::Scalar::kString && !stored.is_list;
}

void Collect(const Expression& expression, std::vector<std::uint32_t>* variables) {
  if (expression.kind == ExpressionKind::kProperty || expression.kind == ExpressionKind::kNode) {
    variables->push_back(expression.variable);
  }
  for (const Expression& argument : expression.arguments)
    Collect(argument, variables);
}

}  // namespace

std::vector<std::uint32_t> VariablesOf(const Expression& expression) {
  std::vector<std::uint32_t> variables;
  Collect(expression, &variables);
  std::sort(variables.begin(), variables.end());
  variables.erase(std::unique(variables.begin(), variables.end()), variables.end());
  return variables;
}

PlannedCondition PlanCondition(const Expression& expression, const query::ReadQuery& query,
                               const schema::Catalog& catalog, const std::vector<double>& rows_of) {
  PlannedCondition condition;
  condition.expression = &expression;
  condition.variables = VariablesOf(expression);
  condition.selectivity = Guess(expression);
  condition.is_dear = IsDear(expression);
  if (expression.kind != ExpressionKind::kCompare || expression.compare != CompareOp::kEqual) {
    return condition;
  }
  const Expression* property = &expression.arguments[0];
  const Expression* constant = &expression.arguments[1];
  if (IsConstant(*property)) std::swap(property, constant);
  if (property->kind != ExpressionKind::kProperty || !IsConstant(*constant)) return condition;
  condition.selectivity = EqualSelectivity(*property, query, catalog, rows_of);
  if (IsTextKey(*property, query, catalog)) {
    condition.selectivity = 1 / std::max(1.0, rows_of[property->variable]);
    condition.lookup_key = constant;
  }
  return condition;
}

}  // namespace omnigraph::exec
