// Picks one graph or one bundle out of what a cluster serves.

#include "cli/cluster_catalog.h"

#include <utility>

#include "base/strings.h"
#include "cli/invocation.h"
#include "cluster/machine.h"

namespace omnigraph::cli {
namespace {

std::optional<std::string> ChosenGraph(const CommandLine& line) {
  auto graph = line.Find("cluster-graph");
  return graph.has_value() ? graph : line.Find("graph");
}

Result<cluster::ServingSnapshot> ReadSnapshot(Invocation& invocation) {
  cluster::SnapshotOutcome outcome =
      cluster::ReadServingSnapshot(cluster::SystemMachine(), invocation.line().Get("cluster"));
  if (!outcome.snapshot.has_value())
    return Status::Error(ErrorCode::kPreconditionFailed, outcome.RefusalText());
  return *std::move(outcome.snapshot);
}

std::string GraphIds(const cluster::ServingSnapshot& snapshot) {
  std::vector<std::string> ids;
  for (const cluster::ServedGraph& graph : snapshot.graphs)
    ids.push_back(graph.graph_id);
  return Join(ids, ", ");
}

// The graph that is named, or the only one.
Result<cluster::ServedGraph> PickGraph(Invocation& invocation,
                                       const cluster::ServingSnapshot& snapshot) {
  const std::string& argument = invocation.line().Get("cluster");
  const auto name = ChosenGraph(invocation.line());
  if (!name.has_value()) {
    if (snapshot.graphs.size() == 1) return snapshot.graphs[0];
    if (snapshot.graphs.empty()) {
      return Status::Error(ErrorCode::kNotFound, "no graph is applied in cluster '" + argument +
                                                     "': run `omnigraph cluster apply`");
    }
    return Status::Error(ErrorCode::kInvalidArgument,
                         "cluster '" + argument + "' has several graphs (" + GraphIds(snapshot) +
                             "): name one with --cluster-graph <ID>");
  }
  for (const cluster::ServedGraph& graph : snapshot.graphs)
    if (graph.graph_id == *name) return graph;
  return Status::Error(ErrorCode::kNotFound, "graph '" + *name + "' is not applied in cluster '" +
                                                 argument + "' (applied: " + GraphIds(snapshot) +
                                                 "): declare it and run `omnigraph cluster apply`");
}

Result<AppliedPolicy> PickPolicy(const cluster::ServingSnapshot& snapshot,
                                 const std::string& argument) {
  std::vector<AppliedPolicy> found;
  std::vector<std::string> names;
  for (const cluster::ServedGraph& graph : snapshot.graphs) {
    if (!graph.policy.has_value()) continue;
    found.push_back({*graph.policy, graph.graph_id});
    names.push_back(graph.policy->name + " (graph " + graph.graph_id + ")");
  }
  if (snapshot.server_policy.has_value()) {
    found.push_back({*snapshot.server_policy, std::nullopt});
    names.push_back(snapshot.server_policy->name + " (server)");
  }
  if (found.size() == 1) return found[0];
  if (found.empty()) {
    return Status::Error(ErrorCode::kNotFound,
                         "no policy bundle is applied in cluster '" + argument + "'");
  }
  return Status::Error(ErrorCode::kInvalidArgument,
                       "cluster '" + argument + "' has several policy bundles: " +
                           Join(names, ", ") + "; name a graph with --cluster-graph <ID>");
}

}  // namespace

Result<std::string> ResolveClusterGraph(Invocation& invocation) {
  const auto name = ChosenGraph(invocation.line());
  if (name.has_value()) {
    return cluster::ResolveClusterGraph(cluster::SystemMachine(), invocation.line().Get("cluster"),
                                        *name);
  }
  OG_ASSIGN_OR_RETURN(const cluster::ServingSnapshot snapshot, ReadSnapshot(invocation));
  OG_ASSIGN_OR_RETURN(cluster::ServedGraph graph, PickGraph(invocation, snapshot));
  return std::move(graph.root_uri);
}

Result<std::vector<cluster::ServedQuery>> ReadClusterQueries(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const cluster::ServingSnapshot snapshot, ReadSnapshot(invocation));
  OG_ASSIGN_OR_RETURN(cluster::ServedGraph graph, PickGraph(invocation, snapshot));
  return std::move(graph.queries);
}

Result<AppliedPolicy> ReadClusterPolicy(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(const cluster::ServingSnapshot snapshot, ReadSnapshot(invocation));
  if (!ChosenGraph(invocation.line()).has_value())
    return PickPolicy(snapshot, invocation.line().Get("cluster"));
  OG_ASSIGN_OR_RETURN(cluster::ServedGraph graph, PickGraph(invocation, snapshot));
  if (!graph.policy.has_value()) {
    return Status::Error(ErrorCode::kNotFound,
                         "no policy bundle is bound to graph '" + graph.graph_id + "'");
  }
  return AppliedPolicy{*std::move(graph.policy), graph.graph_id};
}

}  // namespace omnigraph::cli
