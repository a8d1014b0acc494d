// Tests that printing and parsing are inverse to each other.

#include "query/printer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "query/lexer.h"
#include "query/parser.h"

namespace omnigraph::query {
namespace {

ast::File ParseGood(const std::string& text) {
  const text::Source source("printed.gq", text);
  text::Diagnostics diagnostics;
  ast::File file = Parse(source, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << text::Render(source, diagnostics.items());
  return file;
}

TEST(PrinterTest, ReadsPrintOneClauseALine) {
  const ast::File file = ParseGood(
      "query q($c:String?,$v:Vector(3))@description(\"a \\\"b\\\"\"){match{$p:Person{city:$c,age:3}"
      "$p $w:<knows> $f $p knows{1,} $g not{$f.age>=2.50 search($f.name,\"x\")}}"
      "return{$p count($f)as n,[1,2.0]}order{n desc,$p.age}limit 7}");

  EXPECT_EQ(Print(file), R"gq(query q($c: String?, $v: Vector(3))
  @description("a \"b\"") {
  match {
    $p: Person { city: $c, age: 3 }
    $p $w:<knows> $f
    $p knows{1,} $g
    not {
      $f.age >= 2.50
      search($f.name, "x")
    }
  }
  return {
    $p,
    count($f) as n,
    [1, 2.0],
  }
  order { n desc, $p.age }
  limit 7
}
)gq");
}

TEST(PrinterTest, MutationsPrintOneStatementALine) {
  const ast::File file = ParseGood(
      "query m($n: String) { insert P { a: $n b: now() } update P set { a: [true] } where b != "
      "date(\"2024-01-01\") delete E where from = $n }");

  EXPECT_EQ(Print(file), R"gq(query m($n: String) {
  insert P { a: $n, b: now() }
  update P set { a: [true] } where b != date("2024-01-01")
  delete E where from = $n
}
)gq");
}

// Writes random texts of the grammar; small choices, so that every production appears.
class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::string Query() {
    std::string text = "query " + Word() + "(";
    const std::size_t parameters_count = Pick(3);
    for (std::size_t i = 0; i < parameters_count; ++i) {
      text += (i > 0 ? ", $" : "$") + Word() + std::to_string(i) + ": " +
              One({"String", "[I64]", "Vector(3)", "Bool?", "[Date]?", "DateTime"});
    }
    text += ")" + One({"", " @description(\"d\\n\\\\\")", " @instruction(\"i\")"});
    return text + " { " + (Pick(4) > 0 ? Read() : Mutation()) + " }\n";
  }

 private:
  std::size_t Pick(std::size_t count) { return random_() % count; }
  std::string One(std::initializer_list<const char*> choices) {
    return *(choices.begin() + Pick(choices.size()));
  }
  std::string Word() { return One({"a", "order", "limit", "true_x", "not1", "_x9", "contains"}); }
  std::string Variable() { return "$" + One({"p", "q", "asc", "_"}); }

  std::string Literal(int depth = 0) {
    switch (Pick(depth > 2 ? 6 : 7)) {
      case 0:
        return "42";
      case 1:
        return "0.250";
      case 2:
        return "\"a\\\"\\\\\\n\\t\\ré//\"";
      case 3:
        return "false";
      case 4:
        return "date(\"2024-01-01\")";
      case 5:
        return "datetime( \"soon\" )";
      default:
        return "[" + (Pick(2) ? Literal(depth + 1) + "," + Literal(depth + 1) : "") + "]";
    }
  }

  std::string Value() { return Pick(3) ? Literal() : Pick(2) ? Variable() : "now()"; }
  std::string Property() { return Variable() + "." + Word(); }

  std::string Expression(int depth = 0) {
    switch (Pick(depth > 2 ? 3 : 9)) {
      case 0:
        return Literal();
      case 1:
        return Property();
      case 2:
        return Variable();
      case 3:
        return "search(" + Expression(depth + 1) + ", " + Expression(depth + 1) + ")";
      case 4:
        return "fuzzy(" + Property() + ", \"x\"" + One({"", ", 2"}) + ")";
      case 5:
        return "match_text(" + Property() + "," + Expression(depth + 1) + ")";
      case 6:
        return Rank();
      case 7:
        return "rrf(" + Rank() + ", " + Rank() + One({"", ", 60"}) + ")";
      default:
        return "bm25(" + Property() + ", now())";
    }
  }

  std::string Rank() { return One({"nearest(", "bm25("}) + Property() + ", " + Literal() + ")"; }

  std::string Clause(int depth) {
    switch (Pick(depth > 3 ? 4 : 5)) {
      case 0:
        return Variable() + ": Person" +
               (Pick(2) ? " { " + Word() + ": " + Value() + One({"", ","}) + " }" : "");
      case 1:
        return Variable() +
               One({" knows ", " <knows> ", " $w:knows ", " $w:<knows>{1,1} ", " knows{2,} ",
                    " <knows>{1,9}"}) +
               Variable();
      case 2:
        return Property() + One({" = ", "!=", " <", ">= ", " contains ", " starts_with "}) +
               Expression();
      case 3:
        return "search(" + Property() + ", " + Value() + ")" + One({"", " = true"});
      default:
        return "not { " + Clauses(depth + 1) + "}";
    }
  }

  std::string Clauses(int depth) {
    std::string text;
    for (std::size_t i = 0, count = 1 + Pick(3); i < count; ++i)
      text += Clause(depth) + "\n";
    return text;
  }

