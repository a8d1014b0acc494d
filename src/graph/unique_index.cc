// Implements graph/unique_index.h.

#include "graph/unique_index.h"

#include <algorithm>
#include <bit>

#include "graph/tuples.h"

namespace omnigraph::graph {
namespace {

constexpr std::size_t kSlotsMin = 1024;
/// An index with so many more entries than its table has rows is made anew.
constexpr std::size_t kSlack = 4096;

}  // namespace

void UniqueIndex::Cover(const table::Table& table, const schema::ColumnGroup& group) {
  const auto& chunks = table.rows().chunks;
  // Nearly always the table is the last one and a chunk or two at its end.
  const auto [first_new, ignored] =
      std::mismatch(chunks.begin(), chunks.end(), covered_.begin(), covered_.end());
  if (first_new == chunks.end() && chunks.size() == covered_.size()) return;
  if (size_ > 2 * std::size_t{table.row_ids_end()} + kSlack) {
    slots_.clear();
    size_ = 0;
    known_.clear();
  }
  if (slots_.empty()) {
    slots_.resize(std::bit_ceil(std::max<std::size_t>(kSlotsMin, 2 * table.rows_count())));
    mask_ = slots_.size() - 1;
    known_.clear();
  }
  for (const auto& chunk : chunks) {
    if (!known_.contains(chunk.get())) Add(*chunk, table.type(), group);
  }
  covered_ = chunks;
  known_.clear();
  for (const auto& chunk : covered_)
    known_.insert(chunk.get());
}

void UniqueIndex::Add(const table::Chunk& chunk, const schema::TableType& type,
                      const schema::ColumnGroup& group) {
  const ChunkTuples tuples(type, group, chunk);
  for (std::uint32_t position = 0; position < chunk.rows_count(); ++position) {
    const auto hash = HashOf(tuples, position);
    if (!hash) continue;
    const table::RowId row =
        chunk.is_contiguous() ? chunk.first_row() + position : chunk.data().row_ids[position];
    Insert(*hash >> 32 << 32 | (std::uint64_t{row} + 1));
  }
}

// An entry that is there already stays alone: flushes bring the same rows again.
void UniqueIndex::Insert(std::uint64_t slot) {
  if (2 * (size_ + 1) > slots_.size()) Grow();
  std::uint64_t at = slot >> 32 & mask_;
  for (; slots_[at] != 0; at = (at + 1) & mask_) {
    if (slots_[at] == slot) return;
  }
  slots_[at] = slot;
  ++size_;
}

void UniqueIndex::Grow() {
  const std::vector<std::uint64_t> old = std::move(slots_);
  slots_.assign(old.size() * 2, 0);
  mask_ = slots_.size() - 1;
  size_ = 0;
  for (const std::uint64_t slot : old) {
    if (slot != 0) Insert(slot);
  }
}

std::shared_ptr<UniqueIndexes::Entry> UniqueIndexes::Find(const schema::ColumnGroup& group) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Entry>& entry = entries_[&group];
  if (!entry) {
    entry = std::make_shared<Entry>();
    if (entries_.size() > kIndexesMax) {
      std::shared_ptr<Entry> kept = entry;
      entries_.clear();
      return entries_.emplace(&group, std::move(kept)).first->second;
    }
  }
  return entry;
}

}  // namespace omnigraph::graph
