// Tests of the grammar: what parses, what does not, where the error stands, what is recovered.

#include "query/parser.h"

#include <gmock/gmock.h>

#include "query/test_schemas.h"

namespace omnigraph::query {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Parsed {
  ast::File file;
  std::vector<text::Diagnostic> errors;
  std::string first_error;
  std::string first_place;  // The text under the caret.
};

Parsed ParseText(const std::string& text) {
  const text::Source source("test.gq", text);
  text::Diagnostics diagnostics;
  Parsed parsed;
  parsed.file = Parse(source, diagnostics);
  parsed.errors = std::move(diagnostics).Take();
  if (!parsed.errors.empty()) {
    parsed.first_error = ParseErrorText(source, parsed.errors.front());
    parsed.first_place = source.At(parsed.errors.front().primary.span);
  }
  return parsed;
}

const ast::Read& ReadOf(const Parsed& parsed) {
  return std::get<ast::Read>(parsed.file.queries.at(0).body);
}

const ast::Read& ReadOf(const ast::Query& query) {
  return std::get<ast::Read>(query.body);
}

struct BadInput {
  const char* name;
  const char* text;   // A body, or a whole file.
  const char* place;  // What the error points at.
  const char* message;
};

class ParseErrorTest : public ::testing::TestWithParam<BadInput> {};

TEST_P(ParseErrorTest, NamesThePlaceAndWhatWasExpected) {
  const Parsed parsed = ParseText(testing::QueryText(GetParam().text));

  ASSERT_THAT(parsed.errors, SizeIs(1));
  EXPECT_EQ(parsed.first_place, GetParam().place) << parsed.first_error;
  EXPECT_THAT(parsed.first_error, StartsWith("parse error: line 1, column "));
  EXPECT_THAT(parsed.first_error, HasSubstr(GetParam().message));
}

const BadInput kBadInputs[] = {
    {"B1", "match { } return { 1 }", "}", "expected a clause, found '}'"},
    {"B2", "query Q() { match { $p: Person } return { $p.name } }", "Q",
     "expected a query name, found 'Q'"},
    {"B3", "match { $P: Person } return { 1 }", "$P", "invalid variable '$P'"},
    {"B4", "match { $p: Person } return { }", "}", "expected an expression"},
    {"B5", "match { $p: Person }", "}", "expected 'return'"},
    {"B6", "match { $p: Person } return { $p.name } limit 1 order { $p.name }", "order",
     "expected '}'"},
    {"B7", "match { $p: Person { } } return { $p.name }", "}", "expected a property name"},
    {"B8", "match { $p: Person $p knows{3} $f } return { $f.name }", "}",
     "expected ',' and the greatest number of hops"},
    {"B9", "match { $p: Person $p.name = \"a\\q\" } return { $p.name }", "\\q",
     "unsupported escape '\\q'"},
    {"B10", "match { $p: Person $p.age > -1 } return { $p.name }", "-", "unexpected character '-'"},
    {"B11", "match { $p: Person } return { count(*) }", "*", "unexpected character '*'"},
    {"B12", "match { $p: Person } return { $p.name } order { $p.name, }", "}",
     "expected an expression"},
    {"B13",
     "match { $d: Doc } return { $d.slug } order { nearest($d.embedding, [0.0, 0.0]) desc } "
     "limit 1",
     "desc", "expected ',' or '}'"},
    {"B14",
     "match { $d: Doc } return { $d.slug } order { rrf(bm25($d.title, \"a\"), "
     "search($d.title, \"a\")) } limit 1",
     "search", "expected nearest(…) or bm25(…)"},
    {"B15", "delete Person where tags contains \"db\"", "contains", "expected '='"},
    {"B16", "match { $p: Person } return { $p.name } insert Person { name: \"x\" }", "insert",
     "a query either reads or writes"},
    {"B17", "mutation { insert Person { name: \"x\" } }", "mutation", "expected 'query'"},
    {"B18", "query q($x: Int) { match { $p: Person } return { $p.name } }", "Int",
     "expected a parameter type, found 'Int'"},
    {"B19", "query q() @description(\"a\") @description(\"b\") { match { $p: P } return { 1 } }",
     "@description(\"b\")", "duplicate annotation @description"},
    {"B20", "match { $p: Person $p.age = 9223372036854775808 } return { 1 }", "9223372036854775808",
     "invalid integer"},
    {"anonymous_query", "query () { match { $p: P } return { 1 } }", "(", "expected a query name"},
    {"parameter_twice", "query q($a: I32, $a: I64) { match { $p: P } return { 1 } }", "$a",
     "parameter '$a' is declared twice"},
    {"comma_after_last_parameter", "query q($a: I32,) { match { $p: P } return { 1 } }", ")",
     "expected a parameter"},
    {"list_of_vectors", "query q($a: [Vector(3)]) { match { $p: P } return { 1 } }", "Vector",
     "expected a parameter type"},
    {"vector_without_dimension", "query q($a: Vector) { match { $p: P } return { 1 } }", ")",
     "expected '('"},
    {"unknown_annotation", "query q() @deprecated(\"x\") { match { $p: P } return { 1 } }",
     "deprecated", "expected 'description' or 'instruction'"},
    {"instruction_twice",
     "query q() @instruction(\"a\") @description(\"d\") @instruction(\"b\") { match { $p: P } "
     "return { 1 } }",
     "@instruction(\"b\")", "duplicate annotation @instruction"},
    {"empty_body", "query q() { }", "}", "expected 'match', 'insert', 'update' or 'delete'"},
    {"empty_order", "match { $p: P } return { 1 } order { }", "}", "expected an expression"},
    {"empty_not", "match { $p: P not { } } return { 1 }", "}", "expected a clause"},
    {"hops_without_minimum", "match { $p knows{,3} $f } return { 1 }", ",",
     "expected the least number of hops"},
    {"hops_too_large", "match { $p knows{1,4294967296} $f } return { 1 }", "4294967296",
     "invalid integer"},
    {"limit_too_large", "match { $p: P } return { 1 } limit 18446744073709551616",
     "18446744073709551616", "invalid integer"},
    {"limit_of_a_parameter", "match { $p: P } return { 1 } limit $n", "$n",
     "expected a number of rows"},
    {"not_as_edge_word", "match { $p: P $p not_x $f } return { 1 }", "not_x",
     "may not start with 'not'"},
    {"edge_type_as_word", "match { $p: P $p WorksAt $f } return { 1 }", "WorksAt",
     "edge words start with a lower-case letter: 'worksAt'"},
    {"lower_case_type", "match { $p: person } return { 1 }", "person", "expected a node type"},
    {"bare_variable", "match { $p: P $p } return { 1 }", "}", "behind '$p'"},
    {"property_without_operator", "match { $p: P $p.age } return { 1 }", "}",
     "expected a comparison"},
    {"double_equal", "match { $p: P $p.age == 3 } return { 1 }", "=", "expected an expression"},
    {"single_quotes", "match { $p: P $p.name = 'x' } return { 1 }", "'",
     "strings stand in double quotes"},
    {"and_between_filters", "match { $p: P $p.age > 3 and $p.age < 5 } return { 1 }", "$p",
     "expected a comparison"},
    {"arithmetic", "match { $p: P $p.age > 3 + 4 } return { 1 }", "+", "unexpected character"},
    {"unknown_function", "match { $p: P } return { cout($p) }", "cout",
     "a similar function exists: 'count'"},
    {"call_without_argument", "match { $p: P } return { count() }", ")", "expected an expression"},
    {"search_with_one_argument", "match { $d: D search($d.t) } return { 1 }", ")", "expected ','"},
    {"search_with_three_arguments", "match { $d: D search($d.t, \"a\", 1) } return { 1 }", ",",
     "expected ')'"},
    {"nearest_of_a_node", "match { $d: D } return { nearest($d, \"x\") }", ",",
     "expected '.' and a property name"},
    {"as_without_name", "match { $p: P } return { $p.name as }", "}", "expected a column name"},
    {"upper_case_alias", "match { $p: P } return { $p.name as Name }", "Name",
     "expected a column name"},
    {"float_without_fraction", "match { $p: P $p.x > 1. } return { 1 }", ".", "expected a clause"},
    {"property_as_inline_value", "match { $p: P { a: $q.a } } return { 1 }", ".",
     "compare two properties with a filter"},
    {"call_as_assigned_value", "insert P { a: count(1) }", "count",
     "expected a literal, a parameter or now()"},
    {"update_without_where", "update P set { a: 1 }", "}", "expected 'where'"},
    {"update_without_set", "update P { a: 1 } where b = 1", "{", "expected 'set'"},
    {"insert_without_fields", "insert P { }", "}", "expected a property name"},
    {"delete_without_predicate", "delete P", "}", "expected 'where'"},
    {"delete_with_two_conditions", "delete P where a = 1 and b = 2", "and",
     "expected 'insert', 'update', 'delete' or '}'"},
    {"read_after_write", "delete P where a = 1 match { $p: P } return { 1 }", "match",
     "a query either reads or writes"},
    {"unclosed_string", "match { $p: P { a: \"x } } return { 1 }", "\"", "string is not closed"},
    {"unclosed_comment", "match { $p: P /* } return { 1 }", "/*", "comment is not closed"},
    {"unclosed_list", "match { $p: P } return { [1, 2 }", "}", "expected ',' or ']'"},
    {"comma_after_last_element", "match { $p: P } return { [1,] }", "]", "expected a literal"},
    {"variable_in_list", "match { $p: P } return { [$p] }", "$p", "expected a literal"},
    {"stray_text_after_query", "query q() { match { $p: P } return { 1 } } }", "}",
     "expected 'query' or the end"},
    {"edge_variable_without_word", "match { $a $w: $b } return { 1 }", "$b",
     "expected an edge word"},
    {"undirected_not_closed", "match { $a $w:<knows $b } return { 1 }", "$b", "expected '>'"},
    {"date_of_a_parameter", "match { $p: P $p.d > date($x) } return { 1 }", "$x",
     "expected a date in double quotes"},
    {"foreign_character", "match { $p: P $p.name = “x” } return { 1 }", "“",
     "unexpected character '“'"},
};

INSTANTIATE_TEST_SUITE_P(BadInputs, ParseErrorTest, ::testing::ValuesIn(kBadInputs),
                         [](const ::testing::TestParamInfo<BadInput>& tested) {
                           return std::string(tested.param.name);
                         });

TEST(ParserTest, UnfinishedTextEndsInsideTheText) {
  const std::string text = "query q($a: I32) { match { $p: Person { age: $a } } return { $p.name ";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    const Parsed parsed = ParseText(text.substr(0, size));
    ASSERT_FALSE(parsed.errors.empty()) << text.substr(0, size);
    EXPECT_LE(parsed.errors.front().primary.span.end, size);
  }
}

