// Bounds what one actor may have in flight: writes at a time, and their bytes. Nobody queues, and
// actors do not affect each other.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "base/status.h"

namespace omnigraph::server {

class EventLog;

struct AdmissionLimits {
  std::uint32_t inflight_count_max = 16;                           ///< Per actor.
  std::uint64_t inflight_size_bytes_max = std::uint64_t{4} << 30;  ///< Per actor.
};

/// From OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX and …_BYTES_MAX. A value that is no number leaves the
/// default and is logged.
AdmissionLimits ReadAdmissionLimits(const Environment& environment, EventLog& log);

class AdmissionControl {
 public:
  /// Gives its place back when it goes.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    friend class AdmissionControl;
    Place(AdmissionControl& owner, std::string actor, std::uint64_t size_bytes)
        : owner_(&owner), actor_(std::move(actor)), size_bytes_(size_bytes) {}

    AdmissionControl* owner_ = nullptr;
    std::string actor_;
    std::uint64_t size_bytes_ = 0;
  };

  explicit AdmissionControl(AdmissionLimits limits) : limits_(limits) {}

  /// Takes a place for a request that holds about `size_bytes`; `actor` is empty for those without
  /// one, who share a bucket.
  ///
  /// Errors: `kResourceExhausted` naming the limit; the caller answers 429.
  Result<Place> Admit(std::string_view actor, std::uint64_t size_bytes);

 private:
  struct Usage {
    std::uint32_t count = 0;
    std::uint64_t size_bytes = 0;
  };

  void Release(const std::string& actor, std::uint64_t size_bytes);

  const AdmissionLimits limits_;
  std::mutex mutex_;
  std::map<std::string, Usage, std::less<>> usage_;  // Guarded by mutex_; only actors in flight.
};

}  // namespace omnigraph::server
