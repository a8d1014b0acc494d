// Implements bench/measure.h.

#include "measure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

namespace omnigraph::bench {
namespace {

// The value below which `share` of the values lie. Requires a value.
double Quantile(std::vector<double> values, double share) {
  const auto last = static_cast<double>(values.size() - 1);
  const auto place = static_cast<std::ptrdiff_t>(std::lround(share * last));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<std::size_t>(place)];
}

}  // namespace

std::uint64_t MemoryBytes(std::string_view field) {
  std::ifstream status("/proc/self/status");
  std::string name;
  while (status >> name) {
    std::uint64_t kib = 0;
    if (name.size() == field.size() + 1 && name.starts_with(field) && status >> kib) {
      return kib * 1024;
    }
    status.clear();
    status.ignore(4096, '\n');
  }
  return 0;
}

void ResetPeakMemory() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

std::uint64_t FolderBytes(const std::string& path) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

void Report::Add(const std::string& title, std::string_view unit, std::vector<double> values) {
  if (values.empty()) return;
  auto line = std::find_if(lines_.begin(), lines_.end(),
                           [&](const Line& known) { return known.title == title; });
  if (line == lines_.end()) {
    line = lines_.insert(lines_.end(), Line{title, std::string(unit), {}, {}});
  }
  line->run_medians.push_back(Quantile(values, 0.5));
  line->values.insert(line->values.end(), values.begin(), values.end());
}

void Report::Print() const {
  for (const Line& line : lines_) {
    const double median = Quantile(line.values, 0.5);
    const auto [low, high] = std::minmax_element(line.run_medians.begin(), line.run_medians.end());
    std::printf("%s\t%s\t%s\t%.9g\t%.9g\t%.3f\t%zu\n", graph_.c_str(), line.title.c_str(),
                line.unit.c_str(), median, Quantile(line.values, 0.99),
                median > 0 ? (*high - *low) / median : 0.0, line.values.size());
  }
  std::fflush(stdout);
}

}  // namespace omnigraph::bench
