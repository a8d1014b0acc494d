// Implements table/row_compare.h.

#include "table/row_compare.h"

#include <arrow/api.h>

#include <algorithm>
#include <bit>
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

constexpr RowId kRowsPerWord = 64;
constexpr RowId kRowsPerMovedPage = 512;
constexpr RowId kRowsPerDeadPage = 4096;

// Whether two tables share what they say of a run of rows: then it stands alike in both.
bool SharePage(const Table& before, const Table& after, RowId first) {
  const std::size_t dead = first / kRowsPerDeadPage;
  if (before.rows().dead.FindPage(dead) != after.rows().dead.FindPage(dead)) return false;
  for (RowId row = first; row < first + kRowsPerDeadPage; row += kRowsPerMovedPage) {
    const std::size_t moved = row / kRowsPerMovedPage;
    if (before.rows().moved.FindPage(moved) != after.rows().moved.FindPage(moved)) return false;
  }
  return true;
}

// Which rows of one word stand elsewhere than their ids say, as bits.
std::uint64_t MovedBits(const Table& table, RowId first) {
  const auto* const page = table.rows().moved.FindPage(first / kRowsPerMovedPage);
  if (page == nullptr) return 0;
  const MovedPlace* const places = page->data() + first % kRowsPerMovedPage;
  std::uint32_t any = 0;
  for (RowId i = 0; i < kRowsPerWord; ++i)
    any |= places[i].chunk;
  if (any == 0) return 0;
  std::uint64_t bits = 0;
  for (RowId i = 0; i < kRowsPerWord; ++i)
    bits |= std::uint64_t{places[i].chunk != 0} << i;
  return bits;
}

// Which rows of one word are live and stand where their ids say: in the contiguous chunk there.
std::uint64_t StandingBits(const Table& table, RowId first) {
  return ~(table.rows().dead.Get(first / kRowsPerWord) | MovedBits(table, first));
}

void TakeBits(std::uint64_t bits, RowId first, std::vector<RowId>* rows) {
  for (; bits != 0; bits &= bits - 1)
    rows->push_back(first + static_cast<RowId>(std::countr_zero(bits)));
}

// Rows [begin, end) of a contiguous chunk that both tables have.
void CompareContiguous(const Table& before, const Table& after, RowId begin, RowId end,
                       PlaceDifference* difference) {
  for (RowId first = begin / kRowsPerWord * kRowsPerWord; first < end; first += kRowsPerWord) {
    if (first % kRowsPerDeadPage == 0 && first >= begin && end - first >= kRowsPerDeadPage &&
        SharePage(before, after, first)) {
      first += kRowsPerDeadPage - kRowsPerWord;
      continue;
    }
    std::uint64_t inside = ~std::uint64_t{0};
    if (first < begin) inside <<= begin - first;
    if (end - first < kRowsPerWord) inside &= (std::uint64_t{1} << (end - first)) - 1;
    const std::uint64_t stood = StandingBits(before, first) & inside;
    const std::uint64_t stands = StandingBits(after, first) & inside;
    TakeBits(stood & ~stands, first, &difference->before);
    TakeBits(stands & ~stood, first, &difference->after);
  }
}

RowId RowAt(const Chunk& chunk, std::uint32_t position) {
  return chunk.is_contiguous() ? chunk.first_row() + position : chunk.data().row_ids[position];
}

// Rows of a chunk that both tables have.
void CompareShared(const Table& before, const Chunk* before_chunk, const Table& after,
                   const Chunk* after_chunk, PlaceDifference* difference) {
  const std::uint32_t rows_count = before_chunk->rows_count();
  if (before_chunk->is_contiguous()) {
    const RowId begin = before_chunk->first_row();
    return CompareContiguous(before, after, begin, begin + rows_count, difference);
  }
  for (std::uint32_t i = 0; i < rows_count; ++i) {
    const RowId row = RowAt(*before_chunk, i);
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

// Whether a chunk has a value of a property.
Result<bool> HasValues(const Chunk& chunk, schema::PropertyOrdinal property) {
  OG_RETURN_IF_ERROR(chunk.Open());
  const auto& array = chunk.data().columns[property].array;
  return array != nullptr && array->null_count() < array->length();
}

Result<bool> HasOneSidedValues(const Chunk& before, const Chunk& after,
                               const std::vector<PropertyPair>& one_sided) {
  for (const PropertyPair& property : one_sided) {
    OG_ASSIGN_OR_RETURN(const bool has_values, property.before ? HasValues(before, *property.before)
                                                               : HasValues(after, *property.after));
    if (has_values) return true;
  }
  return false;
}

const ColumnChunk& CellColumn(const Table::Rows::Place& place,
                              std::optional<schema::PropertyOrdinal> property) {
  static const ColumnChunk kNulls;
  return property ? place.chunk->data().columns[*property] : kNulls;
}

}  // namespace

std::vector<PropertyPair> PairProperties(const schema::TableType& before,
                                         const schema::TableType& after) {
  std::vector<PropertyPair> pairs;
  for (const schema::Property& property : after.properties) {
    const schema::Property* const old = before.FindPropertyById(property.id);
    pairs.push_back(
        {old == nullptr ? std::nullopt : std::optional(old->ordinal), property.ordinal});
  }
  for (const schema::Property& property : before.properties) {
    if (after.FindPropertyById(property.id) == nullptr) {
      pairs.push_back({property.ordinal, std::nullopt});
    }
  }
  return pairs;
}

Result<PlaceDifference> ComparePlaces(const Table& before, const Table& after,
                                      const std::vector<PropertyPair>& properties) {
  std::vector<PropertyPair> one_sided = properties;
  std::erase_if(one_sided, [](const PropertyPair& p) { return p.before && p.after; });
  PlaceDifference difference;
  const ChunkPairs shared = SharedChunks(before, after);
  std::vector<const Chunk*> shared_after;
  for (const auto& chunk : before.rows().chunks) {
    const auto pair = shared.find(chunk.get());
    if (pair == shared.end()) {
      TakeAll(before, *chunk, &difference.before);
      continue;
    }
    shared_after.push_back(pair->second);
    OG_ASSIGN_OR_RETURN(const bool is_taken, HasOneSidedValues(*chunk, *pair->second, one_sided));
    if (is_taken) {
      TakeAll(before, *chunk, &difference.before);
      TakeAll(after, *pair->second, &difference.after);
    } else {
      CompareShared(before, chunk.get(), after, pair->second, &difference);
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

bool IsDifferent(const PropertyPair& property, const Table& before, RowId before_row,
                 const Table& after, RowId after_row) {
  const Table::Rows::Place a = before.rows().Locate(before_row);
  const Table::Rows::Place b = after.rows().Locate(after_row);
  return !AreEqual(CellColumn(a, property.before), a.position, CellColumn(b, property.after),
                   b.position);
}

}  // namespace omnigraph::table
