// Tests of everything that a load refuses: what the message names, and which of several faults is
// reported (S9.7).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/load_fixture.h"

namespace omnigraph::graph {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kSchema = R"(
node Crate {
  code: String @key  label: String?  kind: enum(dry, wet)?  sealed: Bool?
  small: I32? @range(small, -5..70)  large: I64?  count: U32?  serial: U64?
  ratio: F32? @range(ratio, 0.5..)  weight: F64? @range(weight, ..60.5)
  packed: Date?  scanned: DateTime?  tags: [String]?  slots: [I32]?  days: [Date]?  flags: [Bool]?
  place: Vector(3)?  photo: Blob?  seal: String? @check(seal, "^S[0-9]+$")  mail: String? @unique
  lot: String?  slot: I32?  @unique(lot, slot)
}
node Berth { no: I32 @key  label: String  spot: Vector(2)  map: Blob }
node Memo { text: String  @unique(text) }
edge Holds: Berth -> Crate @card(0..2) { since: Date? }
edge Tows: Crate -> Crate @card(2..) { force: I32  mode: enum(pull, push)?  @unique(src, dst) }
edge Tags: Memo -> Crate { note: String @unique }
)";

constexpr std::string_view kStored = R"(
{"type":"Crate","data":{"code":"k0","mail":"k0@quay","lot":"L","slot":1}}
{"type":"Crate","data":{"code":"k1"}}
{"type":"Crate","data":{"code":"k2"}}
{"type":"Berth","data":{"no":7,"label":"b","spot":[0,1],"map":"base64:"}}
{"type":"Memo","data":{"id":"m0","text":"first"}}
{"edge":"Holds","from":"7","to":"k0","data":{"id":"h0"}}
{"edge":"Tows","from":"k0","to":"k1","data":{"id":"t0","force":1}}
{"edge":"Tows","from":"k0","to":"k2","data":{"id":"t1","force":1}}
{"edge":"Tags","from":"m0","to":"k0","data":{"id":"g0","note":"n"}}
)";

std::string Crate(std::string_view members) {
  return R"({"type":"Crate","data":{"code":"x",)" + std::string(members) + "}}\n";
}
std::string Edge(std::string_view type, std::string_view from, std::string_view to,
                 std::string_view data = "") {
  std::string text = R"({"edge":")" + std::string(type) + R"(","from":")" + std::string(from) +
                     R"(","to":")" + std::string(to) + "\"";
  if (!data.empty()) text += R"(,"data":{)" + std::string(data) + "}";
  return text + "}\n";
}

struct BadLoad {
  std::string input;
  std::vector<std::string> tokens;
  LoadMode mode = LoadMode::kMerge;
};

class BadLoadTest : public ::testing::Test {
 protected:
  BadLoadTest() {
    const auto loaded = graph_.Load(kStored, LoadMode::kAppend);
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  }
  void ExpectRefused(const std::vector<BadLoad>& loads) {
    for (const BadLoad& load : loads) {
      const auto plan = graph_.Plan(load.input, load.mode);
      ASSERT_FALSE(plan.ok()) << load.input;
      for (const std::string& token : load.tokens) {
        EXPECT_THAT(std::string(plan.status().message()), HasSubstr(token)) << load.input;
      }
    }
  }
  std::string MessageOf(std::string_view input, LoadMode mode = LoadMode::kMerge) {
    const auto plan = graph_.Plan(input, mode);
    return plan.ok() ? "" : std::string(plan.status().message());
  }

  LoadedGraph graph_{kSchema};
};

