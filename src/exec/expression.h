// Expressions bound to the columns that they read, evaluated per tuple.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "exec/batch.h"
#include "exec/context.h"
#include "exec/datum.h"
#include "index/vector_codes.h"
#include "query/checked.h"

namespace omnigraph::exec {

/// Owns the lists and vectors that datums refer to, while the datums are used.
using ValueArena = std::deque<types::Value>;

/// A function of one node: a text predicate, a distance or a score.
class RowFunction {
 public:
  virtual ~RowFunction() = default;
  virtual Datum Of(RowId row) = 0;

  /// The same for many rows of a function whose values are F64: a place per row in both; where
  /// `nulls` is 1 there is no value. Distances may be computed by several threads at a time.
  virtual void OfMany(std::span<const RowId> rows, double* values, std::uint8_t* nulls);

  /// Sets the bounds of `OfMany` for less than its cost; false, and nothing is set, if it cannot,
  /// whatever the rows. By several threads at a time.
  virtual bool Bound(std::span<const RowId> /*rows*/, index::DistanceBounds* /*bounds*/) {
    return false;
  }

  /// All nodes whose value is neither null nor false, ascending, if they are known.
  virtual const std::vector<RowId>* candidates() const { return nullptr; }
};

/// Reads one stored value. Lists and vectors are copied into `arena`; a blob reads as null.
Datum ReadColumn(const table::Column& column, RowId row, ValueArena* arena);

class BoundExpression {
 public:
  /// Errors: of binding columns, and `kInvalidArgument` of arguments of search functions.
  static Result<BoundExpression> Bind(const query::Expression& expression, Context& context);

  Datum Evaluate(const Batch& batch, std::size_t row, ValueArena* arena) const;

  /// The column, if the expression is a property of a node or edge, and the variable that it or
  /// a search function is about. Else null.
  const table::Column* column() const {
    return kind_ == query::ExpressionKind::kProperty ? column_ : nullptr;
  }
  RowFunction* function() const { return function_.get(); }
  Slot slot() const { return slot_; }

  /// Appends the value as JSON, a property straight from its column.
  void AppendJson(const Batch& batch, std::size_t row, std::string& out) const;

 private:
  explicit BoundExpression(query::ExpressionKind kind) : kind_(kind) {}

  Datum EvaluateOperator(const Batch& batch, std::size_t row, ValueArena* arena) const;

  query::ExpressionKind kind_;
  Datum constant_;
  const types::Value* constant_value_ = nullptr;
  const table::Column* column_ = nullptr;  // kProperty, kNode.
  bool is_blob_ = false;
  bool is_generated_id_ = false;           // kNode: the id is not stored as text.
  Slot slot_ = 0;                          // kProperty, kNode and search functions.
  std::shared_ptr<RowFunction> function_;  // Search functions.
  query::CompareOp compare_ = query::CompareOp::kEqual;
  query::Comparison comparison_ = query::Comparison::kExactNumber;
  std::vector<BoundExpression> arguments_;
};

}  // namespace omnigraph::exec
