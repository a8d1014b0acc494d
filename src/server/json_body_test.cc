// Tests of reading JSON bodies.

#include "server/json_body.h"

#include <gmock/gmock.h>

#include <string>

namespace omnigraph::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One field of each kind.
struct Sample {
  std::optional<std::string> text;
  std::optional<bool> flag;
  std::vector<std::string> list;
  RawJson raw;
};

std::optional<BodyProblem> Read(std::string_view body, Sample& sample) {
  const BodyField fields[] = {{"text", &sample.text, true, "old_text"},
                              {"flag", &sample.flag},
                              {"list", &sample.list},
                              {"raw", &sample.raw}};
  return ReadJsonBody(body, fields);
}

int StatusOf(std::string_view body) {
  Sample sample;
  const auto problem = Read(body, sample);
  return problem ? problem->status : 200;
}

TEST(JsonBodyTest, FillsEveryKindOfField) {
  Sample sample;
  const auto problem =
      Read(R"( {"raw" : {"a": [1, 9007199254740993]} , "list": ["x", "y\n"], "flag": true,)"
           R"( "text": "\u00e9"} )",
           sample);

  ASSERT_FALSE(problem.has_value()) << problem->message;
  EXPECT_EQ(sample.text, "\xc3\xa9");
  EXPECT_EQ(sample.flag, true);
  EXPECT_THAT(sample.list, ElementsAre("x", "y\n"));
  EXPECT_EQ(sample.raw.text, R"({"a": [1, 9007199254740993]})");
}

TEST(JsonBodyTest, ScalarsPassThroughAsWritten) {
  Sample sample;
  ASSERT_FALSE(Read(R"({"text": "", "raw": 1.50 })", sample).has_value());

  EXPECT_EQ(sample.raw.text, "1.50");
}

TEST(JsonBodyTest, NullIsAbsentAndUnknownKeysAreIgnored) {
  Sample sample;
  const auto problem = Read(
      R"({"flag": null, "text": "a", "more": {"deep": [null, true, 1e9, 99999999999999999999]}})",
      sample);

  ASSERT_FALSE(problem.has_value()) << problem->message;
  EXPECT_EQ(sample.flag, std::nullopt);
  EXPECT_THAT(sample.raw.text, IsEmpty());
  EXPECT_EQ(StatusOf(R"({"text": null})"), 422);
}

TEST(JsonBodyTest, TextThatIsNotJsonIs400) {
  for (const std::string_view body :
       {"", " ", "{", "}", "query: x", R"({"text": "a")", R"({"text": "a"} x)",
        R"({"text": "a"}{"text": "a"})", R"({"text": "a", "more": tru})", R"({"text" "a"})",
        R"({"text": "a", "more": [1,]})", "{\"text\": \"\xff\"}", R"({"text": "\ud800"})",
        R"({"text": "a",})", "[1,", R"({"text": nearest("a")})", R"({"text": "a", "flag": nul})",
        R"({"text": "a", "raw": nope})", R"({"text": "a", "more": [nil]})"}) {
    EXPECT_EQ(StatusOf(body), 400) << body;
  }
}

TEST(JsonBodyTest, JsonOfAnotherShapeIs422) {
  for (const std::string_view body :
       {"[]", "[1, 2]", "7", "\"x\"", "true", "{}", R"({"text": 7})",
        R"({"text": "a", "flag": "yes"})", R"({"text": "a", "list": "x"})",
        R"({"text": "a", "list": [1]})", R"({"text": "a", "text": "b"})",
        R"({"text": "a", "old_text": "b"})"}) {
    EXPECT_EQ(StatusOf(body), 422) << body;
  }
}

TEST(JsonBodyTest, AnAliasIsTheSameKey) {
  Sample sample;
  ASSERT_FALSE(Read(R"({"old_text": "a"})", sample).has_value());

  EXPECT_EQ(sample.text, "a");
}

TEST(JsonBodyTest, ProblemsNameTheKey) {
  Sample sample;
  EXPECT_THAT(Read("{}", sample)->message, HasSubstr("lacks the key 'text'"));
  EXPECT_THAT(Read(R"({"flag": 1})", sample)->message, HasSubstr("'flag' must be true or false"));
}

TEST(JsonBodyTest, DeepNestingIsRefusedNotFollowed) {
  const std::string deep(100'000, '[');

  EXPECT_EQ(StatusOf("{\"text\": \"a\", \"more\": " + deep + "}"), 400);
  EXPECT_EQ(StatusOf(deep), 400);
  const std::string closed = deep + std::string(deep.size(), ']');
  EXPECT_EQ(StatusOf("{\"text\": \"a\", \"raw\": " + closed + "}"), 400);
}

TEST(JsonBodyTest, LargeTextsArriveWhole) {
  const std::string large(3'000'000, 'x');
  Sample sample;

  ASSERT_FALSE(Read("{\"text\": \"" + large + "\"}", sample).has_value());
  EXPECT_EQ(sample.text, large);
}

}  // namespace
}  // namespace omnigraph::server
