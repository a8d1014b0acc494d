// Implements exec/fold.h.

#include "exec/fold.h"

#include <limits>
#include <utility>

namespace omnigraph::exec {
namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max() - 1;
constexpr std::uint64_t kSaturated = std::numeric_limits<std::uint64_t>::max();
// A memo of n sums is started after n / kMemoShare of them.
constexpr std::uint64_t kMemoShare = 8;

std::uint64_t SaturatedAdd(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) || sum == kUnknown ? kSaturated : sum;
}

std::uint64_t SaturatedMultiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) || product == kUnknown ? kSaturated : product;
}

}  // namespace

Result<std::unique_ptr<FoldCounter>> FoldCounter::Bind(const Fold& fold, Context& context) {
  OG_ASSIGN_OR_RETURN(Intersection reached, Intersection::Bind(fold.hops, context));
  std::unique_ptr<FoldCounter> counter(
      std::make_unique<FoldCounter>(FoldCounter(std::move(reached), context)));
  for (const Fold& child : fold.children) {
    OG_ASSIGN_OR_RETURN(std::unique_ptr<FoldCounter> bound, Bind(child, context));
    counter->children_.push_back(std::move(bound));
  }
  if (fold.hops.size() == 1) {
    OG_ASSIGN_OR_RETURN(const table::Table* nodes, context.TableOf(fold.hops[0].from));
    counter->memo_size_ = nodes->row_ids_end();
  }
  return counter;
}

std::uint64_t FoldCounter::Count(std::span<const RowId> from) {
  if (memo_.empty()) {
    if (memo_size_ > 0 && ++computed_ > memo_size_ / kMemoShare) StartMemo();
    return Compute(from);
  }
  std::uint64_t& known = memo_[from[0]];
  if (known == kUnknown) known = Compute(from);
  return known;
}

std::uint64_t FoldCounter::Compute(std::span<const RowId> from) {
  if (children_.empty()) return reached_.Count(from);
  std::uint64_t sum = 0;
  for (const RowId node : reached_.Of(from)) {
    if (context_->is_interrupted()) return sum;
    sum = SaturatedAdd(sum, Below(node));
  }
  return sum;
}

std::uint64_t FoldCounter::Below(RowId node) {
  std::uint64_t product = 1;
  for (const std::unique_ptr<FoldCounter>& child : children_) {
    product = SaturatedMultiply(product, child->Count({&node, 1}));
    if (product == 0) return 0;
  }
  return product;
}

void FoldCounter::StartMemo() {
  // Without the memory for it the sums are computed again and again: slower, not wrong.
  if (context_->memory().Take(memo_size_ * sizeof(std::uint64_t)).ok()) {
    memo_.assign(memo_size_, kUnknown);
  } else {
    memo_size_ = 0;
  }
}

}  // namespace omnigraph::exec
