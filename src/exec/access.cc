// Implements exec/access.h.

#include "exec/access.h"

#include <algorithm>
#include <utility>

#include "exec/fused_rank.h"
#include "exec/order_keys.h"
#include "exec/selectivity.h"

namespace omnigraph::exec {
namespace {

using query::Expression;
using query::ExpressionKind;
using schema::IndexKind;

// Limits beyond this are no matter of the best rows.
constexpr std::uint64_t kBestLimitMax = std::uint64_t{1} << 16;

const schema::Property* PropertyOf(std::uint32_t variable, schema::PropertyOrdinal property,
                                   const Context& context) {
  const query::Variable& described = context.query().variables[variable];
  if (described.kind != query::VariableKind::kNode) return nullptr;
  return &context.catalog().node(described.type).properties[property];
}

bool IsTextSearch(const Expression& expression, const Context& context) {
  switch (expression.kind) {
    case ExpressionKind::kSearch:
    case ExpressionKind::kMatchText:
    case ExpressionKind::kFuzzy:
    case ExpressionKind::kBm25: {
      const Expression& field = expression.arguments[0];
      const schema::Property* property = PropertyOf(field.variable, field.property, context);
      return property != nullptr && property->index == IndexKind::kText;
    }
    default:
      return false;
  }
}

class AccessChooser {
 public:
  explicit AccessChooser(Context& context) : context_(context) {}

  Status Choose(PatternPlan* plan) {
    for (PatternPlan& part : plan->counted)
      OG_RETURN_IF_ERROR(Choose(&part));
    for (Step& step : plan->steps) {
      for (PatternPlan& inner : step.inner)
        OG_RETURN_IF_ERROR(Choose(&inner));
      if (step.kind == StepKind::kScan) OG_RETURN_IF_ERROR(ChooseForScan(&step));
    }
    return Status::Ok();
  }

  // Lets the first scan of the match go best first, if the query wants only the best.
  Status ChooseOrder(PatternPlan* match) {
    const query::ReadQuery& query = context_.query();
    if (match->is_never || match->steps.empty() || match->steps[0].kind != StepKind::kScan) {
      return Status::Ok();
    }
    if (query.order.empty() || !query.limit_rows_count.has_value() || HasFusedRank(query)) {
      return Status::Ok();
    }
    if (*query.limit_rows_count == 0 || *query.limit_rows_count > kBestLimitMax) {
      return Status::Ok();
    }
    Step& scan = match->steps[0];
    const query::OrderTerm& term = query.order[0];
    if (!RanksGroups(term) || !IsKey(term.expression, scan.variable)) return Status::Ok();
    scan.best_first = &term;
    if (term.expression.kind == ExpressionKind::kBm25 && scan.access == Access::kAll &&
        context_.options().uses_indexes != IndexUse::kNever &&
        IsTextSearch(term.expression, context_)) {
      UseText(term.expression, &scan);
    }
    if (term.expression.kind != ExpressionKind::kProperty || !scan.conditions.empty()) {
      return Status::Ok();
    }
    OG_ASSIGN_OR_RETURN(const auto index,
                        FindOrderedIndex(scan.variable, term.expression.property, context_));
    if (index == nullptr) return Status::Ok();
    scan.access = Access::kOrdered;
    scan.access_property = term.expression.property;
    return Status::Ok();
  }

 private:
  Status ChooseForScan(Step* scan) {
    if (context_.options().uses_indexes == IndexUse::kNever) return Status::Ok();
    std::uint64_t count_best = 0;
    for (const Expression* condition : scan->conditions) {
      OG_ASSIGN_OR_RETURN(const bool is_few_keys, ListsFewKeys(*condition, scan->variable));
      if (is_few_keys) {
        scan->access = Access::kKeys;
        scan->access_condition = condition;
        return Status::Ok();
      }
      if (IsTextSearch(*condition, context_)) {
        UseText(*condition, scan);
        return Status::Ok();
      }
      const std::optional<PropertyRange> range = RangeOfCondition(*condition, context_);
      if (!range.has_value() || range->variable != scan->variable) continue;
      OG_ASSIGN_OR_RETURN(const auto index,
                          FindOrderedIndex(range->variable, range->property, context_));
      if (index == nullptr) continue;
      OG_ASSIGN_OR_RETURN(const table::Table* table, context_.TableOf(scan->variable));
      const std::uint64_t count = index->Count(range->range.min, range->range.max);
      if (count * kIndexShareMin > table->rows_count()) continue;
      if (scan->access == Access::kOrdered && count >= count_best) continue;
      count_best = count;
      scan->access = Access::kOrdered;
      scan->access_condition = condition;
      scan->access_property = range->property;
    }
    return Status::Ok();
  }

  // Whether the condition is a constant list of ids of the variable, much shorter than its table.
  Result<bool> ListsFewKeys(const Expression& condition, std::uint32_t variable) {
    const types::ListValue* list = ConstantListOf(condition, context_);
    if (list == nullptr) return false;
    const Expression& value = condition.arguments[1];
    if (value.kind != ExpressionKind::kProperty ||
        !IsTextKey(value, context_.query(), context_.catalog())) {
      return false;
    }
    OG_ASSIGN_OR_RETURN(const table::Table* table, context_.TableOf(variable));
    return list->size() * kIndexShareMin <= table->rows_count();
  }

