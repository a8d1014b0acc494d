// Implements graph/row_image.h.

#include "graph/row_image.h"

#include <optional>

#include "base/json_writer.h"
#include "table/row_compare.h"

namespace omnigraph::graph {
namespace {

Result<const table::Table*> TableIn(const table::GraphView& view, const schema::TableType& type) {
  return schema::IsNodeTable(type) ? view.NodeTable(type.ordinal) : view.EdgeTable(type.ordinal);
}

}  // namespace

Result<RowImage> FindRow(const table::GraphView& view, const schema::TableType& type,
                         std::string_view id) {
  RowImage image;
  image.view = &view;
  OG_ASSIGN_OR_RETURN(image.table, TableIn(view, type));
  OG_ASSIGN_OR_RETURN(const std::optional<table::RowId> row, image.table->FindById(id));
  if (!row) return image;
  image.row = *row;
  image.is_present = true;
  OG_RETURN_IF_ERROR(table::OpenRow(*image.table, *row));
  return image;
}

Result<std::string> EndpointId(const RowImage& edge, bool is_source) {
  const auto& type = static_cast<const schema::EdgeType&>(edge.table->type());
  OG_ASSIGN_OR_RETURN(const table::Table* const nodes,
                      edge.view->NodeTable(is_source ? type.from : type.to));
  std::string id;
  OG_RETURN_IF_ERROR(nodes->AppendId(
      is_source ? edge.table->SourceOf(edge.row) : edge.table->TargetOf(edge.row), id));
  return id;
}

Result<bool> AreSame(const RowImage& left, const RowImage& right) {
  if (left.is_disputed || right.is_disputed) return false;
  if (!left.is_present || !right.is_present) return left.is_present == right.is_present;
  if (left.table == right.table && left.row == right.row) return true;
  if (table::FirstDifference(*left.table, left.row, *right.table, right.row)) return false;
  if (!left.table->is_edge()) return true;
  for (const bool is_source : {true, false}) {
    OG_ASSIGN_OR_RETURN(const std::string left_end, EndpointId(left, is_source));
    OG_ASSIGN_OR_RETURN(const std::string right_end, EndpointId(right, is_source));
    if (left_end != right_end) return false;
  }
  return true;
}

Status AppendImage(const RowImage& image, std::string& out) {
  const schema::TableType& type = image.table->type();
  JsonWriter json(out);
  json.BeginObject().Key("properties").BeginObject();
  std::string cell;
  for (const schema::PropertyOrdinal ordinal : type.DeclaredOrder()) {
    cell.clear();
    image.table->BindColumnOfOpenRows(ordinal).AppendJson(image.row, cell);
    json.Key(type.properties[ordinal].name).Raw(cell);
  }
  json.EndObject();
  if (image.table->is_edge()) {
    OG_ASSIGN_OR_RETURN(const std::string from, EndpointId(image, true));
    OG_ASSIGN_OR_RETURN(const std::string to, EndpointId(image, false));
    json.Key("endpoints").BeginObject().Key("from").String(from).Key("to").String(to).EndObject();
  }
  json.EndObject();
  return Status::Ok();
}

}  // namespace omnigraph::graph
