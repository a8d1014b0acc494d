// A graph in memory that takes loads, for tests and benchmarks: tables are built from segments as
// commits do it.

#pragma once

#include <arrow/api.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "format/fragment.h"
#include "graph/load_plan.h"
#include "schema/compile.h"
#include "table/table_builder.h"
#include "table/ulid_number.h"

namespace omnigraph::graph {

/// Delivers `text` in steps of at most `step` bytes.
inline ByteReader ReadText(std::string_view text, std::size_t step = SIZE_MAX) {
  return [text, step, at = std::size_t{0}](char* buffer,
                                           std::size_t size_max) mutable -> Result<std::size_t> {
    const std::size_t count = std::min({size_max, step, text.size() - at});
    std::memcpy(buffer, text.data() + at, count);
    at += count;
    return count;
  };
}

class LoadedGraph final : public table::GraphView {
 public:
  explicit LoadedGraph(std::string_view schema_source)
      : schema_(*schema::CompileSchema(schema_source)) {
    for (const schema::TableType* type : schema_->catalog->Tables()) {
      tables_[type->table_key] =
          *table::TableBuilder(std::shared_ptr<const schema::TableType>(schema_->catalog, type))
               .Finish(0, 0);
    }
  }

  const schema::Catalog& catalog() const override { return *schema_->catalog; }
  Result<const table::Table*> NodeTable(std::uint32_t type) const override {
    return tables_.at(catalog().node(type).table_key).get();
  }
  Result<const table::Table*> EdgeTable(std::uint32_t type) const override {
    return tables_.at(catalog().edge(type).table_key).get();
  }
  const table::Table& table(const std::string& key) const { return *tables_.at(key); }

  /// Parses and plans; nothing changes.
  Result<LoadPlan> Plan(std::string_view text, LoadMode mode, bool ignore_unknown = false) {
    LoadInput input;
    input.read = ReadText(text);
    input.ignore_unknown = ignore_unknown;
    input.limits = limits;
    OG_ASSIGN_OR_RETURN(parsed, ParseRecords(input, catalog(), pool_, Deadline()));
    return PlanLoad(*parsed, mode, *this, pool_, Deadline());
  }

  /// Loads `text`; the plan that was applied.
  Result<LoadPlan> Load(std::string_view text, LoadMode mode, bool ignore_unknown = false) {
    OG_ASSIGN_OR_RETURN(LoadPlan plan, Plan(text, mode, ignore_unknown));
    for (TableDelta& delta : plan.deltas)
      Apply(delta);
    return plan;
  }

  void Apply(TableDelta& delta) {
    std::shared_ptr<const table::Table>& stored = tables_.at(delta.type->table_key);
    table::TableBuilder builder(*stored);
    const std::uint64_t inserted = delta.inserted_count();
    std::uint64_t gone = delta.deleted.size();
    if (delta.removes_all_before) gone = stored->rows_count();

    format::RowBatch rows(*delta.type);
    for (const format::RowBatch& piece : delta.inserted)
      rows.AppendAll(piece);
    if (delta.updated) rows.AppendAll(*delta.updated);
    format::Segment segment;
    segment.id = "S";
    segment.inserted_count = inserted;
    segment.first_row_id = stored->row_ids_end();
    segment.updated = delta.updated_rows;
    segment.deleted = delta.deleted;
    segment.generated_id_base = delta.generated_id_base;
    segment.removes_all_before = delta.removes_all_before;
    if (!rows.empty()) {
      segment.bytes =
          std::make_shared<const std::string>(*format::EncodeSegmentRows(rows.Finish({})));
    }
    const Status added = builder.AddSegment(segment);
    OG_CHECK(added.ok());
    auto next =
        builder.Finish(stored->row_ids_end() + inserted, stored->rows_count() + inserted - gone);
    OG_CHECK(next.ok());
    stored = *next;
  }

  /// The live rows of a table as JSON objects with `id`, by id; edges also have `from` and `to`.
  std::map<std::string, std::string> Rows(const std::string& key) const {
    const table::Table& rows = table(key);
    OG_CHECK(rows.Open().ok());
    std::map<std::string, std::string> all;
    table::RowId next = 0;
    for (std::vector<table::RowId> some; rows.Scan(&next, 100, &some), !some.empty();) {
      for (const table::RowId row : some) {
        std::string id;
        OG_CHECK(rows.AppendId(row, id).ok());
        std::string text;
        if (rows.is_edge()) {
          const auto& edge = static_cast<const schema::EdgeType&>(rows.type());
          text = IdOf(catalog().node(edge.from).table_key, rows.SourceOf(row)) + "->" +
                 IdOf(catalog().node(edge.to).table_key, rows.TargetOf(row));
        }
        for (const schema::Property& property : rows.type().properties) {
          const auto column = rows.BindColumn(property.ordinal);
          if (column->IsNull(row)) continue;
          text += (text.empty() ? "" : " ") + property.name + "=";
          column->AppendJson(row, text);
        }
        OG_CHECK(all.emplace(id, text).second);  // Ids are unique.
      }
    }
    return all;
  }

  /// The texts of `Rows`, sorted: for tables with generated ids.
  std::multiset<std::string> Contents(const std::string& key) const {
    std::multiset<std::string> contents;
    for (const auto& [id, text] : Rows(key))
      contents.insert(text);
    return contents;
  }

  /// Everything, to see that nothing changed.
  std::map<std::string, std::map<std::string, std::string>> State() const {
    std::map<std::string, std::map<std::string, std::string>> state;
    for (const auto& [key, stored] : tables_)
      state[key] = Rows(key);
    return state;
  }

  LoadLimits limits;
  std::optional<ParsedInput> parsed;  ///< Of the last load.

 private:
  std::string IdOf(const std::string& key, table::RowId row) const {
    std::string id;
    OG_CHECK(table(key).IsLive(row));  // No edge leads to a row that is gone.
    OG_CHECK(table(key).AppendId(row, id).ok());
    return id;
  }

  std::shared_ptr<const schema::Schema> schema_;
  std::map<std::string, std::shared_ptr<const table::Table>> tables_;
  ThreadPool pool_{"load", 2};
};

}  // namespace omnigraph::graph
