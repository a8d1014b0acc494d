// Implements exec/grouping.h.

#include "exec/grouping.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace omnigraph::exec {
namespace {

using query::ExpressionKind;

// The memo by row id is started after a share of its size in lookups.
constexpr std::uint64_t kMemoShare = 8;

// Whether two nodes with the same value of this column are one node.
bool Identifies(const query::Expression& expression, Context& context) {
  if (expression.kind == ExpressionKind::kNode) return true;
  if (expression.kind != ExpressionKind::kProperty) return false;
  const query::Variable& variable = context.query().variables[expression.variable];
  if (variable.kind != query::VariableKind::kNode) return false;
  const schema::ColumnGroup& key = context.catalog().node(variable.type).key;
  return key.size() == 1 && key[0] == expression.property;
}

}  // namespace

std::string_view KeyTable::Key(std::uint32_t number) const {
  const std::uint64_t begin = number == 0 ? 0 : ends_[number - 1];
  return std::string_view(keys_).substr(begin, ends_[number] - begin);
}

std::uint32_t KeyTable::FindOrAdd(std::string_view key) {
  if (hashes_.size() * 2 >= places_.size()) Grow();
  const std::uint64_t hash = std::hash<std::string_view>()(key);
  const std::uint64_t mask = places_.size() - 1;
  std::uint64_t place = hash & mask;
  for (; places_[place] != 0; place = (place + 1) & mask) {
    const std::uint32_t number = places_[place] - 1;
    if (hashes_[number] == hash && Key(number) == key) return number;
  }
  const std::uint32_t number = size();
  places_[place] = number + 1;
  hashes_.push_back(hash);
  keys_ += key;
  ends_.push_back(keys_.size());
  return number;
}

void KeyTable::Grow() {
  places_.assign(std::max<std::size_t>(16, places_.size() * 2), 0);
  const std::uint64_t mask = places_.size() - 1;
  for (std::uint32_t number = 0; number < size(); ++number) {
    std::uint64_t place = hashes_[number] & mask;
    while (places_[place] != 0)
      place = (place + 1) & mask;
    places_[place] = number + 1;
  }
}

Result<Grouping> Grouping::Bind(Context& context) {
  Grouping grouping(context);
  for (const query::Projection& projection : context.query().projections) {
    if (projection.aggregate.has_value()) continue;
    const std::vector<std::uint32_t> variables = VariablesOf(projection.expression);
    if (variables.empty()) continue;  // A constant splits no group.
    grouping.slots_.insert(grouping.slots_.end(), variables.begin(), variables.end());
    if (Identifies(projection.expression, context)) {
      grouping.identified_.push_back(projection.expression.variable);
    }
    OG_ASSIGN_OR_RETURN(BoundExpression key, BoundExpression::Bind(projection.expression, context));
    grouping.keys_.push_back(std::move(key));
  }
  for (std::vector<Slot>* slots : {&grouping.slots_, &grouping.identified_}) {
    std::sort(slots->begin(), slots->end());
    slots->erase(std::unique(slots->begin(), slots->end()), slots->end());
  }
  if (grouping.keys_.size() == 1 && grouping.identified_.empty()) {
    const table::Column* column = grouping.keys_[0].column();
    if (column != nullptr && column->has_texts()) grouping.text_column_ = column;
  }
  if (grouping.slots_.size() == 1 && grouping.text_column_ == nullptr) {
    OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(grouping.slots_[0]));
    grouping.memo_size_ = table->row_ids_end();
  }
  return grouping;
}

bool Grouping::Determines(std::uint32_t variable) const {
  return std::binary_search(identified_.begin(), identified_.end(), variable);
}

bool Grouping::IsSameNodes(const Batch& batch, std::size_t row) const {
  if (row == 0) return false;
  return std::all_of(slots_.begin(), slots_.end(), [&](Slot slot) {
    return batch.slots[slot][row] == batch.slots[slot][row - 1];
  });
}

