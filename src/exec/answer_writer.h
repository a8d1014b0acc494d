// Writes tuples as rows of the answer, within its limits.

#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "exec/context.h"
#include "exec/expression.h"
#include "exec/result_table.h"

namespace omnigraph::exec {

/// The columns of a query's answer.
std::vector<ResultColumn> ResultColumnsOf(const query::ReadQuery& query);

/// Counts rows against the query's `limit` and the budgets.
class AnswerWriter {
 public:
  AnswerWriter(Context& context, ResultTable* table);

  /// Whether the query's limit is reached.
  bool is_full() const { return rows_left_ == 0; }
  ResultTable& table() { return *table_; }

  /// Counts one row that was added to the table. Errors: `kResourceExhausted`.
  Status CountRow();

 private:
  Status CountBytes();

  Context& context_;
  ResultTable* table_;
  std::uint64_t rows_left_;
  std::uint64_t bytes_taken_ = 0;
};

/// The projections of a query without aggregates.
class Projector {
 public:
  static Result<Projector> Bind(Context& context);

  /// Writes a tuple as often as it weighs, until the writer is full.
  Status Write(const Batch& batch, std::size_t row, AnswerWriter* writer) const;

 private:
  std::vector<BoundExpression> columns_;
};

}  // namespace omnigraph::exec
