// Implements exec/pipeline.h, with the operators that only make sense in a chain: conditions,
// anti-joins, counts.

#include "exec/pipeline.h"

#include <numeric>
#include <utility>

#include "exec/expand.h"
#include "exec/filter.h"
#include "exec/join.h"
#include "exec/profile.h"
#include "exec/scan.h"
#include "exec/weights.h"

namespace omnigraph::exec {
namespace {

class Conditions final : public Operator {
 public:
  Conditions(FilterSet filters, PipelineState& state)
      : Operator(state), filters_(std::move(filters)) {}

  Status Push(Batch* batch) override {
    filters_.Apply(batch);
    return batch->rows_count == 0 ? Status::Ok() : next_->Push(batch);
  }

 private:
  FilterSet filters_;
};

// Adds up weights. With `wants_any` stops at the first tuple.
class CountSink final : public Operator {
 public:
  CountSink(bool wants_any, std::uint64_t* count, PipelineState& state)
      : Operator(state), wants_any_(wants_any), count_(count) {}

  Status Push(Batch* batch) override {
    for (std::size_t row = 0; row < batch->rows_count; ++row) {
      if (__builtin_add_overflow(*count_, batch->Weight(row), count_)) return CountOverflow();
    }
    state_.is_stopped = wants_any_ && *count_ > 0;
    return Status::Ok();
  }

 private:
  bool wants_any_;
  std::uint64_t* count_;
};

// Marks the tuples of the outer pattern for which the inner one holds.
class FoundSink final : public Operator {
 public:
  using Operator::Operator;

  Status Push(Batch* batch) override {
    for (const RowId ordinal : batch->slots[state_.ordinal_slot])
      (*state_.found)[ordinal] = 1;
    return Status::Ok();
  }
};

class AntiJoin final : public Operator {
 public:
  AntiJoin(const Step& step, std::size_t slots_count, PipelineState& state)
      : Operator(state),
        outer_(step.negation->outer_variables),
        ordinal_slot_(step.ordinal_slot),
        inner_batch_(slots_count) {}

  Status Open(const PatternPlan& inner, std::size_t slots_count) {
    OG_ASSIGN_OR_RETURN(
        inner_, Pipeline::Build(inner, state_.context, {slots_count, &found_, ordinal_slot_}));
    inner_->SetSink(std::make_unique<FoundSink>(inner_->state()));
    if (outer_.size() != 1) return Status::Ok();
    OG_ASSIGN_OR_RETURN(const table::Table* table, state_.context.TableOf(outer_[0]));
    verdicts_.resize(table->row_ids_end(), kUnknown);
    return state_.context.memory().Take(verdicts_.size());
  }

  Status Push(Batch* batch) override {
    rows_.clear();
    OG_RETURN_IF_ERROR(outer_.size() == 1 ? JudgeNodes(*batch) : JudgeTuples(*batch));
    batch->Keep(rows_);
    return batch->rows_count == 0 ? Status::Ok() : next_->Push(batch);
  }

 private:
  enum Verdict : std::uint8_t { kUnknown, kAsked, kKept, kDropped };

  // The pattern depends on one node: each node is judged once.
  Status JudgeNodes(const Batch& batch) {
    inner_batch_.Clear();
    const std::vector<RowId>& nodes = batch.slots[outer_[0]];
    for (const RowId node : nodes) {
      if (verdicts_[node] != kUnknown) continue;
      verdicts_[node] = kAsked;
      inner_batch_.slots[outer_[0]].push_back(node);
    }
    asked_ = inner_batch_.slots[outer_[0]];
    OG_RETURN_IF_ERROR(Judge(asked_.size()));
    for (std::size_t i = 0; i < asked_.size(); ++i) {
      verdicts_[asked_[i]] = found_[i] != 0 ? kDropped : kKept;
    }
    for (std::size_t row = 0; row < nodes.size(); ++row) {
      if (verdicts_[nodes[row]] == kKept) rows_.push_back(static_cast<std::uint32_t>(row));
    }
    return Status::Ok();
  }

  Status JudgeTuples(const Batch& batch) {
    inner_batch_.Clear();
    for (const std::uint32_t v : outer_)
      inner_batch_.slots[v] = batch.slots[v];
    OG_RETURN_IF_ERROR(Judge(batch.rows_count));
    for (std::size_t row = 0; row < batch.rows_count; ++row) {
      if (found_[row] == 0) rows_.push_back(static_cast<std::uint32_t>(row));
    }
    return Status::Ok();
  }

  Status Judge(std::size_t rows_count) {
    found_.assign(rows_count, 0);
    if (rows_count == 0) return Status::Ok();
    inner_batch_.rows_count = rows_count;
    std::vector<RowId>& ordinals = inner_batch_.slots[ordinal_slot_];
    ordinals.resize(rows_count);
    std::iota(ordinals.begin(), ordinals.end(), RowId{0});
    return inner_->Push(&inner_batch_);
  }

