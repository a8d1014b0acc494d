// Implements index/distance.h.

#include "index/distance.h"

#include "index/per_processor.h"

namespace omnigraph::index {
namespace {

constexpr std::size_t kLanes = 16;

}  // namespace

OG_PER_PROCESSOR float SquaredDistance(const float* left, const float* right, std::size_t count) {
  float sums[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float difference = left[i + lane] - right[i + lane];
      sums[lane] += difference * difference;
    }
  }
  for (std::size_t lane = 0; i < count; ++i, ++lane) {
    const float difference = left[i] - right[i];
    sums[lane] += difference * difference;
  }
  float sum = 0;
  for (const float part : sums)
    sum += part;
  return sum;
}

}  // namespace omnigraph::index
