// The tuples of one `@unique` group, comparable wherever their rows stand: in rows that are being
// written, in a chunk, or in a table.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/id_table.h"
#include "index/key_index.h"
#include "schema/catalog.h"
#include "table/chunk.h"
#include "table/rows.h"
#include "table/table.h"
#include "types/type.h"

namespace omnigraph::graph {

/// A value of a column of the group: text, or a number by its bits.
struct Cell {
  bool is_null = false;
  bool is_text = false;
  std::uint64_t bits = 0;
  std::string_view text;
  friend bool operator==(const Cell& a, const Cell& b) {
    return a.is_text == b.is_text && (a.is_text ? a.text == b.text : a.bits == b.bits);
  }
};

inline Cell NullCell() {
  return {true, false, 0, {}};
}

inline Cell TextCell(std::string_view text) {
  return {false, true, 0, text};
}

inline Cell NumberCell(std::uint64_t bits) {
  return {false, false, bits, {}};
}

inline Cell FloatCell(double value) {
  return NumberCell(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value));  // -0 equals 0.
}

/// The rows of one opened chunk of a table, by position.
class ChunkTuples {
 public:
  ChunkTuples(const schema::TableType& type, const schema::ColumnGroup& group,
              const table::Chunk& chunk)
      : type_(type), group_(group), data_(chunk.data()) {}
  std::size_t width() const { return group_.size(); }
  Cell At(std::size_t index, std::uint32_t position) const {
    const schema::PropertyOrdinal ordinal = group_[index];
    if (ordinal == schema::kSourceColumn) return NumberCell(data_.sources[position]);
    if (ordinal == schema::kTargetColumn) return NumberCell(data_.targets[position]);
    const table::ColumnChunk& column = data_.columns[ordinal];
    if (!column.IsValid(position)) return NullCell();
    switch (type_.properties[ordinal].type.scalar) {
      case types::Scalar::kString:
        return TextCell(column.TextAt(position));
      case types::Scalar::kBool: {
        const auto bit = static_cast<std::uint64_t>(column.bit_offset) + position;
        return NumberCell(column.values[bit / 8] >> (bit % 8) & 1);
      }
      case types::Scalar::kF32:
        return FloatCell(Load<float>(column, position));
      case types::Scalar::kF64:
        return FloatCell(Load<double>(column, position));
      case types::Scalar::kU32:
        return NumberCell(Load<std::uint32_t>(column, position));
      case types::Scalar::kI32:
      case types::Scalar::kDate:
        return NumberCell(
            static_cast<std::uint64_t>(std::int64_t{Load<std::int32_t>(column, position)}));
      default:
        return NumberCell(Load<std::uint64_t>(column, position));
    }
  }

 private:
  template <typename T>
  static T Load(const table::ColumnChunk& column, std::uint32_t position) {
    T value;
    std::memcpy(&value, column.values + std::size_t{position} * sizeof(T), sizeof(T));
    return value;
  }

  const schema::TableType& type_;
  const schema::ColumnGroup& group_;
  const table::ChunkData& data_;
};

/// The newest images of the rows of an opened table, by row id.
class StoredTuples {
 public:
  /// `fills`, if there are any, are what stands for null, by column of the group.
  StoredTuples(const table::Table& table, const schema::ColumnGroup& group,
               std::vector<Cell> fills = {})
      : table_(&table), group_(&group), fills_(std::move(fills)) {}
  std::size_t width() const { return group_->size(); }
  Cell At(std::size_t index, table::RowId row) const {
    const auto place = table_->rows().Locate(row);
    const Cell cell = ChunkTuples(table_->type(), *group_, *place.chunk).At(index, place.position);
    return cell.is_null && !fills_.empty() ? fills_[index] : cell;
  }

 private:
  const table::Table* table_;
  const schema::ColumnGroup* group_;
  std::vector<Cell> fills_;
};

/// None when the tuple has a null: such a tuple equals none.
template <typename Tuples, typename Row>
std::optional<std::uint64_t> HashOf(const Tuples& tuples, Row row) {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < tuples.width(); ++i) {
    const Cell cell = tuples.At(i, row);
    if (cell.is_null) return std::nullopt;
    const std::uint64_t part = cell.is_text ? index::KeyHash(cell.text) : MixBits(cell.bits);
    hash = MixBits(hash ^ part) + i;
  }
  return hash;
}

template <typename Left, typename LeftRow, typename Right, typename RightRow>
bool AreEqual(const Left& left, LeftRow left_row, const Right& right, RightRow right_row) {
  for (std::size_t i = 0; i < left.width(); ++i) {
    if (!(left.At(i, left_row) == right.At(i, right_row))) return false;
  }
  return true;
}

}  // namespace omnigraph::graph
