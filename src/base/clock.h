// Time and randomness as things that are handed in, so that tests own them.

#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace omnigraph {

/// Tells the time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Microseconds since the Unix epoch.
  virtual std::int64_t NowMicros() = 0;
  /// The machine's clock; lives for ever.
  static Clock& System();
};

/// Fills buffers with random bytes. Thread-safe.
class Randomness {
 public:
  virtual ~Randomness() = default;
  virtual void Fill(void* bytes, std::size_t size_bytes) = 0;
  /// The kernel's generator; lives for ever.
  static Randomness& System();
};

/// Nanoseconds since some moment, for measuring how long something took. About 25 ns.
std::uint64_t MonotonicNanos();

/// Makes ULIDs: 26 upper-case Crockford base-32 characters, 48 bits of milliseconds followed by 80
/// random bits. Those of one generator ascend strictly, also within a millisecond (the random part
/// is incremented). Thread-safe.
class UlidGenerator {
 public:
  UlidGenerator(Clock& clock, Randomness& randomness) : clock_(clock), randomness_(randomness) {}
  std::string Next();
  /// One for the whole process over the system clock.
  static UlidGenerator& System();

 private:
  Clock& clock_;
  Randomness& randomness_;
  std::mutex mutex_;
  std::uint64_t last_millis_ = 0;  // Guarded by mutex_.
  unsigned char random_[10] = {};  // Guarded by mutex_.
};

/// Whether `text` is spelt as a ULID.
bool IsUlid(std::string_view text);

/// A moment after which work must stop, or never.
class Deadline {
 public:
  /// Never passes.
  Deadline() = default;
  static Deadline After(std::chrono::milliseconds time_left) {
    Deadline deadline;
    deadline.at_ = std::chrono::steady_clock::now() + time_left;
    return deadline;
  }
  /// Costs a clock read (about 25 ns): ask once per batch, not once per row.
  bool HasPassed() const {
    return at_ != std::chrono::steady_clock::time_point::max() &&
           std::chrono::steady_clock::now() >= at_;
  }

 private:
  std::chrono::steady_clock::time_point at_ = std::chrono::steady_clock::time_point::max();
};

/// "2026-03-30T08:00:00.123456Z" for log lines and human output.
std::string FormatUtcMicros(std::int64_t micros_since_epoch);

}  // namespace omnigraph
