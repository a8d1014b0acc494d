// Tests of the sparse array with structural sharing.

#include "table/paged_array.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace omnigraph::table {
namespace {

TEST(PagedArrayTest, UnsetElementsAreZero) {
  const PagedArray<int, 2> array;
  EXPECT_EQ(array.Get(0), 0);
  EXPECT_EQ(array.Get(1'000'000'000), 0);
  EXPECT_TRUE(array.empty());
}

TEST(PagedArrayTest, CopiesAreIndependent) {
  PagedArray<int, 2> array;
  array.Set(5, 1);
  PagedArray<int, 2> copy = array;
  copy.Set(5, 2);
  copy.Set(4096, 3);
  array.Set(6, 9);
  EXPECT_EQ(array.Get(5), 1);
  EXPECT_EQ(array.Get(4096), 0);
  EXPECT_EQ(copy.Get(5), 2);
  EXPECT_EQ(copy.Get(6), 0);
}

TEST(PagedArrayTest, AgreesWithAMapOverManyVersions) {
  std::minstd_rand0 engine(7);
  const auto random = [&engine] { return static_cast<unsigned>(engine()); };
  std::vector<PagedArray<unsigned, 3>> versions(1);
  std::vector<std::map<unsigned, unsigned>> models(1);
  for (int i = 0; i < 500; ++i) {
    const std::size_t from = random() % versions.size();
    PagedArray<unsigned, 3> next = versions[from];
    std::map<unsigned, unsigned> model = models[from];
    for (int j = 0; j < 3; ++j) {
      const unsigned index = random() % 10'000;
      next.Set(index, model[index] = random());
    }
    versions.push_back(next);
    models.push_back(model);
  }
  for (std::size_t i = 0; i < versions.size(); ++i) {
    for (const auto& [index, value] : models[i])
      ASSERT_EQ(versions[i].Get(index), value);
  }
}

}  // namespace
}  // namespace omnigraph::table
