// Picks the rows that a table should write into fragments of their own, and copies rows out of it.

#pragma once

#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "format/row_batch.h"
#include "table/table.h"

namespace omnigraph::table {

/// What one flush rewrites: the rows of the segments, and small fragments next to them, so that the
/// number of fragments stays logarithmic in the number of rows (levelled as in O'Neil et al. 1996,
/// "The log-structured merge-tree").
struct FlushPlan {
  /// Fragments that stay as they are, oldest first.
  std::vector<format::FragmentInfo> kept;
  /// Rows [begin, end) become one contiguous run of fragments; dead ones among them are written
  /// as well, to keep positions.
  RowId begin = 0;
  RowId end = 0;
  /// Rows before `begin` whose newest image is in a segment or a small fragment of updates;
  /// ascending. They become a fragment with row ids.
  std::vector<RowId> moved;
  /// Every dead row, ascending.
  std::vector<RowId> dead;
};

/// Requires an opened table.
FlushPlan PlanFlush(const Table& table);

/// Appends the newest image of a stored row, dead or live, to a batch of the table's type, with its
/// endpoints and, where the layout stores ids, its id. Requires an opened table.
void AppendRow(const Table& table, RowId row, format::RowBatch* batch);

/// Every dead row below `row_ids_end()`, ascending.
std::vector<RowId> DeadRows(const Table& table);

}  // namespace omnigraph::table
