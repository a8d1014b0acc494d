// Which rows of one table differ between two commits: the walk that merges and diffs share.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "graph/row_image.h"
#include "graph/snapshot.h"

namespace omnigraph::graph {

/// A table in two commits, known by the stable id of its type, so that a renamed type is one table.
/// Null where the commit has no such type; not in both.
struct TablePair {
  const schema::TableType* before = nullptr;
  const schema::TableType* after = nullptr;

  /// The type as the later commit has it, or as it last was.
  const schema::TableType& type() const { return after != nullptr ? *after : *before; }
};

/// Every table of either commit, in no particular order.
std::vector<TablePair> PairTables(const Snapshot& before, const Snapshot& after);

/// Whether a table is stored once for both commits, so that no row differs. Cost: O(segments).
bool ShareTable(const Snapshot& before, const Snapshot& after, const TablePair& pair);

/// A row that is not the same in both commits. `table::kNoRow` where there is none.
struct ChangedRow {
  std::string id;
  table::RowId before = table::kNoRow;
  table::RowId after = table::kNoRow;

  bool is_insert() const { return before == table::kNoRow; }
  bool is_delete() const { return after == table::kNoRow; }
};

/// The rows of a table that differ by value, ascending by id. Rows that were only moved, compacted
/// or written again are no difference; a property that one commit does not know is null there.
///
/// Cost: what the two tables do not share (see `table::ComparePlaces`). Memory: the ids of the
/// changed rows. Errors: those of reading; `kNotFound` if rows were dropped for good;
/// `kDeadlineExceeded`.
Result<std::vector<ChangedRow>> FindChangedRows(const Snapshot& before, const Snapshot& after,
                                                const TablePair& pair, const Deadline& deadline);

/// The row in either commit, opened.
Result<RowImage> BeforeImage(const Snapshot& before, const TablePair& pair, const ChangedRow& row);
Result<RowImage> AfterImage(const Snapshot& after, const TablePair& pair, const ChangedRow& row);

/// Of a row that is in both commits: the names of what differs, properties by the names of the
/// later schema, then "src" and "dst".
Result<std::vector<std::string_view>> ChangedNames(const RowImage& before, const RowImage& after);

}  // namespace omnigraph::graph
