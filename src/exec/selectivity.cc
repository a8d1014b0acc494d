// Implements exec/selectivity.h.

#include "exec/selectivity.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "exec/filter.h"

namespace omnigraph::exec {
namespace {

using query::CompareOp;
using query::Expression;
using query::ExpressionKind;

constexpr double kEqualGuess = 0.05;
constexpr double kRangeGuess = 0.3;
constexpr double kTextGuess = 0.05;
// Rows that a condition is tried on, of tables with at least that many.
constexpr std::size_t kSampleRows = 64;
constexpr double kSampledTableMin = 1024;

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
  if (is_unique || IsKey(property, query, catalog)) {
    return 1 / std::max(1.0, rows_of[property.variable]);
  }
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

void Collect(const Expression& expression, std::vector<std::uint32_t>* variables) {
  if (expression.kind == ExpressionKind::kProperty || expression.kind == ExpressionKind::kNode) {
    variables->push_back(expression.variable);
  }
  for (const Expression& argument : expression.arguments)
    Collect(argument, variables);
}

// Whether it is an equality of properties of two variables.
bool IsJoin(const Expression& expression) {
  if (expression.kind != ExpressionKind::kCompare || expression.compare != CompareOp::kEqual) {
    return false;
  }
  const Expression& left = expression.arguments[0];
  const Expression& right = expression.arguments[1];
  return left.kind == ExpressionKind::kProperty && right.kind == ExpressionKind::kProperty &&
         left.variable != right.variable;
}

// Live rows of a table, far from each other, in column `variable`.
Batch SampleRows(const table::Table& table, std::uint32_t variable, const Context& context) {
  Batch batch(context.query().variables.size());
  const RowId step = std::max(RowId{1}, static_cast<RowId>(table.row_ids_end() / kSampleRows));
  for (RowId row = step / 2; row < table.row_ids_end(); row += step) {
    if (table.IsLive(row)) batch.slots[variable].push_back(row);
    if (row > table::kNoRow - step) break;
  }
  batch.rows_count = batch.slots[variable].size();
  return batch;
}

// The number of distinct values of one side of a join, estimated from those that occur once and
// twice in a sample (Chao 1984); none of a table that is not sampled.
Result<std::optional<double>> SampleDistinct(const Expression& property,
                                             query::Comparison comparison, Context& context) {
  OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(property.variable));
  const auto rows_count = static_cast<double>(table->rows_count());
  if (rows_count < kSampledTableMin) return std::optional<double>();
  OG_ASSIGN_OR_RETURN(const BoundExpression bound, BoundExpression::Bind(property, context));
  const Batch batch = SampleRows(*table, property.variable, context);
  ValueArena arena;
  std::map<std::uint64_t, std::size_t> occurrences;
  for (std::size_t row = 0; row < batch.rows_count; ++row) {
    const Datum value = bound.Evaluate(batch, row, &arena);
    if (!value.is_null()) ++occurrences[EqualityHash(comparison, value)];
  }
  double once = 0;
  double twice = 0;
  for (const auto& [hash, count] : occurrences) {
    once += count == 1 ? 1 : 0;
    twice += count == 2 ? 1 : 0;
  }
  const auto found = static_cast<double>(occurrences.size());
  if (once == found) return std::optional<double>(std::max(1.0, rows_count));
  const double unseen = once * (once - 1) / (2 * (twice + 1));
  return std::optional<double>(std::clamp(found + unseen, 1.0, rows_count));
}

// The rows of one side have as many partners as the values of the other side are repeated.
Status SampleJoin(Context& context, PlannedCondition* condition) {
  for (const Expression& side : condition->expression->arguments) {
    OG_ASSIGN_OR_RETURN(const std::optional<double> distinct,
                        SampleDistinct(side, condition->expression->comparison, context));
    if (distinct) condition->selectivity = std::min(condition->selectivity, 1 / *distinct);
  }
  return Status::Ok();
}

bool HasUnknown(const Expression& expression, const Context& context) {
  if (IsConstant(expression)) return !context.IsKnown(expression);
  return std::any_of(expression.arguments.begin(), expression.arguments.end(),
                     [&](const Expression& argument) { return HasUnknown(argument, context); });
}

}  // namespace

