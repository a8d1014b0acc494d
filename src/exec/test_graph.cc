// Implements exec/test_graph.h.

#include "exec/test_graph.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include <arrow/api.h>

#include "base/check.h"
#include "base/strings.h"
#include "format/fragment.h"
#include "format/records.h"
#include "format/row_batch.h"
#include "query/compile.h"
#include "query/parameters.h"
#include "table/table_builder.h"
#include "text/source.h"

namespace omnigraph::exec::testing {
namespace {

using types::Value;

Value ValueOf(const nlohmann::json& json) {
  if (json.is_null()) return Value::Null();
  if (json.is_boolean()) return Value::Bool(json.get<bool>());
  if (json.is_number_unsigned()) return Value::Uint(json.get<std::uint64_t>());
  if (json.is_number_integer()) return Value::Int(json.get<std::int64_t>());
  if (json.is_number()) return Value::Float(json.get<double>());
  if (json.is_string()) return Value::String(json.get<std::string>());
  types::ListValue list;
  for (const nlohmann::json& element : json)
    list.push_back(ValueOf(element));
  return Value::List(std::move(list));
}

std::vector<Value> PropertiesOf(const schema::TableType& type, const nlohmann::json& data) {
  std::vector<Value> properties;
  for (const schema::Property& property : type.properties) {
    const Value raw = data.contains(property.name) ? ValueOf(data[property.name]) : Value::Null();
    Result<Value> stored = types::ConvertForStorage(raw, property.type, property.name);
    OG_CHECK(stored.ok());
    properties.push_back(std::move(*stored));
  }
  return properties;
}

// 26 characters that are a ULID.
std::string NumberedId(std::string_view prefix, std::size_t number) {
  char id[32];
  std::snprintf(id, sizeof(id), "%.10s%016zu", "01HZX00000", number);
  return std::string(prefix) + std::string(id).substr(prefix.size());
}

template <typename T>
T Checked(Result<T> result) {
  if (!result.ok()) std::fprintf(stderr, "%s\n", std::string(result.status().message()).c_str());
  OG_CHECK(result.ok());
  return std::move(*result);
}

// The rows of one table as segments, each applied to the table before.
class SegmentedTable {
 public:
  explicit SegmentedTable(std::shared_ptr<const schema::TableType> type)
      : table_(Checked(table::TableBuilder(type).Finish(0, 0))), type_(std::move(type)) {}

  void Insert(format::RowBatch* rows) {
    format::Segment segment;
    segment.inserted_count = rows->size();
    segment.first_row_id = table_->row_ids_end();
    segment.bytes =
        std::make_shared<const std::string>(Checked(format::EncodeSegmentRows(rows->Finish({}))));
    Apply(segment);
  }
  void Update(std::vector<table::RowId> row_ids, format::RowBatch* rows) {
    format::Segment segment;
    segment.updated = std::move(row_ids);
    segment.bytes =
        std::make_shared<const std::string>(Checked(format::EncodeSegmentRows(rows->Finish({}))));
    Apply(segment);
  }
  void DeleteAll() {
    format::Segment segment;
    for (table::RowId row = 0; row < table_->row_ids_end(); ++row)
      segment.deleted.push_back(row);
    Apply(segment);
  }
  std::shared_ptr<const table::Table> table() const { return table_; }

 private:
  void Apply(format::Segment& segment) {
    segment.id = NumberedId("S", ++segments_count_);
    table::TableBuilder builder(*table_);
    OG_CHECK(builder.AddSegment(segment).ok());
    table_ = Checked(
        builder.Finish(table_->row_ids_end() + segment.inserted_count,
                       table_->rows_count() + segment.inserted_count - segment.deleted.size()));
  }

