// Implements table/table_builder.h.

#include "table/table_builder.h"

#include <arrow/api.h>

#include <algorithm>
#include <roaring/roaring.hh>

#include "format/fragment.h"
#include "format/row_batch.h"
#include "table/rows.h"

namespace omnigraph::table {
namespace {

Status DoesNotFit(const schema::TableType& type, std::string_view what) {
  return Status::Error(ErrorCode::kCorruption,
                       "table '" + type.table_key + "' is damaged: " + std::string(what));
}

}  // namespace

TableBuilder::TableBuilder(std::shared_ptr<const schema::TableType> type)
    : type_(std::move(type)), rows_(std::make_unique<Table::Rows>()) {}

TableBuilder::TableBuilder(const Table& previous)
    : type_(previous.type_),
      rows_(std::make_unique<Table::Rows>(*previous.rows_)),
      row_ids_end_(previous.row_ids_end_),
      is_derived_(true),
      previous_edge_lists_(previous.rows_->edge_lists) {
  if (previous.is_edge_ && !previous.Open().ok()) is_rebuilt_ = true;
}

TableBuilder::~TableBuilder() = default;

Status TableBuilder::AddFragment(std::shared_ptr<const Chunk> chunk) {
  if (chunk->is_contiguous()) return AddContiguous(std::move(chunk));
  OG_RETURN_IF_ERROR(chunk->Open());
  return AddMoved(std::move(chunk));
}

Status TableBuilder::AddContiguous(std::shared_ptr<const Chunk> chunk) {
  if (chunk->first_row() < row_ids_end_) return DoesNotFit(*type_, "fragments overlap");
  // Ids that no stored row carries are like deleted ones.
  KillRange(row_ids_end_, chunk->first_row());
  rows_->starts.push_back(chunk->first_row());
  rows_->start_chunks.push_back(static_cast<std::uint32_t>(rows_->chunks.size()));
  row_ids_end_ = chunk->first_row() + chunk->rows_count();
  rows_->chunks.push_back(std::move(chunk));
  return Status::Ok();
}

Status TableBuilder::AddMoved(std::shared_ptr<const Chunk> chunk) {
  rows_->chunks.push_back(chunk);
  const auto number = static_cast<std::uint32_t>(rows_->chunks.size());
  const std::uint32_t* row_ids = chunk->data().row_ids;
  for (std::uint32_t position = 0; position < chunk->rows_count(); ++position) {
    const RowId row = row_ids[position];
    if (row >= row_ids_end_ || rows_->IsDead(row)) {
      return DoesNotFit(*type_, "an update names a row that does not exist");
    }
    NoteEdge(row, false);
    rows_->moved.Set(row, {number, position});
    NoteEdge(row, true);
  }
  return Status::Ok();
}

Status TableBuilder::AddDeleted(std::string_view roaring_bytes, std::string_view object) {
  if (roaring_bytes.empty()) return Status::Ok();
  // Refuses what is cut, before the reader without bounds sees it.
  roaring_bitmap_t* parsed =
      roaring_bitmap_portable_deserialize_safe(roaring_bytes.data(), roaring_bytes.size());
  if (parsed == nullptr) {
    return DoesNotFit(*type_, "the deleted rows in '" + std::string(object) + "' are malformed");
  }
  const Roaring deleted(parsed);  // Takes ownership.
  for (const std::uint32_t row : deleted) {
    if (row < row_ids_end_ && !rows_->IsDead(row)) OG_RETURN_IF_ERROR(Kill(row));
  }
  return Status::Ok();
}

Status TableBuilder::AddSegment(const format::Segment& segment) {
  if (segment.removes_all_before) {
    rows_ = std::make_unique<Table::Rows>();
    KillRange(0, row_ids_end_);
    is_rebuilt_ = true;
  }
  // Before the rows: an edge that a cascade removes may point at what they replace.
  for (const RowId row : segment.deleted) {
    if (row >= row_ids_end_ || rows_->IsDead(row)) {
      return DoesNotFit(*type_, "a deletion names a row that does not exist");
    }
    OG_RETURN_IF_ERROR(Kill(row));
  }
  return segment.bytes && !segment.bytes->empty() ? AddSegmentRows(segment) : Status::Ok();
}

Status TableBuilder::AddSegmentRows(const format::Segment& segment) {
  const bool has_ids = format::LayoutOf(*type_).ids == format::RowLayout::Ids::kColumn &&
                       segment.generated_id_base.empty();
  OG_ASSIGN_OR_RETURN(const auto batch, format::DecodeSegmentRows(segment.bytes, *type_, has_ids,
                                                                  "segment " + segment.id));
  const auto inserted = static_cast<std::int64_t>(segment.inserted_count);
  const auto updated = static_cast<std::int64_t>(segment.updated.size());
  if (batch->num_rows() != inserted + updated) return DoesNotFit(*type_, "a segment is cut");
  if (inserted > 0) {
    OG_ASSIGN_OR_RETURN(
        const auto chunk,
        Chunk::OfBatch(batch->Slice(0, inserted), static_cast<RowId>(segment.first_row_id), nullptr,
                       segment.generated_id_base, *type_));
    OG_RETURN_IF_ERROR(AddContiguous(chunk));
    NoteIds(*chunk);
    for (RowId row = chunk->first_row(); row < row_ids_end_; ++row)
      NoteEdge(row, true);
  }
  if (updated > 0) {
    OG_ASSIGN_OR_RETURN(
        const auto chunk,
        Chunk::OfBatch(batch->Slice(inserted, updated), 0,
                       std::make_shared<const std::vector<RowId>>(segment.updated), "", *type_));
    OG_RETURN_IF_ERROR(AddMoved(chunk));
  }
  return Status::Ok();
}

void TableBuilder::ShareEdgeLists(const Table& same) {
  previous_edge_lists_ = same.rows().edge_lists;
}

Status TableBuilder::Kill(RowId row) {
  NoteEdge(row, false);
  rows_->dead.Mutable(row / 64) |= std::uint64_t{1} << (row % 64);
  ++rows_->dead_count;
  return Status::Ok();
}

void TableBuilder::KillRange(RowId begin, RowId end) {
  rows_->dead_count += end - begin;
  while (begin < end) {
    if (begin % 64 == 0 && end - begin >= 64) {
      rows_->dead.Mutable(begin / 64) = ~std::uint64_t{0};
      begin += 64;
    } else {
      rows_->dead.Mutable(begin / 64) |= std::uint64_t{1} << (begin % 64);
      ++begin;
    }
  }
}

void TableBuilder::NoteEdge(RowId row, bool is_added) {
  if (!is_derived_ || is_rebuilt_ || schema::IsNodeTable(*type_)) return;
  const auto place = rows_->Locate(row);
  const ChunkData& data = place.chunk->data();
  edge_changes_.push_back(
      {row, data.sources[place.position], data.targets[place.position], is_added});
}

void TableBuilder::NoteIds(const Chunk& chunk) {
  if (chunk.data().ids.array == nullptr) return;
  for (std::uint32_t i = 0; i < chunk.rows_count(); ++i) {
    rows_->tail_keys.Insert(index::KeyHash(chunk.StoredId(i)), chunk.first_row() + i);
  }
}

Result<std::shared_ptr<const Table>> TableBuilder::Finish(std::uint64_t row_ids_end,
                                                          std::uint64_t rows_count) {
  if (row_ids_end < row_ids_end_ || row_ids_end >= kNoRow) {
    return DoesNotFit(*type_, "it has more rows than its commit says");
  }
  KillRange(row_ids_end_, static_cast<RowId>(row_ids_end));
  row_ids_end_ = static_cast<RowId>(row_ids_end);
  const std::uint64_t live = row_ids_end_ - rows_->dead_count;
  if (live != rows_count) {
    return DoesNotFit(*type_, "it has " + std::to_string(live) + " rows, its commit says " +
                                  std::to_string(rows_count));
  }
  rows_->edge_lists =
      EdgeLists::After(is_rebuilt_ ? nullptr : previous_edge_lists_, std::move(edge_changes_));
  const std::shared_ptr<Table> table(new Table(std::move(type_), std::move(rows_)));
  table->rows_count_ = live;
  table->row_ids_end_ = row_ids_end_;
  return std::shared_ptr<const Table>(table);
}

}  // namespace omnigraph::table
