// Implements exec/parallel.h.

#include "exec/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/thread_pool.h"
#include "exec/pipeline.h"
#include "exec/profile.h"

namespace omnigraph::exec {
namespace {

// Parts per thread, so that a dear part at the end does not leave the others idle.
constexpr std::size_t kPartsPerThread = 8;
constexpr RowId kPartRowsMax = 16'384;
// Batches that a part may keep while it waits for its turn.
constexpr std::size_t kWaitingBatchesMax = 64;

std::uint64_t BytesOf(const Batch& batch) {
  std::uint64_t count = batch.weights.size() * sizeof(std::uint64_t);
  for (const std::vector<RowId>& slot : batch.slots)
    count += slot.size() * sizeof(RowId);
  return count;
}

// Where tuples wait until all parts before theirs have reached the sink.
class Exchange {
 public:
  Exchange(Sink* sink, PipelineState& sink_state, Context& context)
      : sink_(sink), sink_state_(sink_state), context_(context), memory_(context.memory()) {}

  bool is_over() const { return is_over_.load(std::memory_order_relaxed); }

  /// Takes a batch of a part, now or later. Waits while the part has too many.
  Status Add(std::size_t part, Batch* batch) {
    std::unique_lock lock(mutex_);
    std::deque<Batch>& waiting = waiting_[part];
    moved_on_.wait(
        lock, [&] { return part == turn_ || waiting.size() < kWaitingBatchesMax || is_over(); });
    if (is_over()) return Status::Ok();
    if (part == turn_) {
      // Nobody else touches the sink until this part has ended.
      OG_RETURN_IF_ERROR(Drain(part, lock));
      lock.unlock();
      return PushOn(batch);
    }
    OG_RETURN_IF_ERROR(memory_.Take(BytesOf(*batch)));
    Batch empty(batch->slots.size());
    waiting.push_back(std::exchange(*batch, std::move(empty)));
    return Status::Ok();
  }

  /// The part has no more batches.
  Status End(std::size_t part) {
    std::unique_lock lock(mutex_);
    ended_.insert(part);
    if (part != turn_) return Status::Ok();
    // Also pushes the parts behind that have ended: their threads have gone on.
    while (!is_over() && ended_.contains(turn_)) {
      OG_RETURN_IF_ERROR(Drain(turn_, lock));
      ended_.erase(turn_);
      waiting_.erase(turn_);
      ++turn_;
      moved_on_.notify_all();
    }
    return Status::Ok();
  }

  /// Nothing more is wanted. The first error counts.
  void Stop(Status status) {
    const std::lock_guard lock(mutex_);
    if (is_over()) return;
    status_ = std::move(status);
    is_over_ = true;
    context_.StopThreads();
    moved_on_.notify_all();
  }

  Status status() {
    const std::lock_guard lock(mutex_);
    return status_;
  }

 private:
  // Pushes what waits of the part whose turn it is, without the lock meanwhile.
  Status Drain(std::size_t part, std::unique_lock<std::mutex>& lock) {
    std::deque<Batch>& waiting = waiting_[part];
    while (!waiting.empty() && !is_over()) {
      Batch batch = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      memory_.Return(BytesOf(batch));
      const Status status = PushOn(&batch);
      lock.lock();
      OG_RETURN_IF_ERROR(status);
    }
    return Status::Ok();
  }

  Status PushOn(Batch* batch) {
    OG_RETURN_IF_ERROR(sink_->Push(batch));
    if (sink_state_.is_stopped) Stop(Status::Ok());
    return Status::Ok();
  }

  Sink* sink_;  // Used by whoever runs the part whose turn it is.
  PipelineState& sink_state_;
  Context& context_;
  Budget& memory_;
  std::atomic<bool> is_over_{false};
  std::mutex mutex_;
  std::condition_variable moved_on_;
  // All below are guarded by mutex_.
  std::size_t turn_ = 0;
  std::map<std::size_t, std::deque<Batch>> waiting_;
  std::set<std::size_t> ended_;
  Status status_;
};

// The end of a thread's pipeline.
class ExchangeSink final : public Operator {
 public:
  ExchangeSink(Exchange& exchange, const std::size_t* part, PipelineState& state)
      : Operator(state), exchange_(exchange), part_(part) {}

  Status Push(Batch* batch) override {
    OG_RETURN_IF_ERROR(exchange_.Add(*part_, batch));
    state_.is_stopped = exchange_.is_over();
    return Status::Ok();
  }

