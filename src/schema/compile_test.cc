// Compiles whole `.pg` texts: what is legal, what the catalog then holds, the canonical form, and
// the stable numbers. Bad texts are in bad_schema_test.cc.

#include "schema/compile.h"

#include <gmock/gmock.h>

#include "schema/parser.h"

namespace omnigraph::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::shared_ptr<const Schema> Compiled(std::string_view text, const SchemaIdentity& identity = {}) {
  Result<std::shared_ptr<const Schema>> schema = CompileSchema(text, "test.pg", identity);
  EXPECT_TRUE(schema.ok()) << text << "\n" << schema.status().message();
  return schema.ok() ? *schema : nullptr;
}

std::vector<std::string> PropertyNames(const TableType& table) {
  std::vector<std::string> names;
  for (const Property& property : table.properties)
    names.push_back(property.name);
  return names;
}

std::vector<std::string> GroupNames(const TableType& table,
                                    const std::vector<ColumnGroup>& groups) {
  std::vector<std::string> names;
  for (const ColumnGroup& group : groups)
    names.push_back(table.GroupName(group));
  return names;
}

constexpr std::string_view kLibrary = R"(// lending library
node Member @description("library card holder") {
    card: String @key
    name: String @index
    joined: Date
    age: I32?   @range(age, 0..130)
}
node Book {
    isbn: String @key
    title: String @index
    kind: enum(novel, essay, comic)
    @check(isbn, "^[0-9]{10}([0-9]{3})?$")
}
edge Borrowed: Member -> Book @card(0..3) {
    since: DateTime
    @unique(src, dst)
}
)";

TEST(CompileTest, KeyedGraphOfTheContractCompilesToItsCatalog) {
  const auto schema = Compiled(kLibrary);
  const NodeType* member = schema->catalog->FindNode("Member");
  ASSERT_NE(member, nullptr);
  EXPECT_EQ(member->table_key, "node:Member");
  EXPECT_THAT(PropertyNames(*member), ElementsAre("age", "card", "joined", "name"));
  EXPECT_EQ(member->GroupName(member->key), "card");
  EXPECT_THAT(GroupNames(*member, member->index_groups), ElementsAre("card", "name"));
  ASSERT_EQ(member->ranges.size(), 1u);
  EXPECT_EQ(member->ranges[0].min->integer, 0);
  EXPECT_EQ(member->ranges[0].max->integer, 130);
  EXPECT_EQ(member->FindProperty("name")->index, IndexKind::kText);
  EXPECT_EQ(member->FindProperty("age")->index, IndexKind::kNone);
  EXPECT_EQ(member->FindProperty("nam"), nullptr);
  EXPECT_THAT(member->DeclaredOrder(), ElementsAre(1, 3, 2, 0));

  const NodeType* book = schema->catalog->FindNode("Book");
  EXPECT_THAT(book->FindProperty("kind")->type.enum_values, ElementsAre("comic", "essay", "novel"));
  EXPECT_EQ(book->checks[0].pattern.text(), "^[0-9]{10}([0-9]{3})?$");

  const EdgeType* borrowed = schema->catalog->FindEdge("borrowed");
  ASSERT_NE(borrowed, nullptr);
  EXPECT_EQ(borrowed, schema->catalog->FindEdge("Borrowed"));
  EXPECT_EQ(borrowed->from, member->ordinal);
  EXPECT_EQ(borrowed->to, book->ordinal);
  EXPECT_EQ(borrowed->cardinality, (Cardinality{0, 3}));
  EXPECT_THAT(GroupNames(*borrowed, borrowed->unique_groups), ElementsAre("(dst, src)"));
  EXPECT_EQ(schema->catalog->FindTable("edge:Borrowed"), borrowed);
  EXPECT_EQ(schema->catalog->FindTable("edge:borrowed"), nullptr);
  EXPECT_EQ(schema->catalog->FindTableById(borrowed->id), borrowed);
  EXPECT_THAT(schema->catalog->EdgesOf(*book), ElementsAre(borrowed));
}

