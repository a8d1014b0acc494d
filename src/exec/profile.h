// What the steps of one execution did: rows, batches, edges, memory and time by step.

#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "exec/operator.h"
#include "exec/plan.h"

namespace omnigraph::exec {

/// What came into one step, and what happened until it and all steps behind it were done with it.
struct StepInput {
  std::uint64_t rows_count = 0;  ///< Tuples, whatever their weight.
  std::uint64_t batches_count = 0;
  std::uint64_t edges_count = 0;   ///< Neighbours looked at.
  std::uint64_t memory_bytes = 0;  ///< Taken from the budget and not given back.
  std::uint64_t nanos = 0;

  void Add(const StepInput& other);
};

/// Filled by one thread; profiles of several threads are added up.
class Profile {
 public:
  /// The input of `step`, or of the sink behind the last step of `plan`.
  StepInput& InputOf(const Step& step) { return by_step_[&step]; }
  StepInput& OutputOf(const PatternPlan& plan) { return by_plan_[&plan]; }

  const StepInput* FindInput(const Step& step) const;
  const StepInput* FindOutput(const PatternPlan& plan) const;

  void Add(const Profile& other);

  /// What the sink did after its last batch: no part of what the steps before it pushed.
  void AddFinish(std::uint64_t nanos) { finish_nanos_ += nanos; }
  std::uint64_t finish_nanos() const { return finish_nanos_; }

 private:
  std::map<const Step*, StepInput> by_step_;
  std::map<const PatternPlan*, StepInput> by_plan_;
  std::uint64_t finish_nanos_ = 0;
};

/// An operator that passes its batches on and adds to `input` what that took.
std::unique_ptr<Operator> MakeProbe(StepInput* input, PipelineState& state);

}  // namespace omnigraph::exec
