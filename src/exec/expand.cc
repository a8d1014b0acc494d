// Implements exec/expand.h.

#include "exec/expand.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "exec/fold.h"
#include "exec/neighborhood.h"
#include "exec/weights.h"
#include "table/edge_rows.h"

namespace omnigraph::exec {
namespace {

// The variables that hops start from, as columns of a batch.
class HopStarts {
 public:
  explicit HopStarts(const std::vector<Hop>& hops) : from_(hops.size()) {
    for (const Hop& hop : hops)
      slots_.push_back(hop.from);
  }
  std::span<const RowId> Of(const Batch& batch, std::size_t row) {
    for (std::size_t i = 0; i < slots_.size(); ++i)
      from_[i] = batch.slots[slots_[i]][row];
    return from_;
  }

 private:
  std::vector<Slot> slots_;
  std::vector<RowId> from_;
};

class Expand final : public Operator {
 public:
  Expand(const Step& step, Intersection reached, std::size_t slots_count, PipelineState& state)
      : Operator(state),
        starts_(step.hops),
        reached_(std::move(reached)),
        slot_(step.variable),
        out_(slots_count, step.carried, state) {}

  Status Push(Batch* batch) override {
    for (std::size_t row = 0; row < batch->rows_count && !state_.is_stopped; ++row) {
      if (state_.Skips(*batch, row)) continue;
      const std::span<const RowId> targets = reached_.Of(starts_.Of(*batch, row));
      OG_RETURN_IF_ERROR(out_.Append(*batch, row, slot_, targets, state_, *next_));
      if (state_.context.is_interrupted()) break;
    }
    return out_.Flush(state_, *next_);
  }

 private:
  HopStarts starts_;
  Intersection reached_;
  Slot slot_;
  BatchWriter out_;
};

class ExpandEdges final : public Operator {
 public:
  ExpandEdges(const Step& step, std::size_t slots_count, PipelineState& state)
      : Operator(state),
        traversal_(*step.traversal),
        new_end_(step.variable),
        known_end_(step.variable == traversal_.source ? traversal_.target : traversal_.source),
        out_(slots_count, step.carried, state) {}

  Status Open(const Step& step) {
    OG_ASSIGN_OR_RETURN(const table::Table* table,
                        state_.context.view().EdgeTable(step.traversal->edge_type));
    OG_ASSIGN_OR_RETURN(table_edges_, table->BindEdges());
    if (new_end_ == query::kNone || goes_forward()) return Status::Ok();
    OG_ASSIGN_OR_RETURN(neighbors_,
                        BindNeighborhood(HopFrom(*step.traversal, known_end_), state_.context));
    return Status::Ok();
  }

  Status Push(Batch* batch) override {
    for (std::size_t row = 0; row < batch->rows_count && !state_.is_stopped; ++row) {
      if (state_.Skips(*batch, row)) continue;
      const RowId known = batch->slots[known_end_][row];
      if (new_end_ == query::kNone) {
        OG_RETURN_IF_ERROR(AppendEdges(*batch, row, known, batch->slots[traversal_.target][row]));
        continue;
      }
      if (goes_forward()) {
        OG_RETURN_IF_ERROR(AppendEdgesFrom(*batch, row, known));
        continue;
      }
      for (const RowId other : neighbors_->Of(known)) {
        const bool is_source = known_end_ == traversal_.source;
        OG_RETURN_IF_ERROR(
            AppendEdges(*batch, row, is_source ? known : other, is_source ? other : known));
        if (state_.is_stopped || state_.context.is_interrupted()) break;
      }
    }
    return out_.Flush(state_, *next_);
  }

 private:
  // Whether the edges of the known end are those that start at it.
  bool goes_forward() const { return known_end_ == traversal_.source && !traversal_.is_undirected; }

  Status AppendEdgesFrom(const Batch& batch, std::size_t row, RowId source) {
    table_edges_->FindFrom(source, &edges_from_);
    state_.context.CountEdges(edges_from_.size());
    for (const table::EdgeRows::Edge& edge : edges_from_) {
      if (state_.is_stopped || state_.context.is_interrupted()) break;
      OG_RETURN_IF_ERROR(AppendEdge(batch, row, edge.row, edge.target));
    }
    return Status::Ok();
  }

  // Every edge between the two; `source` and `target` as the traversal names them.
  Status AppendEdges(const Batch& batch, std::size_t row, RowId source, RowId target) {
    table_edges_->Find(source, target, &edges_);
    if (traversal_.is_undirected && source != target) {
      table_edges_->Find(target, source, &backward_edges_);
      edges_.insert(edges_.end(), backward_edges_.begin(), backward_edges_.end());
    }
    for (const RowId edge : edges_) {
      OG_RETURN_IF_ERROR(
          AppendEdge(batch, row, edge, new_end_ == traversal_.source ? source : target));
    }
    return Status::Ok();
  }

