// Loss of power on a folder: after every cut the branches hold all that was acknowledged, pending
// writes wholly or not at all, and the next process writes at once.

#include <gtest/gtest.h>

#include "power_history.h"
#include "sample_graph.h"

namespace omnigraph::faults {
namespace {

TEST(PowerCut, NothingAcknowledgedIsLostAndNothingIsThereInPart) {
  constexpr std::uint64_t kFirstSeed = 500;
  const int histories = 2 * Scale();
  int cuts = 0;
  for (int i = 0; i < histories; ++i) {
    const std::uint64_t seed = kFirstSeed + static_cast<std::uint64_t>(i);
    const PowerCutReport report = CutPower(seed, 25, 60);
    ASSERT_FALSE(report.violation) << "seed=" << seed << ": " << *report.violation;
    cuts += report.cuts;
  }
  std::printf("power cuts: %d histories from seed=%llu, %d cuts, 0 losses\n", histories,
              static_cast<unsigned long long>(kFirstSeed), cuts);
}

}  // namespace
}  // namespace omnigraph::faults
