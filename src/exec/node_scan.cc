// The scan of the nodes of a type: all of them, those that an index knows, or the best ones first.

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "exec/access.h"
#include "exec/expression.h"
#include "exec/filter.h"
#include "exec/order_keys.h"
#include "exec/scan.h"
#include "exec/search.h"
#include "table/order_key.h"
#include "table/zone_map.h"

namespace omnigraph::exec {
namespace {

// Gives the rows to look at, ascending, in batches.
class RowSource {
 public:
  /// What an index found for `step`; without one all rows.
  static Result<RowSource> Bind(const Step& step, Context& context) {
    OG_ASSIGN_OR_RETURN(const table::Table* table, context.TableOf(step.variable));
    RowSource source(table, context.options().batch_rows_max);
    if (step.access == Access::kText) {
      OG_ASSIGN_OR_RETURN(source.function_, BindSearchFunction(*step.access_condition, context));
      source.candidates_ = source.function_->candidates();
    } else if (step.access == Access::kKeys) {
      OG_RETURN_IF_ERROR(source.LookUp(*ConstantListOf(*step.access_condition, context), context));
    } else if (step.access == Access::kOrdered && step.access_condition != nullptr) {
      const std::optional<PropertyRange> range = RangeOfCondition(*step.access_condition, context);
      OG_ASSIGN_OR_RETURN(const auto index,
                          FindOrderedIndex(step.variable, step.access_property, context));
      if (index != nullptr && range.has_value()) {
        OG_RETURN_IF_ERROR(source.Take(index->Find(range->range.min, range->range.max), context));
      }
    }
    return source;
  }

  /// Lets the ranges among `filters`, which apply to the rows given, skip blocks of rows.
  Status SkipBy(std::uint32_t variable, const FilterSet& filters, Context& context) {
    if (candidates_ != nullptr || context.options().uses_indexes == IndexUse::kNever) {
      return Status::Ok();
    }
    for (const Filter& filter : filters.filters()) {
      const KeyRange* range = filter.range();
      if (range == nullptr || range->is_negated || !filter.property().has_value()) continue;
      OG_CHECK(filter.slot() == variable);
      OG_ASSIGN_OR_RETURN(table::ZoneMap zones, table::ZoneMap::Open(*table_, *filter.property()));
      skips_.push_back({std::move(zones), *range});
    }
    return Status::Ok();
  }

  /// Replaces `rows` by the next ones from row `*next` on and below `end`; empty at the end.
  void Next(RowId* next, RowId end, std::vector<RowId>* rows) const {
    if (candidates_ == nullptr) {
      for (const Skip& skip : skips_)
        *next = skip.zones.NextMaybe(*next, skip.range.min, skip.range.max);
      table_->Scan(next, batch_rows_max_, rows);
      while (!rows->empty() && rows->back() >= end)
        rows->pop_back();
      return;
    }
    rows->clear();
    auto at = std::lower_bound(candidates_->begin(), candidates_->end(), *next);
    for (; at != candidates_->end() && *at < end && rows->size() < batch_rows_max_; ++at)
      rows->push_back(*at);
    if (!rows->empty()) *next = rows->back() + 1;
  }

 private:
  RowSource(const table::Table* table, std::size_t batch_rows_max)
      : table_(table), batch_rows_max_(batch_rows_max) {}

  // The rows with the ids in a list of texts.
  Status LookUp(const types::ListValue& ids, Context& context) {
    std::vector<RowId> found;
    for (const types::Value& id : ids) {
      const auto* text = id.As<std::string>();
      if (text == nullptr) continue;
      OG_ASSIGN_OR_RETURN(const std::optional<RowId> row, table_->FindById(*text));
      if (row.has_value()) found.push_back(*row);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return Take(std::move(found), context);
  }

  Status Take(std::vector<RowId> found, Context& context) {
    OG_RETURN_IF_ERROR(context.memory().Take(found.size() * sizeof(RowId)));
    found_ = std::make_unique<std::vector<RowId>>(std::move(found));
    candidates_ = found_.get();
    return Status::Ok();
  }

  const table::Table* table_;
  std::size_t batch_rows_max_;
  std::shared_ptr<RowFunction> function_;
  std::unique_ptr<std::vector<RowId>> found_;
  const std::vector<RowId>* candidates_ = nullptr;  // Null: all rows.
  struct Skip {
    table::ZoneMap zones;
    KeyRange range;
  };
  std::vector<Skip> skips_;
};

class Scan final : public Operator {
 public:
  Scan(RowSource source, FilterSet filters, const Step& step, std::size_t slots_count,
       PipelineState& state)
      : Operator(state),
        source_(std::move(source)),
        filters_(std::move(filters)),
        step_(step),
        slot_(step.variable),
        scanned_(slots_count),
        out_(slots_count, step.carried, state) {}

