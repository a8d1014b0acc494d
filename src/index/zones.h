// The least and the greatest order key of every block of rows of a column: what lets a scan skip
// blocks that hold nothing it wants (zone maps; Moerkotte 1998, "Small materialized aggregates").

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace omnigraph::index {

class Zones {
 public:
  static constexpr std::uint32_t kZoneRows = 1024;

  /// `keys` and `nulls` have one element per position; where `nulls` is 1 there is no key.
  static Zones Build(std::span<const std::int64_t> keys, std::span<const std::uint8_t> nulls);

  /// Whether a key at `position` or elsewhere in its block may lie between `min` and `max`.
  bool MayHold(std::uint32_t position, std::int64_t min, std::int64_t max) const {
    const Zone& zone = zones_[position / kZoneRows];
    return zone.min <= max && zone.max >= min;
  }

 private:
  struct Zone {
    std::int64_t min;
    std::int64_t max;  // Less than `min` if all keys are null.
  };
  std::vector<Zone> zones_;
};

}  // namespace omnigraph::index