TEST_F(BadLoadTest, TextThatIsNoJsonNamesTheRecord) {
  const std::string good = Crate(R"("label":"good")");
  const std::string bad = "invalid JSON at record 2";
  ExpectRefused({
      {good + R"({"type":"Crate","data":{"code":"x"})", {bad, "line 2"}},
      {good + R"({"type":"Crate","data":{"code":"x"})" + "\n" + good, {bad}},
      {good + R"({"type":"Crate","data":{"code":"x"}}})", {"invalid JSON at record 3"}},
      {good + R"({"type":"Crate" "data":{"code":"x"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x",}})", {bad}},
      {good + R"({"type":"Crate","data":{,"code":"x"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":}})", {bad}},
      {good + R"({"type":"Crate","data":{code:"x"}})", {bad}},
      {good + R"({"type":"Crate","data":{'code':'x'}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x)", {bad}},
      {good + "{\"type\":\"Crate\",\"data\":{\"code\":\"a\nb\"}}", {bad}},
      {good + "{\"type\":\"Crate\",\"data\":{\"code\":\"a\x01\"}}\n" + good, {bad}},
      {good + "{\"type\":\"Crate\",\"data\":{\"code\":\"\xff\"}}\n" + good, {bad}},
      {good + "{\"type\":\"Crate\",\"data\":{\"code\":\"\xed\xa0\x80\"}}\n" + good, {bad}},
      {good + R"({"type":"Crate","data":{"code":"\ud800"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"\udc00"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"\ud800\u0041"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"\x41"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"\u12"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","small":01}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","small":+1}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","small":1.}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","small":.5}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","small":1e}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","weight":NaN}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","weight":-}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","sealed":True}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","sealed":tru}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","label":nul}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","place":[1,2,]}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","place":[1 2,3]}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","tags":["a","b"}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x"},"other":[1,{"a":tru}]})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x"},"other":"\q"})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x"},"\q":1})", {bad}},
      {good + R"({"type":"Crate","data":{"a":x},"data":{"code":"x"}})", {bad}},
      {good + R"({"type":"Ghost","data":{"code":x}})", {bad}},
      {good + R"({"type":"Crate","data":{"code":"x","label":5,"lot":x}})", {bad}},
      {good + "garbage\n" + good, {bad}},
      {good + "}\n" + good, {bad}},
      {good + "[1,2\n" + good, {bad}},
      {good + "[1,x]\n" + good, {bad}},
      {good + "// no comments\n" + good, {bad}},
      {good + std::string(1, '\0'), {bad}},
      {"{", {"invalid JSON at record 1", "line 1"}},
      {"\n\n\"", {"invalid JSON at record 1", "line 3"}},
      {std::string(2000, '['), {"invalid JSON at record 1"}},
      {Crate(R"("label":)" + std::string(600, '[') + std::string(600, ']')),
       {"invalid JSON at record 1"}},
  });
}

TEST_F(BadLoadTest, RecordsThatAreNoneNameRecordAndLine) {
  ExpectRefused({
      {R"({"data":{"code":"x"}})", {"line 1, record 1: expected 'type' or 'edge' field"}},
      {R"({})", {"record 1", "expected 'type' or 'edge' field"}},
      {R"({"type":5,"edge":null})", {"expected 'type' or 'edge' field"}},
      {"5", {"record 1", "must be a JSON object", "a number"}},
      {Crate("\"lot\":\"l\"") + "\n[1,{}]",
       {"line 3, record 2", "must be a JSON object", "an array"}},
      {"\"text\"", {"must be a JSON object", "a string"}},
      {"null", {"must be a JSON object", "null"}},
      {R"({"type":"Box"})", {"record 1: unknown node type 'Box'"}},
      {R"({"type":"crate"})", {"unknown node type 'crate'", "did you mean 'Crate'?"}},
      {R"({"type":"Holds"})", {"unknown node type 'Holds'"}},
      {R"({"edge":"Holdz","from":"a","to":"b"})",
       {"record 1: unknown edge type 'Holdz'", "'Holds'"}},
      {R"({"edge":"Crate","from":"a","to":"b"})", {"unknown edge type 'Crate'"}},
      {R"({"edge":"Holds","to":"k0"})", {"record 1: edge missing 'from'"}},
      {R"({"edge":"Holds","from":"7"})", {"record 1: edge missing 'to'"}},
      {R"({"edge":"Holds","from":null,"to":"k0"})", {"edge missing 'from'"}},
      {R"({"edge":"Holds","from":"7","to":5})", {"edge missing 'to'", "id of a Crate", "a number"}},
      {R"({"edge":"Tags","from":5,"to":"k0"})", {"edge missing 'from'", "id of a Memo"}},
      {R"({"edge":"Holds","from":["7"],"to":"k0"})", {"edge missing 'from'", "an array"}},
      {R"({"type":"Crate","data":["code","x"]})",
       {"record 1", "'data' must be an object, got an array"}},
      {R"({"type":"Crate","data":"x"})", {"'data' must be an object, got a string"}},
      {R"({"type":"Crate","data":null})", {"'data' must be an object, got null"}},
      {R"({"edge":"Tows","from":"k0","to":"k1","data":7})", {"'data' must be an object"}},
  });
  EXPECT_THAT(MessageOf("{\"type\":\"Crate\",\"data\":{\"code\":\"a\"}}\n\n{\"type\":\"Crate\",\n"
                        " \"data\":{\"code\":\"b\"}}\n\n{\"type\":\"Crtae\",\n\"data\":{}}\n"),
              StartsWith("line 6, record 3: unknown node type 'Crtae'; did you mean 'Crate'?"));
}

