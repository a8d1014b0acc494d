// The sink of aggregate queries.

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "exec/answer_writer.h"
#include "exec/grouping.h"
#include "exec/ordering.h"
#include "exec/search.h"
#include "exec/sinks.h"
#include "exec/weights.h"

namespace omnigraph::exec {
namespace {

using query::AggregateFunction;
using query::ExpressionKind;

// One aggregate of all groups.
class Aggregator {
 public:
  static Result<Aggregator> Bind(const query::Projection& projection, Context& context) {
    Aggregator aggregator(*projection.aggregate);
    // A node is never null, so its rows are counted without reading it.
    const bool counts_rows = aggregator.function_ == AggregateFunction::kCount &&
                             projection.expression.kind == ExpressionKind::kNode;
    if (counts_rows) return aggregator;
    OG_ASSIGN_OR_RETURN(aggregator.argument_,
                        BoundExpression::Bind(projection.expression, context));
    return aggregator;
  }

  std::uint64_t bytes_per_group() const { return sizeof(std::uint64_t) + sizeof(Datum); }

  Status Add(const Batch& batch, const std::vector<std::uint32_t>& groups,
             std::uint32_t groups_count) {
    counts_.resize(groups_count);
    if (function_ != AggregateFunction::kCount) best_.resize(groups_count, Datum::Real(0));
    if (sums_column()) return AddReals(batch, groups);
    for (std::size_t row = 0; row < batch.rows_count; ++row) {
      std::uint64_t& count = counts_[groups[row]];
      if (argument_.has_value() && !AddValue(batch, row, count == 0, &best_, groups[row])) continue;
      if (__builtin_add_overflow(count, batch.Weight(row), &count)) return CountOverflow();
    }
    return Status::Ok();
  }

  // The result for a group. Groups beyond those seen are empty.
  Datum Value(std::uint32_t group) const {
    const std::uint64_t count = group < counts_.size() ? counts_[group] : 0;
    if (function_ == AggregateFunction::kCount) return Datum::Int(static_cast<std::int64_t>(count));
    if (count == 0) return Datum::Null();
    if (function_ != AggregateFunction::kAvg) return best_[group];
    return Datum::Real(best_[group].real / static_cast<double>(count));
  }

  Status Check() const {
    const bool fits = std::all_of(counts_.begin(), counts_.end(), [](std::uint64_t count) {
      return count <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    });
    return fits ? Status::Ok() : CountOverflow();
  }

 private:
  explicit Aggregator(AggregateFunction function) : function_(function) {}

  // Whether the values to add up can be gathered.
  bool sums_column() const {
    return (function_ == AggregateFunction::kSum || function_ == AggregateFunction::kAvg) &&
           argument_.has_value() && argument_->column() != nullptr &&
           argument_->column()->has_keys() && types::IsNumeric(argument_->column()->type().scalar);
  }

  Status AddReals(const Batch& batch, const std::vector<std::uint32_t>& groups) {
    reals_.resize(batch.rows_count);
    nulls_.resize(batch.rows_count);
    argument_->column()->GatherReals(batch.slots[argument_->slot()], reals_.data(), nulls_.data());
    for (std::size_t row = 0; row < batch.rows_count; ++row) {
      if (nulls_[row] != 0) continue;
      const std::uint64_t weight = batch.Weight(row);
      std::uint64_t& count = counts_[groups[row]];
      best_[groups[row]].real += reals_[row] * static_cast<double>(weight);
      if (__builtin_add_overflow(count, weight, &count)) return CountOverflow();
    }
    return Status::Ok();
  }

  // Takes the argument's value into the group's sum or extreme. False if it is null.
  bool AddValue(const Batch& batch, std::size_t row, bool is_first, std::vector<Datum>* best,
                std::uint32_t group) {
    const std::size_t arena_size = arena_.size();
    const Datum value = argument_->Evaluate(batch, row, &arena_);
    bool is_kept = false;
    if (!value.is_null() && function_ != AggregateFunction::kCount) {
      Datum& state = (*best)[group];
      if (function_ == AggregateFunction::kSum || function_ == AggregateFunction::kAvg) {
        state.real += value.AsReal() * static_cast<double>(batch.Weight(row));
      } else {
        const int order = is_first ? 0 : CompareForOrder(value, state);
        const bool is_better = function_ == AggregateFunction::kMin ? order < 0 : order > 0;
        is_kept = is_first || is_better;
        if (is_kept) state = value;
      }
    }
    while (!is_kept && arena_.size() > arena_size)
      arena_.pop_back();
    return !value.is_null();
  }

