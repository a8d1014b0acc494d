// Tests of columns under construction and of their way through fragments and segments.

#include "format/row_batch.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/fragment.h"
#include "schema/compile.h"
#include "store/memory_store.h"

namespace omnigraph::format {
namespace {

using types::Scalar;
using types::Value;

std::vector<std::pair<types::Type, std::vector<Value>>> Samples() {
  const auto date = [](std::int32_t days) { return Value(Value::Variant(types::Date{days})); };
  const auto at = [](std::int64_t millis) {
    return Value(Value::Variant(types::DateTime{millis}));
  };
  return {
      {{Scalar::kString}, {Value::String("a"), Value(), Value::String(""), Value::String("éé")}},
      {{Scalar::kBool}, {Value::Bool(true), Value(), Value::Bool(false), Value::Bool(true)}},
      {{Scalar::kI32}, {Value::Int(-5), Value(), Value::Int(INT32_MAX)}},
      {{Scalar::kI64}, {Value::Int(INT64_MIN), Value::Int(7)}},
      {{Scalar::kU32}, {Value::Uint(UINT32_MAX), Value()}},
      {{Scalar::kU64}, {Value(), Value::Uint(UINT64_MAX)}},
      {{Scalar::kF32}, {Value::Float(0.5), Value()}},
      {{Scalar::kF64}, {Value::Float(-1e300), Value()}},
      {{Scalar::kDate}, {date(-3), Value()}},
      {{Scalar::kDateTime}, {at(1'775'032'200'000), Value()}},
      {{Scalar::kVector, false, true, 2},
       {Value(Value::Variant(types::VectorValue{1, 2})), Value()}},
      {{Scalar::kString, true},
       {Value::List({Value::String("x"), Value()}), Value(), Value::List({})}},
      {{Scalar::kI32, true}, {Value::List({Value::Int(1)}), Value::List({Value::Int(2), Value()})}},
      {{Scalar::kBlob},
       {Value(Value::Variant(types::Blob{"Hello", false})),
        Value(Value::Variant(types::Blob{"s3://b/k", true})), Value()}},
  };
}

TEST(ColumnBuilderTest, KeepsEveryKindOfValue) {
  for (const auto& [type, values] : Samples()) {
    ColumnBuilder column(type);
    for (const Value& value : values)
      column.AppendValue(value);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(column.Value(i), values[i]) << types::TypeName(type) << " " << i;
    }
  }
}

TEST(ColumnBuilderTest, ColumnsJoinWithNullsOnEitherSide) {
  for (const auto& [type, values] : Samples()) {
    for (std::size_t cut = 0; cut <= values.size(); ++cut) {
      ColumnBuilder left(type);
      ColumnBuilder right(type);
      for (std::size_t i = 0; i < values.size(); ++i) {
        (i < cut ? left : right).AppendValue(values[i]);
      }
      left.AppendAll(right);
      ASSERT_EQ(left.size(), values.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_EQ(left.Value(i), values[i]);
    }
  }
}

// Appends values[begin, end) twice, takes the second copy back, and appends all.
void ExpectRange(const ColumnBuilder& source, const std::vector<Value>& values, std::size_t begin,
                 std::size_t end) {
  const std::size_t count = end - begin;
  ColumnBuilder column(source.type());
  column.AppendRange(source, begin, count);
  column.AppendRange(source, begin, count);
  column.Truncate(count);
  column.AppendRange(source, 0, values.size());
  ASSERT_EQ(column.size(), count + values.size());
  std::size_t nulls = 0;
  for (std::size_t i = 0; i < column.size(); ++i) {
    const Value& expected = values[i < count ? begin + i : i - count];
    EXPECT_EQ(column.Value(i), expected) << types::TypeName(source.type()) << " " << i;
    nulls += expected.is_null() ? 1 : 0;
  }
  EXPECT_EQ(column.nulls_count(), nulls);
}

TEST(ColumnBuilderTest, AnyRangeCanBeAppendedAndTakenBack) {
  for (const auto& [type, values] : Samples()) {
    ColumnBuilder source(type);
    for (const Value& value : values)
      source.AppendValue(value);
    for (std::size_t begin = 0; begin <= values.size(); ++begin) {
      for (std::size_t end = begin; end <= values.size(); ++end)
        ExpectRange(source, values, begin, end);
    }
  }
}

TEST(ColumnBuilderTest, StoredCellsComeBackFromArrow) {
  for (const auto& [type, values] : Samples()) {
    ColumnBuilder column(type);
    for (const Value& value : values)
      column.AppendValue(value);
    const std::shared_ptr<arrow::Array> array = column.Finish();
    ASSERT_TRUE(array->ValidateFull().ok()) << array->ValidateFull().ToString();
    ColumnBuilder copy(type);
    for (std::size_t i = 0; i < values.size(); ++i) {
      copy.AppendFrom(*array, static_cast<std::int64_t>(i));
    }
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(copy.Value(i), values[i]);
  }
}

class FragmentTest : public ::testing::Test {
 protected:
  const schema::TableType& type() const { return *schema_->catalog->FindNode("P"); }
  std::shared_ptr<arrow::RecordBatch> ThreeRows() const {
    RowBatch batch(type());
    const auto* name = type().FindProperty("name");
    const auto* age = type().FindProperty("age");
    for (const char* id : {"ada", "bob", "cat"}) {
      batch.column(name->ordinal).AppendText(id);
      batch.column(age->ordinal).AppendNull();
      batch.FinishRow();
    }
    return batch.Finish({});
  }
  std::shared_ptr<const schema::Schema> schema_ =
      *schema::CompileSchema("node P { name: String @key\n age: I32? }");
};

TEST_F(FragmentTest, IsReadInPlaceAndDamageIsFound) {
  store::MemoryStore store;
  const auto rows = ThreeRows();
  const auto written = WriteFragment(store, "data/x.arrow", rows);
  ASSERT_TRUE(written.ok()) << written.status().message();
  const auto bytes = store.MapReadOnly("data/x.arrow");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ((*bytes)->size(), written->size_bytes);
  const auto read = ReadFragment(*bytes, written->checksum, "data/x.arrow");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_TRUE((*read)->Equals(*rows));
  EXPECT_EQ(ReadFragment(*bytes, written->checksum + 1, "x").status().code(),
            ErrorCode::kCorruption);
}

TEST_F(FragmentTest, SegmentRowsNeedNoSchemaMessage) {
  const auto rows = ThreeRows();
  const auto bytes = EncodeSegmentRows(rows);
  ASSERT_TRUE(bytes.ok());
  const auto read =
      DecodeSegmentRows(std::make_shared<const std::string>(*bytes), type(), false, "s");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ((*read)->num_rows(), 3);
  for (std::size_t size = 0; size < bytes->size(); size += 8) {
    const auto cut = std::make_shared<const std::string>(bytes->substr(0, size));
    EXPECT_EQ(DecodeSegmentRows(cut, type(), false, "s").status().code(), ErrorCode::kCorruption);
  }
}

}  // namespace
}  // namespace omnigraph::format
