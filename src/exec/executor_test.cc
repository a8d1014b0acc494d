// Tests of limits, errors and determinism of the executor, and of what its plans look like.

#include "exec/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "exec/test_graph.h"
#include "exec/test_people.h"

namespace omnigraph::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RowsOf;
using testing::TestGraph;

// Everybody knows everybody.
TestGraph Clique(std::size_t persons_count) {
  std::string lines;
  for (std::size_t i = 0; i < persons_count; ++i) {
    const std::string name = "p" + std::to_string(i);
    lines += R"({"type":"P","data":{"name":")" + name + "\"}}\n";
    for (std::size_t j = 0; j < persons_count; ++j) {
      if (i == j) continue;
      lines += R"({"edge":"Knows","from":")" + name + R"(","to":"p)" + std::to_string(j) + "\"}\n";
    }
  }
  return TestGraph("node P { name: String @key }\nedge Knows: P -> P", lines);
}

class ExecutorTest : public ::testing::Test {
 protected:
  Status Refusal(std::string_view body, std::string_view declared = "",
                 std::string_view parameters = "{}") {
    Result<ResultTable> table = people_.Run(declared, body, parameters);
    return table.ok() ? Status::Ok() : table.status();
  }
  std::string Plan(const std::string& body) {
    const Result<query::CheckedQuery> query = people_.Check("query q($s: String) { " + body + " }");
    return query.ok() ? *ExplainRead(*query, people_) : std::string(query.status().message());
  }

  TestGraph people_{testing::kPeopleSchema, testing::kPeopleLines};
};

TEST_F(ExecutorTest, ACrossProductEndsAtItsDeadline) {
  const TestGraph graph = Clique(60);
  ExecutionOptions options;
  options.deadline = Deadline::After(std::chrono::milliseconds(50));

  const Result<ResultTable> table = graph.Run(
      "",
      "match { $a: P $b: P $c: P $d: P $e: P } return { min($a.name) as a, min($b.name) as b, "
      "min($c.name) as c, min($d.name) as d, max($e.name) as e }",
      "{}", options);

  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.status().code(), ErrorCode::kDeadlineExceeded);
}

TEST_F(ExecutorTest, ACancelledQueryEnds) {
  ExecutionOptions options;
  options.is_cancelled = std::make_shared<const std::atomic<bool>>(true);

  const Result<ResultTable> table =
      people_.Run("", "match { $p: Person } return { $p.name }", "{}", options);

  ASSERT_FALSE(table.ok());
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("cancelled"));
}

TEST_F(ExecutorTest, SortingMoreThanTheBudgetIsRefusedByName) {
  const TestGraph graph = Clique(60);
  ExecutionOptions options;
  options.memory_bytes_max = 1 << 20;

  const Result<ResultTable> table = graph.Run(
      "", "match { $a: P $b: P $c: P } return { $a.name } order { $b.name }", "{}", options);

  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.status().code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("query.memory_bytes_max"));
}

TEST_F(ExecutorTest, ALimitedSortNeedsNoMoreMemoryThanItsLimit) {
  const TestGraph graph = Clique(60);
  ExecutionOptions options;
  options.memory_bytes_max = 1 << 20;

  const Result<ResultTable> table =
      graph.Run("",
                "match { $a: P $b: P $c: P } return { $a.name, $b.name, $c.name } "
                "order { $b.name desc, $a.name } limit 2",
                "{}", options);

  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_THAT(RowsOf(*table), ElementsAre(R"(["p0","p9","p0"])", R"(["p0","p9","p1"])"));
}

TEST_F(ExecutorTest, TheLimitOfRowsIsNamed) {
  ExecutionOptions options;
  options.rows_max = 4;

  const Result<ResultTable> table =
      people_.Run("", "match { $p: Person } return { $p.name }", "{}", options);

  ASSERT_FALSE(table.ok());
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("query.rows_max = 4"));
}

