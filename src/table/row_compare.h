// Compares rows of two tables of one type, wherever they are stored.

#pragma once

#include <optional>
#include <vector>

#include "base/status.h"
#include "table/table.h"

namespace omnigraph::table {

/// Live rows of either table that are not stored at the same place in both. A row that is in
/// neither list stands in both tables under the same id, unchanged; one that is may still be equal
/// to its counterpart (it was rewritten).
struct PlaceDifference {
  std::vector<RowId> before;  ///< Of the first table.
  std::vector<RowId> after;   ///< Of the second one.
};

/// Cost: the rows that differ and those of segments, plus 1/64 of the rows of shared fragments; no
/// shared fragment is opened.
PlaceDifference ComparePlaces(const Table& before, const Table& after);

/// Opens the chunk of one stored row. Cost: nothing if it is open. Errors: as `Table::Open`.
Status OpenRow(const Table& table, RowId row);

/// The first property, in the order of names, whose values differ: by type and bit for bit, so that
/// null is not "" and vectors are equal only if all their components are. Ids and endpoints are not
/// compared. Requires opened rows.
std::optional<schema::PropertyOrdinal> FirstDifference(const Table& left, RowId left_row,
                                                       const Table& right, RowId right_row);

}  // namespace omnigraph::table