  Status Push(Batch* batch) override {
    // A single tuple without columns is the beginning of a plan: nobody scans again, but for
    // another part of the rows.
    const bool is_once = state_.PartOf(step_).is_one_of_many ||
                         (batch->rows_count == 1 && !was_pushed_ && state_.found == nullptr);
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
    const PipelineState::ScanPart part = state_.PartOf(step_);
    for (RowId next = part.begin; !state_.is_stopped;) {
      scanned_.Clear();
      std::vector<RowId>& ids = scanned_.slots[slot_];
      source_.Next(&next, part.end, &ids);
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

  RowSource source_;
  FilterSet filters_;
  const Step& step_;
  Slot slot_;
  Batch scanned_;
  BatchWriter out_;
  bool was_pushed_ = false;
  bool is_kept_ = false;
  std::vector<RowId> kept_;
};

// Gives rows in groups, each group better by the query's first sort term than all that follow,
// until the sink has enough.
class BestFirstScan final : public Operator {
 public:
  BestFirstScan(RowSource source, FilterSet filters, OrderKeys keys, const Step& step,
                std::size_t slots_count, PipelineState& state)
      : Operator(state),
        source_(std::move(source)),
        filters_(std::move(filters)),
        keys_(std::move(keys)),
        is_ranking_(step.best_first->is_ranking),
        is_descending_(is_ranking_
                           ? step.best_first->expression.kind != query::ExpressionKind::kNearest
                           : step.best_first->is_descending),
        slot_(step.variable),
        scanned_(slots_count),
        out_(slots_count, step.carried, state) {}

  // Uses the order of the index instead of computing all keys.
  void WalkIndex(std::shared_ptr<const table::OrderedIndex> index) { index_ = std::move(index); }

  Status Push(Batch* batch) override {
    if (index_ != nullptr) {
      OG_RETURN_IF_ERROR(PushFromIndex(*batch));
      if (is_done()) return Status::Ok();
    }
    OG_RETURN_IF_ERROR(Collect());
    return PushGroups(*batch);
  }

 private:
  // The best rows of the index; if filters behind this step drop too many of them, all keys are
  // computed after all, without those rows.
  static constexpr std::uint64_t kIndexGroup = 4;
  // The distances of fewer rows cost less than their bounds.
  static constexpr std::size_t kBoundedRowsMin = 512;

  struct Candidate {
    std::int64_t key;  // Less is better.
    RowId row;
  };

  bool is_done() const { return state_.is_stopped || state_.has_enough; }
  std::uint64_t limit() const { return *state_.context.query().limit_rows_count; }
  std::int64_t Sortable(std::int64_t key) const { return is_descending_ ? ~key : key; }

  Status PushFromIndex(const Batch& batch) {
    if (!is_descending_) {
      pushed_nulls_ = true;
      OG_RETURN_IF_ERROR(PushGroup(batch, index_->FindNulls()));
      if (is_done()) return Status::Ok();
    }
    const std::vector<table::OrderedIndex::Entry> best =
        index_->FindBest(limit() * kIndexGroup, is_descending_);
    std::vector<RowId> rows;
    for (const table::OrderedIndex::Entry& entry : best) {
      rows.push_back(entry.row);
      const std::int64_t key = Sortable(entry.key);
      pushed_max_ = std::max(pushed_max_.value_or(key), key);
    }
    std::sort(rows.begin(), rows.end());
    return PushGroup(batch, rows);
  }

  Status Collect() {
    std::vector<RowId> all;
    OG_RETURN_IF_ERROR(Filtered(&all));
    OG_RETURN_IF_ERROR(SetAside(&all));
    return ComputeKeys(all);
  }

  // The greatest of the `count` least upper bounds, of which there are more.
  static float GreatestOfBest(const std::vector<index::DistanceBounds>& bounds,
                              std::uint64_t count) {
    std::vector<float> best;  // A heap, the greatest first.
    best.reserve(count);
    for (const index::DistanceBounds& bound : bounds) {
      if (best.size() == count) {
        if (bound.upper >= best.front()) continue;
        std::pop_heap(best.begin(), best.end());
        best.pop_back();
      }
      best.push_back(bound.upper);
      std::push_heap(best.begin(), best.end());
    }
    return best.front();
  }

  // Takes the rows out of `rows` that by the bounds of their distances are behind enough others.
  Status SetAside(std::vector<RowId>* rows) {
    const bool is_few = rows->size() < kBoundedRowsMin &&
                        state_.context.options().uses_indexes != IndexUse::kAlways;
    const std::uint64_t best_count = limit() * kIndexGroup;
    if (is_few || best_count >= rows->size() || !keys_.CanBound()) return Status::Ok();
    OG_RETURN_IF_ERROR(state_.context.memory().Take(
        rows->size() * (sizeof(index::DistanceBounds) + sizeof(RowId)) +
        best_count * sizeof(float)));
    std::vector<index::DistanceBounds> bounds(rows->size());
    OG_RETURN_IF_ERROR(keys_.BoundAll(*rows, state_.context, bounds.data()));
    const float last = GreatestOfBest(bounds, best_count);
    aside_.reserve(rows->size());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if (bounds[i].lower <= last) {
        (*rows)[kept++] = (*rows)[i];
      } else {
        aside_.push_back((*rows)[i]);
      }
    }
    rows->resize(kept);
    if (!aside_.empty()) aside_min_ = table::RealKey(static_cast<double>(last));
    return Status::Ok();
  }

  Status ComputeKeys(const std::vector<RowId>& rows) {
    OG_RETURN_IF_ERROR(state_.context.memory().Take(rows.size() * (sizeof(Candidate) * 2)));
    OG_RETURN_IF_ERROR(keys_.ComputeAll(rows, state_.context));
    candidates_.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (keys_.nulls()[i] != 0) {
        nulls_.push_back(rows[i]);
        continue;
      }
      const std::int64_t key = Sortable(keys_.keys()[i]);
      if (pushed_max_.has_value() && key <= *pushed_max_) continue;
      candidates_.push_back({key, rows[i]});
    }
    return Status::Ok();
  }

