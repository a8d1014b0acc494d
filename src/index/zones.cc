// Implements index/zones.h.

#include "index/zones.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace omnigraph::index {

Zones Zones::Build(std::span<const std::int64_t> keys, std::span<const std::uint8_t> nulls) {
  OG_CHECK(keys.size() == nulls.size());
  Zones zones;
  for (std::size_t begin = 0; begin < keys.size(); begin += kZoneRows) {
    Zone zone{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
    const std::size_t end = std::min<std::size_t>(keys.size(), begin + kZoneRows);
    for (std::size_t i = begin; i < end; ++i) {
      if (nulls[i] != 0) continue;
      zone.min = std::min(zone.min, keys[i]);
      zone.max = std::max(zone.max, keys[i]);
    }
    zones.zones_.push_back(zone);
  }
  return zones;
}

}  // namespace omnigraph::index
