// Waiting between attempts to do what others try to do as well.

#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace omnigraph {

/// Sleeps for that long.
void Pause(std::chrono::milliseconds time);

/// Sleeps for a random time below a bound that doubles with every attempt ("full jitter", Brooker
/// 2015), so that competitors do not meet again. One thread at a time.
class Backoff {
 public:
  /// The bound starts at `first_micros` and ends at `last_micros`.
  Backoff(std::uint32_t first_micros, std::uint32_t last_micros);

  void Wait();

 private:
  std::uint64_t bound_micros_;
  const std::uint64_t last_micros_;
  std::minstd_rand random_;
};

}  // namespace omnigraph
