// Implements engine/local_graph.h.

#include "engine/local_graph.h"

#include <algorithm>

#include "engine/embed_texts.h"
#include "engine/request_keys.h"
#include "exec/executor.h"
#include "exec/result_table.h"
#include "graph/export.h"
#include "graph/load_plan.h"
#include "graph/mutation.h"
#include "history/branch_name.h"
#include "policy/policy_engine.h"
#include "query/bind.h"
#include "query/compile.h"
#include "query/parameters.h"

namespace omnigraph::engine {

CommitRecord RecordOf(const format::Commit& commit) {
  CommitRecord record;
  record.graph_commit_id = commit.id;
  record.manifest_branch = commit.branch;
  record.manifest_version = commit.version;
  record.parent_commit_id = commit.parent;
  record.merged_parent_commit_id = commit.merged_parent;
  record.actor_id = commit.actor;
  record.created_at = commit.created_at_micros;
  return record;
}

namespace {

graph::LoadMode ModeOf(LoadMode mode) {
  switch (mode) {
    case LoadMode::kAppend:
      return graph::LoadMode::kAppend;
    case LoadMode::kMerge:
      return graph::LoadMode::kMerge;
    case LoadMode::kOverwrite:
      return graph::LoadMode::kOverwrite;
  }
  OG_CHECK(false);
}

void CountLoaded(const graph::ParsedInput& parsed, const graph::LoadPlan& plan,
                 LoadAnswer* answer) {
  answer->tables.clear();
  answer->ignored.clear();
  answer->nodes_loaded = answer->edges_loaded = 0;
  answer->node_types_loaded = answer->edge_types_loaded = 0;
  answer->is_replayed = false;
  for (const graph::LoadPlan::Loaded& loaded : plan.loaded) {
    answer->tables.push_back({loaded.type->table_key, loaded.records_count});
    const bool is_node = schema::IsNodeTable(*loaded.type);
    (is_node ? answer->nodes_loaded : answer->edges_loaded) += loaded.records_count;
    (is_node ? answer->node_types_loaded : answer->edge_types_loaded) += 1;
  }
  answer->edges_removed = plan.edges_removed;
  for (const graph::IgnoredKey& ignored : parsed.ignored) {
    answer->ignored.push_back({ignored.type, ignored.key, ignored.count});
  }
}

// Reads what `request` delivers, past a digest if the content makes the request what it is.
graph::ByteReader DigestedReader(const LoadRequest& request, StreamDigest* digest) {
  if (request.conditions.idempotency_key.empty()) return request.read;
  return [&request, digest](char* buffer, std::size_t size_bytes_max) -> Result<std::size_t> {
    OG_ASSIGN_OR_RETURN(const std::size_t count, request.read(buffer, size_bytes_max));
    digest->Add({buffer, count});
    return count;
  };
}

types::DateTime Now() {
  return {Clock::System().NowMicros() / 1000};
}

}  // namespace

LocalGraph::LocalGraph(std::unique_ptr<graph::Repository> repository, OpenOptions options)
    : repository_(std::move(repository)), options_(std::move(options)) {}

Result<LocalGraph::SnapshotPtr> LocalGraph::Resolve(const ReadTarget& target) {
  if (!target.snapshot.empty()) return repository_->AtCommit(target.snapshot);
  OG_ASSIGN_OR_RETURN(const std::string branch, history::CheckBranchName(target.branch));
  return repository_->Head(branch);
}

Status LocalGraph::Permit(const Caller& caller, policy::Action action,
                          std::optional<std::string_view> branch,
                          std::optional<std::string_view> target) const {
  if (!options_.policy || !options_.policy->Governs(options_.graph_id)) return Status::Ok();
  policy::Request request;
  request.action = action;
  request.graph = options_.graph_id;
  if (caller.actor) request.actor = *caller.actor;
  request.branch = branch;
  request.target_branch = target;
  OG_ASSIGN_OR_RETURN(const policy::Decision decision, options_.policy->Decide(request));
  switch (decision.outcome) {
    case policy::Outcome::kAllow:
      return Status::Ok();
    case policy::Outcome::kDeny:
      return Status::Error(ErrorCode::kPermissionDenied, decision.message);
    case policy::Outcome::kActorMissing:
      return Status::Error(ErrorCode::kUnauthenticated, decision.message);
  }
  OG_CHECK(false);
}

graph::WriteRequest LocalGraph::WriteOf(const Caller& caller, format::Operation operation,
                                        const WriteConditions& conditions,
                                        const std::vector<std::string_view>& asked) {
  graph::WriteRequest write;
  write.operation = operation;
  write.actor = caller.actor;
  write.deadline = caller.deadline;
  write.expected_commit = conditions.expected_commit;
  write.key = RequestKeyOf(caller, conditions, asked);
  return write;
}

Status LocalGraph::RequireWritable(std::string_view operation) const {
  if (!options_.is_read_only) return Status::Ok();
  return Status::Error(ErrorCode::kPreconditionFailed,
                       std::string(operation) + ": the graph was opened for reading only");
}

Result<QueryAnswer> LocalGraph::Query(const Caller& caller, const QueryRequest& request) {
  OG_ASSIGN_OR_RETURN(const auto parsed, queries_.Parse(request.source, request.name));
  OG_RETURN_IF_ERROR(query::RequireRead(*parsed->query));
  OG_ASSIGN_OR_RETURN(const auto parameters,
                      query::ParseParameters(parsed->parameters, request.params_json));
  OG_ASSIGN_OR_RETURN(const SnapshotPtr snapshot, Resolve(request.target));
  OG_ASSIGN_OR_RETURN(const auto checked, queries_.Check(parsed, *snapshot->schema()));
  const types::DateTime now = Now();
  OG_ASSIGN_OR_RETURN(query::CheckedQuery bound, query::Bind(*checked, parameters, now));
  if (request.explain != Explain::kPlan) {
    OG_RETURN_IF_ERROR(
        EmbedTexts(snapshot->catalog(), options_.embedder.get(), caller.deadline, &bound));
  }
  exec::ExecutionOptions options;
  options.deadline = caller.deadline;
  options.memory_bytes_max = caller.memory_bytes_max;
  options.is_cancelled = caller.is_cancelled;
  options.now_micros = now.millis * 1000;
  options.pool = &repository_->pool();
  QueryAnswer answer;
  exec::PlanDescription plan;
  if (request.explain == Explain::kProfile) options.profile = &plan;
  if (request.explain == Explain::kPlan) {
    OG_ASSIGN_OR_RETURN(plan, exec::DescribeRead(bound, *snapshot));
    answer.table = std::make_shared<const exec::ResultTable>(exec::EmptyAnswer(bound));
  } else {
    OG_ASSIGN_OR_RETURN(exec::ResultTable table, exec::ExecuteRead(bound, {}, *snapshot, options));
    answer.table = std::make_shared<const exec::ResultTable>(std::move(table));
  }
  if (request.explain != Explain::kNone) {
    answer.plan = QueryPlan{std::move(plan.text), std::move(plan.json)};
  }
  answer.query_name = checked->name;
  answer.target = request.target;
  if (!answer.target.snapshot.empty()) answer.target.branch.clear();
  answer.graph_commit_id = snapshot->commit().id;
  return answer;
}

Result<MutationAnswer> LocalGraph::Mutate(const Caller& caller, const MutationRequest& request) {
  OG_ASSIGN_OR_RETURN(const std::string branch, history::CheckBranchName(request.branch));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kChange, branch, std::nullopt));
  OG_RETURN_IF_ERROR(RequireWritable("mutate"));
  OG_RETURN_IF_ERROR(CheckConditions(request.conditions));
  OG_ASSIGN_OR_RETURN(const auto parsed, queries_.Parse(request.source, request.name));
  OG_RETURN_IF_ERROR(query::RequireMutation(*parsed->query));
  OG_ASSIGN_OR_RETURN(const auto parameters,
                      query::ParseParameters(parsed->parameters, request.params_json));
  const types::DateTime now = Now();
  MutationAnswer answer;
  answer.branch = branch;
  graph::WriteRequest write =
      WriteOf(caller, format::Operation::kMutate, request.conditions,
              {"mutate", request.source, request.name, request.params_json});
  write.answer = [&] { return EncodeAnswer(answer); };
  write.replay = [&](const format::Commit& made) { return DecodeAnswer(made, &answer); };
  write.plan = [&](graph::WorkingGraph& working, graph::Footprint* footprint) -> Status {
    OG_ASSIGN_OR_RETURN(const auto checked, queries_.Check(parsed, *working.base().schema()));
    OG_ASSIGN_OR_RETURN(const query::CheckedQuery bound, query::Bind(*checked, parameters, now));
    graph::MutationCounts counts;
    OG_RETURN_IF_ERROR(graph::ExecuteMutation(bound, caller.deadline, working, footprint, &counts));
    answer.query_name = checked->name;
    answer.affected_nodes = counts.nodes;
    answer.affected_edges = counts.edges;
    answer.is_replayed = false;
    return Status::Ok();
  };
  OG_ASSIGN_OR_RETURN(const auto commit, repository_->Writer(branch)->Write(std::move(write)));
  if (commit) answer.commit = RecordOf(*commit);
  return answer;
}

