// Tests of comparison, order and group keys of single values, and of filters as ranges of keys.

#include "exec/datum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "exec/filter.h"

namespace omnigraph::exec {
namespace {

using query::CompareOp;
using query::Comparison;

const double kNan = std::nan("");
const double kInfinity = std::numeric_limits<double>::infinity();

TEST(CompareNumbersTest, IsExactBeyondTwoToThe53) {
  EXPECT_LT(CompareNumbers(Datum::Int(9007199254740992), Datum::Int(9007199254740993)), 0);
  EXPECT_GT(CompareNumbers(Datum::Int(9007199254740993), Datum::Real(9007199254740992.0)), 0);
  EXPECT_LT(CompareNumbers(Datum::Int(-1), Datum::Natural(0)), 0);
  EXPECT_GT(CompareNumbers(Datum::Natural(UINT64_MAX), Datum::Int(INT64_MAX)), 0);
  EXPECT_LT(CompareNumbers(Datum::Natural(UINT64_MAX), Datum::Real(18446744073709551616.0)), 0);
  EXPECT_EQ(CompareNumbers(Datum::Int(2), Datum::Real(2.0)), 0);
  EXPECT_GT(CompareNumbers(Datum::Int(-2), Datum::Real(-2.5)), 0);
}

TEST(CompareNumbersTest, FloatsAreInTotalOrder) {
  const std::vector<double> ascending = {-kInfinity, -1.5, -0.0, 0.0, 1e-300, 2.0, kInfinity, kNan};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      const int order = CompareNumbers(Datum::Real(ascending[i]), Datum::Real(ascending[j]));
      EXPECT_EQ(order, i < j ? -1 : (i > j ? 1 : 0)) << ascending[i] << " " << ascending[j];
    }
  }
  EXPECT_EQ(CompareNumbers(Datum::Real(kNan), Datum::Real(-kNan)), 0);
}

TEST(CompareTest, NullIsUnknownForEveryOperator) {
  for (const CompareOp op : {CompareOp::kEqual, CompareOp::kNotEqual, CompareOp::kLess}) {
    EXPECT_FALSE(Compare(op, Comparison::kExactNumber, Datum::Null(), Datum::Int(1)).has_value());
  }
}

TEST(CompareForOrderTest, NullsAreLowestAndPrefixesComeFirst) {
  using types::Value;
  const Value empty = Value::List({});
  const Value with_null = Value::List({Value::Null()});
  const Value one = Value::List({Value::Int(1)});
  const Value longer = Value::List({Value::Int(1), Value::Int(0)});

  EXPECT_LT(CompareForOrder(Datum::Null(), Datum::Of(empty)), 0);
  EXPECT_LT(CompareForOrder(Datum::Of(empty), Datum::Of(with_null)), 0);
  EXPECT_LT(CompareForOrder(Datum::Of(with_null), Datum::Of(one)), 0);
  EXPECT_LT(CompareForOrder(Datum::Of(one), Datum::Of(longer)), 0);
}

TEST(AppendGroupKeyTest, TellsZerosApartButNotNans) {
  const auto key = [](const Datum& value) {
    std::string text;
    AppendGroupKey(value, text);
    return text;
  };
  EXPECT_NE(key(Datum::Real(0.0)), key(Datum::Real(-0.0)));
  EXPECT_EQ(key(Datum::Real(kNan)), key(Datum::Real(-kNan)));
  EXPECT_NE(key(Datum::Null()), key(Datum::Text("")));
}

// Whether a range gives what the general comparison gives.
class RangeOfTest : public ::testing::Test {
 protected:
  static bool IsWithin(const KeyRange& range, std::int64_t key) {
    return (key >= range.min && key <= range.max) != range.is_negated;
  }
  static void ExpectAgreement(const types::Type& type, Comparison comparison,
                              const std::vector<Datum>& values,
                              const std::vector<Datum>& constants) {
    for (const CompareOp op :
         {CompareOp::kEqual, CompareOp::kNotEqual, CompareOp::kLess, CompareOp::kLessOrEqual,
          CompareOp::kGreater, CompareOp::kGreaterOrEqual}) {
      for (const Datum& constant : constants) {
        const std::optional<KeyRange> range = RangeOf(type, op, comparison, constant);
        if (!range.has_value()) continue;
        for (const Datum& value : values) {
          const std::int64_t key =
              value.kind == DatumKind::kReal ? RealOrderKey(value.real) : value.integer;
          std::string shown;
          AppendJson(value, shown);
          shown += std::string(" ") + std::string(query::CompareOpText(op)) + " ";
          AppendJson(constant, shown);
          EXPECT_EQ(IsWithin(*range, key), *Compare(op, comparison, value, constant)) << shown;
        }
      }
    }
  }
  static types::Type TypeOf(types::Scalar scalar) {
    types::Type type;
    type.scalar = scalar;
    return type;
  }
};

const std::vector<Datum> kConstants = {
    Datum::Int(0),          Datum::Int(3),           Datum::Int(INT64_MIN),
    Datum::Int(INT64_MAX),  Datum::Natural(3),       Datum::Natural(UINT64_MAX),
    Datum::Real(0.0),       Datum::Real(-0.0),       Datum::Real(2.7),
    Datum::Real(-2.7),      Datum::Real(3.0),        Datum::Real(0.1),
    Datum::Real(kInfinity), Datum::Real(-kInfinity), Datum::Real(kNan),
    Datum::Real(1e30),      Datum::Int(16777217),    Datum::Real(16777217.0)};

TEST_F(RangeOfTest, OfIntegersAgreesWithTheComparison) {
  ExpectAgreement(TypeOf(types::Scalar::kI64), Comparison::kExactNumber,
                  {Datum::Int(INT64_MIN), Datum::Int(-3), Datum::Int(-2), Datum::Int(0),
                   Datum::Int(2), Datum::Int(3), Datum::Int(4), Datum::Int(INT64_MAX)},
                  kConstants);
}

TEST_F(RangeOfTest, OfFloatsAgreesWithTheComparison) {
  ExpectAgreement(TypeOf(types::Scalar::kF64), Comparison::kExactNumber,
                  {Datum::Real(-0.0), Datum::Real(0.0), Datum::Real(2.7), Datum::Real(3.0),
                   Datum::Real(kNan), Datum::Real(kInfinity), Datum::Real(-kInfinity)},
                  kConstants);
}

TEST_F(RangeOfTest, OfShortFloatsRoundsTheConstant) {
  const auto shortened = [](float value) { return Datum::Real(static_cast<double>(value)); };
  ExpectAgreement(TypeOf(types::Scalar::kF32), Comparison::kRoundedNumber,
                  {shortened(0.1F), shortened(16777216.0F), shortened(-0.0F), shortened(2.7F)},
                  kConstants);
}

}  // namespace
}  // namespace omnigraph::exec
