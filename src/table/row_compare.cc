// Implements table/row_compare.h.

#include "table/row_compare.h"

#include <arrow/api.h>

#include <algorithm>
#include <string>
#include <unordered_map>

#include "table/rows.h"

namespace omnigraph::table {
namespace {

// What tells that two chunks hold the same rows: a fragment's name. Segments are small enough to be
// compared row by row, unless the two tables share the very object.
using ChunkPairs = std::unordered_map<const Chunk*, const Chunk*>;

ChunkPairs SharedChunks(const Table& before, const Table& after) {
  std::unordered_map<std::string, const Chunk*> fragments;
  ChunkPairs shared;
  for (const auto& chunk : after.rows().chunks) {
    if (!chunk->is_segment()) fragments.emplace(chunk->fragment().name, chunk.get());
  }
  for (const auto& chunk : before.rows().chunks) {
    if (!chunk->is_segment()) {
      const auto same = fragments.find(chunk->fragment().name);
      if (same != fragments.end()) shared.emplace(chunk.get(), same->second);
      continue;
    }
    const auto& others = after.rows().chunks;
    if (std::find(others.begin(), others.end(), chunk) != others.end()) {
      shared.emplace(chunk.get(), chunk.get());
    }
  }
  return shared;
}

bool StandsAt(const Table& table, RowId row, const Chunk* chunk, std::uint32_t position) {
  if (!table.IsLive(row)) return false;
  const Table::Rows::Place place = table.rows().Locate(row);
  return place.chunk == chunk && place.position == position;
}

// Whether the rows of one word of the dead bitmap are live, or dead, in both tables alike and stand
// where their ids say.
bool IsSameWord(const Table& before, const Table& after, std::size_t word) {
  constexpr std::size_t kRowsPerMovedPage = 512;
  const std::size_t page = word * 64 / kRowsPerMovedPage;
  return before.rows().dead.Get(word) == after.rows().dead.Get(word) &&
         before.rows().moved.FindPage(page) == nullptr &&
         after.rows().moved.FindPage(page) == nullptr;
}

RowId RowAt(const Chunk& chunk, std::uint32_t position) {
  return chunk.is_contiguous() ? chunk.first_row() + position : chunk.data().row_ids[position];
}

// Rows of a chunk that both tables have.
void CompareShared(const Table& before, const Chunk* before_chunk, const Table& after,
                   const Chunk* after_chunk, PlaceDifference* difference) {
  for (std::uint32_t i = 0; i < before_chunk->rows_count(); ++i) {
    const RowId row = RowAt(*before_chunk, i);
    if (before_chunk->is_contiguous() && row % 64 == 0 && before_chunk->rows_count() - i >= 64 &&
        IsSameWord(before, after, row / 64)) {
      i += 63;
      continue;
    }
    const bool is_before = StandsAt(before, row, before_chunk, i);
    const bool is_after = StandsAt(after, row, after_chunk, i);
    if (is_before && !is_after) difference->before.push_back(row);
    if (is_after && !is_before) difference->after.push_back(row);
  }
}

// Rows of a chunk that only this table has.
void TakeAll(const Table& table, const Chunk& chunk, std::vector<RowId>* rows) {
  for (std::uint32_t i = 0; i < chunk.rows_count(); ++i) {
    const RowId row = RowAt(chunk, i);
    if (StandsAt(table, row, &chunk, i)) rows->push_back(row);
  }
}

bool AreEqual(const ColumnChunk& left, std::int64_t left_at, const ColumnChunk& right,
              std::int64_t right_at) {
  const bool is_left_null = left.array == nullptr || left.array->IsNull(left_at);
  const bool is_right_null = right.array == nullptr || right.array->IsNull(right_at);
  if (is_left_null || is_right_null) return is_left_null == is_right_null;
  const auto options = arrow::EqualOptions::Defaults().nans_equal(true).signed_zeros_equal(false);
  return left.array->RangeEquals(*right.array, left_at, left_at + 1, right_at, options);
}

}  // namespace

PlaceDifference ComparePlaces(const Table& before, const Table& after) {
  PlaceDifference difference;
  const ChunkPairs shared = SharedChunks(before, after);
  std::vector<const Chunk*> shared_after;
  for (const auto& chunk : before.rows().chunks) {
    const auto pair = shared.find(chunk.get());
    if (pair == shared.end()) {
      TakeAll(before, *chunk, &difference.before);
    } else {
      CompareShared(before, chunk.get(), after, pair->second, &difference);
      shared_after.push_back(pair->second);
    }
  }
  std::sort(shared_after.begin(), shared_after.end());
  for (const auto& chunk : after.rows().chunks) {
    if (std::binary_search(shared_after.begin(), shared_after.end(), chunk.get())) continue;
    TakeAll(after, *chunk, &difference.after);
  }
  return difference;
}

Status OpenRow(const Table& table, RowId row) {
  return table.rows().Locate(row).chunk->Open();
}

std::optional<schema::PropertyOrdinal> FirstDifference(const Table& left, RowId left_row,
                                                       const Table& right, RowId right_row) {
  const Table::Rows::Place a = left.rows().Locate(left_row);
  const Table::Rows::Place b = right.rows().Locate(right_row);
  if (a.chunk == b.chunk && a.position == b.position) return std::nullopt;
  const std::vector<ColumnChunk>& left_columns = a.chunk->data().columns;
  const std::vector<ColumnChunk>& right_columns = b.chunk->data().columns;
  for (schema::PropertyOrdinal i = 0; i < left_columns.size(); ++i) {
    if (!AreEqual(left_columns[i], a.position, right_columns[i], b.position)) return i;
  }
  return std::nullopt;
}

}  // namespace omnigraph::table