  static void UseText(const Expression& search, Step* scan) {
    scan->access = Access::kText;
    scan->access_condition = &search;
    scan->access_property = search.arguments[0].property;
  }

  // In an aggregate query the term must belong to one node of each group.
  bool RanksGroups(const query::OrderTerm& term) const {
    const query::ReadQuery& query = context_.query();
    if (!query.is_aggregate) return true;
    return term.is_ranking;
  }

  // Whether the term has order keys and is about `variable`.
  bool IsKey(const Expression& term, std::uint32_t variable) const {
    switch (term.kind) {
      case ExpressionKind::kNearest:
      case ExpressionKind::kBm25:
        return term.arguments[0].variable == variable;
      case ExpressionKind::kProperty:
        return term.variable == variable && term.type.scalar != types::Scalar::kString &&
               term.type.scalar != types::Scalar::kU64 && table::OrderedIndex::Fits(term.type);
      default:
        return false;
    }
  }

  Context& context_;
};

// The ranks of the values of an enum that are `op` a text.
KeyRange EnumRange(const types::Type& type, query::CompareOp op, std::string_view text) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const table::EnumKey key = table::EnumKeyOf(type.enum_values, text);
  const std::int64_t last_equal = key.is_value ? key.rank : key.rank - 1;
  switch (op) {
    case query::CompareOp::kEqual:
      return {key.rank, last_equal, false};
    case query::CompareOp::kNotEqual:
      return {key.rank, last_equal, true};
    case query::CompareOp::kLess:
      return {0, key.rank - 1, false};
    case query::CompareOp::kLessOrEqual:
      return {0, last_equal, false};
    case query::CompareOp::kGreater:
      return {last_equal + 1, kMax, false};
    case query::CompareOp::kGreaterOrEqual:
      return {key.rank, kMax, false};
  }
  return {};
}

}  // namespace

std::optional<KeyRange> IndexKeysOf(const types::Type& type, query::CompareOp op,
                                    query::Comparison comparison, const Datum& constant) {
  std::optional<KeyRange> range;
  if (type.is_list) return range;
  if (type.scalar != types::Scalar::kString) {
    range = RangeOf(type, op, comparison, constant);
  } else if (constant.kind != DatumKind::kText) {
    return range;
  } else if (type.is_enum()) {
    range = EnumRange(type, op, constant.AsText());
  } else if (op == query::CompareOp::kEqual) {
    const std::int64_t key = table::OrderedIndex::TextKey(constant.AsText());
    range = KeyRange{key, key, false};
  }
  if (range.has_value() && range->is_negated) range.reset();
  return range;
}

Status ChooseAccess(Context& context, Plan* plan) {
  AccessChooser chooser(context);
  OG_RETURN_IF_ERROR(chooser.Choose(&plan->match));
  if (!plan->match.steps.empty()) plan->match.steps[0].is_first = true;
  return chooser.ChooseOrder(&plan->match);
}

std::optional<PropertyRange> RangeOfCondition(const Expression& condition, const Context& context) {
  if (condition.kind != ExpressionKind::kCompare) return std::nullopt;
  const Expression* property = &condition.arguments[0];
  const Expression* constant = &condition.arguments[1];
  const bool is_flipped = IsConstant(*property);
  if (is_flipped) std::swap(property, constant);
  if (property->kind != ExpressionKind::kProperty || !IsConstant(*constant) ||
      !context.IsKnown(*constant)) {
    return std::nullopt;
  }
  const query::CompareOp op = is_flipped ? Flip(condition.compare) : condition.compare;
  const schema::Property* described = PropertyOf(property->variable, property->property, context);
  if (described == nullptr) return std::nullopt;
  const std::optional<KeyRange> range =
      IndexKeysOf(described->type, op, condition.comparison, context.Constant(*constant));
  if (!range.has_value()) return std::nullopt;
  return PropertyRange{property->variable, property->property, *range};
}

bool HasOrderedIndex(const schema::TableType& type, const schema::Property& property) {
  if (!schema::IsNodeTable(type) || !table::OrderedIndex::FitsEquality(property.type)) return false;
  if (property.index != IndexKind::kNone) return true;
  const schema::ColumnGroup alone = {property.ordinal};
  return std::find(type.unique_groups.begin(), type.unique_groups.end(), alone) !=
         type.unique_groups.end();
}

Result<std::shared_ptr<const table::OrderedIndex>> FindOrderedIndex(
    std::uint32_t variable, schema::PropertyOrdinal property, Context& context) {
  const IndexUse use = context.options().uses_indexes;
  const schema::Property* described = PropertyOf(variable, property, context);
  if (use == IndexUse::kNever || described == nullptr) {
    return std::shared_ptr<const table::OrderedIndex>();
  }
  OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(variable));
  if (!HasOrderedIndex(table->type(), *described)) {
    return std::shared_ptr<const table::OrderedIndex>();
  }
  using Build = table::OrderedIndex::Build;
  return table::OrderedIndex::Open(*table, property,
                                   use == IndexUse::kAlways ? Build::kAlways : Build::kWhenWorth);
}

}  // namespace omnigraph::exec
