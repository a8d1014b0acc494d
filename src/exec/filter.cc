// Implements exec/filter.h.

#include "exec/filter.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace omnigraph::exec {
namespace {

using query::CompareOp;
using query::Comparison;
using query::ExpressionKind;
using types::Scalar;

constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kRowsPerPoll = 128;
constexpr double kExactIntegersEnd = 9007199254740992.0;  // 2^53.

// The keys that equal the constant; empty (min = max + 1) where it lies between two keys.
struct EqualKeys {
  std::int64_t min;
  std::int64_t max;
};

std::optional<EqualKeys> EqualIntegers(const Datum& constant) {
  switch (constant.kind) {
    case DatumKind::kReal: {
      const double floor = std::floor(constant.real);
      if (!(floor >= -9.2e18 && floor <= 9.2e18)) return std::nullopt;
      const auto whole = static_cast<std::int64_t>(floor);
      if (floor == constant.real) return EqualKeys{whole, whole};
      return EqualKeys{whole + 1, whole};
    }
    case DatumKind::kNatural:
      if (constant.natural > static_cast<std::uint64_t>(kMax)) return std::nullopt;
      [[fallthrough]];
    case DatumKind::kInt:
    case DatumKind::kBool:
    case DatumKind::kDate:
    case DatumKind::kDateTime:
      return EqualKeys{constant.integer, constant.integer};
    default:
      return std::nullopt;
  }
}

std::optional<EqualKeys> EqualReals(const Datum& constant, Comparison comparison) {
  double real = constant.AsReal();
  if (comparison == Comparison::kRoundedNumber) {
    // An integer is rounded once, straight to F32.
    float rounded = static_cast<float>(real);
    if (constant.kind == DatumKind::kInt) rounded = static_cast<float>(constant.integer);
    if (constant.kind == DatumKind::kNatural) rounded = static_cast<float>(constant.natural);
    real = static_cast<double>(rounded);
  } else if (constant.kind != DatumKind::kReal) {
    if (std::fabs(real) >= kExactIntegersEnd) return std::nullopt;
    // The integer 0 is both zeros.
    if (real == 0) return EqualKeys{RealOrderKey(-0.0), RealOrderKey(0.0)};
  }
  return EqualKeys{RealOrderKey(real), RealOrderKey(real)};
}

std::optional<KeyRange> Apply(CompareOp op, const EqualKeys& equal) {
  switch (op) {
    case CompareOp::kEqual:
      return KeyRange{equal.min, equal.max, false};
    case CompareOp::kNotEqual:
      return KeyRange{equal.min, equal.max, true};
    case CompareOp::kLess:
      if (equal.min == kMin) return KeyRange{1, 0, false};
      return KeyRange{kMin, equal.min - 1, false};
    case CompareOp::kLessOrEqual:
      return KeyRange{kMin, equal.max, false};
    case CompareOp::kGreater:
      if (equal.max == kMax) return KeyRange{1, 0, false};
      return KeyRange{equal.max + 1, kMax, false};
    case CompareOp::kGreaterOrEqual:
      return KeyRange{equal.min, kMax, false};
  }
  return std::nullopt;
}

}  // namespace

CompareOp Flip(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
      return CompareOp::kGreater;
    case CompareOp::kLessOrEqual:
      return CompareOp::kGreaterOrEqual;
    case CompareOp::kGreater:
      return CompareOp::kLess;
    case CompareOp::kGreaterOrEqual:
      return CompareOp::kLessOrEqual;
    default:
      return op;
  }
}

bool IsConstant(const query::Expression& expression) {
  return expression.kind == ExpressionKind::kLiteral ||
         expression.kind == ExpressionKind::kParameter || expression.kind == ExpressionKind::kNow;
}

std::vector<const query::Expression*> TakeConditionsOf(
    std::uint32_t variable, std::vector<const query::Expression*>* conditions) {
  const auto taken = std::stable_partition(
      conditions->begin(), conditions->end(), [&](const query::Expression* condition) {
        return VariablesOf(*condition) != std::vector<std::uint32_t>{variable};
      });
  std::vector<const query::Expression*> own(taken, conditions->end());
  conditions->erase(taken, conditions->end());
  return own;
}

std::optional<KeyRange> RangeOf(const types::Type& type, CompareOp op, Comparison comparison,
                                const Datum& constant) {
  if (constant.is_null() || type.is_list || type.scalar == Scalar::kU64) return std::nullopt;
  std::optional<EqualKeys> equal;
  if (types::IsFloat(type.scalar)) {
    if (constant.is_number()) equal = EqualReals(constant, comparison);
  } else if (comparison != Comparison::kRoundedNumber && comparison != Comparison::kText) {
    equal = EqualIntegers(constant);
  }
  if (!equal.has_value()) return std::nullopt;
  return exec::Apply(op, *equal);
}

