// Decides which rows of a table to write anew so that it stands in few, full fragments.

#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "format/records.h"
#include "format/row_batch.h"
#include "table/table.h"

namespace omnigraph::table {

/// Dead rows in a row from which on a compaction leaves a hole instead of blank rows.
inline constexpr RowId kHoleRowsMin = 4096;

/// What one compaction does. Planning a table that was just compacted gives an empty plan.
struct CompactionPlan {
  /// Rows that stand together and are written as one run of contiguous fragments.
  struct Run {
    std::vector<std::pair<RowId, RowId>> ranges;  ///< [begin, end), ascending; holes in between.
    std::uint64_t generation = 0;                 ///< Upper bound of those of its rows.
  };
  std::vector<format::FragmentInfo> kept;          ///< Contiguous, ascending.
  std::vector<format::FragmentInfo> kept_updates;  ///< With row ids, oldest first.
  std::vector<Run> runs;
  std::vector<RowId> moved;  ///< Updated rows outside of the runs: one fragment with row ids.
  std::uint64_t moved_generation = 0;   ///< Upper bound of those of `moved`.
  std::uint64_t fragments_removed = 0;  ///< Stored ones.
  bool empty() const { return runs.empty() && moved.empty() && fragments_removed == 0; }
};

/// What a fragment holds at most; one that is half full is not merged with others.
struct FragmentSize {
  std::uint64_t rows_max = 0;
  std::uint64_t bytes_max = 0;
};

/// `generation` is that of the table's commit. Requires an opened table. Cost: O(rows / 64).
CompactionPlan PlanCompaction(const Table& table, const FragmentSize& size,
                              std::uint64_t generation);

/// As `AppendRow` for a live row. A dead row gets its id, its key and its endpoints and is blank
/// otherwise.
void AppendLiveOrBlankRow(const Table& table, RowId row, format::RowBatch* batch);

}  // namespace omnigraph::table