  // All rows of the source that pass the filters.
  Status Filtered(std::vector<RowId>* all) {
    for (RowId next = 0;;) {
      scanned_.Clear();
      std::vector<RowId>& ids = scanned_.slots[slot_];
      source_.Next(&next, table::kNoRow, &ids);
      if (ids.empty()) return Status::Ok();
      OG_RETURN_IF_ERROR(state_.context.Poll());
      scanned_.rows_count = ids.size();
      filters_.Apply(&scanned_);
      OG_RETURN_IF_ERROR(state_.context.memory().Take(ids.size() * sizeof(RowId)));
      all->insert(all->end(), ids.begin(), ids.end());
    }
  }

  Status PushGroups(const Batch& batch) {
    const bool has_nulls = !is_ranking_ && !pushed_nulls_;
    if (has_nulls && !is_descending_) OG_RETURN_IF_ERROR(PushGroup(batch, nulls_));
    std::uint64_t size = limit();
    if (!aside_.empty()) {
      const auto ahead = std::partition(
          candidates_.begin(), candidates_.end(),
          [this](const Candidate& candidate) { return candidate.key <= aside_min_; });
      OG_RETURN_IF_ERROR(PushCandidates(batch, candidates_.begin(), ahead, &size));
      if (is_done()) return Status::Ok();
      candidates_.erase(candidates_.begin(), ahead);
      OG_RETURN_IF_ERROR(ComputeKeys(std::exchange(aside_, {})));
    }
    OG_RETURN_IF_ERROR(PushCandidates(batch, candidates_.begin(), candidates_.end(), &size));
    if (has_nulls && is_descending_) OG_RETURN_IF_ERROR(PushGroup(batch, nulls_));
    return Status::Ok();
  }

