// Implements table/chunk.h.

#include "table/chunk.h"

#include <arrow/api.h>

#include <charconv>
#include <numeric>

#include "base/hash.h"
#include "format/fragment.h"
#include "format/row_batch.h"
#include "store/damage.h"
#include "table/gather.h"
#include "table/ordered_index.h"
#include "table/ulid_number.h"

namespace omnigraph::table {
namespace {

const std::uint8_t* BufferAt(const arrow::ArrayData& data, std::size_t index) {
  return index < data.buffers.size() && data.buffers[index] ? data.buffers[index]->data() : nullptr;
}

std::size_t FixedWidth(const types::Type& type) {
  switch (type.scalar) {
    case types::Scalar::kI32:
    case types::Scalar::kU32:
    case types::Scalar::kF32:
    case types::Scalar::kDate:
      return 4;
    default:
      return 8;
  }
}

ColumnChunk BindArray(const std::shared_ptr<arrow::Array>& array, const types::Type& type) {
  ColumnChunk chunk;
  const arrow::ArrayData& data = *array->data();
  chunk.array = array;
  chunk.bit_offset = data.offset;
  chunk.validity = array->null_count() > 0 ? BufferAt(data, 0) : nullptr;
  if (type.is_list) {
    chunk.offsets = reinterpret_cast<const std::int32_t*>(BufferAt(data, 1)) + data.offset;
  } else if (type.scalar == types::Scalar::kString || type.scalar == types::Scalar::kBlob) {
    chunk.offsets = reinterpret_cast<const std::int32_t*>(BufferAt(data, 1)) + data.offset;
    chunk.values = BufferAt(data, 2);
  } else if (type.is_vector()) {
    const arrow::ArrayData& floats = *data.child_data[0];
    chunk.values =
        BufferAt(floats, 1) + 4 * (floats.offset + data.offset * std::int64_t{type.dimensions});
  } else if (type.scalar == types::Scalar::kBool) {
    chunk.values = BufferAt(data, 1);
  } else {
    chunk.values = BufferAt(data, 1) + data.offset * static_cast<std::int64_t>(FixedWidth(type));
  }
  return chunk;
}

const std::uint32_t* NumbersOf(const std::shared_ptr<arrow::Array>& array) {
  return static_cast<const arrow::UInt32Array&>(*array).raw_values();
}

Status Damaged(std::string_view object, std::string_view what) {
  return store::DamagedObject(object, what);
}

}  // namespace

std::shared_ptr<const Chunk> Chunk::OfFragment(std::shared_ptr<store::ObjectStore> store,
                                               std::string table_path, format::FragmentInfo info,
                                               std::shared_ptr<const schema::TableType> type) {
  const std::shared_ptr<Chunk> chunk(new Chunk());
  chunk->store_ = std::move(store);
  chunk->table_path_ = std::move(table_path);
  chunk->type_ = std::move(type);
  chunk->rows_count_ = static_cast<std::uint32_t>(info.rows_count);
  chunk->first_row_ = static_cast<RowId>(info.first_row_id);
  chunk->is_contiguous_ = !info.has_row_ids;
  chunk->info_ = std::move(info);
  return chunk;
}

Result<std::shared_ptr<const Chunk>> Chunk::OfBatch(
    std::shared_ptr<arrow::RecordBatch> batch, RowId first_row,
    std::shared_ptr<const std::vector<RowId>> row_ids, std::string generated_id_base,
    const schema::TableType& type) {
  const std::shared_ptr<Chunk> chunk(new Chunk());
  chunk->rows_count_ = static_cast<std::uint32_t>(batch->num_rows());
  chunk->first_row_ = first_row;
  chunk->is_contiguous_ = row_ids == nullptr;
  chunk->info_.generated_id_base = std::move(generated_id_base);
  OG_RETURN_IF_ERROR(chunk->Bind(std::move(batch), type, row_ids));
  if (row_ids) chunk->data_.row_ids = row_ids->data();
  chunk->is_open_ = true;
  return std::shared_ptr<const Chunk>(chunk);
}

Status Chunk::Open() const {
  const std::lock_guard lock(mutex_);
  if (is_open_) return Status::Ok();
  OG_RETURN_IF_ERROR(Load());
  is_open_ = true;
  return Status::Ok();
}

Status Chunk::Load() const {
  const std::string key = format::FragmentKey(table_path_, info_.name);
  const auto bytes = store_->MapReadOnly(key);
  if (!bytes.ok()) return store::MissingIsDamage(key, bytes.status());
  OG_ASSIGN_OR_RETURN(auto batch, format::ReadFragment(*bytes, info_.checksum, key));
  if (batch->num_rows() != rows_count_) return Damaged(key, "it has another number of rows");
  return Bind(std::move(batch), *type_, nullptr);
}

Status Chunk::Bind(std::shared_ptr<arrow::RecordBatch> batch, const schema::TableType& type,
                   std::shared_ptr<const void> bytes) const {
  const std::string name = info_.name.empty() ? "segment of " + type.table_key : info_.name;
  ChunkData data;
  data.columns.resize(type.properties.size());
  data.generated_id_base = info_.generated_id_base;
  const format::RowLayout layout = format::LayoutOf(type);
  const auto has_type = [](const arrow::Array& array,
                           const std::shared_ptr<arrow::DataType>& want) {
    return array.type()->Equals(*want);
  };
  for (int i = 0; i < batch->num_columns(); ++i) {
    const std::shared_ptr<arrow::Field>& field = batch->schema()->field(i);
    const std::shared_ptr<arrow::Array> array = batch->column(i);
    const bool is_number = has_type(*array, arrow::uint32()) && array->null_count() == 0;
    if (field->name() == "_row" && is_number) {
      data.row_ids = NumbersOf(array);
    } else if (field->name() == "_src" && is_number) {
      data.sources = NumbersOf(array);
    } else if (field->name() == "_dst" && is_number) {
      data.targets = NumbersOf(array);
    } else if (field->name() == "_id" && has_type(*array, arrow::utf8())) {
      data.ids = BindArray(array, types::Type{types::Scalar::kString});
    } else if (field->metadata() != nullptr) {
      // A property may have been dropped or may be younger than these rows; then it stays unbound.
      const std::string text = field->metadata()->Get("og.id").ValueOr("");
      schema::StableId id = 0;
      std::from_chars(text.data(), text.data() + text.size(), id);
      const schema::Property* property = type.FindPropertyById(id);
      if (property == nullptr) continue;
      if (!has_type(*array, format::ArrowTypeOf(property->type))) {
        return Damaged(name, "column '" + property->name + "' has another type");
      }
      data.columns[property->ordinal] = BindArray(array, property->type);
    }
  }
  if (layout.ids == format::RowLayout::Ids::kKeyColumn) {
    data.ids = data.columns[layout.key_property];
  }
  const bool has_ids = data.ids.array != nullptr || !data.generated_id_base.empty();
  if (rows_count_ > 0 && !has_ids) {
    return Damaged(name, "it has no ids");
  }
  if (layout.is_edge && rows_count_ > 0 && (data.sources == nullptr || data.targets == nullptr)) {
    return Damaged(name, "it has no endpoints");
  }
  if (store_ != nullptr && !is_contiguous_ && data.row_ids == nullptr) {
    return Damaged(name, "it has no row ids");
  }
  using Owner = std::pair<std::shared_ptr<arrow::RecordBatch>, std::shared_ptr<const void>>;
  data.owner = std::make_shared<const Owner>(std::move(batch), std::move(bytes));
  data_ = std::move(data);
  return Status::Ok();
}

Result<const index::KeyIndex*> Chunk::OpenKeyIndex() const {
  OG_RETURN_IF_ERROR(Open());
  const std::lock_guard lock(mutex_);
  if (key_index_) return key_index_.get();
  if (info_.has_key_index && store_) {
    const std::string key = format::KeyIndexKey(table_path_, info_.name);
    auto bytes = store_->MapReadOnly(key);
    if (bytes.ok() && Checksum64((*bytes)->view()) == info_.key_index_checksum) {
      auto opened = index::KeyIndex::Open(*bytes, rows_count_, key);
      if (opened.ok()) {
        key_index_ = std::make_unique<index::KeyIndex>(*std::move(opened));
        return key_index_.get();
      }
    }
  }
  std::string encoded = index::KeyIndex::Encode(rows_count_, [this](std::size_t position) {
    return StoredId(static_cast<std::uint32_t>(position));
  });
  OG_ASSIGN_OR_RETURN(auto built, index::KeyIndex::Open(store::MakeMappedBytes(std::move(encoded)),
                                                        rows_count_, "key index in memory"));
  key_index_ = std::make_unique<index::KeyIndex>(std::move(built));
  return key_index_.get();
}

Result<std::shared_ptr<const index::TextPostings>> Chunk::OpenTextPostings(
    schema::PropertyOrdinal property, index::TextPostings::Kind kind,
    const index::TextPostings::Poll& poll) const {
  const std::pair key(property, kind);
  {
    const std::lock_guard lock(mutex_);
    const auto known = text_postings_.find(key);
    if (known != text_postings_.end()) return known->second;
  }
  const ColumnChunk& column = data_.columns[property];
  const auto text_at = [&column](std::uint32_t position) -> std::optional<std::string_view> {
    if (!column.IsValid(position)) return std::nullopt;
    return column.TextAt(position);
  };
  OG_ASSIGN_OR_RETURN(auto built, index::TextPostings::Build(kind, rows_count_, text_at, poll));
  const std::lock_guard lock(mutex_);
  return text_postings_.try_emplace(key, std::move(built)).first->second;
}

Chunk::AllKeys Chunk::KeysOf(schema::PropertyOrdinal property, types::Scalar scalar) const {
  AllKeys all;
  all.keys.resize(rows_count_);
  all.nulls.resize(rows_count_);
  std::vector<RowId> positions(rows_count_);
  std::iota(positions.begin(), positions.end(), RowId{0});
  GatherKeys(data_.columns[property], scalar, positions, 0, all.keys.data(), all.nulls.data());
  return all;
}

Chunk::AllKeys Chunk::TextKeysOf(schema::PropertyOrdinal property, const types::Type& type) const {
  AllKeys all;
  all.keys.resize(rows_count_);
  all.nulls.resize(rows_count_);
  const ColumnChunk& column = data_.columns[property];
  for (std::uint32_t position = 0; position < rows_count_; ++position) {
    all.nulls[position] = column.IsValid(position) ? 0 : 1;
    if (all.nulls[position] != 0) continue;
    const std::string_view text = column.TextAt(position);
    all.keys[position] =
        type.is_enum() ? EnumKeyOf(type.enum_values, text).rank : OrderedIndex::TextKey(text);
  }
  return all;
}

std::shared_ptr<const index::Zones> Chunk::OpenZones(schema::PropertyOrdinal property,
                                                     types::Scalar scalar) const {
  const std::lock_guard lock(mutex_);
  Zoned& zoned = zones_[property];
  // A single scan gains nothing: building them reads as much.
  if (zoned.zones == nullptr && std::exchange(zoned.was_asked, true)) {
    const AllKeys all = KeysOf(property, scalar);
    zoned.zones = std::make_shared<const index::Zones>(index::Zones::Build(all.keys, all.nulls));
  }
  return zoned.zones;
}

std::shared_ptr<const index::SortedKeys> Chunk::OpenSortedKeys(schema::PropertyOrdinal property,
                                                               const types::Type& type,
                                                               std::uint32_t asks_min) const {
  const std::lock_guard lock(mutex_);
  Sorted& sorted = sorted_keys_[property];
  if (sorted.keys != nullptr) return sorted.keys;
  if (sorted.asks_count++ < asks_min) return nullptr;
  const AllKeys all = type.scalar == types::Scalar::kString ? TextKeysOf(property, type)
                                                            : KeysOf(property, type.scalar);
  sorted.keys =
      std::make_shared<const index::SortedKeys>(index::SortedKeys::Build(all.keys, all.nulls));
  return sorted.keys;
}

std::shared_ptr<const index::VectorCodes> Chunk::OpenVectorCodes(schema::PropertyOrdinal property,
                                                                 std::uint32_t dimensions,
                                                                 std::uint32_t asks_min) const {
  const std::lock_guard lock(mutex_);
  Coded& coded = vector_codes_[property];
  if (coded.codes != nullptr) return coded.codes;
  if (coded.asks_count++ < asks_min) return nullptr;
  const ColumnChunk& column = data_.columns[property];
  const auto* const values = reinterpret_cast<const float*>(column.values);
  std::vector<const float*> vectors(rows_count_, nullptr);
  for (std::uint32_t position = 0; position < rows_count_; ++position) {
    if (!column.IsValid(position)) continue;
    vectors[position] = values + std::size_t{position} * dimensions;
  }
  coded.codes =
      std::make_shared<const index::VectorCodes>(index::VectorCodes::Build(vectors, dimensions));
  return coded.codes;
}

std::optional<std::uint32_t> Chunk::FindGeneratedId(std::string_view id) const {
  const auto steps = UlidDistance(data_.generated_id_base, id);
  if (!steps || *steps >= rows_count_) return std::nullopt;
  return steps;
}

std::string_view Chunk::StoredId(std::uint32_t position) const {
  return data_.ids.TextAt(position);
}

}  // namespace omnigraph::table