std::uint32_t Grouping::AddGroup(const Batch& batch, std::size_t row) {
  for (const Slot slot : slots_) {
    representatives_.slots[slot].push_back(batch.slots[slot][row]);
  }
  representatives_.rows_count = groups_count_ + std::size_t{1};
  return groups_count_++;
}

std::uint32_t Grouping::FindGroup(const Batch& batch, std::size_t row) {
  key_.clear();
  if (identified_.size() == slots_.size()) {
    // Row ids tell the groups apart.
    for (const Slot slot : slots_) {
      const RowId id = batch.slots[slot][row];
      key_.append(reinterpret_cast<const char*>(&id), sizeof(id));
    }
  } else {
    for (const BoundExpression& key : keys_) {
      AppendGroupKey(key.Evaluate(batch, row, &arena_), key_);
    }
    arena_.clear();
  }
  const std::uint32_t group = table_.FindOrAdd(key_);
  return group == groups_count_ ? AddGroup(batch, row) : group;
}

std::uint32_t Grouping::GroupOf(const Batch& batch, std::size_t row) {
  if (memo_.empty()) {
    ++lookups_count_;
    return FindGroup(batch, row);
  }
  std::uint32_t& known = memo_[batch.slots[slots_[0]][row]];
  if (known == 0) {
    // Where the row id alone makes the group, the memo replaces the hash table.
    known = (identified_.empty() ? FindGroup(batch, row) : AddGroup(batch, row)) + 1;
  }
  return known - 1;
}

Status Grouping::StartMemo() {
  OG_RETURN_IF_ERROR(context_->memory().Take(memo_size_ * sizeof(std::uint32_t)));
  memo_.resize(memo_size_);
  if (identified_.empty()) return Status::Ok();
  const std::vector<RowId>& nodes = representatives_.slots[slots_[0]];
  for (std::uint32_t group = 0; group < groups_count_; ++group)
    memo_[nodes[group]] = group + 1;
  return Status::Ok();
}

void Grouping::AssignByText(const Batch& batch, std::vector<std::uint32_t>* groups) {
  const std::vector<RowId>& nodes = batch.slots[slots_[0]];
  texts_.resize(nodes.size());
  nulls_.resize(nodes.size());
  text_column_->GatherTexts(nodes, texts_.data(), nulls_.data());
  for (std::size_t row = 0; row < nodes.size(); ++row) {
    if (nulls_[row] != 0) {
      if (!null_group_.has_value()) null_group_ = AddGroup(batch, row);
      groups->push_back(*null_group_);
      continue;
    }
    const std::uint32_t number = table_.FindOrAdd(texts_[row]);
    if (number == group_of_text_.size()) group_of_text_.push_back(AddGroup(batch, row));
    groups->push_back(group_of_text_[number]);
  }
}

Status Grouping::Assign(const Batch& batch, std::vector<std::uint32_t>* groups) {
  groups->clear();
  if (slots_.empty()) {
    if (groups_count_ == 0 && batch.rows_count > 0) AddGroup(batch, 0);
    groups->resize(batch.rows_count, 0);
    return Status::Ok();
  }
  if (memo_.empty() && memo_size_ > 0 &&
      lookups_count_ + batch.rows_count > memo_size_ / kMemoShare) {
    OG_RETURN_IF_ERROR(StartMemo());
  }
  groups->reserve(batch.rows_count);
  if (text_column_ != nullptr) AssignByText(batch, groups);
  for (std::size_t row = groups->size(); row < batch.rows_count; ++row) {
    if (!IsSameNodes(batch, row)) last_group_ = GroupOf(batch, row);
    groups->push_back(last_group_);
  }
  const std::uint64_t size_bytes =
      table_.size_bytes() + groups_count_ * sizeof(RowId) * slots_.size();
  if (size_bytes > bytes_taken_) {
    OG_RETURN_IF_ERROR(context_->memory().Take(size_bytes - bytes_taken_));
    bytes_taken_ = size_bytes;
  }
  return Status::Ok();
}

}  // namespace omnigraph::exec
