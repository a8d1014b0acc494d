// Write-time constraints with their messages, and the ids of keyed nodes.

#include "schema/constraints.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "schema/compile.h"
#include "schema/key_text.h"

namespace omnigraph::schema {
namespace {

using ::testing::HasSubstr;
using types::Value;

class ConstraintsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<std::shared_ptr<const Schema>> schema = CompileSchema(R"(
      node Pilot {
        badge: String @key
        age: I32?      @range(age, 18..70)
        draft: F64?    @range(draft, 0.5..)
        phone: String? @check(phone, "^[+][0-9]+$")
        word: String?  @check(word, "sea")
        grade: enum(a, b)?
        seat: I32?
        zone: String?
        @unique(zone, seat)
      }
      edge Steers: Pilot -> Pilot @card(2..3) { kind: enum(x)? }
    )");
    ASSERT_TRUE(schema.ok()) << schema.status().message();
    schema_ = *schema;
    pilot_ = schema_->catalog->FindNode("Pilot");
    edge_ = schema_->catalog->FindEdge("Steers");
  }
  std::shared_ptr<const Schema> schema_;
  const NodeType* pilot_ = nullptr;
  const EdgeType* edge_ = nullptr;
};

TEST_F(ConstraintsTest, RangeBoundsAreInclusiveAndNaNIsOutside) {
  const auto constraints = ValueConstraints::Of(*pilot_);
  ASSERT_EQ(constraints.ranges().size(), 2u);
  const RangeCheck& age = constraints.ranges()[0];
  EXPECT_TRUE(age.Admits(18));
  EXPECT_TRUE(age.Admits(70));
  EXPECT_FALSE(age.Admits(17.999));
  EXPECT_FALSE(age.Admits(71));
  EXPECT_FALSE(age.Admits(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_EQ(RangeViolation(*pilot_, age, 71, "71"), "@range violation on Pilot.age: 71 > max 70");
  EXPECT_EQ(RangeViolation(*pilot_, constraints.ranges()[1], 0.25, "0.25"),
            "@range violation on Pilot.draft: 0.25 < min 0.5");
  EXPECT_THAT(RangeViolation(*pilot_, age, std::nan(""), "NaN"), HasSubstr("NaN"));
}

TEST_F(ConstraintsTest, PatternsSearchUnlessTheyAreAnchored) {
  const auto constraints = ValueConstraints::Of(*pilot_);
  const PatternCheck& phone = constraints.patterns()[0];
  const PatternCheck& word = constraints.patterns()[1];
  EXPECT_TRUE(phone.pattern.MatchesSomewhere("+47"));
  EXPECT_FALSE(phone.pattern.MatchesSomewhere("call +47"));
  EXPECT_TRUE(word.pattern.MatchesSomewhere("the sea!"));
  EXPECT_EQ(PatternViolation(*pilot_, phone, "call +47"),
            "@check violation on Pilot.phone: 'call +47' does not match '^[+][0-9]+$'");
}

TEST_F(ConstraintsTest, MessagesNameTypeColumnsAndValues) {
  EXPECT_TRUE(IsEnumValue(pilot_->FindProperty("grade")->type, "a"));
  EXPECT_FALSE(IsEnumValue(pilot_->FindProperty("grade")->type, "A"));
  EXPECT_EQ(EnumViolation(*pilot_, *pilot_->FindProperty("grade"), "c"),
            "invalid enum value 'c' for Pilot.grade: expected one of a, b");
  EXPECT_THAT(UniqueViolation(*pilot_, pilot_->unique_groups[0], {"4", "s"}),
              HasSubstr("@unique violation on Pilot.(seat, zone): (4, s)"));
  EXPECT_THAT(UniqueViolation(*pilot_, pilot_->key, {"x"}),
              HasSubstr("@unique violation on Pilot.badge: 'x'"));
}

TEST_F(ConstraintsTest, CardinalityCountsOnlySourcesWithEdges) {
  EXPECT_EQ(CardinalityViolation(*edge_, "p", 0), std::nullopt);
  EXPECT_EQ(CardinalityViolation(*edge_, "p", 1),
            "@card violation on edge Steers: source 'p' has 1 edges (min 2)");
  EXPECT_EQ(CardinalityViolation(*edge_, "p", 2), std::nullopt);
  EXPECT_EQ(CardinalityViolation(*edge_, "p", 4),
            "@card violation on edge Steers: source 'p' has 4 edges (max 3)");
}

TEST_F(ConstraintsTest, CardinalityCountsASourceThatLostItsLastEdge) {
  EXPECT_EQ(CardinalityViolation(*edge_, "p", 0, true),
            "@card violation on edge Steers: source 'p' has 0 edges (min 2)");
  EXPECT_EQ(CardinalityViolation(*edge_, "p", 2, true), std::nullopt);
}

TEST_F(ConstraintsTest, EdgesHaveEnumsOnly) {
  const auto constraints = ValueConstraints::Of(*edge_);
  EXPECT_EQ(constraints.enums().size(), 1u);
  EXPECT_TRUE(constraints.ranges().empty() && constraints.patterns().empty());
}

std::shared_ptr<const Schema> KeyedBy(const std::string& type) {
  return *CompileSchema("node N { k: " + type + " @key }");
}

struct KeyCase {
  std::string type;
  Value value;
  std::string text;
};

TEST(KeyTextTest, EveryKeyTypeHasOneSpelling) {
  const std::vector<KeyCase> cases = {
      {"String", Value::String(" Ab "), " Ab "},
      {"String", Value::String(""), ""},
      {"enum(a)", Value::String("a"), "a"},
      {"I32", Value::Int(-7), "-7"},
      {"I64", Value::Int(INT64_MIN), "-9223372036854775808"},
      {"U64", Value::Uint(UINT64_MAX), "18446744073709551615"},
      {"Bool", Value::Bool(true), "true"},
      {"Date", Value(types::Date{19723}), "2024-01-01"},
      {"DateTime", Value(types::DateTime{1704067200001}), "2024-01-01T00:00:00.001Z"},
      {"F64", Value::Float(0.1), "0.1"},
      {"F64", Value::Float(-0.0), "0"},
      {"F32", Value::Float(static_cast<double>(0.1f)), "0.1"},
  };
  for (const KeyCase& test : cases) {
    const auto schema = KeyedBy(test.type);
    const NodeType& node = *schema->catalog->FindNode("N");
    const Result<std::string> text = KeyText(node, std::vector<Value>{test.value});
    ASSERT_TRUE(text.ok()) << test.type;
    EXPECT_EQ(*text, test.text) << test.type;
    EXPECT_EQ(CanonicalId(node, test.text), test.text) << test.type << ": spelling is canonical";
  }
}

TEST(KeyTextTest, NullAndNonFiniteKeysAreRefused) {
  const auto text = KeyedBy("String");
  const Status missing =
      KeyText(*text->catalog->FindNode("N"), std::vector<Value>{Value::Null()}).status();
  EXPECT_THAT(missing.message(), HasSubstr("missing @key property 'k'"));
  const auto narrow = KeyedBy("F32");
  for (double value : {std::nan(""), 1e300, -std::numeric_limits<double>::infinity()}) {
    const Status status =
        KeyText(*narrow->catalog->FindNode("N"), std::vector<Value>{Value::Float(value)}).status();
    EXPECT_THAT(status.message(), HasSubstr("N.k must be a finite number"));
  }
}

TEST(KeyTextTest, CompositeKeysAreJsonArraysInNumberOrder) {
  const auto schema = *CompileSchema("node Slot { room: String hour: I32 @key(room, hour) }");
  const NodeType& slot = *schema->catalog->FindNode("Slot");
  EXPECT_EQ(*KeyText(slot, std::vector<Value>{Value::Int(9), Value::String("B\"1")}),
            R"(["9","B\"1"])");
  EXPECT_EQ(CanonicalId(slot, R"([ "009" , "B" ])"), R"(["9","B"])");
  for (std::string_view wrong :
       {"9", "[]", R"(["9"])", R"([9,"B"])", R"(["x","B"])", "[\"9\",\"B\""}) {
    EXPECT_EQ(CanonicalId(slot, wrong), std::nullopt) << wrong;
  }
}

TEST(KeyTextTest, OtherSpellingsOfOneKeyHaveOneCanonicalId) {
  EXPECT_EQ(CanonicalId(*KeyedBy("I32")->catalog->FindNode("N"), "007"), "7");
  EXPECT_EQ(CanonicalId(*KeyedBy("Date")->catalog->FindNode("N"), "2024-6-1"), "2024-06-01");
  EXPECT_EQ(CanonicalId(*KeyedBy("Date")->catalog->FindNode("N"), "19723"), "2024-01-01");
  EXPECT_EQ(CanonicalId(*KeyedBy("DateTime")->catalog->FindNode("N"), "1704067200000"),
            "2024-01-01T00:00:00.000Z");
  EXPECT_EQ(CanonicalId(*KeyedBy("F64")->catalog->FindNode("N"), "1.50"), "1.5");
  EXPECT_EQ(CanonicalId(*KeyedBy("Bool")->catalog->FindNode("N"), "TRUE"), std::nullopt);
  EXPECT_EQ(CanonicalId(*KeyedBy("U32")->catalog->FindNode("N"), "-1"), std::nullopt);
  EXPECT_EQ(CanonicalId(*KeyedBy("F64")->catalog->FindNode("N"), "nan"), std::nullopt);
  const auto keyless = *CompileSchema("node N { }");
  EXPECT_EQ(CanonicalId(*keyless->catalog->FindNode("N"), "anything"), "anything");
}

}  // namespace
}  // namespace omnigraph::schema
