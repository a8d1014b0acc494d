// Implements format/row_batch.h.

#include "format/row_batch.h"

#include <arrow/api.h>

#include <cstring>

namespace omnigraph::format {
namespace {

using types::Scalar;

constexpr char kInlineBlob = 'b';
constexpr char kUriBlob = 'u';

bool HasOffsets(const types::Type& type) {
  return type.is_list || type.scalar == Scalar::kString || type.scalar == Scalar::kBlob;
}

bool IsBits(const types::Type& type) {
  return !type.is_list && type.scalar == Scalar::kBool;
}

// Bytes per cell of a fixed-width column.
std::size_t Width(const types::Type& type) {
  switch (type.scalar) {
    case Scalar::kI32:
    case Scalar::kU32:
    case Scalar::kF32:
    case Scalar::kDate:
      return 4;
    case Scalar::kVector:
      return 4 * static_cast<std::size_t>(type.dimensions);
    default:
      return 8;
  }
}

bool BitAt(const std::string& bits, std::size_t index) {
  return (static_cast<unsigned char>(bits[index / 8]) >> (index % 8) & 1) != 0;
}

void SetBit(std::string& bits, std::size_t index, bool value) {
  if (index / 8 >= bits.size()) bits.push_back('\0');
  if (value) bits[index / 8] = static_cast<char>(bits[index / 8] | 1 << (index % 8));
}

template <typename T>
void AppendBytes(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

types::Type ElementType(types::Type type) {
  type.is_list = false;
  type.is_nullable = true;
  return type;
}

std::shared_ptr<arrow::Buffer> BufferOf(std::string bytes) {
  return arrow::Buffer::FromString(std::move(bytes));
}

}  // namespace

ColumnBuilder::ColumnBuilder(types::Type type) : type_(std::move(type)) {
  if (HasOffsets(type_)) offsets_.push_back(0);
  if (type_.is_list) elements_ = std::make_unique<ColumnBuilder>(ElementType(type_));
}

ColumnBuilder::ColumnBuilder(ColumnBuilder&&) noexcept = default;
ColumnBuilder& ColumnBuilder::operator=(ColumnBuilder&&) noexcept = default;
ColumnBuilder::~ColumnBuilder() = default;

std::size_t ColumnBuilder::size_bytes() const {
  return validity_.size() + values_.size() + 4 * offsets_.size() +
         (elements_ ? elements_->size_bytes() : 0);
}

void ColumnBuilder::GrowValidity() {
  validity_.assign((size_ + 7) / 8, '\xff');
  if (size_ % 8 != 0) {
    validity_.back() = static_cast<char>((1 << (size_ % 8)) - 1);
  }
}

void ColumnBuilder::MarkValid() {
  if (nulls_count_ > 0) SetBit(validity_, size_, true);
  ++size_;
}

void ColumnBuilder::AppendNull() {
  if (nulls_count_ == 0) GrowValidity();
  SetBit(validity_, size_, false);
  ++nulls_count_;
  if (HasOffsets(type_)) {
    offsets_.push_back(offsets_.back());
  } else if (IsBits(type_)) {
    SetBit(values_, size_, false);
  } else {
    values_.append(Width(type_), '\0');
  }
  ++size_;
}

void ColumnBuilder::AppendBool(bool value) {
  SetBit(values_, size_, value);
  MarkValid();
}

void ColumnBuilder::AppendInt(std::int64_t value) {
  if (Width(type_) == 4) {
    AppendBytes(static_cast<std::int32_t>(value), values_);
  } else {
    AppendBytes(value, values_);
  }
  MarkValid();
}

void ColumnBuilder::AppendUint(std::uint64_t value) {
  if (Width(type_) == 4) {
    AppendBytes(static_cast<std::uint32_t>(value), values_);
  } else {
    AppendBytes(value, values_);
  }
  MarkValid();
}

void ColumnBuilder::AppendFloat(double value) {
  if (Width(type_) == 4) {
    AppendBytes(static_cast<float>(value), values_);
  } else {
    AppendBytes(value, values_);
  }
  MarkValid();
}

void ColumnBuilder::AppendText(std::string_view text) {
  values_ += text;
  OG_CHECK(values_.size() <= INT32_MAX);
  offsets_.push_back(static_cast<std::int32_t>(values_.size()));
  MarkValid();
}

void ColumnBuilder::AppendVector(const float* components) {
  values_.append(reinterpret_cast<const char*>(components), Width(type_));
  MarkValid();
}

void ColumnBuilder::AppendBlob(std::string_view bytes, bool is_uri) {
  values_ += is_uri ? kUriBlob : kInlineBlob;
  AppendText(bytes);
}

void ColumnBuilder::FinishList() {
  offsets_.push_back(static_cast<std::int32_t>(elements_->size()));
  MarkValid();
}

void ColumnBuilder::AppendValue(const types::Value& value) {
  if (value.is_null()) return AppendNull();
  if (const auto* list = value.As<types::ListValue>()) {
    for (const types::Value& element : *list)
      elements_->AppendValue(element);
    return FinishList();
  }
  if (const auto* flag = value.As<bool>()) return AppendBool(*flag);
  if (const auto* integer = value.As<std::int64_t>()) return AppendInt(*integer);
  if (const auto* natural = value.As<std::uint64_t>()) return AppendUint(*natural);
  if (const auto* real = value.As<double>()) return AppendFloat(*real);
  if (const auto* text = value.As<std::string>()) return AppendText(*text);
  if (const auto* date = value.As<types::Date>()) return AppendInt(date->days);
  if (const auto* at = value.As<types::DateTime>()) return AppendInt(at->millis);
  if (const auto* blob = value.As<types::Blob>()) return AppendBlob(blob->bytes, blob->is_uri);
  const auto* vector = value.As<types::VectorValue>();
  OG_CHECK(vector != nullptr && vector->size() == type_.dimensions);
  AppendVector(vector->data());
}

void ColumnBuilder::AppendFrom(const arrow::Array& array, std::int64_t position) {
  if (array.IsNull(position)) return AppendNull();
  if (type_.is_list) {
    const auto& list = static_cast<const arrow::ListArray&>(array);
    for (std::int64_t i = list.value_offset(position); i < list.value_offset(position + 1); ++i) {
      elements_->AppendFrom(*list.values(), i);
    }
    return FinishList();
  }
  switch (type_.scalar) {
    case Scalar::kString:
      return AppendText(static_cast<const arrow::StringArray&>(array).GetView(position));
    case Scalar::kBlob: {
      values_ += static_cast<const arrow::BinaryArray&>(array).GetView(position);
      offsets_.push_back(static_cast<std::int32_t>(values_.size()));
      return MarkValid();
    }
    case Scalar::kBool:
      return AppendBool(static_cast<const arrow::BooleanArray&>(array).Value(position));
    case Scalar::kVector: {
      const auto& vectors = static_cast<const arrow::FixedSizeListArray&>(array);
      const auto& floats = static_cast<const arrow::FloatArray&>(*vectors.values());
      return AppendVector(floats.raw_values() + vectors.value_offset(position));
    }
    default: {
      const std::size_t width = Width(type_);
      const auto* bytes = reinterpret_cast<const char*>(array.data()->buffers[1]->data());
      const auto index = static_cast<std::size_t>(array.offset() + position);
      values_.append(bytes + index * width, width);
      return MarkValid();
    }
  }
}

void ColumnBuilder::AppendRange(const ColumnBuilder& other, std::size_t begin, std::size_t count) {
  if (other.nulls_count_ > 0 && nulls_count_ == 0) GrowValidity();
  if (nulls_count_ > 0 || other.nulls_count_ > 0) {
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_null = other.IsNull(begin + i);
      SetBit(validity_, size_ + i, !is_null);
      if (is_null) ++nulls_count_;
    }
    if (nulls_count_ == 0) validity_.clear();
  }
  if (IsBits(type_)) {
    for (std::size_t i = 0; i < count; ++i) {
      SetBit(values_, size_ + i, BitAt(other.values_, begin + i));
    }
  } else if (HasOffsets(type_)) {
    const std::int32_t from = other.offsets_[begin];
    const std::int32_t shift = offsets_.back() - from;
    const auto length = static_cast<std::size_t>(other.offsets_[begin + count] - from);
    if (elements_) {
      elements_->AppendRange(*other.elements_, static_cast<std::size_t>(from), length);
    } else {
      values_.append(other.values_, static_cast<std::size_t>(from), length);
      OG_CHECK(values_.size() <= INT32_MAX);
    }
    // No exact reservation here: many short ranges would copy the offsets every time.
    for (std::size_t i = begin + 1; i <= begin + count; ++i) {
      offsets_.push_back(shift + other.offsets_[i]);
    }
  } else {
    values_.append(other.values_, begin * Width(type_), count * Width(type_));
  }
  size_ += count;
}

void ColumnBuilder::Truncate(std::size_t size) {
  OG_CHECK(size <= size_);
  const auto cut_bits = [size](std::string& bits) {
    bits.resize((size + 7) / 8);
    if (size % 8 != 0) bits.back() = static_cast<char>(bits.back() & ((1 << (size % 8)) - 1));
  };
  for (std::size_t i = size; i < size_ && nulls_count_ > 0; ++i) {
    if (!BitAt(validity_, i)) --nulls_count_;
  }
  if (nulls_count_ > 0) {
    cut_bits(validity_);
  } else {
    validity_.clear();
  }
  if (IsBits(type_)) {
    cut_bits(values_);
  } else if (HasOffsets(type_)) {
    offsets_.resize(size + 1);
    const auto end = static_cast<std::size_t>(offsets_.back());
    if (elements_) {
      elements_->Truncate(end);
    } else {
      values_.resize(end);
    }
  } else {
    values_.resize(size * Width(type_));
  }
  size_ = size;
}

bool ColumnBuilder::IsNull(std::size_t index) const {
  return nulls_count_ > 0 && !BitAt(validity_, index);
}

std::string_view ColumnBuilder::Text(std::size_t index) const {
  const auto begin = static_cast<std::size_t>(offsets_[index]);
  return std::string_view(values_).substr(begin,
                                          static_cast<std::size_t>(offsets_[index + 1]) - begin);
}

types::Value ColumnBuilder::Value(std::size_t index) const {
  using types::Value;
  if (IsNull(index)) return Value();
  if (type_.is_list) {
    types::ListValue list;
    for (auto i = offsets_[index]; i < offsets_[index + 1]; ++i) {
      list.push_back(elements_->Value(static_cast<std::size_t>(i)));
    }
    return Value::List(std::move(list));
  }
  const auto load = [&]<typename T>(T initial) {
    std::memcpy(&initial, values_.data() + index * sizeof(T), sizeof(T));
    return initial;
  };
  switch (type_.scalar) {
    case Scalar::kString:
      return Value::String(std::string(Text(index)));
    case Scalar::kBool:
      return Value::Bool(BitAt(values_, index));
    case Scalar::kI32:
      return Value::Int(load(std::int32_t{}));
    case Scalar::kI64:
      return Value::Int(load(std::int64_t{}));
    case Scalar::kU32:
      return Value::Uint(load(std::uint32_t{}));
    case Scalar::kU64:
      return Value::Uint(load(std::uint64_t{}));
    case Scalar::kF32:
      return Value::Float(static_cast<double>(load(float{})));
    case Scalar::kF64:
      return Value::Float(load(double{}));
    case Scalar::kDate:
      return Value(Value::Variant(types::Date{load(std::int32_t{})}));
    case Scalar::kDateTime:
      return Value(Value::Variant(types::DateTime{load(std::int64_t{})}));
    case Scalar::kVector: {
      types::VectorValue vector(type_.dimensions);
      std::memcpy(vector.data(), values_.data() + index * Width(type_), Width(type_));
      return Value(Value::Variant(std::move(vector)));
    }
    case Scalar::kBlob: {
      const std::string_view text = Text(index);
      return Value(Value::Variant(types::Blob{std::string(text.substr(1)), text[0] == kUriBlob}));
    }
  }
  OG_CHECK(false);
}

std::shared_ptr<arrow::Array> ColumnBuilder::Finish() {
  const auto length = static_cast<std::int64_t>(size_);
  std::shared_ptr<arrow::Buffer> validity;
  if (nulls_count_ > 0) validity = BufferOf(std::move(validity_));
  std::vector<std::shared_ptr<arrow::Buffer>> buffers = {validity};
  std::vector<std::shared_ptr<arrow::ArrayData>> children;
  if (HasOffsets(type_)) buffers.push_back(arrow::Buffer::FromVector(std::move(offsets_)));
  if (type_.is_list) {
    children.push_back(elements_->Finish()->data());
  } else if (type_.is_vector()) {
    const auto floats_count = length * static_cast<std::int64_t>(type_.dimensions);
    children.push_back(arrow::ArrayData::Make(arrow::float32(), floats_count,
                                              {nullptr, BufferOf(std::move(values_))}, 0));
  } else {
    buffers.push_back(BufferOf(std::move(values_)));
  }
  auto data = arrow::ArrayData::Make(ArrowTypeOf(type_), length, std::move(buffers),
                                     std::move(children), static_cast<std::int64_t>(nulls_count_));
  *this = ColumnBuilder(type_);
  return arrow::MakeArray(std::move(data));
}

RowLayout LayoutOf(const schema::TableType& type) {
  RowLayout layout;
  layout.type = &type;
  layout.is_edge = !schema::IsNodeTable(type);
  if (!layout.is_edge) {
    const auto& node = static_cast<const schema::NodeType&>(type);
    if (node.key.size() == 1) {
      const schema::Property& key = type.properties[node.key[0]];
      if (key.type.scalar == Scalar::kString && !key.type.is_list) {
        layout.ids = RowLayout::Ids::kKeyColumn;
        layout.key_property = key.ordinal;
      }
    }
  }
  return layout;
}

RowBatch::RowBatch(const schema::TableType& type)
    : layout_(LayoutOf(type)), ids_(types::Type{Scalar::kString}) {
  columns_.reserve(type.properties.size());
  for (const schema::Property& property : type.properties)
    columns_.emplace_back(property.type);
}

std::size_t RowBatch::size_bytes() const {
  std::size_t bytes = ids_.size_bytes() + 4 * (sources_.size() + targets_.size());
  for (const ColumnBuilder& column : columns_)
    bytes += column.size_bytes();
  return bytes;
}

std::string_view RowBatch::Id(std::size_t row) const {
  return layout_.ids == RowLayout::Ids::kKeyColumn ? columns_[layout_.key_property].Text(row)
                                                   : ids_.Text(row);
}

void RowBatch::AppendRange(const RowBatch& other, std::size_t begin, std::size_t count) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].AppendRange(other.columns_[i], begin, count);
  }
  if (other.has_stored_ids()) ids_.AppendRange(other.ids_, begin, count);
  const auto append_ends = [&](const std::vector<std::uint32_t>& from,
                               std::vector<std::uint32_t>& to) {
    if (from.empty()) return;
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(begin);
    to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(count));
  };
  append_ends(other.sources_, sources_);
  append_ends(other.targets_, targets_);
  size_ += count;
}

