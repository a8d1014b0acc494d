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

/// One property in two versions of a type; none where that version lacks it.
struct PropertyPair {
  std::optional<schema::PropertyOrdinal> before;
  std::optional<schema::PropertyOrdinal> after;
};

/// The properties of either version, matched by their stable ids, in the order of the names that
/// they have in `after`; those that only `before` has come last.
std::vector<PropertyPair> PairProperties(const schema::TableType& before,
                                         const schema::TableType& after);

/// Compares tables of one type, or of two versions of it, whose `properties` are paired. Rows with
/// a value of a property that the other version lacks are listed in both, wherever they stand.
///
/// Cost: the rows that differ and those of segments, plus one step per 4,096 rows of shared
/// fragments if one table was derived from the other, else per 64. Fragments are opened only if
/// there is a property that one version lacks. Errors: as `Table::Open`.
Result<PlaceDifference> ComparePlaces(const Table& before, const Table& after,
                                      const std::vector<PropertyPair>& properties);

/// Opens the chunk of one stored row. Cost: nothing if it is open. Errors: as `Table::Open`.
Status OpenRow(const Table& table, RowId row);

/// The first property, in the order of names, whose values differ: by type and bit for bit, so that
/// null is not "" and vectors are equal only if all their components are. Ids and endpoints are not
/// compared. Requires opened rows.
std::optional<schema::PropertyOrdinal> FirstDifference(const Table& left, RowId left_row,
                                                       const Table& right, RowId right_row);

/// Whether the values of one property differ; a row without the property has null. Requires opened
/// rows.
bool IsDifferent(const PropertyPair& property, const Table& before, RowId before_row,
                 const Table& after, RowId after_row);

}  // namespace omnigraph::table
