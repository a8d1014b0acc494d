// Tests of lint: findings, counts, the JSON model and the lines for people.

#include "query/lint.h"

#include <gmock/gmock.h>

#include "query/test_schemas.h"

namespace omnigraph::query {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

LintReport LintFleet(const std::string& text) {
  static const auto catalog = testing::CatalogOf(testing::kFleetSchema);
  return Lint(text::Source("q.gq", text), *catalog);
}

constexpr const char* kFile = R"gq(
query list() { match { $s: Ship } return { $s.name } }
query retag($n: String, $f: String) {
  update Ship set { flag: $f, tons: 3, tags: ["x"], ratio: 1.5, active: true } where name = $n
}
query fixed() { update Ship set { built: date("2024-01-01") } where name = "a" }
query broken() { update Ship set { masts: 1, hull: 2 } where name = "a" }
)gq";

TEST(LintTest, FindsPropertiesThatNoValidUpdateSets) {
  const LintReport report = LintFleet(kFile);

  ASSERT_THAT(report.findings, SizeIs(3));
  EXPECT_EQ(report.findings[0].message, "Ship.hull exists in schema but no update query sets it");
  EXPECT_EQ(report.findings[1].property, "seen");
  EXPECT_EQ(report.findings[2].property, "shape");
  EXPECT_THAT(report.findings[0].query_names, ElementsAre("fixed", "retag"));
  EXPECT_EQ(report.errors_count(), 1u);
  EXPECT_EQ(report.warnings_count(), 5u);
  EXPECT_FALSE(report.is_ok());
}

TEST(LintTest, EmbedTargetsAndKeysNeedNoUpdate) {
  const LintReport report =
      LintFleet("query a($t: String) { update Photo set { text: $t } where slug = $t }");

  EXPECT_THAT(report.findings, IsEmpty());
  EXPECT_TRUE(report.is_ok());
}

TEST(LintTest, WarnsOfHardcodedMutationsEvenWhenTheyAreWrong) {
  const LintReport report = LintFleet(kFile);

  EXPECT_THAT(report.results[1].warnings, IsEmpty());
  EXPECT_THAT(report.results[2].warnings, ElementsAre(HasSubstr("hardcoded")));
  EXPECT_THAT(report.results[3].warnings, ElementsAre(HasSubstr("hardcoded")));
  EXPECT_THAT(report.results[3].error, StartsWith("type error: T11: "));
  EXPECT_THAT(report.diagnostics, SizeIs(2));
}

TEST(LintTest, AFileThatDoesNotParseIsOneFinding) {
  const LintReport report = LintFleet(
      "query fine() { match { $s: Ship } return { $s } }\nquery a() { }\nquery b() { }\n");

  EXPECT_THAT(report.results, IsEmpty());
  ASSERT_THAT(report.findings, SizeIs(1));
  EXPECT_EQ(report.findings[0].code, "Q000");
  EXPECT_THAT(report.findings[0].message, StartsWith("parse error: line 2, column 13: expected"));
  EXPECT_THAT(report.findings[0].message, HasSubstr("1 more in this file"));
  EXPECT_THAT(report.diagnostics, SizeIs(2));
}

TEST(LintTest, JsonHasTheKeysInOrder) {
  const LintReport report = LintFleet(
      "query fix() { update Report set { vec: [1, 2, 3], title: \"x\" } where slug = \"a\" }\n"
      "query bad($n: String) { delete Boat where a = $n }");

  EXPECT_EQ(
      LintJson(report, {false, "s.pg"}, "q.gq"),
      R"({"status":"error","schema_source":{"kind":"file","path":"s.pg"},"query_path":"q.gq",)"
      R"("queries_processed":2,"errors":1,"warnings":2,"infos":0,"results":[{"name":"fix",)"
      R"("kind":"mutation","status":"ok",)"
      R"("warnings":["mutation declares no params: its values are hardcoded"],)"
      R"("operation":{"result":[],"reads":[{"kind":"node","type_name":"Report"}],)"
      R"("writes":[{"kind":"node","type_name":"Report"}]}},)"
      R"({"name":"bad","kind":"mutation","status":"error","error":"type error: T10: 'Boat' is )"
      R"(neither a node type nor an edge type of the schema"}],)"
      R"("findings":[{"severity":"warning","code":"L201",)"
      R"("message":"Report.marks exists in schema but no update query sets it",)"
      R"("type_name":"Report","property":"marks","query_names":["fix"]}]})");
  EXPECT_THAT(LintJson(report, {true, "file:///g"}, "q.gq"),
              HasSubstr(R"("schema_source":{"kind":"graph","uri":"file:///g"})"));
}

TEST(LintTest, LinesForPeopleHaveTheirPinnedShapes) {
  EXPECT_EQ(
      LintText(LintFleet(kFile)),
      "OK    query `list` (read)\n"
      "OK    query `retag` (mutation)\n"
      "OK    query `fixed` (mutation)\n"
      "WARN  query `fixed`: mutation declares no params: its values are hardcoded\n"
      "ERROR query `broken`: type error: T11: type Ship has no property 'masts'\n"
      "WARN  query `broken`: mutation declares no params: its values are hardcoded\n"
      "WARN  Ship.hull exists in schema but no update query sets it\n"
      "WARN  Ship.seen exists in schema but no update query sets it\n"
      "WARN  Ship.shape exists in schema but no update query sets it\n"
      "INFO  Lint complete: 4 queries processed (1 error(s), 5 warning(s), 0 info item(s))\n");
}

TEST(LintTest, AnEmptyFileIsFine) {
  EXPECT_EQ(
      LintText(LintFleet("")),
      "INFO  Lint complete: 0 queries processed (0 error(s), 0 warning(s), 0 info item(s))\n");
}

}  // namespace
}  // namespace omnigraph::query
