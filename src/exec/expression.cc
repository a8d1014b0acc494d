// Implements exec/expression.h.

#include "exec/expression.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "base/json_writer.h"
#include "exec/search.h"

namespace omnigraph::exec {
namespace {

using query::ExpressionKind;
using types::Scalar;

}  // namespace

void RowFunction::OfMany(std::span<const RowId> rows, double* values, std::uint8_t* nulls) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Datum value = Of(rows[i]);
    nulls[i] = value.is_null() ? 1 : 0;
    values[i] = value.kind == DatumKind::kReal ? value.real : 0;
  }
}

Datum ReadColumn(const table::Column& column, RowId row, ValueArena* arena) {
  const types::Type& type = column.type();
  if (column.IsNull(row)) return Datum::Null();
  if (type.is_list || type.is_vector()) {
    arena->push_back(column.Value(row));
    return Datum::Of(arena->back());
  }
  switch (type.scalar) {
    case Scalar::kString:
      return Datum::Text(column.Text(row));
    case Scalar::kBool:
      return Datum::Bool(column.Bool(row));
    case Scalar::kI32:
    case Scalar::kI64:
      return Datum::Int(column.Int(row));
    case Scalar::kU32:
    case Scalar::kU64:
      return Datum::Natural(column.Uint(row));
    case Scalar::kF32:
    case Scalar::kF64:
      return Datum::Real(column.Float(row));
    case Scalar::kDate:
      return Datum::Int(column.Int(row), DatumKind::kDate);
    case Scalar::kDateTime:
      return Datum::Int(column.Int(row), DatumKind::kDateTime);
    case Scalar::kVector:
    case Scalar::kBlob:
      return Datum::Null();
  }
  OG_CHECK(false);
}

Result<BoundExpression> BoundExpression::Bind(const query::Expression& expression,
                                              Context& context) {
  BoundExpression bound(expression.kind);
  bound.compare_ = expression.compare;
  bound.comparison_ = expression.comparison;
  switch (expression.kind) {
    case ExpressionKind::kLiteral:
    case ExpressionKind::kParameter:
    case ExpressionKind::kNow:
      bound.constant_ = context.Constant(expression);
      bound.constant_value_ = context.ConstantValue(expression);
      return bound;
    case ExpressionKind::kProperty:
    case ExpressionKind::kNode: {
      const bool is_id = expression.kind == ExpressionKind::kNode;
      const schema::PropertyOrdinal property = is_id ? schema::kIdColumn : expression.property;
      OG_ASSIGN_OR_RETURN(bound.column_, context.ColumnOf(expression.variable, property));
      bound.slot_ = expression.variable;
      bound.is_blob_ = !is_id && expression.type.scalar == Scalar::kBlob;
      const query::Variable& variable = context.query().variables[expression.variable];
      bound.is_generated_id_ = is_id && !context.catalog().node(variable.type).has_key();
      return bound;
    }
    case ExpressionKind::kCompare:
    case ExpressionKind::kContains:
    case ExpressionKind::kHasSubstring:
    case ExpressionKind::kStartsWith:
      for (const query::Expression& argument : expression.arguments) {
        OG_ASSIGN_OR_RETURN(BoundExpression part, Bind(argument, context));
        bound.arguments_.push_back(std::move(part));
      }
      return bound;
    case ExpressionKind::kSearch:
    case ExpressionKind::kMatchText:
    case ExpressionKind::kFuzzy:
    case ExpressionKind::kNearest:
    case ExpressionKind::kBm25:
    case ExpressionKind::kRrf: {
      OG_ASSIGN_OR_RETURN(bound.function_, BindSearchFunction(expression, context));
      bound.slot_ = RankedVariable(expression);
      return bound;
    }
    case ExpressionKind::kEdgeFrom:
    case ExpressionKind::kEdgeTo:
      break;
  }
  OG_CHECK(false);  // Endpoints of edges occur in mutations only.
}

Datum BoundExpression::Evaluate(const Batch& batch, std::size_t row, ValueArena* arena) const {
  switch (kind_) {
    case ExpressionKind::kLiteral:
    case ExpressionKind::kParameter:
    case ExpressionKind::kNow:
      return constant_;
    case ExpressionKind::kProperty:
      return ReadColumn(*column_, batch.slots[slot_][row], arena);
    case ExpressionKind::kNode: {
      const RowId node = batch.slots[slot_][row];
      if (!is_generated_id_) return Datum::Text(column_->Text(node));
      std::string id;
      column_->AppendText(node, id);
      arena->push_back(types::Value::String(std::move(id)));
      return Datum::Of(arena->back());
    }
    case ExpressionKind::kCompare:
    case ExpressionKind::kContains:
    case ExpressionKind::kHasSubstring:
    case ExpressionKind::kStartsWith:
      return EvaluateOperator(batch, row, arena);
    default:
      return function_->Of(batch.slots[slot_][row]);
  }
}

Datum BoundExpression::EvaluateOperator(const Batch& batch, std::size_t row,
                                        ValueArena* arena) const {
  const Datum left = arguments_[0].Evaluate(batch, row, arena);
  const Datum right = arguments_[1].Evaluate(batch, row, arena);
  switch (kind_) {
    case ExpressionKind::kCompare: {
      const std::optional<bool> holds = Compare(compare_, comparison_, left, right);
      return holds.has_value() ? Datum::Bool(*holds) : Datum::Null();
    }
    case ExpressionKind::kContains:
      return Datum::Bool(ListContains(left, right, comparison_));
    default:
      if (left.is_null() || right.is_null()) return Datum::Bool(false);
      if (kind_ == ExpressionKind::kStartsWith) {
        return Datum::Bool(left.AsText().starts_with(right.AsText()));
      }
      return Datum::Bool(left.AsText().find(right.AsText()) != std::string_view::npos);
  }
}

void BoundExpression::AppendJson(const Batch& batch, std::size_t row, std::string& out) const {
  if (kind_ == ExpressionKind::kProperty) {
    if (is_blob_) {
      out += "null";
    } else {
      column_->AppendJson(batch.slots[slot_][row], out);
    }
  } else if (constant_value_ != nullptr) {
    exec::AppendJson(constant_, out);
  } else {
    ValueArena arena;
    exec::AppendJson(Evaluate(batch, row, &arena), out);
  }
}

}  // namespace omnigraph::exec