Result<LoadAnswer> LocalGraph::Load(const Caller& caller, const LoadRequest& request) {
  OG_ASSIGN_OR_RETURN(const std::string branch, history::CheckBranchName(request.branch));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kChange, branch, std::nullopt));
  OG_RETURN_IF_ERROR(RequireWritable("load"));
  OG_RETURN_IF_ERROR(CheckConditions(request.conditions));
  LoadAnswer answer;
  answer.branch = branch;
  answer.mode = request.mode;
  answer.base_branch = request.from;
  OG_ASSIGN_OR_RETURN(const std::optional<std::string> base, BaseOfLoad(caller, branch, request));
  answer.branch_created = base.has_value();

  OG_ASSIGN_OR_RETURN(const SnapshotPtr head, repository_->Head(base.value_or(branch)));
  graph::LoadInput input;
  StreamDigest digest;
  input.read = DigestedReader(request, &digest);
  input.ignore_unknown = request.ignore_unknown;
  input.is_strict = request.is_strict;
  input.on_progress = request.on_progress;
  OG_ASSIGN_OR_RETURN(
      const graph::ParsedInput parsed,
      graph::ParseRecords(input, head->catalog(), repository_->pool(), caller.deadline));
  graph::LoadPlan plan;
  const std::string content = digest.Finish();
  graph::WriteRequest write = WriteOf(
      caller, format::Operation::kLoad, request.conditions,
      {"load", LoadModeName(request.mode), request.from.value_or(""),
       request.ignore_unknown ? "ignore_unknown" : "", request.is_strict ? "strict" : "", content});
  write.commits_without_changes = true;
  write.answer = [&] { return EncodeAnswer(answer); };
  write.replay = [&](const format::Commit& made) { return DecodeAnswer(made, &answer); };
  write.plan = [&](graph::WorkingGraph& working, graph::Footprint* footprint) -> Status {
    if (working.base().schema() != head->schema()) {
      return Status::Error(ErrorCode::kConflict,
                           "write is unavailable while schema apply is in progress: the schema of "
                           "branch '" +
                               branch +
                               "' changed while the records were read; nothing was loaded, try "
                               "again");
    }
    OG_ASSIGN_OR_RETURN(plan,
                        graph::PlanLoad(parsed, ModeOf(request.mode), working, repository_->pool(),
                                        caller.deadline, &working.unique_indexes()));
    footprint->tables = plan.tables_read;
    if (request.mode == LoadMode::kOverwrite) footprint->strict_tables = plan.tables_read;
    for (graph::TableDelta& delta : plan.deltas) {
      OG_RETURN_IF_ERROR(working.Apply(std::move(delta)));
    }
    CountLoaded(parsed, plan, &answer);
    return Status::Ok();
  };
  if (base) {
    OG_ASSIGN_OR_RETURN(const format::Commit commit,
                        repository_->WriteToNewBranch(branch, *base, write));
    answer.commit = RecordOf(commit);
  } else {
    OG_ASSIGN_OR_RETURN(const auto commit, repository_->Writer(branch)->Write(std::move(write)));
    if (commit) answer.commit = RecordOf(*commit);
  }
  return answer;
}

