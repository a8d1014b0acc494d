// Rows that the statements of one mutation have written to one table, before they become a change
// of it: a mutation of a thousand statements is one change, not a thousand.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "format/row_batch.h"
#include "graph/table_delta.h"
#include "table/row_id.h"

namespace omnigraph::graph {

/// All batches hold one row each. The table may not change while there are any.
class PendingRows {
 public:
  /// `table` will get new rows from `row_ids_end` on.
  PendingRows(const schema::TableType& type, table::RowId row_ids_end)
      : type_(&type), row_ids_end_(row_ids_end) {}

  /// Adds a new row and gives its row id. Without `id` the row's id is generated; either all rows
  /// have one or none.
  table::RowId Insert(format::RowBatch row, std::optional<std::string> id);
  /// Puts an image in the place of a row, stored or new.
  void Replace(table::RowId row, format::RowBatch image);

  /// The new row with this id.
  std::optional<table::RowId> Find(std::string_view id) const;
  /// What a row has become; null if it is as it is stored.
  const format::RowBatch* Image(table::RowId row) const;

  /// The change of the table; nothing is pending afterwards. Rows with generated ids get them from
  /// `generated_id_base` on.
  TableDelta Take(std::string generated_id_base);

 private:
  const schema::TableType* type_;
  table::RowId row_ids_end_;
  std::vector<format::RowBatch> inserted_;
  std::unordered_map<std::string, table::RowId> rows_by_id_;  // Of those inserted.
  std::map<table::RowId, format::RowBatch> updated_;
};

}  // namespace omnigraph::graph
