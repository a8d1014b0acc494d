// A small graph in memory for tests: real tables, built from JSON lines.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "exec/executor.h"
#include "query/checked.h"
#include "schema/compile.h"
#include "table/table.h"
#include "types/value.h"

namespace omnigraph::exec::testing {

/// One node or edge as it was added, for interpreters that do not use the tables.
struct TestNode {
  std::string id;
  std::vector<types::Value> properties;  ///< By ordinal.
};
struct TestEdge {
  std::string id;
  std::size_t source = 0;  ///< Positions in the nodes of their types.
  std::size_t target = 0;
  std::vector<types::Value> properties;
};

/// How the rows are spread in the tables; answers must not depend on it.
struct TestLayout {
  std::size_t rows_per_segment = 1000;
  bool has_deleted_rows = false;  ///< Each table starts with rows that are gone again.
  bool has_updated_rows = false;  ///< Every other row was written with other values before.
};

class TestGraph final : public table::GraphView {
 public:
  /// `lines` are records as `load` takes them; nodes without a key may carry "id". Edges name their
  /// ends by id. Ends the program on any mistake.
  TestGraph(std::string_view schema, std::string_view lines, const TestLayout& layout = {});

  const schema::Catalog& catalog() const override { return *schema_->catalog; }
  Result<const table::Table*> NodeTable(std::uint32_t node_type) const override;
  Result<const table::Table*> EdgeTable(std::uint32_t edge_type) const override;

  const std::vector<TestNode>& nodes(std::uint32_t type) const { return nodes_[type]; }
  const std::vector<TestEdge>& edges(std::uint32_t type) const { return edges_[type]; }

  /// Parses and checks the only query of `text`. Errors: of both.
  Result<query::CheckedQuery> Check(std::string_view text) const;
  /// Runs `query q(<parameters>) { <body> }`.
  Result<ResultTable> Run(std::string_view declared, std::string_view body,
                          std::string_view parameters_json = "{}",
                          const ExecutionOptions& options = {}) const;

 private:
  void AddLine(std::string_view line);
  std::shared_ptr<const table::Table> Build(const schema::TableType& type,
                                            const TestLayout& layout) const;

  std::shared_ptr<const schema::Schema> schema_;
  std::vector<std::vector<TestNode>> nodes_;
  std::vector<std::vector<TestEdge>> edges_;
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> node_by_id_;
  std::vector<std::shared_ptr<const table::Table>> node_tables_;
  std::vector<std::shared_ptr<const table::Table>> edge_tables_;
};

/// The rows as JSON arrays: `["ann",30]`.
std::vector<std::string> RowsOf(const ResultTable& table);

}  // namespace omnigraph::exec::testing
