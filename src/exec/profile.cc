// Implements exec/profile.h.

#include "exec/profile.h"

#include "base/clock.h"

namespace omnigraph::exec {
namespace {

class Probe final : public Operator {
 public:
  Probe(StepInput* input, PipelineState& state) : Operator(state), input_(input) {}

  Status Push(Batch* batch) override {
    Context& context = state_.context;
    input_->rows_count += batch->rows_count;
    ++input_->batches_count;
    const std::uint64_t edges_before = context.edges_count();
    const std::uint64_t memory_before = context.memory().used();
    const std::uint64_t begin = MonotonicNanos();
    const Status status = next_->Push(batch);
    input_->nanos += MonotonicNanos() - begin;
    input_->edges_count += context.edges_count() - edges_before;
    const std::uint64_t memory_after = context.memory().used();
    if (memory_after > memory_before) input_->memory_bytes += memory_after - memory_before;
    return status;
  }

 private:
  StepInput* input_;
};

}  // namespace

void StepInput::Add(const StepInput& other) {
  rows_count += other.rows_count;
  batches_count += other.batches_count;
  edges_count += other.edges_count;
  memory_bytes += other.memory_bytes;
  nanos += other.nanos;
}

const StepInput* Profile::FindInput(const Step& step) const {
  const auto found = by_step_.find(&step);
  return found == by_step_.end() ? nullptr : &found->second;
}

const StepInput* Profile::FindOutput(const PatternPlan& plan) const {
  const auto found = by_plan_.find(&plan);
  return found == by_plan_.end() ? nullptr : &found->second;
}

void Profile::Add(const Profile& other) {
  for (const auto& [step, input] : other.by_step_)
    by_step_[step].Add(input);
  for (const auto& [plan, output] : other.by_plan_)
    by_plan_[plan].Add(output);
}

std::unique_ptr<Operator> MakeProbe(StepInput* input, PipelineState& state) {
  return std::make_unique<Probe>(input, state);
}

}  // namespace omnigraph::exec
