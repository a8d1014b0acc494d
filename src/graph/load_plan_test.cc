// Tests of loads from text to tables: the worked inputs of the data contract (S10), the three
// modes, ids, and plans that are made again on a newer graph.

#include "graph/load_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/load_fixture.h"

namespace omnigraph::graph {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kWorkedSchema = R"(
node Person { name: String @key  age: I32? }
node Company { name: String @key }
node Doc {
  slug: String @key  title: String @index  score: F64? @range(score, 0..10)  kind: enum(note, memo)?
  tags: [String]?  day: Date?  at: DateTime?  n: I32?  body: Blob?  emb: Vector(3)?
}
node Ext { slug: String @key  source: String  ref: String?  @unique(source, ref) }
node Note { text: String? }
edge Knows: Person -> Person { since: Date? }
edge WorksAt: Person -> Company
edge Cites: Doc -> Doc @card(0..2) { id2: String? }
)";

constexpr std::string_view kPeople = R"(
{"type":"Person","data":{"name":"Alice","age":30}}
{"type":"Person","data":{"name":"Bob","age":25}}
{"type":"Person","data":{"name":"Charlie","age":35}}
{"type":"Person","data":{"name":"Diana","age":28}}
{"type":"Company","data":{"name":"Acme"}}
{"type":"Company","data":{"name":"Globex"}}
{"edge":"Knows","from":"Alice","to":"Bob","data":{"id":"k1"}}
{"edge":"Knows","from":"Alice","to":"Charlie","data":{"id":"k2"}}
{"edge":"Knows","from":"Bob","to":"Diana","data":{"id":"k3"}}
{"edge":"WorksAt","from":"Alice","to":"Acme","data":{"id":"w1"}}
{"edge":"WorksAt","from":"Bob","to":"Globex","data":{"id":"w2"}}
)";

std::string Doc(std::string_view members) {
  return R"({"type":"Doc","data":{"slug":"a","title":"A",)" + std::string(members) + "}}";
}

struct Worked {
  int row;
  LoadMode mode;
  std::string input;
  /// Empty: succeeds. Otherwise all of these stand in the message.
  std::vector<std::string> refused_with = {};
};

constexpr auto kAppend = LoadMode::kAppend;
constexpr auto kMerge = LoadMode::kMerge;
constexpr auto kOverwrite = LoadMode::kOverwrite;
const std::string kDup = R"({"type":"Person","data":{"name":"DUP"}})";

std::vector<Worked> WorkedRecords() {
  return {
      {1, kAppend, R"({"type":"Person","data":{"name":"Eve","age":29}})"},
      {2, kMerge, R"({"type":"Person","data":{"name":"Alice"}})"},
      {3,
       kAppend,
       R"({"type":"Person","data":{"name":"Alice","age":31}})",
       {"already exists", "Person", "Alice"}},
      {4, kOverwrite, R"({"type":"Person","data":{"name":"Zara","age":40}})"},
      {5, kMerge,
       R"({"edge":"Knows","from":"Zed","to":"Alice"} {"type":"Person","data":{"name":"Zed"}})"},
      {6,
       kAppend,
       R"({"edge":"Knows","from":"Alice","to":"Missing"})",
       {"edge Knows row 1", "dst 'Missing' not found in Person"}},
      {7, kAppend, R"({"edge":"knows","from":"Alice","to":"Diana","data":{"since":"2020-05-01"}})"},
      {8,
       kAppend,
       R"({"edge":"WorksAt","from":"Acme","to":"Alice"})",
       {"src 'Acme' not found in Person"}},
      {9, kAppend, kDup + kDup, {"@unique violation on Person.name", "'DUP'", "rows 0 and 1"}},
      {9, kMerge, kDup + kDup, {"@unique violation on Person.name", "'DUP'", "rows 0 and 1"}},
      {9, kOverwrite, kDup + kDup, {"@unique violation on Person.name", "'DUP'", "rows 0 and 1"}},
      {10,
       kMerge,
       kDup + "\n" + kDup + "\n" + R"({"type":"Ghost","data":{}})",
       {"line 3, record 3", "unknown node type", "Ghost"}},
      {11, kMerge, R"({"data":{"name":"X"}})", {"record 1: expected 'type' or 'edge' field"}},
      {12, kMerge, R"({"edge":"Knows","to":"Bob"})", {"record 1: edge missing 'from'"}},
      {13, kMerge, R"({"type":"Person","data":{"name":"X"})", {"invalid JSON at record 1"}},
      {14,
       kMerge,
       R"({"type":"Person","data":{"age":5}})",
       {"Person", "missing @key property 'name'"}},
      {15,
       kMerge,
       R"({"type":"Person","data":{"id":"p1","name":"X"}})",
       {"explicit id 'p1' does not match @key property 'name' value 'X'"}},
      {16, kMerge, R"({"type":"Person","data":{"id":"X","name":"X"}})"},
      {17,
       kMerge,
       R"({"type":"Person","data":{"name":"X","age":"old"}})",
       {"record 1", "Person.age expects I32"}},
      {18,
       kMerge,
       R"({"type":"Person","data":{"name":"X","age":4294967297}})",
       {"Person.age", "exceeds Int32 range"}},
      {19,
       kMerge,
       R"({"type":"Person","data":{"name":"X","age":3.0}})",
       {"Person.age expects I32", "3.0"}},
      {20,
       kMerge,
       R"({"type":"Person","data":{"name":"X","nick":"Ex"}})",
       {"Person has no property 'nick'"}},
      {21, kMerge, Doc(R"("score":10.5)"), {"@range violation on Doc.score", "10.5 > max 10"}},
      {22, kMerge, Doc(R"("score":10)")},
      {23,
       kMerge,
       Doc(R"("kind":"letter")"),
       {"invalid enum value 'letter' for Doc.kind", "memo, note"}},
  };
}

