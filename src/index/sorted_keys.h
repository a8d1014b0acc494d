// The ordered index of one column of one part of a table: its positions in the order of their
// values, as integers (order keys).

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace omnigraph::index {

class SortedKeys {
 public:
  struct Entry {
    std::int64_t key;
    std::uint32_t position;
    friend bool operator<(const Entry& a, const Entry& b) {
      return a.key != b.key ? a.key < b.key : a.position < b.position;
    }
  };

  /// `keys` and `nulls` have one element per position; where `nulls` is 1 there is no key.
  /// Cost: a sort.
  static SortedKeys Build(std::span<const std::int64_t> keys, std::span<const std::uint8_t> nulls);

  /// All entries, ascending by key, then by position.
  std::span<const Entry> entries() const { return entries_; }
  /// Those with min <= key <= max.
  std::span<const Entry> Range(std::int64_t min, std::int64_t max) const;
  /// Positions without a key, ascending.
  const std::vector<std::uint32_t>& nulls() const { return nulls_; }

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> nulls_;
};

}  // namespace omnigraph::index
