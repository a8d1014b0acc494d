// Tests of limits, errors and determinism of the executor, and of what its plans look like.

#include "exec/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/thread_pool.h"
#include "exec/test_graph.h"
#include "exec/test_people.h"
#include "table/vector_index.h"

namespace omnigraph::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RowsOf;
using testing::TestGraph;
using testing::TestLayout;

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

TEST_F(ExecutorTest, TextsGivenToNearestAreVectorsByNow) {
  EXPECT_EQ(
      Refusal("match { $d: Doc } return { $d.slug } order { nearest($d.embedding, \"hello\") } "
              "limit 3")
          .code(),
      ErrorCode::kInternal);
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

TEST_F(ExecutorTest, PartsThatAnEqualityJoinsAreNotMultiplied) {
  const std::string body =
      "match { $p: Person $q: Person $p.city = $q.city $p.name < $q.name } "
      "return { $p.name, $q.name } order { $p.name }";

  EXPECT_THAT(Plan(body), HasSubstr("join $q: Person by $q.city = $p.city"));
  const Result<ResultTable> table = people_.Run("", body);
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_THAT(RowsOf(*table), ElementsAre(R"(["ann","bob"])", R"(["cat","eve"])"));
}

TEST_F(ExecutorTest, AJoinByAKeyLooksItUp) {
  const std::string body =
      "match { $d: Doc { slug: \"d1\" } $p wrote $d $q: Person $q.name = $p.name } "
      "return { $q.name, $q.age }";

  EXPECT_THAT(Plan(body), HasSubstr("join $q: Person by $q.name = $p.name"));
  const Result<ResultTable> table = people_.Run("", body);
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_THAT(RowsOf(*table), ElementsAre(R"(["ann",30])"));
}

TEST_F(ExecutorTest, JoinsCompareNumbersOfDifferentKindsExactly) {
  const TestGraph graph(
      "node A { name: String @key  i: I32?  f: F32?  u: U64? }\n"
      "node B { name: String @key  r: F64? }",
      R"({"type":"A","data":{"name":"a1","i":0,"f":0.1,"u":9007199254740993}})"
      "\n"
      R"({"type":"A","data":{"name":"a2","i":2,"f":0.0,"u":9007199254740992}})"
      "\n"
      R"({"type":"A","data":{"name":"a3"}})"
      "\n"
      R"({"type":"B","data":{"name":"b1","r":-0.0}})"
      "\n"
      R"({"type":"B","data":{"name":"b2","r":0.1}})"
      "\n"
      R"({"type":"B","data":{"name":"b3","r":9007199254740992.0}})"
      "\n"
      R"({"type":"B","data":{"name":"b4"}})"
      "\n");
  const auto pairs = [&](const std::string& property) {
    const Result<ResultTable> table =
        graph.Run("", "match { $a: A $b: B $a." + property +
                          " = $b.r } return { $a.name, $b.name } order { $a.name }");
    EXPECT_TRUE(table.ok()) << table.status().message();
    return RowsOf(*table);
  };

  EXPECT_THAT(pairs("i"), ElementsAre(R"(["a1","b1"])"));
  EXPECT_THAT(pairs("f"), ElementsAre(R"(["a1","b2"])"));
  EXPECT_THAT(pairs("u"), ElementsAre(R"(["a2","b3"])"));
}

TEST_F(ExecutorTest, AJoinHoldsToItsMemory) {
  std::string lines;
  for (int i = 0; i < 4000; ++i) {
    lines += R"({"type":"P","data":{"name":"p)" + std::to_string(i) + R"(","n":)" +
             std::to_string(i) + "}}\n";
  }
  const TestGraph graph("node P { name: String @key  n: I32 }", lines);
  ExecutionOptions options;
  options.memory_bytes_max = 50'000;

  const Result<ResultTable> table =
      graph.Run("", "match { $p: P $q: P $p.n = $q.n } return { count($p) as n }", "{}", options);

  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.status().code(), ErrorCode::kResourceExhausted);
}

