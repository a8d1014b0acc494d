// Implements graph/load_table.h.

#include "graph/load_table.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/strings.h"
#include "index/key_index.h"
#include "schema/constraints.h"

namespace omnigraph::graph {
namespace {

using table::kNoRow;
using table::RowId;

constexpr std::size_t kRowsAtOnce = 8192;

// Runs `body(begin, end)` over parts of 0 … count; the error of the lowest part that has one.
Status ForParts(ThreadPool& pool, std::size_t count,
                const std::function<Status(std::size_t, std::size_t)>& body) {
  const std::size_t parts = (count + kRowsAtOnce - 1) / kRowsAtOnce;
  std::vector<Status> statuses(parts);
  ParallelFor(pool, parts, [&](std::size_t part) {
    statuses[part] = body(part * kRowsAtOnce, std::min(count, (part + 1) * kRowsAtOnce));
  });
  for (Status& status : statuses)
    OG_RETURN_IF_ERROR(std::move(status));
  return Status::Ok();
}

bool IsKeyed(const schema::TableType& type) {
  return schema::IsNodeTable(type) && static_cast<const schema::NodeType&>(type).has_key();
}

}  // namespace

LoadTable::LoadTable(const ParsedTable& parsed, const table::Table& stored, LoadMode mode)
    : parsed_(parsed),
      stored_(stored),
      mode_(mode),
      is_keyed_(IsKeyed(*parsed.type)),
      rows_(*parsed.type),
      ids_(0) {
  for (const ParsedRows& piece : parsed.pieces) {
    rows_.new_rows.pieces.push_back(&piece.rows);
    rows_.starts.push_back(rows_.size_);
    rows_.size_ += piece.rows.size();
    endpoint_starts_.push_back(endpoints_count_);
    endpoints_count_ += piece.size();
  }
  rows_.new_rows.describe = [this](std::size_t row) { return PlaceText(PlaceOf(row)); };
}

std::pair<const ParsedRows*, std::size_t> LoadTable::Locate(std::size_t row) const {
  const auto after = std::upper_bound(rows_.starts.begin(), rows_.starts.end(), row);
  const auto piece = static_cast<std::size_t>(after - rows_.starts.begin()) - 1;
  return {&parsed_.pieces[piece], row - rows_.starts[piece]};
}

std::pair<const ParsedRows*, std::size_t> LoadTable::EndpointsAt(std::size_t record) const {
  const auto after = std::upper_bound(endpoint_starts_.begin(), endpoint_starts_.end(), record);
  const auto piece = static_cast<std::size_t>(after - endpoint_starts_.begin()) - 1;
  return {&parsed_.pieces[piece], record - endpoint_starts_[piece]};
}

RecordPlace LoadTable::PlaceOf(std::size_t row) const {
  const auto [piece, at] = Locate(row);
  return piece->places[at];
}

std::optional<std::string_view> LoadTable::IdOf(std::size_t row) const {
  const auto [piece, at] = Locate(row);
  if (is_keyed_) return piece->rows.Id(at);
  if (piece->explicit_ids.size() == 0 || piece->explicit_ids.IsNull(at)) return std::nullopt;
  return piece->explicit_ids.Text(at);
}

Status LoadTable::RefuseTwice(std::size_t first, std::size_t second) const {
  const std::string rows = " (rows " + std::to_string(first) + " and " + std::to_string(second) +
                           " of the " + type().name + " records)";
  std::string text = PlaceText(PlaceOf(second)) + ": ";
  if (is_keyed_) {
    const auto& key = static_cast<const schema::NodeType&>(type()).key;
    const auto [piece, at] = Locate(second);
    std::vector<std::string> values;
    for (const schema::PropertyOrdinal column : key) {
      values.push_back(types::CanonicalText(piece->rows.column(column).Value(at)));
    }
    text += schema::UniqueViolation(type(), key, values) + rows;
  } else {
    text +=
        "id " + Quoted(*IdOf(second)) + " of " + type().name + " stands in the input twice" + rows;
  }
  return Status::Error(ErrorCode::kInvalidArgument, std::move(text));
}

Status LoadTable::IndexIds(ThreadPool& pool) {
  if (!is_keyed_ && !parsed_.has_explicit_ids) return Status::Ok();
  hashes_.resize(size());
  OG_RETURN_IF_ERROR(ForParts(pool, size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      if (const auto id = IdOf(row)) hashes_[row] = index::KeyHash(*id);
    }
    return Status::Ok();
  }));
  ids_ = HashTable(size());
  for (std::size_t row = 0; row < size(); ++row) {
    const auto id = IdOf(row);
    if (!id) continue;
    const auto number = static_cast<std::uint32_t>(row);
    const auto same = ids_.FindOrInsert(hashes_[row], number,
                                        [&](std::uint32_t other) { return IdOf(other) == id; });
    if (!same) continue;
    if (is_keyed_ || mode_ != LoadMode::kMerge) return RefuseTwice(*same, row);
    rows_.new_rows.is_superseded.resize(size());
    rows_.new_rows.is_superseded[*same] = true;
    ids_.Replace(hashes_[row], *same, number);
  }
  return Status::Ok();
}

