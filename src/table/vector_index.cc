// Implements table/vector_index.h.

#include "table/vector_index.h"

#include <limits>
#include <vector>

#include "table/rows.h"

namespace omnigraph::table {

Result<std::shared_ptr<const VectorIndex>> VectorIndex::Open(const Table& table,
                                                             schema::PropertyOrdinal property,
                                                             Build build) {
  const std::uint32_t dimensions = table.type().properties[property].type.dimensions;
  if (dimensions > index::VectorCodes::kDimensionsMax) return std::shared_ptr<const VectorIndex>();
  OG_RETURN_IF_ERROR(table.Open());
  const std::shared_ptr<VectorIndex> opened(new VectorIndex(table));
  bool has_large = false;
  bool has_codes_of_large = false;
  for (const std::shared_ptr<const Chunk>& chunk : table.rows().chunks) {
    const bool is_small = chunk->rows_count() <= kSmallRows;
    const std::uint32_t asks_min = build == Build::kAlways || is_small ? 0 : kAsksMin;
    auto codes = chunk->OpenVectorCodes(property, dimensions, asks_min);
    has_large = has_large || !is_small;
    has_codes_of_large = has_codes_of_large || (!is_small && codes != nullptr);
    if (codes != nullptr) opened->codes_.emplace(chunk.get(), std::move(codes));
  }
  if (has_large && !has_codes_of_large) return std::shared_ptr<const VectorIndex>();
  return std::shared_ptr<const VectorIndex>(opened);
}

void VectorIndex::Bound(const index::VectorCodes::Query& query, std::span<const RowId> rows,
                        index::DistanceBounds* bounds) const {
  std::vector<std::uint32_t> positions;
  for (std::size_t begin = 0; begin < rows.size();) {
    const Table::Rows::Window window = table_.rows().WindowAround(rows[begin]);
    positions.clear();
    std::size_t end = begin;
    for (; end < rows.size() && rows[end] >= window.begin && rows[end] < window.end; ++end)
      positions.push_back(rows[end] - window.base);
    const auto codes = codes_.find(window.chunk);
    if (codes != codes_.end()) {
      codes->second->Bound(query, positions, bounds + begin);
    } else {
      std::fill(bounds + begin, bounds + end,
                index::DistanceBounds{0, std::numeric_limits<float>::infinity()});
    }
    begin = end;
  }
}

}  // namespace omnigraph::table
