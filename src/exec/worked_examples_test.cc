// The worked examples of query.md S17.2, on several layouts of the same graph.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "exec/executor.h"
#include "exec/test_graph.h"
#include "exec/test_people.h"

namespace omnigraph::exec {
namespace {

using ::testing::ElementsAreArray;
using testing::TestGraph;

struct Example {
  std::string_view name;
  std::string_view declared;
  std::string_view body;
  std::string_view parameters;
  std::vector<std::string> rows;
};

void PrintTo(const Example& example, std::ostream* out) {
  *out << example.name;
}

const Example kExamples[] = {
    {"E1",
     "",
     R"(match { $p: Person } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["ann"])", R"(["bob"])", R"(["cat"])", R"(["dan"])", R"(["eve"])"}},
    {"E2",
     "",
     R"(match { $p: Person { city: "Rome" } } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["cat"])", R"(["eve"])"}},
    {"E3", "$c: String?", R"(match { $p: Person { city: $c } } return { $p.name })", R"({})", {}},
    {"E4",
     "",
     R"(match { $p: Person $p.age > 29 } return { $p.name, $p.age } order { $p.age desc })",
     R"({})",
     {R"(["cat",41])", R"(["ann",30])", R"(["eve",30])"}},
    {"E5",
     "",
     R"(match { $p: Person } return { $p.name } order { $p.age })",
     R"({})",
     {R"(["dan"])", R"(["bob"])", R"(["ann"])", R"(["eve"])", R"(["cat"])"}},
    {"E6",
     "",
     R"(match { $p: Person } return { $p.name } order { $p.age desc })",
     R"({})",
     {R"(["cat"])", R"(["ann"])", R"(["eve"])", R"(["bob"])", R"(["dan"])"}},
    {"E7",
     "",
     R"(match { $p: Person } return { $p.name } order { $p.age desc } limit 2)",
     R"({})",
     {R"(["cat"])", R"(["ann"])"}},
    {"E8",
     "",
     R"(match { $p: Person $p.city != "Oslo" } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["cat"])", R"(["eve"])"}},
    {"E9",
     "",
     R"(match { $p: Person $p.age > 29.5 } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["ann"])", R"(["cat"])", R"(["eve"])"}},
    {"E10",
     "",
     R"(match { $p: Person $p.tags contains "db" } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["ann"])", R"(["eve"])"}},
    {"E11",
     "",
     R"(match { $p: Person { tags: "graph" } } return { $p.name, $p.tags } order { $p.name })",
     R"({})",
     {R"(["ann",["db","graph"]])", R"(["cat",["graph"]])"}},
    {"E12",
     "",
     R"(match { $p: Person $p.seen >= datetime("2024-01-01T00:00:00Z") }
          return { $p.name, $p.joined, $p.seen } order { $p.name })",
     R"({})",
     {R"(["ann","2024-01-10","2024-06-01T12:00:00.000Z"])",
      R"(["eve","2024-01-10","2024-06-01T12:00:00.250Z"])"}},
    {"E13",
     "",
     R"(match { $p: Person { name: "ann" } $p knows $f } return { $f.name } order { $f.name })",
     R"({})",
     {R"(["bob"])", R"(["cat"])"}},
    {"E14",
     "",
     R"(match { $c: Company { name: "Acme" } $p worksAt $c } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["ann"])", R"(["bob"])", R"(["eve"])"}},
    {"E15",
     "",
     R"(match { $c: Company { name: "Bolt" } $c worksAt $p } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["cat"])", R"(["eve"])"}},
    {"E16",
     "",
     R"(match { $p: Person { name: "ann" } $p knows $m $m knows $f }
          return { $m.name, $f.name } order { $m.name })",
     R"({})",
     {R"(["bob","dan"])", R"(["cat","dan"])"}},
    {"E17",
     "",
     R"(match { $p: Person { name: "ann" } $p knows $m $m knows $f } return { $f.name })",
     R"({})",
     {R"(["dan"])", R"(["dan"])"}},
    {"E18",
     "",
     R"(match { $p: Person { name: "ann" } $p knows{1,3} $f }
          return { $f.name } order { $f.name })",
     R"({})",
     {R"(["bob"])", R"(["cat"])", R"(["dan"])"}},
    {"E19",
     "",
     R"(match { $p: Person { name: "ann" } $p knows{2,2} $f }
          return { $f.name } order { $f.name })",
     R"({})",
     {R"(["dan"])"}},
    {"E20",
     "",
     R"(match { $p: Person { name: "ann" } $p knows{3,3} $f }
          return { $f.name } order { $f.name })",
     R"({})",
     {}},
    {"E21",
     "",
     R"(match { $p: Person { name: "bob" } $p knows{2,4} $f }
          return { $f.name } order { $f.name })",
     R"({})",
     {R"(["ann"])", R"(["cat"])"}},
    {"E22",
     "",
     R"(match { $p: Person { name: "eve" } $p worksAt{1,3} $c }
          return { $c.name } order { $c.name })",
     R"({})",
     {R"(["Acme"])", R"(["Bolt"])"}},
    {"E23",
     "",
     R"(match { $p: Person { name: "eve" } $p worksAt{2,3} $c }
          return { $c.name } order { $c.name })",
     R"({})",
     {}},
    {"E24",
     "",
     R"(match { $p: Person { name: "eve" } $p knows $f } return { $f.name })",
     R"({})",
     {R"(["eve"])"}},
    {"E25",
     "",
     R"(match { $p: Person { name: "eve" } $p wrote $d $p worksAt $c }
          return { $d.slug, $c.name } order { $c.name })",
     R"({})",
     {R"(["d3","Acme"])", R"(["d3","Bolt"])"}},
    {"E26",
     "",
     R"(match { $a: Person $a wrote $d $b wrote $d }
          return { $a.name, $b.name, $d.slug } order { $a.name, $b.name, $d.slug })",
     R"({})",
     {R"(["ann","ann","d1"])", R"(["ann","ann","d2"])", R"(["ann","cat","d2"])",
      R"(["cat","ann","d2"])", R"(["cat","cat","d2"])", R"(["eve","eve","d3"])"}},
    {"E27",
     "",
     R"(match { $a: Person $a wrote $d $b wrote $d $a.name < $b.name }
          return { $a.name, $b.name, $d.slug } order { $a.name, $b.name, $d.slug })",
     R"({})",
     {R"(["ann","cat","d2"])"}},
    {"E28",
     "",
     R"(match { $a: Company $b: Company }
          return { $a.name, $b.name } order { $a.name, $b.name } limit 4)",
     R"({})",
     {R"(["Acme","Acme"])", R"(["Acme","Bolt"])", R"(["Acme","Core"])", R"(["Bolt","Acme"])"}},
    {"E29",
     "",
     R"(match { $a: Person { name: "ann" } $a knows{1,3} $b $b knows $a } return { $b.name })",
     R"({})",
     {R"(["dan"])"}},
    {"E30",
     "",
     R"(match { $p: Person not { $p worksAt $_ } } return { $p.name })",
     R"({})",
     {R"(["dan"])"}},
    {"E31",
     "",
     R"(match { $p: Person not { $p worksAt $c $c.sector = "ai" } }
          return { $p.name } order { $p.name })",
     R"({})",
     {R"(["cat"])", R"(["dan"])"}},
    {"E32",
     "",
     R"(match { $p: Person not { $p worksAt $c not { $c.name = "Acme" } } }
          return { $p.name } order { $p.name })",
     R"({})",
     {R"(["ann"])", R"(["bob"])", R"(["dan"])"}},
    {"E33",
     "",
     R"(match { $p: Person not { $p.age > 29 } } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["bob"])", R"(["dan"])"}},
    {"E34",
     "",
     R"(match { $c: Company not { $c worksAt $p } } return { $c.name })",
     R"({})",
     {R"(["Core"])"}},
    {"E35",
     "",
     R"(match { $p: Person not { $p knows{2,2} $x } } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["eve"])"}},
    {"E36",
     "",
     R"(match { $p: Person $p worksAt $c }
          return { $c.name, count($p) as n, avg($p.age) as a, sum($p.score) as s,
                  min($p.name) as lo, max($p.age) as hi } order { n desc })",
     R"({})",
     {R"(["Acme",3,28.333333333333332,5.0,"ann",30])", R"(["Bolt",2,35.5,6.5,"cat",41])"}},
    {"E37",
     "",
     R"(match { $p: Person { city: "Paris" } } return { count($p) as n, max($p.age) as m })",
     R"({})",
     {R"([0,null])"}},
    {"E38",
     "",
     R"(match { $p: Person { city: "Paris" } } return { $p.city, count($p) as n })",
     R"({})",
     {}},
    {"E39",
     "",
     R"(match { $p: Person } return { $p.city, count($p) as n } order { n desc, $p.city })",
     R"({})",
     {R"(["Oslo",2])", R"(["Rome",2])", R"([null,1])"}},
    {"E40",
     "",
     R"(match { $p: Person } return { count($p.score) as s, count($p) as n })",
     R"({})",
     {R"([4,5])"}},
    {"E41",
     "$k: I64",
     R"(match { $p: Person { name: "ann" } } return { $p, "x" as c, $k })",
     R"({"k":7})",
     {R"(["ann","x",7])"}},
    {"E42",
     "",
     R"(match { $p: Person { name: "ann" } $p knows $_ } return { $p.name })",
     R"({})",
     {R"(["ann"])", R"(["ann"])"}},
    {"E43",
     "",
     R"(match { $d: Doc search($d.title, "graphs") } return { $d.slug } order { $d.slug })",
     R"({})",
     {R"(["d1"])", R"(["d2"])"}},
    {"E44",
     "",
     R"(match { $d: Doc match_text($d.title, "rank learning") } return { $d.slug })",
     R"({})",
     {R"(["d3"])"}},
    {"E45",
     "",
     R"(match { $d: Doc search($d.title, "in to the") } return { $d.slug })",
     R"({})",
     {}},
    {"E46",
     "",
     R"(match { $d: Doc fuzzy($d.title, "databses", 1) } return { $d.slug })",
     R"({})",
     {R"(["d1"])"}},
    {"E47",
     "",
     R"(match { $d: Doc } return { $d.slug } order { bm25($d.title, "graph learning") } limit 5)",
     R"({})",
     {R"(["d3"])", R"(["d1"])", R"(["d2"])"}},
    {"E48",
     "",
     R"(match { $d: Doc } return { $d.slug } order { nearest($d.embedding, [0.0, 0.0]) } limit 10)",
     R"({})",
     {R"(["d1"])", R"(["d2"])", R"(["d3"])"}},
    {"E49",
     "",
     R"(match { $d: Doc { year: 2021 } }
          return { $d.slug } order { nearest($d.embedding, [0.0, 0.0]) } limit 2)",
     R"({})",
     {R"(["d2"])", R"(["d3"])"}},
    {"E50",
     "",
     R"(match { $p: Person { name: "ann" } $p wrote $d }
          return { $d.slug } order { nearest($d.embedding, [3.0, 4.0]) } limit 5)",
     R"({})",
     {R"(["d2"])", R"(["d1"])"}},
    {"E51",
     "",
     R"(match { $d: Doc }
          return { $d.slug }
          order { rrf(nearest($d.embedding, [0.0, 0.0]), bm25($d.title, "learning")) } limit 3)",
     R"({})",
     {R"(["d3"])", R"(["d1"])", R"(["d2"])"}},
    {"E52",
     "",
     R"(match { $d: Doc }
          return { $d.slug, nearest($d.embedding, [3.0, 4.0]) as dist } order { $d.slug })",
     R"({})",
     {R"(["d1",25.0])", R"(["d2",20.0])", R"(["d3",0.0])", R"(["d4",null])"}},
    {"E53",
     "",
     R"(match { $a knows $b } return { $a.name, $b.name } order { $a.name, $b.name })",
     R"({})",
     {R"(["ann","bob"])", R"(["ann","cat"])", R"(["bob","dan"])", R"(["cat","dan"])",
      R"(["dan","ann"])", R"(["eve","eve"])"}},
    {"E54",
     "",
     R"(match { $d: Doc fuzzy($d.title, "LERNING") } return { $d.slug })",
     R"({})",
     {R"(["d3"])"}},
    {"E55",
     "",
     R"(match { $p: Person search($p.city, "OSLO") } return { $p.name } order { $p.name })",
     R"({})",
     {R"(["ann"])", R"(["bob"])"}},
};

