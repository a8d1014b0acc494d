// Open-addressing hash tables of row numbers: for ids and tuples of rows that are being written.

#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace omnigraph::graph {

/// Spreads the bits of a number, so that counting numbers become good hashes (the finalizer of
/// MurmurHash3).
inline std::uint64_t MixBits(std::uint64_t bits) {
  bits ^= bits >> 33;
  bits *= 0xff51afd7ed558ccd;
  bits ^= bits >> 33;
  bits *= 0xc4ceb9fe1a85ec53;
  return bits ^ bits >> 33;
}

/// Numbers below 2^32 - 1 under 64-bit hashes. Comparisons are the caller's: `is_match(number)`
/// says whether a number with the same hash, probably, is the one meant. Cost: 8 bytes a slot, at
/// most half of them taken; a cache line or two per call.
class HashTable {
 public:
  explicit HashTable(std::size_t numbers_max)
      : slots_(std::bit_ceil(numbers_max * 2 + 2)), mask_(slots_.size() - 1) {}

  bool empty() const { return is_empty_; }

  template <typename IsMatch>
  std::optional<std::uint32_t> Find(std::uint64_t hash, IsMatch is_match) const {
    for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
      const std::uint64_t slot = slots_[at];
      if (slot == 0) return std::nullopt;
      if (slot >> 32 == hash >> 32 && is_match(NumberOf(slot))) return NumberOf(slot);
    }
  }

  /// The number that is there already, or none and `number` is inserted.
  template <typename IsMatch>
  std::optional<std::uint32_t> FindOrInsert(std::uint64_t hash, std::uint32_t number,
                                            IsMatch is_match) {
    std::uint64_t at = hash & mask_;
    for (; slots_[at] != 0; at = (at + 1) & mask_) {
      if (slots_[at] >> 32 == hash >> 32 && is_match(NumberOf(slots_[at]))) {
        return NumberOf(slots_[at]);
      }
    }
    slots_[at] = SlotOf(hash, number);
    is_empty_ = false;
    return std::nullopt;
  }

  void Insert(std::uint64_t hash, std::uint32_t number) {
    FindOrInsert(hash, number, [](std::uint32_t) { return false; });
  }

  /// Puts `number` in the place of `old`, which is in the table under the same hash.
  void Replace(std::uint64_t hash, std::uint32_t old, std::uint32_t number) {
    std::uint64_t at = hash & mask_;
    while (slots_[at] != SlotOf(hash, old))
      at = (at + 1) & mask_;
    slots_[at] = SlotOf(hash, number);
  }

 private:
  static std::uint32_t NumberOf(std::uint64_t slot) { return static_cast<std::uint32_t>(slot) - 1; }
  static std::uint64_t SlotOf(std::uint64_t hash, std::uint32_t number) {
    return hash >> 32 << 32 | (std::uint64_t{number} + 1);
  }

  std::vector<std::uint64_t> slots_;  // Upper half of the hash, then number + 1; 0 is free.
  std::uint64_t mask_;
  bool is_empty_ = true;
};

}  // namespace omnigraph::graph