TEST(ParserTest, EveryQueryReportsItsFirstMistake) {
  const Parsed parsed = ParseText(
      "query a() { match { } return { 1 } }\n"
      "query b() { match { $p: P } return { 1 } }\n"
      "query c( { match { $p: P } return { 1 } }\n"
      "query () { }\n"
      "query d() { delete P }\n");

  EXPECT_THAT(parsed.errors, SizeIs(4));
  ASSERT_THAT(parsed.file.queries, SizeIs(1));
  EXPECT_EQ(parsed.file.queries[0].name.text, "b");
}

TEST(ParserTest, BadEscapesDoNotHideOtherMistakes) {
  const Parsed parsed = ParseText("query a() { match { $p: P { n: \"\\q\\w\" } } return { } }");

  EXPECT_THAT(parsed.errors, SizeIs(3));
}

TEST(ParserTest, AnEmptyTextHoldsNoQueries) {
  EXPECT_THAT(ParseText("").errors, IsEmpty());
  EXPECT_THAT(ParseText(" // only a comment").file.queries, IsEmpty());
}

TEST(ParserTest, TextThatIsNotUtf8IsRefused) {
  EXPECT_THAT(ParseText("query q() { \xff }").first_error, HasSubstr("not UTF-8"));
}

TEST(ParserTest, CommentsStandWhereverSpaceMay) {
  const Parsed parsed = ParseText(
      "/**/query/* a */q(/*p*/$a/**/:/**/I32?)//\n{match{$p:P{a:$a,}$p "
      "knows{1,/**/3}$q}return{1}}");

  EXPECT_THAT(parsed.errors, IsEmpty()) << parsed.first_error;
}

