// Implements table/table.h and table/column.h.

#include "table/table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/json_writer.h"
#include "format/row_batch.h"
#include "index/key_index.h"
#include "table/rows.h"
#include "table/ulid_number.h"
#include "types/base64.h"
#include "types/datetime.h"

namespace omnigraph::table {

Table::Rows::Place Table::Rows::Locate(RowId row) const {
  if (!moved.empty()) {
    const MovedPlace place = moved.Get(row);
    if (place.chunk != 0) return {chunks[place.chunk - 1].get(), place.position};
  }
  std::size_t index = 0;
  if (starts.size() > 1) {
    index = static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), row) -
                                     starts.begin()) -
            1;
  }
  return {chunks[start_chunks[index]].get(), row - starts[index]};
}

Table::Rows::Window Table::Rows::WindowAround(RowId row) const {
  constexpr RowId kPage = decltype(moved)::kPageSize;
  RowId page_begin = 0;
  RowId page_end = kNoRow;
  if (!moved.empty()) {
    if (moved.FindPage(row / kPage) != nullptr) {
      const Place place = Locate(row);
      return {place.chunk, row - place.position, row, row + 1};
    }
    page_begin = row / kPage * kPage;
    page_end = page_begin > kNoRow - kPage ? kNoRow : page_begin + kPage;
  }
  const auto next = std::upper_bound(starts.begin(), starts.end(), row);
  const auto index = static_cast<std::size_t>(next - starts.begin()) - 1;
  const RowId start = starts[index];
  const Chunk* chunk = chunks[start_chunks[index]].get();
  return {chunk, start, std::max(page_begin, start),
          std::min(page_end, start + chunk->rows_count())};
}

Table::Table(std::shared_ptr<const schema::TableType> type, std::unique_ptr<Rows> rows)
    : type_(std::move(type)), is_edge_(!schema::IsNodeTable(*type_)), rows_(std::move(rows)) {}

Table::~Table() = default;

bool Table::IsLive(RowId row) const {
  return row < row_ids_end_ && !rows_->IsDead(row);
}

void Table::Scan(RowId* next, std::size_t rows_max, std::vector<RowId>* rows) const {
  rows->clear();
  RowId row = *next;
  while (row < row_ids_end_ && rows->size() < rows_max) {
    const std::uint64_t live = ~rows_->dead.Get(row / 64) >> (row % 64);
    if (live == 0) {
      row = row / 64 * 64 + 64;
      continue;
    }
    row += static_cast<RowId>(std::countr_zero(live));
    if (row >= row_ids_end_) break;
    const auto run = static_cast<RowId>(std::countr_one(~rows_->dead.Get(row / 64) >> (row % 64)));
    const RowId end = std::min<RowId>(
        {row + run, row_ids_end_, row + static_cast<RowId>(rows_max - rows->size())});
    while (row < end)
      rows->push_back(row++);
  }
  *next = row;
}

Status Table::Open() const {
  const std::lock_guard lock(rows_->open_mutex);
  if (rows_->is_open) return Status::Ok();
  for (const auto& chunk : rows_->chunks)
    OG_RETURN_IF_ERROR(chunk->Open());
  rows_->is_open = true;
  return Status::Ok();
}

