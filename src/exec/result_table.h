// The answer of a read: named, typed columns, kept as the JSON text in which nearly every answer
// leaves, with the place of every cell so that other formats can be printed from it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "types/type.h"
#include "types/value.h"

namespace omnigraph::exec {

struct ResultColumn {
  std::string name;  ///< As the projection names it: "f.name", "total". May repeat.
  types::Type type;  ///< What the cells are; a cell may be null whatever it says.
};

/// Filled by one builder, then immutable and shared.
class ResultTable {
 public:
  explicit ResultTable(std::vector<ResultColumn> columns);

  const std::vector<ResultColumn>& columns() const { return columns_; }
  std::uint64_t rows_count() const { return rows_count_; }

  /// One cell as JSON text ("null" for null). The view lives as long as the table.
  std::string_view CellJson(std::uint64_t row, std::size_t column) const;

  /// All rows, separated by commas, without brackets: `{"f.name":"bob","f.age":25},{…}`. Of columns
  /// with one name the last one is shown.
  std::string_view RowsJson() const { return json_; }

  /// One row: `{"f.name":"bob","f.age":25}`.
  std::string_view RowJson(std::uint64_t row) const;

  /// Building: for each row `BeginRow`, then for each column in order `BeginCell`, append exactly
  /// one JSON value to what it returns; `EndRow` at the end.
  void BeginRow();
  std::string& BeginCell();
  void EndRow();

  std::uint64_t size_bytes() const {
    return json_.size() + shadowed_.size() + ends_.size() * sizeof(Extent);
  }

 private:
  struct Extent {
    std::uint64_t begin;
    std::uint64_t end;
  };

  void EndCell();

  std::vector<ResultColumn> columns_;
  std::vector<std::string>
      prefixes_;  // `,"f.name":` per column; empty when a later one has its name.
  std::string json_;
  std::string shadowed_;       // The cells of columns without a prefix.
  std::vector<Extent> ends_;   // Per row: its cells, then the row itself.
  std::size_t next_cell_ = 0;  // While building a row: how many cells were begun.
  std::uint64_t rows_count_ = 0;
};

}  // namespace omnigraph::exec