class WorkedExampleTest : public ::testing::TestWithParam<Example> {};

TEST_P(WorkedExampleTest, GivesTheRowsOfTheSpecification) {
  const Example& example = GetParam();
  for (const testing::TestLayout& layout :
       {testing::TestLayout{}, testing::TestLayout{2, true}, testing::TestLayout{1, false}}) {
    const TestGraph graph(testing::kPeopleSchema, testing::kPeopleLines, layout);

    const Result<ResultTable> table = graph.Run(example.declared, example.body, example.parameters);

    ASSERT_TRUE(table.ok()) << table.status().message();
    std::vector<std::string> rows = testing::RowsOf(*table);
    std::vector<std::string> expected = example.rows;
    if (example.body.find("order") == std::string_view::npos) {
      std::sort(rows.begin(), rows.end());
      std::sort(expected.begin(), expected.end());
    }
    EXPECT_THAT(rows, ElementsAreArray(expected)) << example.body;
  }
}

INSTANTIATE_TEST_SUITE_P(S17, WorkedExampleTest, ::testing::ValuesIn(kExamples),
                         [](const auto& example) { return std::string(example.param.name); });

TEST(WorkedExamplesTest, ColumnsAreNamedByTheProjections) {
  const TestGraph graph(testing::kPeopleSchema, testing::kPeopleLines);

  const Result<ResultTable> table =
      graph.Run("$k: I64", R"(match { $p: Person { name: "ann" } } return { $p, "x" as c, $k })",
                R"({"k":7})");

  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->RowsJson(), R"({"p":"ann","c":"x","k":7})");
}

}  // namespace
}  // namespace omnigraph::exec