  AggregateFunction function_;
  std::optional<BoundExpression> argument_;
  std::vector<std::uint64_t> counts_;  // Rows with a value, by group.
  std::vector<Datum> best_;            // The sum, or the extreme.
  ValueArena arena_;
  std::vector<double> reals_;  // Of the batch at hand.
  std::vector<std::uint8_t> nulls_;
};

// One sort key of the groups.
struct GroupOrder {
  std::vector<Datum> values;  // By group.
  bool is_descending = false;
};

class AggregateSink final : public Sink {
 public:
  AggregateSink(Grouping grouping, PipelineState& state, ResultTable* table)
      : Sink(state), grouping_(std::move(grouping)), writer_(state.context, table) {}

  Status Open() {
    Context& context = state_.context;
    for (const query::Projection& projection : context.query().projections) {
      Column& column = columns_.emplace_back();
      if (projection.aggregate.has_value()) {
        OG_ASSIGN_OR_RETURN(column.aggregate, Aggregator::Bind(projection, context));
      } else {
        OG_ASSIGN_OR_RETURN(column.key, BoundExpression::Bind(projection.expression, context));
        has_key_ = true;
      }
    }
    for (const query::OrderTerm& term : context.query().order) {
      if (term.is_ranking) OG_RETURN_IF_ERROR(BindRanking(term.expression));
    }
    return Status::Ok();
  }

  Status Push(Batch* batch) override {
    const std::uint32_t before = grouping_.groups_count();
    OG_RETURN_IF_ERROR(grouping_.Assign(*batch, &groups_));
    const std::uint64_t added = grouping_.groups_count() - before;
    for (Column& column : columns_) {
      if (!column.aggregate.has_value()) continue;
      OG_RETURN_IF_ERROR(state_.context.memory().Take(added * column.aggregate->bytes_per_group()));
      OG_RETURN_IF_ERROR(column.aggregate->Add(*batch, groups_, grouping_.groups_count()));
    }
    const std::optional<std::uint64_t>& limit = state_.context.query().limit_rows_count;
    state_.has_enough = limit.has_value() && grouping_.groups_count() >= *limit;
    return Status::Ok();
  }

  Status Finish() override {
    for (const Column& column : columns_) {
      if (column.aggregate.has_value()) OG_RETURN_IF_ERROR(column.aggregate->Check());
    }
    // Without a variable in the key there is one group, also of no rows, unless a constant stands
    // beside the aggregates: then no rows make no group.
    std::uint32_t groups_count = grouping_.groups_count();
    if (!has_key_) groups_count = 1;
    std::vector<std::uint32_t> order(groups_count);
    std::iota(order.begin(), order.end(), 0U);
    OG_RETURN_IF_ERROR(Sort(&order));
    for (const std::uint32_t group : order) {
      if (writer_.is_full()) break;
      OG_RETURN_IF_ERROR(Write(group));
    }
    return Status::Ok();
  }

 private:
  struct Column {
    std::optional<Aggregator> aggregate;
    std::optional<BoundExpression> key;
  };

  Status BindRanking(const query::Expression& expression) {
    if (expression.kind == ExpressionKind::kRrf ||
        !grouping_.Determines(RankedVariable(expression))) {
      return Status::Error(
          ErrorCode::kInvalidArgument,
          "unsupported ordering expression: an aggregate query is ordered by a ranking only if "
          "the ranked node, or its key property, is among the group columns; rank in a query of "
          "its own, or order by a column");
    }
    OG_ASSIGN_OR_RETURN(ranking_, BoundExpression::Bind(expression, state_.context));
    ranking_is_distance_ = expression.kind == ExpressionKind::kNearest;
    return Status::Ok();
  }

