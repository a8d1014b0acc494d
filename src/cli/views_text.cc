// The reports of the commands for people.

#include "cli/views.h"

namespace omnigraph::cli {
namespace {

void Line(std::string& out, std::string_view text) {
  out += text;
  out += '\n';
}

void OptionalLine(std::string& out, std::string_view key, const std::optional<std::string>& value) {
  if (!value.has_value()) return;
  out += key;
  Line(out, ": " + *value);
}

std::string Count(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what);
}

// Indents the further lines of a text so that they stand under the first.
void AppendBlock(std::string_view label, const std::optional<std::string>& text, std::string& out) {
  if (!text.has_value()) return;
  const std::string indent(label.size() + 8, ' ');
  out += "      ";
  out += label;
  out += ": ";
  for (const char c : *text) {
    out += c;
    if (c == '\n') out += indent;
  }
  out += '\n';
}

}  // namespace

void AppendText(const MutationView& view, std::string& out) {
  Line(out, "changed " + view.answer.branch + " via " + view.answer.query_name + ": " +
                Count(view.answer.affected_nodes, "nodes, ") +
                Count(view.answer.affected_edges, "edges"));
  OptionalLine(out, "actor_id", view.actor);
}

void AppendText(const LoadView& view, std::string& out) {
  const engine::LoadAnswer& answer = view.answer;
  Line(out, "loaded " + view.uri + " on branch " + answer.branch + " with " +
                std::string(engine::LoadModeName(answer.mode)) + ": " +
                Count(answer.nodes_loaded, "nodes across ") +
                Count(answer.node_types_loaded, "node types, ") +
                Count(answer.edges_loaded, "edges across ") +
                Count(answer.edge_types_loaded, "edge types"));
  if (answer.branch_created)
    Line(out, "branch " + answer.branch + " created from " + view.base_branch.value_or("main"));
  if (answer.edges_removed > 0)
    Line(out, "removed " + Count(answer.edges_removed, "edges that lost an endpoint"));
}

void AppendText(const IngestView& view, std::string& out) {
  const engine::LoadAnswer& answer = view.answer;
  Line(out, "ingested " + view.uri + " into branch " + answer.branch + " from " +
                view.base_branch.value_or("main") + " with " +
                std::string(engine::LoadModeName(answer.mode)) +
                (answer.branch_created ? " (branch created)" : " (branch exists)"));
  for (const engine::LoadAnswer::Table& table : answer.tables)
    Line(out, table.table_key + " rows_loaded=" + std::to_string(table.rows_loaded));
  OptionalLine(out, "actor_id", view.actor);
}

void AppendText(const BranchCreatedView& view, std::string& out) {
  Line(out, "created branch " + view.name + " from " + view.from);
}

void AppendText(const BranchListView& view, std::string& out) {
  for (const std::string& branch : view.branches)
    Line(out, branch);
}

void AppendText(const BranchDeletedView& view, std::string& out) {
  Line(out, "deleted branch " + view.name);
}

void AppendText(const BranchMergedView& view, std::string& out) {
  const engine::MergeAnswer& answer = view.answer;
  Line(out, std::string(view.is_dry_run ? "would merge " : "merged ") + answer.source + " into " +
                answer.target + ": " + std::string(engine::MergeOutcomeName(answer.outcome)));
  if (answer.branch_deleted == true) Line(out, "deleted branch " + answer.source);
  if (answer.branch_deleted == false) {
    Line(out, "kept branch " + answer.source + ": " + answer.branch_delete_error);
  }
}

void AppendText(const SnapshotView& view, std::string& out) {
  if (view.answer.target.snapshot.empty()) {
    Line(out, "branch: " + view.answer.target.branch);
  } else {
    Line(out, "snapshot: " + view.answer.target.snapshot);
  }
  Line(out, "manifest_version: " + std::to_string(view.answer.manifest_version));
  for (const engine::SnapshotAnswer::Table& table : view.answer.tables) {
    Line(out, table.table_key + " v" + std::to_string(table.table_version) + " branch=" +
                  table.table_branch.value_or("main") + " rows=" + std::to_string(table.row_count));
  }
}

