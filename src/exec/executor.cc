// Implements exec/executor.h.

#include "exec/executor.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "exec/answer_writer.h"
#include "exec/context.h"
#include "exec/fused_rank.h"
#include "exec/parallel.h"
#include "exec/pipeline.h"
#include "exec/planner.h"
#include "exec/profile.h"
#include "exec/sinks.h"

namespace omnigraph::exec {
namespace {

Status CheckOrder(const query::ReadQuery& query) {
  for (const query::OrderTerm& term : query.order) {
    if (term.expression.type.scalar != types::Scalar::kBlob) continue;
    return Status::Error(ErrorCode::kInvalidArgument,
                         "unsupported ordering expression: a Blob has no order");
  }
  return Status::Ok();
}

Result<std::unique_ptr<Sink>> MakeSink(PipelineState& state, ResultTable* table) {
  const query::ReadQuery& query = state.context.query();
  if (query.is_aggregate) return MakeAggregateSink(state, table);
  if (!query.order.empty() || HasFusedRank(query)) return MakeSortSink(state, table);
  return MakeProjectSink(state, table);
}

Status Finish(Sink& sink, Context& context) {
  const std::uint64_t begin = MonotonicNanos();
  OG_RETURN_IF_ERROR(sink.Finish());
  OG_RETURN_IF_ERROR(context.Poll());
  if (context.profile() != nullptr) {
    context.profile()->AddFinish(MonotonicNanos() - begin);
  }
  return Status::Ok();
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
  OG_ASSIGN_OR_RETURN(const Plan plan, PlanRead(context));
  Profile profile;
  if (options.profile != nullptr) context.SetProfile(&profile);
  OG_ASSIGN_OR_RETURN(std::unique_ptr<Pipeline> pipeline,
                      Pipeline::Build(plan.match, context, {plan.slots_count}));
  OG_ASSIGN_OR_RETURN(std::unique_ptr<Sink> made, MakeSink(pipeline->state(), &table));
  Sink* sink = made.get();
  pipeline->SetSink(std::move(made));
  if (read->limit_rows_count != std::uint64_t{0}) {
    OG_ASSIGN_OR_RETURN(const bool is_worth_threads, IsWorthThreads(plan, context));
    OG_RETURN_IF_ERROR(is_worth_threads ? RunOnThreads(plan, context, pipeline->state(), sink)
                                        : pipeline->Run());
    OG_RETURN_IF_ERROR(Finish(*sink, context));
  }
  if (options.profile != nullptr) {
    *options.profile = DescribePlan(plan, *read, view.catalog(), &profile);
  }
  return table;
}

ResultTable EmptyAnswer(const query::CheckedQuery& query) {
  OG_CHECK(query.read() != nullptr);
  return ResultTable(ResultColumnsOf(*query.read()));
}

Result<PlanDescription> DescribeRead(const query::CheckedQuery& query,
                                     const table::GraphView& view) {
  const query::ReadQuery* read = query.read();
  OG_CHECK(read != nullptr);
  const ExecutionOptions options;
  Context context(*read, {}, view, options);
  OG_ASSIGN_OR_RETURN(const Plan plan, PlanRead(context));
  return DescribePlan(plan, *read, view.catalog(), nullptr);
}

Result<std::string> ExplainRead(const query::CheckedQuery& query, const table::GraphView& view) {
  OG_ASSIGN_OR_RETURN(PlanDescription description, DescribeRead(query, view));
  return std::move(description.text);
}

}  // namespace omnigraph::exec