TEST(ParserTest, KeywordsAreNamesElsewhere) {
  const Parsed parsed = ParseText(
      "query match($limit: I32?) { match { $return: P { order: $limit } $return not1 $asc } "
      "return { $return.limit as as, $asc.true_name as desc, as as return } "
      "order { desc desc, as asc } limit 3 }");

  ASSERT_THAT(parsed.errors, IsEmpty()) << parsed.first_error;
  const ast::Read& read = ReadOf(parsed);
  EXPECT_EQ(read.projections[0].alias->text, "as");
  EXPECT_EQ(read.order[0].expression.name.text, "desc");
  EXPECT_EQ(read.order[0].direction, ast::Direction::kDescending);
}

TEST(ParserTest, NamesMayBeginLikeBooleans) {
  const Parsed parsed = ParseText(
      "query q() { match { $p: P { a: true } } return { $p.a as true_count, false } "
      "order { true_count } }");

  ASSERT_THAT(parsed.errors, IsEmpty()) << parsed.first_error;
  EXPECT_EQ(ReadOf(parsed).order[0].expression.kind, ast::ExpressionKind::kName);
  EXPECT_EQ(ReadOf(parsed).projections[1].expression.kind, ast::ExpressionKind::kLiteral);
}

TEST(ParserTest, ContainsIsATraversalOnlyBetweenTwoBareVariables) {
  const Parsed parsed = ParseText(
      "query q($l: [String]) { match { $a contains $b $l contains $p.name $l contains \"x\" "
      "$a contains{1,2} $b $l starts_with \"x\" $a starts_with $b } return { 1 } }");

  ASSERT_THAT(parsed.errors, IsEmpty()) << parsed.first_error;
  const auto& match = ReadOf(parsed).match;
  ASSERT_THAT(match, SizeIs(6));
  EXPECT_TRUE(std::holds_alternative<ast::Traversal>(match[0].item));
  EXPECT_TRUE(std::holds_alternative<ast::Filter>(match[1].item));
  EXPECT_TRUE(std::holds_alternative<ast::Filter>(match[2].item));
  EXPECT_TRUE(std::holds_alternative<ast::Traversal>(match[3].item));
  EXPECT_TRUE(std::holds_alternative<ast::Filter>(match[4].item));
  EXPECT_TRUE(std::holds_alternative<ast::Traversal>(match[5].item));
}

