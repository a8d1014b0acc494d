// Implements exec/context.h.

#include "exec/context.h"

#include <utility>

#include "base/check.h"

namespace omnigraph::exec {
namespace {

constexpr std::int64_t kMicrosPerMilli = 1000;

// Rounds towards earlier time, also before 1970.
std::int64_t MillisOf(std::int64_t micros) {
  const std::int64_t millis = micros / kMicrosPerMilli;
  return micros % kMicrosPerMilli < 0 ? millis - 1 : millis;
}

}  // namespace

Context::Context(const query::ReadQuery& query, std::span<const types::Value> parameters,
                 const table::GraphView& view, const ExecutionOptions& options)
    : query_(query),
      parameters_(parameters),
      view_(view),
      options_(options),
      limits_(std::make_shared<Limits>(options.memory_bytes_max)) {}

Context::Context(ForThread thread)
    : query_(thread.shared.query_),
      parameters_(thread.shared.parameters_),
      view_(thread.shared.view_),
      options_(thread.shared.options_),
      limits_(thread.shared.limits_),
      is_for_thread_(true) {}

Result<const table::Table*> Context::TableOf(std::uint32_t variable) {
  const query::Variable& described = query_.variables[variable];
  return described.kind == query::VariableKind::kNode ? view_.NodeTable(described.type)
                                                      : view_.EdgeTable(described.type);
}

Result<const table::Column*> Context::ColumnOf(std::uint32_t variable,
                                               schema::PropertyOrdinal property) {
  for (const BoundColumn& bound : columns_) {
    if (bound.variable == variable && bound.property == property) return &bound.column;
  }
  OG_ASSIGN_OR_RETURN(const table::Table* table, TableOf(variable));
  OG_ASSIGN_OR_RETURN(table::Column column, table->BindColumn(property));
  columns_.push_back({variable, property, std::move(column)});
  return &columns_.back().column;
}

Datum Context::Constant(const query::Expression& expression) const {
  if (expression.kind == query::ExpressionKind::kNow) {
    return Datum::Int(MillisOf(options_.now_micros), DatumKind::kDateTime);
  }
  const types::Value* value = ConstantValue(expression);
  return value == nullptr ? Datum::Null() : Datum::Of(*value);
}

const types::Value* Context::ConstantValue(const query::Expression& expression) const {
  switch (expression.kind) {
    case query::ExpressionKind::kLiteral:
      return &expression.value;
    case query::ExpressionKind::kParameter:
      OG_CHECK(expression.parameter < parameters_.size());
      return &parameters_[expression.parameter];
    default:
      return nullptr;
  }
}

Result<std::shared_ptr<const JoinTable>> Context::SharedJoin(
    const Step& step, const std::function<Result<std::shared_ptr<const JoinTable>>()>& build) {
  const std::lock_guard lock(limits_->joins_mutex);
  std::shared_ptr<const JoinTable>& known = limits_->joins[&step];
  if (known == nullptr) {
    OG_ASSIGN_OR_RETURN(known, build());
  }
  return known;
}

Status Context::Poll() {
  if (!failure_.ok()) return failure_;
  if (options_.deadline.HasPassed()) {
    failure_ = Status::Error(ErrorCode::kDeadlineExceeded,
                             "the query did not end before its deadline and was stopped; make it "
                             "more selective, or allow it more time");
  } else if (options_.is_cancelled != nullptr &&
             options_.is_cancelled->load(std::memory_order_relaxed)) {
    failure_ = Status::Error(ErrorCode::kDeadlineExceeded,
                             "the query was cancelled by its caller and was stopped");
  } else if (is_for_thread_ && limits_->is_given_up.load(std::memory_order_relaxed)) {
    failure_ = Status::Error(ErrorCode::kDeadlineExceeded, "another thread ended the query");
  }
  return failure_;
}

void Context::PollEdges() {
  const std::uint64_t count = std::exchange(edges_since_poll_, 0);
  edges_count_ += count;
  const std::uint64_t edges_total = limits_->edges_count.fetch_add(count) + count;
  if (!Poll().ok()) return;
  if (edges_total > options_.edges_visited_max) {
    failure_ = Status::Error(ErrorCode::kResourceExhausted,
                             "the query looked at more than query.edges_visited_max = " +
                                 std::to_string(options_.edges_visited_max) + " edges");
  }
}

}  // namespace omnigraph::exec
