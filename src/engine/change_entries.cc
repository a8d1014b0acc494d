// Implements engine/change_entries.h.

#include "engine/change_entries.h"

#include "history/branch_name.h"

namespace omnigraph::engine {
namespace {

graph::RowOperation RowOperationOf(ChangeOperation operation) {
  switch (operation) {
    case ChangeOperation::kInsert:
      return graph::RowOperation::kInsert;
    case ChangeOperation::kUpdate:
      return graph::RowOperation::kUpdate;
    case ChangeOperation::kDelete:
      return graph::RowOperation::kDelete;
  }
  OG_CHECK(false);
}

ChangeOperation OperationOf(graph::RowOperation operation) {
  switch (operation) {
    case graph::RowOperation::kInsert:
      return ChangeOperation::kInsert;
    case graph::RowOperation::kUpdate:
      return ChangeOperation::kUpdate;
    case graph::RowOperation::kDelete:
      return ChangeOperation::kDelete;
  }
  OG_CHECK(false);
}

EntityKind KindOf(const schema::TableType& type) {
  return schema::IsNodeTable(type) ? EntityKind::kNode : EntityKind::kEdge;
}

}  // namespace

graph::DiffOptions OptionsOf(const Caller& caller, const ChangeFilter& filter,
                             graph::DiffOrder order) {
  graph::DiffOptions options;
  options.order = order;
  options.deadline = caller.deadline;
  for (const EntityKind kind : filter.kinds) {
    options.filter.kinds.push_back(kind == EntityKind::kNode ? graph::RowKind::kNode
                                                             : graph::RowKind::kEdge);
  }
  options.filter.type_names = filter.type_names;
  for (const ChangeOperation operation : filter.operations)
    options.filter.operations.push_back(RowOperationOf(operation));
  return options;
}

Status CheckPresence(const Caller& caller) {
  if (!caller.is_cancelled || !caller.is_cancelled->load(std::memory_order_relaxed)) {
    return Status::Ok();
  }
  return Status::Error(ErrorCode::kDeadlineExceeded, "the caller has left; the work was stopped");
}

Result<DiffChange> DiffChangeOf(const graph::RowDifference& row) {
  const schema::TableType& type = row.table.type();
  DiffChange change;
  change.table_key = type.table_key;
  change.kind = KindOf(type);
  change.type_name = type.name;
  change.id = row.id;
  change.operation = OperationOf(row.operation);
  change.manifest_version = row.version;
  if (row.image().table->is_edge()) {
    change.endpoints.emplace();
    OG_ASSIGN_OR_RETURN(change.endpoints->src, graph::EndpointId(row.image(), true));
    OG_ASSIGN_OR_RETURN(change.endpoints->dst, graph::EndpointId(row.image(), false));
  }
  if (row.operation == graph::RowOperation::kUpdate) {
    OG_ASSIGN_OR_RETURN(const auto names, graph::ChangedNames(row.before, row.after));
    change.properties.assign(names.begin(), names.end());
  }
  return change;
}

Result<EntityChange> EntityChangeOf(const graph::RowDifference& row) {
  const schema::TableType& type = row.table.type();
  EntityChange change;
  change.kind = KindOf(type);
  change.type_id = std::to_string(type.id);
  change.type_name = type.name;
  change.id = row.id;
  change.operation = OperationOf(row.operation);
  if (row.before.is_present) {
    OG_RETURN_IF_ERROR(graph::AppendImage(row.before, change.before_json));
  }
  if (row.after.is_present) OG_RETURN_IF_ERROR(graph::AppendImage(row.after, change.after_json));
  return change;
}

graph::DiffPosition PositionOf(const graph::RowDifference& row) {
  const schema::TableType& type = row.table.type();
  return {graph::KindOf(type), type.id, std::string(row.id)};
}

Status CheckPageSize(std::uint64_t limit) {
  if (limit >= 1 && limit <= kChangesPageMax) return Status::Ok();
  return Status::Error(
      ErrorCode::kInvalidArgument,
      "limit " + std::to_string(limit) + " is not from 1 to " + std::to_string(kChangesPageMax));
}

Result<bool> CollectChanges(const Caller& caller, const ChangeSpan& span,
                            std::optional<graph::DiffPosition>* position,
                            std::vector<EntityChange>* changes) {
  graph::DiffOptions options = OptionsOf(caller, span.filter, graph::DiffOrder::kTypeIdentity);
  options.resume_after = *position;
  bool is_complete = true;
  std::uint64_t count = 0;
  const auto take = [&](const graph::RowDifference& row) -> Result<bool> {
    if (count == span.limit) {
      is_complete = false;
      return false;
    }
    if (count++ % kRowsBetweenChecks == 0) OG_RETURN_IF_ERROR(CheckPresence(caller));
    OG_ASSIGN_OR_RETURN(EntityChange change, EntityChangeOf(row));
    changes->push_back(std::move(change));
    *position = PositionOf(row);
    return true;
  };
  OG_RETURN_IF_ERROR(graph::VisitDifference(span.before, span.after, options, take));
  return is_complete;
}

ChangeCause CauseOf(const format::Commit& commit) {
  ChangeCause cause;
  cause.graph_commit_id = commit.id;
  cause.parent_commit_id = commit.parent;
  cause.merged_parent_commit_id = commit.merged_parent;
  cause.authored_branch = BranchOf(commit);
  cause.actor_id = commit.actor;
  cause.authored_at = commit.created_at_micros;
  return cause;
}

std::string BranchOf(const format::Commit& commit) {
  return commit.branch.value_or(std::string(history::kMainBranch));
}

}  // namespace omnigraph::engine