TEST(ParserTest, AngleBracketsAreUndirectedEdgesOrComparisons) {
  const Parsed parsed = ParseText(
      "query q($a: I32, $b: I32) { match { $a <knows> $b $x <knows>{1,3} $y $a < $b "
      "$a $w:knows $b $a $w:<knows> $b $a > 3 } return { 1 } }");

  ASSERT_THAT(parsed.errors, IsEmpty()) << parsed.first_error;
  const auto& match = ReadOf(parsed).match;
  ASSERT_THAT(match, SizeIs(6));
  EXPECT_TRUE(std::get<ast::Traversal>(match[0].item).is_undirected);
  EXPECT_EQ(std::get<ast::Traversal>(match[1].item).hops->max, 3u);
  EXPECT_EQ(std::get<ast::Filter>(match[2].item).compare, CompareOp::kLess);
  EXPECT_EQ(std::get<ast::Traversal>(match[3].item).edge_variable->text, "w");
  EXPECT_TRUE(std::get<ast::Traversal>(match[4].item).is_undirected);
  EXPECT_TRUE(std::holds_alternative<ast::Filter>(match[5].item));
}

TEST(ParserTest, StringsMaySpanLinesAndHoldEscapes) {
  const Parsed parsed =
      ParseText("query q() { match { $p: P } return { \"a\nb\\\"c\\\\d\\n\\t\\r//é\" } }");

  ASSERT_THAT(parsed.errors, IsEmpty()) << parsed.first_error;
  EXPECT_EQ(ReadOf(parsed).projections[0].expression.literal.text, "a\nb\"c\\d\n\t\r//é");
}

