// What all parts of one execution share: the tables, the constants, the limits.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
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

class RowFunction;

class Context {
 public:
  /// Everything given must outlive the context.
  Context(const query::ReadQuery& query, std::span<const types::Value> parameters,
          const table::GraphView& view, const ExecutionOptions& options);
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
  /// Whether a poll failed: loops that cannot return a status end early, the next `Poll` says why.
  bool is_interrupted() const { return !failure_.ok(); }

  Budget& memory() { return memory_; }

  /// Search functions by their arguments: bound once, whatever refers to them.
  std::map<std::string, std::shared_ptr<RowFunction>>& functions() { return functions_; }

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
  Budget memory_;
  std::deque<BoundColumn> columns_;
  std::map<std::string, std::shared_ptr<RowFunction>> functions_;
  std::uint64_t edges_since_poll_ = 0;
  std::uint64_t edges_count_ = 0;
  Status failure_;
};

}  // namespace omnigraph::exec
