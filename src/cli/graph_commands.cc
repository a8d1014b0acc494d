// init, snapshot, export, commit, branch and graphs: one request to a graph each.

#include <string>
#include <utility>

#include "base/strings.h"
#include "cli/files.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/write_conditions.h"
#include "client/remote_graph.h"
#include "cluster/machine.h"
#include "cluster/serving.h"
#include "schema/compile.h"
#include "store/open_store.h"

namespace omnigraph::cli {
namespace {

Result<int> Printed(const Status& status) {
  if (!status.ok()) return status;
  return 0;
}

// The value of an option, else `cli.branch`, else "main".
Result<std::string> BranchOption(Invocation& invocation, std::string_view key) {
  if (const auto branch = invocation.line().Find(key)) return std::string(TrimSpace(*branch));
  OG_ASSIGN_OR_RETURN(const ProjectConfig* project, invocation.Project());
  return project->branch.value_or("main");
}

Result<std::uint64_t> LimitOption(const CommandLine& line) {
  const auto limit = line.Find("limit");
  if (!limit.has_value()) return std::uint64_t{0};
  const auto number = ParseUint64(*limit);
  if (number.has_value() && *number > 0) return *number;
  return Status::Error(ErrorCode::kInvalidArgument,
                       "--limit takes a whole number from 1 on, and got " + Quoted(*limit));
}

}  // namespace

Result<int> RunInit(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  const std::string& uri = line.Get("URI");
  if (uri.starts_with("http://") || uri.starts_with("https://")) {
    return Status::Error(
        ErrorCode::kInvalidArgument,
        "`init` is a storage-plane command and needs direct storage access, and '" + uri +
            "' is a remote server: pass a file:// or s3:// URI");
  }
  OG_RETURN_IF_ERROR(cluster::CheckInitTarget(cluster::SystemMachine(), uri));
  const std::string& path = line.Get("schema");
  OG_ASSIGN_OR_RETURN(const std::string schema, ReadFile(path));
  OG_RETURN_IF_ERROR(schema::CompileSchema(schema, path).status());  // Messages name the file.
  OG_ASSIGN_OR_RETURN(auto store, store::OpenStore(uri));
  OG_RETURN_IF_ERROR(engine::Graph::Init(std::move(store), uri, schema, line.Has("force")));
  return Printed(invocation.console().Write("initialized " + uri + "\n"));
}

Result<int> RunSnapshot(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  OG_ASSIGN_OR_RETURN(const engine::ReadTarget target, invocation.Target());
  OG_ASSIGN_OR_RETURN(const auto answer, opened.graph->Snapshot(opened.caller, target));
  return Printed(invocation.Print(SnapshotView{answer}));
}

Result<int> RunExport(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  if (line.Has("jsonl")) invocation.Warn("--jsonl is deprecated: exports are always JSON lines");
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  engine::ExportRequest request;
  OG_ASSIGN_OR_RETURN(request.target, invocation.Target());
  request.type_names = line.All("type");
  request.table_keys = line.All("table");
  request.write = [&invocation](std::string_view lines) {
    return invocation.console().Write(lines);
  };
  return Printed(opened.graph->Export(opened.caller, request));
}

Result<int> RunCommitList(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const std::uint64_t limit, LimitOption(line));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  const std::string branch(TrimSpace(line.Find("branch").value_or("main")));
  CommitListView view;
  OG_ASSIGN_OR_RETURN(view.commits, opened.graph->ListCommits(opened.caller, branch, limit));
  if (line.Has("reverse")) view.commits = {view.commits.rbegin(), view.commits.rend()};
  return Printed(invocation.Print(view));
}

Result<int> RunCommitShow(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  CommitView view;
  OG_ASSIGN_OR_RETURN(view.commit,
                      opened.graph->ShowCommit(opened.caller, invocation.line().Get("COMMIT_ID")));
  return Printed(invocation.Print(view));
}

Result<int> RunBranchCreate(Invocation& invocation) {
  const std::string name(TrimSpace(invocation.line().Get("NAME")));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kWrite));
  OG_ASSIGN_OR_RETURN(const std::string from, BranchOption(invocation, "start"));
  OG_RETURN_IF_ERROR(opened.graph->CreateBranch(opened.caller, name, from));
  return Printed(
      invocation.Print(BranchCreatedView{opened.WrittenUri(), from, name, opened.Writer()}));
}

Result<int> RunBranchList(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kRead));
  BranchListView view;
  OG_ASSIGN_OR_RETURN(view.branches, opened.graph->ListBranches(opened.caller));
  return Printed(invocation.Print(view));
}

Result<int> RunBranchDelete(Invocation& invocation) {
  const std::string name(TrimSpace(invocation.line().Get("NAME")));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kWrite));
  OG_RETURN_IF_ERROR(opened.graph->DeleteBranch(opened.caller, name));
  return Printed(invocation.Print(BranchDeletedView{opened.WrittenUri(), name, opened.Writer()}));
}

Result<int> RunBranchMerge(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraph(invocation, Access::kWrite));
  engine::MergeRequest request;
  request.source = TrimSpace(line.Get("SOURCE"));
  OG_ASSIGN_OR_RETURN(request.target, BranchOption(invocation, "into"));
  request.is_dry_run = line.Has("dry-run");
  request.deletes_source = line.Has("delete-branch");
  OG_ASSIGN_OR_RETURN(request.conditions, ConditionsOf(line));
  OG_ASSIGN_OR_RETURN(const auto answer, opened.graph->Merge(opened.caller, request));
  if (!answer.conflicts.empty()) {
    std::string text = answer.conflict_text;
    for (const engine::MergeConflict& conflict : answer.conflicts) {
      text += "\n  " + conflict.table_key;
      if (conflict.row_id.has_value()) text += ":" + *conflict.row_id;
      text += " (" + conflict.kind + "): " + conflict.message;
    }
    return Status::Error(ErrorCode::kConflict, std::move(text));
  }
  return Printed(invocation.Print(BranchMergedView{answer, request.is_dry_run, opened.Writer()}));
}

Result<int> RunGraphsList(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveAddress(invocation));
  if (!address.is_remote) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "`graphs list` needs a remote multi-graph server URL, and '" +
                             address.uri + "' is in storage");
  }
  OG_ASSIGN_OR_RETURN(const auto server, OpenServer(invocation, address));
  OG_ASSIGN_OR_RETURN(auto graphs, server->ListGraphs());
  GraphListView view;
  for (client::ListedGraph& graph : graphs)
    view.graphs.push_back({std::move(graph.graph_id), std::move(graph.uri)});
  return Printed(invocation.Print(view));
}

}  // namespace omnigraph::cli
