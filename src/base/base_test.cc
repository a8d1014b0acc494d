// Tests of the vocabulary in base/: statuses, hashes, ULIDs, strings, JSON, threads, budgets.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "base/budget.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/hash.h"
#include "base/json_nesting.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "base/strings.h"
#include "base/thread_pool.h"

namespace omnigraph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<int> Half(int value) {
  if (value % 2 != 0) return Status::Error(ErrorCode::kInvalidArgument, "odd");
  return value / 2;
}

Result<int> Quarter(int value) {
  OG_ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

TEST(StatusTest, IsOnePointerWideAndFreeWhenOk) {
  EXPECT_EQ(sizeof(Status), sizeof(void*));
  EXPECT_TRUE(Status::Ok().ok());
}

TEST(StatusTest, ContextStandsOutermostFirst) {
  const Status status =
      Status::Error(ErrorCode::kConflict, "moved").WithContext("publish").WithContext("load");
  EXPECT_EQ(status.message(), "load: publish: moved");
  EXPECT_EQ(status.code(), ErrorCode::kConflict);
}

TEST(StatusTest, CopiesKeepTheOvertakenTable) {
  const Status status = Status::StaleTable({"node:Person", 3, 5}, "stale");
  const Status copy = status;
  ASSERT_NE(copy.table_conflict(), nullptr);
  EXPECT_EQ(copy.table_conflict()->actual_version, 5u);
}

TEST(ResultTest, MacrosPassErrorsOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
}

TEST(HashTest, MatchesPublishedVectors) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Fnv1a64(""), 0xcbf29ce484222325u);
  EXPECT_EQ(Fnv1a64("a"), 0xaf63dc4c8601ec8cu);
}

class FixedClock final : public Clock {
 public:
  std::int64_t NowMicros() override { return micros; }
  std::int64_t micros = 1'781'430'000'123'456;
};

TEST(UlidTest, AscendsWithinOneMillisecondAndAfterAClockStep) {
  FixedClock clock;
  UlidGenerator generator(clock, Randomness::System());
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    if (i == 500) clock.micros -= 5'000'000;
    const std::string next = generator.Next();
    EXPECT_TRUE(IsUlid(next)) << next;
    EXPECT_GT(next, last);
    last = next;
  }
}

TEST(UlidTest, StartsWithTheTime) {
  FixedClock clock;
  clock.micros = 1'469'918'176'385'000;
  UlidGenerator generator(clock, Randomness::System());
  EXPECT_EQ(generator.Next().substr(0, 10), "01ARYZ6S41");
}

TEST(UlidTest, RefusesOtherSpellings) {
  EXPECT_FALSE(IsUlid(""));
  EXPECT_FALSE(IsUlid("01ARYZ6S41TSV4RRFFQ69G5FA"));
  EXPECT_FALSE(IsUlid("81ARYZ6S41TSV4RRFFQ69G5FAV"));
  EXPECT_FALSE(IsUlid("01aryz6s41tsv4rrffq69g5fav"));
}

TEST(StringsTest, SplitsTrimsAndJoins) {
  EXPECT_THAT(Split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_EQ(TrimSpace(" \t a b\n"), "a b");
  EXPECT_EQ(Join({"a", "b"}, ", "), "a, b");
}

TEST(StringsTest, RefusesMalformedUtf8) {
  EXPECT_TRUE(IsValidUtf8("aé€😀"));
  for (const char* bad : {"\x80", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(StringsTest, ParsesWholeIntegersOnly) {
  EXPECT_EQ(ParseInt64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(ParseInt64("9223372036854775808"), std::nullopt);
  EXPECT_EQ(ParseInt64("1 "), std::nullopt);
  EXPECT_EQ(ParseUint64("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
}

TEST(StringsTest, QuotesCutAtACharacterAndShowControls) {
  EXPECT_EQ(Quoted("a\x1b"), "'a\\x1b'");
  EXPECT_EQ(Abbreviate("éé", 3), "é…");
}

TEST(JsonWriterTest, SpellsNumbersAsTheExportFormatSays) {
  const auto spelt = [](double value) {
    std::string out;
    AppendJsonDouble(value, out);
    return out;
  };
  EXPECT_EQ(spelt(0.0), "0.0");
  EXPECT_EQ(spelt(-0.0), "-0.0");
  EXPECT_EQ(spelt(30), "30.0");
  EXPECT_EQ(spelt(0.1), "0.1");
  EXPECT_EQ(spelt(static_cast<double>(0.1f)), "0.10000000149011612");
  EXPECT_EQ(spelt(1e-5), "0.00001");
  EXPECT_EQ(spelt(9e-6), "9e-6");
  EXPECT_EQ(spelt(1e16), "1e16");
  EXPECT_EQ(spelt(1.5e300), "1.5e300");
  EXPECT_EQ(spelt(9007199254740993.0), "9007199254740992.0");
}

TEST(JsonWriterTest, PlacesCommasAndEscapes) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("a").String("q\"\\\n\x01").Key("b").BeginArray().Int(-1).Null();
  json.EndArray().Key("c").Bool(true).EndObject();
  EXPECT_EQ(out, R"({"a":"q\"\\\n\u0001","b":[-1,null],"c":true})");
}

TEST(JsonNestingTest, CountsBracketsOutsideOfStrings) {
  EXPECT_FALSE(IsNestedDeeperThan(R"({"a": [1, {"b": []}], "c": [[]]})", 4));
  EXPECT_TRUE(IsNestedDeeperThan(R"({"a": [1, {"b": []}]})", 3));
  EXPECT_FALSE(IsNestedDeeperThan(R"(["[[[[", "\\", "\"[[[["])", 1));
  EXPECT_FALSE(IsNestedDeeperThan("]]]][", 1));
  EXPECT_FALSE(IsNestedDeeperThan("\"[[[\\", 0));
}

TEST(ThreadPoolTest, ParallelForVisitsEachIndexOnceEvenWhenNested) {
  ThreadPool pool("test", 3);
  std::vector<std::atomic<int>> visits(100);
  ParallelFor(pool, 10, [&](std::size_t i) {
    ParallelFor(pool, 10, [&](std::size_t j) { ++visits[i * 10 + j]; });
  });
  for (const auto& count : visits)
    EXPECT_EQ(count.load(), 1);
}

TEST(BudgetTest, LimitIsInclusiveAndARefusalTakesNothing) {
  Budget budget("query.edges_visited_max", 10);
  EXPECT_TRUE(budget.Take(10).ok());
  const Status status = budget.Take(1);
  EXPECT_EQ(status.code(), ErrorCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("query.edges_visited_max"));
  EXPECT_EQ(budget.used(), 10u);
}

TEST(DeadlineTest, NeverPassesUnlessSet) {
  EXPECT_FALSE(Deadline().HasPassed());
  EXPECT_TRUE(Deadline::After(std::chrono::milliseconds(0)).HasPassed());
}

TEST(EnvironmentTest, KnowsTheTruthyWords) {
  EXPECT_TRUE(IsTruthy("on"));
  EXPECT_FALSE(IsTruthy("oN"));
  EXPECT_FALSE(IsTruthy(""));
}

}  // namespace
}  // namespace omnigraph
