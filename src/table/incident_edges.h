// Finds the edges of one table that start or end at given nodes.

#pragma once

#include <span>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "table/row_id.h"
#include "table/table.h"

namespace omnigraph::table {

/// The live edges that start at one of `sources` or end at one of `targets`, ascending. Both spans
/// ascend.
///
/// Cost: follows what is found, by the neighbour lists that reads use too; or a look at every edge
/// while that is cheaper, that is in small tables, for many nodes, and for the first few calls in a
/// process that has no such lists.
/// Errors: `kDeadlineExceeded`; as of opening the table.
Result<std::vector<RowId>> FindIncidentEdges(const Table& edges, std::span<const RowId> sources,
                                             std::span<const RowId> targets,
                                             const Deadline& deadline);

}  // namespace omnigraph::table
