// Finds the rows of one table by one condition, outside of any query: what `update` and `delete`
// are about.

#pragma once

#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "exec/datum.h"
#include "query/checked.h"
#include "table/table.h"

namespace omnigraph::exec {

/// The live rows for which `condition` is true, ascending. It compares a property of `table` with a
/// literal, in either order.
///
/// Cost: follows what is found where an ordered index serves; else a scan.
/// Errors: `kDeadlineExceeded`; as of opening the table.
Result<std::vector<table::RowId>> FindRows(const table::Table& table,
                                           const query::Expression& condition,
                                           const Deadline& deadline);

}  // namespace omnigraph::exec
