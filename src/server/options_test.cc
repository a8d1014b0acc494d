// Tests of the command line.

#include "server/options.h"

#include <gmock/gmock.h>

#include <string_view>
#include <vector>

namespace omnigraph::server {
namespace {

using ::testing::HasSubstr;
using Arguments = std::vector<std::string_view>;

TEST(OptionsTest, BothSpellingsOfAValueAreTheSame) {
  for (const Arguments& arguments :
       {Arguments{"--cluster", "c", "--bind", "h:1"}, Arguments{"--cluster=c", "--bind=h:1"}}) {
    const auto options = ParseCommandLine(arguments);

    ASSERT_TRUE(options.ok());
    EXPECT_EQ(options->cluster, "c");
    EXPECT_EQ(options->bind, "h:1");
  }
}

TEST(OptionsTest, DoubleDashEndsTheOptions) {
  const auto options = ParseCommandLine(Arguments{"--unauthenticated", "--", "--odd"});

  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->uri, "--odd");
  EXPECT_TRUE(options->is_unauthenticated);
}

TEST(OptionsTest, UsageErrorsNameTheArgument) {
  const struct {
    Arguments arguments;
    std::string_view words;
  } cases[] = {
      {{"--colour", "red"}, "unknown option '--colour'"},
      {{"--clutser", "x"}, "did you mean '--cluster'"},
      {{"--bind", "a:1", "--bind=b:2"}, "'--bind' is given twice"},
      {{"--cluster"}, "'--cluster' needs a value"},
      {{"--unauthenticated=yes"}, "takes no value"},
      {{"a", "b"}, "unexpected argument 'b'"},
  };
  for (const auto& [arguments, words] : cases) {
    const auto options = ParseCommandLine(arguments);

    ASSERT_FALSE(options.ok());
    EXPECT_THAT(std::string(options.status().message()), HasSubstr(std::string(words)));
  }
}

TEST(OptionsTest, BindAddressesHaveHostAndPort) {
  EXPECT_EQ(ParseBindAddress("127.0.0.1:0")->port, 0);
  EXPECT_EQ(ParseBindAddress("[::1]:8080")->host, "::1");
  EXPECT_EQ(ParseBindAddress("localhost:65535")->port, 65535);
  for (const std::string_view bad : {"", "8080", ":80", "a:", "a:65536", "a:x", "::1:80", "[]:1"}) {
    EXPECT_FALSE(ParseBindAddress(bad).ok()) << bad;
  }
}

TEST(OptionsTest, ConnectionsLeaveFilesForTheGraphs) {
  EXPECT_EQ(ConnectionsWithin(1'048'576, 10'000), 10'000U);
  EXPECT_EQ(ConnectionsWithin(1024, 10'000), 768U);
  EXPECT_EQ(ConnectionsWithin(128, 10'000), 64U);
  EXPECT_EQ(ConnectionsWithin(16, 10'000), 1U);
}

TEST(OptionsTest, OnlyNothingZeroAndFalseKeepTheServerClosed) {
  for (const std::string_view yes : {"1", "true", "TRUE", " yes ", "anything", "no"}) {
    EXPECT_TRUE(OpensServer(yes)) << yes;
  }
  for (const std::string_view no : {"", "  ", "0", "false", "FALSE", " False "}) {
    EXPECT_FALSE(OpensServer(no)) << no;
  }
}

TEST(OptionsTest, DurationsAreOfAtLeastASecond) {
  EXPECT_EQ(ParseSeconds("reload interval", "")->count(), 0);
  EXPECT_EQ(ParseSeconds("reload interval", "0")->count(), 0);
  EXPECT_EQ(ParseSeconds("reload interval", "30s")->count(), 30);
  EXPECT_EQ(ParseSeconds("reload interval", " 2m ")->count(), 120);
  for (const std::string_view bad : {"5", "0s", "500ms", "-1s", "s", "x", "99999999999s"}) {
    const auto refused = ParseSeconds("query timeout", bad);
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_THAT(std::string(refused.status().message()), ::testing::StartsWith("query timeout"));
  }
}

}  // namespace
}  // namespace omnigraph::server
