// Tuples on their way through a pipeline: column vectors of row ids, one per variable.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/row_id.h"

namespace omnigraph::exec {

using table::RowId;

/// Tuples per batch, if nobody asks for another size. Small enough that the columns of a few
/// variables stay in the second-level cache, large enough that what is paid per batch does not
/// show.
inline constexpr std::size_t kBatchRowsMax = 2048;

/// A variable's column in a batch: its ordinal in the query. Hidden columns of anti-joins follow.
using Slot = std::uint32_t;

struct Batch {
  explicit Batch(std::size_t slots_count) : slots(slots_count) {}

  std::vector<std::vector<RowId>> slots;  ///< Each has `rows_count` rows, or is not in use.
  /// How many rows of the match a tuple stands for, because of variables that nobody reads. Empty
  /// when all are 1.
  std::vector<std::uint64_t> weights;
  std::size_t rows_count = 0;

  std::uint64_t Weight(std::size_t row) const { return weights.empty() ? 1 : weights[row]; }

  void Clear() {
    for (std::vector<RowId>& slot : slots)
      slot.clear();
    weights.clear();
    rows_count = 0;
  }

  /// Keeps the rows at these ascending positions.
  void Keep(std::span<const std::uint32_t> rows) {
    if (rows.size() == rows_count) return;
    for (std::vector<RowId>& slot : slots) {
      if (slot.empty()) continue;
      for (std::size_t i = 0; i < rows.size(); ++i)
        slot[i] = slot[rows[i]];
      slot.resize(rows.size());
    }
    if (!weights.empty()) {
      for (std::size_t i = 0; i < rows.size(); ++i)
        weights[i] = weights[rows[i]];
      weights.resize(rows.size());
    }
    rows_count = rows.size();
  }
};

}  // namespace omnigraph::exec