TEST_F(BadLoadTest, ValuesThatDoNotFitTheirTypeNameIt) {
  ExpectRefused({
      {Crate(R"("label":5)"), {"line 1, record 1: Crate.label expects String, got 5"}},
      {Crate(R"("label":true)"), {"Crate.label expects String"}},
      {Crate(R"("label":{"a":1})"), {"Crate.label expects String, got an object"}},
      {Crate(R"("kind":1)"), {"Crate.kind expects String"}},
      {Crate(R"("kind":"Dry")"), {"invalid enum value 'Dry' for Crate.kind", "dry, wet"}},
      {Crate(R"("sealed":1)"), {"Crate.sealed expects Bool, got 1"}},
      {Crate(R"("sealed":"true")"), {"Crate.sealed expects Bool"}},
      {Crate(R"("small":"5")"), {"Crate.small expects I32, got \"5\""}},
      {Crate(R"("small":3.0)"), {"Crate.small expects I32 written as an integer, got 3.0"}},
      {Crate(R"("small":1e1)"), {"Crate.small expects I32"}},
      {Crate(R"("small":[5])"), {"Crate.small expects I32, got an array"}},
      {Crate(R"("small":2147483648)"), {"Crate.small", "exceeds Int32 range"}},
      {Crate(R"("small":-2147483649)"), {"exceeds Int32 range"}},
      {Crate(R"("large":9223372036854775808)"), {"Crate.large", "exceeds Int64 range"}},
      {Crate(R"("large":-9223372036854775809)"), {"exceeds Int64 range"}},
      {Crate(R"("large":99999999999999999999)"), {"exceeds Int64 range"}},
      {Crate(R"("count":-1)"), {"Crate.count", "exceeds UInt32 range"}},
      {Crate(R"("count":4294967296)"), {"exceeds UInt32 range"}},
      {Crate(R"("serial":18446744073709551616)"), {"exceeds UInt64 range"}},
      {Crate(R"("serial":-1)"), {"exceeds UInt64 range"}},
      {Crate(R"("ratio":1e39)"), {"Crate.ratio", "exceeds Float32 range"}},
      {Crate(R"("ratio":"1")"), {"Crate.ratio expects F32"}},
      {Crate(R"("weight":1e309)"), {"exceeds Float64 range"}},
      {Crate(R"("packed":"2024-02-30")"), {"Crate.packed: invalid Date literal '2024-02-30'"}},
      {Crate(R"("packed":"06/01/2024")"), {"invalid Date literal"}},
      {Crate(R"("packed":2147483648)"), {"Date value out of range"}},
      {Crate(R"("packed":1.5)"), {"Crate.packed expects Date"}},
      {Crate(R"("packed":true)"), {"Crate.packed expects Date"}},
      {Crate(R"("scanned":"2024-06-01T08:30")"), {"invalid DateTime literal '2024-06-01T08:30'"}},
      {Crate(R"("scanned":99999999999999999999)"), {"DateTime value out of range"}},
      {Crate(R"("scanned":{})"), {"Crate.scanned expects DateTime"}},
      {Crate(R"("tags":"a")"), {"list property 'tags' expects a JSON array"}},
      {Crate(R"("tags":{"0":"a"})"), {"list property 'tags' expects a JSON array, got an object"}},
      {Crate(R"("tags":["a",7])"), {"Crate.tags expects String, got 7"}},
      {Crate(R"("tags":["a",["b"]])"), {"Crate.tags expects String, got an array"}},
      {Crate(R"("slots":[1,4000000000])"), {"Crate.slots", "exceeds Int32 range"}},
      {Crate(R"("slots":[1,"two"])"), {"Crate.slots expects I32"}},
      {Crate(R"("days":["2026-13-01"])"), {"invalid Date literal '2026-13-01'"}},
      {Crate(R"("flags":[true,0])"), {"Crate.flags expects Bool"}},
      {Crate(R"("place":[1,2])"), {"vector property 'place' expects 3 dimensions, got 2"}},
      {Crate(R"("place":[])"), {"expects 3 dimensions, got 0"}},
      {Crate(R"("place":[1,2,3,4])"), {"expects 3 dimensions, got 4"}},
      {Crate(R"("place":3)"), {"vector property 'place' expects a JSON array"}},
      {Crate(R"("place":[1,"x",0])"), {"'place': elements must be numeric, got \"x\""}},
      {Crate(R"("place":[1,null,0])"), {"elements must be numeric, got null"}},
      {Crate(R"("place":[1,[2],0])"), {"elements must be numeric"}},
      {Crate(R"("place":[1,1e39,0])"), {"'place': element 1e39 exceeds Float32 range"}},
      {Crate(R"("photo":17)"),
       {"blob property 'photo' must be a URI string or base64: prefixed data"}},
      {Crate(R"("photo":["x"])"), {"blob property 'photo' must be a URI string"}},
      {Crate(R"("photo":"base64:%%%")"), {"invalid base64 blob data"}},
      {Crate(R"("photo":"base64:QQ")"), {"invalid base64 blob data"}},
      {Crate(R"("photo":"hello")"), {"blob", "URI"}},
      {Crate(R"("lable":"typo")"), {"Crate has no property 'lable'", "did you mean 'label'?"}},
      {Crate(R"("zzz":null)"), {"Crate has no property 'zzz'"}},
  });
}