  std::string Read() {
    std::string text = "match { " + Clauses(0) + "} return {";
    for (std::size_t i = 0, count = 1 + Pick(3); i < count; ++i) {
      text += " " + (Pick(3) ? Expression() : One({"count(", "max("}) + Expression() + ")") +
              (Pick(2) ? " as " + Word() : "") + One({",", ", "});
    }
    text += "}";
    if (Pick(2)) text += " order { " + Property() + One({"", " asc", " desc"}) + ", n desc }";
    return text + One({"", " limit 0", " limit 10"});
  }

  std::string Mutation() {
    std::string text;
    for (std::size_t i = 0, count = 1 + Pick(3); i < count; ++i) {
      const std::string fields = "{ " + Word() + ": " + Value() + " b:" + Value() + ", }";
      const std::string where = " where " + Word() + One({"=", " <= "}) + Value() + " ";
      text += Pick(3) == 0   ? "insert P " + fields
              : Pick(2) == 0 ? "update P set " + fields + where
                             : "delete P" + where;
    }
    return text;
  }

  std::mt19937 random_;
};

TEST(PrinterTest, PrintedTreesParseToThemselves) {
  constexpr std::uint32_t kSeedsCount = 2000;
  for (std::uint32_t seed = 1; seed <= kSeedsCount; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::string text = Generator(seed).Query();
    const ast::File first = ParseGood(text);
    const std::string printed = Print(first);
    const ast::File second = ParseGood(printed);
    ASSERT_EQ(first, second) << text << "\n" << printed;
    ASSERT_EQ(Print(second), printed);
  }
}

std::string Formatted(const std::string& text) {
  const auto formatted = FormatQueries(text::Source("written.gq", text));
  EXPECT_TRUE(formatted.ok()) << formatted.status().message();
  return formatted.ok() ? *formatted : std::string();
}

TEST(FormatQueriesTest, KeepsCommentsAndBlankLinesWhereTheyStand) {
  EXPECT_EQ(Formatted(R"gq(// People and where they work.


query people($city: String?) // all of them
@description("by city")
{
  // first
  match { $p: Person { city: $city } // the filter


    /* then */
    $p worksAt $c
    not { $c.name = /* inside */ "Acme" // why
      // last of the block
    } }
  return { $p.name /* who */, $c.name as firm // where
  } order { $p.name } // sorted
  limit 3 }
query add($name: String) {
  insert Person { name: $name
    age: 3 // years
  }
}
// the end
)gq"),
            R"gq(// People and where they work.

query people($city: String?)
  @description("by city") { // all of them
  // first
  match {
    $p: Person { city: $city } // the filter

    /* then */
    $p worksAt $c
    not {
      $c.name = "Acme" /* inside */ // why
      // last of the block
    }
  }
  return {
    $p.name, /* who */
    $c.name as firm, // where
  }
  order { $p.name } // sorted
  limit 3
}

query add($name: String) {
  insert Person {
    name: $name,
    age: 3, // years
  }
}
// the end
)gq");
}

TEST(FormatQueriesTest, LongListsOfPropertiesGetALineEach) {
  const std::string value(40, 'x');
  EXPECT_EQ(
      Formatted("query a() { insert P { a: \"" + value + "\", b: \"" + value + "\", c: 1 } }"),
      "query a() {\n  insert P {\n    a: \"" + value + "\",\n    b: \"" + value +
          "\",\n    c: 1,\n  }\n}\n");
}

TEST(FormatQueriesTest, AFileWithoutQueriesKeepsItsComments) {
  EXPECT_EQ(Formatted(""), "");
  EXPECT_EQ(Formatted("\n\n  // nothing yet  \n"), "// nothing yet\n");
}

TEST(FormatQueriesTest, SyntaxErrorsAreRefused) {
  const auto formatted = FormatQueries(text::Source("broken.gq", "query a() {"));
  EXPECT_EQ(formatted.status().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(std::string(formatted.status().message()), ::testing::HasSubstr("parse error:"));
}

// Puts numbered comments between random tokens.
std::string WithComments(const std::string& text, std::mt19937& random, int* count) {
  std::string result;
  std::size_t copied = 0;
  for (const Token& token : Tokenize(text)) {
    result.append(text, copied, token.span.begin - copied);
    copied = token.span.begin;
    if (random() % 6 != 0) continue;
    const std::string number = std::to_string((*count)++);
    result += random() % 2 == 0 ? " /* c" + number + "; */ " : " // c" + number + ";\n";
    if (random() % 4 == 0) result += "\n\n";
  }
  return result + text.substr(copied);
}

TEST(FormatQueriesTest, NeitherMeaningNorCommentsChangeAndTheSecondTimeNothing) {
  constexpr std::uint32_t kSeedsCount = 2000;
  for (std::uint32_t seed = 1; seed <= kSeedsCount; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    int comments_count = 0;
    const std::string text = WithComments(
        Generator(seed).Query() + Generator(seed + kSeedsCount).Query(), random, &comments_count);
    const std::string formatted = Formatted(text);
    ASSERT_EQ(ParseGood(text), ParseGood(formatted)) << text << "\n" << formatted;
    for (int i = 0; i < comments_count; ++i) {
      const std::string comment = " c" + std::to_string(i) + ";";
      const std::size_t at = formatted.find(comment);
      ASSERT_NE(at, std::string::npos) << comment << "\n" << formatted;
      ASSERT_EQ(formatted.find(comment, at + 1), std::string::npos) << comment;
    }
    ASSERT_EQ(Formatted(formatted), formatted);
  }
}

}  // namespace
}  // namespace omnigraph::query
