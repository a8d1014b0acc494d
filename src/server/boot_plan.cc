// Decides what is served.

#include "server/boot_plan.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "base/clock.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "base/strings.h"
#include "cluster/serving.h"
#include "policy/bundle.h"
#include "store/uri.h"

namespace omnigraph::server {

namespace {

Status Refused(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

Result<std::string> ReadPolicyFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file) return Refused("read the policy bundle: cannot read file " + Quoted(path));
  return std::move(text).str();
}

Result<SitePlan> PlanSingle(const ServerOptions& options) {
  SitePlan plan;
  plan.is_single = true;
  OG_ASSIGN_OR_RETURN(store::StorageUri uri, store::ParseStorageUri(*options.uri));
  GraphPlan graph;
  graph.id = kSingleGraphId;
  graph.uri = std::move(uri.normalized);
  if (options.queries) {
    OG_ASSIGN_OR_RETURN(graph.queries, ReadQueryFiles(*options.queries));
  }
  if (options.policy) {
    OG_ASSIGN_OR_RETURN(std::string yaml, ReadPolicyFile(*options.policy));
    OG_ASSIGN_OR_RETURN(policy::Bundle bundle,
                        policy::ParseBundle(*options.policy, std::move(yaml)));
    plan.bindings.push_back({*options.policy,
                             std::make_shared<const policy::Bundle>(std::move(bundle)),
                             policy::BundleKind::kGraph, graph.id});
  }
  plan.graphs.push_back(std::move(graph));
  return plan;
}

/// One text for everything that a revision makes a server do.
ClusterFacts FactsOf(const cluster::ServingSnapshot& snapshot) {
  std::string content;
  JsonWriter json(content);
  json.BeginArray();
  for (const cluster::ServedGraph& graph : snapshot.graphs) {
    json.BeginArray().String(graph.graph_id).String(graph.root_uri).String(graph.schema_digest);
    json.String(graph.policy ? graph.policy->digest : "").String(graph.quarantine_reason);
    for (const cluster::ServedQuery& query : graph.queries) {
      json.String(query.name).String(query.digest);
    }
    json.EndArray();
  }
  json.String(snapshot.server_policy ? snapshot.server_policy->digest : "").EndArray();
  ClusterFacts facts;
  facts.root_uri = snapshot.root_uri;
  facts.state_revision = snapshot.state_revision;
  facts.config_digest = snapshot.config_digest;
  facts.state_cas = snapshot.state_cas;
  facts.content = Sha256Hex(content);
  facts.loaded_at_micros = Clock::System().NowMicros();
  return facts;
}

/// The applied revision of the cluster as a plan.
SitePlan ToPlan(const cluster::ServingSnapshot& snapshot) {
  SitePlan plan;
  for (const cluster::ServedGraph& served : snapshot.graphs) {
    if (!served.quarantine_reason.empty()) {
      plan.quarantined.push_back({served.graph_id, served.quarantine_reason});
      continue;
    }
    GraphPlan graph;
    graph.id = served.graph_id;
    graph.uri = served.root_uri;
    graph.schema_digest = served.schema_digest;
    if (served.policy) graph.policy_digest = served.policy->digest;
    for (const cluster::ServedQuery& query : served.queries) {
      graph.queries.emplace_back(query.name, query.source);
    }
    if (served.policy) {
      plan.bindings.push_back({served.policy->name, served.policy->bundle,
                               policy::BundleKind::kGraph, served.graph_id});
    }
    plan.graphs.push_back(std::move(graph));
  }
  if (snapshot.server_policy) {
    plan.bindings.push_back({snapshot.server_policy->name, snapshot.server_policy->bundle,
                             policy::BundleKind::kServer, std::string()});
  }
  plan.cluster = FactsOf(snapshot);
  return plan;
}

Result<SitePlan> PlanCluster(const ServerOptions& options, bool allows_quarantine, EventLog& log,
                             std::vector<std::string>* codes) {
  if (options.uri || options.target || options.config || options.policy || options.queries) {
    return Refused(
        "--cluster is an exclusive boot source: graphs, policies and stored queries come from what "
        "was applied to it; drop the URI, --target, --config, --policy and --queries");
  }
  const cluster::SnapshotOutcome outcome =
      cluster::ReadServingSnapshot(cluster::SystemMachine(), *options.cluster, {allows_quarantine});
  for (const cluster::Finding& finding : outcome.findings.items()) {
    if (finding.severity != cluster::Severity::kWarning) continue;
    log.Write(LogLevel::kWarn, finding.message, {{"code", finding.code}, {"path", finding.path}});
  }
  if (!outcome.snapshot) {
    for (const cluster::Finding& finding : outcome.findings.items()) {
      const bool is_reason = finding.severity == cluster::Severity::kError;
      if (is_reason && codes != nullptr) codes->push_back(finding.code);
    }
    return Refused(std::string(TrimSpace(outcome.RefusalText())));
  }
  log.Write(LogLevel::kInfo, "read the applied revision",
            {{"root", outcome.snapshot->root_uri},
             {"state_revision", std::to_string(outcome.snapshot->state_revision)},
             {"config_digest", outcome.snapshot->config_digest.value_or("")},
             {"graph_count", std::to_string(outcome.snapshot->graphs.size())}});
  return ToPlan(*outcome.snapshot);
}

}  // namespace

Result<SitePlan> PlanSite(const ServerOptions& options, bool allows_quarantine, EventLog& log,
                          std::vector<std::string>* codes) {
  if (options.cluster) return PlanCluster(options, allows_quarantine, log, codes);
  if (options.allows_quarantine || options.requires_all_graphs) {
    return Refused(
        "--allow-quarantine and --require-all-graphs are about the graphs of a cluster; without "
        "--cluster there are none");
  }
  if (options.is_strict_cluster) {
    return Refused(
        "--strict-cluster leaves schema changes to the cluster that --cluster serves; without "
        "--cluster there is none");
  }
  if (options.reload_interval) {
    return Refused(
        "--reload-interval follows what is applied to a cluster; without --cluster there is "
        "nothing "
        "to follow");
  }
  if (options.target || options.config) {
    return Refused(
        "--target and --config name graphs of an omnigraph.yaml, which this server does not read: "
        "pass the graph's URI, or --cluster with a cluster's folder or storage root");
  }
  if (options.uri) return PlanSingle(options);
  return Refused(
      "no graph to serve: pass the URI of a graph (a folder, file://… or s3://bucket/prefix) to "
      "serve one graph, or --cluster <folder or storage root> to serve what was applied to a "
      "cluster");
}

Result<std::string> ReadLedgerVersion(const std::string& root_uri) {
  return cluster::ReadLedgerCas(cluster::SystemMachine(), root_uri);
}

}  // namespace omnigraph::server
