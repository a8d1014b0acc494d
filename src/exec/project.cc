// The sink of queries without order and aggregates.

#include <utility>

#include "exec/answer_writer.h"
#include "exec/sinks.h"

namespace omnigraph::exec {
namespace {

class ProjectSink final : public Sink {
 public:
  ProjectSink(Projector projector, PipelineState& state, ResultTable* table)
      : Sink(state), projector_(std::move(projector)), writer_(state.context, table) {}

  Status Push(Batch* batch) override {
    for (std::size_t row = 0; row < batch->rows_count && !writer_.is_full(); ++row) {
      OG_RETURN_IF_ERROR(projector_.Write(*batch, row, &writer_));
    }
    state_.is_stopped = writer_.is_full();
    return Status::Ok();
  }
  Status Finish() override { return Status::Ok(); }

 private:
  Projector projector_;
  AnswerWriter writer_;
};

}  // namespace

Result<std::unique_ptr<Sink>> MakeProjectSink(PipelineState& state, ResultTable* table) {
  OG_ASSIGN_OR_RETURN(Projector projector, Projector::Bind(state.context));
  return std::unique_ptr<Sink>(std::make_unique<ProjectSink>(std::move(projector), state, table));
}

}  // namespace omnigraph::exec
