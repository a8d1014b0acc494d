// Tests of what the cache of compiled queries keeps.

#include "engine/query_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace omnigraph::engine {
namespace {

std::string TextOf(std::size_t number, std::size_t size) {
  std::string text = "query q() { match { $p: P } return { " + std::to_string(number) + " } } // ";
  text.resize(std::max(size, text.size()), 'x');
  return text;
}

TEST(QueryCacheTest, ATextIsParsedAndCheckedOnce) {
  QueryCache cache;
  const auto schema = *schema::CompileSchema("node P { name: String @key }");
  const auto parsed = *cache.Parse(TextOf(1, 0), "");
  const auto checked = *cache.Check(parsed, *schema);

  EXPECT_EQ(*cache.Parse(TextOf(1, 0), ""), parsed);
  EXPECT_EQ(*cache.Check(parsed, *schema), checked);
  EXPECT_NE(*cache.Parse(TextOf(1, 0), "q"), parsed);
}

TEST(QueryCacheTest, LongTextsPushOutManyShortOnes) {
  QueryCache cache;
  const auto first = *cache.Parse(TextOf(0, 0), "");
  const auto kept = *cache.Parse(TextOf(1, QueryCache::kTextMax), "");
  EXPECT_EQ(*cache.Parse(TextOf(1, QueryCache::kTextMax), ""), kept);

  constexpr std::size_t kMany = QueryCache::kTextBytesMax / QueryCache::kTextMax + 1;
  for (std::size_t i = 2; i < 2 + kMany; ++i)
    ASSERT_TRUE(cache.Parse(TextOf(i, QueryCache::kTextMax), "").ok());

  EXPECT_NE(*cache.Parse(TextOf(0, 0), ""), first);
  EXPECT_NE(*cache.Parse(TextOf(1, QueryCache::kTextMax), ""), kept);
}

TEST(QueryCacheTest, WhatIsTooLongIsNotKept) {
  QueryCache cache;
  const std::string text = TextOf(1, QueryCache::kTextMax + 1);
  const auto once = *cache.Parse(text, "");

  EXPECT_NE(*cache.Parse(text, ""), once);
}

}  // namespace
}  // namespace omnigraph::engine
