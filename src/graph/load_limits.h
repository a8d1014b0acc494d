// What one load may cost, by name. A load that goes over a limit fails with `kResourceExhausted`
// naming it, and nothing of it is kept.

#pragma once

#include <cstddef>
#include <cstdint>

namespace omnigraph::graph {

struct LoadLimits {
  /// `load.record_bytes_max`: JSON text of one record, white space included. Values of 64 MiB must
  /// fit, as base64 too.
  std::size_t record_bytes_max = std::size_t{128} << 20;
  /// `load.memory_bytes_max`: parsed rows that one load holds until it is committed.
  std::uint64_t memory_bytes_max = std::uint64_t{8} << 30;
  /// `load.records_max`: records of one load. Row ids, record numbers and lines have 32 bits.
  std::uint64_t records_max = UINT32_MAX - 1;
  /// Text that is parsed as one task. Blocks end between records, so that one may be larger.
  std::size_t block_bytes = std::size_t{1} << 20;
};

/// `load.nesting_max`: depth of objects and arrays in one record.
inline constexpr int kJsonNestingMax = 512;

}  // namespace omnigraph::graph
