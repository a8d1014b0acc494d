// Implements exec/scan.h, but for the scan of nodes: node_scan.cc.

#include "exec/scan.h"

#include <optional>
#include <utility>

#include "exec/weights.h"

namespace omnigraph::exec {
namespace {

class Lookup final : public Operator {
 public:
  Lookup(const table::Table* table, Datum key, Slot slot, PipelineState& state)
      : Operator(state), table_(table), key_(key), slot_(slot) {}

  Status Push(Batch* batch) override {
    if (!is_found_.has_value()) {
      std::optional<RowId> row;
      if (key_.kind == DatumKind::kText) {
        OG_ASSIGN_OR_RETURN(row, table_->FindById(key_.AsText()));
      }
      is_found_ = row.has_value();
      row_ = row.value_or(table::kNoRow);
    }
    if (!*is_found_) return Status::Ok();
    batch->slots[slot_].assign(batch->rows_count, row_);
    return next_->Push(batch);
  }

 private:
  const table::Table* table_;
  Datum key_;
  Slot slot_;
  std::optional<bool> is_found_;  // None before the first tuple.
  RowId row_ = table::kNoRow;
};

class ScanEdges final : public Operator {
 public:
  ScanEdges(const table::Table* edges, const Step& step, std::size_t slots_count,
            PipelineState& state)
      : Operator(state),
        edges_(edges),
        step_(step),
        traversal_(*step.traversal),
        out_(slots_count, step.carried, state) {}

  Status Push(Batch* batch) override {
    for (std::size_t row = 0; row < batch->rows_count; ++row) {
      const PipelineState::ScanPart part = state_.PartOf(step_);
      RowId next = part.begin;
      while (!state_.is_stopped && !state_.Skips(*batch, row)) {
        edges_->Scan(&next, state_.context.options().batch_rows_max, &ids_);
        while (!ids_.empty() && ids_.back() >= part.end)
          ids_.pop_back();
        if (ids_.empty()) break;
        for (const RowId edge : ids_)
          OG_RETURN_IF_ERROR(AppendEdge(*batch, row, edge));
      }
    }
    return out_.Flush(state_, *next_);
  }

 private:
  Status AppendEdge(const Batch& batch, std::size_t row, RowId edge) {
    const RowId source = edges_->SourceOf(edge);
    const RowId target = edges_->TargetOf(edge);
    if (traversal_.source == traversal_.target) {
      return source == target ? AppendTuple(batch, row, {edge, source, source}) : Status::Ok();
    }
    OG_RETURN_IF_ERROR(AppendTuple(batch, row, {edge, source, target}));
    if (!traversal_.is_undirected || source == target) return Status::Ok();
    return AppendTuple(batch, row, {edge, target, source});
  }

  struct Ends {
    RowId edge;
    RowId source;
    RowId target;
  };

  Status AppendTuple(const Batch& batch, std::size_t row, const Ends& ends) {
    Batch& out = out_.AppendCarried(batch, row);
    out.slots[traversal_.edge_variable].push_back(ends.edge);
    out.slots[traversal_.source].push_back(ends.source);
    if (traversal_.source != traversal_.target) {
      out.slots[traversal_.target].push_back(ends.target);
    }
    return out_.is_full() ? out_.Flush(state_, *next_) : Status::Ok();
  }

  const table::Table* edges_;
  const Step& step_;
  const query::Traversal& traversal_;
  BatchWriter out_;
  std::vector<RowId> ids_;
};

class CountRows final : public Operator {
 public:
  CountRows(std::uint64_t rows_count, PipelineState& state)
      : Operator(state), rows_count_(rows_count) {}

  Status Push(Batch* batch) override {
    if (rows_count_ == 0) return Status::Ok();
    OG_RETURN_IF_ERROR(ScaleWeights(rows_count_, batch));
    return next_->Push(batch);
  }

 private:
  std::uint64_t rows_count_;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeLookup(const Step& step, PipelineState& state) {
  OG_ASSIGN_OR_RETURN(const table::Table* table, state.context.TableOf(step.variable));
  const Datum key = state.context.Constant(*step.key);
  return std::unique_ptr<Operator>(std::make_unique<Lookup>(table, key, step.variable, state));
}

Result<std::unique_ptr<Operator>> MakeScanEdges(const Step& step, std::size_t slots_count,
                                                PipelineState& state) {
  OG_ASSIGN_OR_RETURN(const table::Table* edges,
                      state.context.view().EdgeTable(step.traversal->edge_type));
  OG_RETURN_IF_ERROR(edges->Open());
  return std::unique_ptr<Operator>(std::make_unique<ScanEdges>(edges, step, slots_count, state));
}

Result<std::unique_ptr<Operator>> MakeCountRows(const Step& step, PipelineState& state) {
  OG_ASSIGN_OR_RETURN(const table::Table* table, state.context.TableOf(step.variable));
  return std::unique_ptr<Operator>(std::make_unique<CountRows>(table->rows_count(), state));
}

}  // namespace omnigraph::exec