const types::ListValue* ConstantListOf(const query::Expression& condition, const Context& context) {
  if (condition.kind != ExpressionKind::kContains || !IsConstant(condition.arguments[0]) ||
      !context.IsKnown(condition.arguments[0])) {
    return nullptr;
  }
  const types::Value* value = context.ConstantValue(condition.arguments[0]);
  return value == nullptr ? nullptr : value->As<types::ListValue>();
}

ConstantList::ConstantList(const types::ListValue& list, Comparison comparison)
    : comparison_(comparison) {
  for (const types::Value& element : list) {
    const Datum value = Datum::Of(element);
    if (!value.is_null()) elements_.push_back({EqualityHash(comparison, value), value});
  }
  std::sort(elements_.begin(), elements_.end(),
            [](const Element& a, const Element& b) { return a.hash < b.hash; });
}

bool ConstantList::Contains(const Datum& value) const {
  if (value.is_null()) return false;
  const std::uint64_t hash = EqualityHash(comparison_, value);
  auto at = std::lower_bound(
      elements_.begin(), elements_.end(), hash,
      [](const Element& element, std::uint64_t wanted) { return element.hash < wanted; });
  for (; at != elements_.end() && at->hash == hash; ++at) {
    if (*Compare(CompareOp::kEqual, comparison_, at->value, value)) return true;
  }
  return false;
}

std::optional<Filter> Filter::OfColumn(const table::Column& column, CompareOp op,
                                       Comparison comparison, const Datum& constant) {
  std::optional<Filter> filter;
  if (constant.is_null()) {
    filter = Filter(Kind::kNever);
  } else if (comparison == Comparison::kText) {
    if (!column.has_texts()) return filter;
    filter = Filter(Kind::kText);
    filter->compare_ = op;
    filter->text_ = constant.AsText();
  } else {
    const std::optional<KeyRange> range = RangeOf(column.type(), op, comparison, constant);
    if (!range.has_value()) return filter;
    filter = Filter(Kind::kRange);
    filter->range_ = *range;
  }
  filter->column_ = &column;
  return filter;
}

// `$v.list contains "text"`.
Result<std::optional<Filter>> Filter::BindListOfTexts(const query::Expression& expression,
                                                      Context& context) {
  std::optional<Filter> bound;
  if (expression.kind != ExpressionKind::kContains) return bound;
  const query::Expression& list = expression.arguments[0];
  const query::Expression& text = expression.arguments[1];
  if (list.kind != ExpressionKind::kProperty || !IsConstant(text)) return bound;
  OG_ASSIGN_OR_RETURN(const table::Column* column, context.ColumnOf(list.variable, list.property));
  if (!column->has_lists_of_texts()) return bound;
  const Datum wanted = context.Constant(text);
  bound = Filter(wanted.is_null() ? Kind::kNever : Kind::kListOfTexts);
  bound->column_ = column;
  bound->slot_ = list.variable;
  if (!wanted.is_null()) bound->text_ = wanted.AsText();
  return bound;
}

Result<Filter> Filter::Bind(const query::Expression& expression, Context& context) {
  OG_ASSIGN_OR_RETURN(std::optional<Filter> of_texts, BindListOfTexts(expression, context));
  if (of_texts.has_value()) return std::move(*of_texts);
  if (expression.kind == ExpressionKind::kCompare) {
    const query::Expression* property = &expression.arguments[0];
    const query::Expression* constant = &expression.arguments[1];
    const bool is_flipped = IsConstant(*property);
    if (is_flipped) std::swap(property, constant);
    if (property->kind == ExpressionKind::kProperty && IsConstant(*constant)) {
      OG_ASSIGN_OR_RETURN(const table::Column* column,
                          context.ColumnOf(property->variable, property->property));
      const CompareOp op = is_flipped ? Flip(expression.compare) : expression.compare;
      std::optional<Filter> fast =
          OfColumn(*column, op, expression.comparison, context.Constant(*constant));
      if (fast.has_value()) {
        fast->property_ = property->property;
        fast->slot_ = property->variable;
        return std::move(*fast);
      }
    }
  }
  const types::ListValue* list = ConstantListOf(expression, context);
  Filter filter(list == nullptr ? Kind::kGeneral : Kind::kOneOf);
  filter.context_ = &context;
  if (list != nullptr) {
    OG_RETURN_IF_ERROR(context.memory().Take(list->size() * ConstantList::kElementBytes));
    filter.list_.emplace(*list, expression.comparison);
  }
  OG_ASSIGN_OR_RETURN(
      filter.general_,
      BoundExpression::Bind(list == nullptr ? expression : expression.arguments[1], context));
  return filter;
}

