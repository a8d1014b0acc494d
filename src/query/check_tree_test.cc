// Tests of the typed tree: the examples of the specification, and what names and types become.

#include <gmock/gmock.h>

#include "query/test_schemas.h"

namespace omnigraph::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using types::Scalar;
using types::TypeName;

const schema::Catalog& People() {
  static const auto catalog = testing::CatalogOf(testing::kPeopleSchema);
  return *catalog;
}

const schema::Catalog& Fleet() {
  static const auto catalog = testing::CatalogOf(testing::kFleetSchema);
  return *catalog;
}

CheckedQuery CheckGood(std::string_view body, std::string_view parameters = "",
                       const schema::Catalog& catalog = People()) {
  CheckOutcome outcome = testing::CheckText(testing::QueryText(body, parameters), catalog);
  if (!outcome.query) {
    ADD_FAILURE() << TypeErrorText(outcome.diagnostics.front());
    OG_CHECK(false);
  }
  return std::move(*outcome.query);
}

struct Example {
  const char* name;
  const char* body;
  const char* parameters = "";
};

class ExampleTest : public ::testing::TestWithParam<Example> {};

TEST_P(ExampleTest, Compiles) {
  const CheckOutcome outcome =
      testing::CheckText(testing::QueryText(GetParam().body, GetParam().parameters), People());

  EXPECT_THAT(outcome.diagnostics, IsEmpty()) << TypeErrorText(outcome.diagnostics.front());
}

