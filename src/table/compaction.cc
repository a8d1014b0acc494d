// Implements table/compaction.h.

#include "table/compaction.h"

#include <algorithm>

#include "base/check.h"
#include "table/rows.h"
#include "table/tail.h"

namespace omnigraph::table {
namespace {

// Updated rows are left in a fragment of their own as long as they are a small part of a large
// table; else they go back to where their row was inserted.
constexpr std::uint64_t kUpdatesShareMax = 20;
constexpr std::uint64_t kUpdatesApartRowsMin = 100'000;
// Fragments without stored ids are cheaper than what merging them would give.
constexpr std::uint64_t kGeneratedRowsMin = 16'384;

RowId EndOf(const Chunk& chunk) {
  return chunk.first_row() + chunk.rows_count();
}

// Calls `visit(begin, end)` for the parts of [begin, end) between long stretches of dead rows.
template <typename Visit>
void ForEachStoredRange(const Table::Rows& rows, RowId begin, RowId end, Visit visit) {
  RowId stored_begin = begin;
  RowId dead_begin = begin;  // Of the dead rows just before `row`.
  RowId row = begin;
  const auto close_hole = [&](RowId at) {
    if (at - dead_begin < kHoleRowsMin) return;
    if (dead_begin > stored_begin) visit(stored_begin, dead_begin);
    stored_begin = at;
  };
  while (row < end) {
    const std::uint64_t word = rows.dead.Get(row / 64);
    if (row % 64 == 0 && end - row >= 64 && ~word == 0) {
      row += 64;
      continue;
    }
    if (row % 64 == 0 && end - row >= 64 && word == 0) {
      close_hole(row);
      dead_begin = row += 64;
      continue;
    }
    if ((word >> (row % 64) & 1) == 0) {
      close_hole(row);
      dead_begin = row + 1;
    }
    ++row;
  }
  close_hole(end);
  if (end > stored_begin) visit(stored_begin, end);
}

bool HasHole(const Table::Rows& rows, const Chunk& chunk) {
  std::uint64_t stored = 0;
  ForEachStoredRange(rows, chunk.first_row(), EndOf(chunk),
                     [&](RowId begin, RowId end) { stored += end - begin; });
  return stored != chunk.rows_count();
}

class Planner {
 public:
  Planner(const Table& table, const FragmentSize& size, std::uint64_t generation)
      : rows_(table.rows()), table_(table), size_(size), generation_(generation) {}

  CompactionPlan Plan() {
    LookAtUpdates();
    for (const std::uint32_t index : rows_.start_chunks)
      Add(*rows_.chunks[index]);
    EndGroup();
    PlaceUpdates();
    return std::move(plan_);
  }

 private:
  // Which rows have their newest image in a chunk of updates, and whether they go back.
  void LookAtUpdates() {
    std::uint64_t images = 0;
    for (const auto& chunk : rows_.chunks) {
      if (chunk->is_contiguous()) continue;
      updates_.push_back(chunk.get());
      images += chunk->rows_count();
      update_generation_ = std::max(
          update_generation_, chunk->is_segment() ? generation_ : chunk->fragment().generation);
      for (std::uint32_t i = 0; i < chunk->rows_count(); ++i) {
        const RowId row = chunk->data().row_ids[i];
        if (!table_.IsLive(row)) continue;
        const Table::Rows::Place place = rows_.Locate(row);
        if (place.chunk == chunk.get() && place.position == i) moved_.push_back(row);
      }
    }
    std::sort(moved_.begin(), moved_.end());
    folds_updates_ = images * kUpdatesShareMax >= table_.rows_count() ||
                     table_.rows_count() < kUpdatesApartRowsMin;
  }

  bool HasMoved(const Chunk& chunk) const {
    const auto at = std::lower_bound(moved_.begin(), moved_.end(), chunk.first_row());
    return at != moved_.end() && *at < EndOf(chunk);
  }

