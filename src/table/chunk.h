// Rows that stand together: one stored fragment, or the rows of one segment of a commit.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "index/key_index.h"
#include "index/sorted_keys.h"
#include "index/text_postings.h"
#include "index/vector_codes.h"
#include "index/zones.h"
#include "schema/catalog.h"
#include "store/object_store.h"
#include "table/row_id.h"

namespace arrow {
class Array;
class RecordBatch;
}  // namespace arrow

namespace omnigraph::table {

/// The raw buffers of one column in one chunk. A null `array` means that all values are null.
struct ColumnChunk {
  std::shared_ptr<const arrow::Array> array;
  const std::uint8_t* validity = nullptr;  ///< Bitmap from bit `bit_offset`; null: no nulls.
  const std::uint8_t* values = nullptr;    ///< Fixed-width values (bits of Bool) or text bytes.
  const std::int32_t* offsets = nullptr;   ///< Of texts, blobs and lists, from position 0.
  std::int64_t bit_offset = 0;             ///< Of validity and of Bool values.

  bool IsValid(std::uint32_t position) const {
    if (array == nullptr) return false;
    if (validity == nullptr) return true;
    const auto bit = static_cast<std::uint64_t>(bit_offset) + position;
    return (validity[bit / 8] >> (bit % 8) & 1) != 0;
  }
  /// Of a text column.
  std::string_view TextAt(std::uint32_t position) const {
    const auto begin = static_cast<std::size_t>(offsets[position]);
    const auto end = static_cast<std::size_t>(offsets[position + std::size_t{1}]);
    return {reinterpret_cast<const char*>(values) + begin, end - begin};
  }
};

/// What an opened chunk offers. Positions count from 0.
struct ChunkData {
  std::vector<ColumnChunk> columns;        ///< By property ordinal of the table's type.
  ColumnChunk ids;                         ///< Text; no array when ids are generated.
  std::string generated_id_base;           ///< ULID of position 0 when ids are generated.
  const std::uint32_t* row_ids = nullptr;  ///< Of a chunk that is not contiguous.
  const std::uint32_t* sources = nullptr;  ///< Of edges.
  const std::uint32_t* targets = nullptr;
  std::shared_ptr<const void> owner;  ///< Keeps all of the above alive.
};

class Chunk {
 public:
  /// A fragment below `data/<table_path>/`; nothing is read before `Open`.
  static std::shared_ptr<const Chunk> OfFragment(std::shared_ptr<store::ObjectStore> store,
                                                 std::string table_path, format::FragmentInfo info,
                                                 std::shared_ptr<const schema::TableType> type);
  /// Part of a segment: its inserted rows, or its updated ones (with their row ids).
  /// Errors: `kCorruption` when `batch` does not have the columns of `type`.
  static Result<std::shared_ptr<const Chunk>> OfBatch(
      std::shared_ptr<arrow::RecordBatch> batch, RowId first_row,
      std::shared_ptr<const std::vector<RowId>> row_ids, std::string generated_id_base,
      const schema::TableType& type);

  std::uint32_t rows_count() const { return rows_count_; }
  bool is_contiguous() const { return is_contiguous_; }
  /// The row id of position 0 of a contiguous chunk.
  RowId first_row() const { return first_row_; }
  /// Rows of a commit's tail, in memory from the start.
  bool is_segment() const { return store_ == nullptr; }
  const format::FragmentInfo& fragment() const { return info_; }

  /// Maps and checks the fragment, once.
  /// Errors: `kNotFound`, `kUnavailable`, `kCorruption` naming the object.
  Status Open() const;
  /// Requires a successful `Open`.
  const ChunkData& data() const { return data_; }

  /// Opens the key index, once; builds one in memory when none is stored or it is damaged (an index
  /// is never needed for a result). Requires ids that are stored. Errors: as `Open`.
  Result<const index::KeyIndex*> OpenKeyIndex() const;

  /// The postings of a String property, built when they are first asked for. Requires `Open`.
  /// Errors: of `poll`, which is asked meanwhile.
  Result<std::shared_ptr<const index::TextPostings>> OpenTextPostings(
      schema::PropertyOrdinal property, index::TextPostings::Kind kind,
      const index::TextPostings::Poll& poll) const;

  /// The ordered index of a property that fits one for equality, built when this was asked for
  /// `asks_min` times before; null until then. Requires `Open`.
  std::shared_ptr<const index::SortedKeys> OpenSortedKeys(schema::PropertyOrdinal property,
                                                          const types::Type& type,
                                                          std::uint32_t asks_min) const;

  /// The codes of a vector property, built when this was asked for `asks_min` times before; null
  /// until then. Requires `Open`.
  std::shared_ptr<const index::VectorCodes> OpenVectorCodes(schema::PropertyOrdinal property,
                                                            std::uint32_t dimensions,
                                                            std::uint32_t asks_min) const;

  /// The zones of a property with order keys, built when this was asked for before; null until
  /// then. Requires `Open`.
  std::shared_ptr<const index::Zones> OpenZones(schema::PropertyOrdinal property,
                                                types::Scalar scalar) const;

  /// The position whose generated id is `id`, if it is one of this chunk. Requires `Open`.
  std::optional<std::uint32_t> FindGeneratedId(std::string_view id) const;

  /// The stored id text of a position. Requires `Open` and stored ids.
  std::string_view StoredId(std::uint32_t position) const;

 private:
  // The order keys of all positions of a property.
  struct AllKeys {
    std::vector<std::int64_t> keys;
    std::vector<std::uint8_t> nulls;
  };

  Chunk() = default;
  AllKeys KeysOf(schema::PropertyOrdinal property, types::Scalar scalar) const;
  // Of enums their ranks, of other texts their hashes (table/ordered_index.h).
  AllKeys TextKeysOf(schema::PropertyOrdinal property, const types::Type& type) const;
  Status Load() const;
  Status Bind(std::shared_ptr<arrow::RecordBatch> batch, const schema::TableType& type,
              std::shared_ptr<const void> bytes) const;

  std::shared_ptr<store::ObjectStore> store_;
  std::string table_path_;
  format::FragmentInfo info_;
  std::shared_ptr<const schema::TableType> type_;
  std::uint32_t rows_count_ = 0;
  RowId first_row_ = 0;
  bool is_contiguous_ = true;

  mutable std::mutex mutex_;
  mutable bool is_open_ = false;  // Guarded by mutex_.
  mutable ChunkData data_;        // Written once under mutex_, before is_open_.
  mutable std::unique_ptr<index::KeyIndex> key_index_;  // Guarded by mutex_.
  mutable std::map<std::pair<schema::PropertyOrdinal, index::TextPostings::Kind>,
                   std::shared_ptr<const index::TextPostings>>
      text_postings_;  // Guarded by mutex_.
  struct Sorted {
    std::uint32_t asks_count = 0;
    std::shared_ptr<const index::SortedKeys> keys;
  };
  mutable std::map<schema::PropertyOrdinal, Sorted> sorted_keys_;  // Guarded by mutex_.
  struct Coded {
    std::uint32_t asks_count = 0;
    std::shared_ptr<const index::VectorCodes> codes;
  };
  mutable std::map<schema::PropertyOrdinal, Coded> vector_codes_;  // Guarded by mutex_.
  struct Zoned {
    bool was_asked = false;
    std::shared_ptr<const index::Zones> zones;
  };
  mutable std::map<schema::PropertyOrdinal, Zoned> zones_;  // Guarded by mutex_.
};

}  // namespace omnigraph::table