std::vector<Worked> WorkedValuesAndEdges() {
  const std::string crm = R"({"type":"Ext","data":{"slug":")";
  const auto ext = [&](std::string slug, std::string ref) {
    return crm + slug + R"(","source":"crm","ref":)" + ref + "}}\n";
  };
  std::string docs;
  for (const char* slug : {"a", "b", "c", "d"}) {
    docs += R"({"type":"Doc","data":{"slug":")" + std::string(slug) + R"(","title":"T"}})" + "\n";
  }
  const auto cites = [](std::string to) {
    return R"({"edge":"Cites","from":"a","to":")" + to + "\"}\n";
  };
  const std::string c1 = R"({"edge":"Cites","from":"a","to":"b","data":{"id":"c1"}})"
                         "\n";
  const std::string n1 = R"({"type":"Note","data":{"id":"n1","text":"a"}})"
                         "\n"
                         R"({"type":"Note","data":{"id":"n1","text":"b"}})";
  return {
      {24, kMerge, Doc(R"("tags":["x",null,"y"])")},
      {25, kMerge, Doc(R"("tags":"x")"), {"list property 'tags' expects a JSON array"}},
      {26, kMerge, Doc(R"("tags":[])")},
      {27, kMerge, Doc(R"("day":"2026-03-30","at":"2026-04-01T08:30:00Z")")},
      {28, kMerge, Doc(R"("day":20542,"at":1775032200000)")},
      {29, kMerge, Doc(R"("at":"2026-04-01T10:30:00+02:00")")},
      {30, kMerge, Doc(R"("day":"2026-02-30")"), {"invalid Date literal '2026-02-30'"}},
      {31,
       kMerge,
       Doc(R"("emb":[0.1,0.2])"),
       {"vector property 'emb' expects 3 dimensions, got 2"}},
      {32, kMerge, Doc(R"("emb":[0.1,"x",0.3])"), {"'emb'", "must be numeric"}},
      {33, kMerge, Doc(R"("emb":null)")},
      {34, kMerge, Doc(R"("body":"base64:SGVsbG8=")")},
      {35, kMerge, Doc(R"("body":"base64:%%%")"), {"invalid base64 blob data"}},
      {36, kMerge, Doc(R"("body":"s3://bucket/key.bin")")},
      {37,
       kMerge,
       Doc(R"("body":17)"),
       {"blob property 'body' must be a URI string or base64: prefixed data"}},
      {38, kMerge, ext("x", R"("1")") + ext("y", R"("2")")},
      {39,
       kMerge,
       ext("x", R"("1")") + ext("y", R"("1")"),
       {"@unique violation on Ext.(ref, source)", "(1, crm)", "rows 0 and 1"}},
      {40, kMerge, ext("x", "null") + ext("y", "null")},
      {41,
       kMerge,
       docs + cites("b") + cites("c") + cites("d"),
       {"@card violation on edge Cites: source 'a' has 3 edges (max 2)"}},
      {42, kMerge, docs + c1 + c1},
      {43, kAppend, R"({"type":"Note","data":{"text":"hi"}} {"type":"Note","data":{"text":"hi"}})"},
      {44, kMerge, n1},
      {45, kAppend, n1, {"'n1'", "Note", "twice"}},
      {46, kMerge, ""},
      {46, kMerge, "\n \t\r\n\n"},
      {47, kMerge, "{\n \"type\":\n \"Person\",\n \"data\": {\n \"name\": \"P\" }\n}\n" + kDup},
      {48,
       kOverwrite,
       R"({"type":"Person","data":{"name":"Alice"}} {"edge":"Knows","from":"Alice","to":"Bob"})",
       {"dst 'Bob' not found in Person"}},
      {49, kOverwrite, R"({"edge":"Knows","from":"Alice","to":"Diana"})"},
  };
}

std::vector<Worked> WorkedInputs() {
  std::vector<Worked> all = WorkedRecords();
  for (Worked& worked : WorkedValuesAndEdges())
    all.push_back(std::move(worked));
  return all;
}

class LoadTest : public ::testing::Test {
 protected:
  LoadTest() {
    const auto loaded = graph_.Load(kPeople, LoadMode::kAppend);
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  }
  LoadPlan Load(std::string_view text, LoadMode mode) {
    auto plan = graph_.Load(text, mode);
    EXPECT_TRUE(plan.ok()) << plan.status().message();
    return plan.ok() ? *std::move(plan) : LoadPlan();
  }

  LoadedGraph graph_{kWorkedSchema};
};

TEST_F(LoadTest, WorkedInputsOfTheContractSucceedOrNameTheirFault) {
  for (const Worked& worked : WorkedInputs()) {
    LoadedGraph graph(kWorkedSchema);
    ASSERT_TRUE(graph.Load(kPeople, LoadMode::kAppend).ok());
    const auto before = graph.State();
    const auto loaded = graph.Load(worked.input, worked.mode);
    EXPECT_EQ(loaded.ok(), worked.refused_with.empty())
        << "row " << worked.row << ": " << (loaded.ok() ? "" : loaded.status().message());
    if (loaded.ok()) continue;
    for (const std::string& token : worked.refused_with) {
      EXPECT_THAT(std::string(loaded.status().message()), HasSubstr(token)) << worked.row;
    }
    EXPECT_EQ(graph.State(), before) << "row " << worked.row;
  }
}

TEST_F(LoadTest, AppendAddsRowsAndCountsRecords) {
  const LoadPlan plan = Load(R"({"type":"Person","data":{"name":"Eve","age":29}}
      {"edge":"knows","from":"Eve","to":"Bob"})",
                             LoadMode::kAppend);
  EXPECT_THAT(graph_.Rows("node:Person"), SizeIs(5));
  EXPECT_EQ(graph_.Rows("node:Person").at("Eve"), R"(age=29 name="Eve")");
  EXPECT_THAT(graph_.Contents("edge:Knows"),
              UnorderedElementsAre("Alice->Bob", "Alice->Charlie", "Bob->Diana", "Eve->Bob"));
  ASSERT_THAT(plan.loaded, SizeIs(2));
  EXPECT_EQ(plan.loaded[0].type->table_key, "edge:Knows");
  EXPECT_EQ(plan.loaded[1].records_count, 1u);
  EXPECT_THAT(plan.tables_read, ElementsAre("edge:Knows", "node:Person"));
}

