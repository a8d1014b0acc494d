// Implements base/backoff.h.

#include "base/backoff.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/clock.h"

namespace omnigraph {

void Pause(std::chrono::milliseconds time) {
  std::this_thread::sleep_for(time);
}

Backoff::Backoff(std::uint32_t first_micros, std::uint32_t last_micros)
    : bound_micros_(first_micros), last_micros_(last_micros) {
  std::uint32_t seed = 0;
  Randomness::System().Fill(&seed, sizeof(seed));
  random_.seed(seed);
}

void Backoff::Wait() {
  std::uniform_int_distribution<std::uint64_t> wait(0, bound_micros_);
  std::this_thread::sleep_for(std::chrono::microseconds(wait(random_)));
  bound_micros_ = std::min(2 * bound_micros_, last_micros_);
}

}  // namespace omnigraph
