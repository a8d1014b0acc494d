// Implements index/distance.h.

#include "index/distance.h"

namespace omnigraph::index {
namespace {

constexpr std::size_t kLanes = 16;

}  // namespace

// One version per kind of processor, chosen when the program is loaded: too early for the thread
// sanitizer, whose instrumented choice would crash.
#if defined(__SANITIZE_THREAD__)
#define OG_PER_PROCESSOR
#else
#define OG_PER_PROCESSOR \
  __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#endif

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
