// The component schemas, as they stand in the document. `required` names what is always present
// and never null.

#include "server/openapi_schemas.h"

namespace omnigraph::server {

namespace {

constexpr std::string_view kSchemas = R"json({
"BranchCreateOutput": {"type": "object", "required": ["uri", "from", "name"], "properties": {
  "uri": {"type": "string"}, "from": {"type": "string"}, "name": {"type": "string"},
  "actor_id": {"type": ["string", "null"]}}},
"BranchCreateRequest": {"type": "object", "required": ["name"], "properties": {
  "name": {"type": "string", "description": "The new branch."},
  "from": {"type": ["string", "null"],
    "description": "The branch, tag or commit it starts from; main by default."}}},
"BranchDeleteOutput": {"type": "object", "required": ["uri", "name"], "properties": {
  "uri": {"type": "string"}, "name": {"type": "string"}, "actor_id": {"type": ["string", "null"]}}},
"BranchListOutput": {"type": "object", "required": ["branches"], "properties": {
  "branches": {"type": "array", "items": {"type": "string"}, "description": "In byte order."}}},
"BranchMergeOutcome": {"type": "string", "enum": ["already_up_to_date", "fast_forward", "merged"]},
"BranchMergeOutput": {"type": "object", "required": ["source", "target", "outcome"], "properties": {
  "source": {"type": "string"}, "target": {"type": "string"},
  "outcome": {"$ref": "#/components/schemas/BranchMergeOutcome"},
  "actor_id": {"type": ["string", "null"]}, "branch_deleted": {"type": "boolean"},
  "branch_delete_error": {"type": "string"}, "dry_run": {"type": "boolean"},
  "commit": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/CommitOutput"}]},
  "replayed": {"type": "boolean"}}},
"BranchMergeRequest": {"type": "object", "required": ["source"], "properties": {
  "source": {"type": "string"},
  "target": {"type": ["string", "null"], "description": "main by default."},
  "dry_run": {"type": ["boolean", "null"],
    "description": "Say what would happen; publish nothing."},
  "delete_branch": {"type": ["boolean", "null"], "description": "Delete the source afterwards."}}},
"BranchRevertOutput": {"type": "object",
  "required": ["branch", "reverted_to", "tables"], "properties": {
  "branch": {"type": "string"},
  "reverted_to": {"type": "string", "description": "A commit id."},
  "changes_schema": {"type": "boolean"},
  "tables": {"type": "array", "description": "Those whose content is another one.", "items": {
    "type": "object", "required": ["table_key", "rows_before", "rows_after"], "properties": {
    "table_key": {"type": "string"},
    "rows_before": {"type": "integer", "format": "int64", "minimum": 0},
    "rows_after": {"type": "integer", "format": "int64", "minimum": 0}}}},
  "actor_id": {"type": ["string", "null"]},
  "commit": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/CommitOutput"}],
    "description": "null if nothing differs, and for a dry run."},
  "replayed": {"type": "boolean"}}},
"BranchRevertRequest": {"type": "object", "required": ["branch", "to"], "properties": {
  "branch": {"type": "string"},
  "to": {"type": "string", "description": "A commit id or a tag, in the history of the branch."},
  "dry_run": {"type": ["boolean", "null"],
    "description": "Say what would change; publish nothing."}}},
"ChangeOutput": {"type": "object",
  "required": ["branch", "query_name", "affected_nodes", "affected_edges"], "properties": {
  "branch": {"type": "string"}, "query_name": {"type": "string"},
  "affected_nodes": {"type": "integer", "format": "int64", "minimum": 0},
  "affected_edges": {"type": "integer", "format": "int64", "minimum": 0},
  "actor_id": {"type": ["string", "null"]},
  "commit": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/CommitOutput"}],
    "description": "The commit that was published; null if nothing changed."},
  "replayed": {"type": "boolean",
    "description": "Whether an earlier request with the same Idempotency-Key did it."}}},
