// Implements exec/join.h.

#include "exec/join.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "exec/expression.h"
#include "exec/filter.h"

namespace omnigraph::exec {
namespace {

// Looks up the node whose id is the value.
class JoinByKey final : public Operator {
 public:
  JoinByKey(const table::Table* nodes, BoundExpression value, const Step& step,
            std::size_t slots_count, PipelineState& state)
      : Operator(state),
        nodes_(nodes),
        value_(std::move(value)),
        slot_(step.variable),
        out_(slots_count, step.carried, state) {}

  Status Push(Batch* batch) override {
    for (std::size_t row = 0; row < batch->rows_count && !state_.is_stopped; ++row) {
      if (state_.Skips(*batch, row)) continue;
      const Datum value = value_.Evaluate(*batch, row, &arena_);
      if (value.kind != DatumKind::kText) continue;
      OG_ASSIGN_OR_RETURN(const std::optional<RowId> node, nodes_->FindById(value.AsText()));
      if (!node.has_value()) continue;
      OG_RETURN_IF_ERROR(out_.Append(*batch, row, slot_, {&*node, 1}, state_, *next_));
    }
    return out_.Flush(state_, *next_);
  }

 private:
  const table::Table* nodes_;
  BoundExpression value_;
  Slot slot_;
  BatchWriter out_;
  ValueArena arena_;
};

class JoinByHash final : public Operator {
 public:
  JoinByHash(BoundExpression value, const Step& step, std::size_t slots_count,
             std::vector<const query::Expression*> own, PipelineState& state)
      : Operator(state),
        value_(std::move(value)),
        step_(step),
        slots_count_(slots_count),
        own_(std::move(own)),
        out_(slots_count, step.carried, state) {}

  Status Push(Batch* batch) override {
    if (table_ == nullptr) {
      OG_ASSIGN_OR_RETURN(table_, state_.context.SharedJoin(step_, [this] { return Build(); }));
    }
    for (std::size_t row = 0; row < batch->rows_count && !state_.is_stopped; ++row) {
      if (state_.Skips(*batch, row)) continue;
      const Datum value = value_.Evaluate(*batch, row, &arena_);
      if (value.is_null()) continue;
      const std::uint64_t hash = EqualityHash(step_.join.equality->comparison, value);
      const std::span<const RowId> nodes = table_->Find(hash);
      OG_RETURN_IF_ERROR(out_.Append(*batch, row, step_.variable, nodes, state_, *next_));
    }
    return out_.Flush(state_, *next_);
  }

 private:
  Result<std::shared_ptr<const JoinTable>> Build() {
    Context& context = state_.context;
    OG_ASSIGN_OR_RETURN(const table::Table* nodes, context.TableOf(step_.variable));
    OG_ASSIGN_OR_RETURN(FilterSet filters, FilterSet::Bind(own_, context));
    OG_ASSIGN_OR_RETURN(const BoundExpression property,
                        BoundExpression::Bind(*step_.join.property, context));
    std::vector<JoinTable::Entry> entries;
    Batch scanned(slots_count_);
    for (RowId next = 0;;) {
      scanned.Clear();
      std::vector<RowId>& ids = scanned.slots[step_.variable];
      nodes->Scan(&next, context.options().batch_rows_max, &ids);
      if (ids.empty()) break;
      OG_RETURN_IF_ERROR(context.Poll());
      scanned.rows_count = ids.size();
      filters.Apply(&scanned);
      OG_RETURN_IF_ERROR(context.memory().Take(JoinTable::SizeBytes(scanned.rows_count)));
      for (std::size_t row = 0; row < scanned.rows_count; ++row) {
        const Datum value = property.Evaluate(scanned, row, &arena_);
        if (value.is_null()) continue;
        entries.push_back({EqualityHash(step_.join.equality->comparison, value), ids[row]});
      }
    }
    return std::make_shared<const JoinTable>(entries);
  }

  BoundExpression value_;
  const Step& step_;
  std::size_t slots_count_;
  std::vector<const query::Expression*> own_;  // Conditions of the new variable alone.
  BatchWriter out_;
  ValueArena arena_;
  std::shared_ptr<const JoinTable> table_;  // Null before the first tuple.
};

}  // namespace

JoinTable::JoinTable(const std::vector<Entry>& entries) {
  std::size_t buckets_count = 1;
  while (buckets_count < entries.size())
    buckets_count *= 2;
  mask_ = buckets_count - 1;
  begins_.resize(buckets_count + 1);
  for (const Entry& entry : entries)
    ++begins_[(entry.hash & mask_) + 1];
  for (std::size_t bucket = 0; bucket < buckets_count; ++bucket)
    begins_[bucket + 1] += begins_[bucket];
  rows_.resize(entries.size());
  std::vector<std::uint32_t> ends(begins_.begin(), begins_.end() - 1);
  for (const Entry& entry : entries)
    rows_[ends[entry.hash & mask_]++] = entry.row;
}

std::uint64_t JoinTable::SizeBytes(std::size_t rows_count) {
  // Up to two buckets a row, each in `begins_` and, while it is filled, among the ends.
  return rows_count * (sizeof(Entry) + sizeof(RowId) + 4 * sizeof(std::uint32_t));
}

Result<std::unique_ptr<Operator>> MakeJoin(const Step& step, std::size_t slots_count,
                                           PipelineState& state,
                                           std::vector<const query::Expression*>* conditions) {
  OG_ASSIGN_OR_RETURN(BoundExpression value,
                      BoundExpression::Bind(*step.join.value, state.context));
  if (step.join.is_by_key) {
    OG_ASSIGN_OR_RETURN(const table::Table* nodes, state.context.TableOf(step.variable));
    std::erase(*conditions, step.join.equality);
    return std::unique_ptr<Operator>(
        std::make_unique<JoinByKey>(nodes, std::move(value), step, slots_count, state));
  }
  return std::unique_ptr<Operator>(std::make_unique<JoinByHash>(
      std::move(value), step, slots_count, TakeConditionsOf(step.variable, conditions), state));
}

}  // namespace omnigraph::exec