// S17.2 and S17.3 of the specification.
const Example kExamples[] = {
    {"E1", "match { $p: Person } return { $p.name } order { $p.name }"},
    {"E2", "match { $p: Person { city: \"Rome\" } } return { $p.name } order { $p.name }"},
    {"E3", "match { $p: Person { city: $c } } return { $p.name }", "$c: String?"},
    {"E4", "match { $p: Person $p.age > 29 } return { $p.name, $p.age } order { $p.age desc }"},
    {"E5", "match { $p: Person } return { $p.name } order { $p.age }"},
    {"E6", "match { $p: Person } return { $p.name } order { $p.age desc }"},
    {"E7", "match { $p: Person } return { $p.name } order { $p.age desc } limit 2"},
    {"E8", "match { $p: Person $p.city != \"Oslo\" } return { $p.name } order { $p.name }"},
    {"E9", "match { $p: Person $p.age > 29.5 } return { $p.name } order { $p.name }"},
    {"E10", "match { $p: Person $p.tags contains \"db\" } return { $p.name } order { $p.name }"},
    {"E11",
     "match { $p: Person { tags: \"graph\" } } return { $p.name, $p.tags } order { "
     "$p.name }"},
    {"E12",
     "match { $p: Person $p.seen >= datetime(\"2024-01-01T00:00:00Z\") } return { "
     "$p.name, $p.joined, $p.seen } order { $p.name }"},
    {"E13",
     "match { $p: Person { name: \"ann\" } $p knows $f } return { $f.name } order { "
     "$f.name }"},
    {"E14",
     "match { $c: Company { name: \"Acme\" } $p worksAt $c } return { $p.name } order { "
     "$p.name }"},
    {"E15",
     "match { $c: Company { name: \"Bolt\" } $c worksAt $p } return { $p.name } order { "
     "$p.name }"},
    {"E16",
     "match { $p: Person { name: \"ann\" } $p knows $m $m knows $f } return { $m.name, "
     "$f.name } order { $m.name }"},
    {"E17", "match { $p: Person { name: \"ann\" } $p knows $m $m knows $f } return { $f.name }"},
    {"E18",
     "match { $p: Person { name: \"ann\" } $p knows{1,3} $f } return { $f.name } order { "
     "$f.name }"},
    {"E19",
     "match { $p: Person { name: \"ann\" } $p knows{2,2} $f } return { $f.name } order { "
     "$f.name }"},
    {"E20",
     "match { $p: Person { name: \"ann\" } $p knows{3,3} $f } return { $f.name } order { "
     "$f.name }"},
    {"E21",
     "match { $p: Person { name: \"bob\" } $p knows{2,4} $f } return { $f.name } order { "
     "$f.name }"},
    {"E22",
     "match { $p: Person { name: \"eve\" } $p worksAt{1,3} $c } return { $c.name } order "
     "{ $c.name }"},
    {"E23",
     "match { $p: Person { name: \"eve\" } $p worksAt{2,3} $c } return { $c.name } order "
     "{ $c.name }"},
    {"E24", "match { $p: Person { name: \"eve\" } $p knows $f } return { $f.name }"},
    {"E25",
     "match { $p: Person { name: \"eve\" } $p wrote $d $p worksAt $c } return { $d.slug, "
     "$c.name } order { $c.name }"},
    {"E26",
     "match { $a: Person $a wrote $d $b wrote $d } return { $a.name, $b.name, $d.slug } "
     "order { $a.name, $b.name, $d.slug }"},
    {"E27",
     "match { $a: Person $a wrote $d $b wrote $d $a.name < $b.name } return { $a.name, "
     "$b.name, $d.slug } order { $a.name, $b.name, $d.slug }"},
    {"E28",
     "match { $a: Company $b: Company } return { $a.name, $b.name } order { $a.name, "
     "$b.name } limit 4"},
    {"E29",
     "match { $a: Person { name: \"ann\" } $a knows{1,3} $b $b knows $a } return { "
     "$b.name }"},
    {"E30", "match { $p: Person not { $p worksAt $_ } } return { $p.name }"},
    {"E31",
     "match { $p: Person not { $p worksAt $c $c.sector = \"ai\" } } return { $p.name } "
     "order { $p.name }"},
    {"E32",
     "match { $p: Person not { $p worksAt $c not { $c.name = \"Acme\" } } } return { "
     "$p.name } order { $p.name }"},
    {"E33", "match { $p: Person not { $p.age > 29 } } return { $p.name } order { $p.name }"},
    {"E34", "match { $c: Company not { $c worksAt $p } } return { $c.name }"},
    {"E35", "match { $p: Person not { $p knows{2,2} $x } } return { $p.name } order { $p.name }"},
    {"E36",
     "match { $p: Person $p worksAt $c } return { $c.name, count($p) as n, avg($p.age) as "
     "a, sum($p.score) as s, min($p.name) as lo, max($p.age) as hi } order { n desc }"},
    {"E37", "match { $p: Person { city: \"Paris\" } } return { count($p) as n, max($p.age) as m }"},
    {"E38", "match { $p: Person { city: \"Paris\" } } return { $p.city, count($p) as n }"},
    {"E39", "match { $p: Person } return { $p.city, count($p) as n } order { n desc, $p.city }"},
    {"E40", "match { $p: Person } return { count($p.score) as s, count($p) as n }"},
    {"E41", "match { $p: Person { name: \"ann\" } } return { $p, \"x\" as c, $k }", "$k: I64"},
    {"E42", "match { $p: Person { name: \"ann\" } $p knows $_ } return { $p.name }"},
    {"E43", "match { $d: Doc search($d.title, \"graphs\") } return { $d.slug } order { $d.slug }"},
    {"E44", "match { $d: Doc match_text($d.title, \"rank learning\") } return { $d.slug }"},
    {"E45", "match { $d: Doc search($d.title, \"in to the\") } return { $d.slug }"},
    {"E46", "match { $d: Doc fuzzy($d.title, \"databses\", 1) } return { $d.slug }"},
    {"E47",
     "match { $d: Doc } return { $d.slug } order { bm25($d.title, \"graph learning\") } "
     "limit 5"},
    {"E48",
     "match { $d: Doc } return { $d.slug } order { nearest($d.embedding, [0.0, 0.0]) } "
     "limit 10"},
    {"E49",
     "match { $d: Doc { year: 2021 } } return { $d.slug } order { nearest($d.embedding, "
     "[0.0, 0.0]) } limit 2"},
    {"E50",
     "match { $p: Person { name: \"ann\" } $p wrote $d } return { $d.slug } order { "
     "nearest($d.embedding, [3.0, 4.0]) } limit 5"},
    {"E51",
     "match { $d: Doc } return { $d.slug } order { rrf(nearest($d.embedding, [0.0, 0.0]), "
     "bm25($d.title, \"learning\")) } limit 3"},
    {"E52",
     "match { $d: Doc } return { $d.slug, nearest($d.embedding, [3.0, 4.0]) as dist } "
     "order { $d.slug }"},
    {"E53", "match { $a knows $b } return { $a.name, $b.name } order { $a.name, $b.name }"},
    {"E54", "match { $d: Doc fuzzy($d.title, \"LERNING\") } return { $d.slug }"},
    {"E55", "match { $p: Person search($p.city, \"OSLO\") } return { $p.name } order { $p.name }"},
    {"M1", "insert Person { name: \"fay\", age: 22 }"},
    {"M2", "insert Person { name: \"ann\", age: 31 }"},
    {"M3", "insert Person { name: \"fay\" } insert Knows { from: \"fay\", to: \"ann\" }"},
    {"M4", "insert Knows { from: \"ann\", to: \"zed\" }"},
    {"M5", "insert Person { name: \"fay\" } insert Knows { from: \"fay\", to: \"zed\" }"},
    {"M6", "update Person set { city: \"Bonn\" } where age = 30"},
    {"M7",
     "update Person set { age: 99 } where name = \"ann\" update Person set { age: 10 } "
     "where age > 50"},
    {"M8", "update Person set { city: \"X\" } where age > 100"},
    {"M9", "update Person set { name: \"amy\" } where name = \"ann\""},
    {"M10", "delete Person where name = \"ann\""},
    {"M11", "delete Knows where from = \"ann\""},
    {"M12", "delete Person where name = \"ann\" delete Person where city = \"Oslo\""},
    {"M13", "delete Person where name = \"ann\" delete Knows where from = \"bob\""},
    {"M14", "insert Person { name: \"fay\" } update Person set { age: 5 } where name = \"fay\""},
    {"M15", "insert Person { name: \"fay\" } delete Person where name = \"ann\""},
    {"M16", "insert Company { name: \"Dyn\", sector: $s }", "$s: String"},
    {"M17", "update Person set { seen: now() } where name = \"bob\""},
    {"M18", "delete Knows where since > date(\"2020-06-01\")"},
    {"M19",
     "insert Person { name: \"zed\", age: 1 } update Person set { age: 2 } where name = "
     "\"zed\" update Person set { age: 3 } where age = 1"},
    {"M20", "update Person set { active: true } where joined <= date(\"2023-05-05\")"},
};

