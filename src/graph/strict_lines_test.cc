// Tests of strict loads: what they refuse beyond an ordinary load, each with its line and words.

#include "graph/strict_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/load_fixture.h"

namespace omnigraph::graph {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSchema = R"(
node Crate { code: I32 @key  label: String?  tags: [String]?  days: [Date]?  slots: [I32]?
             flags: [Bool]?  weights: [F64]? }
node Memo { text: String }
edge Holds: Memo -> Crate { since: Date?  marks: [String]? }
)";
// Two lines that are fine, one of them blank.
constexpr std::string_view kGood = "{\"type\":\"Crate\",\"data\":{\"code\":1}}\n \t\n";

class StrictLinesTest : public ::testing::Test {
 protected:
  // What a load of `text` gives in pieces of `step` bytes: empty if it goes through.
  std::string Outcome(std::string_view text, bool is_strict = true, std::size_t step = SIZE_MAX) {
    LoadInput input;
    input.read = ReadText(text, step);
    input.is_strict = is_strict;
    input.limits = limits_;
    const auto parsed = ParseRecords(input, graph_.catalog(), pool_, Deadline());
    if (!parsed.ok()) return std::string(parsed.status().message());
    const auto plan = PlanLoad(*parsed, LoadMode::kMerge, graph_, pool_, Deadline());
    return plan.ok() ? "" : std::string(plan.status().message());
  }

  LoadLimits limits_;
  LoadedGraph graph_{kSchema};
  ThreadPool pool_{"load", 2};
};

TEST_F(StrictLinesTest, OneObjectPerLineGoesThroughWhereverItIsCut) {
  const std::string text =
      "\xef\xbb\xbf" + std::string(kGood) +
      "{\"type\":\"Crate\",\"data\":{\"id\":\"7\",\"code\":7,\"tags\":[],\"days\":[3,"
      "\"2024-01-01\"],\"slots\":[-1],\"flags\":[true],\"weights\":[1,2.5]}}\r\n\r\n\n"
      "{\"type\":\"Memo\",\"data\":{\"id\":\"m\",\"text\":\"}\\n{\"}}\n"
      "{\"edge\":\"holds\",\"from\":\"m\",\"to\":\"7\",\"data\":{\"marks\":[\"a\"]}}";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, SIZE_MAX}) {
    EXPECT_EQ(Outcome(text, true, step), "");
    EXPECT_EQ(Outcome(text + "\n", true, step), "");
  }
  EXPECT_EQ(Outcome(""), "");
  EXPECT_EQ(Outcome("\n\r\n"), "");
}

TEST_F(StrictLinesTest, WhatIsForgivenElsewhereNamesItsLine) {
  struct Case {
    std::string line;
    std::vector<std::string> tokens;
    bool is_refused_always = false;
  };
  const std::vector<Case> cases = {
      {"{\"type\":\"Crate\",\n\"data\":{\"code\":2}}", {"invalid JSON", "one whole JSON object"}},
      {R"({"type":"Crate","data":{"code":2}} {"type":"Crate","data":{"code":3}})",
       {"invalid JSON", "one whole JSON object"}},
      {"[]", {"one JSON object"}, true},
      {"{", {"invalid JSON"}, true},
      {R"({"type":"Crate","edge":"Holds","data":{"code":2}})", {"has both"}},
      {R"({"data":{"code":2}})", {"neither"}, true},
      {R"({"type":"Crate","datum":{},"data":{"code":2}})",
       {"unknown top-level field 'datum'", "'data'"}},
      {R"({"type":"Crate","id":"2","data":{"code":2}})", {"unknown top-level field 'id'"}},
      {R"({"type":"Crate","from":"2","data":{"code":2}})", {"unknown top-level field 'from'"}},
      {R"({"type":"Crate","type":"Crate","data":{"code":2}})", {"duplicate JSON member 'type'"}},
      {R"({"type":"Crate","data":{"code":2,"code":2}})", {"duplicate JSON member 'code'"}},
      {R"({"type":"Crate","data":{"code":2,"c\u006fde":2}})", {"duplicate JSON member 'code'"}},
      {R"({"type":"Crate","data":{"code":2},"data":{"code":2}})", {"duplicate JSON member 'data'"}},
      {R"({"type":"Crate","data":{"code":2,"lable":"x"}})",
       {"unknown input field", "'lable'", "'label'"},
       true},
      {R"({"type":"Crate","data":{"code":2,"id":2}})", {"id must be a string"}, true},
      {R"({"type":"Crate","data":{"code":7,"id":"007"}})",
       {"does not match its canonical @key id '7'"}},
      {R"({"type":"Crate","data":{"code":7,"id":"8"}})",
       {"does not match its canonical @key id '7'"},
       true},
      {R"({"type":"Crate","data":{"code":2,"label":5}})", {"expects String"}, true},
      {R"({"type":"Crate","data":{"code":2,"tags":["a",null]}})",
       {"'tags'", "null or invalid item", "index 1"}},
      {R"({"type":"Crate","data":{"code":2,"tags":[5]}})", {"null or invalid item"}, true},
      {R"({"type":"Crate","data":{"code":2,"slots":[1.5]}})", {"null or invalid item"}, true},
      {R"({"type":"Crate","data":{"code":2,"flags":["true"]}})", {"null or invalid item"}, true},
      {R"({"type":"Crate","data":{"code":2,"weights":["1"]}})", {"null or invalid item"}, true},
      {R"({"type":"Crate","data":{"code":2,"days":[true]}})", {"null or invalid item"}, true},
      {R"({"edge":"Holds","from":"m","to":"1","data":{"src":"m"}})",
       {"'src'", "reserved structural state"},
       true},
      {R"({"edge":"Holds","from":"m","to":"1","data":{"dst":"m"}})",
       {"'dst'", "reserved structural state"},
       true},
  };
  const std::string memo = R"({"type":"Memo","data":{"id":"m","text":"t"}})"
                           "\n";
  for (const Case& each : cases) {
    const std::string text = std::string(kGood) + memo + each.line + "\n" + std::string(kGood);
    const std::string outcome = Outcome(text);
    EXPECT_THAT(outcome, HasSubstr("line 4")) << each.line;
    for (const std::string& token : each.tokens)
      EXPECT_THAT(outcome, HasSubstr(token)) << each.line;
    // Otherwise the test would prove nothing about the mode.
    const std::string ordinary = Outcome(
        std::string(kGood).substr(0, kGood.size() - 3) + "\n" + memo + each.line + "\n", false);
    EXPECT_EQ(!ordinary.empty(), each.is_refused_always) << each.line << "\n" << ordinary;
  }
}

TEST_F(StrictLinesTest, AFailingReaderAndALongLineEndTheLoad) {
  LoadInput input;
  input.is_strict = true;
  input.read = [](char*, std::size_t) -> Result<std::size_t> {
    return Status::Error(ErrorCode::kUnavailable, "the disk is gone");
  };
  const auto parsed = ParseRecords(input, graph_.catalog(), pool_, Deadline());
  EXPECT_EQ(parsed.status().message(), "the disk is gone");
  limits_.record_bytes_max = 50;
  EXPECT_THAT(Outcome("\n" + std::string(70'000, ' ')), HasSubstr("line 2 is larger"));
}

}  // namespace
}  // namespace omnigraph::graph
