// The name of a row inside its table, for ever.

#pragma once

#include <cstdint>
#include <limits>

namespace omnigraph::table {

/// Ids are given out in ascending order per table and branch lineage, never twice; an update keeps
/// the id. They are nearly dense, so arrays and bitmaps are indexed by them. At most 2^32 - 1 rows
/// may ever be written to one table (limit `table.row_ids_max`; a rewrite starts over).
using RowId = std::uint32_t;

inline constexpr RowId kNoRow = std::numeric_limits<RowId>::max();

}  // namespace omnigraph::table
