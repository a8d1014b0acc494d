// Tests of the checker: which queries are refused with which code and where, which pass.

#include "query/check.h"

#include <gmock/gmock.h>

#include <array>
#include <random>

#include "query/test_schemas.h"

namespace omnigraph::query {
namespace {

using testing::BadQuery;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const schema::Catalog& People() {
  static const auto catalog = testing::CatalogOf(testing::kPeopleSchema);
  return *catalog;
}

const schema::Catalog& Fleet() {
  static const auto catalog = testing::CatalogOf(testing::kFleetSchema);
  return *catalog;
}

// S18 of the specification.
class PeopleErrorTest : public ::testing::TestWithParam<BadQuery> {};

TEST_P(PeopleErrorTest, HasItsCodeAndPlace) {
  testing::ExpectFirstError(GetParam(), People());
}

const BadQuery kPeopleErrors[] = {
    {"B21", "match { $p: Human } return { 1 }", "T1", "Human", {"Human"}},
    {"B22", "match { $k: Knows } return { 1 }", "T1", "Knows", {"edge type"}},
    {"B23", "match { $p: Person { salary: 1 } } return { $p.name }", "T2", "salary", {"Person"}},
    {"B24",
     "match { $p: Person { age: \"old\" } } return { $p.name }",
     "T3",
     "\"old\"",
     {"Person.age", "I32", "String"}},
    {"B25",
     "match { $c: Company { sector: \"foo\" } } return { $c.name }",
     "T3",
     "\"foo\"",
     {"sector", "ai, bio, energy", "'foo'"}},
    {"B26",
     "match { $p: Person { tags: [\"db\"] } } return { $p.name }",
     "T3",
     "tags",
     {"list equality", "membership", "tags"}},
    {"B27",
     "match { $p: Person { tags: $t } } return { $p.name }",
     "T7",
     "tags",
     {"list equality", "tags"},
     "$t: [String]"},
    {"B28", "match { $p: Person $p likes $f } return { $p.name }", "T4", "likes", {"likes"}},
    {"B29",
     "match { $c: Company $c knows $f } return { $c.name }",
     "T5",
     "$c",
     {"$c", "Company", "Knows", "Person -> Person"}},
    {"B30",
     "match { $p: Person $c: Company $p knows $c } return { $c.name }",
     "T5",
     "$c",
     {"$c", "Company", "Knows", "expects Person"}},
    {"B31", "match { $p.age > 3 $p: Person } return { $p.name }", "T6", "$p", {"$p"}},
    {"B32", "match { $p: Person } return { $p.salary }", "T6", "salary", {"Person", "salary"}},
    {"B33", "match { $p: Person } return { $p.id }", "T6", "id", {"Person", "id"}},
    {"B34", "match { $p: Person { city: $c } } return { $p.name }", "T6", "$c", {"$c"}},
    {"B35",
     "match { $p: Person $p.age > \"old\" } return { $p.name }",
     "T7",
     "$p.age > \"old\"",
     {"I32", "String"}},
    {"B36",
     "match { $p: Person $p.joined > $p.seen } return { $p.name }",
     "T7",
     "$p.joined > $p.seen",
     {"Date?", "DateTime?"}},
    {"B37",
     "match { $p: Person $p != 5 } return { $p.name }",
     "T7",
     "$p != 5",
     {"scalar operands", "Person", "I64"}},
    {"B38",
     "match { $p: Person $p.age contains 3 } return { $p.name }",
     "T7",
     "$p.age contains 3",
     {"list (membership)", "String (substring)"}},
    {"B39",
     "match { $p: Person $p.tags contains [\"db\"] } return { $p.name }",
     "T7",
     "$p.tags contains [\"db\"]",
     {"[String]"}},
    {"B40",
     "match { $p: Person $p.tags = \"db\" } return { $p.name }",
     "T7",
     "$p.tags = \"db\"",
     {"contains"}},
    {"B41",
     "match { $p: Person } return { sum($p.name) as s }",
     "T8",
     "$p.name",
     {"sum", "String"}},
    {"B42",
     "match { $p: Person } return { max($p.seen) as s }",
     "T8",
     "$p.seen",
     {"max", "DateTime"}},
    {"B43",
     "match { $p: Person not { $c: Company } } return { $p.name }",
     "T9",
     "not { $c: Company }",
     {"outer"}},
    {"B44",
     "match { not { $p worksAt $_ } $p: Person } return { $p.name }",
     "T9",
     "not { $p worksAt $_ }",
     {"outer"}},
    {"B45", "match { $p: Person } return { \"x\" as k, count($p) as n }", "T9", "\"x\" as k"},
    {"B46", "match { $p: Person $p knows{0,2} $f } return { $f.name }", "T15", "{0,2}", {"0"}},
    {"B47", "match { $p: Person $p knows{3,1} $f } return { $f.name }", "T15", "{3,1}", {"3", "1"}},
    {"B48",
     "match { $p: Person $p knows{1,} $f } return { $f.name }",
     "T15",
     "{1,}",
     {"unbounded"}},
    {"B49",
     "match { $d: Doc } return { $d.slug } order { nearest($d.embedding, $q) } limit 1",
     "T15",
     "$q",
     {"2 dimensions", "3", "Doc.embedding"},
     "$q: Vector(3)"},
    {"B50",
     "match { $d: Doc } return { $d.slug } order { nearest($d.title, \"x\") } limit 1",
     "T15",
     "$d.title",
     {"Doc.title", "String"}},
    {"B51",
     "match { $d: Doc } return { $d.slug } order { nearest($d.embedding, [0.0, 0.0]) }",
     "T17",
     "nearest($d.embedding, [0.0, 0.0])",
     {"limit"}},
    {"B52",
     "match { $d: Doc } return { $d.slug as s } order { nearest($d.embedding, [0.0, 0.0]), s } "
     "limit 1",
     "T18", "nearest($d.embedding, [0.0, 0.0])"},
    {"B53",
     "match { $p: Person search($p.age, \"x\") } return { $p.name }",
     "T19",
     "$p.age",
     {"search", "I32"}},
    {"B54",
     "match { $d: Doc fuzzy($d.title, \"x\", $m) } return { $d.slug }",
     "T19",
     "$m",
     {"fuzzy", "F64"},
     "$m: F64"},
    {"B55",
     "match { $d: Doc } return { $d.slug } order { bm25($d.title, $q) }",
     "T20",
     "$q",
     {"bm25", "I64"},
     "$q: I64"},
    {"B56",
     "match { $d: Doc } return { $d.slug } order { rrf(bm25($d.title, \"a\"), bm25($d.title, "
     "\"b\")) }",
     "T21",
     "rrf(bm25($d.title, \"a\"), bm25($d.title, \"b\"))",
     {"limit"}},
    {"B57",
     "match { $d: Doc } return { $d.slug } order { rrf(bm25($d.title, \"a\"), bm25($d.title, "
     "\"b\"), 0) } limit 1",
     "T21",
     "0",
     {"k"}},
    {"B58",
     "match { $p: Person $p: Company } return { 1 }",
     "",
     "$p",
     {"already bound", "Person", "Company"}},
    {"B59", "match { $p: Person } return { $zzz }", "", "$zzz", {"not bound", "zzz"}},
    {"B60",
     "match { $p: Person } return { 1 }",
     "",
     "$__nanograph_now",
     {"reserved"},
     "$__nanograph_now: DateTime"},
    {"B61",
     "match { $p: Person } return { 1 }",
     "",
     "Vector(0)",
     {"unknown parameter type"},
     "$v: Vector(0)"},
    {"B62", "insert Human { name: \"x\" }", "T10", "Human", {"Human"}},
    {"B63", "insert Person { name: \"x\", salary: 1 }", "T11", "salary", {"Person", "salary"}},
    {"B64", "delete Knows where src = \"ann\"", "T11", "src", {"Knows", "src", "'from' and 'to'"}},
    {"B65", "insert Person { age: 3 }", "T12", "Person", {"name"}},
    {"B66", "insert Knows { from: \"ann\" }", "T12", "Knows", {"'to'"}},
    {"B67", "insert Person { name: \"x\", name: \"y\" }", "T13", "name", {"name"}},
    {"B68", "insert Person { name: $n }", "T14", "$n", {"$n"}},
    {"B69",
     "update Knows set { since: date(\"2024-01-01\") } where from = \"ann\"",
     "T16",
     "Knows",
     {"not supported", "Knows"}},
    {"B70",
     "update Person set { joined: now() } where name = \"ann\"",
     "T7",
     "now()",
     {"DateTime", "joined"}},
    {"B71",
     "update Person set { age: \"x\" } where name = \"ann\"",
     "T3",
     "\"x\"",
     {"age", "I32", "String"}},
    {"B72",
     "update Person set { age: $a } where name = \"ann\"",
     "T7",
     "$a",
     {"age", "I32", "String"},
     "$a: String"},
    {"B73", "delete Person where tags = [\"db\"]", "T7", "tags", {"tags", "[String]"}},
    {"B83",
     "match { $p: Person } return { $p.name } order { now() }",
     "",
     "now()",
     {"unsupported ordering expression"}},
    {"B84", "match { $p: Person } return { $p.name } order { nope }", "T6", "nope", {"nope"}},
};

INSTANTIATE_TEST_SUITE_P(BadInputs, PeopleErrorTest, ::testing::ValuesIn(kPeopleErrors),
                         testing::NameOf);

struct GoodQuery {
  const char* body;
  const char* parameters = "";
};

class LegalQueryTest : public ::testing::TestWithParam<GoodQuery> {};

TEST_P(LegalQueryTest, PassesTheChecks) {
  const CheckOutcome outcome =
      testing::CheckText(testing::QueryText(GetParam().body, GetParam().parameters), Fleet());

  ASSERT_THAT(outcome.diagnostics, IsEmpty()) << TypeErrorText(outcome.diagnostics.front());
  EXPECT_TRUE(outcome.query.has_value());
}

const GoodQuery kLegalQueries[] = {
    {"match { $limit: Ship } return { $limit.name as order, $limit.tons as asc } order { order "
     "desc }"},
    {"match { $s: Ship { flag: \"no\", } } return { $s.name $s.tons $s }"},
    {"match { $s: Ship $s follows $t $t: Ship } return { $t }"},
    {"match { $s: Ship $s callsat $p } return { $p }"},
    {"match { $s callsAt $p } return { $s.name, $p.code }"},
    {"match { $p: Port $p callsAt $s } return { $s.name }"},
    {"match { $s: Ship } return { $k }", "$k: I64?"},
    {"match { $s: Ship { ratio: 1, tons: 2.5 } } return { $s }"},
    {"match { $s: Ship { tags: \"a\", tags: $t } } return { $s }", "$t: String?"},
    {"match { $s: Ship { seen: now() } } return { $s }"},
    {"match { $p: Port { zone: $z } } return { $p }", "$z: String"},
    {"match { $p: Port $p.zone = \"bogus\" } return { $p }"},
    {"match { $s: Ship 30 < $s.tons 1 = 1 $s.ratio > $s.tons } return { $s }"},
    {"match { $s: Ship $l contains $s.name } return { $s }", "$l: [String]"},
    {"match { $s: Ship [\"a\", \"b\"] contains $s.name } return { $s }"},
    {"match { $s: Ship $s.name contains \"x\" \"a text\" contains $s.name } return { $s }"},
    {"match { $s: Ship $s.name starts_with $x } return { $s }", "$x: String"},
    {"match { $r: Report $r.marks contains 2.5 } return { $r }"},
    {"match { $s: Ship $s.built > date(\"soon\") } return { $s }"},
    {"match { $s: Ship $s.seen < now() now() > $s.seen } return { $s }"},
    {"match { $r: Report search($r.title, \"x\") = false true = search($r.title, $q) } return { $r "
     "}",
     "$q: String?"},
    {"match { $p: Port search($p.zone, \"north\") } return { $p }"},
    {"match { $r: Report fuzzy($r.title, \"x\", $e) fuzzy($r.title, \"x\", 9) } return { $r }",
     "$e: U32"},
    {"match { $s: Ship not { $s callsAt $_ } not { $s.tons > 3 } } return { $s }"},
    {"match { $s: Ship not { $s: Ship { tons: 3 } } } return { $s }"},
    {"match { $s: Ship not { search($s.name, \"x\") } } return { $s }"},
    {"match { $a: Ship not { $a follows $b not { $b callsAt $p $p.zone = \"med\" } } } return { $a "
     "}"},
    {"match { $a: Ship not { $a follows $b } $b: Ship } return { $a, $b }"},
    {"match { $s: Ship $s <follows> $t $s <follows>{1,3} $u } return { $t, $u }"},
    {"match { $s $w:follows{1,1} $t $w.since > date(\"2024-01-01\") } return { $w.since, "
     "max($w.note) } order { $w.since }"},
    {"match { $s $_:follows $t } return { $t }"},
    {"match { $s: Ship not { $s $w:follows $t $w.note = \"x\" } } return { $s }"},
    {"match { $s: Ship } return { $s.name as n, n, n as m } order { m desc, n }"},
    {"match { $s: Ship } return { $s } order { s }"},
    {"match { $s: Ship } return { count($s) } order { s desc }"},
    {"match { $s: Ship } return { $s.flag as f, count($s) as n, min($s) as lo } order { $s.flag, n "
     "}"},
    {"match { $s: Ship } return { $s.flag as f, f, count($s) as n, n as again, $k }", "$k: I64"},
    {"match { $s: Ship } return { count($k), count(5), count(now()) as x }", "$k: I64"},
    {"match { $r: Report } return { $r.slug as s } order { rrf(bm25($r.title, \"a\"), "
     "bm25($r.title, \"b\")), s } limit 1"},
    {"match { $r: Report } return { rrf(bm25($r.title, \"a\"), nearest($r.vec, \"b\")) as s } "
     "order { s desc } limit 1"},
    {"match { $r: Report } return { bm25($r.title, \"a\") as s, $r.slug } order { $r.slug, s }"},
    {"match { $r: Report } return { $r.slug } order { nearest($r.vec, [1, 2.5, 3]), $r.slug desc } "
     "limit 0"},
    {"match { $r: Report } return { $r.slug } order { nearest($r.vec, $q) } limit 3", "$q: String"},
    {"match { $r: Report $s filed $r } return { $r.slug, count($s) as n } order { nearest($r.vec, "
     "$q) } limit 3",
     "$q: Vector(3)"},
    {"match { $r: Report $s filed $r } return { $r, count($s) as n } order { bm25($r.title, \"x\") "
     "}"},
    {"match { $s: Ship } return { $s.tags } order { $s.tags }"},
    {"delete Follows where from = \"a\""},
    {"delete Follows where since > $d", "$d: Date"},
    {"update Ship set { seen: now(), built: date(\"2024-01-01\") } where seen <= now()"},
    {"update Ship set { ratio: 1, tons: 3.0 } where tons = 2.5"},
    {"update Ship set { name: \"b\" } where name = \"a\""},
    {"insert Ship { name: \"x\", hull: $h, tags: [] }", "$h: String"},
    {"insert Ship { name: \"x\", hull: $h, shape: [1, 2.5] }", "$h: Blob"},
    {"insert Report { slug: \"x\", title: \"t\", vec: $v, marks: [1, 2] }", "$v: Vector(3)"},
    {"insert Report { slug: \"x\", title: \"t\", marks: [] }"},
    {"insert Photo { slug: \"x\", text: \"t\" }"},
    {"insert Photo { slug: \"x\", text: \"t\", vec: [1, 2, 3] }"},
    {"insert Ship { name: \"a\" } insert Follows { from: \"a\", to: $t, since: $d }",
     "$t: String, $d: Date?"},
    {"delete Ship where name = $n delete Ship where active = false", "$n: String"},
};

INSTANTIATE_TEST_SUITE_P(LegalQueries, LegalQueryTest, ::testing::ValuesIn(kLegalQueries));

TEST(CheckTest, AllMistakesAreReportedAtOnce) {
  const CheckOutcome outcome = testing::CheckText(
      "query q() { match { $s: Ship { masts: 1, tons: \"x\" } $s sinks $t $s.flag > 3 } "
      "return { $s.nam, sum($s.flag) as x, $t.name } order { nope } }",
      Fleet());

  std::vector<std::string> codes;
  for (const text::Diagnostic& found : outcome.diagnostics)
    codes.push_back(found.code);
  EXPECT_THAT(codes, ::testing::ElementsAre("T2", "T3", "T4", "T7", "T6", "T8", "T6"));
}

TEST(CheckTest, AnUnknownTypeIsReportedOnce) {
  const CheckOutcome outcome = testing::CheckText(
      "query q() { match { $b: Boat { masts: 1 } $b follows $t $b.tons > 3 } "
      "return { $b, $b.name, max($b.tons) as m, $t.tons } order { $b.tons } }",
      Fleet());

  EXPECT_THAT(outcome.diagnostics, SizeIs(1));
}

TEST(CheckTest, ABadAliasIsReportedOnce) {
  const CheckOutcome outcome = testing::CheckText(
      "query q() { match { $s: Ship } return { $s.masts as m, m, sum(m) as x } order { m } }",
      Fleet());

  EXPECT_THAT(outcome.diagnostics, SizeIs(1));
}

TEST(CheckTest, AtMostTwentyMistakesAreReported) {
  std::string body = "query q() { match { $s: Ship ";
  for (int i = 0; i < 50; ++i)
    body += "$s.bad" + std::to_string(i) + " = 1 ";
  EXPECT_THAT(testing::CheckText(body + "} return { 1 } }", Fleet()).diagnostics, SizeIs(20));
}

TEST(CheckTest, RankingRulesComeBeforeGroupKeys) {
  const CheckOutcome outcome = testing::CheckText(
      "query q() { match { $r: Report } return { $r, 1 as k, count($r) as n } "
      "order { nearest($r.vec, \"x\") } }",
      Fleet());

  ASSERT_THAT(outcome.diagnostics, SizeIs(2));
  EXPECT_EQ(outcome.diagnostics[0].code, "T17");
  EXPECT_EQ(outcome.diagnostics[1].code, "T9");
}

TEST(CheckTest, OtherMissingPropertiesStandInTheHelp) {
  const CheckOutcome outcome =
      testing::CheckText("query q() { insert Report { marks: [1] } }", Fleet());

  ASSERT_THAT(outcome.diagnostics, SizeIs(1));
  EXPECT_THAT(outcome.diagnostics[0].summary, HasSubstr("'slug'"));
  EXPECT_EQ(outcome.diagnostics[0].help, "also missing: title");
}

// Whatever the text, parser and checker come back, and every place lies inside the text.
TEST(CheckTest, TokenSoupIsRefusedInsideTheText) {
  constexpr std::array<std::string_view, 48> kPieces = {
      "query q(",   ") {",      "match {",  "return {", "}",       "}",      "order {", "limit 3",
      "not {",      "$s: Ship", "$s.tons",  "$s.name",  "= 3",     "< $k",   "$s",      "follows",
      "$t",         "{1,3}",    "{0,}",     ":",        ",",       "\"x\"",  "\"\\q\"", "[1, 2.5]",
      "[\"a\", 1]", "nearest(", "bm25(",    "rrf(",     "search(", "count(", ")",       "as n",
      "n",          "desc",     "contains", "insert",   "update",  "delete", "Ship {",  "set {",
      "where",      "name:",    "$w:",      "<",        ">",       "now()",  "date(\"", "$k: I32?",
  };
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937 random(seed);
    std::string text = random() % 2 == 0 ? "query q($k: I32) { match { $s: Ship " : "";
    for (std::size_t i = 0, count = random() % 30; i < count; ++i) {
      text += std::string(kPieces[random() % kPieces.size()]) + " ";
    }
    if (random() % 2 == 0) text += "} return { $s.name } }";
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + text);
    const text::Source source("soup.gq", text);
    text::Diagnostics diagnostics;
    const ast::File file = Parse(source, diagnostics);
    for (const text::Diagnostic& error : diagnostics.items()) {
      ASSERT_LE(error.primary.span.begin, error.primary.span.end);
      ASSERT_LE(error.primary.span.end, text.size());
    }
    for (const ast::Query& query : file.queries) {
      for (const text::Diagnostic& error : Check(query, Fleet()).diagnostics) {
        ASSERT_LT(error.primary.span.begin, error.primary.span.end);
        ASSERT_LE(error.primary.span.end, text.size());
      }
    }
  }
}

}  // namespace
}  // namespace omnigraph::query