TEST_F(LoadTest, AppendOfAnExistingIdIsAConflict) {
  const auto refused = graph_.Load(R"({"type":"Person","data":{"name":"Eve"}}
{"type":"Person","data":{"name":"Bob"}})",
                                   LoadMode::kAppend);
  EXPECT_EQ(refused.status().code(), ErrorCode::kConflict);
  EXPECT_EQ(refused.status().message(),
            "line 2, record 2: Person 'Bob' already exists; append only adds rows, merge replaces "
            "them");
  EXPECT_EQ(
      graph_
          .Load(R"({"edge":"Knows","from":"Bob","to":"Bob","data":{"id":"k1"}})", LoadMode::kAppend)
          .status()
          .code(),
      ErrorCode::kConflict);
}

TEST_F(LoadTest, MergeReplacesWholeRowsAndKeepsTheirRowIds) {
  const auto row = *graph_.table("node:Person").FindById("Alice");
  Load(R"({"type":"Person","data":{"name":"Alice"}} {"type":"Person","data":{"name":"Eve"}})",
       LoadMode::kMerge);
  EXPECT_EQ(graph_.Rows("node:Person").at("Alice"), R"(name="Alice")");
  EXPECT_EQ(*graph_.table("node:Person").FindById("Alice"), row);
  EXPECT_THAT(graph_.Rows("node:Person"), SizeIs(5));
  EXPECT_THAT(graph_.Contents("edge:Knows"), SizeIs(3));
}

