// Implements exec/operator.h.

#include "exec/operator.h"

#include <algorithm>

namespace omnigraph::exec {

void BatchWriter::Replicate(const Batch& in, std::size_t row, std::size_t count) {
  for (const Slot slot : carried_) {
    batch_.slots[slot].insert(batch_.slots[slot].end(), count, in.slots[slot][row]);
  }
  if (!in.weights.empty()) batch_.weights.insert(batch_.weights.end(), count, in.weights[row]);
  batch_.rows_count += count;
}

Batch& BatchWriter::AppendCarried(const Batch& in, std::size_t row) {
  Replicate(in, row, 1);
  return batch_;
}

Status BatchWriter::Append(const Batch& in, std::size_t row, Slot slot,
                           std::span<const RowId> targets, const PipelineState& state,
                           Operator& next) {
  while (!targets.empty() && !state.is_stopped && !state.Skips(in, row)) {
    const std::size_t room = rows_max_ - batch_.rows_count;
    const std::span<const RowId> some = targets.first(std::min(room, targets.size()));
    Replicate(in, row, some.size());
    batch_.slots[slot].insert(batch_.slots[slot].end(), some.begin(), some.end());
    if (is_full()) OG_RETURN_IF_ERROR(Flush(state, next));
    targets = targets.subspan(some.size());
  }
  return Status::Ok();
}

Status BatchWriter::Flush(const PipelineState& state, Operator& next) {
  OG_RETURN_IF_ERROR(state.context.Poll());
  if (batch_.rows_count > 0 && !state.is_stopped) OG_RETURN_IF_ERROR(next.Push(&batch_));
  batch_.Clear();
  return Status::Ok();
}

}  // namespace omnigraph::exec
