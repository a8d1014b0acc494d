// Counts assignments of variables that nobody reads, without enumerating them.
//
// The variables of a fold form a tree. What hangs below one node is a sum of products:
//   below(x) = product over children c of ( sum over y in neighbours_c(x) of below(y) )
// A leaf's sum is a degree. Sums are remembered by node once enough of them were asked for.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "exec/context.h"
#include "exec/neighborhood.h"
#include "exec/plan.h"

namespace omnigraph::exec {

class FoldCounter {
 public:
  static Result<std::unique_ptr<FoldCounter>> Bind(const Fold& fold, Context& context);

  /// The number of assignments for these ends of the hops. Saturates at 2^64 - 1.
  std::uint64_t Count(std::span<const RowId> from);

 private:
  FoldCounter(Intersection reached, Context& context)
      : reached_(std::move(reached)), context_(&context) {}

  std::uint64_t Compute(std::span<const RowId> from);
  std::uint64_t Below(RowId node);
  void StartMemo();

  Intersection reached_;
  Context* context_;
  std::vector<std::unique_ptr<FoldCounter>> children_;
  // Sums by the node at the other end of a single hop; kUnknown where not computed.
  std::vector<std::uint64_t> memo_;
  RowId memo_size_ = 0;         // 0 where a memo is of no use.
  std::uint64_t computed_ = 0;  // Sums computed without it.
};

}  // namespace omnigraph::exec