Result<std::optional<RowId>> Table::FindById(std::string_view id) const {
  const std::uint64_t hash = index::KeyHash(id);
  if (!rows_->tail_keys.empty()) {
    const RowId row = rows_->tail_keys.Find(hash, [&](RowId candidate) {
      if (!IsLive(candidate)) return false;
      const auto place = rows_->Locate(candidate);
      return place.chunk->data().ids.array != nullptr &&
             place.chunk->StoredId(place.position) == id;
    });
    if (row != kNoRow) return std::optional<RowId>(row);
  }
  // Newest first: what is asked for is most often what was written last.
  for (auto chunk = rows_->chunks.rbegin(); chunk != rows_->chunks.rend(); ++chunk) {
    std::optional<std::uint32_t> position;
    const auto row_at = [&](std::uint32_t at) {
      return (*chunk)->is_contiguous() ? (*chunk)->first_row() + at : (*chunk)->data().row_ids[at];
    };
    if (!(*chunk)->fragment().generated_id_base.empty()) {
      OG_RETURN_IF_ERROR((*chunk)->Open());
      position = (*chunk)->FindGeneratedId(id);
      if (position && !IsLive(row_at(*position))) position.reset();
    } else if (!(*chunk)->is_segment()) {
      OG_ASSIGN_OR_RETURN(const index::KeyIndex* const keys, (*chunk)->OpenKeyIndex());
      position = keys->Find(hash, [&](std::uint32_t at) {
        return (*chunk)->StoredId(at) == id && IsLive(row_at(at));
      });
    }
    if (position) return std::optional<RowId>(row_at(*position));
  }
  return std::optional<RowId>();
}

Result<Column> Table::BindColumn(schema::PropertyOrdinal column) const {
  OG_RETURN_IF_ERROR(Open());
  return BindColumnOfOpenRows(column);
}

Column Table::BindColumnOfOpenRows(schema::PropertyOrdinal column) const {
  types::Type type{types::Scalar::kString};
  if (column != schema::kIdColumn) {
    OG_CHECK(column < type_->properties.size());
    type = type_->properties[column].type;
  }
  return Column(*this, std::move(type), column);
}

Status Table::AppendId(RowId row, std::string& out) const {
  const auto place = rows_->Locate(row);
  OG_RETURN_IF_ERROR(place.chunk->Open());
  if (place.chunk->data().ids.array != nullptr) {
    out += place.chunk->StoredId(place.position);
  } else {
    AppendUlidAfter(place.chunk->data().generated_id_base, place.position, out);
  }
  return Status::Ok();
}

RowId Table::SourceOf(RowId edge) const {
  const auto place = rows_->Locate(edge);
  return place.chunk->data().sources[place.position];
}

RowId Table::TargetOf(RowId edge) const {
  const auto place = rows_->Locate(edge);
  return place.chunk->data().targets[place.position];
}

Result<std::shared_ptr<const EdgeRows>> Table::BindEdges() const {
  OG_CHECK(is_edge_);
  OG_RETURN_IF_ERROR(Open());
  return rows_->edge_lists->GetEdges(*this);
}

Result<std::shared_ptr<const Adjacency>> Table::BindAdjacency(Direction direction) const {
  OG_CHECK(is_edge_);
  OG_RETURN_IF_ERROR(Open());
  return rows_->edge_lists->Get(*this, direction);
}

Column::Column(const Table& table, types::Type type, schema::PropertyOrdinal column)
    : table_(&table), type_(std::move(type)), column_(column) {}

Column::Place Column::Find(RowId row) const {
  const auto place = table_->rows_->Locate(row);
  const ChunkData& data = place.chunk->data();
  return {column_ == schema::kIdColumn ? &data.ids : &data.columns[column_], place.position};
}

namespace {

template <typename T>
T ValueAt(const ColumnChunk& chunk, std::uint32_t position) {
  T value;
  std::memcpy(&value, chunk.values + std::size_t{position} * sizeof(T), sizeof(T));
  return value;
}

bool IsFourBytes(types::Scalar scalar) {
  return scalar == types::Scalar::kI32 || scalar == types::Scalar::kU32 ||
         scalar == types::Scalar::kF32 || scalar == types::Scalar::kDate;
}

}  // namespace

bool Column::IsNull(RowId row) const {
  if (column_ == schema::kIdColumn) return false;
  const Place place = Find(row);
  return !place.chunk->IsValid(place.position);
}

std::string_view Column::Text(RowId row) const {
  const Place place = Find(row);
  return place.chunk->TextAt(place.position);
}

void Column::AppendText(RowId row, std::string& out) const {
  const auto place = table_->rows_->Locate(row);
  const ChunkData& data = place.chunk->data();
  if (column_ == schema::kIdColumn && data.ids.array == nullptr) {
    return AppendUlidAfter(data.generated_id_base, place.position, out);
  }
  out += Text(row);
}

