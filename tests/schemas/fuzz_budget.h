// How long a fuzzer runs and from which seed: bounded by default, longer on request.

#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace omnigraph::schemas {

/// Rounds until time is up. `OMNIGRAPH_FUZZ_SECONDS` sets the time of each fuzzer, and
/// `OMNIGRAPH_FUZZ_SEED` the first seed; one round is a function of its seed alone, so that a
/// failure is repeated with `OMNIGRAPH_FUZZ_SEED=<its seed> OMNIGRAPH_FUZZ_SECONDS=0`.
class FuzzBudget {
 public:
  FuzzBudget(const char* name, double seconds) : name_(name) {
    if (const char* given = std::getenv("OMNIGRAPH_FUZZ_SECONDS")) seconds = std::atof(given);
    if (const char* given = std::getenv("OMNIGRAPH_FUZZ_SEED"))
      first_seed_ = std::strtoull(given, nullptr, 10);
    end_ = std::chrono::steady_clock::now() +
           std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }
  ~FuzzBudget() {
    std::printf("%s: %llu rounds from seed %llu\n", name_,
                static_cast<unsigned long long>(rounds_count_),
                static_cast<unsigned long long>(first_seed_));
  }
  FuzzBudget(const FuzzBudget&) = delete;
  FuzzBudget& operator=(const FuzzBudget&) = delete;

  /// Starts a round, at least one.
  bool Next() {
    if (rounds_count_ > 0 && std::chrono::steady_clock::now() >= end_) return false;
    ++rounds_count_;
    return true;
  }
  std::uint64_t seed() const { return first_seed_ + rounds_count_ - 1; }

 private:
  const char* name_;
  std::uint64_t first_seed_ = 1;
  std::uint64_t rounds_count_ = 0;
  std::chrono::steady_clock::time_point end_;
};

}  // namespace omnigraph::schemas
