// What all parts of one execution share: the tables, the constants, the limits.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/budget.h"
#include "base/status.h"
#include "exec/datum.h"
#include "exec/executor.h"
#include "exec/plan.h"
#include "query/checked.h"
#include "table/table.h"

namespace omnigraph::exec {

class JoinTable;
class Profile;
class RowFunction;

class Context {
 public:
  /// Everything given must outlive the context.
  Context(const query::ReadQuery& query, std::span<const types::Value> parameters,
          const table::GraphView& view, const ExecutionOptions& options);
  /// For another thread of the same execution: shares the budgets, binds anew what it reads.
  struct ForThread {
    Context& shared;
  };
  explicit Context(ForThread thread);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const query::ReadQuery& query() const { return query_; }
  const schema::Catalog& catalog() const { return view_.catalog(); }
  const table::GraphView& view() const { return view_; }
  const ExecutionOptions& options() const { return options_; }

  /// The table of a variable.
  Result<const table::Table*> TableOf(std::uint32_t variable);
  /// A column of the table of a variable; bound once, lives as long as the context.
  Result<const table::Column*> ColumnOf(std::uint32_t variable, schema::PropertyOrdinal property);

  /// Whether the value of a constant is known: a plan may be asked for without arguments.
  bool IsKnown(const query::Expression& constant) const {
    return constant.kind != query::ExpressionKind::kParameter || !parameters_.empty();
  }
  /// The value of a kLiteral, kParameter or kNow; refers to the query or the parameters.
  Datum Constant(const query::Expression& expression) const;
  /// The same with lists and vectors; null for kNow.
  const types::Value* ConstantValue(const query::Expression& expression) const;

  /// Fails when the deadline has passed, the caller has left, or `CountEdges` went over. Asked once
  /// per batch.
  Status Poll();
  /// Counts neighbours that were looked at and polls now and then; afterwards `is_interrupted()`.
  void CountEdges(std::uint64_t count) {
    edges_since_poll_ += count;
    if (edges_since_poll_ >= kEdgesPerPoll) PollEdges();
  }
  /// Lets the next poll of the contexts for other threads fail.
  void StopThreads() { limits_->is_given_up = true; }
  /// Whether a poll failed: loops that cannot return a status end early, the next `Poll` says why.
  bool is_interrupted() const { return !failure_.ok(); }

  /// Neighbours counted so far.
  std::uint64_t edges_count() const { return edges_count_ + edges_since_poll_; }

  Budget& memory() { return limits_->memory; }

  /// Where steps write what they did; null: nowhere.
  Profile* profile() const { return profile_; }
  void SetProfile(Profile* profile) { profile_ = profile; }

  /// Search functions by their arguments: bound once, whatever refers to them.
  std::map<std::string, std::shared_ptr<RowFunction>>& functions() { return functions_; }

  /// The table of a join. The first thread that asks builds it, the others wait for it.
  Result<std::shared_ptr<const JoinTable>> SharedJoin(
      const Step& step, const std::function<Result<std::shared_ptr<const JoinTable>>()>& build);

 private:
  static constexpr std::uint64_t kEdgesPerPoll = std::uint64_t{1} << 20;

  struct BoundColumn {
    std::uint32_t variable;
    schema::PropertyOrdinal property;
    table::Column column;
  };

  void PollEdges();

  const query::ReadQuery& query_;
  std::span<const types::Value> parameters_;
  const table::GraphView& view_;
  const ExecutionOptions& options_;
  // What the threads of one execution use up together.
  struct Limits {
    explicit Limits(std::uint64_t memory_bytes_max)
        : memory("query.memory_bytes_max", memory_bytes_max) {}
    Budget memory;
    std::atomic<std::uint64_t> edges_count{0};
    std::atomic<bool> is_given_up{false};  // The other threads are to stop.
    std::mutex joins_mutex;
    std::map<const Step*, std::shared_ptr<const JoinTable>> joins;
  };
  std::shared_ptr<Limits> limits_;
  bool is_for_thread_ = false;
  Profile* profile_ = nullptr;
  std::deque<BoundColumn> columns_;
  std::map<std::string, std::shared_ptr<RowFunction>> functions_;
  std::uint64_t edges_since_poll_ = 0;
  std::uint64_t edges_count_ = 0;
  Status failure_;
};

}  // namespace omnigraph::exec
