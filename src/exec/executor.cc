// Implements exec/executor.h.

#include "exec/executor.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "exec/answer_writer.h"
#include "exec/context.h"
#include "exec/fused_rank.h"
#include "exec/pipeline.h"
#include "exec/planner.h"
#include "exec/sinks.h"

namespace omnigraph::exec {
namespace {

using query::ExpressionKind;

Status CheckOrder(const query::ReadQuery& query) {
  for (const query::OrderTerm& term : query.order) {
    if (term.expression.type.scalar != types::Scalar::kBlob) continue;
    return Status::Error(ErrorCode::kInvalidArgument,
                         "unsupported ordering expression: a Blob has no order");
  }
  return Status::Ok();
}

bool HasFusedRank(const query::ReadQuery& query) {
  const auto is_fused = [](const auto& part) {
    return part.expression.kind == ExpressionKind::kRrf;
  };
  return std::any_of(query.projections.begin(), query.projections.end(), is_fused) ||
         std::any_of(query.order.begin(), query.order.end(), is_fused);
}

Result<std::unique_ptr<Sink>> MakeSink(PipelineState& state, ResultTable* table) {
  const query::ReadQuery& query = state.context.query();
  if (query.is_aggregate) return MakeAggregateSink(state, table);
  if (!query.order.empty() || HasFusedRank(query)) return MakeSortSink(state, table);
  return MakeProjectSink(state, table);
}

}  // namespace

Result<ResultTable> ExecuteRead(const query::CheckedQuery& query,
                                std::span<const types::Value> parameters,
                                const table::GraphView& view, const ExecutionOptions& options) {
  const query::ReadQuery* read = query.read();
  OG_CHECK(read != nullptr);
  OG_RETURN_IF_ERROR(CheckOrder(*read));
  ResultTable table(ResultColumnsOf(*read));
  Context context(*read, parameters, view, options);
  OG_ASSIGN_OR_RETURN(const Plan plan, PlanRead(*read, view));
  OG_ASSIGN_OR_RETURN(std::unique_ptr<Pipeline> pipeline,
                      Pipeline::Build(plan.match, context, {plan.slots_count}));
  OG_ASSIGN_OR_RETURN(std::unique_ptr<Sink> made, MakeSink(pipeline->state(), &table));
  Sink* sink = made.get();
  pipeline->SetSink(std::move(made));
  if (read->limit_rows_count == std::uint64_t{0}) return table;
  OG_RETURN_IF_ERROR(pipeline->Run());
  OG_RETURN_IF_ERROR(sink->Finish());
  OG_RETURN_IF_ERROR(context.Poll());
  return table;
}

Result<std::string> ExplainRead(const query::CheckedQuery& query, const table::GraphView& view) {
  const query::ReadQuery* read = query.read();
  OG_CHECK(read != nullptr);
  OG_ASSIGN_OR_RETURN(const Plan plan, PlanRead(*read, view));
  return PlanText(plan, *read, view.catalog());
}

}  // namespace omnigraph::exec