std::shared_ptr<arrow::RecordBatch> RowBatch::Finish(const std::vector<std::uint32_t>& row_ids) {
  const auto rows = static_cast<std::int64_t>(size_);
  const bool has_ids = has_stored_ids();
  const auto numbers = [&](std::vector<std::uint32_t> values) -> std::shared_ptr<arrow::Array> {
    OG_CHECK(values.size() == size_);
    return std::make_shared<arrow::UInt32Array>(rows, arrow::Buffer::FromVector(std::move(values)));
  };
  auto schema = ArrowSchemaOf(type(), !row_ids.empty(), has_ids);
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  if (!row_ids.empty()) arrays.push_back(numbers(row_ids));
  if (has_ids) arrays.push_back(ids_.Finish());
  if (layout_.is_edge) {
    arrays.push_back(numbers(std::move(sources_)));
    arrays.push_back(numbers(std::move(targets_)));
  }
  for (ColumnBuilder& column : columns_) {
    OG_CHECK(column.size() == size_);
    arrays.push_back(column.Finish());
  }
  sources_.clear();
  targets_.clear();
  size_ = 0;
  return arrow::RecordBatch::Make(std::move(schema), rows, std::move(arrays));
}

std::shared_ptr<arrow::DataType> ArrowTypeOf(const types::Type& type) {
  if (type.is_list) return arrow::list(ArrowTypeOf(ElementType(type)));
  switch (type.scalar) {
    case Scalar::kString:
      return arrow::utf8();
    case Scalar::kBool:
      return arrow::boolean();
    case Scalar::kI32:
      return arrow::int32();
    case Scalar::kI64:
      return arrow::int64();
    case Scalar::kU32:
      return arrow::uint32();
    case Scalar::kU64:
      return arrow::uint64();
    case Scalar::kF32:
      return arrow::float32();
    case Scalar::kF64:
      return arrow::float64();
    case Scalar::kDate:
      return arrow::date32();
    case Scalar::kDateTime:
      return arrow::timestamp(arrow::TimeUnit::MILLI, "UTC");
    case Scalar::kVector:
      return arrow::fixed_size_list(arrow::float32(), static_cast<std::int32_t>(type.dimensions));
    case Scalar::kBlob:
      return arrow::binary();
  }
  OG_CHECK(false);
}

std::shared_ptr<arrow::Schema> ArrowSchemaOf(const schema::TableType& type, bool has_row_ids,
                                             bool has_ids) {
  arrow::FieldVector fields;
  if (has_row_ids) fields.push_back(arrow::field("_row", arrow::uint32(), false));
  if (has_ids) fields.push_back(arrow::field("_id", arrow::utf8(), false));
  if (!schema::IsNodeTable(type)) {
    fields.push_back(arrow::field("_src", arrow::uint32(), false));
    fields.push_back(arrow::field("_dst", arrow::uint32(), false));
  }
  for (const schema::Property& property : type.properties) {
    fields.push_back(
        arrow::field(property.name, ArrowTypeOf(property.type), true,
                     arrow::key_value_metadata({"og.id"}, {std::to_string(property.id)})));
  }
  return arrow::schema(std::move(fields));
}

}  // namespace omnigraph::format
