// Implements table/tail.h.

#include "table/tail.h"

#include <algorithm>

#include "table/rows.h"

namespace omnigraph::table {
namespace {

// A fragment is taken along if it is not much larger than what is rewritten anyway.
constexpr std::uint64_t kGrowthFactor = 2;

}  // namespace

std::vector<RowId> DeadRows(const Table& table) {
  std::vector<RowId> dead;
  for (RowId row = 0; row < table.row_ids_end(); ++row) {
    const std::uint64_t word = table.rows().dead.Get(row / 64) >> (row % 64);
    if (word == 0) {
      row = row / 64 * 64 + 63;
    } else if ((word & 1) != 0) {
      dead.push_back(row);
    }
  }
  return dead;
}

FlushPlan PlanFlush(const Table& table) {
  const Table::Rows& rows = table.rows();
  FlushPlan plan;
  plan.end = table.row_ids_end();
  plan.begin = plan.end;

  std::vector<const Chunk*> contiguous;
  std::vector<const Chunk*> updates;
  std::uint64_t updated_rows = 0;
  for (const auto& chunk : rows.chunks) {
    if (chunk->is_contiguous()) {
      contiguous.push_back(chunk.get());
    } else {
      updates.push_back(chunk.get());
      if (chunk->is_segment()) updated_rows += chunk->rows_count();
    }
  }
  while (!contiguous.empty()) {
    const Chunk* last = contiguous.back();
    const bool is_adjacent = last->first_row() + last->rows_count() == plan.begin;
    const bool is_small =
        std::uint64_t{last->rows_count()} <= kGrowthFactor * std::uint64_t{plan.end - plan.begin};
    if (!last->is_segment() && !(is_adjacent && is_small)) break;
    plan.begin = last->first_row();
    contiguous.pop_back();
  }
  std::vector<const Chunk*> rewritten;
  while (!updates.empty()) {
    const Chunk* last = updates.back();
    if (!last->is_segment() && last->rows_count() > kGrowthFactor * updated_rows) break;
    if (!last->is_segment()) updated_rows += last->rows_count();
    rewritten.push_back(last);
    updates.pop_back();
  }
  // What stays must not reach into the rewritten range, where it would pass for newer.
  std::erase_if(updates, [&](const Chunk* chunk) {
    if (chunk->data().row_ids[chunk->rows_count() - 1] < plan.begin) return false;
    rewritten.push_back(chunk);
    return true;
  });
  for (const Chunk* chunk : contiguous)
    plan.kept.push_back(chunk->fragment());
  for (const Chunk* chunk : updates)
    plan.kept.push_back(chunk->fragment());
  for (const Chunk* chunk : rewritten) {
    for (std::uint32_t i = 0; i < chunk->rows_count(); ++i) {
      const RowId row = chunk->data().row_ids[i];
      if (row >= plan.begin || !table.IsLive(row)) continue;
      const auto place = rows.Locate(row);
      if (place.chunk == chunk && place.position == i) plan.moved.push_back(row);
    }
  }
  std::sort(plan.moved.begin(), plan.moved.end());
  plan.dead = DeadRows(table);
  return plan;
}

void AppendRow(const Table& table, RowId row, format::RowBatch* batch) {
  const auto place = table.rows().Locate(row);
  const ChunkData& data = place.chunk->data();
  for (schema::PropertyOrdinal i = 0; i < data.columns.size(); ++i) {
    if (data.columns[i].array == nullptr) {
      batch->column(i).AppendNull();
    } else {
      batch->column(i).AppendFrom(*data.columns[i].array, place.position);
    }
  }
  if (batch->layout().ids == format::RowLayout::Ids::kColumn) {
    std::string id;
    OG_CHECK(table.AppendId(row, id).ok());
    batch->AppendId(id);
  }
  if (table.is_edge()) {
    batch->AppendEndpoints(data.sources[place.position], data.targets[place.position]);
  }
  batch->FinishRow();
}

}  // namespace omnigraph::table