TEST_F(ExecutorTest, WalksAreCountedWithoutBeingEnumerated) {
  // 60 * 59^9 walks: far more than could be looked at.
  const TestGraph graph = Clique(60);
  std::string body = "match { $v0: P ";
  for (int i = 0; i < 9; ++i) {
    body += "$v" + std::to_string(i) + " knows $v" + std::to_string(i + 1) + " ";
  }

  const Result<ResultTable> table = graph.Run("", body + "} return { count($v0) as n }");

  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_THAT(RowsOf(*table), ElementsAre("[519779749119296340]"));
}

TEST_F(ExecutorTest, ACountBeyond63BitsIsAnErrorNotAWrongNumber) {
  const TestGraph graph = Clique(60);
  std::string body = "match { $v0: P ";
  for (int i = 0; i < 14; ++i) {
    body += "$v" + std::to_string(i) + " knows $v" + std::to_string(i + 1) + " ";
  }

  const Result<ResultTable> table = graph.Run("", body + "} return { count($v0) as n }");

  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.status().code(), ErrorCode::kResourceExhausted);
}

TEST_F(ExecutorTest, LimitZeroGivesColumnsAndNoRows) {
  const Result<ResultTable> table = people_.Run(
      "",
      "match { $d: Doc } return { $d.slug } order { nearest($d.embedding, [0.0, 0.0]) } limit 0");

  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->columns()[0].name, "d.slug");
  EXPECT_EQ(table->rows_count(), 0U);
}

TEST_F(ExecutorTest, ArgumentsOfSearchFunctionsAreRefusedBeforeAnyRow) {
  const std::string_view docs = "match { $d: Doc { slug: \"none\" } ";
  EXPECT_THAT(std::string(Refusal(std::string(docs) + "fuzzy($d.title, \"x\", $e) } return { 1 }",
                                  "$e: I64", R"({"e":5})")
                              .message()),
              HasSubstr("max_edits"));
  EXPECT_THAT(
      std::string(Refusal(std::string(docs) +
                              "} return { $d.slug } order { nearest($d.embedding, $v) } limit 1",
                          "$v: Vector(2)?")
                      .message()),
      HasSubstr("nearest query"));
  EXPECT_THAT(
      std::string(Refusal("match { $a: Doc $b: Doc } return { $a.slug } order { "
                          "rrf(nearest($a.embedding, [0.0, 0.0]), bm25($b.title, \"x\")) } limit 1")
                      .message()),
      HasSubstr("rrf"));
}

TEST_F(ExecutorTest, GroupsAreRankedOnlyByNodesThatTheyDetermine) {
  const std::string walk = "match { $p: Person $p wrote $d } return { ";
  const std::string rank = ", count($p) as n } order { nearest($d.embedding, [3.0, 4.0]) } limit 2";

  EXPECT_THAT(std::string(Refusal(walk + "$p.city" + rank).message()), HasSubstr("ranked"));
  EXPECT_THAT(std::string(Refusal(walk + "$d.slug, count($p) as n } order { rrf(nearest("
                                         "$d.embedding, [3.0, 4.0]), bm25($d.title, \"x\")) } "
                                         "limit 2")
                              .message()),
              HasSubstr("unsupported ordering expression"));
  const Result<ResultTable> table = people_.Run("", walk + "$d.slug" + rank);
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_THAT(RowsOf(*table), ElementsAre(R"(["d3",1])", R"(["d2",2])"));
}

TEST_F(ExecutorTest, MockEmbeddingsAreDeterministic) {
  ExecutionOptions options;
  options.uses_mock_embeddings = true;
  const std::string_view body =
      "match { $d: Doc } return { $d.slug } order { nearest($d.embedding, \"hello\") } limit 3";

  const Result<ResultTable> first = people_.Run("", body, "{}", options);

  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_EQ(first->rows_count(), 3U);
  EXPECT_THAT(std::string(Refusal(body).message()), HasSubstr("GEMINI_API_KEY"));
}

TEST_F(ExecutorTest, RowsOfOneNodeStayTogetherInAFusedRank) {
  const Result<ResultTable> table =
      people_.Run("",
                  "match { $p: Person $p wrote $d } return { $d.slug, $p.name } order { "
                  "rrf(nearest($d.embedding, [1.0, 0.0]), bm25($d.title, \"graphs\")) } limit 10");

  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_THAT(RowsOf(*table), ElementsAre(R"(["d2","ann"])", R"(["d2","cat"])", R"(["d1","ann"])",
                                          R"(["d3","eve"])"));
}