  Status AppendEdge(const Batch& batch, std::size_t row, RowId edge, RowId new_end) {
    Batch& out = out_.AppendCarried(batch, row);
    out.slots[traversal_.edge_variable].push_back(edge);
    if (new_end_ != query::kNone) out.slots[new_end_].push_back(new_end);
    return out_.is_full() ? out_.Flush(state_, *next_) : Status::Ok();
  }

  const query::Traversal& traversal_;
  std::uint32_t new_end_;
  std::uint32_t known_end_;
  BatchWriter out_;
  std::shared_ptr<const table::EdgeRows> table_edges_;
  std::unique_ptr<Neighborhood> neighbors_;  // Of ends that the edges do not start at.
  std::vector<table::EdgeRows::Edge> edges_from_;
  std::vector<RowId> edges_;
  std::vector<RowId> backward_edges_;
};

class TestHop final : public Operator {
 public:
  TestHop(const Hop& hop, std::unique_ptr<Neighborhood> neighbors, PipelineState& state)
      : Operator(state), from_(hop.from), to_(hop.to), neighbors_(std::move(neighbors)) {}

  Status Push(Batch* batch) override {
    rows_.clear();
    const std::vector<RowId>& from = batch->slots[from_];
    const std::vector<RowId>& to = batch->slots[to_];
    for (std::size_t row = 0; row < batch->rows_count; ++row) {
      if (neighbors_->Contains(from[row], to[row])) {
        rows_.push_back(static_cast<std::uint32_t>(row));
      }
      if (state_.context.is_interrupted()) break;
    }
    OG_RETURN_IF_ERROR(state_.context.Poll());
    batch->Keep(rows_);
    return batch->rows_count == 0 ? Status::Ok() : next_->Push(batch);
  }

 private:
  Slot from_;
  Slot to_;
  std::unique_ptr<Neighborhood> neighbors_;
  std::vector<std::uint32_t> rows_;
};

class FoldWeights final : public Operator {
 public:
  FoldWeights(const Fold& fold, std::unique_ptr<FoldCounter> counter, PipelineState& state)
      : Operator(state), starts_(fold.hops), counter_(std::move(counter)) {}

  Status Push(Batch* batch) override {
    rows_.clear();
    if (batch->weights.empty()) batch->weights.assign(batch->rows_count, 1);
    for (std::size_t row = 0; row < batch->rows_count; ++row) {
      const std::uint64_t count = counter_->Count(starts_.Of(*batch, row));
      if (count == 0) continue;
      std::uint64_t& weight = batch->weights[row];
      if (count == std::numeric_limits<std::uint64_t>::max() ||
          __builtin_mul_overflow(weight, count, &weight)) {
        return CountOverflow();
      }
      rows_.push_back(static_cast<std::uint32_t>(row));
      if (state_.context.is_interrupted()) break;
    }
    OG_RETURN_IF_ERROR(state_.context.Poll());
    batch->Keep(rows_);
    return batch->rows_count == 0 ? Status::Ok() : next_->Push(batch);
  }

 private:
  HopStarts starts_;
  std::unique_ptr<FoldCounter> counter_;
  std::vector<std::uint32_t> rows_;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeExpand(const Step& step, std::size_t slots_count,
                                             PipelineState& state) {
  OG_ASSIGN_OR_RETURN(Intersection reached, Intersection::Bind(step.hops, state.context));
  return std::unique_ptr<Operator>(
      std::make_unique<Expand>(step, std::move(reached), slots_count, state));
}

Result<std::unique_ptr<Operator>> MakeExpandEdges(const Step& step, std::size_t slots_count,
                                                  PipelineState& state) {
  auto expand = std::make_unique<ExpandEdges>(step, slots_count, state);
  OG_RETURN_IF_ERROR(expand->Open(step));
  return std::unique_ptr<Operator>(std::move(expand));
}

Result<std::unique_ptr<Operator>> MakeTestHop(const Step& step, PipelineState& state) {
  OG_ASSIGN_OR_RETURN(std::unique_ptr<Neighborhood> neighbors,
                      BindNeighborhood(step.hops[0], state.context));
  return std::unique_ptr<Operator>(
      std::make_unique<TestHop>(step.hops[0], std::move(neighbors), state));
}

Result<std::unique_ptr<Operator>> MakeFold(const Step& step, PipelineState& state) {
  OG_ASSIGN_OR_RETURN(std::unique_ptr<FoldCounter> counter,
                      FoldCounter::Bind(step.fold, state.context));
  return std::unique_ptr<Operator>(
      std::make_unique<FoldWeights>(step.fold, std::move(counter), state));
}

}  // namespace omnigraph::exec