TEST_F(ExecutorTest, KeysThatAreNoTextsAreLookedUp) {
  const TestGraph graph("node N { k: I32 @key }\nnode D { d: Date @key }",
                        R"({"type":"N","data":{"k":7}})"
                        "\n"
                        R"({"type":"N","data":{"k":-3}})"
                        "\n"
                        R"({"type":"D","data":{"d":"2024-01-10"}})"
                        "\n");
  const auto plan = [&](const std::string& match) {
    const auto query = graph.Check("query q() { match { " + match + " } return { $x } }");
    return query.ok() ? *ExplainRead(*query, graph) : std::string(query.status().message());
  };
  const auto rows = [&](const std::string& match) {
    const Result<ResultTable> table = graph.Run("", "match { " + match + " } return { $x }");
    EXPECT_TRUE(table.ok()) << table.status().message();
    return RowsOf(*table);
  };

  for (const std::string match : {"$x: N { k: 7 }", "$x: N 7 = $x.k"}) {
    EXPECT_THAT(plan(match), HasSubstr("look up $x: N by key"));
    EXPECT_THAT(rows(match), ElementsAre(R"(["7"])"));
  }
  EXPECT_THAT(plan("$x: D { d: date(\"20240110\") }"), HasSubstr("look up $x: D by key"));
  EXPECT_THAT(rows("$x: D { d: date(\"20240110\") }"), ElementsAre(R"(["2024-01-10"])"));
  EXPECT_THAT(rows("$x: N { k: 7.0 }"), ElementsAre(R"(["7"])"));
  EXPECT_THAT(rows("$x: N { k: 7.5 }"), IsEmpty());
  EXPECT_THAT(rows("$x: N { k: 3000000000 }"), IsEmpty());
}

TEST_F(ExecutorTest, NodesOfAListOfKeysAreLookedUp) {
  std::string lines;
  for (int i = 0; i < 40; ++i)
    lines += R"({"type":"P","data":{"name":"p)" + std::to_string(i) + "\"}}\n";
  const TestGraph graph("node P { name: String @key }", lines);
  const std::string body =
      "match { $p: P [\"p7\", \"none\", \"p31\", \"p7\"] contains $p.name } return { $p.name }";
  const Result<query::CheckedQuery> query = graph.Check("query q() { " + body + " }");
  ASSERT_TRUE(query.ok()) << query.status().message();

  EXPECT_THAT(*ExplainRead(*query, graph), HasSubstr("scan $p: P by keys"));
  const Result<ResultTable> table = graph.Run("", body + " limit 5");
  ASSERT_TRUE(table.ok()) << table.status().message();
  EXPECT_THAT(RowsOf(*table), ElementsAre(R"(["p7"])", R"(["p31"])"));
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

// Documents, most of them of one year.
TestGraph Docs() {
  std::string lines;
  for (int i = 0; i < 40; ++i) {
    lines += R"({"type":"Doc","data":{"slug":"d)" + std::to_string(i) + R"(","body":"word )" +
             (i % 10 == 0 ? "rare" : "common") + R"(","year":)" +
             std::to_string(i < 36 ? 2000 : 2001) + R"(,"kind":")" +
             (i % 8 == 0 ? "memo" : "note") + "\"}}\n";
    if (i > 0)
      lines += R"({"edge":"Cites","from":"d)" + std::to_string(i) +
               R"(","to":"d0"})"
               "\n";
  }
  return TestGraph(
      "node Doc { slug: String @key  body: String @index  year: I32 @index "
      "kind: enum(note, memo) @index }\nedge Cites: Doc -> Doc",
      lines);
}

class AccessTest : public ::testing::Test {
 protected:
  std::string Plan(const std::string& body) {
    const Result<query::CheckedQuery> query = docs_.Check("query q() { " + body + " }");
    return query.ok() ? *ExplainRead(*query, docs_) : std::string(query.status().message());
  }
  PlanDescription ProfileOf(const std::string& body) {
    PlanDescription profile;
    ExecutionOptions options;
    options.profile = &profile;
    const Result<ResultTable> table = docs_.Run("", body, "{}", options);
    EXPECT_TRUE(table.ok()) << table.status().message();
    return profile;
  }

  TestGraph docs_ = Docs();
};

TEST_F(AccessTest, SearchesGoThroughTheTextIndex) {
  EXPECT_THAT(Plan("match { $d: Doc search($d.body, \"rare\") } return { $d.slug }"),
              HasSubstr("scan $d: Doc by text index of body, 1 condition"));
}

TEST_F(AccessTest, FewRowsOfARangeComeFromTheOrderedIndexAndManyDoNot) {
  EXPECT_THAT(Plan("match { $d: Doc $d.year > 2000 } return { $d.slug }"),
              HasSubstr("by ordered index of year"));
  EXPECT_THAT(Plan("match { $d: Doc { kind: \"memo\" } } return { $d.slug }"),
              HasSubstr("by ordered index of kind"));
  EXPECT_THAT(Plan("match { $d: Doc $d.year >= 2000 } return { $d.slug }"),
              Not(HasSubstr("index")));
}

TEST_F(AccessTest, EqualTextsComeFromTheOrderedIndexAndNoOthers) {
  EXPECT_THAT(Plan("match { $d: Doc { body: \"word rare\" } } return { $d.slug }"),
              HasSubstr("by ordered index of body, 1 condition"));
  EXPECT_THAT(Plan("match { $d: Doc { body: \"word common\" } } return { $d.slug }"),
              Not(HasSubstr("index")));
  EXPECT_THAT(Plan("match { $d: Doc $d.body >= \"word rare\" } return { $d.slug }"),
              Not(HasSubstr("index")));
}

