// Tests of the descriptions that catalogues and lint show.

#include "query/describe.h"

#include <gmock/gmock.h>

#include "query/test_schemas.h"

namespace omnigraph::query {
namespace {

TEST(DescribeTest, ParametersUseTheWordsOfTheCatalogue) {
  const text::Source source(
      "t",
      "query q($a: String, $b: Bool?, $c: I32, $d: U32, $e: I64, $f: U64, $g: F32, $h: F64, "
      "$i: Date, $j: DateTime, $k: Blob, $l: Vector( 3 ) ?, $m: [I64]?) "
      "{ match { $p: P } return { 1 } }");
  text::Diagnostics diagnostics;
  const ast::File file = Parse(source, diagnostics);
  std::string json;
  for (const FieldDescription& field : DescribeParameters(file.queries.at(0))) {
    AppendJson(field, json);
  }

  EXPECT_EQ(json, R"({"name":"a","kind":"string","nullable":false})"
                  R"({"name":"b","kind":"bool","nullable":true})"
                  R"({"name":"c","kind":"int","nullable":false})"
                  R"({"name":"d","kind":"int","nullable":false})"
                  R"({"name":"e","kind":"bigint","nullable":false})"
                  R"({"name":"f","kind":"bigint","nullable":false})"
                  R"({"name":"g","kind":"float","nullable":false})"
                  R"({"name":"h","kind":"float","nullable":false})"
                  R"({"name":"i","kind":"date","nullable":false})"
                  R"({"name":"j","kind":"datetime","nullable":false})"
                  R"({"name":"k","kind":"blob","nullable":false})"
                  R"({"name":"l","kind":"vector","vector_dim":3,"nullable":true})"
                  R"({"name":"m","kind":"list","item_kind":"bigint","nullable":true})");
}

TEST(DescribeTest, OperationsNameResultsShortAndTypesSorted) {
  const auto catalog = testing::CatalogOf(testing::kPeopleSchema);
  const CheckOutcome outcome = testing::CheckText(
      "query q() { match { $p: Person $p worksAt $c } return { $c, $c.name, $p.tags as t, "
      "count($p) as n, min($p) as low, max($p.age) } }",
      *catalog);
  ASSERT_TRUE(outcome.query.has_value());
  std::string json;
  AppendJson(DescribeOperation(*outcome.query, *catalog), json);

  EXPECT_EQ(json, R"({"result":[{"name":"c","kind":"object","nullable":false},)"
                  R"({"name":"name","kind":"string","nullable":false},)"
                  R"({"name":"t","kind":"list","item_kind":"string","nullable":true},)"
                  R"({"name":"n","kind":"bigint","nullable":false},)"
                  R"({"name":"low","kind":"string","nullable":true},)"
                  R"({"name":"age","kind":"int","nullable":true}],)"
                  R"("reads":[{"kind":"node","type_name":"Company"},)"
                  R"({"kind":"node","type_name":"Person"},{"kind":"edge","type_name":"WorksAt"}],)"
                  R"("writes":[]})");
}

}  // namespace
}  // namespace omnigraph::query