TEST_F(LoadTest, MergeByIdMovesAnEdgeAndTheLastRecordOfAnIdWins) {
  const LoadPlan plan = Load(R"({"edge":"Knows","from":"Diana","to":"Bob","data":{"id":"k1"}}
      {"edge":"Knows","from":"Diana","to":"Alice","data":{"id":"k1"}}
      {"edge":"Knows","from":"Diana","to":"Alice","data":{"id":"new"}}
      {"edge":"Knows","from":"Diana","to":"Diana","data":{"id":"new"}}
      {"edge":"Knows","from":"Charlie","to":"Diana"})",
                             LoadMode::kMerge);
  EXPECT_EQ(plan.loaded[0].records_count, 5u);
  EXPECT_THAT(graph_.Contents("edge:Knows"),
              UnorderedElementsAre("Diana->Alice", "Alice->Charlie", "Bob->Diana", "Diana->Diana",
                                   "Charlie->Diana"));
  EXPECT_EQ(graph_.Rows("edge:Knows").at("k1"), "Diana->Alice");
}

TEST_F(LoadTest, OverwriteReplacesTheTypesOfTheInputAndRemovesStrandedEdges) {
  const LoadPlan plan = Load(R"({"type":"Person","data":{"name":"Alice","age":31}}
      {"type":"Person","data":{"name":"Zara"}})",
                             LoadMode::kOverwrite);
  EXPECT_THAT(graph_.Rows("node:Person"),
              ElementsAre(Pair("Alice", R"(age=31 name="Alice")"), Pair("Zara", R"(name="Zara")")));
  EXPECT_THAT(graph_.Contents("edge:Knows"), IsEmpty());
  EXPECT_THAT(graph_.Contents("edge:WorksAt"), ElementsAre("Alice->Acme"));
  EXPECT_THAT(graph_.Rows("node:Company"), SizeIs(2));
  EXPECT_EQ(plan.edges_removed, 4u);
  EXPECT_THAT(plan.loaded, SizeIs(1));
}

TEST_F(LoadTest, OverwriteOfNodesAndTheirEdgesStartsAfresh) {
  const LoadPlan plan = Load(R"({"type":"Person","data":{"name":"Alice"}}
      {"type":"Person","data":{"name":"Bob"}}
      {"type":"Company","data":{"name":"Acme"}}
      {"edge":"WorksAt","from":"Bob","to":"Acme"}
      {"edge":"Knows","from":"Alice","to":"Bob"})",
                             LoadMode::kOverwrite);
  EXPECT_EQ(plan.edges_removed, 0u);
  for (const TableDelta& delta : plan.deltas)
    EXPECT_TRUE(delta.removes_all_before);
  EXPECT_THAT(graph_.Contents("edge:Knows"), ElementsAre("Alice->Bob"));
  EXPECT_THAT(graph_.Contents("edge:WorksAt"), ElementsAre("Bob->Acme"));
  EXPECT_THAT(graph_.Rows("node:Person"), SizeIs(2));
}

TEST_F(LoadTest, OverwriteIntoAnEmptyTypeRemovesNothing) {
  const LoadPlan plan =
      Load(R"({"type":"Note","data":{"text":"a"}} {"type":"Note"})", LoadMode::kOverwrite);
  EXPECT_FALSE(plan.deltas[0].removes_all_before);
  EXPECT_THAT(graph_.Contents("node:Note"), UnorderedElementsAre("text=\"a\"", ""));
}

TEST_F(LoadTest, GeneratedIdsCountUpFromOneUlid) {
  const LoadPlan plan =
      Load(R"({"type":"Note"} {"type":"Note"} {"type":"Note"})", LoadMode::kMerge);
  EXPECT_TRUE(IsUlid(plan.deltas[0].generated_id_base));
  EXPECT_FALSE(plan.deltas[0].inserted[0].has_stored_ids());
  for (const auto& [id, text] : graph_.Rows("node:Note"))
    EXPECT_TRUE(IsUlid(id)) << id;
}

