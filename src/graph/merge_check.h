// Checks of a merged state that no single branch could make: rules that hold on each side may break
// together.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "graph/constraints.h"
#include "graph/merge.h"
#include "graph/working_graph.h"

namespace omnigraph::graph {

/// What a merge has changed in one table of the target. Row ids are the target's.
struct MergedTable {
  const schema::TableType* type = nullptr;
  std::vector<table::RowId> written;  ///< Inserted and updated rows.
  std::vector<table::RowId> deleted;  ///< Ascending.
  std::vector<table::RowId> sources;  ///< Of edges: nodes that had an edge taken or moved away.
};

/// `orphan_edge` of edges that start or end at a node that the merge deleted. `deleted_from` and
/// `deleted_to` are the deleted rows of the edge's node types, ascending.
Status FindOrphans(const schema::EdgeType& edge, const WorkingGraph& working,
                   const std::vector<table::RowId>& deleted_from,
                   const std::vector<table::RowId>& deleted_to,
                   std::vector<MergeConflict>* conflicts);

/// "src 'BGO' not found in Port".
MergeConflict OrphanEdge(const schema::EdgeType& edge, const std::string& edge_id, bool is_source,
                         const std::string& node_id, const schema::NodeType& node);

/// `value_constraint_violation` of new images.
void FindValueViolations(const NewRows& rows, std::vector<MergeConflict>* conflicts);

/// `unique_violation` and `cardinality_violation` in the merged state.
Status FindRuleViolations(const MergedTable& merged, const WorkingGraph& working,
                          std::vector<MergeConflict>* conflicts);

}  // namespace omnigraph::graph
