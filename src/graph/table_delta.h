// What one operation wants to change in one table: the common product of loads, mutations and
// merges, and what a commit is made of.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "format/row_batch.h"
#include "schema/catalog.h"
#include "table/row_id.h"

namespace omnigraph::graph {

/// A change of one table relative to the table that it was planned on.
struct TableDelta {
  explicit TableDelta(const schema::TableType& table_type) : type(&table_type) {}

  const schema::TableType* type;

  /// New rows, in pieces that fit a fragment each (`kFragmentRowsMax`, `kFragmentBytesMax`). Their
  /// row ids ascend from the planned table's `row_ids_end()` on, across the pieces.
  std::vector<format::RowBatch> inserted;
  /// ULID of the first inserted row when the ids of all of them are generated and count up; then no
  /// piece has stored ids. Empty: every row has its id (or key) in its piece.
  std::string generated_id_base;

  /// Whole new images of rows that stay: `updated_rows[i]` is the row id of row i of `updated`;
  /// ascending and distinct.
  std::optional<format::RowBatch> updated;
  std::vector<table::RowId> updated_rows;

  /// Rows to remove; ascending and distinct. Not among `updated_rows`.
  std::vector<table::RowId> deleted;

  /// An overwrite: all rows of the planned table go; then `updated` and `deleted` are empty.
  bool removes_all_before = false;

  std::uint64_t inserted_count() const {
    std::uint64_t count = 0;
    for (const format::RowBatch& piece : inserted)
      count += piece.size();
    return count;
  }
  bool empty() const {
    return inserted_count() == 0 && updated_rows.empty() && deleted.empty() && !removes_all_before;
  }
};

/// What one fragment holds at most.
inline constexpr std::size_t kFragmentRowsMax = std::size_t{1} << 20;
inline constexpr std::size_t kFragmentBytesMax = std::size_t{256} << 20;

}  // namespace omnigraph::graph
