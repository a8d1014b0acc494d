// Renders what was counted with the serializer of prometheus-cpp. Its registry is not used: it
// looks series up under a lock, and here they are rows of an array.

#include "server/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

#include "server/routes.h"

namespace omnigraph::server {

namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

constexpr double kNanosPerSecond = 1e9;
constexpr double kMicrosPerSecond = 1e6;

std::uint64_t Read(const std::atomic<std::uint64_t>& count) {
  return count.load(std::memory_order_relaxed);
}

prometheus::MetricFamily Family(std::string name, std::string help, prometheus::MetricType type) {
  return {std::move(name), std::move(help), type, {}};
}

void AddCounter(prometheus::MetricFamily& family, Labels labels, std::uint64_t value) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  family.metric.push_back(std::move(metric));
}

prometheus::MetricFamily Gauge(std::string name, std::string help, double value) {
  auto family = Family(std::move(name), std::move(help), prometheus::MetricType::Gauge);
  family.metric.emplace_back().gauge.value = value;
  return family;
}

prometheus::MetricFamily Counter(std::string name, std::string help) {
  return Family(std::move(name), std::move(help), prometheus::MetricType::Counter);
}

Labels LabelsOf(const Route* route) {
  // What a client sends as method or path is never a label.
  if (route == nullptr) return {{"method", "none"}, {"route", "none"}};
  return {{"method", std::string(route->method)}, {"route", std::string(route->path)}};
}

void AddCluster(const ClusterGauges& cluster, std::vector<prometheus::MetricFamily>& families) {
  families.push_back(Gauge("omnigraph_serving_generation",
                           "Revisions that this process has served, the current one included.",
                           static_cast<double>(cluster.generation)));
  families.push_back(Gauge("omnigraph_serving_state_revision",
                           "Revision of the cluster's ledger that is served.",
                           static_cast<double>(cluster.state_revision)));
  auto reloads = Counter("omnigraph_reloads_total", "Attempts to serve what is newly applied.");
  AddCounter(reloads, {{"outcome", "ok"}}, cluster.reloads_done_count);
  AddCounter(reloads, {{"outcome", "refused"}}, cluster.reloads_refused_count);
  families.push_back(std::move(reloads));
  families.push_back(Gauge("omnigraph_seconds_since_successful_reload",
                           "Seconds since the start or the last reload that went well.",
                           cluster.load_age_seconds));
}

}  // namespace

struct Metrics::Families {
  prometheus::MetricFamily requests =
      Counter("omnigraph_http_requests_total", "Requests answered, by route and class of status.");
  prometheus::MetricFamily seconds =
      Family("omnigraph_http_request_seconds", "Seconds from a read request to its answer.",
             prometheus::MetricType::Histogram);
};

Metrics::Metrics(std::int64_t start_micros)
    : start_seconds_(static_cast<double>(start_micros) / kMicrosPerSecond),
      series_(AllRoutes().size() + 1) {}

Metrics::Series& Metrics::SeriesOf(const Route* route) {
  if (route == nullptr) return series_.back();
  return series_[static_cast<std::size_t>(route - AllRoutes().data())];
}

void Metrics::CountRefused(const Route* route, int status) {
  const auto status_class = static_cast<std::size_t>(std::clamp(status / 100, 1, 5) - 1);
  SeriesOf(route).status_classes[status_class].fetch_add(1, std::memory_order_relaxed);
}

void Metrics::Finish(const Route& route, int status, std::uint64_t nanos) {
  CountRefused(&route, status);
  Series& series = SeriesOf(&route);
  const double seconds = static_cast<double>(nanos) / kNanosPerSecond;
  const auto* const bound = std::lower_bound(kBoundsSeconds.begin(), kBoundsSeconds.end(), seconds);
  const auto bucket = static_cast<std::size_t>(bound - kBoundsSeconds.begin());
  series.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  series.total_nanos.fetch_add(nanos, std::memory_order_relaxed);
  inflight_count_.fetch_sub(1, std::memory_order_relaxed);
}

void Metrics::AddRoute(const Route* route, const Series& series, Families& families) {
  constexpr std::array<std::string_view, kStatusClassesCount> kClasses = {"1xx", "2xx", "3xx",
                                                                          "4xx", "5xx"};
  const Labels labels = LabelsOf(route);
  for (std::size_t i = 0; i < kStatusClassesCount; ++i) {
    const std::uint64_t count = Read(series.status_classes[i]);
    if (count == 0) continue;
    Labels with_class = labels;
    with_class.push_back({"status", std::string(kClasses[i])});
    AddCounter(families.requests, std::move(with_class), count);
  }
  prometheus::ClientMetric metric;
  metric.label = labels;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < series.buckets.size(); ++i) {
    so_far += Read(series.buckets[i]);
    if (i < kBoundsSeconds.size()) metric.histogram.bucket.push_back({so_far, kBoundsSeconds[i]});
  }
  if (so_far == 0) return;
  metric.histogram.sample_count = so_far;
  metric.histogram.sample_sum = static_cast<double>(Read(series.total_nanos)) / kNanosPerSecond;
  families.seconds.metric.push_back(std::move(metric));
}

std::string Metrics::Render(const std::optional<ClusterGauges>& cluster) const {
  Families by_route;
  for (std::size_t i = 0; i < series_.size(); ++i) {
    const bool is_of_route = i < AllRoutes().size();
    AddRoute(is_of_route ? &AllRoutes()[i] : nullptr, series_[i], by_route);
  }
  std::vector<prometheus::MetricFamily> families;
  families.push_back(std::move(by_route.requests));
  families.push_back(std::move(by_route.seconds));
  families.push_back(Gauge("omnigraph_http_requests_in_flight", "Requests that are being answered.",
                           static_cast<double>(inflight_count_.load(std::memory_order_relaxed))));
  auto refusals = Counter("omnigraph_admission_refusals_total",
                          "Writes turned away because their actor had too much in flight.");
  AddCounter(refusals, {}, Read(admission_refusals_count_));
  families.push_back(std::move(refusals));
  if (cluster) AddCluster(*cluster, families);
  families.push_back(Gauge("process_start_time_seconds", "Start of the process, since the epoch.",
                           start_seconds_));
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace omnigraph::server