TEST_F(ExecutorTest, NotNestsAHundredLevelsDeep) {
  std::string body = "match { $p: Person ";
  for (int i = 0; i < 100; ++i)
    body += "not { $p.age > 29 ";
  for (int i = 0; i < 100; ++i)
    body += "} ";

  const Result<ResultTable> table = people_.Run("", body + "} return { $p.name }");

  ASSERT_TRUE(table.ok()) << table.status().message();
}

TEST_F(ExecutorTest, NowIsOneInstantInMilliseconds) {
  ExecutionOptions options;
  options.now_micros = 1717243200123999;

  const Result<ResultTable> table =
      people_.Run("", "match { $c: Company } return { now() } limit 1", "{}", options);

  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_EQ(table->RowsJson(), R"({"now":"2024-06-01T12:00:00.123Z"})");
}

TEST_F(ExecutorTest, PlansStartAtAKeyAndCountTheLastHops) {
  const std::string plan =
      Plan("match { $p: Person { name: $s } $p knows $a $a knows $b } return { count($b) as n }");

  EXPECT_THAT(plan, HasSubstr("look up $p: Person by key"));
  EXPECT_THAT(plan, HasSubstr("count $a from $p -Knows->"));
  EXPECT_THAT(plan, HasSubstr("  times count $b from $a -Knows->"));
  EXPECT_THAT(plan, Not(HasSubstr("expand")));
}

TEST_F(ExecutorTest, PlansCloseCyclesByIntersection) {
  const std::string plan =
      Plan("match { $a knows $b $b knows $c $c knows $a } return { $a.name, $b.name, $c.name }");

  EXPECT_THAT(plan, HasSubstr("intersect"));
  EXPECT_THAT(plan, Not(HasSubstr("test")));
}

TEST_F(ExecutorTest, PlansWalkAgainstTheWrittenOrderWhenTheEndIsKnown) {
  const std::string plan =
      Plan("match { $p: Person $p worksAt $c $c.name = $s } return { $p.name }");

  EXPECT_THAT(plan, HasSubstr("look up $c: Company by key"));
  EXPECT_THAT(plan, HasSubstr("expand $p from $c <-WorksAt-"));
}

TEST_F(ExecutorTest, UnconnectedPartsThatNobodyReadsAreCountedOnce) {
  const std::string body = "match { $p: Person $c: Company } return { $p.name, count($c) as n }";

  EXPECT_THAT(Plan(body), HasSubstr("multiply by the number of rows of\n  count all $c: Company"));
  const Result<ResultTable> table = people_.Run("", body + " limit 1");
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(RowsOf(*table), ElementsAre(R"(["ann",3])"));
}

TEST_F(ExecutorTest, AClauseThatCannotHoldIsNotExecuted) {
  EXPECT_THAT(Plan("match { $p: Person $p worksAt{2,3} $c } return { $c.name }"),
              HasSubstr("nothing"));
}

TEST(ResultTableTest, OfColumnsWithOneNameTheRowShowsTheLast) {
  ResultTable table({{"a", {}}, {"b", {}}, {"a", {}}});
  for (const std::string_view cells : {"123", "456"}) {
    table.BeginRow();
    for (const char cell : cells)
      table.BeginCell() += cell;
    table.EndRow();
  }

  EXPECT_EQ(table.RowsJson(), R"({"b":2,"a":3},{"b":5,"a":6})");
  EXPECT_EQ(table.RowJson(1), R"({"b":5,"a":6})");
  EXPECT_EQ(table.CellJson(1, 0), "4");
  EXPECT_EQ(table.CellJson(1, 2), "6");
  EXPECT_EQ(table.CellJson(0, 1), "2");
}

TEST(ResultTableTest, WithoutRowsThereIsNoText) {
  const ResultTable table(std::vector<ResultColumn>{{"a", {}}});

  EXPECT_THAT(std::string(table.RowsJson()), IsEmpty());
}

}  // namespace
}  // namespace omnigraph::exec
