// Draws the progress of a load.

#include "cli/load_progress.h"

#include <algorithm>

namespace omnigraph::cli {
namespace {

constexpr std::int64_t kRedrawMicros = 100'000;
constexpr std::uint64_t kBarWidth = 24;

std::string Thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

// Millions of bytes with one decimal.
std::string Megabytes(std::uint64_t size_bytes) {
  const std::uint64_t tenths = size_bytes / 100'000;
  return Thousands(tenths / 10) + "." + std::to_string(tenths % 10);
}

}  // namespace

LoadProgress::LoadProgress(Console& console, Clock& clock, std::uint64_t size_bytes)
    : console_(console), clock_(clock), size_bytes_(size_bytes), start_micros_(clock.NowMicros()) {}

void LoadProgress::Show(std::uint64_t bytes_read, std::uint64_t records_count) {
  const std::int64_t now = clock_.NowMicros();
  std::string line;
  {
    const std::lock_guard lock(mutex_);
    if (now - last_micros_ < kRedrawMicros) return;
    last_micros_ = now;
    is_drawn_ = true;
    line = "\r\x1b[K" + ProgressLine(bytes_read, size_bytes_, records_count, now - start_micros_);
  }
  console_.WriteError(line);
}

void LoadProgress::Clear() {
  {
    const std::lock_guard lock(mutex_);
    if (!is_drawn_) return;
    is_drawn_ = false;
  }
  console_.WriteError("\r\x1b[K");
}

std::string ProgressLine(std::uint64_t bytes_read, std::uint64_t size_bytes,
                         std::uint64_t records_count, std::int64_t elapsed_micros) {
  std::string line;
  if (size_bytes > 0) {
    const std::uint64_t done = std::min(bytes_read, size_bytes);
    const std::uint64_t filled = done * kBarWidth / size_bytes;
    line += '[' + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] ";
    const std::string percent = std::to_string(done * 100 / size_bytes);
    line += std::string(3 - percent.size(), ' ') + percent + "%  ";
  }
  line += Thousands(records_count) + " records  " + Megabytes(bytes_read);
  if (size_bytes > 0) line += " of " + Megabytes(size_bytes);
  line += " MB";
  if (elapsed_micros > 0) {
    const auto micros = static_cast<std::uint64_t>(elapsed_micros);
    line +=
        "  " + Megabytes(bytes_read * 1000 / std::max<std::uint64_t>(micros / 1000, 1)) + " MB/s";
  }
  return line;
}

}  // namespace omnigraph::cli
