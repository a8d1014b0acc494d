// Finds rows of a table by the order of one property, through the ordered indexes of its parts.
//
// The index of a chunk is built in memory when it has been asked for often enough to pay for its
// sort, and serves every snapshot that has the chunk. What is asked of it is exact at any time:
// rows that are dead or were updated since are left out.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "index/sorted_keys.h"
#include "table/table.h"

namespace omnigraph::table {

class OrderedIndex {
 public:
  /// When to build what is missing.
  enum class Build : unsigned char {
    kWhenWorth,  ///< Once a chunk was asked for `kAsksMin` times, or at once if it is small.
    kAlways,
  };
  static constexpr std::uint32_t kAsksMin = 8;
  static constexpr std::uint32_t kSmallRows = 4096;

  /// Whether a property can have one: everything with order keys, and enums by the order of their
  /// texts.
  static bool Fits(const types::Type& type);
  /// Whether it can have one that finds equal values: also other texts, which have the keys of
  /// `TextKey`. Rows with such a key may have another text.
  static bool FitsEquality(const types::Type& type);
  /// A hash: no order of texts.
  static std::int64_t TextKey(std::string_view text);

  /// The index of a property that fits; null if it is not worth being built yet. Errors: as of
  /// opening the table.
  static Result<std::shared_ptr<const OrderedIndex>> Open(const Table& table,
                                                          schema::PropertyOrdinal property,
                                                          Build build);

  /// How many rows have a key between `min` and `max`, both included; rows that are no more may
  /// count too. Logarithmic.
  std::uint64_t Count(std::int64_t min, std::int64_t max) const;
  /// Those rows, ascending by row id.
  std::vector<RowId> Find(std::int64_t min, std::int64_t max) const;

  struct Entry {
    std::int64_t key;
    RowId row;
  };
  /// The `count` rows with the least keys (the greatest, if `is_descending`) and all rows with the
  /// key of the last of them; fewer only if there are no more. In no order.
  std::vector<Entry> FindBest(std::uint64_t count, bool is_descending) const;
  /// The rows without a value, ascending.
  std::vector<RowId> FindNulls() const;

 private:
  struct Part {
    std::shared_ptr<const index::SortedKeys> keys;
    const Chunk* chunk;
  };

  explicit OrderedIndex(const Table& table) : table_(table) {}
  // The row at a position, or kNoRow if it is no more or has a newer place.
  RowId CurrentRow(const Part& part, std::uint32_t position) const;
  void FindBestOfPart(const Part& part, std::uint64_t count, bool is_descending,
                      std::vector<Entry>* found) const;

  const Table& table_;
  std::vector<Part> parts_;
};

/// The order key of a value of an enum: its rank in the order of bytes. `values` need no order.
/// A text that is no value gets the key that it would be inserted at, and `is_value` false.
struct EnumKey {
  std::int64_t rank;
  bool is_value;
};
EnumKey EnumKeyOf(const std::vector<std::string>& values, std::string_view text);

}  // namespace omnigraph::table
