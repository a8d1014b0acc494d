// Rows on their way to the store: one growing column per property, filled cell by cell by loads and
// mutations and handed to Arrow without a copy.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schema/catalog.h"
#include "types/type.h"
#include "types/value.h"

namespace arrow {
class Array;
class DataType;
class RecordBatch;
class Schema;
}  // namespace arrow

namespace omnigraph::format {

/// One column under construction. Cells are appended in row order; a null takes no value bytes
/// other than a zeroed slot. Text, blob and list data of one column are limited to 2 GiB.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(types::Type type);
  ColumnBuilder(ColumnBuilder&&) noexcept;
  ColumnBuilder& operator=(ColumnBuilder&&) noexcept;
  ~ColumnBuilder();

  const types::Type& type() const { return type_; }
  std::size_t size() const { return size_; }
  std::size_t nulls_count() const { return nulls_count_; }
  /// Bytes held by the cells.
  std::size_t size_bytes() const;

  /// Each appends one cell; the caller has checked that the value is one of `type()`.
  void AppendNull();
  void AppendBool(bool value);
  void AppendInt(std::int64_t value);    ///< I32, I64, Date (days), DateTime (milliseconds).
  void AppendUint(std::uint64_t value);  ///< U32, U64.
  void AppendFloat(double value);        ///< F32, F64.
  void AppendText(std::string_view text);
  void AppendVector(const float* components);
  void AppendBlob(std::string_view bytes, bool is_uri);
  /// Starts a list cell; its elements follow through `elements()`, then `FinishList`.
  ColumnBuilder& elements() { return *elements_; }
  void FinishList();
  /// Any value of `type()`, already converted (`types::ConvertForStorage`).
  void AppendValue(const types::Value& value);
  /// Cell `position` of a stored column of the same type.
  void AppendFrom(const arrow::Array& array, std::int64_t position);
  /// All cells of another builder of the same type. Cost: a copy of its bytes.
  void AppendAll(const ColumnBuilder& other) { AppendRange(other, 0, other.size()); }
  /// The cells from `begin` on, `count` of them. Cost: a copy of their bytes.
  void AppendRange(const ColumnBuilder& other, std::size_t begin, std::size_t count);
  /// Takes back what was appended after the first `size` cells.
  void Truncate(std::size_t size);

  bool IsNull(std::size_t index) const;
  /// The text of a String cell that is not null. Valid until the next append.
  std::string_view Text(std::size_t index) const;
  /// A cell as a value. Costs a copy.
  types::Value Value(std::size_t index) const;

  /// The finished column; the builder is empty afterwards.
  std::shared_ptr<arrow::Array> Finish();

 private:
  void MarkValid();
  void GrowValidity();

  types::Type type_;
  std::size_t size_ = 0;
  std::size_t nulls_count_ = 0;
  std::string validity_;                     // Bitmap; empty while there is no null.
  std::string values_;                       // Fixed-width cells, bits of Bool, or text bytes.
  std::vector<std::int32_t> offsets_;        // Of text, blobs and lists; size_ + 1 entries.
  std::unique_ptr<ColumnBuilder> elements_;  // Of lists.
};

/// How the rows of one type are stored: its columns in file order and where ids come from.
struct RowLayout {
  enum class Ids : unsigned char {
    kKeyColumn,  ///< The id is the text of the (single, String) key property; no column of its own.
    kColumn,     ///< A column `_id`, unless the ids of a fragment are generated and count up.
  };
  bool is_edge = false;
  Ids ids = Ids::kColumn;
  schema::PropertyOrdinal key_property = 0;  ///< With kKeyColumn.
  const schema::TableType* type = nullptr;   ///< Must outlive the layout.
};

RowLayout LayoutOf(const schema::TableType& type);

/// Rows of one type. Every column, and `sources` and `targets` of edges, have one entry per row;
/// `ids` has too unless ids are the key's text or all generated.
class RowBatch {
 public:
  explicit RowBatch(const schema::TableType& type);

  const RowLayout& layout() const { return layout_; }
  const schema::TableType& type() const { return *layout_.type; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t size_bytes() const;

  /// By property ordinal.
  ColumnBuilder& column(schema::PropertyOrdinal property) { return columns_[property]; }
  const ColumnBuilder& column(schema::PropertyOrdinal property) const { return columns_[property]; }

  /// Ends a row whose cells have all been appended. For kColumn layouts with stored ids call
  /// `AppendId` first; for edges `AppendEndpoints`.
  void FinishRow() { ++size_; }
  void AppendId(std::string_view id) { ids_.AppendText(id); }
  void AppendEndpoints(std::uint32_t source, std::uint32_t target) {
    sources_.push_back(source);
    targets_.push_back(target);
  }
  /// Whether rows carry ids in a column (some `AppendId` was called).
  bool has_stored_ids() const { return ids_.size() > 0; }
  /// The id text of a row of a batch with stored ids or a key column.
  std::string_view Id(std::size_t row) const;
  const std::vector<std::uint32_t>& sources() const { return sources_; }
  const std::vector<std::uint32_t>& targets() const { return targets_; }
  std::vector<std::uint32_t>& mutable_sources() { return sources_; }
  std::vector<std::uint32_t>& mutable_targets() { return targets_; }

  /// Appends all rows of another batch of the same type.
  void AppendAll(const RowBatch& other) { AppendRange(other, 0, other.size()); }
  /// Appends the rows from `begin` on, `count` of them, with what ids and endpoints they have.
  void AppendRange(const RowBatch& other, std::size_t begin, std::size_t count);

  /// The rows as Arrow columns in file order (`_row`, `_id`, `_src`, `_dst`, properties); the batch
  /// is empty afterwards. `row_ids` (one per row) adds the column `_row`; may be empty.
  std::shared_ptr<arrow::RecordBatch> Finish(const std::vector<std::uint32_t>& row_ids);

 private:
  RowLayout layout_;
  std::size_t size_ = 0;
  std::vector<ColumnBuilder> columns_;
  ColumnBuilder ids_;
  std::vector<std::uint32_t> sources_;
  std::vector<std::uint32_t> targets_;
};

/// The Arrow type of a property.
std::shared_ptr<arrow::DataType> ArrowTypeOf(const types::Type& type);

/// The Arrow schema of `RowBatch::Finish`. A property's field carries its stable id as metadata
/// "og.id".
std::shared_ptr<arrow::Schema> ArrowSchemaOf(const schema::TableType& type, bool has_row_ids,
                                             bool has_ids);

}  // namespace omnigraph::format