INSTANTIATE_TEST_SUITE_P(Specification, ExampleTest, ::testing::ValuesIn(kExamples),
                         [](const ::testing::TestParamInfo<Example>& tested) {
                           return std::string(tested.param.name);
                         });

TEST(CheckedTreeTest, BindingsBecomeConditionsOnTheirVariable) {
  const CheckedQuery query =
      CheckGood("match { $p: Person { age: 30, tags: $t } } return { 1 }", "$t: String?");

  const Pattern& match = query.read()->match;
  ASSERT_THAT(match.variables, ElementsAre(0));
  EXPECT_EQ(query.read()->variables[0].name, "p");
  EXPECT_EQ(query.read()->variables[0].type, People().FindNode("Person")->ordinal);
  ASSERT_THAT(match.conditions, SizeIs(2));
  const Expression& age = match.conditions[0];
  EXPECT_EQ(age.kind, ExpressionKind::kCompare);
  EXPECT_EQ(age.compare, CompareOp::kEqual);
  EXPECT_EQ(age.comparison, Comparison::kExactNumber);
  EXPECT_EQ(age.arguments[0].property, People().FindNode("Person")->FindProperty("age")->ordinal);
  EXPECT_EQ(age.arguments[1].value, types::Value::Int(30));
  const Expression& tags = match.conditions[1];
  EXPECT_EQ(tags.kind, ExpressionKind::kContains);
  EXPECT_EQ(tags.comparison, Comparison::kText);
  EXPECT_EQ(tags.arguments[1].parameter, 0u);
}

TEST(CheckedTreeTest, DirectionsAreResolvedToSourceAndTarget) {
  const CheckedQuery query = CheckGood(
      "match { $c: Company $c worksAt $p $p knows{2,3} $f $x wrote $_ } return { $f.name }");

  const ReadQuery& read = *query.read();
  ASSERT_THAT(read.match.traversals, SizeIs(3));
  const Traversal& backward = read.match.traversals[0];
  EXPECT_EQ(read.variables[backward.source].name, "p");
  EXPECT_EQ(read.variables[backward.target].name, "c");
  EXPECT_EQ(backward.hops_max, 1u);
  const Traversal& chain = read.match.traversals[1];
  EXPECT_EQ(read.variables[chain.source].name, "p");
  EXPECT_EQ(chain.hops_min, 2u);
  EXPECT_EQ(chain.hops_max, 3u);
  const Variable& anonymous = read.variables[read.match.traversals[2].target];
  EXPECT_EQ(anonymous.name, "");
  EXPECT_EQ(anonymous.type, People().FindNode("Doc")->ordinal);
}