TEST_F(LoadTest, OneGivenIdMakesAllIdsOfTheTypeStored) {
  const LoadPlan plan = Load(
      R"({"type":"Note"} {"type":"Note","data":{"id":"n1"}} {"type":"Note"})", LoadMode::kMerge);
  EXPECT_THAT(plan.deltas[0].generated_id_base, IsEmpty());
  const auto rows = graph_.Rows("node:Note");
  EXPECT_THAT(rows, SizeIs(3));
  EXPECT_TRUE(rows.contains("n1"));
}

TEST_F(LoadTest, EdgesMayNameKeylessNodesByTheirGeneratedId) {
  LoadedGraph graph("node N { text: String? }\nedge E: N -> N");
  ASSERT_TRUE(
      graph.Load(R"({"type":"N"} {"type":"N","data":{"text":"b"}})", LoadMode::kAppend).ok());
  const auto rows = graph.Rows("node:N");
  const std::string first = rows.begin()->first;
  ASSERT_TRUE(
      graph
          .Load(R"({"edge":"E","from":")" + first + R"(","to":"x"} {"type":"N","data":{"id":"x"}})",
                LoadMode::kAppend)
          .ok());
  EXPECT_THAT(graph.Contents("edge:E"), ElementsAre(first + "->x"));
}

TEST_F(LoadTest, ValuesAreStoredAsTyped) {
  Load(Doc(R"("score":10,"tags":["x",null,"y"],"day":20542,"at":"2026-04-01T10:30:00+02:00",
      "n":-5,"body":"base64:SGVsbG8=","emb":[1,0.5,-2e0],"kind":"memo")"),
       LoadMode::kMerge);
  EXPECT_EQ(
      graph_.Rows("node:Doc").at("a"),
      R"(at="2026-04-01T08:30:00.000Z" body="base64:SGVsbG8=" day="2026-03-30" )"
      R"(emb=[1.0,0.5,-2.0] kind="memo" n=-5 score=10.0 slug="a" tags=["x",null,"y"] title="A")");
}

TEST_F(LoadTest, TheLastOfTwoEqualKeysOfAnObjectWins) {
  Load(
      R"({"type":"Person","data":{"name":"no"},
       "data":{"name":"X","age":1,"name":"Y","age":null,"age":7}}
      {"edge":"Knows","edge":"WorksAt","from":"?","from":"Alice","to":"Globex"})",
      LoadMode::kMerge);
  EXPECT_EQ(graph_.Rows("node:Person").at("Y"), R"(age=7 name="Y")");
  EXPECT_THAT(graph_.Rows("node:Person"), SizeIs(5));
  EXPECT_THAT(graph_.Contents("edge:WorksAt"), SizeIs(3));
}

TEST_F(LoadTest, MembersMayComeInAnyOrderAndSpelling) {
  Load(
      "\xef\xbb\xbf"
      R"({"data":{"age":1,"name":"A\u00e9\ud83d\ude00\n"},"x":[{"y":null}],"t\u0079pe":"Person"})"
      R"({"to":"Bob","from":"Bob","edge":"KNOWS","type":7})",
      LoadMode::kMerge);
  EXPECT_TRUE(graph_.Rows("node:Person").contains("A\xc3\xa9\xf0\x9f\x98\x80\n"));
  EXPECT_THAT(graph_.Contents("edge:Knows"), SizeIs(4));
}

TEST_F(LoadTest, IgnoredKeysAreCounted) {
  ASSERT_TRUE(graph_
                  .Load(R"({"type":"Person","data":{"name":"X","nick":"Ex","z":[1,{"a":2}]}}
      {"type":"Person","data":{"name":"Y","nick":null}})",
                        LoadMode::kMerge, true)
                  .ok());
  ASSERT_THAT(graph_.parsed->ignored, SizeIs(2));
  EXPECT_EQ(graph_.parsed->ignored[0].key, "nick");
  EXPECT_EQ(graph_.parsed->ignored[0].count, 2u);
  EXPECT_EQ(graph_.parsed->ignored[1].key, "z");
}