"BaselineRequest": {"type": "object", "properties": {
  "branch": {"type": ["string", "null"], "description": "main by default."},
  "kind": {"type": "array", "items": {"type": "string", "enum": ["node", "edge"]}},
  "type": {"type": "array", "items": {"type": "string"}},
  "op": {"type": "array", "items": {"type": "string", "enum": ["insert", "update", "delete"]},
    "description": "Matters for the cursor only."}}},
"ChangeBlockOutput": {"type": "object", "required": ["cause", "changes"], "properties": {
  "cause": {"$ref": "#/components/schemas/ChangeCauseOutput"},
  "changes": {"type": "array", "items": {"$ref": "#/components/schemas/EntityChangeOutput"}}}},
"ChangeCauseOutput": {"type": "object",
  "required": ["graph_commit_id", "authored_branch", "authored_at"], "properties": {
  "graph_commit_id": {"type": "string"}, "parent_commit_id": {"type": "string"},
  "merged_parent_commit_id": {"type": "string"}, "authored_branch": {"type": "string"},
  "actor_id": {"type": "string"},
  "authored_at": {"type": "integer", "format": "int64",
    "description": "Microseconds since the Unix epoch."}}},
"ChangeFeedOutput": {"type": "object", "required": ["blocks"], "properties": {
  "blocks": {"type": "array", "items": {"$ref": "#/components/schemas/ChangeBlockOutput"},
    "description": "In the order of first parents, oldest first."},
  "next_page_token": {"type": "string"}, "cursor": {"type": "string"},
  "caught_up": {"type": "boolean", "description": "Whether the head of the branch was told."}}},
"ChangeRequest": {"type": "object", "required": ["query"], "properties": {
  "query": {"type": "string",
    "description": "Text with the mutation. `query_source` is another name for this key."},
  "name": {"type": ["string", "null"],
    "description": "Which query of the text. `query_name` is another name for this key."},
  "params": {"description": "An object: parameter values by name, without `$`."},
  "branch": {"type": ["string", "null"], "description": "main by default."}}},
"ClusterOutput": {"type": "object",
  "required": ["root", "generation", "state_revision", "loaded_at", "graphs"], "properties": {
  "root": {"type": "string"},
  "generation": {"type": "integer", "format": "int64", "minimum": 0,
    "description": "Counts the revisions that this process has served."},
  "state_revision": {"type": "integer", "format": "int64", "minimum": 0},
  "config_digest": {"type": ["string", "null"]}, "loaded_at": {"type": "string"},
  "graphs": {"type": "array", "items": {"type": "object",
    "required": ["graph_id", "state"], "properties": {
    "graph_id": {"type": "string"}, "schema_digest": {"type": "string"},
    "state": {"type": "string", "enum": ["ready", "quarantined"]},
    "reason": {"type": "string", "description": "Why a quarantined graph is left out."}}}},
  "last_reload": {"type": ["object", "null"], "properties": {"at": {"type": "string"},
    "ok": {"type": "boolean"}, "diagnostics": {"type": "array", "items": {"type": "string"}}}}}},
"CommitChangesOutput": {"type": "object", "required": ["cause", "changes"], "properties": {
  "cause": {"$ref": "#/components/schemas/ChangeCauseOutput"},
  "changes": {"type": "array", "items": {"$ref": "#/components/schemas/EntityChangeOutput"}},
  "next_page_token": {"type": "string"}}},
"CommitListOutput": {"type": "object", "required": ["commits"], "properties": {
  "commits": {"type": "array", "items": {"$ref": "#/components/schemas/CommitOutput"},
    "description": "Oldest first."}}},
"CommitOutput": {"type": "object",
  "required": ["graph_commit_id", "manifest_version", "created_at"], "properties": {
  "graph_commit_id": {"type": "string"},
  "manifest_branch": {"type": ["string", "null"], "description": "null: main."},
  "manifest_version": {"type": "integer", "format": "int64", "minimum": 0},
  "parent_commit_id": {"type": ["string", "null"]},
  "merged_parent_commit_id": {"type": ["string", "null"]},
  "actor_id": {"type": ["string", "null"]},
  "created_at": {"type": "integer", "format": "int64",
    "description": "Microseconds since the Unix epoch."}}},
