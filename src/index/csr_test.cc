// Tests of the CSR builder.

#include "index/csr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace omnigraph::index {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(BuildCsrTest, ListsAreSortedAndDistinct) {
  const std::vector<std::uint32_t> sources = {0, 1, 0, 1, 2, 0};
  const std::vector<std::uint32_t> targets = {2, 2, 1, 2, 2, 3};

  const Csr csr = BuildCsr(4, 4, sources, targets);

  EXPECT_THAT(csr.Of(0), ElementsAre(1, 2, 3));
  EXPECT_THAT(csr.Of(1), ElementsAre(2));
  EXPECT_THAT(csr.Of(2), ElementsAre(2));
  EXPECT_THAT(csr.Of(3), IsEmpty());
  EXPECT_THAT(csr.Of(4), IsEmpty());
  EXPECT_TRUE(csr.has_parallel_edges);
  EXPECT_TRUE(csr.has_self_loops);
}

TEST(BuildCsrTest, NoEdgesGiveEmptyLists) {
  const Csr csr = BuildCsr(2, 0, {}, {});
  EXPECT_THAT(csr.Of(1), IsEmpty());
  EXPECT_FALSE(csr.has_parallel_edges);
}

TEST(BuildCsrTest, AgreesWithSetsOnRandomGraphs) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::minstd_rand0 engine(seed + 1);
    const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
    const std::uint32_t nodes = 1 + random() % 20;
    const std::uint32_t others = 1 + random() % 20;
    std::vector<std::uint32_t> sources, targets;
    std::vector<std::set<std::uint32_t>> expected(nodes);
    for (unsigned i = random() % 80; i > 0; --i) {
      sources.push_back(random() % nodes);
      targets.push_back(random() % others);
      expected[sources.back()].insert(targets.back());
    }
    const Csr csr = BuildCsr(nodes, others, sources, targets);
    for (std::uint32_t node = 0; node < nodes; ++node) {
      EXPECT_THAT(csr.Of(node), ::testing::ElementsAreArray(expected[node])) << "seed=" << seed;
    }
  }
}

}  // namespace
}  // namespace omnigraph::index
