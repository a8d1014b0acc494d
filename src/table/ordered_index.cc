// Implements table/ordered_index.h.

#include "table/ordered_index.h"

#include <algorithm>

#include "base/hash.h"
#include "table/rows.h"

namespace omnigraph::table {

bool OrderedIndex::Fits(const types::Type& type) {
  if (type.is_list || type.is_vector() || type.scalar == types::Scalar::kBlob) return false;
  return type.scalar != types::Scalar::kString || type.is_enum();
}

bool OrderedIndex::FitsEquality(const types::Type& type) {
  return Fits(type) || (type.scalar == types::Scalar::kString && !type.is_list);
}

std::int64_t OrderedIndex::TextKey(std::string_view text) {
  return static_cast<std::int64_t>(Checksum64(text));
}

EnumKey EnumKeyOf(const std::vector<std::string>& values, std::string_view text) {
  EnumKey key{0, false};
  for (const std::string& value : values) {
    if (value < text) ++key.rank;
    if (value == text) key.is_value = true;
  }
  return key;
}

Result<std::shared_ptr<const OrderedIndex>> OrderedIndex::Open(const Table& table,
                                                               schema::PropertyOrdinal property,
                                                               Build build) {
  OG_RETURN_IF_ERROR(table.Open());
  const std::shared_ptr<OrderedIndex> index(new OrderedIndex(table));
  const types::Type& type = table.type().properties[property].type;
  for (const std::shared_ptr<const Chunk>& chunk : table.rows().chunks) {
    const bool is_small = chunk->rows_count() <= kSmallRows;
    const std::uint32_t asks_min = build == Build::kAlways || is_small ? 0 : kAsksMin;
    std::shared_ptr<const index::SortedKeys> keys = chunk->OpenSortedKeys(property, type, asks_min);
    if (keys == nullptr) return std::shared_ptr<const OrderedIndex>();
    index->parts_.push_back({std::move(keys), chunk.get()});
  }
  return std::shared_ptr<const OrderedIndex>(index);
}

RowId OrderedIndex::CurrentRow(const Part& part, std::uint32_t position) const {
  const Chunk& chunk = *part.chunk;
  const RowId row =
      chunk.is_contiguous() ? chunk.first_row() + position : chunk.data().row_ids[position];
  const Table::Rows& rows = table_.rows();
  if (rows.IsDead(row)) return kNoRow;
  if (rows.moved.empty()) return row;
  const Table::Rows::Place place = rows.Locate(row);
  return place.chunk == &chunk && place.position == position ? row : kNoRow;
}

std::uint64_t OrderedIndex::Count(std::int64_t min, std::int64_t max) const {
  std::uint64_t count = 0;
  for (const Part& part : parts_)
    count += part.keys->Range(min, max).size();
  return count;
}

std::vector<RowId> OrderedIndex::Find(std::int64_t min, std::int64_t max) const {
  std::vector<RowId> rows;
  for (const Part& part : parts_) {
    for (const index::SortedKeys::Entry& entry : part.keys->Range(min, max)) {
      const RowId row = CurrentRow(part, entry.position);
      if (row != kNoRow) rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

void OrderedIndex::FindBestOfPart(const Part& part, std::uint64_t count, bool is_descending,
                                  std::vector<Entry>* found) const {
  const std::span<const index::SortedKeys::Entry> entries = part.keys->entries();
  std::uint64_t found_count = 0;
  std::int64_t last_key = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[is_descending ? entries.size() - 1 - i : i];
    if (found_count >= count && entry.key != last_key) return;
    const RowId row = CurrentRow(part, entry.position);
    if (row == kNoRow) continue;
    found->push_back({entry.key, row});
    last_key = entry.key;
    ++found_count;
  }
}

std::vector<OrderedIndex::Entry> OrderedIndex::FindBest(std::uint64_t count,
                                                        bool is_descending) const {
  std::vector<Entry> found;
  if (count == 0) return found;
  for (const Part& part : parts_)
    FindBestOfPart(part, count, is_descending, &found);
  if (found.size() <= count) return found;
  const auto last = found.begin() + static_cast<std::ptrdiff_t>(count - 1);
  std::nth_element(found.begin(), last, found.end(), [&](const Entry& a, const Entry& b) {
    return is_descending ? a.key > b.key : a.key < b.key;
  });
  const std::int64_t last_key = last->key;
  found.erase(std::remove_if(found.begin(), found.end(),
                             [&](const Entry& entry) {
                               return is_descending ? entry.key < last_key : entry.key > last_key;
                             }),
              found.end());
  return found;
}

std::vector<RowId> OrderedIndex::FindNulls() const {
  std::vector<RowId> rows;
  for (const Part& part : parts_) {
    for (const std::uint32_t position : part.keys->nulls()) {
      const RowId row = CurrentRow(part, position);
      if (row != kNoRow) rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace omnigraph::table