"DiffChangeOutput": {"type": "object",
  "required": ["table_key", "kind", "type_name", "id", "op", "manifest_version"], "properties": {
  "table_key": {"type": "string"}, "kind": {"type": "string", "enum": ["node", "edge"]},
  "type_name": {"type": "string"}, "id": {"type": "string"},
  "op": {"type": "string", "enum": ["insert", "update", "delete"]},
  "manifest_version": {"type": "integer", "format": "int64", "minimum": 0,
    "description": "Of the commit that did it, or of `to` where that is not known."},
  "endpoints": {"type": "object", "required": ["src", "dst"], "properties": {
    "src": {"type": "string"}, "dst": {"type": "string"}},
    "description": "Of edges; the old ones of a deleted edge."},
  "properties": {"type": "array", "items": {"type": "string"},
    "description": "Of updates: what differs."}}},
"DiffOutput": {"type": "object",
  "required": ["from_version", "to_version", "from_commit_id", "to_commit_id", "changes", "stats"],
  "properties": {
  "from_version": {"type": "integer", "format": "int64", "minimum": 0},
  "to_version": {"type": "integer", "format": "int64", "minimum": 0},
  "from_commit_id": {"type": "string"}, "to_commit_id": {"type": "string"},
  "branch": {"type": "string", "description": "Only if both commits were made on one."},
  "changes": {"type": "array", "items": {"$ref": "#/components/schemas/DiffChangeOutput"}},
  "stats": {"type": "object", "required": ["inserts", "updates", "deletes", "types_affected"],
    "properties": {
    "inserts": {"type": "integer", "format": "int64", "minimum": 0},
    "updates": {"type": "integer", "format": "int64", "minimum": 0},
    "deletes": {"type": "integer", "format": "int64", "minimum": 0},
    "types_affected": {"type": "array", "items": {"type": "string"}}}}}},
"EntityChangeOutput": {"type": "object", "required": ["kind", "type", "id", "op"], "properties": {
  "kind": {"type": "string", "enum": ["node", "edge"]},
  "type": {"type": "object", "required": ["id", "name"], "properties": {
    "id": {"type": "string", "description": "Kept by renames, never used again."},
    "name": {"type": "string"}}},
  "id": {"type": "string"}, "op": {"type": "string", "enum": ["insert", "update", "delete"]},
  "before": {"$ref": "#/components/schemas/EntityImageOutput"},
  "after": {"$ref": "#/components/schemas/EntityImageOutput"}}},
"EntityImageOutput": {"type": "object", "required": ["properties"], "properties": {
  "properties": {"type": "object", "description": "Every property, null included."},
  "endpoints": {"type": "object", "required": ["from", "to"], "properties": {
    "from": {"type": "string"}, "to": {"type": "string"}}, "description": "Of edges."}}},
"ErrorCode": {"type": "string", "enum": ["unauthorized", "forbidden", "bad_request", "not_found",
  "method_not_allowed", "conflict", "too_many_requests", "internal"]},
"ErrorOutput": {"type": "object", "required": ["error"], "properties": {
  "error": {"type": "string", "description": "What was attempted, what was found, what to do."},
  "code": {"$ref": "#/components/schemas/ErrorCode"},
  "change_diff_refusal": {"type": "object", "required": ["reason"], "properties": {
    "reason": {"type": "string", "enum": ["parentless_commit", "schema_boundary"]}}},
  "change_feed_gap": {"type": "object", "required": ["first_unreadable_commit_id"], "properties": {
    "cursor": {"type": "string"}, "first_unreadable_commit_id": {"type": "string"}}},
  "merge_conflicts": {"type": "array",
    "items": {"$ref": "#/components/schemas/MergeConflictOutput"}},
  "manifest_conflict": {"oneOf": [{"type": "null"},
    {"$ref": "#/components/schemas/ManifestConflictOutput"}]},
  "precondition_failure": {"type": "object", "required": ["expected"], "properties": {
    "expected": {"type": "string"}, "actual": {"type": "string"}}}}},