Status LoadTable::LookUpStored(ThreadPool& pool) {
  if (hashes_.empty() || stored_.rows_count() == 0 || removes_all_before()) return Status::Ok();
  stored_rows_.assign(size(), kNoRow);
  OG_RETURN_IF_ERROR(ForParts(pool, size(), [&](std::size_t begin, std::size_t end) -> Status {
    for (std::size_t row = begin; row < end; ++row) {
      const auto id = IdOf(row);
      if (!id || IsSuperseded(row)) continue;
      OG_ASSIGN_OR_RETURN(const std::optional<RowId> found, stored_.FindById(*id));
      stored_rows_[row] = found.value_or(kNoRow);
    }
    return Status::Ok();
  }));
  replaced_.assign(stored_.row_ids_end(), false);
  for (const RowId row : stored_rows_) {
    if (row != kNoRow) replaced_[row] = true;
  }
  return Status::Ok();
}

Status LoadTable::AssignRowIds(ThreadPool& pool) {
  OG_RETURN_IF_ERROR(LookUpStored(pool));
  if (size() >= kNoRow - stored_.row_ids_end()) {
    return Status::Error(ErrorCode::kResourceExhausted,
                         type().table_key + " cannot take " + std::to_string(size()) +
                             " more rows: row ids would exceed 32 bits (table.row_ids_max); "
                             "optimize the graph and try again");
  }
  row_ids_.resize(size());
  RowId next = stored_.row_ids_end();
  for (std::size_t row = 0; row < size(); ++row) {
    if (IsSuperseded(row)) {
      row_ids_[row] = kNoRow;
    } else {
      row_ids_[row] = IsUpdate(row) ? stored_rows_[row] : next++;
    }
  }
  return Status::Ok();
}

RowId LoadTable::FindNew(std::string_view id, std::uint64_t hash) const {
  const auto row = ids_.Find(hash, [&](std::uint32_t other) { return IdOf(other) == id; });
  return row ? row_ids_[*row] : kNoRow;
}

Status LoadTable::CheckAppend() const {
  if (mode_ != LoadMode::kAppend || stored_rows_.empty()) return Status::Ok();
  for (std::size_t row = 0; row < size(); ++row) {
    if (stored_rows_[row] == kNoRow) continue;
    return Status::Error(ErrorCode::kConflict,
                         PlaceText(PlaceOf(row)) + ": " + type().name + " " + Quoted(*IdOf(row)) +
                             " already exists; append only adds rows, merge replaces them");
  }
  return Status::Ok();
}

bool LoadTable::Keeps(RowId stored_row) const {
  if (!replaces_all()) return true;
  return is_in_place_ && stored_row < replaced_.size() && replaced_[stored_row];
}

std::vector<RowId> LoadTable::UpdatedRows() const {
  std::vector<RowId> updated;
  for (const RowId row : stored_rows_) {
    if (row != kNoRow) updated.push_back(row);
  }
  return updated;
}

std::string LoadTable::NewIdText(RowId row) const {
  const auto found = std::find(row_ids_.begin(), row_ids_.end(), row);
  if (found == row_ids_.end()) return {};
  return std::string(IdOf(static_cast<std::size_t>(found - row_ids_.begin())).value_or(""));
}

void LoadTable::AppendId(const ParsedRows& piece, std::size_t at, std::string_view generated,
                         format::RowBatch* batch) const {
  const bool is_given = piece.explicit_ids.size() > 0 && !piece.explicit_ids.IsNull(at);
  batch->AppendId(is_given ? piece.explicit_ids.Text(at) : generated);
}

