// Implements the vocabulary of engine/engine.h and opens graphs.

#include "engine/engine.h"

#include "base/json_writer.h"
#include "engine/changes.h"
#include "engine/local_graph.h"
#include "engine/maintenance.h"
#include "engine/versions.h"
#include "graph/repository.h"

namespace omnigraph::engine {

namespace {

void Member(JsonWriter& json, std::string_view key, const std::optional<std::string>& value) {
  json.Key(key);
  if (value) {
    json.String(*value);
  } else {
    json.Null();
  }
}

}  // namespace

void AppendJson(const CommitRecord& record, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("graph_commit_id").String(record.graph_commit_id);
  Member(json, "manifest_branch", record.manifest_branch);
  json.Key("manifest_version").Uint(record.manifest_version);
  Member(json, "parent_commit_id", record.parent_commit_id);
  Member(json, "merged_parent_commit_id", record.merged_parent_commit_id);
  Member(json, "actor_id", record.actor_id);
  json.Key("created_at").Int(record.created_at).EndObject();
}

void AppendJson(const Tag& tag, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("name").String(tag.name);
  json.Key("graph_commit_id").String(tag.graph_commit_id);
  Member(json, "manifest_branch", tag.manifest_branch);
  Member(json, "actor_id", tag.actor_id);
  json.Key("created_at").Int(tag.created_at).EndObject();
}

void AppendJson(const MergeConflict& conflict, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("table_key").String(conflict.table_key).Key("row_id");
  if (conflict.row_id) {
    json.String(*conflict.row_id);
  } else {
    json.Null();
  }
  json.Key("kind").String(conflict.kind).Key("message").String(conflict.message).EndObject();
}

std::string_view MergeOutcomeName(MergeOutcome outcome) {
  switch (outcome) {
    case MergeOutcome::kAlreadyUpToDate:
      return "already_up_to_date";
    case MergeOutcome::kFastForward:
      return "fast_forward";
    case MergeOutcome::kMerged:
      return "merged";
  }
  OG_CHECK(false);
}

std::optional<MergeOutcome> FindMergeOutcome(std::string_view name) {
  for (const MergeOutcome outcome :
       {MergeOutcome::kAlreadyUpToDate, MergeOutcome::kFastForward, MergeOutcome::kMerged}) {
    if (MergeOutcomeName(outcome) == name) return outcome;
  }
  return std::nullopt;
}

std::string_view LoadModeName(LoadMode mode) {
  switch (mode) {
    case LoadMode::kAppend:
      return "append";
    case LoadMode::kMerge:
      return "merge";
    case LoadMode::kOverwrite:
      return "overwrite";
  }
  OG_CHECK(false);
}

std::optional<Explain> FindExplain(std::string_view name) {
  if (name == "plan") return Explain::kPlan;
  if (name == "profile") return Explain::kProfile;
  return std::nullopt;
}

std::optional<LoadMode> FindLoadMode(std::string_view name) {
  for (const LoadMode mode : {LoadMode::kAppend, LoadMode::kMerge, LoadMode::kOverwrite}) {
    if (LoadModeName(mode) == name) return mode;
  }
  return std::nullopt;
}

Status Graph::Init(std::shared_ptr<store::ObjectStore> store, std::string_view uri,
                   std::string_view schema_source, bool is_forced,
                   const std::optional<std::string>& actor) {
  return graph::Repository::Init(*store, uri, schema_source, is_forced, actor);
}

Result<std::shared_ptr<Graph>> Graph::Open(std::shared_ptr<store::ObjectStore> store,
                                           OpenOptions options) {
  OG_ASSIGN_OR_RETURN(auto repository, graph::Repository::Open(std::move(store), options.uri));
  return std::shared_ptr<Graph>(
      std::make_shared<LocalGraph>(std::move(repository), std::move(options)));
}

namespace {

Status KnowsNone(std::string_view things) {
  return Status::Error(ErrorCode::kInvalidArgument, "this graph knows no " + std::string(things));
}

Status NeedsStorage(std::string_view operation) {
  return Status::Error(ErrorCode::kInvalidArgument,
                       "`" + std::string(operation) +
                           "` is a storage-plane command and needs direct storage access");
}

}  // namespace

Result<OptimizeAnswer> Graph::Optimize(const Caller&) {
  return NeedsStorage("optimize");
}

Result<RepairAnswer> Graph::Repair(const Caller&, const RepairRequest&) {
  return NeedsStorage("repair");
}

Result<CleanupAnswer> Graph::Cleanup(const Caller&, const CleanupRequest&) {
  return NeedsStorage("cleanup");
}

Result<std::vector<Tag>> Graph::ListTags(const Caller&) {
  return KnowsNone("tags");
}

Result<Tag> Graph::CreateTag(const Caller&, const TagRequest&) {
  return KnowsNone("tags");
}

Status Graph::DeleteTag(const Caller&, std::string_view) {
  return KnowsNone("tags");
}

Result<RevertAnswer> Graph::Revert(const Caller&, const RevertRequest&) {
  return KnowsNone("reverts");
}

Result<DiffStats> Graph::Diff(const Caller&, const DiffRequest&) {
  return KnowsNone("diffs");
}

Result<CommitChangesAnswer> Graph::CommitChanges(const Caller&, const CommitChangesRequest&) {
  return KnowsNone("changes");
}

Result<ChangeFeedAnswer> Graph::PollChanges(const Caller&, const ChangeFeedRequest&) {
  return KnowsNone("changes");
}

Result<BaselineAnswer> Graph::CaptureBaseline(const Caller&, const BaselineRequest&) {
  return KnowsNone("changes");
}

}  // namespace omnigraph::engine