TEST(CompileTest, InterfacesAreExpandedWithTheirConstraints) {
  const auto schema = Compiled(R"(
interface Named { name: String @index }
interface Slugged { slug: String @key }
node Team implements Slugged, Named { size: U32? }
node Place implements Named { name: String  code: U64 @key }
edge Based: Team -> Place @card(1..1)
)");
  const NodeType* team = schema->catalog->FindNode("Team");
  EXPECT_THAT(PropertyNames(*team), ElementsAre("name", "size", "slug"));
  EXPECT_EQ(team->GroupName(team->key), "slug");
  EXPECT_THAT(GroupNames(*team, team->index_groups), ElementsAre("name", "slug"));
  EXPECT_THAT(team->implements, ElementsAre("Named", "Slugged"));
  const NodeType* place = schema->catalog->FindNode("Place");
  EXPECT_THAT(GroupNames(*place, place->index_groups), ElementsAre("code"));
  EXPECT_NE(schema->catalog->FindInterface("Named"), nullptr);
  EXPECT_EQ(schema->catalog->FindTable("interface:Named"), nullptr);
}

TEST(CompileTest, EmbedLinksAVectorToItsSource) {
  const auto schema = Compiled(R"(
node Chunk {
    text: String
    tags: [String]?
    days: [Date]?
    body: Blob?
    vec: Vector(3)? @embed(text, model="acme/small") @index
}
edge Next: Chunk -> Chunk { weight: F32? @index }
)");
  const NodeType* chunk = schema->catalog->FindNode("Chunk");
  const Property* vec = chunk->FindProperty("vec");
  EXPECT_EQ(vec->embed_source, chunk->FindProperty("text")->ordinal);
  EXPECT_EQ(vec->embed_model, "acme/small");
  EXPECT_EQ(vec->index, IndexKind::kVector);
  EXPECT_FALSE(chunk->has_key());
  // Edges declare indexes but have none.
  EXPECT_EQ(schema->catalog->FindEdge("Next")->FindProperty("weight")->index, IndexKind::kNone);
}

TEST(CompileTest, IndexKindFollowsTheType) {
  const auto schema = Compiled(
      "node P { a: String @index b: enum(x) @index c: I32 @index d: DateTime? @index "
      "e: Bool @index f: Vector(2) @index g: String h: String i: I64 @index(g, i) }");
  const NodeType* node = schema->catalog->FindNode("P");
  std::vector<IndexKind> kinds;
  for (const Property& property : node->properties)
    kinds.push_back(property.index);
  EXPECT_THAT(kinds, ElementsAre(IndexKind::kText, IndexKind::kOrdered, IndexKind::kOrdered,
                                 IndexKind::kOrdered, IndexKind::kOrdered, IndexKind::kVector,
                                 IndexKind::kNone, IndexKind::kNone, IndexKind::kNone));
}

TEST(CompileTest, CanonicalFormOfTheContractHasItsDigests) {
  constexpr std::string_view kText =
      "node City {\n    code: String @key\n    pop: I64?\n    @range(pop, 0..)\n}\n"
      "edge Road: City -> City @card(0..3)\n";
  ASSERT_EQ(kText.size(), 107u);
  const auto schema = Compiled(kText);
  EXPECT_EQ(schema->source_digest,
            "72591c1dc8df2eb9e30ebcd7f5c881215552069a73d16d370b8824afeb642b38");
  EXPECT_EQ(schema->semantic_hash,
            "sha256:7c63a21ee392c7055e97208413884c5114c383d3985f9309e8808d3f9d830d32");
  EXPECT_EQ(schema->source_text, kText);
}