  std::vector<std::uint32_t> outer_;
  Slot ordinal_slot_;
  Batch inner_batch_;
  std::unique_ptr<Pipeline> inner_;
  std::vector<std::uint8_t> found_;
  std::vector<std::uint8_t> verdicts_;  // By row id of the only outer variable.
  std::vector<RowId> asked_;
  std::vector<std::uint32_t> rows_;
};

Result<std::unique_ptr<Operator>> MakeAntiJoin(const Step& step, std::size_t slots_count,
                                               PipelineState& state) {
  auto anti_join = std::make_unique<AntiJoin>(step, slots_count, state);
  OG_RETURN_IF_ERROR(anti_join->Open(step.inner[0], slots_count));
  return std::unique_ptr<Operator>(std::move(anti_join));
}

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::Build(const PatternPlan& plan, Context& context,
                                                  const Options& options) {
  std::unique_ptr<Pipeline> pipeline = std::make_unique<Pipeline>(Pipeline(plan));
  pipeline->options_ = options;
  pipeline->state_ = std::make_unique<PipelineState>(context);
  pipeline->state_->found = options.found;
  pipeline->state_->ordinal_slot = options.ordinal_slot;
  for (const Step& step : plan.steps)
    OG_RETURN_IF_ERROR(pipeline->AddStep(step));
  return pipeline;
}

Status Pipeline::AddStep(const Step& step) {
  if (Profile* profile = state_->context.profile()) {
    operators_.push_back(MakeProbe(&profile->InputOf(step), *state_));
  }
  std::vector<const query::Expression*> conditions = step.conditions;
  const std::size_t slots_count = options_.slots_count;
  const auto make = [&]() -> Result<std::unique_ptr<Operator>> {
    switch (step.kind) {
      case StepKind::kLookup:
        return MakeLookup(step, *state_);
      case StepKind::kScan:
        return MakeScan(step, slots_count, *state_, &conditions);
      case StepKind::kCountRows:
        return MakeCountRows(step, *state_);
      case StepKind::kJoin:
        return MakeJoin(step, slots_count, *state_, &conditions);
      case StepKind::kScanEdges:
        return MakeScanEdges(step, slots_count, *state_);
      case StepKind::kExpand:
        return MakeExpand(step, slots_count, *state_);
      case StepKind::kExpandEdges:
        return MakeExpandEdges(step, slots_count, *state_);
      case StepKind::kTestHop:
        return MakeTestHop(step, *state_);
      case StepKind::kFold:
        return MakeFold(step, *state_);
      case StepKind::kAntiJoin:
        return MakeAntiJoin(step, slots_count, *state_);
      case StepKind::kFilter:
        break;
    }
    return std::unique_ptr<Operator>();
  };
  OG_ASSIGN_OR_RETURN(std::unique_ptr<Operator> made, make());
  if (made != nullptr) operators_.push_back(std::move(made));
  if (conditions.empty()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(FilterSet filters, FilterSet::Bind(conditions, state_->context));
  operators_.push_back(std::make_unique<Conditions>(std::move(filters), *state_));
  return Status::Ok();
}

void Pipeline::SetSink(std::unique_ptr<Operator> sink) {
  if (Profile* profile = state_->context.profile()) {
    operators_.push_back(MakeProbe(&profile->OutputOf(plan_), *state_));
  }
  operators_.push_back(std::move(sink));
  for (std::size_t i = 0; i + 1 < operators_.size(); ++i) {
    operators_[i]->SetNext(operators_[i + 1].get());
  }
}

Status Pipeline::CountParts() {
  parts_are_counted_ = true;
  for (const PatternPlan& part : plan_.counted) {
    std::uint64_t count = 0;
    OG_ASSIGN_OR_RETURN(std::unique_ptr<Pipeline> pipeline,
                        Build(part, state_->context, {options_.slots_count}));
    const bool wants_any = state_->found != nullptr;
    pipeline->SetSink(std::make_unique<CountSink>(wants_any, &count, pipeline->state()));
    OG_RETURN_IF_ERROR(pipeline->Run());
    if (wants_any && count > 0) count = 1;
    if (__builtin_mul_overflow(parts_factor_, count, &parts_factor_)) return CountOverflow();
    if (count == 0) break;
  }
  return Status::Ok();
}

Status Pipeline::Push(Batch* batch) {
  if (plan_.is_never) return Status::Ok();
  if (!parts_are_counted_) OG_RETURN_IF_ERROR(CountParts());
  if (parts_factor_ == 0) return Status::Ok();
  OG_RETURN_IF_ERROR(ScaleWeights(parts_factor_, batch));
  OG_RETURN_IF_ERROR(state_->context.Poll());
  return operators_.front()->Push(batch);
}

Status Pipeline::Run() {
  Batch unit(options_.slots_count);
  unit.rows_count = 1;
  return Push(&unit);
}

}  // namespace omnigraph::exec
