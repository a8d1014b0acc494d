// Implements graph/pending_rows.h.

#include "graph/pending_rows.h"

#include <utility>

namespace omnigraph::graph {

using table::RowId;

RowId PendingRows::Insert(format::RowBatch row, std::optional<std::string> id) {
  const RowId number = row_ids_end_ + static_cast<RowId>(inserted_.size());
  if (id.has_value()) rows_by_id_.emplace(*std::move(id), number);
  inserted_.push_back(std::move(row));
  return number;
}

void PendingRows::Replace(RowId row, format::RowBatch image) {
  if (row >= row_ids_end_) {
    inserted_[row - row_ids_end_] = std::move(image);
  } else {
    updated_.insert_or_assign(row, std::move(image));
  }
}

std::optional<RowId> PendingRows::Find(std::string_view id) const {
  const auto found = rows_by_id_.find(std::string(id));
  if (found == rows_by_id_.end()) return std::nullopt;
  return found->second;
}

const format::RowBatch* PendingRows::Image(RowId row) const {
  if (row >= row_ids_end_) return &inserted_[row - row_ids_end_];
  const auto found = updated_.find(row);
  return found == updated_.end() ? nullptr : &found->second;
}

TableDelta PendingRows::Take(std::string generated_id_base) {
  TableDelta delta(*type_);
  if (!inserted_.empty()) {
    format::RowBatch& rows = delta.inserted.emplace_back(*type_);
    for (const format::RowBatch& row : inserted_)
      rows.AppendAll(row);
    if (rows_by_id_.empty()) delta.generated_id_base = std::move(generated_id_base);
  }
  if (!updated_.empty()) {
    delta.updated.emplace(*type_);
    for (const auto& [row, image] : updated_) {
      delta.updated->AppendAll(image);
      delta.updated_rows.push_back(row);
    }
  }
  row_ids_end_ += static_cast<RowId>(inserted_.size());
  inserted_.clear();
  rows_by_id_.clear();
  updated_.clear();
  return delta;
}

}  // namespace omnigraph::graph