bool IsKey(const Expression& property, const query::ReadQuery& query,
           const schema::Catalog& catalog) {
  const query::Variable& variable = query.variables[property.variable];
  if (variable.kind != query::VariableKind::kNode) return false;
  const schema::NodeType& type = catalog.node(variable.type);
  return type.key.size() == 1 && type.key[0] == property.property;
}

bool IsTextKey(const Expression& property, const query::ReadQuery& query,
               const schema::Catalog& catalog) {
  return IsKey(property, query, catalog) && property.type.scalar == types::Scalar::kString &&
         !property.type.is_list;
}

std::vector<std::uint32_t> VariablesOf(const Expression& expression) {
  std::vector<std::uint32_t> variables;
  Collect(expression, &variables);
  std::sort(variables.begin(), variables.end());
  variables.erase(std::unique(variables.begin(), variables.end()), variables.end());
  return variables;
}

PlannedCondition PlanCondition(const Expression& expression, const Context& context,
                               const std::vector<double>& rows_of) {
  const query::ReadQuery& query = context.query();
  const schema::Catalog& catalog = context.catalog();
  PlannedCondition condition;
  condition.expression = &expression;
  condition.variables = VariablesOf(expression);
  condition.selectivity = Guess(expression);
  condition.is_dear = IsDear(expression);
  if (const types::ListValue* list = ConstantListOf(expression, context)) {
    const Expression& value = expression.arguments[1];
    condition.is_dear = IsDear(value);
    if (value.kind != ExpressionKind::kProperty) return condition;
    condition.selectivity = std::min(
        1.0, static_cast<double>(list->size()) * EqualSelectivity(value, query, catalog, rows_of));
    return condition;
  }
  if (expression.kind != ExpressionKind::kCompare || expression.compare != CompareOp::kEqual) {
    return condition;
  }
  const Expression* property = &expression.arguments[0];
  const Expression* constant = &expression.arguments[1];
  if (IsJoin(expression)) {
    condition.is_join = true;
    condition.selectivity = std::min(EqualSelectivity(*property, query, catalog, rows_of),
                                     EqualSelectivity(*constant, query, catalog, rows_of));
    return condition;
  }
  if (IsConstant(*property)) std::swap(property, constant);
  if (property->kind != ExpressionKind::kProperty || !IsConstant(*constant)) return condition;
  condition.selectivity = EqualSelectivity(*property, query, catalog, rows_of);
  if (IsKey(*property, query, catalog)) {
    condition.selectivity = 1 / std::max(1.0, rows_of[property->variable]);
    // A float may equal an integer that is spelled in another way.
    const bool is_spelled_alike = constant->kind != ExpressionKind::kNow &&
                                  !types::IsFloat(property->type.scalar) &&
                                  !types::IsFloat(constant->type.scalar);
    if (is_spelled_alike) condition.lookup_key = constant;
  }
  return condition;
}

Status SampleSelectivity(Context& context, PlannedCondition* condition) {
  if (condition->is_dear || condition->lookup_key != nullptr) return Status::Ok();
  if (condition->is_join) return SampleJoin(context, condition);
  if (condition->variables.size() != 1 || HasUnknown(*condition->expression, context)) {
    return Status::Ok();
  }
  const std::uint32_t variable = condition->variables[0];
  OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(variable));
  if (static_cast<double>(table->rows_count()) < kSampledTableMin) return Status::Ok();
  OG_ASSIGN_OR_RETURN(Filter filter, Filter::Bind(*condition->expression, context));
  const Batch batch = SampleRows(*table, variable, context);
  std::vector<std::uint32_t> kept(batch.rows_count);
  std::iota(kept.begin(), kept.end(), 0U);
  filter.Apply(batch, &kept);
  condition->selectivity =
      (static_cast<double>(kept.size()) + 0.5) / (static_cast<double>(batch.rows_count) + 1);
  return Status::Ok();
}

}  // namespace omnigraph::exec
