// Takes times and prints them: one line per measured thing, for people and for bench/run.py.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace omnigraph::bench {

/// Seconds since some fixed moment.
inline double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Bytes of `/proc/self/status`: "VmRSS", or "VmHWM", the highest since `ResetPeakMemory`.
std::uint64_t MemoryBytes(std::string_view field);
void ResetPeakMemory();

/// Bytes of all files below a folder.
std::uint64_t FolderBytes(const std::string& path);

/// The measured things in the order of their first value.
class Report {
 public:
  explicit Report(std::string graph) : graph_(std::move(graph)) {}

  /// Adds what one run saw of `title`; `unit` is "s" (times), "rows/s" or "bytes".
  void Add(const std::string& title, std::string_view unit, std::vector<double> values);

  /// Tab-separated: graph, title, unit, median of all values, 99th percentile, noise (spread of the
  /// medians of the runs, as a share of the median), how many values.
  void Print() const;

 private:
  struct Line {
    std::string title;
    std::string unit;
    std::vector<double> values;
    std::vector<double> run_medians;
  };
  std::string graph_;
  std::vector<Line> lines_;
};

}  // namespace omnigraph::bench
