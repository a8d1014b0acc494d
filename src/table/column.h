// Reads the values of one column of a table by row id, wherever the rows are stored.
//
// A column is bound once per query and then asked per row: it resolves the chunks' Arrow buffers
// to raw pointers up front, so that a read is a location lookup and a load.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schema/catalog.h"
#include "table/row_id.h"
#include "types/type.h"
#include "types/value.h"

namespace omnigraph::table {

class Chunk;
class Table;

struct ColumnChunk;

/// One property, or the id (`schema::kIdColumn`). The table must outlive the column.
///
/// Every accessor requires a row that is stored (live, or deleted but not compacted away); the
/// typed ones require a non-null value of that kind.
class Column {
 public:
  bool IsNull(RowId row) const;
  /// String and enum properties and ids. The view lives as long as the table.
  /// Generated ids have no stored text: use `AppendText` where ids may be generated.
  std::string_view Text(RowId row) const;
  /// Appends the text of a String, an enum or any id.
  void AppendText(RowId row, std::string& out) const;
  bool Bool(RowId row) const;
  /// I32, I64, U32, Date (days), DateTime (milliseconds).
  std::int64_t Int(RowId row) const;
  std::uint64_t Uint(RowId row) const;  ///< U32, U64.
  double Float(RowId row) const;        ///< F32, F64.
  /// The components of a vector property, `type().dimensions` of them.
  const float* Vector(RowId row) const;
  /// Any column as a value; lists and blobs are copied.
  types::Value Value(RowId row) const;
  /// Appends the value in the JSON encoding of query results and exports.
  void AppendJson(RowId row, std::string& out) const;

  const types::Type& type() const { return type_; }

  // Many rows at once, without a call per row. Every output has a place per row; where `nulls` is 1
  // the value is not set.

  /// Whether the values have order keys: numbers, Bool, Date, DateTime, no lists.
  bool has_keys() const;
  /// Integers in the order of the values: integers and dates as they are, floats by `RealKey`, U64
  /// by `NaturalKey`. Requires `has_keys()`.
  void GatherKeys(std::span<const RowId> rows, std::int64_t* keys, std::uint8_t* nulls) const;
  /// Numbers as F64, rounded where they do not fit. Requires a numeric column.
  void GatherReals(std::span<const RowId> rows, double* values, std::uint8_t* nulls) const;
  /// Whether texts can be gathered: stored Strings, enums and ids.
  bool has_texts() const;
  /// Requires `has_texts()`.
  void GatherTexts(std::span<const RowId> rows, std::string_view* texts, std::uint8_t* nulls) const;
  /// Whether lists have texts: of Strings and enums.
  bool has_lists_of_texts() const;
  /// Sets `holds` to 1 where the list has the element `text`, to 0 elsewhere. Requires
  /// `has_lists_of_texts()`.
  void GatherHolding(std::span<const RowId> rows, std::string_view text, std::uint8_t* holds) const;
  /// The components of vectors; null for rows without one.
  void GatherVectors(std::span<const RowId> rows, const float** vectors) const;

 private:
  friend class Table;
  Column(const Table& table, types::Type type, schema::PropertyOrdinal column);

  struct Place {
    const ColumnChunk* chunk;
    std::uint32_t position;
  };
  Place Find(RowId row) const;
  const ColumnChunk& ChunkColumn(const Chunk& chunk) const;
  // Calls `visit(column chunk, base, begin, end)` for runs of `rows` [begin, end) that stand in one
  // chunk, each row at the position `row - base` (modulo 2^32).
  template <typename Visit>
  void VisitRuns(std::span<const RowId> rows, Visit visit) const;

  const Table* table_;
  types::Type type_;
  schema::PropertyOrdinal column_;
};

}  // namespace omnigraph::table
