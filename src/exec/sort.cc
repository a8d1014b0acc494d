// The sink of ordered queries: collects tuples with their sort keys, keeps the best if the query
// has a limit, and projects them at the end.

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "exec/answer_writer.h"
#include "exec/fused_rank.h"
#include "exec/order_keys.h"
#include "exec/ordering.h"
#include "exec/planner.h"
#include "exec/search.h"
#include "exec/sinks.h"

namespace omnigraph::exec {
namespace {

using query::ExpressionKind;

struct SortTerm {
  BoundExpression value;
  bool is_descending;
  bool is_ranking;
};

// A variable whose ids break ties.
struct TieBreak {
  std::size_t position;  // In the columns that rows keep.
  const table::Column* ids;
  bool is_stored;  // Else ids are generated and have to be spelled out.
};

int CompareIds(const TieBreak& tie, RowId left, RowId right) {
  if (tie.is_stored) return tie.ids->Text(left).compare(tie.ids->Text(right));
  std::string left_id;
  std::string right_id;
  tie.ids->AppendText(left, left_id);
  tie.ids->AppendText(right, right_id);
  return left_id.compare(right_id);
}

class SortSink final : public Sink {
 public:
  SortSink(Projector projector, PipelineState& state, ResultTable* table)
      : Sink(state),
        projector_(std::move(projector)),
        writer_(state.context, table),
        limit_(state.context.query().limit_rows_count.value_or(kNoLimit)) {}

  Status Open() {
    Context& context = state_.context;
    const query::ReadQuery& query = context.query();
    for (const query::OrderTerm& term : query.order) {
      OG_ASSIGN_OR_RETURN(BoundExpression value, BoundExpression::Bind(term.expression, context));
      const bool is_nearest = term.expression.kind == ExpressionKind::kNearest;
      terms_.push_back(
          {std::move(value), term.is_ranking ? !is_nearest : term.is_descending, term.is_ranking});
      if (term.is_ranking && term.expression.kind == ExpressionKind::kRrf) {
        OG_ASSIGN_OR_RETURN(fused_order_, FindFusedRank(term.expression, context));
        fused_slot_ = RankedVariable(term.expression);
      }
    }
    OG_ASSIGN_OR_RETURN(fused_, FusedRanksOf(query, context));
    if (fused_.empty() && !terms_.empty()) {
      first_keys_ = OrderKeys::Of(query.order[0].expression, terms_[0].value);
    }
    return OpenSlots();
  }

  Status Push(Batch* batch) override {
    DropBeaten(batch);
    const std::size_t before = rows_count();
    for (std::size_t row = 0; row < batch->rows_count; ++row) {
      for (const Slot slot : slots_)
        ids_.push_back(batch->slots[slot][row]);
      weights_.push_back(batch->Weight(row));
      if (!fused_.empty()) continue;
      const std::size_t arena_size = arena_.size();
      if (AppendKeys(*batch, row) && !IsBeaten()) continue;
      DropLast();
      while (arena_.size() > arena_size)
        arena_.pop_back();
    }
    if (rows_count() > std::numeric_limits<std::uint32_t>::max() / 2) return TooMany();
    const std::size_t row_bytes = slots_.size() * sizeof(RowId) + sizeof(std::uint64_t) +
                                  terms_.size() * sizeof(Datum) + sizeof(std::uint32_t);
    if (rows_count() > before) {
      OG_RETURN_IF_ERROR(state_.context.memory().Take((rows_count() - before) * row_bytes));
    }
    if (fused_.empty() && limit_ < kPruneLimitMax && rows_count() >= 2 * limit_ + kPruneExtra) {
      const std::size_t many = rows_count();
      Prune();
      state_.context.memory().Return((many - rows_count()) * row_bytes);
    }
    state_.has_enough = rows_count() >= limit_;
    return Status::Ok();
  }

  Status Finish() override {
    Context& context = state_.context;
    if (!fused_.empty()) OG_RETURN_IF_ERROR(Fuse());
    std::vector<std::uint32_t> order(rows_count());
    std::iota(order.begin(), order.end(), 0U);
    if (!fused_.empty()) DropUnranked(&order);
    if (!terms_.empty()) {
      const auto less = [this](std::uint32_t a, std::uint32_t b) { return Compare(a, b) < 0; };
      OG_RETURN_IF_ERROR(SortPositions(&order, limit_, less, context));
    }
    Batch batch(context.query().variables.size());
    for (std::size_t begin = 0; begin < order.size() && !writer_.is_full();) {
      const std::size_t end = std::min(order.size(), begin + kBatchRowsMax);
      Load(std::span(order).subspan(begin, end - begin), &batch);
      for (std::size_t row = 0; row < batch.rows_count && !writer_.is_full(); ++row) {
        OG_RETURN_IF_ERROR(projector_.Write(batch, row, &writer_));
      }
      OG_RETURN_IF_ERROR(context.Poll());
      begin = end;
    }
    return Status::Ok();
  }

