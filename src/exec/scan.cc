// Implements exec/scan.h, but for the scan of nodes: node_scan.cc.

#include "exec/scan.h"

#include <optional>
#include <string>
#include <utility>

#include "exec/weights.h"
#include "schema/key_text.h"
#include "types/value.h"

namespace omnigraph::exec {
namespace {

class Lookup final : public Operator {
 public:
  /// Without `id` no node can have the key.
  Lookup(const table::Table* table, std::optional<std::string> id, Slot slot, PipelineState& state)
      : Operator(state), table_(table), id_(std::move(id)), slot_(slot) {}

  Status Push(Batch* batch) override {
    if (!is_found_.has_value()) {
      std::optional<RowId> row;
      if (id_.has_value()) {
        OG_ASSIGN_OR_RETURN(row, table_->FindById(*id_));
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
  std::optional<std::string> id_;
  Slot slot_;
  std::optional<bool> is_found_;  // None before the first tuple.
  RowId row_ = table::kNoRow;
};

// The id of the node with this key; none if there can be no such node.
std::optional<std::string> IdOf(const schema::NodeType& type, const types::Value& key) {
  if (key.is_null()) return std::nullopt;
  const auto stored = types::ConvertForStorage(key, type.properties[type.key[0]].type, type.name);
  if (!stored.ok()) return std::nullopt;  // Out of range.
  const auto id = schema::KeyText(type, {&*stored, 1});
  return id.ok() ? std::optional<std::string>(*id) : std::nullopt;
}

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
  const types::Value* key = state.context.ConstantValue(*step.key);
  OG_CHECK(key != nullptr);
  const query::Variable& variable = state.context.query().variables[step.variable];
  const schema::NodeType& type = state.context.catalog().node(variable.type);
  return std::unique_ptr<Operator>(
      std::make_unique<Lookup>(table, IdOf(type, *key), step.variable, state));
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
