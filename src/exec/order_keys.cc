// Implements exec/order_keys.h.

#include "exec/order_keys.h"

#include <algorithm>

#include "base/thread_pool.h"
#include "table/order_key.h"

namespace omnigraph::exec {

using query::ExpressionKind;

namespace {

// Calls `compute(nodes of a part, place of the first)` for parts of `nodes`, with polls in between;
// on several threads if that is allowed and worth it.
template <typename Compute>
Status ForEachPart(std::span<const RowId> nodes, bool is_parallel, Context& context,
                   Compute compute) {
  constexpr std::size_t kPart = 1024;
  constexpr std::size_t kPartsPerRound = 64;
  // On busy processors a few parts wait longer for their threads than they take.
  const bool is_long = nodes.size() >= context.options().parallel_tuples_min;
  ThreadPool* pool = is_parallel && is_long ? context.options().pool : nullptr;
  for (std::size_t begin = 0; begin < nodes.size(); begin += kPart * kPartsPerRound) {
    OG_RETURN_IF_ERROR(context.Poll());
    const std::span<const RowId> round =
        nodes.subspan(begin, std::min(nodes.size() - begin, kPart * kPartsPerRound));
    const auto compute_part = [&](std::size_t part) {
      const std::size_t at = part * kPart;
      compute(round.subspan(at, std::min(kPart, round.size() - at)), begin + at);
    };
    const std::size_t parts_count = (round.size() + kPart - 1) / kPart;
    if (pool != nullptr && parts_count > 1) {
      ParallelFor(*pool, parts_count, compute_part);
    } else {
      for (std::size_t part = 0; part < parts_count; ++part)
        compute_part(part);
    }
  }
  return Status::Ok();
}

}  // namespace

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
  keys.is_distance_ = term.kind == ExpressionKind::kNearest;
  return keys;
}

void OrderKeys::Compute(std::span<const RowId> nodes) {
  keys_.resize(nodes.size());
  nulls_.resize(nodes.size());
  reals_.resize(nodes.size());
  ComputePart(nodes, 0);
}

void OrderKeys::ComputePart(std::span<const RowId> nodes, std::size_t begin) {
  std::int64_t* keys = keys_.data() + begin;
  std::uint8_t* nulls = nulls_.data() + begin;
  if (column_ != nullptr) return column_->GatherKeys(nodes, keys, nulls);
  double* reals = reals_.data() + begin;
  function_->OfMany(nodes, reals, nulls);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    keys[i] = nulls[i] != 0 ? 0 : table::RealKey(reals[i]);
}

Status OrderKeys::ComputeAll(std::span<const RowId> nodes, Context& context) {
  keys_.resize(nodes.size());
  nulls_.resize(nodes.size());
  reals_.resize(nodes.size());
  return ForEachPart(
      nodes, is_distance_, context,
      [this](std::span<const RowId> part, std::size_t begin) { ComputePart(part, begin); });
}

Status OrderKeys::BoundAll(std::span<const RowId> nodes, Context& context,
                           index::DistanceBounds* bounds) const {
  return ForEachPart(nodes, true, context, [&](std::span<const RowId> part, std::size_t begin) {
    function_->Bound(part, bounds + begin);
  });
}

std::int64_t OrderKeys::KeyOf(const Datum& value) {
  return value.kind == DatumKind::kReal ? table::RealKey(value.real) : value.integer;
}

}  // namespace omnigraph::exec
