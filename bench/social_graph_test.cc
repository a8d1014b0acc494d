// Tests of the generator.

#include "social_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "store/test_directory.h"

namespace omnigraph::bench {
namespace {

std::string WrittenBytes(const SocialGraph& graph, std::uint64_t* lines_count) {
  const store::TestDirectory folder;
  const std::string path = folder.path() + "/rows.jsonl";
  *lines_count = *graph.WriteTo(path);
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SocialGraphTest, TheSameSeedGivesTheSameBytes) {
  std::uint64_t lines_count = 0;
  const SocialScale scale = *FindScale("XS");

  const std::string first = WrittenBytes(SocialGraph(scale), &lines_count);

  EXPECT_EQ(first, WrittenBytes(SocialGraph(scale), &lines_count));
  EXPECT_NE(first, WrittenBytes(SocialGraph(scale, 8), &lines_count));
}

TEST(SocialGraphTest, EveryRowIsALine) {
  std::uint64_t lines_count = 0;

  const std::string bytes = WrittenBytes(SocialGraph(*FindScale("XS")), &lines_count);

  EXPECT_EQ(lines_count, 1'000u + 500 + 10'000 + 500);
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n')), lines_count);
}

TEST(SocialGraphTest, EdgesAreDistinctAndNobodyKnowsThemselves) {
  const SocialGraph graph(*FindScale("XS"));

  std::size_t edges_count = 0;
  for (std::uint32_t person = 0; person < graph.persons_count(); ++person) {
    const auto known = graph.KnownBy(person);
    edges_count += known.size();
    EXPECT_FALSE(known.empty());
    EXPECT_TRUE(std::is_sorted(known.begin(), known.end()));
    EXPECT_EQ(std::adjacent_find(known.begin(), known.end()), known.end());
    EXPECT_FALSE(std::binary_search(known.begin(), known.end(), person));
  }
  EXPECT_EQ(edges_count, 10'000u);
}

TEST(SocialGraphTest, AFewKnowManyAndManyKnowFew) {
  const SocialGraph graph(*FindScale("S"));

  std::vector<std::size_t> degrees;
  for (std::uint32_t person = 0; person < graph.persons_count(); ++person)
    degrees.push_back(graph.KnownBy(person).size());
  std::sort(degrees.begin(), degrees.end());

  EXPECT_LE(degrees[degrees.size() / 2], 8u);
  EXPECT_GE(degrees.back(), 300u);
}

}  // namespace
}  // namespace omnigraph::bench