"ExportRequest": {"type": "object", "properties": {
  "branch": {"type": ["string", "null"], "description": "main by default."},
  "snapshot": {"type": ["string", "null"], "description": "A commit id or a tag instead."},
  "type_names": {"type": "array", "items": {"type": "string"},
    "description": "Node and edge types of these names."},
  "table_keys": {"type": "array", "items": {"type": "string"},
    "description": "Tables, for example node:Person."}}},
"GraphInfo": {"type": "object", "required": ["graph_id", "uri"], "properties": {
  "graph_id": {"type": "string"}, "uri": {"type": "string"}}},
"GraphListResponse": {"type": "object", "required": ["graphs"], "properties": {
  "graphs": {"type": "array", "items": {"$ref": "#/components/schemas/GraphInfo"}}}},
"HealthOutput": {"type": "object", "required": ["status", "version"], "properties": {
  "status": {"type": "string"}, "version": {"type": "string"},
  "source_version": {"type": "string"}}},
"IgnoredKeyOutput": {"type": "object", "required": ["type", "key", "count"], "properties": {
  "type": {"type": "string"}, "key": {"type": "string"},
  "count": {"type": "integer", "format": "int64", "minimum": 0}}},
"IngestOutput": {"type": "object",
  "required": ["uri", "branch", "branch_created", "mode", "tables", "edges_removed"],
  "properties": {
  "uri": {"type": "string"}, "branch": {"type": "string"},
  "base_branch": {"type": ["string", "null"], "description": "`from` of the request."},
  "branch_created": {"type": "boolean"}, "mode": {"$ref": "#/components/schemas/LoadMode"},
  "tables": {"type": "array", "items": {"$ref": "#/components/schemas/IngestTableOutput"}},
  "nodes": {"type": "array", "items": {"$ref": "#/components/schemas/LoadedTypeOutput"},
    "description": "Only of lines: what was loaded, by node type."},
  "edges": {"type": "array", "items": {"$ref": "#/components/schemas/LoadedTypeOutput"},
    "description": "Only of lines: what was loaded, by edge type."},
  "total_entities": {"type": "integer", "format": "int64", "minimum": 0,
    "description": "Only of lines."},
  "edges_removed": {"type": "integer", "format": "int64", "minimum": 0,
    "description": "Edges that an overwrite of nodes left without an endpoint."},
  "ignored": {"type": "array", "items": {"$ref": "#/components/schemas/IgnoredKeyOutput"},
    "description": "Only with ignore_unknown."},
  "actor_id": {"type": ["string", "null"]},
  "commit": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/CommitOutput"}]}}},
"IngestRequest": {"type": "object", "required": ["data"], "properties": {
  "data": {"type": "string", "description": "JSON records, one after the other."},
  "branch": {"type": ["string", "null"], "description": "main by default."},
  "from": {"type": ["string", "null"],
    "description": "Creates the branch from this one if it is missing."},
  "mode": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/LoadMode"}],
    "description": "merge by default."},
  "ignore_unknown": {"type": ["boolean", "null"],
    "description": "Ignore keys that are no property, and list them."}}},
"IngestTableOutput": {"type": "object", "required": ["table_key", "rows_loaded"], "properties": {
  "table_key": {"type": "string"},
  "rows_loaded": {"type": "integer", "format": "int64", "minimum": 0}}},
"InvokeStoredQueryRequest": {"type": "object", "properties": {
  "params": {"description": "An object: parameter values by name, without `$`."},
  "branch": {"type": ["string", "null"], "description": "main by default."},
  "snapshot": {"type": ["string", "null"], "description": "A commit to read instead of a branch."},
  "expect_mutation": {"type": ["boolean", "null"],
    "description": "Refuse the call if the query is of the other kind."}}},
"InvokeStoredQueryResponse": {"oneOf": [{"$ref": "#/components/schemas/ReadOutput"},
  {"$ref": "#/components/schemas/ChangeOutput"}]},
"LoadMode": {"type": "string", "enum": ["overwrite", "append", "merge"]},
"LoadedTypeOutput": {"type": "object", "required": ["name", "entities_loaded"], "properties": {
  "name": {"type": "string", "description": "Of the type."},
  "entities_loaded": {"type": "integer", "format": "int64", "minimum": 0}}},
"ManifestConflictOutput": {"type": "object", "required": ["table_key", "expected", "actual"],
  "properties": {"table_key": {"type": "string"},
  "expected": {"type": "integer", "format": "int64", "minimum": 0},
  "actual": {"type": "integer", "format": "int64", "minimum": 0}}},
"MergeConflictKindOutput": {"type": "string", "enum": ["divergent_insert", "divergent_update",
  "delete_vs_update", "orphan_edge", "unique_violation", "cardinality_violation",
  "value_constraint_violation"]},
"MergeConflictOutput": {"type": "object", "required": ["table_key", "kind", "message"],
  "properties": {"table_key": {"type": "string"}, "row_id": {"type": ["string", "null"]},
  "kind": {"$ref": "#/components/schemas/MergeConflictKindOutput"},
  "message": {"type": "string"}}},
"ParamDescriptor": {"type": "object", "required": ["name", "kind", "nullable"], "properties": {
  "name": {"type": "string"}, "kind": {"$ref": "#/components/schemas/ParamKind"},
  "item_kind": {"$ref": "#/components/schemas/ParamKind"},
  "vector_dim": {"type": "integer", "format": "int64", "minimum": 0},
  "nullable": {"type": "boolean"}}},
"ParamKind": {"type": "string", "enum": ["string", "bool", "int", "bigint", "float", "date",
  "datetime", "blob", "vector", "list"]},
"QueriesCatalogOutput": {"type": "object", "required": ["queries"], "properties": {
  "queries": {"type": "array", "items": {"$ref": "#/components/schemas/QueryCatalogEntry"},
    "description": "Ascending by name."}}},
"QueryCatalogEntry": {"type": "object", "required": ["name", "tool_name", "mutation", "params"],
  "properties": {"name": {"type": "string"}, "tool_name": {"type": "string"},
  "description": {"type": "string"}, "instruction": {"type": "string"},
  "mutation": {"type": "boolean"},
  "params": {"type": "array", "items": {"$ref": "#/components/schemas/ParamDescriptor"}}}},
"QueryRequest": {"type": "object", "required": ["query"], "properties": {
  "query": {"type": "string", "description": "Text with the query."},
  "name": {"type": ["string", "null"], "description": "Which query of the text."},
  "params": {"description": "An object: parameter values by name, without `$`."},
  "branch": {"type": ["string", "null"], "description": "main by default."},
  "snapshot": {"type": ["string", "null"],
    "description": "A commit to read instead of a branch."},
  "explain": {"type": ["string", "null"], "enum": ["plan", "profile", null],
    "description": "plan: answer with the plan instead of rows. profile: with both."}}},
"ReadOutput": {"type": "object", "required": ["query_name", "target", "row_count", "rows"],
  "properties": {"query_name": {"type": "string"},
  "target": {"$ref": "#/components/schemas/ReadTargetOutput"},
  "graph_commit_id": {"type": "string", "description": "The commit that was read; only of /query."},
  "row_count": {"type": "integer", "format": "int64", "minimum": 0},
  "columns": {"type": "array", "items": {"type": "string"}, "description": "In projection order."},
  "rows": {"type": "array", "items": {}, "description": "One object per row."},
  "plan": {"type": "object", "description": "If `explain` asked for it.",
    "required": ["text", "operators", "output"], "properties": {
    "text": {"type": "string", "description": "One step a line."},
    "operators": {"type": "array", "items": {"type": "object"},
      "description": "The steps in their order, with estimates and, of a profile, what they did."},
    "output": {"type": "object", "description": "The step that makes the rows."}}}}},
"ReadRequest": {"type": "object", "required": ["query_source"], "properties": {
  "query_source": {"type": "string", "description": "Text with the query."},
  "query_name": {"type": ["string", "null"], "description": "Which query of the text."},
  "params": {"description": "An object: parameter values by name, without `$`."},
  "branch": {"type": ["string", "null"], "description": "main by default."},
  "snapshot": {"type": ["string", "null"],
    "description": "A commit to read instead of a branch."}}},
"ReadTargetOutput": {"type": "object", "properties": {
  "branch": {"type": ["string", "null"]}, "snapshot": {"type": ["string", "null"]}}},
"SchemaApplyOutput": {"type": "object",
  "required": ["uri", "supported", "applied", "step_count", "manifest_version", "steps"],
  "properties": {"uri": {"type": "string"}, "supported": {"type": "boolean"},
  "applied": {"type": "boolean"},
  "step_count": {"type": "integer", "format": "int64", "minimum": 0},
  "manifest_version": {"type": "integer", "format": "int64", "minimum": 0},
  "steps": {"type": "array", "items": {}},
  "commit": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/CommitOutput"}]}}},
"SchemaApplyRequest": {"type": "object", "required": ["schema_source"], "properties": {
  "schema_source": {"type": "string"},
  "allow_data_loss": {"type": ["boolean", "null"],
    "description": "Drop what the schema no longer has for good."},
  "backfills": {"type": ["object", "null"],
    "description":
      "Values for rows without one, by \"Type.property\" that is new or becomes required."}}},
"SchemaOutput": {"type": "object", "required": ["schema_source"], "properties": {
  "schema_source": {"type": "string", "description": "The accepted text, byte for byte."}}},
"SnapshotOutput": {"type": "object", "required": ["branch", "manifest_version", "tables"],
  "properties": {"branch": {"type": ["string", "null"], "description": "null for a snapshot."},
  "snapshot": {"type": "string"},
  "manifest_version": {"type": "integer", "format": "int64", "minimum": 0},
  "tables": {"type": "array", "items": {"$ref": "#/components/schemas/SnapshotTableOutput"}}}},
"SnapshotTableOutput": {"type": "object",
  "required": ["table_key", "table_path", "table_version", "row_count"], "properties": {
  "table_key": {"type": "string"}, "table_path": {"type": "string"},
  "table_version": {"type": "integer", "format": "int64", "minimum": 0},
  "table_branch": {"type": ["string", "null"]},
  "row_count": {"type": "integer", "format": "int64", "minimum": 0}}},
"TagCreateRequest": {"type": "object", "required": ["name"], "properties": {
  "name": {"type": "string", "description": "As a branch name, and unlike a commit id."},
  "from": {"type": ["string", "null"],
    "description": "A branch, a tag or a commit id; main by default."}}},
"TagDeleteOutput": {"type": "object", "required": ["name"], "properties": {
  "name": {"type": "string"}}},
"TagListOutput": {"type": "object", "required": ["tags"], "properties": {
  "tags": {"type": "array", "items": {"$ref": "#/components/schemas/TagOutput"}}}},
"TagOutput": {"type": "object",
  "required": ["name", "graph_commit_id", "created_at"], "properties": {
  "name": {"type": "string"}, "graph_commit_id": {"type": "string"},
  "manifest_branch": {"type": ["string", "null"]}, "actor_id": {"type": ["string", "null"]},
  "created_at": {"type": "integer", "format": "int64", "description": "Microseconds since 1970."}}}
})json";

}  // namespace

std::string_view OpenApiSchemas() {
  return kSchemas;
}

}  // namespace omnigraph::server
