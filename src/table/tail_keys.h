// Finds rows of a tail by their id: a small hash table that is cheap to copy and to extend, since
// every commit makes a new one.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "table/row_id.h"

namespace omnigraph::table {

/// Maps hashes of ids to row ids. A copy shares all shards; an insertion copies one.
class TailKeys {
 public:
  void Insert(std::uint64_t hash, RowId row);

  /// Calls `is_match(row)` for the rows with this hash, newest first, until one matches.
  template <typename Predicate>
  RowId Find(std::uint64_t hash, Predicate is_match) const {
    const auto& shard = shards_[hash % kShards];
    if (!shard) return kNoRow;
    for (auto entry = shard->rbegin(); entry != shard->rend(); ++entry) {
      if (entry->hash == hash && is_match(entry->row)) return entry->row;
    }
    return kNoRow;
  }

  bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t kShards = 64;
  struct Entry {
    std::uint64_t hash;
    RowId row;
  };
  std::array<std::shared_ptr<std::vector<Entry>>, kShards> shards_;
  std::size_t size_ = 0;
};

inline void TailKeys::Insert(std::uint64_t hash, RowId row) {
  auto& shard = shards_[hash % kShards];
  if (!shard) {
    shard = std::make_shared<std::vector<Entry>>();
  } else if (shard.use_count() > 1) {
    shard = std::make_shared<std::vector<Entry>>(*shard);
  }
  shard->push_back({hash, row});
  ++size_;
}

}  // namespace omnigraph::table
