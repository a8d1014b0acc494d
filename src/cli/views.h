// What the commands have to say, as data, with its two faces: text for people and JSON for
// programs. Keys stand in the order of the contract.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace omnigraph::cli {

struct MutationView {
  const engine::MutationAnswer& answer;
  std::optional<std::string> actor;
  bool has_receipt = false;  ///< Adds `commit`.
};
struct LoadView {
  std::string uri;
  const engine::LoadAnswer& answer;
  std::optional<std::string> base_branch;
  bool has_receipt = false;  ///< Adds `edges_removed` (else only if there are any) and `commit`.
};
/// The report of the deprecated `ingest`.
struct IngestView {
  std::string uri;
  const engine::LoadAnswer& answer;
  std::optional<std::string> base_branch;
  std::optional<std::string> actor;
  bool has_receipt = false;
};
struct BranchCreatedView {
  std::string uri;
  std::string from;
  std::string name;
  std::optional<std::string> actor;
};
struct BranchListView {
  std::vector<std::string> branches;
};
struct BranchDeletedView {
  std::string uri;
  std::string name;
  std::optional<std::string> actor;
};
struct BranchMergedView {
  const engine::MergeAnswer& answer;
  bool is_dry_run = false;
  std::optional<std::string> actor;
};
struct SnapshotView {
  const engine::SnapshotAnswer& answer;
};
struct CommitListView {
  std::vector<engine::CommitRecord> commits;
};
struct CommitView {
  engine::CommitRecord commit;
};
struct SchemaView {
  std::string source;
};
/// Steps are given in both faces, in order.
struct SchemaPlanView {
  std::string uri;
  bool is_supported = true;
  std::vector<std::string> steps_json;
  std::vector<std::string> steps_text;
};
struct SchemaApplyView {
  SchemaPlanView plan;
  bool is_applied = false;
  std::uint64_t manifest_version = 0;
};
struct GraphListView {
  struct Graph {
    std::string graph_id;
    std::string uri;
  };
  std::vector<Graph> graphs;
};
struct StoredQueriesView {
  struct Parameter {
    std::string name;
    std::string type;  ///< Without `?`.
    bool is_nullable = false;
  };
  struct Query {
    std::string name;
    bool is_mutation = false;
    std::vector<Parameter> parameters;
    std::optional<std::string> description;
    std::optional<std::string> instruction;
  };
  std::vector<Query> queries;  ///< Ascending by name.
};
struct StoredQueriesCheckView {
  struct Remark {
    std::string query;
    std::string message;
  };
  std::size_t queries_count = 0;
  std::vector<Remark> breakages;
  std::vector<Remark> warnings;
};
struct LoginView {
  std::string server;
  std::string credentials_path;
  bool is_declared = false;
};
struct LogoutView {
  std::string server;
  std::string credentials_path;
};

/// Append the text, with a line break at its end.
void AppendText(const MutationView& view, std::string& out);
void AppendText(const LoadView& view, std::string& out);
void AppendText(const IngestView& view, std::string& out);
void AppendText(const BranchCreatedView& view, std::string& out);
void AppendText(const BranchListView& view, std::string& out);
void AppendText(const BranchDeletedView& view, std::string& out);
void AppendText(const BranchMergedView& view, std::string& out);
void AppendText(const SnapshotView& view, std::string& out);
void AppendText(const CommitListView& view, std::string& out);
void AppendText(const CommitView& view, std::string& out);
void AppendText(const SchemaView& view, std::string& out);
void AppendText(const SchemaPlanView& view, std::string& out);
void AppendText(const SchemaApplyView& view, std::string& out);
void AppendText(const GraphListView& view, std::string& out);
void AppendText(const StoredQueriesView& view, std::string& out);
void AppendText(const StoredQueriesCheckView& view, std::string& out);
void AppendText(const LoginView& view, std::string& out);
void AppendText(const LogoutView& view, std::string& out);

/// Append one compact JSON document.
void AppendJson(const MutationView& view, std::string& out);
void AppendJson(const LoadView& view, std::string& out);
void AppendJson(const IngestView& view, std::string& out);
void AppendJson(const BranchCreatedView& view, std::string& out);
void AppendJson(const BranchListView& view, std::string& out);
void AppendJson(const BranchDeletedView& view, std::string& out);
void AppendJson(const BranchMergedView& view, std::string& out);
void AppendJson(const SnapshotView& view, std::string& out);
void AppendJson(const CommitListView& view, std::string& out);
void AppendJson(const CommitView& view, std::string& out);
void AppendJson(const SchemaView& view, std::string& out);
void AppendJson(const SchemaPlanView& view, std::string& out);
void AppendJson(const SchemaApplyView& view, std::string& out);
void AppendJson(const GraphListView& view, std::string& out);
void AppendJson(const StoredQueriesView& view, std::string& out);
void AppendJson(const StoredQueriesCheckView& view, std::string& out);
void AppendJson(const LoginView& view, std::string& out);
void AppendJson(const LogoutView& view, std::string& out);

}  // namespace omnigraph::cli
