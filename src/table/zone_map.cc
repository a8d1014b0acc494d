// Implements table/zone_map.h.

#include "table/zone_map.h"

#include <algorithm>

#include "table/rows.h"

namespace omnigraph::table {
namespace {

// Of smaller chunks nothing worth it can be skipped.
constexpr std::uint32_t kChunkRowsMin = 4 * index::Zones::kZoneRows;

}  // namespace

Result<ZoneMap> ZoneMap::Open(const Table& table, schema::PropertyOrdinal property) {
  OG_RETURN_IF_ERROR(table.Open());
  ZoneMap map(table);
  const types::Type& type = table.type().properties[property].type;
  const Table::Rows& rows = table.rows();
  for (std::size_t i = 0; i < rows.starts.size(); ++i) {
    const Chunk& chunk = *rows.chunks[rows.start_chunks[i]];
    if (chunk.rows_count() < kChunkRowsMin) continue;
    std::shared_ptr<const index::Zones> zones = chunk.OpenZones(property, type.scalar);
    if (zones == nullptr) continue;
    map.parts_.push_back({rows.starts[i], rows.starts[i] + chunk.rows_count(), std::move(zones)});
  }
  return map;
}

bool ZoneMap::HasMoved(RowId row, RowId end) const {
  const auto& moved = table_->rows().moved;
  if (moved.empty()) return false;
  constexpr RowId kPage = std::remove_cvref_t<decltype(moved)>::kPageSize;
  for (RowId page = row / kPage; page * kPage < end; ++page) {
    if (moved.FindPage(page) != nullptr) return true;
  }
  return false;
}

RowId ZoneMap::NextMaybe(RowId row, std::int64_t min, std::int64_t max) const {
  auto part = std::upper_bound(parts_.begin(), parts_.end(), row,
                               [](RowId r, const Part& p) { return r < p.end; });
  while (part != parts_.end() && row >= part->begin) {
    const RowId position = row - part->begin;
    const RowId zone_begin =
        part->begin + position / index::Zones::kZoneRows * index::Zones::kZoneRows;
    const RowId zone_end = part->end - zone_begin > index::Zones::kZoneRows
                               ? zone_begin + index::Zones::kZoneRows
                               : part->end;
    if (part->zones->MayHold(position, min, max) || HasMoved(zone_begin, zone_end)) return row;
    row = zone_end;
    if (row == part->end) ++part;
  }
  return row;
}

}  // namespace omnigraph::table