TEST_F(AccessTest, TheBestRowsGoOnFirst) {
  const std::string ranked =
      "match { $d: Doc } return { $d.slug } order { bm25($d.body, \"rare\") }";
  EXPECT_THAT(Plan(ranked + " limit 3"), HasSubstr("by text index of body, best first"));
  EXPECT_THAT(Plan(ranked), Not(HasSubstr("best first")));
  EXPECT_THAT(Plan("match { $d: Doc } return { $d.slug } order { $d.year desc } limit 3"),
              HasSubstr("by ordered index of year, best first"));
  EXPECT_THAT(Plan("match { $d: Doc } return { $d.slug } order { $d.slug } limit 3"),
              Not(HasSubstr("best first")));
}

TEST_F(AccessTest, NothingBehindABestFirstScanLooksAtMoreThanItMust) {
  const PlanDescription profile = ProfileOf(
      "match { $d: Doc $o cites $d } return { $d.slug as slug, $o.slug as other } "
      "order { bm25($d.body, \"rare\"), other } limit 2");

  // All 4 rare texts have one score, so all of them go on; the other 36 do not.
  EXPECT_THAT(profile.text, HasSubstr("best first  ~40  gave 4 in 1 batch"));
}

TEST_F(AccessTest, AProfileSaysWhatEveryStepDid) {
  const PlanDescription profile = ProfileOf(
      "match { $d: Doc { slug: \"d0\" } $o cites $d $o.year = 2000 } "
      "return { count($o) as n, max($o.slug) as slug }");

  EXPECT_THAT(profile.text, HasSubstr("look up $d: Doc by key  ~1  gave 1 in 1 batch"));
  EXPECT_THAT(profile.text, HasSubstr("gave 35 in 1 batch, 39 edges"));
  EXPECT_THAT(profile.text, HasSubstr("group and aggregate  took 35 in 1 batch"));
  EXPECT_THAT(profile.json, HasSubstr(R"("operator":"lookup","detail":"look up $d: Doc by key")"));
  EXPECT_THAT(profile.json, HasSubstr(R"("index":"adjacency","conditions":1)"));
  EXPECT_THAT(profile.json, HasSubstr(R"("rows":35,"batches":1,"edges":39)"));
  EXPECT_THAT(profile.json, HasSubstr(R"("output":{"operator":"aggregate")"));
}

TEST_F(AccessTest, APlanIsNotExecuted) {
  const Result<query::CheckedQuery> query =
      docs_.Check("query q() { match { $d: Doc search($d.body, \"rare\") } return { $d.slug } }");
  ASSERT_TRUE(query.ok());

  const Result<PlanDescription> plan = DescribeRead(*query, docs_);

  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(plan->json, HasSubstr(R"("index":"text","conditions":1,"estimated_rows":2})"));
  EXPECT_THAT(plan->json, Not(HasSubstr("nanoseconds")));
  EXPECT_EQ(EmptyAnswer(*query).columns().size(), 1U);
}

TEST_F(AccessTest, AnIndexIsBuiltAfterEnoughAsks) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) {
    lines += R"({"type":"P","data":{"name":"p)" + std::to_string(i) + R"(","n":)" +
             std::to_string(i) + "}}\n";
  }
  const TestGraph graph("node P { name: String @key  n: I32 @index }", lines,
                        {std::size_t{1} << 30});
  const Result<query::CheckedQuery> query =
      graph.Check("query q() { match { $p: P $p.n < 10 } return { count($p) as n } }");
  ASSERT_TRUE(query.ok());

  for (int ask = 0; ask < 8; ++ask)
    EXPECT_THAT(*ExplainRead(*query, graph), Not(HasSubstr("ordered index"))) << ask;
  EXPECT_THAT(*ExplainRead(*query, graph), HasSubstr("by ordered index of n"));
  EXPECT_THAT(RowsOf(*ExecuteRead(*query, {}, graph, {})), ElementsAre("[10]"));
}

TEST(ZoneTest, BlocksAreSkippedAndRowsNever) {
  std::string lines;
  for (int i = 0; i < 6000; ++i) {
    lines += R"({"type":"P","data":{"name":"p)" + std::to_string(i) + R"(","n":)" +
             (i % 100 == 0 ? "null" : std::to_string(i / 10)) + "}}\n";
  }
  for (const bool has_changes : {false, true}) {
    const TestGraph graph("node P { name: String @key  n: I32? }", lines,
                          {std::size_t{1} << 30, has_changes, has_changes});
    for (const char* range : {"$p.n >= 590", "$p.n < 2", "$p.n = 300", "$p.n > 1000"}) {
      const std::string text =
          std::string("query q() { match { $p: P ") + range + " } return { $p.name } }";
      const Result<query::CheckedQuery> query = graph.Check(text);
      ASSERT_TRUE(query.ok());
      ExecutionOptions scans_all;
      scans_all.uses_indexes = IndexUse::kNever;
      const std::vector<std::string> expected = RowsOf(*ExecuteRead(*query, {}, graph, scans_all));
      for (int ask = 0; ask < 3; ++ask)
        EXPECT_EQ(RowsOf(*ExecuteRead(*query, {}, graph, {})), expected) << text << ask;
    }
  }
}

