// Implements exec/result_table.h.

#include "exec/result_table.h"

#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/json_writer.h"

namespace omnigraph::exec {

ResultTable::ResultTable(std::vector<ResultColumn> columns) : columns_(std::move(columns)) {
  prefixes_.resize(columns_.size());
  std::unordered_map<std::string_view, std::size_t> last_of_name;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    last_of_name[columns_[i].name] = i;
  bool is_first = true;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (last_of_name[columns_[i].name] != i) continue;
    if (!is_first) prefixes_[i] = ",";
    is_first = false;
    AppendJsonString(columns_[i].name, prefixes_[i]);
    prefixes_[i].push_back(':');
  }
}

std::string_view ResultTable::CellJson(std::uint64_t row, std::size_t column) const {
  OG_CHECK(row < rows_count_ && column < columns_.size());
  const Extent& extent = ends_[row * (columns_.size() + 1) + column];
  const std::string& text = prefixes_[column].empty() ? shadowed_ : json_;
  return std::string_view(text).substr(extent.begin, extent.end - extent.begin);
}

std::string_view ResultTable::RowJson(std::uint64_t row) const {
  OG_CHECK(row < rows_count_);
  const Extent& extent = ends_[row * (columns_.size() + 1) + columns_.size()];
  return std::string_view(json_).substr(extent.begin, extent.end - extent.begin);
}

void ResultTable::BeginRow() {
  if (rows_count_ > 0) json_.push_back(',');
  const std::size_t first = ends_.size();
  ends_.resize(first + columns_.size() + 1);
  ends_.back().begin = json_.size();
  next_cell_ = 0;
  json_.push_back('{');
}

void ResultTable::EndCell() {
  if (next_cell_ == 0) return;
  const std::size_t column = next_cell_ - 1;
  Extent& extent = ends_[ends_.size() - columns_.size() - 1 + column];
  extent.end = prefixes_[column].empty() ? shadowed_.size() : json_.size();
}

std::string& ResultTable::BeginCell() {
  EndCell();
  OG_CHECK(next_cell_ < columns_.size());
  const std::string& prefix = prefixes_[next_cell_];
  std::string& text = prefix.empty() ? shadowed_ : json_;
  json_ += prefix;
  ends_[ends_.size() - columns_.size() - 1 + next_cell_].begin = text.size();
  ++next_cell_;
  return text;
}

void ResultTable::EndRow() {
  EndCell();
  OG_CHECK(next_cell_ == columns_.size());
  json_.push_back('}');
  ends_.back().end = json_.size();
  ++rows_count_;
}

}  // namespace omnigraph::exec