bool Column::Bool(RowId row) const {
  const Place place = Find(row);
  const auto bit = static_cast<std::uint64_t>(place.chunk->bit_offset) + place.position;
  return (place.chunk->values[bit / 8] >> (bit % 8) & 1) != 0;
}

std::int64_t Column::Int(RowId row) const {
  const Place place = Find(row);
  if (type_.scalar == types::Scalar::kU32)
    return ValueAt<std::uint32_t>(*place.chunk, place.position);
  if (IsFourBytes(type_.scalar)) return ValueAt<std::int32_t>(*place.chunk, place.position);
  return ValueAt<std::int64_t>(*place.chunk, place.position);
}

std::uint64_t Column::Uint(RowId row) const {
  const Place place = Find(row);
  if (IsFourBytes(type_.scalar)) return ValueAt<std::uint32_t>(*place.chunk, place.position);
  return ValueAt<std::uint64_t>(*place.chunk, place.position);
}

double Column::Float(RowId row) const {
  const Place place = Find(row);
  if (IsFourBytes(type_.scalar)) {
    return static_cast<double>(ValueAt<float>(*place.chunk, place.position));
  }
  return ValueAt<double>(*place.chunk, place.position);
}

const float* Column::Vector(RowId row) const {
  const Place place = Find(row);
  return reinterpret_cast<const float*>(place.chunk->values) +
         std::size_t{place.position} * type_.dimensions;
}

types::Value Column::Value(RowId row) const {
  using types::Value;
  if (column_ == schema::kIdColumn) {
    std::string id;
    AppendText(row, id);
    return Value::String(std::move(id));
  }
  const Place place = Find(row);
  if (!place.chunk->IsValid(place.position)) return Value();
  if (type_.is_list) {
    // Lists are rare in hot paths, so they go through the builder's element decoding.
    format::ColumnBuilder cell(type_);
    cell.AppendFrom(*place.chunk->array, place.position);
    return cell.Value(0);
  }
  switch (type_.scalar) {
    case types::Scalar::kString:
      return Value::String(std::string(place.chunk->TextAt(place.position)));
    case types::Scalar::kBool:
      return Value::Bool(Bool(row));
    case types::Scalar::kI32:
    case types::Scalar::kI64:
      return Value::Int(Int(row));
    case types::Scalar::kU32:
    case types::Scalar::kU64:
      return Value::Uint(Uint(row));
    case types::Scalar::kF32:
    case types::Scalar::kF64:
      return Value::Float(Float(row));
    case types::Scalar::kDate:
      return Value(Value::Variant(types::Date{static_cast<std::int32_t>(Int(row))}));
    case types::Scalar::kDateTime:
      return Value(Value::Variant(types::DateTime{Int(row)}));
    case types::Scalar::kVector: {
      const float* components = Vector(row);
      return Value(Value::Variant(types::VectorValue(components, components + type_.dimensions)));
    }
    case types::Scalar::kBlob: {
      const std::string_view text = place.chunk->TextAt(place.position);
      return Value(Value::Variant(types::Blob{std::string(text.substr(1)), text[0] == 'u'}));
    }
  }
  OG_CHECK(false);
}

void Column::AppendJson(RowId row, std::string& out) const {
  if (column_ == schema::kIdColumn) {
    std::string id;
    AppendText(row, id);
    return AppendJsonString(id, out);
  }
  const Place place = Find(row);
  if (!place.chunk->IsValid(place.position)) {
    out += "null";
    return;
  }
  if (!type_.is_list) {
    switch (type_.scalar) {
      case types::Scalar::kString:
        return AppendJsonString(place.chunk->TextAt(place.position), out);
      case types::Scalar::kI32:
      case types::Scalar::kI64:
        return AppendJsonInt(Int(row), out);
      case types::Scalar::kU32:
      case types::Scalar::kU64:
        return AppendJsonUint(Uint(row), out);
      default:
        break;
    }
  }
  types::AppendJson(Value(row), out);
}

}  // namespace omnigraph::table
