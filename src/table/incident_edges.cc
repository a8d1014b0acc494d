// Implements table/incident_edges.h.

#include "table/incident_edges.h"

#include <algorithm>

#include "table/edge_lists.h"
#include "table/edge_rows.h"
#include "table/rows.h"

namespace omnigraph::table {
namespace {

// A look at every edge of a smaller table costs less than deriving its lists.
constexpr std::uint64_t kEdgesMin = 4096;
// Nodes that are more than this share of the edges are found by one look at all of them.
constexpr std::uint64_t kNodesShare = 64;
constexpr std::size_t kRowsBetweenDeadlineChecks = 65'536;

bool Contains(std::span<const RowId> ascending, RowId row) {
  return std::binary_search(ascending.begin(), ascending.end(), row);
}

bool IsWorthLists(const Table& edges, std::size_t nodes_count) {
  return edges.rows_count() >= kEdgesMin && nodes_count <= edges.rows_count() / kNodesShare &&
         edges.rows().edge_lists->IsWorthGetting();
}

Result<std::vector<RowId>> FindByLists(const Table& edges, std::span<const RowId> sources,
                                       std::span<const RowId> targets) {
  OG_ASSIGN_OR_RETURN(const std::shared_ptr<const EdgeRows> rows_of, edges.BindEdges());
  std::vector<RowId> found;
  std::vector<EdgeRows::Edge> from;
  for (const RowId source : sources) {
    rows_of->FindFrom(source, &from);
    for (const EdgeRows::Edge& edge : from)
      found.push_back(edge.row);
  }
  if (!targets.empty()) {
    OG_ASSIGN_OR_RETURN(const std::shared_ptr<const Adjacency> backward,
                        edges.BindAdjacency(Direction::kBackward));
    std::vector<RowId> scratch;
    std::vector<RowId> between;
    for (const RowId target : targets) {
      for (const RowId source : backward->Neighbors(target, &scratch)) {
        rows_of->Find(source, target, &between);
        found.insert(found.end(), between.begin(), between.end());
      }
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace

Result<std::vector<RowId>> FindIncidentEdges(const Table& edges, std::span<const RowId> sources,
                                             std::span<const RowId> targets,
                                             const Deadline& deadline) {
  std::vector<RowId> found;
  if (edges.rows_count() == 0 || (sources.empty() && targets.empty())) return found;
  if (IsWorthLists(edges, sources.size() + targets.size())) {
    return FindByLists(edges, sources, targets);
  }
  OG_RETURN_IF_ERROR(edges.Open());
  RowId next = 0;
  for (std::vector<RowId> rows;
       edges.Scan(&next, kRowsBetweenDeadlineChecks, &rows), !rows.empty();) {
    if (deadline.HasPassed()) {
      return Status::Error(ErrorCode::kDeadlineExceeded,
                           "the deadline passed while edges were looked for; nothing changed");
    }
    for (const RowId row : rows) {
      if (Contains(sources, edges.SourceOf(row)) || Contains(targets, edges.TargetOf(row))) {
        found.push_back(row);
      }
    }
  }
  return found;
}

}  // namespace omnigraph::table