// The branch that a load has to fork from first, or none when its branch is there.
Result<std::optional<std::string>> LocalGraph::BaseOfLoad(const Caller& caller,
                                                          const std::string& branch,
                                                          const LoadRequest& request) {
  const Status head = repository_->commits().ReadHead(branch).status();
  if (head.ok()) return std::optional<std::string>();
  if (head.code() != ErrorCode::kNotFound) return head;
  if (!request.from) {
    return Status::Error(ErrorCode::kNotFound,
                         "branch '" + branch + "' not found; pass `from` to create it");
  }
  OG_ASSIGN_OR_RETURN(std::string base, history::CheckBranchName(*request.from));
  OG_RETURN_IF_ERROR(Permit(caller, policy::Action::kBranchCreate, base, branch));
  return std::optional<std::string>(std::move(base));
}

Status LocalGraph::Export(const Caller& caller, const ExportRequest& request) {
  OG_ASSIGN_OR_RETURN(const SnapshotPtr snapshot, Resolve(request.target));
  OG_ASSIGN_OR_RETURN(
      const std::vector<std::string> tables,
      graph::ResolveSelection(snapshot->catalog(), {request.type_names, request.table_keys}));
  if (request.on_start) OG_RETURN_IF_ERROR(request.on_start());
  return graph::ExportTables(*snapshot, tables, caller.deadline, request.write);
}

