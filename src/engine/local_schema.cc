// Schema changes of `LocalGraph`.

#include <algorithm>

#include "base/strings.h"
#include "engine/local_graph.h"
#include "graph/schema_change.h"
#include "history/branch_name.h"

namespace omnigraph::engine {
namespace {

schema::MigrationOptions OptionsOf(const SchemaChangeRequest& request) {
  return {.allow_data_loss = request.allow_data_loss, .backfills = request.backfills};
}

SchemaChangeAnswer AnswerOf(const schema::MigrationPlan& plan) {
  SchemaChangeAnswer answer;
  answer.is_supported = plan.is_supported();
  for (const schema::MigrationStep& step : plan.steps) {
    answer.steps.push_back({schema::StepJson(step), schema::StepText(step)});
  }
  return answer;
}

// Holds the flag of an apply in progress.
class Exclusive {
 public:
  explicit Exclusive(std::atomic<bool>& flag) : flag_(flag), is_held_(!flag.exchange(true)) {}
  ~Exclusive() {
    if (is_held_) flag_ = false;
  }
  Exclusive(const Exclusive&) = delete;
  Exclusive& operator=(const Exclusive&) = delete;
  bool is_held() const { return is_held_; }

 private:
  std::atomic<bool>& flag_;
  const bool is_held_;
};

}  // namespace

Status RequireOnlyMain(history::CommitStore& commits, std::string_view operation) {
  OG_ASSIGN_OR_RETURN(std::vector<std::string> branches, commits.ListBranches());
  std::erase(branches, std::string(history::kMainBranch));
  if (branches.empty()) return Status::Ok();
  return Status::Error(ErrorCode::kConflict,
                       std::string(operation) +
                           " requires a graph with only main; found non-main branches: " +
                           Join(branches, ", ") + "; merge or delete them first");
}

Result<SchemaChangeAnswer> LocalGraph::PlanSchema(const Caller&,
                                                  const SchemaChangeRequest& request) {
  OG_ASSIGN_OR_RETURN(const SnapshotPtr head, repository_->Head(history::kMainBranch));
  OG_ASSIGN_OR_RETURN(const graph::SchemaPlan plan,
                      graph::PlanSchemaChange(*head, request.source, OptionsOf(request)));
  SchemaChangeAnswer answer = AnswerOf(plan.migration);
  answer.manifest_version = head->commit().version;
  return answer;
}

Result<SchemaChangeAnswer> LocalGraph::ApplySchema(const Caller& caller,
                                                   const SchemaChangeRequest& request) {
  OG_RETURN_IF_ERROR(
      Permit(caller, policy::Action::kSchemaApply, std::nullopt, history::kMainBranch));
  OG_RETURN_IF_ERROR(RequireWritable("schema apply"));
  const Exclusive exclusive(is_changing_schema_);
  if (!exclusive.is_held()) {
    return Status::Error(ErrorCode::kConflict,
                         "schema apply is already in progress on this graph; try again later");
  }
  history::CommitStore& commits = repository_->commits();
  SchemaChangeAnswer answer;
  graph::SupersededObjects superseded;
  graph::WriteRequest write;
  write.operation = format::Operation::kSchemaApply;
  write.actor = caller.actor;
  write.deadline = caller.deadline;
  // Rows that got in between are part of the change. Another schema is not: what it added would be
  // dropped as if the caller had asked for that.
  std::string planned_on;  // The digest of the schema.
  std::uint64_t planned_on_version = 0;
  write.plan = [&](graph::WorkingGraph& working, graph::Footprint*) -> Status {
    OG_RETURN_IF_ERROR(RequireOnlyMain(commits, "schema apply"));
    const format::Commit& base = working.base().commit();
    if (!planned_on.empty() && planned_on != base.schema_digest) {
      return Status::Error(ErrorCode::kConflict,
                           "schema apply lost its write lease: another schema was applied "
                           "meanwhile, and main moved from version " +
                               std::to_string(planned_on_version) + " to " +
                               std::to_string(base.version) + "; plan the change again");
    }
    planned_on = base.schema_digest;
    planned_on_version = base.version;
    OG_ASSIGN_OR_RETURN(
        const graph::SchemaPlan plan,
        graph::PlanSchemaChange(working.base(), request.source, OptionsOf(request)));
    OG_RETURN_IF_ERROR(plan.migration.CheckSupported());
    if (request.check_catalog) OG_RETURN_IF_ERROR(request.check_catalog(*plan.desired->catalog));
    answer = AnswerOf(plan.migration);
    answer.is_applied = !plan.migration.steps.empty();
    answer.manifest_version = working.base().commit().version;
    if (!answer.is_applied && !plan.changes_source) return Status::Ok();
    return graph::ApplySchemaChange(plan, &working, &superseded);
  };
  OG_ASSIGN_OR_RETURN(const auto commit,
                      repository_->Writer(history::kMainBranch)->Write(std::move(write)));
  if (!commit) return answer;
  answer.manifest_version = commit->version;
  answer.commit = RecordOf(*commit);
  // What the commit made useless goes now, unless a branch came into being that may still show it;
  // what stays is left to `cleanup`.
  if (!superseded.empty() && !RequireOnlyMain(commits, "schema apply").ok()) return answer;
  for (const std::string& key : superseded)
    (void)commits.store().Delete(key);
  return answer;
}

}  // namespace omnigraph::engine