// The new rows of one piece, in runs between those that are not new. `generated` has an id for each
// row of the table, or nothing.
format::RowBatch LoadTable::CopyInserted(std::size_t piece,
                                         const std::vector<std::string>& generated) const {
  const ParsedRows& from = parsed_.pieces[piece];
  const std::size_t start = rows_.starts[piece];
  const std::size_t count = from.rows.size();
  format::RowBatch batch(type());
  std::size_t begin = 0;
  while (begin < count) {
    if (IsSuperseded(start + begin) || IsUpdate(start + begin)) {
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    while (end < count && !IsSuperseded(start + end) && !IsUpdate(start + end))
      ++end;
    batch.AppendRange(from.rows, begin, end - begin);
    for (std::size_t at = begin; at < end && !generated.empty(); ++at) {
      AppendId(from, at, generated[start + at], &batch);
    }
    if (!sources.empty()) {
      const auto copy = [&](const std::vector<RowId>& ends, std::vector<RowId>& to) {
        const auto first = ends.begin() + static_cast<std::ptrdiff_t>(start);
        to.insert(to.end(), first + static_cast<std::ptrdiff_t>(begin),
                  first + static_cast<std::ptrdiff_t>(end));
      };
      copy(sources, batch.mutable_sources());
      copy(targets, batch.mutable_targets());
    }
    begin = end;
  }
  return batch;
}

Result<TableDelta> LoadTable::BuildDelta(ThreadPool& pool) const {
  TableDelta delta(type());
  delta.removes_all_before = removes_all_before() && stored_.rows_count() > 0;

  // Random bits of its own: a generator that others use counts up within a millisecond, and would
  // give out again what this load counts through.
  UlidGenerator ulids(Clock::System(), Randomness::System());
  std::vector<std::string> generated;
  if (!is_keyed_ && parsed_.has_explicit_ids) {
    generated.resize(size());
    for (std::size_t row = 0; row < size(); ++row) {
      if (!IdOf(row)) generated[row] = ulids.Next();
    }
  }
  std::vector<format::RowBatch> pieces;
  for (std::size_t i = 0; i < parsed_.pieces.size(); ++i)
    pieces.emplace_back(type());
  ParallelFor(pool, pieces.size(),
              [&](std::size_t piece) { pieces[piece] = CopyInserted(piece, generated); });
  for (format::RowBatch& piece : pieces) {
    if (!piece.empty()) delta.inserted.push_back(std::move(piece));
  }
  if (!is_keyed_ && generated.empty() && !delta.inserted.empty()) {
    delta.generated_id_base = ulids.Next();
  }
  OG_RETURN_IF_ERROR(AddUpdated(&delta));
  if (is_in_place_) {
    ForEachKept(stored_, replaced_, [&](RowId row) { delta.deleted.push_back(row); });
  }
  return delta;
}

Status LoadTable::AddUpdated(TableDelta* delta) const {
  std::vector<std::pair<RowId, std::size_t>> updates;
  for (std::size_t row = 0; row < stored_rows_.size(); ++row) {
    if (stored_rows_[row] != kNoRow) updates.emplace_back(stored_rows_[row], row);
  }
  if (updates.empty()) return Status::Ok();
  std::sort(updates.begin(), updates.end());
  delta->updated.emplace(type());
  format::RowBatch& batch = *delta->updated;
  constexpr std::size_t kUpdatedBytesMax = std::size_t{1} << 30;
  for (const auto& [stored_row, row] : updates) {
    const auto [piece, at] = Locate(row);
    batch.AppendRange(piece->rows, at, 1);
    if (!is_keyed_) AppendId(*piece, at, {}, &batch);
    if (!sources.empty()) {
      batch.mutable_sources().push_back(sources[row]);
      batch.mutable_targets().push_back(targets[row]);
    }
    delta->updated_rows.push_back(stored_row);
    if (delta->updated_rows.size() % 1024 == 0 && batch.size_bytes() > kUpdatedBytesMax) {
      return Status::Error(ErrorCode::kResourceExhausted,
                           "the load replaces more than " + std::to_string(kUpdatedBytesMax) +
                               " bytes of " + type().table_key +
                               " (load.updated_bytes_max); load it in parts");
    }
  }
  return Status::Ok();
}

}  // namespace omnigraph::graph
