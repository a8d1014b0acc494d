// Implements exec/weights.h.

#include "exec/weights.h"

namespace omnigraph::exec {

Status CountOverflow() {
  return Status::Error(ErrorCode::kResourceExhausted,
                       "the number of rows of the match exceeds 9223372036854775807 (I64)");
}

Status ScaleWeights(std::uint64_t factor, Batch* batch) {
  if (factor == 1) return Status::Ok();
  if (batch->weights.empty()) {
    batch->weights.assign(batch->rows_count, factor);
    return Status::Ok();
  }
  for (std::uint64_t& weight : batch->weights) {
    if (__builtin_mul_overflow(weight, factor, &weight)) return CountOverflow();
  }
  return Status::Ok();
}

}  // namespace omnigraph::exec