void AppendText(const CommitListView& view, std::string& out) {
  for (const engine::CommitRecord& commit : view.commits) {
    out += commit.graph_commit_id + " branch=" + commit.manifest_branch.value_or("main") +
           " version=" + std::to_string(commit.manifest_version);
    if (commit.actor_id.has_value()) out += " actor=" + *commit.actor_id;
    out += '\n';
  }
}

void AppendText(const CommitView& view, std::string& out) {
  const engine::CommitRecord& commit = view.commit;
  Line(out, "graph_commit_id: " + commit.graph_commit_id);
  Line(out, "manifest_branch: " + commit.manifest_branch.value_or("main"));
  Line(out, "manifest_version: " + std::to_string(commit.manifest_version));
  OptionalLine(out, "parent_commit_id", commit.parent_commit_id);
  OptionalLine(out, "merged_parent_commit_id", commit.merged_parent_commit_id);
  OptionalLine(out, "actor_id", commit.actor_id);
  Line(out, "created_at: " + std::to_string(commit.created_at));
}

void AppendText(const SchemaView& view, std::string& out) {
  // Always a line break more: what stands before it is the source, byte for byte.
  Line(out, view.source);
}

namespace {

void AppendSteps(const std::vector<std::string>& steps, std::string& out) {
  if (steps.empty()) Line(out, "no schema changes");
  for (const std::string& step : steps)
    Line(out, "- " + step);
}

}  // namespace

void AppendText(const SchemaPlanView& view, std::string& out) {
  Line(out, "schema plan for " + view.uri);
  Line(out, view.is_supported ? "supported: yes" : "supported: no");
  AppendSteps(view.steps_text, out);
}

void AppendText(const SchemaApplyView& view, std::string& out) {
  Line(out, "schema apply for " + view.plan.uri);
  Line(out, view.plan.is_supported ? "supported: yes" : "supported: no");
  Line(out, view.is_applied ? "applied: yes" : "applied: no");
  Line(out, "manifest_version: " + std::to_string(view.manifest_version));
  AppendSteps(view.plan.steps_text, out);
}

void AppendText(const GraphListView& view, std::string& out) {
  for (const GraphListView::Graph& graph : view.graphs)
    Line(out, graph.graph_id + "\t" + graph.uri);
}

void AppendText(const StoredQueriesView& view, std::string& out) {
  if (view.queries.empty()) Line(out, "(no stored queries registered)");
  for (const StoredQueriesView::Query& query : view.queries) {
    out += query.is_mutation ? "mutation  " : "read  ";
    out += query.name + "(";
    bool is_first = true;
    for (const StoredQueriesView::Parameter& parameter : query.parameters) {
      if (!is_first) out += ", ";
      out += "$" + parameter.name + ": " + parameter.type + (parameter.is_nullable ? "?" : "");
      is_first = false;
    }
    Line(out, ") [mcp: " + query.name + "]");
    AppendBlock("description", query.description, out);
    AppendBlock("instruction", query.instruction, out);
  }
}

void AppendText(const StoredQueriesCheckView& view, std::string& out) {
  if (view.breakages.empty()) {
    Line(out, "OK  " +
                  Count(view.queries_count,
                        view.queries_count == 1 ? "stored query" : "stored queries") +
                  " type-check against the schema");
  }
  for (const StoredQueriesCheckView::Remark& remark : view.breakages)
    Line(out, "ERROR  query '" + remark.query + "': " + remark.message);
  for (const StoredQueriesCheckView::Remark& remark : view.warnings)
    Line(out, "WARN   query '" + remark.query + "': " + remark.message);
}

void AppendText(const LoginView& view, std::string& out) {
  Line(out, "stored the token of server '" + view.server + "' in " + view.credentials_path);
}

void AppendText(const LogoutView& view, std::string& out) {
  Line(out, "removed the token of server '" + view.server + "' from " + view.credentials_path);
}

}  // namespace omnigraph::cli