Result<SnapshotAnswer> LocalGraph::Snapshot(const Caller&, const ReadTarget& target) {
  OG_ASSIGN_OR_RETURN(const SnapshotPtr snapshot, Resolve(target));
  SnapshotAnswer answer;
  answer.target = target;
  if (!answer.target.snapshot.empty()) answer.target.branch.clear();
  answer.graph_commit_id = snapshot->commit().id;
  answer.manifest_version = snapshot->commit().version;
  for (const format::TableState& state : snapshot->commit().tables) {
    answer.tables.push_back(
        {state.table_key, state.DataPath(), state.table_version, state.branch, state.rows_count});
  }
  return answer;
}

Result<SchemaAnswer> LocalGraph::Schema(const Caller&, const ReadTarget& target) {
  OG_ASSIGN_OR_RETURN(const SnapshotPtr snapshot, Resolve(target));
  const schema::Schema& schema = *snapshot->schema();
  return SchemaAnswer{schema.source_text, schema.semantic_hash, schema.source_digest,
                      schema.canonical_json, schema.catalog};
}

Result<std::vector<CommitRecord>> LocalGraph::ListCommits(const Caller&, std::string_view branch,
                                                          std::uint64_t limit) {
  OG_ASSIGN_OR_RETURN(const std::string name, history::CheckBranchName(branch));
  history::CommitStore& commits = repository_->commits();
  OG_ASSIGN_OR_RETURN(const history::BranchHead head, commits.ReadHead(name));
  OG_ASSIGN_OR_RETURN(const std::vector<format::Commit> chain, commits.FirstParents(head, limit));
  std::vector<CommitRecord> records;
  for (auto commit = chain.rbegin(); commit != chain.rend(); ++commit) {
    records.push_back(RecordOf(*commit));
  }
  return records;
}

Result<CommitRecord> LocalGraph::ShowCommit(const Caller&, std::string_view commit_id) {
  OG_ASSIGN_OR_RETURN(const history::StoredCommit commit, repository_->FindCommit(commit_id));
  return RecordOf(commit.commit());
}

}  // namespace omnigraph::engine