TEST(ParserTest, ProjectionsNeedNoCommas) {
  const Parsed parsed = ParseText(
      "query q() { match { $p: P } return { $p.a as x $p.b, $p now() 1 \"x\" count($p) } }");

  EXPECT_THAT(ReadOf(parsed).projections, SizeIs(7));
}

TEST(ParserTest, ParameterTypesAreReadAsWritten) {
  const Parsed parsed = ParseText(
      "query q($a: [I32]?, $b: Vector( 3 ) ?, $c: Blob, $d: Vector(0)) { match { $p: P } "
      "return { 1 } }");

  ASSERT_THAT(parsed.errors, IsEmpty()) << parsed.first_error;
  const auto& parameters = parsed.file.queries[0].parameters;
  EXPECT_TRUE(parameters[0].type.is_list);
  EXPECT_TRUE(parameters[0].type.is_nullable);
  EXPECT_EQ(parameters[1].type.vector_dimension, 3u);
  EXPECT_TRUE(parameters[1].type.is_nullable);
  EXPECT_EQ(parameters[2].type.base, "Blob");
  EXPECT_EQ(parameters[3].type.vector_dimension, 0u);
}

TEST(ParserTest, AnnotationsComeInAnyOrder) {
  const Parsed parsed = ParseText(
      "query q() @instruction(\"do\") @description(\"what\") { match { $p: P } return { 1 } }");

  EXPECT_EQ(parsed.file.queries[0].description, "what");
  EXPECT_EQ(parsed.file.queries[0].instruction, "do");
}

TEST(ParserTest, LargestNumbersAreAccepted) {
  const Parsed parsed = ParseText(
      "query q() { match { $a knows{1,4294967295} $b } return { 9223372036854775807 } "
      "limit 18446744073709551615 }");

  ASSERT_THAT(parsed.errors, IsEmpty()) << parsed.first_error;
  EXPECT_EQ(ReadOf(parsed).limit->rows_count, 18446744073709551615u);
}

std::string Nested(std::size_t depth) {
  std::string text = "query q() { match { $p: P ";
  for (std::size_t i = 0; i < depth; ++i)
    text += "not { ";
  text += "$p.a = 1 ";
  for (std::size_t i = 0; i < depth; ++i)
    text += "} ";
  return text + "} return { 1 } }";
}

TEST(ParserTest, OneHundredNestedNegationsWork) {
  EXPECT_THAT(ParseText(Nested(100)).errors, IsEmpty());
}

TEST(ParserTest, NestingEndsAtTheLimit) {
  EXPECT_THAT(ParseText(Nested(kNestingDepthMax - 1)).errors, IsEmpty());
  EXPECT_THAT(ParseText(Nested(kNestingDepthMax)).first_error,
              HasSubstr("query.nesting_depth_max"));
  EXPECT_THAT(ParseText("query q() { match { $p: P } return { " + std::string(100000, '[') + " } }")
                  .first_error,
              HasSubstr("query.nesting_depth_max"));
}

TEST(ParserTest, PlacesCoverTheWholeConstruct) {
  const std::string text =
      "query q() { match { $p: P { a: 1 } $p knows{1,2} $q } return { $p.a as x } }";
  const text::Source source("t", text);
  text::Diagnostics diagnostics;
  const ast::File file = Parse(source, diagnostics);

  const ast::Read& read = ReadOf(file.queries.at(0));
  EXPECT_EQ(source.At(std::get<ast::Binding>(read.match[0].item).place.span), "$p: P { a: 1 }");
  EXPECT_EQ(source.At(std::get<ast::Traversal>(read.match[1].item).place.span), "$p knows{1,2} $q");
  EXPECT_EQ(source.At(read.projections[0].place.span), "$p.a as x");
  EXPECT_EQ(source.At(file.queries[0].place.span), text);
}

}  // namespace
}  // namespace omnigraph::query