TEST(CheckedTreeTest, OnlyTheRightEndMayDecideTheDirection) {
  const CheckedQuery query = CheckGood("match { $p: Person $c worksAt $p } return { $c.name }");

  const Traversal& traversal = query.read()->match.traversals[0];
  EXPECT_EQ(query.read()->variables[traversal.source].name, "p");
  EXPECT_EQ(query.read()->variables[traversal.target].name, "c");
}

TEST(CheckedTreeTest, EdgesOfOneTypeGoLeftToRight) {
  const CheckedQuery query = CheckGood("match { $b: Person $a knows $b } return { $a.name }");

  EXPECT_EQ(query.read()->variables[query.read()->match.traversals[0].source].name, "a");
}

TEST(CheckedTreeTest, EdgeVariablesAreVariablesOfTheirPattern) {
  const CheckedQuery query = CheckGood(
      "match { $a $w:<knows> $b } return { $w.since, count($a) as n } order { $w.since }");

  const ReadQuery& read = *query.read();
  ASSERT_THAT(read.match.variables, ElementsAre(0, 1, 2));
  EXPECT_EQ(read.variables[1].kind, VariableKind::kEdge);
  EXPECT_EQ(read.variables[1].type, People().FindEdge("Knows")->ordinal);
  EXPECT_EQ(read.match.traversals[0].edge_variable, 1u);
  EXPECT_TRUE(read.match.traversals[0].is_undirected);
  EXPECT_EQ(read.order[0].projection, 0u);
}

TEST(CheckedTreeTest, NegationsKnowTheirInnerAndOuterVariables) {
  const CheckedQuery query = CheckGood(
      "match { $p: Person $q: Person not { $p worksAt $c not { $c.name = $q.name $p knows $_ } } } "
      "return { $p.name }");

  const ReadQuery& read = *query.read();
  ASSERT_THAT(read.match.negations, SizeIs(1));
  const Negation& outer = read.match.negations[0];
  EXPECT_THAT(outer.outer_variables, ElementsAre(0, 1));
  ASSERT_THAT(outer.pattern.variables, ElementsAre(2));
  EXPECT_EQ(read.variables[2].name, "c");
  ASSERT_THAT(outer.pattern.negations, SizeIs(1));
  const Negation& inner = outer.pattern.negations[0];
  EXPECT_THAT(inner.outer_variables, ElementsAre(0, 1, 2));
  EXPECT_THAT(inner.pattern.variables, ElementsAre(3));
  EXPECT_THAT(inner.pattern.conditions, SizeIs(1));
}

TEST(CheckedTreeTest, ANameBoundLaterOutsideIsTheOuterVariable) {
  const CheckedQuery query = CheckGood(
      "match { $a: Person not { $a knows $b $b.age > 3 } $b: Person } return { $b.name }");

  const ReadQuery& read = *query.read();
  EXPECT_THAT(read.match.variables, ElementsAre(0, 1));
  EXPECT_THAT(read.match.negations[0].pattern.variables, IsEmpty());
  EXPECT_THAT(read.match.negations[0].outer_variables, ElementsAre(0, 1));
}

TEST(CheckedTreeTest, SiblingNegationsHaveVariablesOfTheirOwn) {
  const CheckedQuery query =
      CheckGood("match { $a: Person not { $a knows $b } not { $a wrote $b } } return { $a.name }");

  const ReadQuery& read = *query.read();
  EXPECT_THAT(read.match.negations[0].pattern.variables, ElementsAre(1));
  EXPECT_THAT(read.match.negations[1].pattern.variables, ElementsAre(2));
  EXPECT_EQ(read.variables[2].type, People().FindNode("Doc")->ordinal);
}

TEST(CheckedTreeTest, ComparisonsFollowTheTypes) {
  const CheckedQuery query = CheckGood(
      "match { $s: Ship $s.ratio = 0.1 $s.tons > 2.5 $s.name = \"x\" $s.active = true "
      "$s.built < $d $s.seen < now() $s.tons < $s.ratio } return { 1 }",
      "$d: Date", Fleet());

  std::vector<Comparison> comparisons;
  for (const Expression& condition : query.read()->match.conditions) {
    comparisons.push_back(condition.comparison);
  }
  EXPECT_THAT(comparisons, ElementsAre(Comparison::kRoundedNumber, Comparison::kExactNumber,
                                       Comparison::kText, Comparison::kBool, Comparison::kDate,
                                       Comparison::kDateTime, Comparison::kRoundedNumber));
}