 private:
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
  // With a limit up to the first number, rows are thrown away when there are twice the limit and
  // the second number of them.
  static constexpr std::uint64_t kPruneLimitMax = std::uint64_t{1} << 24;
  static constexpr std::uint64_t kPruneExtra = 64;

  // Every variable that the answer reads, and the columns of ids by the names of variables.
  Status OpenSlots() {
    Context& context = state_.context;
    const query::ReadQuery& query = context.query();
    const std::vector<bool> is_read = VariablesReadBySink(query);
    for (Slot slot = 0; slot < is_read.size(); ++slot) {
      if (is_read[slot]) slots_.push_back(slot);
    }
    std::vector<std::uint32_t> named;
    for (const std::uint32_t v : query.match.variables) {
      if (!query.variables[v].name.empty() && !terms_.empty()) named.push_back(v);
    }
    std::sort(named.begin(), named.end(), [&](std::uint32_t a, std::uint32_t b) {
      return query.variables[a].name < query.variables[b].name;
    });
    for (const std::uint32_t v : named) {
      OG_ASSIGN_OR_RETURN(const table::Column* ids, context.ColumnOf(v, schema::kIdColumn));
      const auto at = std::find(slots_.begin(), slots_.end(), v) - slots_.begin();
      const query::Variable& variable = query.variables[v];
      const bool is_stored = variable.kind == query::VariableKind::kNode &&
                             context.catalog().node(variable.type).has_key();
      ties_.push_back({static_cast<std::size_t>(at), ids, is_stored});
    }
    return Status::Ok();
  }

  std::size_t rows_count() const { return weights_.size(); }

  // Drops the tuples whose first key alone says that enough better ones were kept.
  void DropBeaten(Batch* batch) {
    if (!first_keys_.has_value() || !worst_kept_.has_value()) return;
    const Datum& worst = keys_[*worst_kept_ * terms_.size()];
    const bool is_descending = terms_[0].is_descending;
    // Nulls are below everything: the best or the worst there is.
    if (worst.is_null() && is_descending) return;
    first_keys_->Compute(batch->slots[first_keys_->slot()]);
    const std::vector<std::int64_t>& keys = first_keys_->keys();
    const std::vector<std::uint8_t>& nulls = first_keys_->nulls();
    const std::uint8_t keeps_nulls = !is_descending && !terms_[0].is_ranking ? 1 : 0;
    kept_rows_.resize(batch->rows_count);
    std::size_t kept = 0;
    const std::int64_t bound = worst.is_null() ? 0 : OrderKeys::KeyOf(worst);
    const bool keeps_values = !worst.is_null();
    for (std::size_t row = 0; row < batch->rows_count; ++row) {
      const bool is_near =
          keeps_values && (is_descending ? keys[row] >= bound : keys[row] <= bound);
      kept_rows_[kept] = static_cast<std::uint32_t>(row);
      kept += nulls[row] != 0 ? keeps_nulls : static_cast<std::uint8_t>(is_near);
    }
    kept_rows_.resize(kept);
    batch->Keep(kept_rows_);
  }

  static Status TooMany() {
    return Status::Error(ErrorCode::kResourceExhausted,
                         "the query sorts more than 2147483647 rows");
  }

  // The keys of the last row. False if it has no rank.
  bool AppendKeys(const Batch& batch, std::size_t row) {
    bool is_ranked = true;
    for (const SortTerm& term : terms_) {
      keys_.push_back(term.value.Evaluate(batch, row, &arena_));
      is_ranked = is_ranked && !(term.is_ranking && keys_.back().is_null());
    }
    return is_ranked;
  }

  // Whether the last row comes after enough better ones.
  bool IsBeaten() const {
    return worst_kept_.has_value() &&
           Compare(static_cast<std::uint32_t>(rows_count() - 1), *worst_kept_) > 0;
  }

  void DropLast() {
    ids_.resize(ids_.size() - slots_.size());
    weights_.pop_back();
    keys_.resize(rows_count() * terms_.size());
  }

