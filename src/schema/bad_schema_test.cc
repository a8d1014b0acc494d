// Texts that must not compile: the code, the words of the message and the place of each mistake.
// The place is marked in the text: the caret must stand on what is between « and ».

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "schema/compile.h"
#include "schema/parser.h"

namespace omnigraph::schema {
namespace {

using ::testing::HasSubstr;

struct BadSchema {
  const char* code;
  const char* text;  ///< With « and » around the place of the first mistake.
  std::vector<std::string> tokens{};
};

std::string WithoutMarks(std::string text, text::Span* span) {
  const std::string open = "«", close = "»";
  const std::size_t begin = text.find(open);
  EXPECT_NE(begin, std::string::npos) << text;
  text.erase(begin, open.size());
  const std::size_t end = text.find(close);
  EXPECT_NE(end, std::string::npos) << text;
  text.erase(end, close.size());
  *span = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  return text;
}

class BadSchemaTest : public ::testing::TestWithParam<BadSchema> {};

TEST_P(BadSchemaTest, IsRefusedAtItsPlaceWithItsWords) {
  const BadSchema& bad = GetParam();
  text::Span span;
  const text::Source source("bad.pg", WithoutMarks(bad.text, &span));

  const CompileOutcome outcome = Compile(source);

  ASSERT_EQ(outcome.schema, nullptr) << bad.text;
  ASSERT_FALSE(outcome.diagnostics.empty());
  const text::Diagnostic& first = outcome.diagnostics.front();
  EXPECT_EQ(first.code, bad.code) << bad.text << "\n" << first.summary;
  EXPECT_EQ(first.primary.span, span)
      << bad.text << "\n"
      << first.summary << "\nfound at '" << source.At(first.primary.span) << "' "
      << first.primary.span.begin;
  const std::string message(outcome.ToStatus(source).message());
  for (const std::string& token : bad.tokens)
    EXPECT_THAT(message, HasSubstr(token)) << bad.text;
  EXPECT_THAT(message, HasSubstr(outcome.is_catalog_error() ? "catalog error: " : "parse error: "));
  for (const text::Diagnostic& diagnostic : outcome.diagnostics) {
    EXPECT_LE(diagnostic.primary.span.end, source.text().size());
    EXPECT_LT(diagnostic.primary.span.begin, diagnostic.primary.span.end);
  }
}

// S20, in its order; A and B are declared in front where a row needs them.
INSTANTIATE_TEST_SUITE_P(
    Contract, BadSchemaTest,
    ::testing::Values(
        BadSchema{"P1", "node «{» }", {"a type name"}},
        BadSchema{"P1", "node «person» { name: String }", {"a type name", "'person'"}},
        BadSchema{"P1", "node P { «Name»: String }", {"a property name"}},
        BadSchema{"P1", "node P { name: «string» }", {"did you mean 'String'"}},
        BadSchema{"P1", "node P { a: String«,» b: I32 }", {"commas"}},
        BadSchema{"P1", "«#» note", {"//"}},
        BadSchema{"P1", "«enum» Color { red }", {"enum(red, green)"}},
        BadSchema{"P1", "node P { t: [«[»[String]] }"},
        BadSchema{"P1", "node P { t: [String«?»] }", {"[String]?"}},
        BadSchema{"P1", "node P { t: [«enum»(a, b)] }"},
        BadSchema{"P1", "node P { t: [«Vector»(2)] }"},
        BadSchema{"P1", "node P { k: enum(«)» }", {"an enum value"}},
        BadSchema{"P1", "node P { k: enum(a,«)» }", {"an enum value"}},
        BadSchema{"P1", "node P { k: enum(«\"a\"») }", {"an enum value"}},
        BadSchema{"P1", "node P { a: String @key(«)» }"},
        BadSchema{"P1", "interface I «@»x { a: String }"},
        BadSchema{"P1", "interface I { a: String «@»key(a) }"},
        BadSchema{"P1",
                  "interface I { } node P implements I «@»description(\"x\") { }",
                  {"before 'implements'"}},
        BadSchema{"P1", "node A { } edge E: A -> A @card(1..«*»)"},
        BadSchema{"P1", "node A { } edge E: A -> A @card(1«)»"},
        BadSchema{"P1", "node A { } edge E: A -> A @card(«..»1)"},
        BadSchema{"P1", "node A { } edge E: A -> A @card(«-1»..)"},
        BadSchema{"P1", "node A { } edge E: A -> A @description(\"x\") «@card»(0..1)"},
        BadSchema{"P1", "node A { } edge E: A -> A «@»unique(src, dst)", {"body"}},
        BadSchema{"P2", "node A { } edge E: A -> A «@card»", {"@card", "range"}},
        BadSchema{"P1", "node A { } «/* open»", {"'*/'"}},
        BadSchema{"P1", "node P @description(«\"x { }»", {"closing quote"}},
        BadSchema{"P2", "node P { t: «[Blob]» }", {"list of Blob"}},
        BadSchema{"P2", "node P { v: Vector(«0») }", {"Vector dimension", "greater than zero"}},
        BadSchema{"P2",
                  "node P { v: Vector(«2147483648») }",
                  {"Vector dimension", "exceeds maximum supported"}},
        BadSchema{"P2", "node P { k: enum(a, b, «a») }", {"duplicate values"}},
        BadSchema{"P2", "node A { } edge E: A -> A @card(«2..1»)", {"cardinality", "exceeds max"}},
        BadSchema{"P2", "node P { a: String @unique(«\"x\"») }", {"expected property name"}},
        BadSchema{"P2", "node P { a: String @index(«\"x\"») }", {"expected property name"}},
        BadSchema{"P2", "node P { a: I32 «@range(a)» }", {"@range", "property name and bounds"}},
        BadSchema{"P2", "node P { a: I32 @range(a, «5») }", {"range bounds"}},
        BadSchema{"P2", "node P { a: String @check(a, «5») }", {"string argument"}},
        BadSchema{
            "P2", "node P @description(\"«\\q»\") { }", {"unsupported escape sequence", "\\q"}},
        BadSchema{"P3", "node P implements «Ghost» { }", {"unknown interface", "P", "Ghost"}},
        BadSchema{"P3",
                  "interface I { a: I32 } node P implements I { a: «I32?» }",
                  {"type", "interface", "P", "'a'", "I", "I32?"}},
        BadSchema{
            "P4", "node P «@unique» { a: String }", {"only supported on node properties", "P"}},
        BadSchema{"P4", "node A { } edge E: A -> A «@index»", {"not supported on edges", "E"}},
        BadSchema{"P4",
                  "node P @description(\"a\") «@description(\"b\")» { }",
                  {"declares @description multiple times"}},
        BadSchema{"P4", "node P «@description(\"  \")» { }", {"requires a non-empty value"}},
        BadSchema{"P4", "node P «@description» { }", {"requires a non-empty value"}},
        BadSchema{"P4",
                  "node P { a: String «@instruction(\"x\")» }",
                  {"@instruction is only supported on node and edge types"}}));

INSTANTIATE_TEST_SUITE_P(
    ContractContinued, BadSchemaTest,
    ::testing::Values(
        BadSchema{"P4", "node P { t: [String] «@key» }", {"not supported on list property", "P.t"}},
        BadSchema{"P4", "node P { v: Vector(2) «@unique» }", {"not supported on vector property"}},
        BadSchema{"P4", "node P { b: Blob «@index» }", {"not supported on blob property"}},
        BadSchema{"P4", "node P { a: String @index «@index» }", {"declares @index multiple times"}},
        BadSchema{"P4",
                  "node A { } edge E: A -> A { w: I32 «@key» }",
                  {"not supported on edge properties"}},
        BadSchema{"P4",
                  "node A { } edge E: A -> A { v: Vector(2) «@embed(x)» }",
                  {"not supported on edge properties"}},
        BadSchema{"P4",
                  "node P { t: String v: Vector(2) «@embed» }",
                  {"requires a source property name"}},
        BadSchema{
            "P4", "node P { t: String «@embed(t)» }", {"only supported on vector properties"}},
        BadSchema{
            "P4", "node P { v: Vector(2) @embed(«body») }", {"references unknown source property"}},
        BadSchema{"P4", "node P { n: I32  v: Vector(2) @embed(«n») }", {"must be String"}},
        BadSchema{"P5", "node P { a: U64 @key  b: String «@key» }", {"multiple @key"}},
        BadSchema{"P5", "node P { a: String @key  «@key(a)» }", {"multiple @key"}},
        BadSchema{"P5", "node P { a: String? «@key» }", {"@key property P.a cannot be nullable"}},
        BadSchema{
            "P5", "node P { a: String  @key(«b») }", {"@key on P references unknown property 'b'"}},
        BadSchema{"P5",
                  "node P { a: String  @unique(a, «b») }",
                  {"@unique on P references unknown property 'b'"}},
        BadSchema{"P5",
                  "node P { a: String  @index(«b») }",
                  {"@index on P references unknown property 'b'"}},
        BadSchema{"P5",
                  "node P { b: Blob  @index(«b») }",
                  {"@index is not supported on blob property P.b"}},
        BadSchema{"P5",
                  "node P { t: [String]  @unique(«t») }",
                  {"@unique is not supported on list property P.t"}},
        BadSchema{
            "P5", "node P { a: String  @range(«a», 0..9) }", {"requires a numeric type", "String"}},
        BadSchema{"P5", "node P { a: I32  @check(«a», \"x\") }", {"requires String type", "I32"}},
        BadSchema{"P5", "node P { a: I32  «@range(a, 9..2)» }", {"@range", "9", "2"}},
        BadSchema{"P5", "node P { a: String  @check(a, «\"[\"») }", {"invalid regex"}},
        BadSchema{"P5",
                  "node A { } edge E: A -> A { w: I32 «@range(w, 0..1)» }",
                  {"@range constraint is not supported on edges"}},
        BadSchema{"P5",
                  "node A { } edge E: A -> A { w: I32 «@key(w)» }",
                  {"@key constraint is not supported on edges"}},
        BadSchema{"P6", "node P { a: String } node «P» { b: I32 }", {"duplicate node type: P"}},
        BadSchema{"P6", "node P { a: String  «a»: I32? }", {"duplicate property", "P.a"}},
        BadSchema{"P6", "node P { «id»: String @key }", {"reserved", "P.id"}},
        BadSchema{"P6",
                  "node A { } edge E: A -> «Ghost»",
                  {"edge E references unknown target type: Ghost"}},
        BadSchema{"P6",
                  "node A { } edge E: «Ghost» -> A",
                  {"edge E references unknown source type: Ghost"}},
        BadSchema{"P6",
                  "node A { } edge Knows: A -> A  edge «KNOWS»: A -> A",
                  {"case folding", "Knows", "KNOWS"}},
        BadSchema{"P6",
                  "node A { } interface I {} edge E: «I» -> A",
                  {"unknown source type: I", "interface"}}));

// Our own: tokens and headers.
INSTANTIATE_TEST_SUITE_P(
    Syntax, BadSchemaTest,
    ::testing::Values(
        BadSchema{"P1", "«nodeQuay» { }"}, BadSchema{"P1", "node Quay { name: «StringX» }"},
        BadSchema{"P1", "«\xEF\xBB\xBF»node Quay { }"}, BadSchema{"P1", "node P {«\f» }"},
        BadSchema{"P1", "node P { name«\xC2\xA0»: String }"}, BadSchema{"P1", "«-»- comment"},
        BadSchema{"P1", "«;»"}, BadSchema{"P1", "node P { a: String«;» }", {"semicolons"}},
        BadSchema{"P1", "node P { a: String } «}»"},
        BadSchema{"P1", "node P { a: Strin«g»", {"'}'", "opened here"}},
        BadSchema{"P1", "node P { a: String «node» Q { } }", {"expected '}' at the end of node P"}},
        BadSchema{"P1", "nod«e»", {"a type name"}}, BadSchema{"P1", "node «P»", {"'{'"}},
        BadSchema{"P1", "«nodes» P { }", {"did you mean 'node'"}}, BadSchema{"P1", "«Node» P { }"},
        BadSchema{"P1", "node P «:» A { }"}, BadSchema{"P1", "node P implements «{» }"},
        BadSchema{"P1", "node P implements «i» { }"},
        BadSchema{"P1", "interface I { } node P implements I, «{» }"},
        BadSchema{"P1", "node P implements I «J» { } interface I { }"},
        BadSchema{"P1", "node P «extends» Q { }"},
        BadSchema{"P1", "interface I «implements» J { }"}, BadSchema{"P1", "edge E «A» -> B"},
        BadSchema{"P1", "edge E: A «=»> B"}, BadSchema{"P1", "edge E: A «-» B"},
        BadSchema{"P1", "edge E: «a» -> B"}, BadSchema{"P1", "edge E: A -> «{» }"},
        BadSchema{"P1", "edge E: A -> B«,»"}, BadSchema{"P1", "edge E: A -> B @card(0..1 «{» }"},
        BadSchema{"P1", "edge E: A -> B @card(0..«.»1)"},
        BadSchema{"P1", "edge E: A -> B @card(0..«1.5»)"},
        BadSchema{"P1", "edge E: A -> B @card(«\"0\"»..1)"},
        BadSchema{"P1", "edge E: A -> B @card(0..1) «@card»(0..1)"},
        BadSchema{"P1", "node P «@card»(0..1) { }"}, BadSchema{"P1", "node P @ «{» }"},
        BadSchema{"P1", "node P @«Owner» { }"}, BadSchema{"P1", "node P @owner(«)» { }"},
        BadSchema{"P1", "node P @owner(a «b») { }"}, BadSchema{"P1", "node P @owner(«-3») { }"},
        BadSchema{"P1", "node P @owner(a, «b») { }"}, BadSchema{"P1", "node P @owner(a, k=«)» { }"},
        BadSchema{"P1", "node P @owner(«Upper») { }"},
        BadSchema{"P1", "node P { «@»owner a: String }"}));

// Our own: bodies.
INSTANTIATE_TEST_SUITE_P(
    Bodies, BadSchemaTest,
    ::testing::Values(
        BadSchema{"P1", "node P { a «String» }"}, BadSchema{"P1", "node P { a: «}»"},
        BadSchema{"P1", "node P { a: «String2» }", {"did you mean 'String'"}},
        BadSchema{"P1", "node P { a: «Int» }", {"did you mean I32 or I64?"}},
        BadSchema{"P1", "node P { a: «I23» }", {"did you mean"}},
        BadSchema{"P1", "node P { a: String? «?» }"}, BadSchema{"P1", "node P { a: Vector«}»"},
        BadSchema{"P1", "node P { a: Vector(«)» }"}, BadSchema{"P1", "node P { a: Vector(«x») }"},
        BadSchema{"P1", "node P { a: Vector(«-3») }"},
        BadSchema{"P1", "node P { a: Vector(«1.5») }"}, BadSchema{"P1", "node P { a: Vector(3 «}»"},
        BadSchema{"P1", "node P { a: «enum» }"}, BadSchema{"P1", "node P { a: enum(a «b») }"},
        BadSchema{"P1", "node P { a: enum(«,»a) }"}, BadSchema{"P1", "node P { a: enum(«é») }"},
        BadSchema{"P1", "node P { a: enum(a«.»b) }"}, BadSchema{"P1", "node P { a: [String «}»"},
        BadSchema{"P1", "node P { a: [«]» }"}, BadSchema{"P1", "node P { «ä»: String }"},
        BadSchema{"P1", "node P { «1»a: String }"}, BadSchema{"P1", "node P { «\"a\"»: String }"},
        BadSchema{"P1", "node P { a: String «=» \"x\" }"},
        BadSchema{"P1", "node P { a: I32 @range(a, «*»..5) }"},
        BadSchema{"P1", "node P { a: I32 @range(a, ..«)» }"},
        BadSchema{"P1", "node P { a: I32 @range(a, -5«)» }"},
        BadSchema{"P1", "node P { a: I32 @range(a, 0..5«..»6) }"},
        BadSchema{"P1", "node P { a: I32 @unique(a«;») }"},
        BadSchema{"P1", "node P { a: I32 @unique(a, «)» }"},
        BadSchema{"P1", "node P { a: I32 @unique(a «}»"},
        BadSchema{"P1", "node P { a: I32 @key(«A») }"},
        BadSchema{"P1", "node P { a: String @check(a, «'»x') }"},
        BadSchema{"P2", "node P { v: Vector(«4294967296») }", {"invalid Vector dimension"}},
        BadSchema{
            "P2", "node P { v: Vector(«99999999999999999999») }", {"invalid Vector dimension"}},
        BadSchema{"P2", "edge E: A -> B @card(«4294967296»..)", {"invalid cardinality min"}},
        BadSchema{"P2", "edge E: A -> B @card(0..«4294967296»)", {"invalid cardinality max"}},
        BadSchema{"P2", "node P { a: I32 «@range» }", {"@range", "property name and bounds"}},
        BadSchema{"P2", "node P { a: I32 «@check» }", {"@check", "property name and pattern"}},
        BadSchema{"P2", "node P { a: I32 «@card» }", {"@card", "range"}},
        BadSchema{"P2", "node P «@ card(x)» { }", {"@card", "range"}},
        BadSchema{"P2", "node P { a: I32 «@range(a, 0..1, 2..3)» }", {"property name and bounds"}},
        BadSchema{"P2", "node P { a: I32 «@range(0..1)» }", {"property name and bounds"}},
        BadSchema{"P2", "node P { a: I32 @range(«\"a\"», 0..1) }", {"expected property name"}},
        BadSchema{"P2", "node P { a: I32 @range(a, «b») }", {"range bounds"}},
        BadSchema{
            "P2", "node P { a: String «@check(a)» }", {"@check", "property name and pattern"}},
        BadSchema{
            "P2", "node P { a: String «@check(a, \"x\", \"y\")» }", {"property name and pattern"}},
        BadSchema{"P2", "node P { a: String @check(a, «b») }", {"string argument"}},
        BadSchema{"P2", "node P { a: String @check(a, «0..1») }", {"string argument"}},
        BadSchema{
            "P2", "node P { a: String @check(a, \"«\\d»+\") }", {"unsupported escape", "\\d"}},
        BadSchema{"P2", "node P { a: String @unique(«5») }", {"expected property name"}},
        BadSchema{"P2", "node P { a: String @key(a, «0..5») }", {"expected property name"}}));

// Our own: meaning.
INSTANTIATE_TEST_SUITE_P(
    Meaning, BadSchemaTest,
    ::testing::Values(
        BadSchema{
            "P3", "interface Named { } node P implements «Name» { }", {"did you mean 'Named'"}},
        BadSchema{"P3", "node Q { } node P implements «Q» { }", {"unknown interface Q"}},
        BadSchema{"P3",
                  "interface I { a: enum(x, y) } node P implements I { a: «enum(x)» }",
                  {"enum(x, y)"}},
        BadSchema{"P3", "interface I { a: [I32] } node P implements I { a: «I32» }", {"[I32]"}},
        BadSchema{"P3",
                  "interface I { a: I32 } interface J { a: I64 } node P implements I, «J» { }",
                  {"must agree"}},
        BadSchema{"P3",
                  "interface I { a: I32 } interface J { a: I32 @index } "
                  "node P implements I, «J» { }",
                  {"incompatible property semantics"}},
        BadSchema{"P4", "node P «@key» { a: String }", {"only supported on node properties"}},
        BadSchema{"P4", "node P «@embed(a)» { a: String }", {"only supported on node properties"}},
        BadSchema{"P4", "edge E: P -> P «@key» node P { }", {"not supported on edges"}},
        BadSchema{"P4", "edge E: P -> P «@embed(x)» node P { }", {"not supported on edges"}},
        BadSchema{"P4", "edge E: P -> P «@unique» node P { }", {"@unique(src, dst)"}},
        BadSchema{"P4", "node P «@instruction(\"\")» { }", {"requires a non-empty value"}},
        BadSchema{"P4",
                  "node P @instruction(a) «@instruction(b)» { }",
                  {"declares @instruction multiple"}},
        BadSchema{"P4",
                  "node P { a: I32 @description(x) «@description(x)» }",
                  {"P.a declares @description multiple times"}},
        BadSchema{"P4", "node P { a: I32 «@description» }", {"requires a non-empty value"}},
        BadSchema{"P4", "node P @description(a, «k»=\"b\") { }", {"one value"}},
        BadSchema{"P4", "node P «@rename_from» { }", {"rename_from"}},
        BadSchema{"P4", "node P «@rename_from(\" \")» { }", {"rename_from"}},
        BadSchema{"P4", "node P @rename_from(\"A\") «@rename_from(\"B\")» { }", {"rename_from"}},
        BadSchema{"P4", "node P { a: I32 «@rename_from» }", {"rename_from"}},
        BadSchema{"P4", "interface I { a: I32 «@rename_from» }", {"rename_from"}},
        BadSchema{"P4", "interface I { t: [String] «@key» }", {"list property I.t"}},
        BadSchema{"P4",
                  "interface I { b: Blob «@unique» } node P implements I { }",
                  {"blob property I.b"}},
        BadSchema{
            "P4", "interface I { a: I32 «@embed(b)» }", {"only supported on vector properties"}},
        BadSchema{"P4",
                  "interface I { v: Vector(2) @embed(«t») } node P implements I { }",
                  {"@embed on P references unknown source property 't'"}},
        BadSchema{"P4", "node P { v: [F32] «@embed(t)» t: String }", {"list property"}},
        BadSchema{"P4", "node P { v: Blob «@embed(t)» t: String }", {"blob property"}},
        BadSchema{
            "P4", "node P { v: Vector(2) «@embed(\" \")» }", {"non-empty source property name"}},
        BadSchema{
            "P4", "node P { v: Vector(2) @embed(«text») test: String }", {"did you mean 'test'"}},
        BadSchema{"P4",
                  "node P { v: Vector(2) @embed(«t») t: [String] }",
                  {"must be String", "[String]"}},
        BadSchema{"P4",
                  "node P { v: Vector(2) @embed(t, «size»=\"3\") t: String }",
                  {"only 'model' is supported"}},
        BadSchema{"P4", "node P { v: Vector(2) @embed(t, model=«\"\"») t: String }", {"model"}},
        BadSchema{"P4",
                  "node P { v: Vector(2) @embed(t) «@embed(t)» t: String }",
                  {"declares @embed multiple times"}},
        BadSchema{
            "P4", "node P { a: String @unique «@unique» }", {"declares @unique multiple times"}},
        BadSchema{"P4", "node A { } edge E: A -> A { t: [I32] «@index» }", {"list property E.t"}},
        BadSchema{"P4", "node A { } edge E: A -> A { t: [I32] «@key» }", {"list property E.t"}}));

INSTANTIATE_TEST_SUITE_P(
    MeaningContinued, BadSchemaTest,
    ::testing::Values(
        BadSchema{"P5", "node P { a: String @key(a) «@key(a)» }", {"multiple @key"}},
        BadSchema{"P5",
                  "interface A { a: String @key } interface B { b: String «@key» } "
                  "node Q implements A, B { }",
                  {"multiple @key"}},
        BadSchema{"P5", "node P { a: String b: I32? @key(a, «b») }", {"P.b cannot be nullable"}},
        BadSchema{
            "P5", "node P { a: [String] @key(«a») }", {"@key is not supported on list property"}},
        BadSchema{"P5", "node P { a: Vector(2) @key(«a») }", {"vector property P.a"}},
        BadSchema{"P5", "node P { a: Blob @key(«a») }", {"blob property P.a"}},
        BadSchema{"P5", "node P { a: Vector(2) @unique(«a») }", {"vector property P.a"}},
        BadSchema{"P5", "node P { a: Blob @unique(«a») }", {"blob property P.a"}},
        BadSchema{"P5", "node P { a: [I32] @index(«a») }", {"list property P.a"}},
        BadSchema{"P5", "node P { a: String @unique(a, «a») }", {"twice"}},
        BadSchema{"P5", "node P { a: String @key(«id») }", {"unknown property 'id'"}},
        BadSchema{"P5", "node P { a: String @unique(«src») }", {"unknown property 'src'"}},
        BadSchema{"P5", "node P { name: String @index(«nam») }", {"did you mean 'name'"}},
        BadSchema{
            "P5", "node A { } edge E: A -> A { @unique(src, «to») }", {"unknown property 'to'"}},
        BadSchema{"P5", "node A { } edge E: A -> A { @unique(«id») }", {"unknown property 'id'"}},
        BadSchema{
            "P5", "node A { } edge E: A -> A { b: Blob @unique(src, «b») }", {"blob property E.b"}},
        BadSchema{"P5",
                  "node A { } edge E: A -> A { w: String «@check(w, \"x\")» }",
                  {"@check constraint is not supported on edges"}},
        BadSchema{
            "P5", "node P { @range(«a», 0..1) }", {"@range on P references unknown property 'a'"}},
        BadSchema{
            "P5", "node P { @check(«a», \"x\") }", {"@check on P references unknown property 'a'"}},
        BadSchema{
            "P5", "node P { a: Bool @range(«a», 0..1) }", {"requires a numeric type", "Bool"}},
        BadSchema{
            "P5", "node P { a: Date @range(«a», 0..1) }", {"requires a numeric type", "Date"}},
        BadSchema{
            "P5", "node P { a: [I32] @range(«a», 0..9) }", {"requires a numeric type", "[I32]"}},
        BadSchema{"P5", "node P { a: Vector(2) @range(«a», 0..9) }", {"numeric", "Vector(2)"}},
        BadSchema{"P5",
                  "node P { a: [String] @check(«a», \"x\") }",
                  {"requires String type", "[String]"}},
        BadSchema{"P5", "node P { a: F64 «@range(a, 1.5..-1.5)» }", {"1.5", "-1.5"}},
        BadSchema{"P5", "node P { a: String @check(a, «\"(?=x)\"») }", {"invalid regex"}},
        BadSchema{"P5", "node P { a: String @check(a, «\"(a)\\\\1\"») }", {"invalid regex"}},
        BadSchema{"P6", "interface I { } interface «I» { }", {"duplicate interface"}},
        BadSchema{"P6", "node A { } edge E: A -> A edge «E»: A -> A", {"duplicate edge type: E"}},
        BadSchema{"P6", "interface I { a: I32 «a»: I32 }", {"duplicate property", "I.a"}},
        BadSchema{"P6", "interface I { «id»: String }", {"reserved", "I.id"}},
        BadSchema{"P6", "node A { } edge E: A -> A { «src»: String }", {"reserved", "E.src"}},
        BadSchema{"P6", "node A { } edge E: A -> A { «dst»: String }", {"reserved", "E.dst"}},
        BadSchema{"P6", "node A { } edge E: A -> A { «id»: String }", {"reserved", "E.id"}},
        BadSchema{"P6", "node Person { } edge E: «Persn» -> Person", {"did you mean 'Person'"}}));

TEST(BadSchemaTest, EveryMistakeOfAFileIsReportedOnce) {
  const text::Source source("many.pg",
                            "node person { Name: String }\n"
                            "node A { a: String, b: Int  c: Vector(0)\n  k: enum(a, a) }\n"
                            "edge E A -> A\n"
                            "node B { x: I32 @range(x) y: String }\n");

  const CompileOutcome outcome = Compile(source);

  std::vector<std::uint32_t> lines;
  for (const text::Diagnostic& diagnostic : outcome.diagnostics) {
    lines.push_back(source.PositionOf(diagnostic.primary.span.begin).line);
  }
  EXPECT_THAT(lines, ::testing::ElementsAre(1, 1, 2, 2, 2, 3, 4, 5));
}

TEST(BadSchemaTest, MeaningErrorsOfAllDeclarationsComeTogetherWithoutEchoes) {
  const text::Source source("many.pg",
                            "node A implements Ghost { @key(from_ghost) }\n"
                            "node B { a: String? @key }\n"
                            "node C { t: [String] @unique @embed(x) }\n");

  const CompileOutcome outcome = Compile(source);

  std::vector<std::string> codes;
  for (const text::Diagnostic& diagnostic : outcome.diagnostics)
    codes.push_back(diagnostic.code);
  EXPECT_THAT(codes, ::testing::ElementsAre("P3", "P5", "P4", "P4"));
}

TEST(BadSchemaTest, AConstraintErrorHidesCatalogErrors) {
  const text::Source source("s.pg", "edge E: Ghost -> Ghost node P { a: String? @key }");
  const std::string message(Compile(source).ToStatus(source).message());
  EXPECT_THAT(message, HasSubstr("cannot be nullable"));
  EXPECT_THAT(message, ::testing::Not(HasSubstr("unknown source type")));
}

TEST(BadSchemaTest, AtMostTwentyErrorsAreReported) {
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "node p" + std::to_string(i) + " { }\n";
  const text::Source source("s.pg", text);
  EXPECT_EQ(Compile(source).diagnostics.size(), 20u);
}

TEST(BadSchemaTest, TextThatIsNotUtf8IsRefused) {
  const std::string message(
      CompileSchema("// \u00fc\nnode P { } // \u00fc\xE2\x82", "s.pg").status().message());
  EXPECT_THAT(message, HasSubstr("the schema is not valid UTF-8 text: byte 0xe2"));
  EXPECT_THAT(message, HasSubstr("s.pg:2:16"));
}

TEST(BadSchemaTest, CharactersThatCannotBeSeenAreNamed) {
  EXPECT_THAT(CompileSchema("\ufeffnode P { }").status().message(),
              HasSubstr("found a byte-order mark (U+FEFF)"));
  EXPECT_THAT(CompileSchema("node P {\u00a0}").status().message(),
              HasSubstr("found a no-break space (U+00A0)"));
}

TEST(BadSchemaTest, PatternsHaveABudgetTogether) {
  const auto patterns = [](int count) {
    std::string text = "node P { a: String";
    for (int i = 0; i < count; ++i)
      text += " @check(a, \".{0,999}" + std::to_string(i) + "\")";
    return text + " }";
  };
  EXPECT_TRUE(CompileSchema(patterns(2)).ok());
  const std::string message(CompileSchema(patterns(1000)).status().message());
  EXPECT_THAT(message, HasSubstr("@check on P.a: the patterns of the schema need more than"));
  EXPECT_EQ(message.find("error[P5]"), message.rfind("error[P5]"));  // Once.
}

TEST(BadSchemaTest, EveryCutAndEveryDeletionOfAGoodTextIsHandled) {
  const std::string good =
      "/* c */ interface I { n: String @index } // x\n"
      "node P @description(\"a\\n\") implements I { k: enum(a, b-1) @key v: Vector(2)? @embed(n, "
      "model=\"m\") t: [I32]? @range(r, -1..2.5) r: F64 @check(n, \"^x\") @unique(r, k) }\n"
      "edge E: P -> P @card(0..2) @owner(true) { w: I32? @index(src) }\n";
  ASSERT_TRUE(CompileSchema(good).ok()) << CompileSchema(good).status().message();
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string without = good;
    without.erase(i, 1);
    for (const std::string& text : {good.substr(0, i), without, good.substr(i)}) {
      const text::Source source("cut.pg", text);
      const CompileOutcome outcome = Compile(source);
      EXPECT_EQ(outcome.schema == nullptr, !outcome.diagnostics.empty());
      for (const text::Diagnostic& diagnostic : outcome.diagnostics) {
        EXPECT_LE(diagnostic.primary.span.end, text.size());
        EXPECT_LT(diagnostic.primary.span.begin, diagnostic.primary.span.end);
      }
    }
  }
}

}  // namespace
}  // namespace omnigraph::schema
