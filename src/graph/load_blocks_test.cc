// Tests of how the input is cut into blocks, and of the tokens inside: wherever the cuts fall, the
// result is the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "graph/json_token.h"
#include "graph/load_fixture.h"

namespace omnigraph::graph {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kSchema = R"(
node A { k: String @key  s: String?  n: [I32]? }
node M { t: String? }
edge E: A -> A { w: I32? }
)";

TEST(FindCutTest, CutsBeforeTheLastRecordThatStartsALine) {
  EXPECT_EQ(FindCut("{}\n{}\n{"), std::optional<std::size_t>(6));
  EXPECT_EQ(FindCut("{}\r\n \n\t{\"a\":\n{"), std::optional<std::size_t>(7));
  EXPECT_EQ(FindCut("{\"a\":{\n},\n\"b\":1"), std::nullopt);
}

TEST(FindCutTest, CutsBehindAClosedRecordWhenThereAreNoLines) {
  EXPECT_EQ(FindCut("{} {} {"), std::optional<std::size_t>(5));
  EXPECT_EQ(FindCut(R"({"a":"}\"}{"}{"b)"), std::optional<std::size_t>(13));
  EXPECT_EQ(FindCut("{}"), std::nullopt);
  EXPECT_EQ(FindCut("{\"a\":[{},{}]"), std::nullopt);
  EXPECT_EQ(FindCut(""), std::nullopt);
}

std::vector<std::string> SampleInputs() {
  const std::string records[] = {
      R"({"type":"A","data":{"k":"x\n}\n{","s":"\"}{[\\","n":[1,2,null]}})",
      "{\n \"type\" : \"A\",\n \"data\" : {\n  \"k\": \"y\",\n  \"n\": [\n 1,\n 2\n ]\n }\n}",
      R"({"type":"M"})",
      R"({"type":"M","data":{"id":"m1","t":"z"}})",
      R"({"edge":"E","from":"x\n}\n{","to":"y"})",
      R"({"edge":"e","from":"y","to":"y","data":{"w":5}})",
  };
  std::vector<std::string> inputs;
  for (const std::string separator : {"\n", " ", "", "\r\n\r\n", " \n \n\t"}) {
    std::string input = separator;
    for (const std::string& record : records)
      input += record + separator;
    inputs.push_back(input);
    inputs.push_back(input + R"({"type":"M","data":{"t":7}})" + separator + R"({"type":"M"})");
    inputs.push_back(input + R"({"type":"Ghost"})" + separator + R"({"type":"M"})");
    inputs.push_back(input + R"({"type":"M","data":{"t":"\ud800"}})" + separator +
                     R"({"type":"M"})");
    inputs.push_back(input + R"({"type":"M")" + separator);
    inputs.push_back(input + "{\"type\":\"M\",\"data\":{\"t\":\"\xff\"}}" + separator + "{}");
    inputs.push_back(input + "null");
  }
  inputs.push_back("");
  inputs.push_back("\xef\xbb\xbf");
  inputs.push_back("\xef\xbb\xbf\n \n");
  inputs.push_back("\xef\xbb\xbf{\"type\":\"M\"}");
  return inputs;
}

// What a load comes to: the tables, or the message.
std::string OutcomeOf(std::string_view input, std::size_t block_bytes, std::size_t read_bytes) {
  LoadedGraph graph(kSchema);
  LoadInput load;
  load.read = ReadText(input, read_bytes);
  load.limits.block_bytes = block_bytes;
  ThreadPool pool("load", 2);
  const auto parsed = ParseRecords(load, graph.catalog(), pool, Deadline());
  if (!parsed.ok()) return std::string(parsed.status().message());
  auto plan = PlanLoad(*parsed, LoadMode::kMerge, graph, pool, Deadline());
  if (!plan.ok()) return std::string(plan.status().message());
  for (TableDelta& delta : plan->deltas)
    graph.Apply(delta);
  std::string outcome = std::to_string(parsed->records_count);
  for (const char* key : {"node:A", "node:M", "edge:E"}) {
    for (const std::string& text : graph.Contents(key))
      outcome += "\n" + text;
  }
  return outcome;
}

