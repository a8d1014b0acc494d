// The operators of one pattern, chained, with a sink at the end.

#pragma once

#include <memory>
#include <vector>

#include "base/status.h"
#include "exec/operator.h"
#include "exec/plan.h"

namespace omnigraph::exec {

class Pipeline {
 public:
  /// `make_sink` is called once with the state of the pipeline. `found` and `ordinal_slot` are
  /// those of `PipelineState` when the pattern stands in a `not`, else null and kNone. The plan
  /// must outlive the pipeline.
  struct Options {
    std::size_t slots_count = 0;
    std::vector<std::uint8_t>* found = nullptr;
    Slot ordinal_slot = query::kNone;
  };
  static Result<std::unique_ptr<Pipeline>> Build(const PatternPlan& plan, Context& context,
                                                 const Options& options);

  /// The sink, made with `state()`, that gets the matches. Set it before pushing.
  void SetSink(std::unique_ptr<Operator> sink);
  PipelineState& state() { return *state_; }

  /// Matches the pattern for tuples that bind what stands outside of it.
  Status Push(Batch* batch);
  /// Matches the pattern by itself.
  Status Run();

 private:
  explicit Pipeline(const PatternPlan& plan) : plan_(plan) {}

  Status AddStep(const Step& step);
  Status CountParts();

  const PatternPlan& plan_;
  Options options_;
  std::unique_ptr<PipelineState> state_;
  std::vector<std::unique_ptr<Operator>> operators_;  // The sink is the last.
  bool parts_are_counted_ = false;
  std::uint64_t parts_factor_ = 1;
};

}  // namespace omnigraph::exec
