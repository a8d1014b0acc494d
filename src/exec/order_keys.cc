// Implements exec/order_keys.h.

#include "exec/order_keys.h"

#include "table/order_key.h"

namespace omnigraph::exec {

using query::ExpressionKind;

std::optional<OrderKeys> OrderKeys::Of(const query::Expression& term,
                                       const BoundExpression& value) {
  OrderKeys keys;
  keys.slot_ = value.slot();
  if (const table::Column* column = value.column()) {
    if (!column->has_keys() || column->type().scalar == types::Scalar::kU64) return std::nullopt;
    keys.column_ = column;
    return keys;
  }
  if (term.kind != ExpressionKind::kNearest && term.kind != ExpressionKind::kBm25) {
    return std::nullopt;
  }
  keys.function_ = value.function();
  return keys;
}

void OrderKeys::Compute(std::span<const RowId> nodes) {
  keys_.resize(nodes.size());
  nulls_.resize(nodes.size());
  if (column_ != nullptr) return column_->GatherKeys(nodes, keys_.data(), nulls_.data());
  reals_.resize(nodes.size());
  function_->OfMany(nodes, reals_.data(), nulls_.data());
  for (std::size_t i = 0; i < nodes.size(); ++i)
    keys_[i] = table::RealKey(reals_[i]);
}

std::int64_t OrderKeys::KeyOf(const Datum& value) {
  return value.kind == DatumKind::kReal ? table::RealKey(value.real) : value.integer;
}

}  // namespace omnigraph::exec
