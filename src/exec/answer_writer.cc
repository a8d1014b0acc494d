// Implements exec/answer_writer.h.

#include "exec/answer_writer.h"

#include <limits>
#include <string>
#include <utility>

namespace omnigraph::exec {
namespace {

// The answer's bytes are accounted in steps of about this size.
constexpr std::uint64_t kBytesPerStep = 64 * 1024;

}  // namespace

std::vector<ResultColumn> ResultColumnsOf(const query::ReadQuery& query) {
  std::vector<ResultColumn> columns;
  columns.reserve(query.projections.size());
  for (const query::Projection& projection : query.projections) {
    columns.push_back({projection.name, projection.type});
  }
  return columns;
}

AnswerWriter::AnswerWriter(Context& context, ResultTable* table)
    : context_(context),
      table_(table),
      rows_left_(
          context.query().limit_rows_count.value_or(std::numeric_limits<std::uint64_t>::max())) {}

Status AnswerWriter::CountRow() {
  --rows_left_;
  if (table_->rows_count() > context_.options().rows_max) {
    return Status::Error(
        ErrorCode::kResourceExhausted,
        "the answer has more than query.rows_max = " + std::to_string(context_.options().rows_max) +
            " rows; ask for fewer with `limit`");
  }
  if (table_->size_bytes() < bytes_taken_ + kBytesPerStep) return Status::Ok();
  return CountBytes();
}

Status AnswerWriter::CountBytes() {
  OG_RETURN_IF_ERROR(context_.Poll());
  const std::uint64_t size_bytes = table_->size_bytes();
  OG_RETURN_IF_ERROR(context_.memory().Take(size_bytes - bytes_taken_));
  bytes_taken_ = size_bytes;
  return Status::Ok();
}

Result<Projector> Projector::Bind(Context& context) {
  Projector projector;
  projector.columns_.reserve(context.query().projections.size());
  for (const query::Projection& projection : context.query().projections) {
    OG_ASSIGN_OR_RETURN(BoundExpression column,
                        BoundExpression::Bind(projection.expression, context));
    projector.columns_.push_back(std::move(column));
  }
  return projector;
}

Status Projector::Write(const Batch& batch, std::size_t row, AnswerWriter* writer) const {
  ResultTable& table = writer->table();
  for (std::uint64_t copies = batch.Weight(row); copies > 0 && !writer->is_full(); --copies) {
    table.BeginRow();
    for (const BoundExpression& column : columns_) {
      column.AppendJson(batch, row, table.BeginCell());
    }
    table.EndRow();
    OG_RETURN_IF_ERROR(writer->CountRow());
  }
  return Status::Ok();
}

}  // namespace omnigraph::exec
