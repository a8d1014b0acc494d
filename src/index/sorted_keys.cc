// Implements index/sorted_keys.h.

#include "index/sorted_keys.h"

#include <algorithm>

#include "base/check.h"

namespace omnigraph::index {

SortedKeys SortedKeys::Build(std::span<const std::int64_t> keys,
                             std::span<const std::uint8_t> nulls) {
  OG_CHECK(keys.size() == nulls.size());
  SortedKeys sorted;
  for (std::uint32_t position = 0; position < keys.size(); ++position) {
    if (nulls[position] != 0) {
      sorted.nulls_.push_back(position);
    } else {
      sorted.entries_.push_back({keys[position], position});
    }
  }
  std::sort(sorted.entries_.begin(), sorted.entries_.end());
  return sorted;
}

std::span<const SortedKeys::Entry> SortedKeys::Range(std::int64_t min, std::int64_t max) const {
  if (min > max) return {};
  const auto begin = std::lower_bound(entries_.begin(), entries_.end(), min,
                                      [](const Entry& e, std::int64_t key) { return e.key < key; });
  const auto end = std::upper_bound(begin, entries_.end(), max,
                                    [](std::int64_t key, const Entry& e) { return key < e.key; });
  return std::span(entries_).subspan(static_cast<std::size_t>(begin - entries_.begin()),
                                     static_cast<std::size_t>(end - begin));
}

}  // namespace omnigraph::index
