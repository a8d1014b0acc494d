// Tells a scan which rows it can skip: where a property of a table cannot lie in a range.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "index/zones.h"
#include "table/table.h"

namespace omnigraph::table {

class Chunk;

/// The zones of the large chunks of a table, each built in memory when it was asked for before.
/// The table must outlive the map.
class ZoneMap {
 public:
  /// Of a property with order keys. Errors: as of opening the table.
  static Result<ZoneMap> Open(const Table& table, schema::PropertyOrdinal property);

  /// The first row from `row` on whose value may lie between `min` and `max`, both included; at
  /// least `row_ids_end()` if there is none.
  RowId NextMaybe(RowId row, std::int64_t min, std::int64_t max) const;

 private:
  struct Part {
    RowId begin;
    RowId end;
    std::shared_ptr<const index::Zones> zones;
  };

  explicit ZoneMap(const Table& table) : table_(&table) {}
  // Whether some row of the block of rows [row, end) has a newer place elsewhere.
  bool HasMoved(RowId row, RowId end) const;

  const Table* table_;
  std::vector<Part> parts_;  // Ascending; rows of no part may hold anything.
};

}  // namespace omnigraph::table
