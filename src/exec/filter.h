// Conditions applied to batches: the frequent ones (a property against a constant) as tight loops,
// the rest by the general evaluator.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "exec/batch.h"
#include "exec/context.h"
#include "exec/expression.h"

namespace omnigraph::exec {

/// A closed range of order keys (table/order_key.h); empty when `min > max`.
struct KeyRange {
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  bool is_negated = false;  ///< What is outside the range passes.
};

/// The operator with its sides exchanged.
query::CompareOp Flip(query::CompareOp op);
/// Whether the value is the same for all rows.
bool IsConstant(const query::Expression& expression);

/// The list of a condition `list contains value`, if it is constant and known; else null.
const types::ListValue* ConstantListOf(const query::Expression& condition, const Context& context);

/// Takes those that read `variable` and nothing else out of `conditions`, in order.
std::vector<const query::Expression*> TakeConditionsOf(
    std::uint32_t variable, std::vector<const query::Expression*>* conditions);

/// The values of a column of `type` that are `op` `constant`, exactly. None when that is no range
/// of keys: constants beyond 64 bits, U64 columns, texts.
std::optional<KeyRange> RangeOf(const types::Type& type, query::CompareOp op,
                                query::Comparison comparison, const Datum& constant);

/// The elements of a constant list, found without looking at all of them.
class ConstantList {
 public:
  static constexpr std::size_t kElementBytes = 24;

  /// `list` must outlive the result. Its nulls are no elements.
  ConstantList(const types::ListValue& list, query::Comparison comparison);

  bool Contains(const Datum& value) const;

 private:
  struct Element {
    std::uint64_t hash;
    Datum value;
  };

  query::Comparison comparison_;
  std::vector<Element> elements_;  // Ascending by hash.
};

class Filter {
 public:
  static Result<Filter> Bind(const query::Expression& expression, Context& context);

  /// The condition that values of a column are `op` `constant`, for batches that have the rows in
  /// slot 0. None if it needs the general evaluator. `column` and the text of the constant must
  /// outlive it.
  static std::optional<Filter> OfColumn(const table::Column& column, query::CompareOp op,
                                        query::Comparison comparison, const Datum& constant);

  /// Removes the positions whose tuple does not make the condition true.
  void Apply(const Batch& batch, std::vector<std::uint32_t>* rows);

  /// The keys that pass, if the condition is a range of one property.
  const KeyRange* range() const { return kind_ == Kind::kRange ? &range_ : nullptr; }
  /// Of a range: the property that it is about, and whose.
  const std::optional<schema::PropertyOrdinal>& property() const { return property_; }
  Slot slot() const { return slot_; }

 private:
  enum class Kind : unsigned char { kNever, kRange, kText, kListOfTexts, kOneOf, kGeneral };

  explicit Filter(Kind kind) : kind_(kind) {}

  static Result<std::optional<Filter>> BindListOfTexts(const query::Expression& expression,
                                                       Context& context);
  void ApplyRange(std::span<const RowId> ids, std::vector<std::uint32_t>* rows);
  void ApplyText(std::span<const RowId> ids, std::vector<std::uint32_t>* rows);
  void ApplyListOfTexts(std::span<const RowId> ids, std::vector<std::uint32_t>* rows);
  void ApplyGeneral(const Batch& batch, std::vector<std::uint32_t>* rows);
  bool Holds(const Batch& batch, std::uint32_t row);
  bool HoldsText(std::string_view value) const;

  Kind kind_;
  const table::Column* column_ = nullptr;
  std::optional<schema::PropertyOrdinal> property_;
  Slot slot_ = 0;
  KeyRange range_;
  query::CompareOp compare_ = query::CompareOp::kEqual;
  std::string_view text_;
  std::optional<ConstantList> list_;
  std::optional<BoundExpression> general_;  // kOneOf: the value to look for.
  Context* context_ = nullptr;              // Of what may take long.
  ValueArena arena_;
  // Of the batch at hand.
  std::vector<RowId> asked_;
  std::vector<std::int64_t> keys_;
  std::vector<std::string_view> texts_;
  std::vector<std::uint8_t> nulls_;  // kListOfTexts: 1 for rows that pass.
};

/// All conditions of a step.
class FilterSet {
 public:
  static Result<FilterSet> Bind(const std::vector<const query::Expression*>& conditions,
                                Context& context);

  bool is_empty() const { return filters_.empty(); }
  std::span<const Filter> filters() const { return filters_; }
  /// Keeps the tuples that pass all conditions.
  void Apply(Batch* batch);

 private:
  std::vector<Filter> filters_;
  std::vector<std::uint32_t> rows_;
};

}  // namespace omnigraph::exec
