// Sort keys of many tuples at once, as integers: what lets ordered queries throw a tuple away
// before they look at it closely.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "exec/expression.h"

namespace omnigraph::exec {

/// The first sort term of a query: a property with order keys, a distance or a score.
class OrderKeys {
 public:
  /// None if the values of `term` have no integer keys (texts, U64, lists, fused ranks).
  static std::optional<OrderKeys> Of(const query::Expression& term, const BoundExpression& value);

  Slot slot() const { return slot_; }

  /// Computes the keys of `nodes`: ascending like the values. Replaces what was computed before.
  void Compute(std::span<const RowId> nodes);
  /// The same for very many nodes: distances on several threads, with polls in between. Errors: of
  /// the polls.
  Status ComputeAll(std::span<const RowId> nodes, Context& context);
  /// Whether the keys are distances that `BoundAll` bounds for less than `ComputeAll` costs.
  bool CanBound() const { return is_distance_ && function_->Bound({}, nullptr); }
  /// Sets a place per node; nodes without a value are infinitely far. Requires `CanBound()`.
  /// Errors: of the polls.
  Status BoundAll(std::span<const RowId> nodes, Context& context,
                  index::DistanceBounds* bounds) const;
  const std::vector<std::int64_t>& keys() const { return keys_; }
  /// 1 where the value is null.
  const std::vector<std::uint8_t>& nulls() const { return nulls_; }

  /// The key of a value of the term that is not null.
  static std::int64_t KeyOf(const Datum& value);

 private:
  void ComputePart(std::span<const RowId> nodes, std::size_t begin);

  const table::Column* column_ = nullptr;
  RowFunction* function_ = nullptr;
  bool is_distance_ = false;
  Slot slot_ = 0;
  std::vector<double> reals_;
  std::vector<std::int64_t> keys_;
  std::vector<std::uint8_t> nulls_;
};

}  // namespace omnigraph::exec