  // Keeps the best `limit_` rows.
  void Prune() {
    std::vector<std::uint32_t> order(rows_count());
    std::iota(order.begin(), order.end(), 0U);
    if (limit_ == 0) {
      order.clear();
    } else {
      const auto nth = order.begin() + static_cast<std::ptrdiff_t>(limit_ - 1);
      std::nth_element(order.begin(), nth, order.end(),
                       [this](std::uint32_t a, std::uint32_t b) { return Compare(a, b) < 0; });
      worst_kept_ = static_cast<std::uint32_t>(limit_ - 1);
      order.erase(nth + 1, order.end());
    }
    std::vector<RowId> ids;
    std::vector<std::uint64_t> weights;
    std::vector<Datum> keys;
    for (const std::uint32_t row : order) {
      const auto id = ids_.begin() + static_cast<std::ptrdiff_t>(row * slots_.size());
      ids.insert(ids.end(), id, id + static_cast<std::ptrdiff_t>(slots_.size()));
      weights.push_back(weights_[row]);
      const auto key = keys_.begin() + static_cast<std::ptrdiff_t>(row * terms_.size());
      keys.insert(keys.end(), key, key + static_cast<std::ptrdiff_t>(terms_.size()));
    }
    ids_ = std::move(ids);
    weights_ = std::move(weights);
    keys_ = std::move(keys);
  }

  int Compare(std::uint32_t a, std::uint32_t b) const {
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const int order = CompareForOrder(keys_[a * terms_.size() + i], keys_[b * terms_.size() + i]);
      if (order != 0) return terms_[i].is_descending ? -order : order;
      if (i > 0 || fused_order_ == nullptr) continue;
      const int fused = fused_order_->CompareTied(Fused(a), Fused(b));
      if (fused != 0) return fused;
    }
    for (const TieBreak& tie : ties_) {
      const RowId left = ids_[a * slots_.size() + tie.position];
      const RowId right = ids_[b * slots_.size() + tie.position];
      if (left == right) continue;
      const int order = CompareIds(tie, left, right);
      if (order != 0) return order;
    }
    return 0;
  }

  RowId Fused(std::uint32_t row) const {
    const auto at = std::find(slots_.begin(), slots_.end(), fused_slot_) - slots_.begin();
    return ids_[row * slots_.size() + static_cast<std::size_t>(at)];
  }

  void Load(std::span<const std::uint32_t> rows, Batch* batch) const {
    batch->Clear();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      std::vector<RowId>& column = batch->slots[slots_[i]];
      for (const std::uint32_t row : rows)
        column.push_back(ids_[row * slots_.size() + i]);
    }
    for (const std::uint32_t row : rows)
      batch->weights.push_back(weights_[row]);
    batch->rows_count = rows.size();
  }

  // Ranks the nodes of all rows, then computes the keys of the rows.
  Status Fuse() {
    std::vector<std::uint32_t> all(rows_count());
    std::iota(all.begin(), all.end(), 0U);
    Batch batch(state_.context.query().variables.size());
    Load(all, &batch);
    for (const auto& [slot, fused] : fused_) {
      OG_RETURN_IF_ERROR(fused->Fuse(batch.slots[slot], limit_, state_.context));
    }
    for (std::size_t row = 0; row < batch.rows_count; ++row)
      AppendKeys(batch, row);
    return state_.context.Poll();
  }

  void DropUnranked(std::vector<std::uint32_t>* order) const {
    if (terms_.empty() || !terms_[0].is_ranking) return;
    const auto is_unranked = [this](std::uint32_t row) {
      return keys_[row * terms_.size()].is_null();
    };
    order->erase(std::remove_if(order->begin(), order->end(), is_unranked), order->end());
  }

  Projector projector_;
  AnswerWriter writer_;
  std::uint64_t limit_;
  std::vector<SortTerm> terms_;
  std::vector<Slot> slots_;  // Variables that the rows keep.
  std::vector<TieBreak> ties_;
  std::vector<FusedRankUse> fused_;
  std::shared_ptr<FusedRank> fused_order_;  // Set if the first term is one.
  Slot fused_slot_ = 0;

  // Rows, one after the other.
  std::vector<RowId> ids_;
  std::vector<std::uint64_t> weights_;
  std::vector<Datum> keys_;
  ValueArena arena_;
  std::optional<std::uint32_t> worst_kept_;
  std::optional<OrderKeys> first_keys_;
  std::vector<std::uint32_t> kept_rows_;  // Of the batch at hand.
};

}  // namespace

Result<std::unique_ptr<Sink>> MakeSortSink(PipelineState& state, ResultTable* table) {
  OG_ASSIGN_OR_RETURN(Projector projector, Projector::Bind(state.context));
  auto sink = std::make_unique<SortSink>(std::move(projector), state, table);
  OG_RETURN_IF_ERROR(sink->Open());
  return std::unique_ptr<Sink>(std::move(sink));
}

}  // namespace omnigraph::exec
