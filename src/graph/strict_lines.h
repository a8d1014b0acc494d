// Reads the lines of a strict load: what the ordinary load forgives is refused here, before any of
// it is typed.

#pragma once

#include <cstddef>

#include "graph/block_reader.h"
#include "schema/catalog.h"

namespace omnigraph::graph {

/// Delivers the bytes of `read` line by line as they prove to be strict records: one JSON object on
/// each line that is not blank, with the members of a node or of an edge and no others, no member
/// twice at any depth, no `src` or `dst` among the data of an edge, and nothing in a list that is
/// null or of another kind than its type. Ids, unknown data fields and values are left to the
/// record parser.
///
/// `catalog` must outlive the result. Cost: a second parse of every line, on the reading thread.
/// Errors of the reader: `kInvalidArgument` "line <n>: …"; `kResourceExhausted` for a line of more
/// than `line_bytes_max` bytes; those of `read`.
ByteReader StrictLines(ByteReader read, const schema::Catalog& catalog, std::size_t line_bytes_max);

}  // namespace omnigraph::graph