  // Pushes them in groups, the best first, until there are enough. `size` is that of the next
  // group.
  Status PushCandidates(const Batch& batch, std::vector<Candidate>::iterator begin,
                        std::vector<Candidate>::iterator stop, std::uint64_t* size) {
    const auto is_better = [](const Candidate& a, const Candidate& b) { return a.key < b.key; };
    for (; begin != stop && !is_done(); *size *= 2) {
      auto end = stop;
      if (*size < static_cast<std::uint64_t>(end - begin)) {
        const auto last = begin + static_cast<std::ptrdiff_t>(*size - 1);
        std::nth_element(begin, last, end, is_better);
        // Rows of one rank stay together: the sink breaks ties.
        end = std::partition(last + 1, end, [key = last->key](const Candidate& candidate) {
          return candidate.key == key;
        });
      }
      std::vector<RowId> rows;
      for (; begin != end; ++begin)
        rows.push_back(begin->row);
      std::sort(rows.begin(), rows.end());
      OG_RETURN_IF_ERROR(PushGroup(batch, rows));
    }
    return Status::Ok();
  }

  Status PushGroup(const Batch& batch, std::span<const RowId> rows) {
    for (std::size_t row = 0; row < batch.rows_count; ++row) {
      OG_RETURN_IF_ERROR(out_.Append(batch, row, slot_, rows, state_, *next_));
    }
    return out_.Flush(state_, *next_);
  }

  RowSource source_;
  FilterSet filters_;
  OrderKeys keys_;
  bool is_ranking_;
  bool is_descending_;
  Slot slot_;
  Batch scanned_;
  BatchWriter out_;
  std::shared_ptr<const table::OrderedIndex> index_;
  std::vector<Candidate> candidates_;
  std::vector<RowId> nulls_;
  // Rows whose keys are not computed yet: all above `aside_min_`, those without one too.
  std::vector<RowId> aside_;
  std::int64_t aside_min_ = 0;
  // Of the index: rows up to this key, and those without one, went on already.
  std::optional<std::int64_t> pushed_max_;
  bool pushed_nulls_ = false;
};

Result<std::unique_ptr<Operator>> MakeBestFirst(const Step& step, std::size_t slots_count,
                                                FilterSet filters, RowSource source,
                                                PipelineState& state) {
  const query::Expression& term = step.best_first->expression;
  OG_ASSIGN_OR_RETURN(const BoundExpression value, BoundExpression::Bind(term, state.context));
  std::optional<OrderKeys> keys = OrderKeys::Of(term, value);
  OG_CHECK(keys.has_value());
  auto scan = std::make_unique<BestFirstScan>(std::move(source), std::move(filters),
                                              *std::move(keys), step, slots_count, state);
  if (step.access == Access::kOrdered && step.access_condition == nullptr) {
    OG_ASSIGN_OR_RETURN(auto index,
                        FindOrderedIndex(step.variable, step.access_property, state.context));
    if (index != nullptr) scan->WalkIndex(std::move(index));
  }
  return std::unique_ptr<Operator>(std::move(scan));
}

}  // namespace

Result<std::unique_ptr<Operator>> MakeScan(const Step& step, std::size_t slots_count,
                                           PipelineState& state,
                                           std::vector<const query::Expression*>* conditions) {
  const std::vector<const query::Expression*> own = TakeConditionsOf(step.variable, conditions);
  OG_ASSIGN_OR_RETURN(RowSource source, RowSource::Bind(step, state.context));
  OG_ASSIGN_OR_RETURN(FilterSet filters, FilterSet::Bind(own, state.context));
  OG_RETURN_IF_ERROR(source.SkipBy(step.variable, filters, state.context));
  if (step.best_first != nullptr) {
    return MakeBestFirst(step, slots_count, std::move(filters), std::move(source), state);
  }
  return std::unique_ptr<Operator>(
      std::make_unique<Scan>(std::move(source), std::move(filters), step, slots_count, state));
}

}  // namespace omnigraph::exec