TEST_F(BadLoadTest, MissingAndContradictoryIdsAndValuesNameTheProperty) {
  ExpectRefused({
      {R"({"type":"Crate"})", {"Crate: missing @key property 'code'"}},
      {R"({"type":"Crate","data":{"code":null}})", {"Crate: missing @key property 'code'"}},
      {R"({"type":"Crate","data":{"code":7}})", {"Crate.code expects String"}},
      {R"({"type":"Crate","data":{"label":5}})", {"missing @key property 'code'"}},
      {Crate(R"("id":"y")"), {"explicit id 'y' does not match @key property 'code' value 'x'"}},
      {Crate(R"("id":7)"), {"Crate: explicit id must be a string, got a number"}},
      {R"({"type":"Memo","data":{"id":"","text":"a"}})", {"explicit id must not be empty"}},
      {R"({"type":"Memo","data":{"id":["a"],"text":"a"}})", {"explicit id must be a string"}},
      {R"({"type":"Memo","data":{}})", {"Memo: non-nullable property 'text'"}},
      {R"({"type":"Memo","data":{"text":null}})", {"non-nullable property 'text'"}},
      {R"({"type":"Berth","data":{"no":1,"spot":[0,1],"map":"base64:"}})",
       {"Berth: non-nullable property 'label'"}},
      {R"({"type":"Berth","data":{"no":1,"label":"l","map":"base64:"}})",
       {"non-nullable vector property 'spot'"}},
      {R"({"type":"Berth","data":{"no":1,"label":"l","spot":[0,1],"map":null}})",
       {"non-nullable blob property 'map'"}},
      {R"({"type":"Berth","data":{"no":1,"id":"2","label":"l","spot":[0,1],"map":"base64:"}})",
       {"explicit id '2' does not match @key property 'no' value '1'"}},
      {Edge("Tows", "k0", "k1"), {"Tows: non-nullable property 'force'"}},
      {Edge("Tows", "k1", "k2", R"("force":1,"id":"")"), {"explicit id must not be empty"}},
  });
}

TEST_F(BadLoadTest, ConstraintsNameValueAndBound) {
  ExpectRefused({
      {Crate(R"("small":71)"), {"line 1, record 1: @range violation on Crate.small: 71 > max 70"}},
      {Crate(R"("small":-6)"), {"@range violation on Crate.small: -6 < min -5"}},
      {Crate(R"("ratio":0.25)"), {"@range violation on Crate.ratio: 0.25 < min 0.5"}},
      {Crate(R"("weight":60.6)"), {"@range violation on Crate.weight: 60.6 > max 60.5"}},
      {Crate(R"("seal":"S12x")"), {"@check violation on Crate.seal", "S12x", "^S[0-9]+$"}},
      {Edge("Tows", "k1", "k2", R"("force":1,"mode":"lift")"),
       {"invalid enum value 'lift' for Tows.mode", "pull, push"}},
      {Crate("\"mail\":\"m\"") + R"({"type":"Crate","data":{"code":"y","mail":"m"}})",
       {"@unique violation on Crate.mail: 'm'", "rows 0 and 1", "line 2"}},
      {Crate(R"("lot":"Q","slot":4)") +
           R"({"type":"Crate","data":{"code":"y","lot":"Q","slot":4}})",
       {"@unique violation on Crate.(lot, slot): (Q, 4)"}},
      {Crate(R"("lot":"Q")") + Crate(R"("lot":"R")"), {"@unique violation on Crate.code: 'x'"}},
      {R"({"type":"Memo","data":{"text":"a"}} {"type":"Memo","data":{"text":"a"}})",
       {"@unique violation on Memo.text: 'a'"}},
      {R"({"type":"Memo","data":{"id":"i","text":"a"}}
          {"type":"Memo","data":{"id":"i","text":"b"}})",
       {"id 'i' of Memo", "twice"},
       LoadMode::kOverwrite},
      {R"({"type":"Berth","data":{"no":7,"label":"l","spot":[0,1],"map":"base64:"}})",
       {"Berth '7' already exists"},
       LoadMode::kAppend},
      {Crate(R"("mail":"k0@quay")"),
       {"@unique violation on Crate.mail: 'k0@quay'", "the stored Crate 'k0'"}},
      {Crate(R"("lot":"L","slot":1)"), {"@unique violation on Crate.(lot, slot): (L, 1)"}},
      {R"({"type":"Memo","data":{"text":"first"}})", {"@unique violation on Memo.text", "'m0'"}},
  });
}