TEST(CompileTest, LayoutCommentsAndOrderDoNotChangeTheMeaning) {
  const auto one = Compiled(
      "interface I { n: String } node P implements I { a: enum(x, y) b: I32? @index @unique(b, a) "
      "@range(b, 0..1.5) } edge E: P -> P");
  const auto two = Compiled(
      "edge E: P->P {}\n// b\nnode P implements I, I {\n @range(b, 0..1.5) @unique(a,b)\n b: I32?"
      "/**/@index a: enum(y,x)}interface I{n:String}");
  EXPECT_EQ(one->semantic_hash, two->semantic_hash);
  EXPECT_NE(one->source_digest, two->source_digest);
  EXPECT_NE(one->semantic_hash, Compiled("node P { }")->semantic_hash);
}

TEST(CompileTest, RangeBoundsKeepTheirSideAndForm) {
  const auto schema = Compiled(
      "node P { a: I32 b: F64 c: I64 @range(a, ..9) @range(b, -40.5..60) "
      "@range(c, -5..99999999999999999999) }");
  const NodeType* node = schema->catalog->FindNode("P");
  ASSERT_EQ(node->ranges.size(), 3u);
  EXPECT_FALSE(node->ranges[0].min.has_value());
  EXPECT_EQ(node->ranges[0].max->integer, 9);
  EXPECT_EQ(node->ranges[1].min->number, -40.5);
  EXPECT_FALSE(node->ranges[1].min->is_integer);
  EXPECT_EQ(node->ranges[2].min->number, -5.0);
  EXPECT_FALSE(node->ranges[2].max->is_integer);
  EXPECT_EQ(node->ranges[2].max->number, 1e20);
}

TEST(CompileTest, StableNumbersFollowCanonicalOrderAndSurviveRecompiling) {
  const auto first =
      Compiled("node B { z: I32 y: I32 } node A { x: I32 } edge E: A -> B { w: I32 }");
  EXPECT_EQ(first->catalog->FindNode("A")->id, 1u);
  EXPECT_EQ(first->catalog->FindNode("A")->FindProperty("x")->id, 2u);
  EXPECT_EQ(first->catalog->FindNode("B")->id, 3u);
  EXPECT_EQ(first->catalog->FindNode("B")->FindProperty("y")->id, 4u);
  EXPECT_EQ(first->catalog->FindEdge("E")->id, 6u);
  EXPECT_EQ(first->identity.next, 8u);

  const auto second =
      Compiled("node A { a: I32? x: I32 } node B { y: I32 z: I32 }", first->identity);
  EXPECT_EQ(second->catalog->FindNode("A")->FindProperty("x")->id, 2u);
  EXPECT_EQ(second->catalog->FindNode("A")->FindProperty("a")->id, 8u);
  EXPECT_EQ(second->identity.next, 9u);
  EXPECT_FALSE(second->identity.types.contains("edge:E"));

  const auto third = Compiled(
      "node A { x: I32 } node B { y: I32 z: I32 } edge E: A -> B { w: I32 }", second->identity);
  EXPECT_EQ(third->catalog->FindEdge("E")->id, 9u) << "a dropped name comes back as a new thing";
}

TEST(CompileTest, IdentityRoundTripsAndRefusesDamage) {
  const auto schema = Compiled(kLibrary);
  const Result<SchemaIdentity> back = DecodeIdentity(EncodeIdentity(schema->identity));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, schema->identity);
  for (std::string_view damaged :
       {"", "[]", "{}", R"({"next":0,"types":{}})", R"({"next":2})", R"({"next":2,"types":[]})",
        R"({"next":2,"types":{"node:A":{"id":2,"properties":{}}}})",
        R"({"next":3,"types":{"node:A":{"id":1,"properties":{"a":1}}}})",
        R"({"next":3,"types":{"node:A":{"id":1}}})",
        R"({"next":3,"types":{"node:A":{"id":-1,"properties":{}}}})",
        R"({"next":3,"types":{"node:A":7}})"}) {
    EXPECT_EQ(DecodeIdentity(damaged).status().code(), ErrorCode::kCorruption) << damaged;
  }
}

