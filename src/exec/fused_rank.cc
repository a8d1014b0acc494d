// Implements exec/fused_rank.h.

#include "exec/fused_rank.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "exec/ordering.h"
#include "exec/search.h"

namespace omnigraph::exec {
namespace {

constexpr std::uint64_t kAbsent = std::numeric_limits<std::uint64_t>::max();

}  // namespace

int FusedRank::CompareIds(RowId left, RowId right) const {
  if (left == right) return 0;
  std::string left_id;
  std::string right_id;
  ids_->AppendText(left, left_id);
  ids_->AppendText(right, right_id);
  return left_id.compare(right_id);
}

Status FusedRank::Fuse(std::span<const RowId> nodes, std::uint64_t limit, Context& context) {
  std::vector<RowId> distinct(nodes.begin(), nodes.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  ranks_.clear();
  OG_RETURN_IF_ERROR(RankArm(0, distinct, limit, context));
  return RankArm(1, distinct, limit, context);
}

Status FusedRank::RankArm(std::size_t arm, const std::vector<RowId>& nodes, std::uint64_t limit,
                          Context& context) {
  std::vector<RowId> ranked;
  std::vector<Datum> values;
  for (const RowId node : nodes) {
    const Datum value = arms_[arm].value->Of(node);
    if (value.is_null()) continue;
    ranked.push_back(node);
    values.push_back(value);
    if (ranked.size() % kBatchRowsMax == 0) OG_RETURN_IF_ERROR(context.Poll());
  }
  std::vector<std::uint32_t> order(ranked.size());
  std::iota(order.begin(), order.end(), 0U);
  const bool is_distance = arms_[arm].is_distance;
  const auto less = [&](std::uint32_t a, std::uint32_t b) {
    const int by_value = CompareNumbers(values[a], values[b]);
    if (by_value != 0) return is_distance ? by_value < 0 : by_value > 0;
    return CompareIds(ranked[a], ranked[b]) < 0;
  };
  const std::uint64_t kept = is_distance ? limit : std::numeric_limits<std::uint64_t>::max();
  OG_RETURN_IF_ERROR(SortPositions(&order, kept, less, context));
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto entry = ranks_.try_emplace(ranked[order[i]], Ranks{{kAbsent, kAbsent}}).first;
    entry->second.by_arm[arm] = i + 1;
  }
  return Status::Ok();
}

Datum FusedRank::Of(RowId row) {
  const auto entry = ranks_.find(row);
  if (entry == ranks_.end()) return Datum::Null();
  double score = 0;
  for (const std::uint64_t rank : entry->second.by_arm) {
    if (rank != kAbsent) score += 1 / (k_ + static_cast<double>(rank));
  }
  return Datum::Real(score);
}

int FusedRank::CompareTied(RowId left, RowId right) const {
  if (left == right) return 0;
  const auto a = ranks_.find(left);
  const auto b = ranks_.find(right);
  if (a == ranks_.end() || b == ranks_.end()) return CompareIds(left, right);
  for (std::size_t arm = 0; arm < 2; ++arm) {
    const std::uint64_t left_rank = a->second.by_arm[arm];
    const std::uint64_t right_rank = b->second.by_arm[arm];
    if (left_rank != right_rank) return left_rank < right_rank ? -1 : 1;
  }
  return CompareIds(left, right);
}

Result<std::shared_ptr<FusedRank>> FindFusedRank(const query::Expression& expression,
                                                 Context& context) {
  OG_ASSIGN_OR_RETURN(std::shared_ptr<RowFunction> function,
                      BindSearchFunction(expression, context));
  return std::static_pointer_cast<FusedRank>(function);
}

bool HasFusedRank(const query::ReadQuery& query) {
  const auto is_fused = [](const auto& part) {
    return part.expression.kind == query::ExpressionKind::kRrf;
  };
  return std::any_of(query.projections.begin(), query.projections.end(), is_fused) ||
         std::any_of(query.order.begin(), query.order.end(), is_fused);
}

Result<std::vector<FusedRankUse>> FusedRanksOf(const query::ReadQuery& query, Context& context) {
  std::vector<FusedRankUse> uses;
  const auto add = [&](const query::Expression& expression) -> Status {
    if (expression.kind != query::ExpressionKind::kRrf) return Status::Ok();
    OG_ASSIGN_OR_RETURN(std::shared_ptr<FusedRank> rank, FindFusedRank(expression, context));
    uses.push_back({RankedVariable(expression), std::move(rank)});
    return Status::Ok();
  };
  for (const query::Projection& projection : query.projections) {
    OG_RETURN_IF_ERROR(add(projection.expression));
  }
  for (const query::OrderTerm& term : query.order)
    OG_RETURN_IF_ERROR(add(term.expression));
  return uses;
}

}  // namespace omnigraph::exec