TEST_F(BadLoadTest, EdgesNameEndpointsPairsAndCounts) {
  const std::string k3 = R"({"type":"Crate","data":{"code":"k3"}})"
                         "\n";
  ExpectRefused({
      {Edge("Holds", "9", "k0"),
       {"line 1, record 1: edge Holds row 1: src '9' not found in Berth"}},
      {Edge("Holds", "007", "k1") + Edge("Holds", "7", "k9"),
       {"edge Holds row 2: dst 'k9' not found in Crate"}},
      {Edge("Holds", "k0", "7"), {"src 'k0' not found in Berth"}},
      {Edge("Holds", "seven", "k0"), {"src 'seven' not found in Berth"}},
      {R"({"edge":"Holds","from":7.5,"to":"k0"})", {"src '7.5' not found in Berth"}},
      {Edge("Tows", "k1", "k2", R"("force":1)") + Edge("Tows", "k1", "k2", R"("force":2)"),
       {"@unique violation on Tows.(dst, src): (k2, k1)", "rows 0 and 1"}},
      {Edge("Tows", "k0", "k1", R"("force":1)"),
       {"@unique violation on Tows.(dst, src): (k1, k0)", "'t0'"}},
      {Edge("Tags", "m0", "k1", R"("note":"n")"), {"@unique violation on Tags.note: 'n'"}},
      {Edge("Tows", "k1", "k2", R"("force":1)"),
       {"@card violation on edge Tows: source 'k1' has 1 edges (min 2)"}},
      {Edge("Tows", "k1", "k2", R"("force":1,"id":"t1")"), {"source 'k1' has 1 edges (min 2)"}},
      {Edge("Tows", "k1", "k2", R"("force":1,"id":"t1")") +
           Edge("Tows", "k1", "k0", R"("force":1)"),
       {"source 'k0' has 1 edges (min 2)"}},
      {k3 + Edge("Holds", "7", "k1") + Edge("Holds", "7", "k3"),
       {"@card violation on edge Holds: source '7' has 3 edges (max 2)"}},
      {k3 + Edge("Tows", "k3", "k2", R"("force":1)"), {"source 'k3' has 1 edges (min 2)"}},
      {Crate("\"lot\":\"l\"") + Edge("Holds", "7", "k1"),
       {"dst 'k1' not found in Crate"},
       LoadMode::kOverwrite},
      {Edge("Tows", "k0", "k1", R"("force":1,"id":"a")") +
           Edge("Tows", "k0", "k2", R"("force":1,"id":"a")"),
       {"id 'a' of Tows", "twice"},
       LoadMode::kAppend},
      {Edge("Tows", "k0", "k2", R"("force":1,"id":"t0")"),
       {"Tows 't0' already exists"},
       LoadMode::kAppend},
  });
}

