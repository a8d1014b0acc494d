// Implements exec/scan.h.

#include "exec/scan.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "exec/filter.h"
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

class Scan final : public Operator {
 public:
  Scan(const table::Table* table, FilterSet filters, const Step& step, std::size_t slots_count,
       PipelineState& state)
      : Operator(state),
        table_(table),
        filters_(std::move(filters)),
        slot_(step.variable),
        scanned_(slots_count),
        out_(slots_count, step.carried) {}

  Status Push(Batch* batch) override {
    // A single tuple without columns is the beginning of a plan: nobody scans again.
    const bool is_once = batch->rows_count == 1 && !was_pushed_ && state_.found == nullptr;
    was_pushed_ = true;
    for (std::size_t row = 0; row < batch->rows_count && !state_.is_stopped; ++row) {
      if (is_kept_) {
        OG_RETURN_IF_ERROR(out_.Append(*batch, row, slot_, kept_, state_, *next_));
      } else {
        OG_RETURN_IF_ERROR(Stream(*batch, row, !is_once));
      }
    }
    return out_.Flush(state_, *next_);
  }

 private:
  // Scans for one tuple; with `keeps` remembers what passes the filters for those that follow.
  Status Stream(const Batch& batch, std::size_t row, bool keeps) {
    kept_.clear();
    for (RowId next = 0; !state_.is_stopped;) {
      scanned_.Clear();
      std::vector<RowId>& ids = scanned_.slots[slot_];
      table_->Scan(&next, kBatchRowsMax, &ids);
      if (ids.empty()) {
        is_kept_ = keeps;
        break;
      }
      OG_RETURN_IF_ERROR(state_.context.Poll());
      scanned_.rows_count = ids.size();
      filters_.Apply(&scanned_);
      if (keeps) {
        OG_RETURN_IF_ERROR(state_.context.memory().Take(ids.size() * sizeof(RowId)));
        kept_.insert(kept_.end(), ids.begin(), ids.end());
      }
      OG_RETURN_IF_ERROR(out_.Append(batch, row, slot_, ids, state_, *next_));
    }
    return Status::Ok();
  }

  const table::Table* table_;
  FilterSet filters_;
  Slot slot_;
  Batch scanned_;
  BatchWriter out_;
  bool was_pushed_ = false;
  bool is_kept_ = false;
  std::vector<RowId> kept_;
};

class ScanEdges final : public Operator {
 public:
  ScanEdges(const table::Table* edges, const Step& step, std::size_t slots_count,
            PipelineState& state)
      : Operator(state),
        edges_(edges),
        traversal_(*step.traversal),
        out_(slots_count, step.carried) {}

  Status Push(Batch* batch) override {
    for (std::size_t row = 0; row < batch->rows_count; ++row) {
      RowId next = 0;
      while (!state_.is_stopped && !state_.Skips(*batch, row)) {
        edges_->Scan(&next, kBatchRowsMax, &ids_);
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

Result<std::unique_ptr<Operator>> MakeScan(const Step& step, std::size_t slots_count,
                                           PipelineState& state,
                                           std::vector<const query::Expression*>* conditions) {
  OG_ASSIGN_OR_RETURN(const table::Table* table, state.context.TableOf(step.variable));
  const auto reads_only_new = [&](const query::Expression* condition) {
    return VariablesOf(*condition) == std::vector<std::uint32_t>{step.variable};
  };
  std::vector<const query::Expression*> own;
  std::copy_if(conditions->begin(), conditions->end(), std::back_inserter(own), reads_only_new);
  conditions->erase(std::remove_if(conditions->begin(), conditions->end(), reads_only_new),
                    conditions->end());
  OG_ASSIGN_OR_RETURN(FilterSet filters, FilterSet::Bind(own, state.context));
  return std::unique_ptr<Operator>(
      std::make_unique<Scan>(table, std::move(filters), step, slots_count, state));
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
