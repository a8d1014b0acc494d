// What a server counts about itself, and how it tells that to Prometheus. The only place that knows
// the library for its text format.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace omnigraph::server {

struct Route;

/// The facts of a served cluster at the moment of a scrape.
struct ClusterGauges {
  std::uint64_t generation = 0;
  std::uint64_t state_revision = 0;
  std::uint64_t reloads_done_count = 0;
  std::uint64_t reloads_refused_count = 0;
  double load_age_seconds = 0;  ///< Since the last start or reload that went well.
};

/// Counts requests by the rows of the route table, so that no caller can make more series. A
/// request costs a handful of relaxed additions. Thread-safe.
class Metrics {
 public:
  /// `start_micros` since the epoch is told as the start of the process.
  explicit Metrics(std::int64_t start_micros);

  /// A request goes to its handler; `Finish` follows.
  void Begin() { inflight_count_.fetch_add(1, std::memory_order_relaxed); }
  /// It was answered with `status`, so long after it began.
  void Finish(const Route& route, int status, std::uint64_t nanos);
  /// A request was refused before any handler; null for one that is of no route.
  void CountRefused(const Route* route, int status);
  /// A write was turned away because its actor has too much in flight.
  void CountAdmissionRefusal() {
    admission_refusals_count_.fetch_add(1, std::memory_order_relaxed);
  }

  /// Everything in the text format of Prometheus. A route appears with its first request.
  std::string Render(const std::optional<ClusterGauges>& cluster) const;

 private:
  static constexpr std::size_t kStatusClassesCount = 5;
  /// Upper bounds of the buckets; one more bucket takes what is slower.
  static constexpr std::array kBoundsSeconds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

  /// On cache lines of its own: routes do not slow each other down.
  struct alignas(64) Series {
    std::array<std::atomic<std::uint64_t>, kStatusClassesCount> status_classes{};
    std::array<std::atomic<std::uint64_t>, kBoundsSeconds.size() + 1> buckets{};
    std::atomic<std::uint64_t> total_nanos{0};
  };
  struct Families;

  Series& SeriesOf(const Route* route);
  static void AddRoute(const Route* route, const Series& series, Families& families);

  const double start_seconds_;
  std::vector<Series> series_;  // One per row of the table, and one for requests of no route.
  std::atomic<std::int64_t> inflight_count_{0};
  std::atomic<std::uint64_t> admission_refusals_count_{0};
};

}  // namespace omnigraph::server
