// Tests of the offline vectors.

#include "embed/embedder.h"

#include <gmock/gmock.h>

namespace omnigraph::embed {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;

TEST(OfflineEmbedderTest, VectorsFollowFromTheTextBitForBit) {
  // The first state is the FNV-1a hash of "a", 0xaf63dc4c8601ec8c; the rest is arithmetic.
  std::uint64_t state = 0xaf63dc4c8601ec8cULL;
  std::vector<float> expected;
  for (int i = 0; i < 2; ++i) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    expected.push_back(static_cast<float>(static_cast<double>(state) / 18446744073709551615.0) * 2 -
                       1);
  }
  Normalize(&expected);
  const auto vector = OfflineEmbedder()->Embed("a", 2, Task::kQuery, {});
  ASSERT_TRUE(vector.ok());
  EXPECT_EQ(*vector, expected);
  EXPECT_EQ(*OfflineEmbedder()->Embed("a", 2, Task::kDocument, {}), expected);
  EXPECT_NE(*OfflineEmbedder()->Embed("b", 2, Task::kQuery, {}), expected);
}

TEST(NormalizeTest, ZerosStayZeros) {
  std::vector<float> vector = {3, 4};
  Normalize(&vector);
  EXPECT_THAT(vector, ElementsAre(FloatNear(0.6F, 1e-6F), FloatNear(0.8F, 1e-6F)));
  std::vector<float> zeros = {0, 0};
  Normalize(&zeros);
  EXPECT_THAT(zeros, ElementsAre(0, 0));
}

TEST(EmbedderFromEnvironmentTest, AMistakeIsTheAnswerOfTheFirstCall) {
  const auto nothing = [](std::string_view) { return std::optional<std::string>(); };
  const auto vector = EmbedderFromEnvironment(nothing)->Embed("a", 2, Task::kQuery, {});
  EXPECT_EQ(vector.status().code(), ErrorCode::kInternal);
  EXPECT_THAT(std::string(vector.status().message()), HasSubstr("GEMINI_API_KEY"));
}

}  // namespace
}  // namespace omnigraph::embed