bool Filter::HoldsText(std::string_view value) const {
  if (compare_ == CompareOp::kEqual) return value == text_;
  if (compare_ == CompareOp::kNotEqual) return value != text_;
  const int order = value.compare(text_);
  switch (compare_) {
    case CompareOp::kLess:
      return order < 0;
    case CompareOp::kLessOrEqual:
      return order <= 0;
    case CompareOp::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

void Filter::ApplyRange(std::span<const RowId> ids, std::vector<std::uint32_t>* rows) {
  keys_.resize(ids.size());
  nulls_.resize(ids.size());
  column_->GatherKeys(ids, keys_.data(), nulls_.data());
  // One comparison: key - min <= max - min, without signs.
  const auto min = static_cast<std::uint64_t>(range_.min);
  const std::uint64_t width = static_cast<std::uint64_t>(range_.max) - min;
  const bool is_empty = range_.min > range_.max;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool is_within = !is_empty && static_cast<std::uint64_t>(keys_[i]) - min <= width;
    (*rows)[kept] = (*rows)[i];
    kept += static_cast<std::size_t>((nulls_[i] == 0) & (is_within != range_.is_negated));
  }
  rows->resize(kept);
}

void Filter::ApplyText(std::span<const RowId> ids, std::vector<std::uint32_t>* rows) {
  texts_.resize(ids.size());
  nulls_.resize(ids.size());
  column_->GatherTexts(ids, texts_.data(), nulls_.data());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    (*rows)[kept] = (*rows)[i];
    kept += nulls_[i] == 0 && HoldsText(texts_[i]) ? 1 : 0;
  }
  rows->resize(kept);
}

void Filter::ApplyListOfTexts(std::span<const RowId> ids, std::vector<std::uint32_t>* rows) {
  nulls_.resize(ids.size());
  column_->GatherHolding(ids, text_, nulls_.data());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    (*rows)[kept] = (*rows)[i];
    kept += nulls_[i];
  }
  rows->resize(kept);
}

bool Filter::Holds(const Batch& batch, std::uint32_t row) {
  const Datum value = general_->Evaluate(batch, row, &arena_);
  if (kind_ == Kind::kOneOf) return list_->Contains(value);
  return value.kind == DatumKind::kBool && value.integer != 0;
}

void Filter::ApplyGeneral(const Batch& batch, std::vector<std::uint32_t>* rows) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    // Long texts and lists: whole batches of them may take seconds.
    if (i % kRowsPerPoll == kRowsPerPoll - 1 && !context_->Poll().ok()) break;
    const std::uint32_t row = (*rows)[i];
    (*rows)[kept] = row;
    kept += Holds(batch, row) ? 1 : 0;
  }
  rows->resize(kept);
  arena_.clear();
}

void Filter::Apply(const Batch& batch, std::vector<std::uint32_t>* rows) {
  if (kind_ == Kind::kNever) return rows->clear();
  if (kind_ == Kind::kGeneral || kind_ == Kind::kOneOf) return ApplyGeneral(batch, rows);
  std::span<const RowId> ids = batch.slots[slot_];
  if (rows->size() < batch.rows_count) {
    asked_.clear();
    for (const std::uint32_t row : *rows)
      asked_.push_back(ids[row]);
    ids = asked_;
  }
  if (kind_ == Kind::kListOfTexts) return ApplyListOfTexts(ids, rows);
  return kind_ == Kind::kRange ? ApplyRange(ids, rows) : ApplyText(ids, rows);
}

Result<FilterSet> FilterSet::Bind(const std::vector<const query::Expression*>& conditions,
                                  Context& context) {
  FilterSet set;
  for (const query::Expression* condition : conditions) {
    OG_ASSIGN_OR_RETURN(Filter filter, Filter::Bind(*condition, context));
    set.filters_.push_back(std::move(filter));
  }
  return set;
}

void FilterSet::Apply(Batch* batch) {
  if (filters_.empty()) return;
  rows_.resize(batch->rows_count);
  std::iota(rows_.begin(), rows_.end(), 0U);
  for (Filter& filter : filters_)
    filter.Apply(*batch, &rows_);
  batch->Keep(rows_);
}

}  // namespace omnigraph::exec