TEST(CheckedTreeTest, ColumnsAreNamedAndTyped) {
  const CheckedQuery query = CheckGood(
      "match { $p: Person $d: Doc } return { $p $p.age $p.age as years years $k \"x\" [1, 2.5] "
      "now() bm25($d.title, \"x\") search($d.title, \"x\") nearest($d.embedding, [1, 2]) }",
      "$k: [Date]?");

  std::vector<std::string> columns;
  for (const Projection& projection : query.read()->projections) {
    columns.push_back(projection.name + ":" + TypeName(projection.type));
  }
  EXPECT_THAT(columns, ElementsAre("p:String", "p.age:I32?", "years:I32?", "years:I32?",
                                   "k:[Date]?", "literal:String", "literal:[F64]", "now:DateTime",
                                   "bm25:F64?", "search:Bool", "nearest:F64?"));
}

TEST(CheckedTreeTest, AggregatesAreTypedAndNamedAfterTheirArgument) {
  const CheckedQuery query = CheckGood(
      "match { $p: Person } return { $p.city, count($p), sum($p.age), avg($p.score), min($p.name), "
      "max($p.age) as oldest, min($p) as first, count($p) as n, n as again }");

  const ReadQuery& read = *query.read();
  EXPECT_TRUE(read.is_aggregate);
  std::vector<std::string> columns;
  for (const Projection& projection : read.projections) {
    columns.push_back(projection.name + ":" + TypeName(projection.type));
  }
  EXPECT_THAT(columns,
              ElementsAre("p.city:String?", "p:I64", "p.age:F64?", "p.score:F64?", "p.name:String?",
                          "oldest:I32?", "first:String?", "n:I64", "again:I64"));
  EXPECT_EQ(read.projections[8].aggregate, AggregateFunction::kCount);
}

TEST(CheckedTreeTest, ParametersShadowVariablesInExpressions) {
  const CheckedQuery query =
      CheckGood("match { $p: Person $p.age > 3 } return { $p, $p.age, count($p) }", "$p: I64");

  const ReadQuery& read = *query.read();
  EXPECT_EQ(read.projections[0].expression.kind, ExpressionKind::kParameter);
  EXPECT_EQ(read.projections[1].expression.kind, ExpressionKind::kProperty);
  EXPECT_EQ(read.projections[2].expression.kind, ExpressionKind::kParameter);
}

TEST(CheckedTreeTest, OrderTermsNameColumnsPropertiesAndRankings) {
  const CheckedQuery query = CheckGood(
      "match { $d: Doc } return { $d.slug as s, bm25($d.title, \"x\") as score } "
      "order { score desc, $d.year, s desc } limit 3");

  const ReadQuery& read = *query.read();
  ASSERT_THAT(read.order, SizeIs(3));
  EXPECT_TRUE(read.order[0].is_ranking);
  EXPECT_EQ(read.order[0].projection, 1u);
  EXPECT_EQ(read.order[0].expression.kind, ExpressionKind::kBm25);
  EXPECT_EQ(read.order[1].projection, kNone);
  EXPECT_FALSE(read.order[1].is_descending);
  EXPECT_EQ(read.order[2].projection, 0u);
  EXPECT_TRUE(read.order[2].is_descending);
  EXPECT_EQ(read.limit_rows_count, 3u);
}

TEST(CheckedTreeTest, AnAliasedScoreInALaterPlaceIsAPlainColumn) {
  const CheckedQuery query = CheckGood(
      "match { $d: Doc } return { bm25($d.title, \"x\") as score } order { $d.year, score }");

  EXPECT_FALSE(query.read()->order[1].is_ranking);
}

TEST(CheckedTreeTest, SearchCallsCarryTheirDefaults) {
  const CheckedQuery query = CheckGood(
      "match { $d: Doc fuzzy($d.title, \"x\") } return { $d.slug } "
      "order { rrf(nearest($d.embedding, [1, 2.5]), bm25($d.title, \"x\")) } limit 1");

  const Expression& fuzzy = query.read()->match.conditions[0];
  EXPECT_EQ(fuzzy.arguments[2].value, types::Value::Int(2));
  const Expression& rrf = query.read()->order[0].expression;
  EXPECT_EQ(rrf.arguments[2].value, types::Value::Int(60));
  const auto* vector = rrf.arguments[0].arguments[1].value.As<types::VectorValue>();
  ASSERT_NE(vector, nullptr);
  EXPECT_THAT(*vector, ElementsAre(1.0f, 2.5f));
}

