// Tests of admission control.

#include "server/admission.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>
#include <vector>

#include "server/event_log.h"

namespace omnigraph::server {
namespace {

using ::testing::HasSubstr;

TEST(AdmissionTest, TheCountCapIsPerActorAndGivenBack) {
  AdmissionControl admission({.inflight_count_max = 1, .inflight_size_bytes_max = 100});
  {
    const auto first = admission.Admit("ada", 1);
    ASSERT_TRUE(first.ok());
    const auto second = admission.Admit("ada", 1);
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(std::string(second.status().message()), HasSubstr("in-flight count cap 1"));
    EXPECT_TRUE(admission.Admit("ben", 1).ok());
  }
  EXPECT_TRUE(admission.Admit("ada", 1).ok());
}

TEST(AdmissionTest, AfterARefusalForItsBytesASmallerRequestFits) {
  AdmissionControl admission({.inflight_count_max = 9, .inflight_size_bytes_max = 300});
  const auto first = admission.Admit("", 200);
  const auto large = admission.Admit("", 101);

  ASSERT_FALSE(large.ok());
  EXPECT_THAT(std::string(large.status().message()), HasSubstr("byte budget"));
  EXPECT_THAT(std::string(large.status().message()), HasSubstr("cap 300"));
  EXPECT_TRUE(admission.Admit("", 100).ok());
}

TEST(AdmissionTest, ACapOfZeroRefusesEverything) {
  AdmissionControl admission({.inflight_count_max = 0, .inflight_size_bytes_max = 1});

  EXPECT_FALSE(admission.Admit("ada", 0).ok());
}

TEST(AdmissionTest, SimultaneousAttemptsAdmitExactlyTheCap) {
  AdmissionControl admission({.inflight_count_max = 16, .inflight_size_bytes_max = 1000});
  std::atomic<int> arrived{0};
  std::atomic<int> admitted{0};
  std::atomic<int> decided{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] {
      arrived.fetch_add(1);
      while (arrived.load() < 32)
        std::this_thread::yield();
      const auto place = admission.Admit("ada", 1);
      if (place.ok()) admitted.fetch_add(1);
      decided.fetch_add(1);
      while (decided.load() < 32)
        std::this_thread::yield();
    });
  }
  for (std::thread& thread : threads)
    thread.join();

  EXPECT_EQ(admitted.load(), 16);
}

TEST(AdmissionTest, LimitsThatAreNoNumbersKeepTheDefaultAndAreLogged) {
  std::vector<std::string> lines;
  EventLog log(LogLevel::kInfo, [&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  const auto limits = ReadAdmissionLimits(
      [](std::string_view name) -> std::optional<std::string> {
        if (name == "OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX") return "-3";
        return "7";
      },
      log);

  EXPECT_EQ(limits.inflight_count_max, 16U);
  EXPECT_EQ(limits.inflight_size_bytes_max, 7U);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("invalid env value, using default"));
}

TEST(EventLogTest, ValuesCannotForgeLines) {
  std::string written;
  EventLog log(LogLevel::kInfo, [&](LogLevel, std::string_view line) { written = line; });
  log.Write(LogLevel::kInfo, "event", {{"plain", "a/b"}, {"odd", "x\n INFO forged=\"1\""}});

  EXPECT_EQ(written, R"( INFO omnigraph_server: event plain=a/b odd="x\n INFO forged=\"1\"")");
}

TEST(EventLogTest, FiltersAreLevelsOrDirectives) {
  EXPECT_EQ(ParseLogFilter("info"), LogLevel::kInfo);
  EXPECT_EQ(ParseLogFilter("WARN"), LogLevel::kWarn);
  EXPECT_EQ(ParseLogFilter("error,omnigraph_server=debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogFilter("omnigraph_server=debug,error"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogFilter("other=debug"), LogLevel::kInfo);
  EXPECT_EQ(ParseLogFilter("loud"), LogLevel::kInfo);
}

}  // namespace
}  // namespace omnigraph::server