 private:
  Exchange& exchange_;
  const std::size_t* part_;
};

Result<const table::Table*> FirstTable(const Plan& plan, Context& context) {
  const Step& first = plan.match.steps[0];
  if (first.kind == StepKind::kScan) return context.TableOf(first.variable);
  return context.view().EdgeTable(first.traversal->edge_type);
}

// One thread's share of the work.
class Worker {
 public:
  Worker(const Plan& plan, Context& shared) : plan_(plan), context_(Context::ForThread{shared}) {
    if (shared.profile() != nullptr) context_.SetProfile(&profile_);
  }

  Status Open(Exchange& exchange) {
    OG_ASSIGN_OR_RETURN(pipeline_, Pipeline::Build(plan_.match, context_, {plan_.slots_count}));
    pipeline_->SetSink(std::make_unique<ExchangeSink>(exchange, &part_, pipeline_->state()));
    return Status::Ok();
  }

  Status RunPart(std::size_t part, RowId begin, RowId end, Exchange& exchange) {
    part_ = part;
    pipeline_->state().first_scan = {begin, end, true};
    OG_RETURN_IF_ERROR(pipeline_->Run());
    OG_RETURN_IF_ERROR(context_.Poll());
    return exchange.End(part);
  }

  const Profile& profile() const { return profile_; }

 private:
  const Plan& plan_;
  Context context_;
  Profile profile_;
  std::unique_ptr<Pipeline> pipeline_;
  std::size_t part_ = 0;
};

}  // namespace

Result<bool> IsWorthThreads(const Plan& plan, Context& context) {
  const PatternPlan& match = plan.match;
  const ExecutionOptions& options = context.options();
  if (options.pool == nullptr || match.is_never || match.steps.empty() || !match.counted.empty()) {
    return false;
  }
  const Step& first = match.steps[0];
  const bool is_scan = first.kind == StepKind::kScanEdges ||
                       (first.kind == StepKind::kScan && first.best_first == nullptr);
  if (!is_scan) return false;
  // A few rows of any kind are found sooner on one thread.
  const query::ReadQuery& query = context.query();
  if (!query.is_aggregate && query.order.empty() && query.limit_rows_count.has_value()) {
    return false;
  }
  double tuples = 0;
  for (const Step& step : match.steps)
    tuples += step.rows_estimate;
  OG_ASSIGN_OR_RETURN(const table::Table* table, FirstTable(plan, context));
  tuples += static_cast<double>(table->rows_count()) / 8;
  return table->rows_count() > 1 && tuples >= static_cast<double>(options.parallel_tuples_min);
}

Status RunOnThreads(const Plan& plan, Context& context, PipelineState& sink_state, Sink* sink) {
  ThreadPool& pool = *context.options().pool;
  OG_ASSIGN_OR_RETURN(const table::Table* table, FirstTable(plan, context));
  const std::size_t hands = std::max<std::size_t>(pool.threads_count(), 1);
  const auto ids_end = static_cast<std::size_t>(table->row_ids_end());
  const std::size_t part_rows =
      std::clamp<std::size_t>(ids_end / (hands * kPartsPerThread), 1, kPartRowsMax);
  const std::size_t parts_count = (ids_end + part_rows - 1) / part_rows;

  Exchange exchange(sink, sink_state, context);
  std::deque<Worker> workers;
  for (std::size_t i = 0; i < hands; ++i) {
    workers.emplace_back(plan, context);
    OG_RETURN_IF_ERROR(workers.back().Open(exchange));
  }
  std::atomic<std::size_t> next_part{0};
  ParallelFor(pool, hands, [&](std::size_t hand) {
    while (!exchange.is_over()) {
      const std::size_t part = next_part.fetch_add(1);
      if (part >= parts_count) return;
      const std::size_t begin = part * part_rows;
      const std::size_t end = std::min(ids_end, begin + part_rows);
      Status status =
          workers[hand].RunPart(part, static_cast<RowId>(begin), static_cast<RowId>(end), exchange);
      if (!status.ok()) exchange.Stop(std::move(status));
    }
  });
  if (context.profile() != nullptr) {
    for (const Worker& worker : workers)
      context.profile()->Add(worker.profile());
  }
  return exchange.status();
}

}  // namespace omnigraph::exec
