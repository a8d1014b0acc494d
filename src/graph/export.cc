// Implements graph/export.h.

#include "graph/export.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/strings.h"
#include "text/diagnostic.h"
#include "types/base64.h"

namespace omnigraph::graph {
namespace {

using table::RowId;
using table::Table;

constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::size_t kScanRows = 65'536;

struct RowOrder {
  std::string id;
  RowId row;
};

Result<std::vector<RowOrder>> RowsById(const Table& table, const Deadline& deadline) {
  OG_RETURN_IF_ERROR(table.Open());
  std::vector<RowOrder> order;
  order.reserve(table.rows_count());
  RowId next = 0;
  for (std::vector<RowId> rows; table.Scan(&next, kScanRows, &rows), !rows.empty();) {
    if (deadline.HasPassed()) {
      return Status::Error(ErrorCode::kDeadlineExceeded, "the deadline of the export passed");
    }
    for (const RowId row : rows) {
      RowOrder entry{{}, row};
      OG_RETURN_IF_ERROR(table.AppendId(row, entry.id));
      order.push_back(std::move(entry));
    }
  }
  const auto by_id = [](const RowOrder& a, const RowOrder& b) { return a.id < b.id; };
  if (!std::is_sorted(order.begin(), order.end(), by_id)) {
    std::sort(order.begin(), order.end(), by_id);
  }
  return order;
}

// Appends `"name":value` for every property in the order of the source.
class PropertyWriter {
 public:
  static Result<PropertyWriter> Bind(const Table& table) {
    PropertyWriter writer;
    for (const schema::PropertyOrdinal ordinal : table.type().DeclaredOrder()) {
      OG_ASSIGN_OR_RETURN(table::Column column, table.BindColumn(ordinal));
      std::string prefix = ",";
      AppendJsonString(table.type().properties[ordinal].name, prefix);
      writer.columns_.push_back({std::move(prefix) + ":", std::move(column)});
    }
    return writer;
  }

  void Append(RowId row, std::string& out) const {
    for (const auto& [prefix, column] : columns_) {
      out += prefix;
      column.AppendJson(row, out);
    }
  }

 private:
  std::vector<std::pair<std::string, table::Column>> columns_;
};

Status ExportTable(const Snapshot& snapshot, const schema::TableType& type,
                   const Deadline& deadline, const std::function<Status(std::string_view)>& write) {
  OG_ASSIGN_OR_RETURN(const Table* const table, snapshot.TableOf(type));
  OG_ASSIGN_OR_RETURN(const std::vector<RowOrder> order, RowsById(*table, deadline));
  OG_ASSIGN_OR_RETURN(const PropertyWriter properties, PropertyWriter::Bind(*table));
  const Table* sources = nullptr;
  const Table* targets = nullptr;
  if (table->is_edge()) {
    const auto& edge = static_cast<const schema::EdgeType&>(type);
    OG_ASSIGN_OR_RETURN(sources, snapshot.NodeTable(edge.from));
    OG_ASSIGN_OR_RETURN(targets, snapshot.NodeTable(edge.to));
  }
  std::string head = table->is_edge() ? "{\"edge\":" : "{\"type\":";
  AppendJsonString(type.name, head);
  std::string lines;
  std::string endpoint;
  const auto append_endpoint = [&](const char* key, const Table& nodes, RowId row) -> Status {
    endpoint.clear();
    OG_RETURN_IF_ERROR(nodes.AppendId(row, endpoint));
    lines += key;
    AppendJsonString(endpoint, lines);
    return Status::Ok();
  };
  for (const RowOrder& entry : order) {
    lines += head;
    if (table->is_edge()) {
      OG_RETURN_IF_ERROR(append_endpoint(",\"from\":", *sources, table->SourceOf(entry.row)));
      OG_RETURN_IF_ERROR(append_endpoint(",\"to\":", *targets, table->TargetOf(entry.row)));
    }
    lines += ",\"data\":{\"id\":";
    AppendJsonString(entry.id, lines);
    properties.Append(entry.row, lines);
    lines += "}}\n";
    if (lines.size() < kPieceBytes) continue;
    if (deadline.HasPassed()) {
      return Status::Error(ErrorCode::kDeadlineExceeded, "the deadline of the export passed");
    }
    OG_RETURN_IF_ERROR(write(lines));
    lines.clear();
  }
  return lines.empty() ? Status::Ok() : write(lines);
}

}  // namespace

Result<std::vector<std::string>> ResolveSelection(const schema::Catalog& catalog,
                                                  const ExportSelection& selection) {
  std::vector<std::string> keys;
  const auto unknown = [](std::string_view what, const std::string& name,
                          const std::vector<std::string_view>& candidates) {
    const std::string_view near = text::DidYouMean(name, candidates);
    return Status::Error(ErrorCode::kInvalidArgument,
                         "unknown export " + std::string(what) + " " + Quoted(name) +
                             (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
  };
  std::vector<std::string_view> names = catalog.NodeNames();
  const std::vector<std::string_view> edge_names = catalog.EdgeNames();
  names.insert(names.end(), edge_names.begin(), edge_names.end());
  for (const std::string& name : selection.type_names) {
    const schema::TableType* node = catalog.FindTable("node:" + name);
    const schema::TableType* edge = catalog.FindTable("edge:" + name);
    if (node == nullptr && edge == nullptr) return unknown("type", name, names);
    if (node != nullptr) keys.push_back(node->table_key);
    if (edge != nullptr) keys.push_back(edge->table_key);
  }
  std::vector<std::string_view> all;
  for (const schema::TableType* type : catalog.Tables())
    all.push_back(type->table_key);
  for (const std::string& key : selection.table_keys) {
    if (catalog.FindTable(key) == nullptr) return unknown("table", key, all);
    keys.push_back(key);
  }
  if (selection.type_names.empty() && selection.table_keys.empty()) {
    keys.assign(all.begin(), all.end());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

Status ExportTables(const Snapshot& snapshot, const std::vector<std::string>& table_keys,
                    const Deadline& deadline,
                    const std::function<Status(std::string_view)>& write) {
  for (const std::string& key : table_keys) {
    const schema::TableType* type = snapshot.catalog().FindTable(key);
    OG_CHECK(type != nullptr);
    OG_RETURN_IF_ERROR(ExportTable(snapshot, *type, deadline, write).WithContext("export " + key));
  }
  return Status::Ok();
}

}  // namespace omnigraph::graph
