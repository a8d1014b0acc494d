// Tests of binding: parameters and now() become literals, bad constants are refused.

#include "query/bind.h"

#include <gmock/gmock.h>

#include "query/parameters.h"
#include "query/test_schemas.h"

namespace omnigraph::query {
namespace {

using ::testing::HasSubstr;
using types::Value;

Result<CheckedQuery> BindText(std::string_view body, std::string_view parameters = "",
                              std::string_view json = "{}") {
  static const auto catalog = testing::CatalogOf(testing::kFleetSchema);
  CheckOutcome outcome = testing::CheckText(testing::QueryText(body, parameters), *catalog);
  OG_CHECK(outcome.query.has_value());
  OG_ASSIGN_OR_RETURN(const auto values, ParseParameters(outcome.query->parameters, json));
  return Bind(*outcome.query, values, types::DateTime{1000});
}

TEST(BindTest, ParametersAndNowBecomeLiteralsEverywhere) {
  const auto bound =
      BindText("match { $s: Ship { tons: $t } not { $s.seen < now() } } return { $t, now() }",
               "$t: I32", R"({"t":7})");

  ASSERT_TRUE(bound.ok()) << bound.status().message();
  const ReadQuery& read = *bound->read();
  const Value now(Value::Variant(types::DateTime{1000}));
  EXPECT_EQ(read.match.conditions[0].arguments[1].value, Value::Int(7));
  EXPECT_EQ(read.match.negations[0].pattern.conditions[0].arguments[1].value, now);
  EXPECT_EQ(read.projections[0].expression.kind, ExpressionKind::kLiteral);
  EXPECT_EQ(read.projections[1].expression.value, now);
}

TEST(BindTest, MutationsAreBoundToo) {
  const auto bound = BindText(
      "insert Follows { from: $a, to: \"b\", note: $a } "
      "update Ship set { seen: now() } where name = $a",
      "$a: String", R"({"a":"x"})");

  ASSERT_TRUE(bound.ok()) << bound.status().message();
  const auto& insert = std::get<InsertEdge>(bound->mutation()->statements[0].action);
  EXPECT_EQ(insert.from.value, Value::String("x"));
  EXPECT_EQ(insert.assignments[0].value.value, Value::String("x"));
  const auto& update = std::get<UpdateNode>(bound->mutation()->statements[1].action);
  EXPECT_EQ(update.assignments[0].value.kind, ExpressionKind::kLiteral);
  EXPECT_EQ(update.predicate.arguments[1].value, Value::String("x"));
}

struct BadConstant {
  const char* body;
  const char* parameters;
  const char* json;
  const char* token;
};

class BadConstantTest : public ::testing::TestWithParam<BadConstant> {};

TEST_P(BadConstantTest, IsRefusedByName) {
  const auto bound = BindText(GetParam().body, GetParam().parameters, GetParam().json);

  ASSERT_FALSE(bound.ok());
  EXPECT_EQ(bound.status().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(std::string(bound.status().message()), HasSubstr(GetParam().token));
}

const BadConstant kBadConstants[] = {
    {"match { $s: Ship $s.built > date(\"soon\") } return { 1 }", "", "{}", "Date"},
    {"match { $s: Ship not { $s.seen > datetime(\"x\") } } return { 1 }", "", "{}", "DateTime"},
    {"insert Ship { name: \"x\", built: date(\"soon\") }", "", "{}", "Date"},
    {"match { $r: Report fuzzy($r.title, \"x\", 5) } return { 1 }", "", "{}", "max_edits"},
    {"match { $r: Report fuzzy($r.title, \"x\", $e) } return { 1 }", "$e: I64", R"({"e":-1})",
     "max_edits"},
    {"match { $r: Report fuzzy($r.title, \"x\", $e) } return { 1 }", "$e: I64?", "{}", "max_edits"},
    {"match { $r: Report fuzzy($r.title, \"x\", $e) } return { 1 }", "$e: U64",
     R"({"e":18446744073709551615})", "max_edits"},
    {"match { $r: Report } return { 1 } order { rrf(bm25($r.title, \"a\"), bm25($r.title, \"b\"), "
     "$k) } limit 1",
     "$k: I64", R"({"k":0})", "rrf"},
    {"match { $r: Report } return { 1 } order { nearest($r.vec, $q) } limit 1", "$q: Vector(3)?",
     "{}", "nearest query"},
};

INSTANTIATE_TEST_SUITE_P(BadConstants, BadConstantTest, ::testing::ValuesIn(kBadConstants));

}  // namespace
}  // namespace omnigraph::query