// Each input has two faults; the first token is the one that must be reported.
TEST_F(BadLoadTest, TheFirstFaultInTheOrderOfTheContractIsReported) {
  const std::string bad_value = Crate(R"("label":5)");
  const std::string bad_range = Crate(R"("small":99)");
  const std::string bad_check = Crate(R"("seal":"q")");
  const std::string bad_enum = Crate(R"("kind":"q")");
  const std::string same_key = Crate(R"("lot":"l")") + Crate(R"("lot":"m")");
  const std::string bad_berth = R"({"type":"Berth","data":{"no":"x"}})"
                                "\n";
  const std::string bad_edge = Edge("Tows", "k0", "gone", R"("force":"x")");
  const std::string bad_edge_value = Edge("Tows", "k0", "k1", R"("force":"x")");
  ExpectRefused({
      {bad_value + R"({"type":"Ghost"})", {"unknown node type"}},
      {bad_value + "{", {"invalid JSON at record 2"}},
      {R"({"type":"Ghost"})"
       "\n"
       "{",
       {"unknown node type"}},
      {R"({"type":"Ghost"})"
       "\n"
       "{\"a\":\"\xff\"}",
       {"unknown node type"}},
      {bad_range + bad_value, {"Crate.label expects String"}},
      {bad_enum + bad_range, {"@range violation"}},
      {bad_enum + bad_check, {"@check violation"}},
      {bad_check + bad_range, {"@range violation"}},
      {same_key + Crate(R"("kind":"q")"), {"invalid enum value"}},
      {bad_berth + same_key, {"@unique violation on Crate.code"}},
      {bad_berth + bad_enum, {"invalid enum value"}},
      {bad_edge + bad_berth, {"Berth.no expects I32"}},
      {bad_edge, {"dst 'gone' not found"}},
      {bad_edge_value + Edge("Tows", "gone", "k1", R"("force":1)"),
       {"row 2: src 'gone' not found"}},
      {Edge("Tows", "gone", "k1", R"("force":1)") + Edge("Holds", "8", "k1"),
       {"src '8' not found"}},
      {bad_edge_value + Crate(R"("mail":"k0@quay")"), {"Tows.force expects I32"}},
      {Crate(R"("mail":"k0@quay")") + Edge("Tows", "k1", "k2", R"("force":1)"),
       {"@unique violation on Crate.mail"}},
      {R"({"type":"Crate","data":{"code":"k0"}})" + Edge("Tows", "k1", "k2", R"("force":1)"),
       {"already exists"},
       LoadMode::kAppend},
  });
}

TEST_F(BadLoadTest, ARowMayKeepOrHandOverItsUniqueValue) {
  for (const std::string& input : {
           std::string(
               R"({"type":"Crate","data":{"code":"k0","mail":"k0@quay","lot":"L","slot":1}})"),
           R"({"type":"Crate","data":{"code":"k0"}})" +
               Crate(R"("mail":"k0@quay","lot":"L","slot":1)"),
           Crate(R"("lot":"L")") + R"({"type":"Crate","data":{"code":"y","lot":"L"}})",
           Crate(R"("small":70,"ratio":0.5,"weight":-1e9,"seal":"S1")"),
           Edge("Tows", "k1", "k2", R"("force":1)") + Edge("Tows", "k1", "k0", R"("force":1)"),
           Edge("Tows", "k0", "k1", R"("force":9,"id":"t0")"),
       }) {
    EXPECT_EQ(MessageOf(input), "") << input;
  }
  EXPECT_EQ(MessageOf(Crate(R"("mail":"k0@quay")"), LoadMode::kOverwrite), "");
}

TEST_F(BadLoadTest, LimitsAreNamed) {
  const std::string record = Crate(R"("label":")" + std::string(5000, 'x') + "\"");
  graph_.limits.block_bytes = 64;
  graph_.limits.record_bytes_max = 2000;
  EXPECT_THAT(MessageOf(record + record), HasSubstr("load.record_bytes_max"));
  graph_.limits = LoadLimits();
  graph_.limits.memory_bytes_max = 4000;
  EXPECT_THAT(MessageOf(record + record), HasSubstr("load.memory_bytes_max"));
  graph_.limits = LoadLimits();
  graph_.limits.records_max = 2;
  EXPECT_EQ(MessageOf(R"({"type":"Memo","data":{"text":"1"}}{"type":"Memo","data":{"text":"2"}})"),
            "");
  EXPECT_THAT(MessageOf(record + record + record), HasSubstr("load.records_max"));
}

TEST_F(BadLoadTest, AReaderThatFailsEndsTheLoad) {
  LoadInput input;
  input.read = [](char*, std::size_t) -> Result<std::size_t> {
    return Status::Error(ErrorCode::kUnavailable, "the client has gone");
  };
  ThreadPool pool("load", 2);
  const auto parsed = ParseRecords(input, graph_.catalog(), pool, Deadline());
  EXPECT_EQ(parsed.status().code(), ErrorCode::kUnavailable);
  input.read = ReadText("{}");
  const auto late =
      ParseRecords(input, graph_.catalog(), pool, Deadline::After(std::chrono::milliseconds(0)));
  EXPECT_EQ(late.status().code(), ErrorCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace omnigraph::graph
