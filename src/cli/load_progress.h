// The progress line of a load, redrawn in place on a terminal.

#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "cli/console.h"

namespace omnigraph::cli {

/// Draws at most ten times a second. Thread-safe. Both arguments must outlive it.
class LoadProgress {
 public:
  /// `size_bytes` of the input; 0 if it is not known.
  LoadProgress(Console& console, Clock& clock, std::uint64_t size_bytes);

  void Show(std::uint64_t bytes_read, std::uint64_t records_count);
  /// Removes the line.
  void Clear();

 private:
  Console& console_;
  Clock& clock_;
  const std::uint64_t size_bytes_;
  const std::int64_t start_micros_;
  std::mutex mutex_;
  std::int64_t last_micros_ = 0;  // Guarded by mutex_.
  bool is_drawn_ = false;         // Guarded by mutex_.
};

/// "[##########..........]  50%  12,000 records  6.0 of 12.0 MB  3.1 MB/s".
std::string ProgressLine(std::uint64_t bytes_read, std::uint64_t size_bytes,
                         std::uint64_t records_count, std::int64_t elapsed_micros);

}  // namespace omnigraph::cli