TEST(CheckedTreeTest, StatementsCarryOrdinals) {
  const CheckedQuery query = CheckGood(
      "insert Person { name: $n, age: 3 } insert Knows { from: $n, to: \"bob\", since: $d } "
      "update Person set { city: \"X\" } where age >= 4",
      "$n: String, $d: Date?");

  const MutationQuery& mutation = *query.mutation();
  ASSERT_THAT(mutation.statements, SizeIs(3));
  const auto& node = std::get<InsertNode>(mutation.statements[0].action);
  ASSERT_THAT(node.assignments, SizeIs(2));
  EXPECT_EQ(People().node(node.node_type).properties[node.assignments[0].property].name, "name");
  const auto& edge = std::get<InsertEdge>(mutation.statements[1].action);
  EXPECT_EQ(edge.from.parameter, 0u);
  EXPECT_EQ(edge.to.value, types::Value::String("bob"));
  EXPECT_THAT(edge.assignments, SizeIs(1));
  const auto& update = std::get<UpdateNode>(mutation.statements[2].action);
  EXPECT_EQ(update.predicate.compare, CompareOp::kGreaterOrEqual);
  EXPECT_EQ(update.predicate.arguments[0].variable, 0u);
  EXPECT_TRUE(mutation.has_constructive);
  EXPECT_FALSE(mutation.has_destructive);
}

TEST(CheckedTreeTest, EdgePredicatesMayNameTheEnds) {
  const CheckedQuery query = CheckGood("delete Knows where to = \"ann\"");

  const auto& action = std::get<DeleteEdge>(query.mutation()->statements[0].action);
  EXPECT_EQ(action.predicate.arguments[0].kind, ExpressionKind::kEdgeTo);
  EXPECT_TRUE(query.mutation()->has_destructive);
}

TEST(CheckedTreeTest, DatesAreConvertedAndMalformedOnesKeptForLater) {
  const CheckedQuery query = CheckGood(
      "match { $p: Person $p.joined > date(\"2024-01-10\") $p.seen < datetime(\"never\") } "
      "return { 1 }");

  EXPECT_EQ(query.read()->match.conditions[0].arguments[1].value,
            types::Value(types::Value::Variant(types::Date{19732})));
  EXPECT_THAT(query.constant_errors,
              ElementsAre(::testing::HasSubstr("invalid DateTime literal 'never'")));
}

std::vector<std::string> Names(const std::vector<TouchedType>& touched) {
  std::vector<std::string> names;
  for (const TouchedType& type : touched) {
    names.push_back(type.is_edge ? People().edge(type.type).table_key
                                 : People().node(type.type).table_key);
  }
  return names;
}

TEST(CheckedTreeTest, ReadsTouchWhatTheyMatchAlsoInsideNot) {
  const CheckedQuery query =
      CheckGood("match { $p: Person $p knows $q not { $p wrote $_ } } return { $q.name }");

  EXPECT_THAT(Names(query.reads),
              ElementsAre("node:Doc", "node:Person", "edge:Knows", "edge:Wrote"));
  EXPECT_THAT(query.writes, IsEmpty());
}

TEST(CheckedTreeTest, EdgeInsertsReadTheirEnds) {
  const CheckedQuery query = CheckGood("insert WorksAt { from: \"a\", to: \"b\" }");

  EXPECT_THAT(Names(query.reads), ElementsAre("node:Company", "node:Person", "edge:WorksAt"));
  EXPECT_THAT(Names(query.writes), ElementsAre("edge:WorksAt"));
}

TEST(CheckedTreeTest, NodeDeletesWriteTheEdgesTheyCascadeTo) {
  const CheckedQuery query = CheckGood("delete Person where name = \"a\"");

  const auto all = ElementsAre("node:Person", "edge:Knows", "edge:WorksAt", "edge:Wrote");
  EXPECT_THAT(Names(query.reads), all);
  EXPECT_THAT(Names(query.writes), all);
}

}  // namespace
}  // namespace omnigraph::query
