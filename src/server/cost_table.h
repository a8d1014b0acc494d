// Remembers how long requests of one kind took, to decide where the next one runs: quick ones on
// the thread of their connection, others on a worker.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace omnigraph::server {

/// Thread-safe, and wrong at worst about where something runs: kinds whose hashes collide share
/// their cost. What was never seen counts as slow.
class CostTable {
 public:
  /// Slower kinds must not hold up the other connections of the thread.
  static constexpr std::uint32_t kQuickMicrosMax = 250;

  bool IsQuick(std::uint64_t kind) const {
    const std::uint32_t cost = Slot(kind).load(std::memory_order_relaxed);
    return cost != 0 && cost <= kQuickMicrosMax;
  }

  /// Rises at once and falls slowly, so that a kind with rare slow requests counts as slow.
  void Record(std::uint64_t kind, std::uint64_t micros) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 24;
    const auto taken = static_cast<std::uint32_t>(micros < kMost ? micros + 1 : kMost);
    std::atomic<std::uint32_t>& slot = Slot(kind);
    const std::uint32_t known = slot.load(std::memory_order_relaxed);
    slot.store(taken >= known ? taken : (known / 4) * 3 + (known % 4 + taken) / 4,
               std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kSlotsCount = 4096;

  std::atomic<std::uint32_t>& Slot(std::uint64_t kind) { return micros_[kind % kSlotsCount]; }
  const std::atomic<std::uint32_t>& Slot(std::uint64_t kind) const {
    return micros_[kind % kSlotsCount];
  }

  std::array<std::atomic<std::uint32_t>, kSlotsCount> micros_{};  // Of each slot; 0 = unknown.
};

}  // namespace omnigraph::server
