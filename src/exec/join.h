// Joins parts of a pattern that no edge joins: by the value of a property.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "exec/operator.h"
#include "exec/plan.h"

namespace omnigraph::exec {

/// The rows of a table by the hash of one property (`EqualityHash`).
class JoinTable {
 public:
  struct Entry {
    std::uint64_t hash;
    RowId row;
  };

  /// `entries` ascend by row.
  explicit JoinTable(const std::vector<Entry>& entries);

  /// Every row with this hash and few others, ascending.
  std::span<const RowId> Find(std::uint64_t hash) const {
    const std::uint64_t bucket = hash & mask_;
    return std::span(rows_).subspan(begins_[bucket], begins_[bucket + 1] - begins_[bucket]);
  }

  /// What a table of so many rows holds while it is built.
  static std::uint64_t SizeBytes(std::size_t rows_count);

 private:
  std::uint64_t mask_;                 // Of the number of a bucket.
  std::vector<std::uint32_t> begins_;  // By bucket, and the end of the last.
  std::vector<RowId> rows_;            // Bucket by bucket.
};

/// Binds `step.variable` to the nodes for which `step.join` may hold: all of them and few others.
/// The table of the nodes is built when the first tuple arrives, from those that pass the
/// conditions that read nothing but the new variable; these are taken out of `conditions`, which
/// starts as `step.conditions`. With `is_by_key` there is no table, and what is found is exact.
Result<std::unique_ptr<Operator>> MakeJoin(const Step& step, std::size_t slots_count,
                                           PipelineState& state,
                                           std::vector<const query::Expression*>* conditions);

}  // namespace omnigraph::exec
