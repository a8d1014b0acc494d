// One client's history on a folder, with the power cut at every interesting moment.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace omnigraph::faults {

struct PowerCutReport {
  std::optional<std::string> violation;
  int cuts = 0;
  int operations = 0;
};

/// Records `operations` operations, then restores and checks `cuts` disks. All from the seed.
PowerCutReport CutPower(std::uint64_t seed, int operations, int cuts);

}  // namespace omnigraph::faults
