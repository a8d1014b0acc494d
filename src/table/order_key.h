// Integers in the order of values, so that filters, sorts and indexes compare whole numbers.

#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace omnigraph::table {

/// Places a float in an integer order where -0.0 < 0.0, all NaN are one value, and that is above
/// +infinity (query.md S7.5).
inline std::int64_t RealKey(double value) {
  if (std::isnan(value)) return std::numeric_limits<std::int64_t>::max();
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits < 0 ? bits ^ std::numeric_limits<std::int64_t>::max() : bits;
}

/// The same for all of U64.
inline std::int64_t NaturalKey(std::uint64_t value) {
  return static_cast<std::int64_t>(value ^ (std::uint64_t{1} << 63));
}

}  // namespace omnigraph::table
