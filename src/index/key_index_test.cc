// Tests of the key index.

#include "index/key_index.h"

#include <gtest/gtest.h>

namespace omnigraph::index {
namespace {

std::vector<std::string> Names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i)
    names.push_back("person-" + std::to_string(i));
  return names;
}

Result<KeyIndex> IndexOf(const std::vector<std::string>& names) {
  std::string bytes =
      KeyIndex::Encode(names.size(), [&](std::size_t i) { return std::string_view(names[i]); });
  return KeyIndex::Open(store::MakeMappedBytes(std::move(bytes)), names.size(), "x.key");
}

std::optional<std::uint32_t> Find(const KeyIndex& index, const std::vector<std::string>& names,
                                  std::string_view wanted) {
  return index.Find(KeyHash(wanted), [&](std::uint32_t i) { return names[i] == wanted; });
}

TEST(KeyIndexTest, FindsEveryTextAndNoOther) {
  for (const std::size_t count : {0u, 1u, 2u, 3u, 100u, 5000u}) {
    const auto names = Names(count);
    const auto index = IndexOf(names);
    ASSERT_TRUE(index.ok());
    for (std::uint32_t i = 0; i < count; ++i)
      EXPECT_EQ(Find(*index, names, names[i]), i);
    EXPECT_EQ(Find(*index, names, "nobody"), std::nullopt);
  }
}

TEST(KeyIndexTest, EqualTextsAreAllOffered) {
  const std::vector<std::string> names = {"a", "a", "a"};
  const auto index = IndexOf(names);
  std::size_t offered = 0;
  EXPECT_EQ(index->Find(KeyHash("a"), [&](std::uint32_t) { return ++offered > 3; }), std::nullopt);
  EXPECT_EQ(offered, 3u);
}

TEST(KeyIndexTest, RefusesCutBytesAndTooManyTexts) {
  const auto names = Names(10);
  std::string bytes =
      KeyIndex::Encode(10, [&](std::size_t i) { return std::string_view(names[i]); });
  const auto open = [&](std::string text, std::size_t count) {
    return KeyIndex::Open(store::MakeMappedBytes(std::move(text)), count, "x.key").status();
  };
  for (const std::size_t size : {0u, 8u, 16u, 100u}) {
    EXPECT_EQ(open(bytes.substr(0, size), 10).code(), ErrorCode::kCorruption);
  }
  EXPECT_EQ(open(bytes, 1000).code(), ErrorCode::kCorruption);
}

}  // namespace
}  // namespace omnigraph::index