TEST_F(LoadTest, APlanCanBeMadeAgainOnANewerGraph) {
  const auto first = graph_.Plan(R"({"type":"Person","data":{"name":"Eve"}}
      {"edge":"Knows","from":"Eve","to":"Bob","data":{"id":"k9"}})",
                                 LoadMode::kMerge);
  ASSERT_TRUE(first.ok());
  const ParsedInput parsed = *std::move(graph_.parsed);
  Load(
      R"({"type":"Person","data":{"name":"Mallory"}}
      {"type":"Person","data":{"name":"Eve","age":1}})",
      LoadMode::kAppend);
  ThreadPool pool("again", 1);
  for (int i = 0; i < 2; ++i) {
    auto plan = PlanLoad(parsed, LoadMode::kMerge, graph_, pool, Deadline());
    ASSERT_TRUE(plan.ok()) << plan.status().message();
    for (TableDelta& delta : plan->deltas)
      graph_.Apply(delta);
    EXPECT_EQ(graph_.Rows("node:Person").at("Eve"), R"(name="Eve")");
    EXPECT_EQ(graph_.Rows("edge:Knows").at("k9"), "Eve->Bob");
  }
  EXPECT_EQ(PlanLoad(parsed, LoadMode::kAppend, graph_, pool, Deadline()).status().code(),
            ErrorCode::kConflict);
  EXPECT_EQ(PlanLoad(parsed, LoadMode::kMerge, LoadedGraph(kWorkedSchema), pool, Deadline())
                .status()
                .code(),
            ErrorCode::kConflict);
}

TEST_F(LoadTest, KeysOfEveryTypeAreSpelledCanonically) {
  const struct {
    std::string type, given, id;
  } kKeys[] = {
      {"String", R"("Bergen / Vest")", "Bergen / Vest"},
      {"enum(b, a)", R"("b")", "b"},
      {"I64", "-42", "-42"},
      {"U64", "18446744073709551615", "18446744073709551615"},
      {"Bool", "true", "true"},
      {"Date", R"("2024-6-1")", "2024-06-01"},
      {"DateTime", R"("2024-06-01T10:00:00+02:00")", "2024-06-01T08:00:00.000Z"},
      {"F64", "2.50", "2.5"},
      {"F32", "0.1", "0.1"},
      {"F64", "-0.0", "0"},
  };
  for (const auto& [type, given, id] : kKeys) {
    LoadedGraph graph("node B { key: " + type + " @key }\nedge Next: B -> B");
    const std::string node = R"({"type":"B","data":{"key":)" + given + "}}";
    // Endpoints take both spellings; the second load meets the stored row.
    const std::string edge = R"({"edge":"Next","from":)" + given + R"(,"to":")" + id + "\"}";
    const auto loaded = graph.Load(node + edge, LoadMode::kAppend);
    ASSERT_TRUE(loaded.ok()) << type << ": " << loaded.status().message();
    ASSERT_TRUE(graph.Load(node + edge, LoadMode::kMerge).ok());
    EXPECT_THAT(graph.Rows("node:B"), SizeIs(1));
    EXPECT_THAT(graph.Contents("edge:Next"), ElementsAre(id + "->" + id, id + "->" + id)) << type;
  }
}

TEST_F(LoadTest, CompositeKeysAreArraysOfTexts) {
  LoadedGraph graph(
      "node Slot { room: String  hour: I32  @key(room, hour) }\nedge Next: Slot -> Slot");
  ASSERT_TRUE(graph
                  .Load(R"({"type":"Slot","data":{"room":"B1","hour":9}}
    {"type":"Slot","data":{"room":"B1","hour":10,"id":"[\"10\",\"B1\"]"}}
    {"edge":"Next","from":"[\"9\",\"B1\"]","to":"[\"10\", \"B1\"]"})",
                        LoadMode::kAppend)
                  .ok());
  EXPECT_THAT(graph.Contents("edge:Next"), ElementsAre(R"(["9","B1"]->["10","B1"])"));
  const auto twice = graph.Load(R"({"type":"Slot","data":{"room":"B","hour":1}}
    {"type":"Slot","data":{"room":"B","hour":1}})",
                                LoadMode::kMerge);
  EXPECT_THAT(std::string(twice.status().message()),
              AllOf(HasSubstr("@unique violation on Slot.(hour, room)"), HasSubstr("(1, B)")));
}

}  // namespace
}  // namespace omnigraph::graph