  std::shared_ptr<const table::Table> table_;
  std::shared_ptr<const schema::TableType> type_;
  std::size_t segments_count_ = 0;
};

void AppendCells(const std::vector<Value>& properties, format::RowBatch* batch) {
  for (schema::PropertyOrdinal i = 0; i < properties.size(); ++i) {
    if (properties[i].is_null()) {
      batch->column(i).AppendNull();
    } else {
      batch->column(i).AppendValue(properties[i]);
    }
  }
}

}  // namespace

TestGraph::TestGraph(std::string_view schema, std::string_view lines, const TestLayout& layout)
    : schema_(Checked(schema::CompileSchema(schema))),
      nodes_(schema_->catalog->nodes().size()),
      edges_(schema_->catalog->edges().size()) {
  for (const bool wants_edges : {false, true}) {
    for (const std::string_view line : Split(lines, '\n')) {
      const bool is_edge = line.find("\"edge\"") != std::string_view::npos;
      if (!TrimSpace(line).empty() && is_edge == wants_edges) AddLine(line);
    }
  }
  for (const schema::NodeType& type : catalog().nodes()) {
    node_tables_.push_back(Build(type, layout));
  }
  for (const schema::EdgeType& type : catalog().edges()) {
    edge_tables_.push_back(Build(type, layout));
  }
}

void TestGraph::AddLine(std::string_view line) {
  const nlohmann::json record = nlohmann::json::parse(line);
  const nlohmann::json data = record.value("data", nlohmann::json::object());
  if (record.contains("edge")) {
    const schema::EdgeType* type = catalog().FindEdge(record["edge"].get<std::string>());
    OG_CHECK(type != nullptr);
    std::vector<TestEdge>& edges = edges_[type->ordinal];
    edges.push_back({NumberedId("E", edges.size()),
                     node_by_id_.at({type->from, record["from"].get<std::string>()}),
                     node_by_id_.at({type->to, record["to"].get<std::string>()}),
                     PropertiesOf(*type, data)});
    return;
  }
  const schema::NodeType* type = catalog().FindNode(record["type"].get<std::string>());
  OG_CHECK(type != nullptr);
  std::vector<TestNode>& nodes = nodes_[type->ordinal];
  TestNode node;
  node.properties = PropertiesOf(*type, data);
  if (type->has_key()) {
    node.id = types::CanonicalText(node.properties[type->key[0]]);
  } else {
    node.id = record.value("id", NumberedId("N", nodes.size()));
  }
  node_by_id_[{type->ordinal, node.id}] = nodes.size();
  nodes.push_back(std::move(node));
}

std::shared_ptr<const table::Table> TestGraph::Build(const schema::TableType& type,
                                                     const TestLayout& layout) const {
  const bool is_edge = !schema::IsNodeTable(type);
  const std::size_t rows_count =
      is_edge ? edges_[type.ordinal].size() : nodes_[type.ordinal].size();
  SegmentedTable table(std::shared_ptr<const schema::TableType>(schema_->catalog, &type));
  // Nodes begin after the rows that are gone.
  const std::size_t gone_count = layout.has_deleted_rows ? 3 : 0;
  // The properties of row i; of a row that is updated later, those of another one.
  const auto properties_of = [&](std::size_t i, bool is_old) {
    const std::size_t from = is_old ? (i + 1) % rows_count : i;
    std::vector<Value> properties =
        is_edge ? edges_[type.ordinal][from].properties : nodes_[type.ordinal][from].properties;
    if (is_edge) return properties;
    for (const schema::Property& property : type.properties) {
      if (!property.is_key) continue;
      properties[property.ordinal] = nodes_[type.ordinal][i].properties[property.ordinal];
    }
    return properties;
  };
  const auto is_updated = [&](std::size_t i) { return layout.has_updated_rows && i % 2 == 0; };
  const auto append = [&](std::size_t i, bool is_gone, bool is_old, format::RowBatch* batch) {
    const bool has_ids = batch->layout().ids == format::RowLayout::Ids::kColumn;
    if (is_edge) {
      const TestEdge& edge = edges_[type.ordinal][i];
      batch->AppendId(is_gone ? NumberedId("G", i) : edge.id);
      batch->AppendEndpoints(static_cast<table::RowId>(edge.source + gone_count),
                             static_cast<table::RowId>(edge.target + gone_count));
      AppendCells(properties_of(i, is_old), batch);
    } else {
      TestNode node = nodes_[type.ordinal][i];
      node.properties = properties_of(i, is_old);
      const std::string gone_id = NumberedId("G", i + batch->size());
      if (has_ids) {
        batch->AppendId(is_gone ? gone_id : node.id);
      } else if (is_gone) {
        node.properties[batch->layout().key_property] = Value::String(gone_id);
      }
      AppendCells(node.properties, batch);
    }
    batch->FinishRow();
  };
  if (gone_count > 0 && rows_count > 0) {
    format::RowBatch gone(type);
    for (std::size_t i = 0; i < gone_count; ++i)
      append(i % rows_count, true, false, &gone);
    table.Insert(&gone);
    table.DeleteAll();
  }
  for (std::size_t begin = 0; begin < rows_count; begin += layout.rows_per_segment) {
    format::RowBatch batch(type);
    const std::size_t end = std::min(rows_count, begin + layout.rows_per_segment);
    for (std::size_t i = begin; i < end; ++i)
      append(i, false, is_updated(i), &batch);
    table.Insert(&batch);
  }
  for (std::size_t i = 0; i < rows_count; ++i) {
    if (!is_updated(i)) continue;
    format::RowBatch batch(type);
    append(i, false, false, &batch);
    table.Update({static_cast<table::RowId>(i + gone_count)}, &batch);
  }
  return table.table();
}

Result<const table::Table*> TestGraph::NodeTable(std::uint32_t node_type) const {
  return node_tables_[node_type].get();
}

Result<const table::Table*> TestGraph::EdgeTable(std::uint32_t edge_type) const {
  return edge_tables_[edge_type].get();
}

Result<query::CheckedQuery> TestGraph::Check(std::string_view text) const {
  const text::Source source("q.gq", std::string(text));
  OG_ASSIGN_OR_RETURN(const query::ast::File file, query::ParseFile(source));
  OG_ASSIGN_OR_RETURN(const query::ast::Query* query, query::SelectQuery(file, ""));
  return query::CheckQuery(source, *query, catalog());
}

Result<ResultTable> TestGraph::Run(std::string_view declared, std::string_view body,
                                   std::string_view parameters_json,
                                   const ExecutionOptions& options) const {
  OG_ASSIGN_OR_RETURN(const query::CheckedQuery query, Check("query q(" + std::string(declared) +
                                                             ") { " + std::string(body) + " }"));
  OG_ASSIGN_OR_RETURN(const std::vector<Value> parameters,
                      query::ParseParameters(query.parameters, parameters_json));
  return ExecuteRead(query, parameters, *this, options);
}

std::vector<std::string> RowsOf(const ResultTable& table) {
  std::vector<std::string> rows;
  for (std::uint64_t row = 0; row < table.rows_count(); ++row) {
    std::string text = "[";
    for (std::size_t column = 0; column < table.columns().size(); ++column) {
      if (column > 0) text += ",";
      text += table.CellJson(row, column);
    }
    rows.push_back(text + "]");
  }
  return rows;
}

}  // namespace omnigraph::exec::testing
