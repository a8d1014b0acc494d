// Tests of the envelope: every cut and every flipped bit is found.

#include "format/container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace omnigraph::format {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ContainerTest, GivesBackHeaderAndSections) {
  const std::string bytes = EncodeContainer("{\"a\":1}", {"", "xyz", std::string(100, 'q')});
  const auto container = DecodeContainer(bytes, "commits/x");
  ASSERT_TRUE(container.ok());
  EXPECT_EQ(container->header_json, "{\"a\":1}");
  EXPECT_THAT(container->sections, ElementsAre("", "xyz", std::string(100, 'q')));
  EXPECT_EQ((container->sections[1].data() - bytes.data()) % 8, 0);
}

TEST(ContainerTest, EveryCutIsCorruptionThatNamesTheObject) {
  const std::string bytes = EncodeContainer("{}", {"rows"});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto container = DecodeContainer(std::string_view(bytes).substr(0, size), "refs/main");
    ASSERT_FALSE(container.ok()) << size;
    EXPECT_EQ(container.status().code(), ErrorCode::kCorruption);
    EXPECT_THAT(std::string(container.status().message()), HasSubstr("refs/main"));
  }
}

TEST(ContainerTest, EveryFlippedBitIsFound) {
  const std::string bytes = EncodeContainer("{}", {"rows"});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(DecodeContainer(damaged, "x").ok()) << bit;
  }
}

TEST(ContainerTest, NewerFormatIsRefusedWithAdvice) {
  std::string bytes = EncodeContainer("{}", {});
  bytes[4] = 9;
  const Status status = DecodeContainer(bytes, "x").status();
  EXPECT_EQ(status.code(), ErrorCode::kPreconditionFailed);
  EXPECT_THAT(std::string(status.message()), HasSubstr("upgrade"));
}

}  // namespace
}  // namespace omnigraph::format
