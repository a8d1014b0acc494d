// Tests of vector codes: the bounds hold for every pair of vectors, and they are narrow.

#include "index/vector_codes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "index/distance.h"

namespace omnigraph::index {
namespace {

using Vector = std::vector<float>;

std::vector<DistanceBounds> BoundAll(const std::vector<Vector>& vectors, const Vector& query) {
  std::vector<const float*> pointers;
  for (const Vector& vector : vectors)
    pointers.push_back(vector.data());
  const VectorCodes codes = VectorCodes::Build(pointers, query.size());
  std::vector<std::uint32_t> positions(vectors.size());
  std::iota(positions.begin(), positions.end(), 0U);
  std::vector<DistanceBounds> bounds(vectors.size());
  codes.Bound(VectorCodes::Query(query), positions, bounds.data());
  return bounds;
}

void ExpectBounds(const std::vector<Vector>& vectors) {
  for (const Vector& query : vectors) {
    const std::vector<DistanceBounds> bounds = BoundAll(vectors, query);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      const auto exact =
          static_cast<double>(SquaredDistance(vectors[i].data(), query.data(), query.size()));
      EXPECT_LE(static_cast<double>(bounds[i].lower), exact);
      EXPECT_GE(static_cast<double>(bounds[i].upper), exact);
    }
  }
}

class VectorCodesTest : public ::testing::Test {
 protected:
  Vector Random(std::size_t dimensions, double scale) {
    Vector vector;
    for (std::size_t i = 0; i < dimensions; ++i)
      vector.push_back(static_cast<float>(normal_(engine_) * scale));
    return vector;
  }

  std::mt19937 engine_{5};
  std::normal_distribution<double> normal_;
};

TEST_F(VectorCodesTest, EveryDistanceLiesWithinItsBounds) {
  for (const std::size_t dimensions : {1U, 2U, 3U, 15U, 16U, 17U, 64U, 100U, 384U, 1536U}) {
    for (const double scale : {1.0, 1e-3, 1e-19, 1e-30, 1e-41, 1e10, 1e18, 1e19, 1e30, 1e37}) {
      SCOPED_TRACE(std::to_string(dimensions) + " dimensions, " + std::to_string(scale));
      std::vector<Vector> vectors(1, Vector(dimensions, 0.0F));
      for (int i = 0; i < 8; ++i)
        vectors.push_back(Random(dimensions, scale));
      vectors.push_back(vectors.back());  // The same again,
      vectors.push_back(vectors.back());  // nearly the same,
      vectors.back()[0] = std::nextafterf(vectors.back()[0], 0.0F);
      vectors.push_back(Random(dimensions, scale * 1e-5));  // and others on their own scale.
      vectors.push_back(Vector(dimensions, static_cast<float>(scale)));
      ExpectBounds(vectors);
    }
  }
}

TEST_F(VectorCodesTest, ExtremeComponentsAreBoundedToo) {
  constexpr float kMax = std::numeric_limits<float>::max();
  constexpr float kMin = std::numeric_limits<float>::denorm_min();
  std::vector<Vector> vectors;
  for (const float first : {0.0F, kMin, -kMin, 1.0F, -1.0F, 1e19F, kMax, -kMax}) {
    for (const float second : {0.0F, kMin, 1.0F, 1e-20F, 1.8e19F, -kMax})
      vectors.push_back({first, second, 0.5F});
  }
  ExpectBounds(vectors);
}

TEST_F(VectorCodesTest, BoundsAreNarrow) {
  std::vector<Vector> vectors;
  for (int i = 0; i < 50; ++i)
    vectors.push_back(Random(384, 0.05));
  const std::vector<DistanceBounds> bounds = BoundAll(vectors, vectors[0]);
  for (std::size_t i = 1; i < vectors.size(); ++i)
    EXPECT_LT(bounds[i].upper, bounds[i].lower * 1.1F);
  EXPECT_LT(bounds[0].upper, bounds[1].lower / 100) << "of a vector and itself";
}

TEST_F(VectorCodesTest, APositionWithoutAVectorIsInfinitelyFar) {
  const Vector vector = {1.0F, 2.0F};
  const float* const vectors[] = {nullptr, vector.data()};
  const VectorCodes codes = VectorCodes::Build(vectors, 2);
  const std::uint32_t positions[] = {1, 0};
  DistanceBounds bounds[2];
  codes.Bound(VectorCodes::Query(vector), positions, bounds);
  EXPECT_LT(bounds[0].upper, 0.1F);
  EXPECT_EQ(bounds[1].lower, std::numeric_limits<float>::infinity());
}

}  // namespace
}  // namespace omnigraph::index