TEST(CompileTest, CompositeKeyIsSpelledInTheOrderOfItsNumbers) {
  const auto first =
      Compiled("node Slot { room: String hour: I32 note: String? @key(room, hour) }");
  const NodeType* slot = first->catalog->FindNode("Slot");
  EXPECT_EQ(slot->GroupName(slot->key), "(hour, room)");
  EXPECT_EQ(slot->GroupName(slot->key_spelling_order), "(hour, room)");
  SchemaIdentity renamed = first->identity;
  auto& properties = renamed.types["node:Slot"].properties;
  properties["a"] = properties["room"];
  properties.erase("room");
  const auto second =
      Compiled("node Slot { a: String hour: I32 note: String? @key(a, hour) }", renamed);
  const NodeType* after = second->catalog->FindNode("Slot");
  EXPECT_EQ(after->GroupName(after->key), "(a, hour)");
  EXPECT_EQ(after->GroupName(after->key_spelling_order), "(hour, a)");
}

class LegalSchemaTest : public ::testing::TestWithParam<const char*> {};

TEST_P(LegalSchemaTest, Compiles) {
  Compiled(GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Contract, LegalSchemaTest,
    ::testing::Values(
        "", "// nothing\n/* still\nnothing */", "node Buoy { }",
        "node Quay { name: String length: F64? open: Bool }",
        "node All { a: String b: Bool c: I32 d: I64 e: U32 f: U64 g: F32 h: F64 i: Date "
        "j: DateTime k: Blob }",
        "node All { a: [String]? b: [Date]? c: Vector(4)? d: enum(x, y)? e: [I32] }",
        "node Tide { kind: enum(pre-storm, 2024-q1, _x, 007, -, -5) }",
        "node Tide {\n kind: enum(\n  low, // not high\n  high\n )\n}",
        "node Odd { node: String edge: Bool enum: I32 interface: I32? implements: I64? }",
        "node String { name: String }", "node Quay { } edge Next: Quay -> Quay",
        "node Quay { } edge Next: Quay -> Quay { hop: I32 @unique since: Date? @index }",
        "node Quay { } edge Next: Quay -> Quay @card(0..4) { @unique(src) @index(dst) }",
        "node Quay implements Named { } interface Named { name: String @index }",
        "interface Named { name: String }",
        "node Quay @owner(\"ops\") { name: String @pii depth: I32? @weight(3) @enum(x) @t(true) }",
        "node Quay { name: String @key @index }",
        "node W { t: F64 d: I32 @range(t, -40.5..60) @range(d, -5..) @range(d, ..9) }",
        "node D { t: String a: Vector(2)? @embed(\"t\") b: Vector(2)? @embed(t) }",
        "node Quay { depth: I32? @range(depth, 0..40) name: String }",
        "node Quay { name: String @ /* why */ key }", "node Visit { } edge Visit: Visit -> Visit",
        "node P { trueness: String falsely: I32 @unique(trueness) @index(falsely) }",
        "node P{a:I32@range(a,0..5)b:String}", "node P { a: String @default(false) }",
        "node P @cardinal @rename_from(\"Q\") { a: String @rename_from(b) }",
        "node P @description(\"two\nlines \\\"quoted\\\" \\\\ \\n\\r\\t ü\") { }",
        "interface A { } node A { } edge A: A -> A @card(0..)", "node P { a: I32 @range(a, 5..5) }",
        "node P { a: Vector(2147483647) @index }", "node P { a: I32 @range(a, 0..1)@unique(a)}",
        "node P { createdAt: Date _x: Bool a1_B: I32 }", "edge E: P -> P node P { }",
        "node P { src: String dst: String @unique (src, dst) }"));

}  // namespace
}  // namespace omnigraph::schema