  Datum Value(std::size_t column, std::uint32_t group) {
    if (columns_[column].aggregate.has_value()) return columns_[column].aggregate->Value(group);
    return columns_[column].key->Evaluate(grouping_.representatives(), group, &arena_);
  }

  // The values of the order's terms, then (for ties) of all key columns that are not among them.
  std::vector<GroupOrder> SortKeys(const std::vector<std::uint32_t>& groups) {
    std::vector<GroupOrder> keys;
    const auto add = [&](bool is_descending, auto value_of) {
      GroupOrder& key = keys.emplace_back();
      key.is_descending = is_descending;
      key.values.reserve(groups.size());
      for (const std::uint32_t group : groups)
        key.values.push_back(value_of(group));
    };
    for (const query::OrderTerm& term : state_.context.query().order) {
      if (term.is_ranking) {
        add(!ranking_is_distance_, [&](std::uint32_t group) {
          return ranking_->Evaluate(grouping_.representatives(), group, &arena_);
        });
      } else {
        add(term.is_descending, [&](std::uint32_t group) { return Value(term.projection, group); });
      }
    }
    return keys;
  }

  Status Sort(std::vector<std::uint32_t>* order) {
    const query::ReadQuery& query = state_.context.query();
    if (query.order.empty()) return Status::Ok();
    OG_RETURN_IF_ERROR(
        state_.context.memory().Take(order->size() * query.order.size() * sizeof(Datum)));
    const std::vector<GroupOrder> keys = SortKeys(*order);
    if (query.order[0].is_ranking) {
      const auto is_unranked = [&](std::uint32_t group) { return keys[0].values[group].is_null(); };
      order->erase(std::remove_if(order->begin(), order->end(), is_unranked), order->end());
    }
    const auto less = [&](std::uint32_t a, std::uint32_t b) {
      for (const GroupOrder& key : keys) {
        const int by_key = CompareForOrder(key.values[a], key.values[b]);
        if (by_key != 0) return (key.is_descending ? -by_key : by_key) < 0;
      }
      return CompareTied(a, b) < 0;
    };
    const std::uint64_t limit =
        query.limit_rows_count.value_or(std::numeric_limits<std::uint64_t>::max());
    return SortPositions(order, limit, less, state_.context);
  }

  // Two groups that the order's terms do not tell apart: by their key columns.
  int CompareTied(std::uint32_t a, std::uint32_t b) {
    ValueArena arena;
    for (const Column& column : columns_) {
      if (!column.key.has_value()) continue;
      const Datum left = column.key->Evaluate(grouping_.representatives(), a, &arena);
      const Datum right = column.key->Evaluate(grouping_.representatives(), b, &arena);
      const int order = CompareForOrder(left, right);
      if (order != 0) return order;
    }
    return 0;
  }

  Status Write(std::uint32_t group) {
    ResultTable& table = writer_.table();
    table.BeginRow();
    for (const Column& column : columns_) {
      std::string& cell = table.BeginCell();
      if (column.aggregate.has_value()) {
        AppendJson(column.aggregate->Value(group), cell);
      } else {
        column.key->AppendJson(grouping_.representatives(), group, cell);
      }
    }
    table.EndRow();
    return writer_.CountRow();
  }

  Grouping grouping_;
  AnswerWriter writer_;
  std::vector<Column> columns_;
  bool has_key_ = false;
  std::optional<BoundExpression> ranking_;
  bool ranking_is_distance_ = false;
  std::vector<std::uint32_t> groups_;
  ValueArena arena_;
};

}  // namespace

Result<std::unique_ptr<Sink>> MakeAggregateSink(PipelineState& state, ResultTable* table) {
  OG_ASSIGN_OR_RETURN(Grouping grouping, Grouping::Bind(state.context));
  auto sink = std::make_unique<AggregateSink>(std::move(grouping), state, table);
  OG_RETURN_IF_ERROR(sink->Open());
  return std::unique_ptr<Sink>(std::move(sink));
}

}  // namespace omnigraph::exec
