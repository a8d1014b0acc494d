// Gives every tuple the number of its group; groups are numbered in the order in which they appear.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "exec/batch.h"
#include "exec/context.h"
#include "exec/expression.h"

namespace omnigraph::exec {

/// A hash table from bytes to small numbers that only grows.
class KeyTable {
 public:
  /// The number of `key`; a new one if it was not seen before.
  std::uint32_t FindOrAdd(std::string_view key);
  std::uint32_t size() const { return static_cast<std::uint32_t>(hashes_.size()); }
  std::uint64_t size_bytes() const {
    return keys_.capacity() + hashes_.capacity() * 16 + places_.capacity() * 4;
  }

 private:
  std::string_view Key(std::uint32_t number) const;
  void Grow();

  std::vector<std::uint32_t> places_;  // Number + 1, or 0; a power of two.
  std::vector<std::uint64_t> hashes_;  // By number.
  std::vector<std::uint64_t> ends_;    // By number: where its key ends in `keys_`.
  std::string keys_;
};

/// The group key of an aggregate query.
class Grouping {
 public:
  static Result<Grouping> Bind(Context& context);

  /// Replaces `groups` by the number of each tuple's group.
  Status Assign(const Batch& batch, std::vector<std::uint32_t>* groups);

  std::uint32_t groups_count() const { return groups_count_; }

  /// One tuple of each group, as a batch of `groups_count()` rows in the variables of the key.
  const Batch& representatives() const { return representatives_; }

  /// Whether all tuples of a group have the same node in this variable.
  bool Determines(std::uint32_t variable) const;

 private:
  explicit Grouping(Context& context)
      : context_(&context), representatives_(context.query().variables.size()) {}

  std::uint32_t GroupOf(const Batch& batch, std::size_t row);
  void AssignByText(const Batch& batch, std::vector<std::uint32_t>* groups);
  Status StartMemo();
  std::uint32_t FindGroup(const Batch& batch, std::size_t row);
  std::uint32_t AddGroup(const Batch& batch, std::size_t row);
  bool IsSameNodes(const Batch& batch, std::size_t row) const;

  Context* context_;
  std::vector<Slot> slots_;       // Variables in the key, ascending.
  std::vector<Slot> identified_;  // Those among them that a key column identifies.
  std::vector<BoundExpression> keys_;
  std::uint32_t groups_count_ = 0;
  Batch representatives_;
  KeyTable table_;
  std::string key_;
  ValueArena arena_;
  std::uint32_t last_group_ = 0;
  // With a single stored text as the key: its column, and the group of null.
  const table::Column* text_column_ = nullptr;
  std::optional<std::uint32_t> null_group_;
  std::vector<std::uint32_t> group_of_text_;  // By its number in `table_`.
  std::vector<std::string_view> texts_;       // Of the batch at hand.
  std::vector<std::uint8_t> nulls_;
  // With one variable: group + 1 by its row id, started when enough tuples were seen.
  std::vector<std::uint32_t> memo_;
  RowId memo_size_ = 0;
  std::uint64_t lookups_count_ = 0;
  std::uint64_t bytes_taken_ = 0;
};

}  // namespace omnigraph::exec