TEST(LoadBlocksTest, BlocksOfAnySizeGiveTheResultOfOneBlock) {
  for (const std::string& input : SampleInputs()) {
    const std::string expected = OutcomeOf(input, 1 << 20, 1 << 20);
    for (std::size_t block = 1; block <= 64; ++block) {
      EXPECT_EQ(OutcomeOf(input, block, 1 << 20), expected) << "block " << block << ": " << input;
    }
    for (const std::size_t read : {1, 2, 3, 7}) {
      EXPECT_EQ(OutcomeOf(input, 32, read), expected) << "read " << read << ": " << input;
    }
  }
}

TEST(LoadBlocksTest, LinesAndRecordsCountAcrossBlocks) {
  std::string input;
  for (int i = 0; i < 500; ++i)
    input += "{\"type\":\n\"M\"}\n\n";
  input += R"({"type":"Ghost"})";
  for (const std::size_t block : {1, 100, 1000, 1 << 20}) {
    EXPECT_EQ(OutcomeOf(input, block, 1 << 20), "line 1501, record 501: unknown node type 'Ghost'");
  }
}

TEST(LoadBlocksTest, ALateJsonErrorOutranksAnEarlyBadValue) {
  std::string input = R"({"type":"M","data":{"t":7}})";
  for (int i = 0; i < 300; ++i)
    input += "\n{\"type\":\"M\"}";
  EXPECT_EQ(OutcomeOf(input, 64, 1 << 20), "line 1, record 1: M.t expects String, got 7");
  EXPECT_EQ(OutcomeOf(input + "\n{", 64, 1 << 20).substr(0, 38),
            "line 302: invalid JSON at record 302: ");
}

TEST(JsonTokenTest, NumbersFollowTheGrammarAndRoundOnce) {
  for (const char* bad : {"", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1a", "1.5.5",
                          "1e5.5", "Infinity", "NaN", "--1", "1-"}) {
    EXPECT_FALSE(ParseJsonNumber(bad).has_value()) << bad;
  }
  for (const char* text :
       {"0", "-0", "1", "0.1", "-2.5e3", "1e22", "1e23", "9007199254740993",
        "123456789012345678901234567890", "0.000001", "1e-400", "2.2250738585072014e-308",
        "4.9e-324", "1.7976931348623157e308", "0.30000000000000004", "179769313486231580793e289",
        "0.00000000000000000000000000012345678901234567890123"}) {
    const auto number = ParseJsonNumber(text);
    ASSERT_TRUE(number.has_value()) << text;
    EXPECT_EQ(number->real, std::strtod(text, nullptr)) << text;
  }
  EXPECT_TRUE(std::isinf(ParseJsonNumber("1e400")->real));
  EXPECT_TRUE(std::isinf(ParseJsonNumber("-" + std::string(400, '9'))->real));
  EXPECT_EQ(ParseJsonNumber("18446744073709551615")->magnitude, UINT64_MAX);
  EXPECT_FALSE(ParseJsonNumber("18446744073709551615")->is_too_large);
  EXPECT_TRUE(ParseJsonNumber("18446744073709551616")->is_too_large);
  EXPECT_TRUE(ParseJsonNumber(std::string(30, '9'))->is_too_large);
  EXPECT_FALSE(ParseJsonNumber("1.0")->is_integer);
}

TEST(JsonTokenTest, StringsAreUnescapedStrictly) {
  std::string scratch;
  const auto read = [&](std::string_view token) { return ParseJsonString(token, &scratch); };
  EXPECT_EQ(read(R"("")"), "");
  EXPECT_EQ(read(R"("plain é")"), "plain é");
  EXPECT_EQ(read(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(read(R"("a\u0041\u00e9\u20ac\ud83d\ude00z")"),
            "aA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z");
  EXPECT_EQ(read(R"("\u0000")"), std::string_view("\0", 1));
  for (const char* bad : {R"(")", R"("\")", R"("\a")", R"("\u00g0")", R"("\ud800")", R"("\udfff")",
                          R"("\ud800x")", R"("\ud800\n")", R"("\ud800\ud800")", R"("x)", "x"}) {
    EXPECT_FALSE(read(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace omnigraph::graph
