// Reciprocal rank fusion (query.md S10.6): ranks the nodes of a match by two arms together.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "exec/context.h"
#include "exec/expression.h"

namespace omnigraph::exec {

class FusedRank final : public RowFunction {
 public:
  /// One side: a distance (best is least, cut to the query's limit) or a score.
  struct Arm {
    std::shared_ptr<RowFunction> value;
    bool is_distance = false;
  };

  /// `ids` is the id column of the ranked nodes; `k` >= 1.
  FusedRank(Arm first, Arm second, double k, const table::Column* ids)
      : arms_{std::move(first), std::move(second)}, k_(k), ids_(ids) {}

  /// Ranks these nodes; repetitions count once. To be called before the score of any is asked for.
  Status Fuse(std::span<const RowId> nodes, std::uint64_t limit, Context& context);

  /// The fused score, or null for a node in neither arm.
  Datum Of(RowId row) override;

  /// Orders nodes of one score: by the rank in the first arm, in the second, then by id.
  int CompareTied(RowId left, RowId right) const;

 private:
  struct Ranks {
    std::uint64_t by_arm[2];
  };
  Status RankArm(std::size_t arm, const std::vector<RowId>& nodes, std::uint64_t limit,
                 Context& context);
  int CompareIds(RowId left, RowId right) const;

  Arm arms_[2];
  double k_;
  const table::Column* ids_;
  std::unordered_map<RowId, Ranks> ranks_;
};

struct FusedRankUse {
  Slot slot;
  std::shared_ptr<FusedRank> rank;
};

/// The bound form of a kRrf. Errors: as of `BindSearchFunction`.
Result<std::shared_ptr<FusedRank>> FindFusedRank(const query::Expression& expression,
                                                 Context& context);

/// Whether the query projects or orders by one.
bool HasFusedRank(const query::ReadQuery& query);

/// All of them in the projections and the order of a query.
Result<std::vector<FusedRankUse>> FusedRanksOf(const query::ReadQuery& query, Context& context);

}  // namespace omnigraph::exec
