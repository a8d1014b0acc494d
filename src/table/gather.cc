// Implements table/gather.h and the gathering part of table/column.h.

#include "table/gather.h"

#include <arrow/api.h>

#include <cstring>

#include "base/check.h"
#include "table/order_key.h"
#include "table/rows.h"

namespace omnigraph::table {
namespace {

using types::Scalar;

// Sets `nulls` for rows of one chunk. False if all of them are null.
bool GatherNulls(const ColumnChunk& chunk, std::span<const RowId> rows, RowId base,
                 std::uint8_t* nulls) {
  if (chunk.array == nullptr || chunk.validity == nullptr) {
    std::memset(nulls, chunk.array == nullptr ? 1 : 0, rows.size());
    return chunk.array != nullptr;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto bit = static_cast<std::uint64_t>(chunk.bit_offset) + RowId{rows[i] - base};
    nulls[i] = static_cast<std::uint8_t>(~(chunk.validity[bit / 8] >> (bit % 8)) & 1);
  }
  return true;
}

// Where fixed-width values go. A place without a value is left alone.
template <typename Out>
struct Target {
  std::span<const RowId> rows;
  RowId base;
  Out* out;
  std::uint8_t* nulls;
};

template <typename T, typename Out, typename Convert>
void Gather(const ColumnChunk& chunk, const Target<Out>& to, Convert convert) {
  if (!GatherNulls(chunk, to.rows, to.base, to.nulls)) return;
  for (std::size_t i = 0; i < to.rows.size(); ++i) {
    const std::size_t position = RowId{to.rows[i] - to.base};
    T value;
    std::memcpy(&value, chunk.values + position * sizeof(T), sizeof(T));
    to.out[i] = convert(value);
  }
}

void GatherBools(const ColumnChunk& chunk, const Target<std::int64_t>& to) {
  if (!GatherNulls(chunk, to.rows, to.base, to.nulls)) return;
  for (std::size_t i = 0; i < to.rows.size(); ++i) {
    const auto bit = static_cast<std::uint64_t>(chunk.bit_offset) + RowId{to.rows[i] - to.base};
    to.out[i] = chunk.values[bit / 8] >> (bit % 8) & 1;
  }
}

// Whether the list of texts at a position has the element `text`.
bool ListHolds(const ColumnChunk& chunk, std::uint32_t position, std::string_view text) {
  if (!chunk.IsValid(position)) return false;
  const auto& lists = static_cast<const arrow::ListArray&>(*chunk.array);
  const auto& elements = static_cast<const arrow::StringArray&>(*lists.values());
  for (std::int64_t i = lists.value_offset(position); i < lists.value_offset(position + 1); ++i) {
    if (!elements.IsNull(i) && elements.GetView(i) == text) return true;
  }
  return false;
}

}  // namespace

void GatherKeys(const ColumnChunk& chunk, Scalar scalar, std::span<const RowId> rows, RowId base,
                std::int64_t* keys, std::uint8_t* nulls) {
  const auto widen = [](auto value) { return static_cast<std::int64_t>(value); };
  const auto real = [](auto value) { return RealKey(static_cast<double>(value)); };
  const Target<std::int64_t> to{rows, base, keys, nulls};
  switch (scalar) {
    case Scalar::kBool:
      return GatherBools(chunk, to);
    case Scalar::kI32:
    case Scalar::kDate:
      return Gather<std::int32_t>(chunk, to, widen);
    case Scalar::kU32:
      return Gather<std::uint32_t>(chunk, to, widen);
    case Scalar::kI64:
    case Scalar::kDateTime:
      return Gather<std::int64_t>(chunk, to, widen);
    case Scalar::kU64:
      return Gather<std::uint64_t>(chunk, to, NaturalKey);
    case Scalar::kF32:
      return Gather<float>(chunk, to, real);
    case Scalar::kF64:
      return Gather<double>(chunk, to, real);
    case Scalar::kString:
    case Scalar::kVector:
    case Scalar::kBlob:
      break;
  }
  OG_CHECK(false);
}

const ColumnChunk& Column::ChunkColumn(const Chunk& chunk) const {
  const ChunkData& data = chunk.data();
  return column_ == schema::kIdColumn ? data.ids : data.columns[column_];
}

template <typename Visit>
void Column::VisitRuns(std::span<const RowId> rows, Visit visit) const {
  for (std::size_t begin = 0; begin < rows.size();) {
    const Table::Rows::Window window = table_->rows_->WindowAround(rows[begin]);
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end] >= window.begin && rows[end] < window.end)
      ++end;
    visit(ChunkColumn(*window.chunk), window.base, begin, end);
    begin = end;
  }
}

