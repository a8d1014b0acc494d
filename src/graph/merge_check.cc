// Implements graph/merge_check.h.

#include "graph/merge_check.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "schema/constraints.h"
#include "table/incident_edges.h"

namespace omnigraph::graph {
namespace {

using table::RowId;

Result<std::string> IdOf(const table::Table& table, RowId row) {
  std::string id;
  OG_RETURN_IF_ERROR(table.AppendId(row, id));
  return id;
}

// The values of a tuple as messages show them; endpoints by their ids.
Result<std::vector<std::string>> ShownTuple(const table::Table& table, const WorkingGraph& working,
                                            const schema::ColumnGroup& group, RowId row) {
  std::vector<std::string> shown;
  for (const schema::PropertyOrdinal column : group) {
    if (column >= schema::kTargetColumn) {
      const auto& edge = static_cast<const schema::EdgeType&>(table.type());
      const bool is_source = column == schema::kSourceColumn;
      OG_ASSIGN_OR_RETURN(const table::Table* const nodes,
                          working.NodeTable(is_source ? edge.from : edge.to));
      OG_ASSIGN_OR_RETURN(std::string id,
                          IdOf(*nodes, is_source ? table.SourceOf(row) : table.TargetOf(row)));
      shown.push_back(std::move(id));
      continue;
    }
    OG_ASSIGN_OR_RETURN(const table::Column values, table.BindColumn(column));
    shown.push_back(types::CanonicalText(values.Value(row)));
  }
  return shown;
}

// One conflict per row but the first, in the order of ids.
Status ReportEqual(const EqualTuples& equal, const table::Table& table, const WorkingGraph& working,
                   std::vector<MergeConflict>* conflicts) {
  std::vector<std::string> ids;
  for (const RowId row : equal.rows) {
    OG_ASSIGN_OR_RETURN(std::string id, IdOf(table, row));
    ids.push_back(std::move(id));
  }
  std::sort(ids.begin(), ids.end());
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> shown,
                      ShownTuple(table, working, *equal.group, equal.rows.front()));
  const std::string violation = schema::UniqueViolation(table.type(), *equal.group, shown);
  for (std::size_t i = 1; i < ids.size(); ++i) {
    conflicts->push_back({table.type().table_key, ids[i], ConflictKind::kUniqueViolation,
                          violation + ": " + table.type().name + " " + Quoted(ids[0]) + " and " +
                              Quoted(ids[i]) + " have it"});
  }
  return Status::Ok();
}

Status CheckCardinalities(const MergedTable& merged, const WorkingGraph& working,
                          std::vector<MergeConflict>* conflicts) {
  const auto& edge = static_cast<const schema::EdgeType&>(*merged.type);
  if (!edge.cardinality.is_limited()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const table::Table* const edges, working.TableOf(edge));
  OG_ASSIGN_OR_RETURN(const table::Table* const nodes, working.NodeTable(edge.from));
  OG_RETURN_IF_ERROR(edges->Open());
  std::vector<RowId> sources = merged.sources;
  for (const RowId row : merged.written)
    sources.push_back(edges->SourceOf(row));
  std::erase_if(sources, [nodes](RowId node) { return !nodes->IsLive(node); });
  std::sort(sources.begin(), sources.end());
  sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
  if (sources.empty()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const std::vector<std::uint64_t> counts,
                      CountEdgesOf(edge, working, sources));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!schema::CardinalityViolation(edge, {}, counts[i])) continue;
    OG_ASSIGN_OR_RETURN(const std::string id, IdOf(*nodes, sources[i]));
    conflicts->push_back({edge.table_key, std::nullopt, ConflictKind::kCardinalityViolation,
                          *schema::CardinalityViolation(edge, id, counts[i])});
  }
  return Status::Ok();
}

}  // namespace

MergeConflict OrphanEdge(const schema::EdgeType& edge, const std::string& edge_id, bool is_source,
                         const std::string& node_id, const schema::NodeType& node) {
  return {edge.table_key, edge_id, ConflictKind::kOrphanEdge,
          edge.name + " " + Quoted(edge_id) + ": " + (is_source ? "src " : "dst ") +
              Quoted(node_id) + " not found in " + node.name +
              ", which one branch deleted while the other added the edge"};
}

Status FindOrphans(const schema::EdgeType& edge, const WorkingGraph& working,
                   const std::vector<RowId>& deleted_from, const std::vector<RowId>& deleted_to,
                   std::vector<MergeConflict>* conflicts) {
  if (deleted_from.empty() && deleted_to.empty()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const table::Table* const edges, working.TableOf(edge));
  OG_ASSIGN_OR_RETURN(const std::vector<RowId> incident,
                      table::FindIncidentEdges(*edges, deleted_from, deleted_to, Deadline()));
  std::vector<std::pair<RowId, bool>> orphans;  // An edge, and whether its source is missing.
  for (const RowId row : incident) {
    if (std::binary_search(deleted_from.begin(), deleted_from.end(), edges->SourceOf(row))) {
      orphans.emplace_back(row, true);
    }
    if (std::binary_search(deleted_to.begin(), deleted_to.end(), edges->TargetOf(row))) {
      orphans.emplace_back(row, false);
    }
  }
  for (const auto& [row, is_source] : orphans) {
    const schema::NodeType& node = working.catalog().node(is_source ? edge.from : edge.to);
    // The head of the target still has the node.
    OG_ASSIGN_OR_RETURN(const table::Table* const nodes, working.base().TableOf(node));
    OG_ASSIGN_OR_RETURN(const std::string edge_id, IdOf(*edges, row));
    OG_ASSIGN_OR_RETURN(const std::string node_id,
                        IdOf(*nodes, is_source ? edges->SourceOf(row) : edges->TargetOf(row)));
    conflicts->push_back(OrphanEdge(edge, edge_id, is_source, node_id, node));
  }
  return Status::Ok();
}

void FindValueViolations(const NewRows& rows, std::vector<MergeConflict>* conflicts) {
  const Status checked = CheckValues(rows);
  if (checked.ok()) return;
  conflicts->push_back({rows.type->table_key, std::nullopt, ConflictKind::kValueConstraintViolation,
                        std::string(checked.message())});
}

Status FindRuleViolations(const MergedTable& merged, const WorkingGraph& working,
                          std::vector<MergeConflict>* conflicts) {
  OG_ASSIGN_OR_RETURN(const table::Table* const table, working.TableOf(*merged.type));
  OG_ASSIGN_OR_RETURN(const std::vector<EqualTuples> equal,
                      FindEqualTuples(*table, merged.written, &working.unique_indexes()));
  for (const EqualTuples& tuples : equal) {
    OG_RETURN_IF_ERROR(ReportEqual(tuples, *table, working, conflicts));
  }
  if (schema::IsNodeTable(*merged.type)) return Status::Ok();
  return CheckCardinalities(merged, working, conflicts);
}

}  // namespace omnigraph::graph
