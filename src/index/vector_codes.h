// Eight-bit codes of the vectors of one part of a table: bounds of distances for a quarter of the
// memory traffic.
//
// A search first bounds every distance by the codes and then computes those few that may be among
// the best, so that its answer is exact: the idea of the VA-file (Weber, Schek, Blott 1998), with
// one scale per vector instead of a grid, and the length of what rounding took away stored beside
// it. By the triangle inequality |d(q, v) - d(q', v')| <= |q - q'| + |v - v'|.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace omnigraph::index {

/// What `SquaredDistance` gives lies between the two, ends included.
struct DistanceBounds {
  float lower;
  float upper;
};

class VectorCodes {
 public:
  /// Longer vectors have no codes: sums of products would not fit.
  static constexpr std::size_t kDimensionsMax = 65'536;

  /// A vector to measure distances from.
  class Query {
   public:
    explicit Query(std::span<const float> vector);

   private:
    friend class VectorCodes;
    std::vector<std::int16_t> codes_;
    double scale_ = 0;
    double square_ = 0;  // Of the length of the vector that the codes stand for.
    double error_ = 0;
  };

  /// One vector per position; null where there is none. Cost: some passes over them.
  static VectorCodes Build(std::span<const float* const> vectors, std::size_t dimensions);

  /// The bounds for the vectors at `positions`; infinite where there is none. `query` has as many
  /// dimensions as the vectors.
  void Bound(const Query& query, std::span<const std::uint32_t> positions,
             DistanceBounds* bounds) const;

 private:
  std::size_t dimensions_ = 0;
  std::vector<std::int8_t> codes_;
  // By position; of the vector that the codes stand for.
  std::vector<float> scales_;          // A component is about its code times this.
  std::vector<float> errors_;          // At least its distance from the vector.
  std::vector<std::int32_t> squares_;  // The sum of its codes' squares; below 0 without a vector.
};

}  // namespace omnigraph::index
