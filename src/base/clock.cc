// Implements base/clock.h.

#include "base/clock.h"

#include <openssl/rand.h>

#include <cstdio>
#include <cstring>
#include <ctime>

#include "base/check.h"

namespace omnigraph {
namespace {

class SystemClock final : public Clock {
 public:
  std::int64_t NowMicros() override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

class SystemRandomness final : public Randomness {
 public:
  void Fill(void* bytes, std::size_t size_bytes) override {
    OG_CHECK(RAND_bytes(static_cast<unsigned char*>(bytes), static_cast<int>(size_bytes)) == 1);
  }
};

constexpr char kCrockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

Clock& Clock::System() {
  static SystemClock clock;
  return clock;
}

Randomness& Randomness::System() {
  static SystemRandomness randomness;
  return randomness;
}

UlidGenerator& UlidGenerator::System() {
  static UlidGenerator generator(Clock::System(), Randomness::System());
  return generator;
}

std::string UlidGenerator::Next() {
  unsigned char bits[16];
  {
    const std::lock_guard lock(mutex_);
    const auto now_millis = static_cast<std::uint64_t>(clock_.NowMicros() / 1000);
    if (now_millis > last_millis_) {
      last_millis_ = now_millis;
      randomness_.Fill(random_, sizeof(random_));
      random_[0] &= 0x7f;  // Leaves room to count up within the millisecond.
    } else {
      for (int i = 9; i >= 0 && ++random_[i] == 0; --i) {
      }
    }
    for (int i = 0; i < 6; ++i) {
      bits[i] = static_cast<unsigned char>(last_millis_ >> (8 * (5 - i)));
    }
    std::memcpy(bits + 6, random_, sizeof(random_));
  }
  // 26 characters hold 130 bits; the two highest are zero.
  std::string text(26, '0');
  int bit = 128;
  for (int i = 25; i >= 0; --i) {
    unsigned value = 0;
    for (int b = 0; b < 5; ++b) {
      const int position = bit - 1 - b;
      if (position < 0) break;
      const unsigned set = (bits[position / 8] >> (7 - position % 8)) & 1u;
      value |= set << b;
    }
    bit -= 5;
    text[static_cast<std::size_t>(i)] = kCrockford[value];
  }
  return text;
}

bool IsUlid(std::string_view text) {
  if (text.size() != 26 || text[0] > '7') return false;
  for (const char c : text) {
    if (c == '\0' || std::strchr(kCrockford, c) == nullptr) return false;
  }
  return true;
}

std::uint64_t MonotonicNanos() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

std::string FormatUtcMicros(std::int64_t micros_since_epoch) {
  const std::int64_t floor = micros_since_epoch >= 0 ? micros_since_epoch / 1'000'000
                                                     : (micros_since_epoch - 999'999) / 1'000'000;
  const auto seconds = static_cast<std::time_t>(floor);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char date[32];
  std::strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
  char text[48];
  std::snprintf(text, sizeof(text), "%s.%06lldZ", date,
                static_cast<long long>(micros_since_epoch - floor * 1'000'000));
  return text;
}

}  // namespace omnigraph
