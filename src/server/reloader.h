// Takes a running server from one applied revision of its cluster to the next. A revision that
// cannot be served leaves everything as it is.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/environment.h"
#include "server/event_log.h"
#include "server/options.h"
#include "server/site.h"

namespace omnigraph::server {

/// Of all attempts of a process.
struct ReloadTotals {
  std::uint64_t done_count = 0;
  std::uint64_t refused_count = 0;
  std::int64_t last_done_at_micros = 0;  ///< 0 before the first.
};

/// Thread-safe; attempts come one after the other. All references outlive it.
class Reloader {
 public:
  Reloader(const ServerOptions& options, Environment environment, CurrentSite& current,
           EventLog& log, Clock& clock = Clock::System())
      : options_(options),
        environment_(std::move(environment)),
        current_(current),
        log_(log),
        clock_(clock) {}

  /// One attempt. Requests that are under way keep the site they started with.
  ReloadReport Reload();

  /// `Reload` if the ledger has moved since the last attempt, cannot be read any more, or is whole
  /// again. What was refused is tried again after a minute, and after a moment if it only waited
  /// for an interrupted or unfinished operation, as the ledger does not move when that ends. Costs
  /// one read of the ledger.
  void Poll();

  std::shared_ptr<const Site> CurrentlyServed() const { return current_.Get(); }
  /// None before the first attempt.
  std::optional<ReloadReport> last() const;
  ReloadTotals totals() const;

 private:
  ReloadReport ReloadLocked();
  /// Whether what was refused last may be tried again without a new reason.
  bool MayRetry(const ReloadReport& refused) const;

  const ServerOptions& options_;
  const Environment environment_;
  CurrentSite& current_;
  EventLog& log_;
  Clock& clock_;
  mutable std::mutex attempt_mutex_;  // Held during an attempt.
  std::string tried_version_;         // Of the ledger; guarded by attempt_mutex_.
  mutable std::mutex report_mutex_;
  std::optional<ReloadReport> last_;  // Guarded by report_mutex_.
  ReloadTotals totals_;               // Guarded by report_mutex_.
};

}  // namespace omnigraph::server
