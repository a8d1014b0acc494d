// Finds stored rows by the tuple of a `@unique` group, so that the check of a small write does not
// follow the size of its table.
//
// An index is a bag of (hash of a tuple, row id) that only grows. It covers *chunks* by their own
// content, whatever later commits did to their rows: so it is complete for every table that
// consists of covered chunks, be it published, planned or given up, and a commit costs what its
// chunks bring. Rows that are dead or have another tuple by now are sorted out by whoever looks up.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/status.h"
#include "schema/catalog.h"
#include "table/table.h"

namespace omnigraph::table {
class Chunk;
}  // namespace omnigraph::table

namespace omnigraph::graph {

/// Not thread-safe. Cost: 16 to 32 bytes a row, and the chunks of the last table stay open.
class UniqueIndex {
 public:
  /// Adds what is missing for `table`, which is opened. `group` is the same in every call, and so
  /// is the type of the table.
  void Cover(const table::Table& table, const schema::ColumnGroup& group);

  /// Calls `visit(row)` for the rows that may have a tuple with this hash: all that have it, and
  /// some others.
  template <typename Visit>
  void ForEach(std::uint64_t hash, Visit visit) const {
    if (slots_.empty()) return;
    const std::uint64_t tag = hash >> 32;
    for (std::uint64_t at = tag & mask_; slots_[at] != 0; at = (at + 1) & mask_) {
      if (slots_[at] >> 32 == tag) visit(static_cast<table::RowId>(slots_[at]) - 1);
    }
  }

  std::size_t size() const { return size_; }

 private:
  void Add(const table::Chunk& chunk, const schema::TableType& type,
           const schema::ColumnGroup& group);
  void Insert(std::uint64_t slot);
  void Grow();

  std::vector<std::shared_ptr<const table::Chunk>> covered_;  // In the order of the last table.
  std::unordered_set<const table::Chunk*> known_;             // The same.
  std::vector<std::uint64_t> slots_;  // Upper half of the hash, then row + 1; 0 is free.
  std::uint64_t mask_ = 0;
  std::size_t size_ = 0;
};

/// The indexes of one process on one graph. Thread-safe.
class UniqueIndexes {
 public:
  /// Calls `use(index)` with an index that covers `table`, alone with it; or gives false when a
  /// scan costs less: for the first check of a group, and if `rows_count` rows are to be looked up
  /// in a table that is not much larger. `group` is one of the table's type, which lives as long as
  /// this. Requires an opened table.
  template <typename Use>
  bool With(const table::Table& table, const schema::ColumnGroup& group, std::size_t rows_count,
            Use use) {
    if (table.rows_count() / kScanShare <= rows_count) return false;
    const std::shared_ptr<Entry> entry = Find(group);
    const std::lock_guard lock(entry->mutex);
    if (entry->uses_count++ == 0) return false;
    entry->index.Cover(table, group);
    use(std::as_const(entry->index));
    return true;
  }

 private:
  static constexpr std::uint64_t kScanShare = 8;
  static constexpr std::size_t kIndexesMax = 64;

  struct Entry {
    std::mutex mutex;
    std::size_t uses_count = 0;  // Guarded by mutex, as is the index.
    UniqueIndex index;
  };

  std::shared_ptr<Entry> Find(const schema::ColumnGroup& group);

  std::mutex mutex_;
  std::map<const schema::ColumnGroup*, std::shared_ptr<Entry>> entries_;  // Guarded by mutex_.
};

}  // namespace omnigraph::graph
