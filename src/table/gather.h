// Reads order keys of many rows from the buffers of one chunk.

#pragma once

#include <cstdint>
#include <span>

#include "table/chunk.h"
#include "table/row_id.h"
#include "types/type.h"

namespace omnigraph::table {

/// The keys of the rows at positions `rows[i] - base` (modulo 2^32) of a column without lists,
/// texts, vectors and blobs; where `nulls` is set to 1 there is none.
void GatherKeys(const ColumnChunk& chunk, types::Scalar scalar, std::span<const RowId> rows,
                RowId base, std::int64_t* keys, std::uint8_t* nulls);

}  // namespace omnigraph::table