  void Add(const Chunk& chunk) {
    const format::FragmentInfo& info = chunk.fragment();
    const bool must_change =
        chunk.is_segment() || (folds_updates_ && HasMoved(chunk)) || HasHole(rows_, chunk);
    const bool is_large =
        chunk.rows_count() >= size_.rows_max / 2 || info.size_bytes >= size_.bytes_max / 2 ||
        (!info.generated_id_base.empty() && chunk.rows_count() >= kGeneratedRowsMin);
    if (!group_.empty() && EndOf(*group_.back()) != chunk.first_row()) EndGroup();
    if (!must_change && is_large) {
      EndGroup();
      plan_.kept.push_back(info);
      return;
    }
    group_.push_back(&chunk);
    group_must_change_ = group_must_change_ || must_change;
  }

  void EndGroup() {
    if (group_.size() == 1 && !group_must_change_) {
      plan_.kept.push_back(group_.front()->fragment());
    } else if (!group_.empty()) {
      CompactionPlan::Run run;
      for (const Chunk* chunk : group_) {
        run.generation = std::max(run.generation,
                                  chunk->is_segment() ? generation_ : chunk->fragment().generation);
        if (HasMoved(*chunk)) run.generation = std::max(run.generation, update_generation_);
        if (!chunk->is_segment()) ++plan_.fragments_removed;
      }
      const RowId begin = group_.front()->first_row();
      const RowId end = EndOf(*group_.back());
      ForEachStoredRange(rows_, begin, end,
                         [&](RowId from, RowId to) { run.ranges.emplace_back(from, to); });
      rewritten_.emplace_back(begin, end);
      plan_.runs.push_back(std::move(run));
    }
    group_.clear();
    group_must_change_ = false;
  }

  bool IsRewritten(RowId row) const {
    return std::any_of(rewritten_.begin(), rewritten_.end(), [row](const auto& range) {
      return range.first <= row && row < range.second;
    });
  }

  // Whether a stored chunk of updates has no image, dead or live, in what is written anew: an image
  // of a row that became a hole would be taken for damage.
  bool IsUntouched(const Chunk& updates) const {
    if (updates.is_segment()) return false;
    const std::uint32_t* row_ids = updates.data().row_ids;
    return std::none_of(row_ids, row_ids + updates.rows_count(),
                        [this](RowId row) { return IsRewritten(row); });
  }

  void PlaceUpdates() {
    std::erase_if(moved_, [this](RowId row) { return IsRewritten(row); });
    if (updates_.size() == 1 && !moved_.empty() && IsUntouched(*updates_.front())) {
      plan_.kept_updates.push_back(updates_.front()->fragment());
      return;
    }
    for (const Chunk* chunk : updates_)
      if (!chunk->is_segment()) ++plan_.fragments_removed;
    plan_.moved = std::move(moved_);
    plan_.moved_generation = update_generation_;
  }

  const Table::Rows& rows_;
  const Table& table_;
  const FragmentSize size_;
  const std::uint64_t generation_;
  CompactionPlan plan_;
  std::vector<const Chunk*> updates_;
  std::vector<RowId> moved_;
  std::uint64_t update_generation_ = 0;
  bool folds_updates_ = true;
  std::vector<const Chunk*> group_;  // Adjacent chunks that would be written together.
  bool group_must_change_ = false;
  std::vector<std::pair<RowId, RowId>> rewritten_;
};

}  // namespace

CompactionPlan PlanCompaction(const Table& table, const FragmentSize& size,
                              std::uint64_t generation) {
  return Planner(table, size, generation).Plan();
}

void AppendLiveOrBlankRow(const Table& table, RowId row, format::RowBatch* batch) {
  if (table.IsLive(row)) {
    AppendRow(table, row, batch);
    return;
  }
  const auto place = table.rows().Locate(row);
  const ChunkData& data = place.chunk->data();
  const format::RowLayout& layout = batch->layout();
  for (schema::PropertyOrdinal i = 0; i < data.columns.size(); ++i) {
    const bool is_id = layout.ids == format::RowLayout::Ids::kKeyColumn && i == layout.key_property;
    if (is_id && data.columns[i].array != nullptr) {
      batch->column(i).AppendFrom(*data.columns[i].array, place.position);
    } else {
      batch->column(i).AppendNull();
    }
  }
  if (layout.ids == format::RowLayout::Ids::kColumn) {
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
