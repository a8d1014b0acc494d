// Tests of the status-level interface: selection, entry points, the texts of errors.

#include "query/compile.h"

#include <gmock/gmock.h>

#include "query/test_schemas.h"

namespace omnigraph::query {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kTwoQueries =
    "query one() { match { $s: Ship } return { $s } }\n"
    "query two() { delete Ship where name = \"x\" }\n"
    "query one() { match { $s: Ship } return { 1 } }\n";

ast::File FileOf(const std::string& text) {
  auto file = ParseFile(text::Source("q.gq", text));
  OG_CHECK(file.ok());
  return std::move(file).value();
}

TEST(CompileTest, TheFirstQueryOfAnameWins) {
  const ast::File file = FileOf(kTwoQueries);

  const auto one = SelectQuery(file, "one");

  ASSERT_TRUE(one.ok());
  EXPECT_EQ(*one, &file.queries[0]);
}

TEST(CompileTest, WithoutANameTheFileMustHoldOneQuery) {
  const ast::File several = FileOf(kTwoQueries);
  const ast::File none = FileOf("");
  const ast::File single = FileOf("query a() { match { $s: Ship } return { 1 } }");

  EXPECT_THAT(std::string(SelectQuery(several, "").status().message()),
              AllOf(HasSubstr("multiple queries"), HasSubstr("--name")));
  EXPECT_THAT(std::string(SelectQuery(none, "").status().message()), HasSubstr("multiple queries"));
  EXPECT_TRUE(SelectQuery(single, "").ok());
}

TEST(CompileTest, AnUnknownNameIsRefusedWithASuggestion) {
  const ast::File file = FileOf(kTwoQueries);

  EXPECT_THAT(std::string(SelectQuery(file, "tow").status().message()),
              AllOf(HasSubstr("query 'tow' not found"), HasSubstr("'two'")));
}

TEST(CompileTest, QueriesAreRefusedAtTheWrongEntryPoint) {
  const ast::File file = FileOf(kTwoQueries);

  EXPECT_TRUE(RequireRead(file.queries[0]).ok());
  EXPECT_TRUE(RequireMutation(file.queries[1]).ok());
  EXPECT_THAT(std::string(RequireRead(file.queries[1]).message()),
              AllOf(HasSubstr("'two'"), HasSubstr("mutations"), HasSubstr("mutate")));
  EXPECT_THAT(std::string(RequireMutation(file.queries[0]).message()),
              HasSubstr("mutation execution called on a read query"));
}

TEST(CompileTest, ParseErrorsAreDrawnBelowTheirHeadline) {
  const auto file = ParseFile(text::Source("q.gq", "query q() {\n  match { }\n}\n"));

  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.status().message(),
            "parse error: line 2, column 11: expected a clause, found '}'\n"
            " --> q.gq:2:11\n"
            "  |\n"
            "2 |   match { }\n"
            "  |           ^\n");
}

TEST(CompileTest, TypeErrorsAreDrawnBelowTheirHeadline) {
  const auto catalog = testing::CatalogOf(testing::kFleetSchema);
  const text::Source source("q.gq", "query q() { match { $s: Ship } return { $s.nam, $x } }");
  const auto file = ParseFile(source);
  const auto checked = CheckQuery(source, file->queries[0], *catalog);

  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.status().message(),
            "type error: T6: type Ship has no property 'nam'\n"
            " --> q.gq:1:44\n"
            "  |\n"
            "1 | query q() { match { $s: Ship } return { $s.nam, $x } }\n"
            "  |                                            ^^^\n"
            "  = help: a similar property exists: 'name'\n"
            "\n"
            "error: variable '$x' is not bound, and no parameter\n"
            " --> q.gq:1:49\n"
            "  |\n"
            "1 | query q() { match { $s: Ship } return { $s.nam, $x } }\n"
            "  |                                                 ^^\n"
            "  = help: a similar name exists: 's'\n");
}

TEST(CompileTest, InsertsAndDeletesDoNotMix) {
  const auto catalog = testing::CatalogOf(testing::kFleetSchema);
  const text::Source source(
      "q.gq", "query mix() { insert Ship { name: \"a\" } delete Ship where name = \"b\" }");
  const auto file = ParseFile(source);
  const auto checked = CheckQuery(source, file->queries[0], *catalog);

  ASSERT_FALSE(checked.ok());
  EXPECT_THAT(std::string(checked.status().message()),
              AllOf(HasSubstr("'mix'"), HasSubstr("inserts/updates and deletes"),
                    HasSubstr("split into separate mutations")));
}

}  // namespace
}  // namespace omnigraph::query
