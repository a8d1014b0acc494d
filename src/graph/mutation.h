// Runs the statements of a mutation query on a commit in the making.

#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/status.h"
#include "graph/branch_writer.h"
#include "graph/working_graph.h"
#include "query/checked.h"

namespace omnigraph::graph {

struct MutationCounts {
  std::uint64_t nodes = 0;  ///< Inserted, matched and deleted nodes, summed over statements.
  std::uint64_t edges = 0;  ///< Inserted and deleted edges, cascades included.
};

/// Executes `query`, which is a mutation with all constants bound (`query::Bind`), against
/// `working`: statements in order, each sees the effects of those before it; uniqueness and
/// cardinality are checked on the final image. `footprint` tells what was read and written.
///
/// Errors: `kInvalidArgument` for values and constraints, and then `working` must be dropped;
/// `kDeadlineExceeded`; those of reading tables.
Status ExecuteMutation(const query::CheckedQuery& query, const Deadline& deadline,
                       WorkingGraph& working, Footprint* footprint, MutationCounts* counts);

}  // namespace omnigraph::graph