TEST(NearestTest, ThreadsComputeTheSameDistances) {
  std::string lines;
  for (int i = 0; i < 3000; ++i) {
    lines += R"({"type":"P","data":{"name":"p)" + std::to_string(i) + R"(","v":)" +
             (i % 50 == 0 ? "null" : "[" + std::to_string(i * 37 % 101) + ",1.5]") + "}}\n";
  }
  const TestGraph graph("node P { name: String @key  v: Vector(2)? }", lines);
  const std::string body =
      "match { $p: P } return { $p.name, nearest($p.v, [40.0, 1.0]) as d } "
      "order { nearest($p.v, [40.0, 1.0]) } limit 70";
  ThreadPool pool("test", 2);
  ExecutionOptions options;
  options.pool = &pool;
  options.parallel_tuples_min = 0;

  const Result<ResultTable> alone = graph.Run("", body);
  const Result<ResultTable> together = graph.Run("", body, "{}", options);

  ASSERT_TRUE(alone.ok() && together.ok());
  EXPECT_EQ(alone->rows_count(), 70U);
  EXPECT_EQ(together->RowsJson(), alone->RowsJson());
}

// Documents with vectors on a spiral, most distances apart, some equal, some without; cited are
// only those far out.
TestGraph Spiral(const TestLayout& layout) {
  std::string lines;
  for (int i = 0; i < 2500; ++i) {
    const std::string slug = "d" + std::to_string(i);
    const int turn = i - i % 3;
    std::string vector = "null";
    if (i % 40 != 0) {
      vector = "[" + std::to_string(std::cos(turn) * turn) + "," +
               std::to_string(std::sin(turn) * turn) + "," + std::to_string(turn % 7) + "]";
    }
    lines += R"({"type":"Doc","data":{"slug":")" + slug + R"(","v":)" + vector + R"(,"year":)" +
             std::to_string(i % 4) + "}}\n";
    if (i > 2400) lines += R"({"edge":"Cites","from":"d0","to":")" + slug + "\"}\n";
  }
  return TestGraph(
      "node Doc { slug: String @key  v: Vector(3)? @index  year: I32 }\nedge Cites: Doc -> Doc",
      lines, layout);
}

TEST(NearestTest, CodesLeaveTheAnswerAsItIs) {
  const std::string ranked = " order { nearest($d.v, [30.0, 20.5, 3.0]) } limit ";
  const std::string bodies[] = {
      "match { $d: Doc } return { $d.slug }" + ranked + "1",
      "match { $d: Doc } return { $d.slug, $d.year }" + ranked + "10",
      "match { $d: Doc $d.year = 2 } return { $d.slug }" + ranked + "500",
      "match { $d: Doc } return { $d.slug }" + ranked + "2490",
      // The best by distance drop out: those set aside have to come after all.
      "match { $d: Doc $o cites $d } return { $d.slug, $o.slug as o }" + ranked + "20",
      "match { $d: Doc not { $o cites $d } } return { $d.slug }" + ranked + "20",
  };
  for (const TestLayout& layout :
       {TestLayout{.rows_per_segment = 2500},
        TestLayout{.rows_per_segment = 700, .has_deleted_rows = true},
        TestLayout{.rows_per_segment = 2500, .has_updated_rows = true}}) {
    const TestGraph graph = Spiral(layout);
    for (const std::string& body : bodies) {
      SCOPED_TRACE(body);
      ExecutionOptions without;
      without.uses_indexes = IndexUse::kNever;
      const Result<ResultTable> expected = graph.Run("", body, "{}", without);
      ASSERT_TRUE(expected.ok()) << expected.status().message();
      ASSERT_GT(expected->rows_count(), 0U);
      // Once more than it takes to build the codes of large chunks.
      for (std::uint32_t ask = 0; ask <= table::VectorIndex::kAsksMin + 1; ++ask) {
        const Result<ResultTable> found = graph.Run("", body);
        ASSERT_TRUE(found.ok());
        EXPECT_EQ(found->RowsJson(), expected->RowsJson()) << ask;
      }
    }
  }
}

}  // namespace
}  // namespace omnigraph::exec