bool Column::has_keys() const {
  if (type_.is_list || column_ == schema::kIdColumn) return false;
  return type_.scalar != Scalar::kString && type_.scalar != Scalar::kBlob && !type_.is_vector();
}

bool Column::has_texts() const {
  if (type_.scalar != Scalar::kString || type_.is_list) return false;
  if (column_ != schema::kIdColumn) return true;
  const schema::TableType& type = table_->type();
  return schema::IsNodeTable(type) && static_cast<const schema::NodeType&>(type).has_key();
}

bool Column::has_lists_of_texts() const {
  return type_.is_list && type_.scalar == Scalar::kString;
}

void Column::GatherHolding(std::span<const RowId> rows, std::string_view text,
                           std::uint8_t* holds) const {
  VisitRuns(rows, [&](const ColumnChunk& chunk, RowId base, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      holds[i] = ListHolds(chunk, RowId{rows[i] - base}, text) ? 1 : 0;
  });
}

void Column::GatherKeys(std::span<const RowId> rows, std::int64_t* keys,
                        std::uint8_t* nulls) const {
  VisitRuns(rows, [&](const ColumnChunk& chunk, RowId base, std::size_t begin, std::size_t end) {
    table::GatherKeys(chunk, type_.scalar, rows.subspan(begin, end - begin), base, keys + begin,
                      nulls + begin);
  });
}

void Column::GatherReals(std::span<const RowId> rows, double* values, std::uint8_t* nulls) const {
  const auto widen = [](auto value) { return static_cast<double>(value); };
  VisitRuns(rows, [&](const ColumnChunk& chunk, RowId base, std::size_t begin, std::size_t end) {
    const Target<double> to{rows.subspan(begin, end - begin), base, values + begin, nulls + begin};
    switch (type_.scalar) {
      case Scalar::kI32:
        return Gather<std::int32_t>(chunk, to, widen);
      case Scalar::kU32:
        return Gather<std::uint32_t>(chunk, to, widen);
      case Scalar::kI64:
        return Gather<std::int64_t>(chunk, to, widen);
      case Scalar::kU64:
        return Gather<std::uint64_t>(chunk, to, widen);
      case Scalar::kF32:
        return Gather<float>(chunk, to, widen);
      case Scalar::kF64:
        return Gather<double>(chunk, to, widen);
      default:
        OG_CHECK(false);
    }
  });
}

void Column::GatherTexts(std::span<const RowId> rows, std::string_view* texts,
                         std::uint8_t* nulls) const {
  VisitRuns(rows, [&](const ColumnChunk& chunk, RowId base, std::size_t begin, std::size_t end) {
    const std::span<const RowId> run = rows.subspan(begin, end - begin);
    if (!GatherNulls(chunk, run, base, nulls + begin)) return;
    for (std::size_t i = 0; i < run.size(); ++i)
      texts[begin + i] = chunk.TextAt(run[i] - base);
  });
}

void Column::GatherVectors(std::span<const RowId> rows, const float** vectors) const {
  VisitRuns(rows, [&](const ColumnChunk& chunk, RowId base, std::size_t begin, std::size_t end) {
    const auto* values = reinterpret_cast<const float*>(chunk.values);
    for (std::size_t i = begin; i < end; ++i) {
      const RowId position = rows[i] - base;
      const bool is_valid = chunk.IsValid(position);
      vectors[i] = is_valid ? values + std::size_t{position} * type_.dimensions : nullptr;
    }
  });
}

}  // namespace omnigraph::table
