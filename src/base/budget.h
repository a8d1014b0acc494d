// Bounds what one request may use. A budget is passed down; going over is `kResourceExhausted`
// with the limit's name and value.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace omnigraph {

/// A shared count with a ceiling, for example bytes held or edges visited. Thread-safe.
class Budget {
 public:
  /// `limit_name` ("query.memory_bytes_max") must outlive the budget.
  Budget(std::string_view limit_name, std::uint64_t limit) : name_(limit_name), limit_(limit) {}

  /// Takes `amount`, or fails with `kResourceExhausted` and takes nothing.
  Status Take(std::uint64_t amount) {
    const std::uint64_t before = used_.fetch_add(amount, std::memory_order_relaxed);
    if (before + amount <= limit_ && before + amount >= before) return Status::Ok();
    used_.fetch_sub(amount, std::memory_order_relaxed);
    return Exceeded(before + amount);
  }
  /// Gives back what was taken.
  void Return(std::uint64_t amount) { used_.fetch_sub(amount, std::memory_order_relaxed); }

  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t limit() const { return limit_; }

 private:
  Status Exceeded(std::uint64_t wanted) const;

  std::string_view name_;
  std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
};

}  // namespace omnigraph
