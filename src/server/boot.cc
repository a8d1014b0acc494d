// Decides what is served, who may use it, and opens it.

#include "server/boot.h"

#include <fstream>
#include <mutex>
#include <sstream>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/thread_pool.h"
#include "cluster/serving.h"
#include "engine/engine.h"
#include "policy/bundle.h"
#include "server/openapi.h"
#include "store/open_store.h"
#include "store/uri.h"

namespace omnigraph::server {

namespace {

constexpr std::size_t kConcurrentOpensMax = 4;

Status Refused(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

/// A graph that is to be opened.
struct GraphPlan {
  std::string id;
  std::string uri;
  std::vector<StoredQuerySource> queries;
};

/// What is to be served, before anything is opened.
struct SitePlan {
  bool is_single = false;
  std::vector<GraphPlan> graphs;
  std::vector<policy::Binding> bindings;
};

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
  GraphPlan graph{std::string(kSingleGraphId), std::move(uri.normalized), {}};
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

/// The applied revision of the cluster as a plan.
SitePlan ToPlan(const cluster::ServingSnapshot& snapshot) {
  SitePlan plan;
  for (const cluster::ServedGraph& served : snapshot.graphs) {
    GraphPlan graph{served.graph_id, served.root_uri, {}};
    for (const cluster::ServedQuery& query : served.queries) {
      graph.queries.push_back({query.name, *query.source});
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
  return plan;
}

Result<SitePlan> PlanCluster(const ServerOptions& options, EventLog& log) {
  if (options.uri || options.target || options.config || options.policy || options.queries) {
    return Refused(
        "--cluster is an exclusive boot source: graphs, policies and stored queries come from what "
        "was applied to it; drop the URI, --target, --config, --policy and --queries");
  }
  cluster::Machine machine;
  machine.open_store = store::OpenStore;
  machine.clock = &Clock::System();
  machine.ulids = &UlidGenerator::System();
  const cluster::SnapshotOutcome outcome = cluster::ReadServingSnapshot(machine, *options.cluster);
  for (const cluster::Finding& finding : outcome.findings.items()) {
    if (finding.severity != cluster::Severity::kWarning) continue;
    log.Write(LogLevel::kWarn, finding.message, {{"code", finding.code}, {"path", finding.path}});
  }
  if (!outcome.snapshot) return Refused(std::string(TrimSpace(outcome.RefusalText())));
  log.Write(LogLevel::kInfo, "read the applied revision",
            {{"root", outcome.snapshot->root_uri},
             {"state_revision", std::to_string(outcome.snapshot->state_revision)},
             {"config_digest", outcome.snapshot->config_digest.value_or("")},
             {"graph_count", std::to_string(outcome.snapshot->graphs.size())}});
  return ToPlan(*outcome.snapshot);
}

Result<SitePlan> PlanSite(const ServerOptions& options, EventLog& log) {
  if (options.cluster) return PlanCluster(options, log);
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

void WarnAboutAccess(const Site& site, EventLog& log) {
  if (!site.tokens.empty()) {
    log.Write(LogLevel::kInfo, "loaded bearer token source",
              {{"source", "env-or-file"}, {"actors", std::to_string(site.tokens.size())}});
  }
  for (const std::string& actor : site.tokens.weak_actors()) {
    log.Write(LogLevel::kWarn, "bearer token has fewer than 16 bytes and is easy to guess",
              {{"actor", actor}});
  }
  if (site.access == AccessMode::kOpen) {
    log.Write(LogLevel::kWarn,
              "running with --unauthenticated: everybody who reaches this address may read and "
              "write every graph");
  } else if (site.access == AccessMode::kDefaultDeny) {
    log.Write(LogLevel::kWarn,
              "bearer tokens without a policy: default-deny, only reading is allowed");
  }
}

void WarnAboutQueries(const ServedGraph& served, EventLog& log) {
  for (const auto& [name, query] : served.queries.all()) {
    if (!query.has_vector_parameter) continue;
    log.Write(LogLevel::kWarn,
              "stored query: a caller without an embedding model cannot supply its vector "
              "parameter; take a String and let nearest() embed it",
              {{"graph", served.id}, {"query", name}});
  }
}

/// Opens graphs for one site.
class Opener {
 public:
  Opener(const Site& site, bool uses_mock_embeddings, EventLog& log)
      : site_(site), uses_mock_embeddings_(uses_mock_embeddings), log_(log) {}

  Result<ServedGraph> Open(GraphPlan plan) const {
    ServedGraph served;
    served.id = std::move(plan.id);
    served.uri = std::move(plan.uri);
    auto queries = StoredQueries::Parse(std::move(plan.queries));
    if (!queries.ok()) return Explain(served, "read", std::move(queries).status());
    served.queries = *std::move(queries);
    Status opened = OpenGraph(served);
    if (!opened.ok()) return Explain(served, "open", std::move(opened));
    Status checked = CheckQueries(served);
    if (!checked.ok()) return Explain(served, "check", std::move(checked));
    WarnAboutQueries(served, log_);
    return served;
  }

 private:
  Status OpenGraph(ServedGraph& served) const {
    OG_ASSIGN_OR_RETURN(const auto store, store::OpenStore(served.uri));
    engine::OpenOptions options;
    options.uri = served.uri;
    options.graph_id = served.id;
    options.uses_mock_embeddings = uses_mock_embeddings_;
    if (site_.access != AccessMode::kOpen) options.policy = site_.policies;
    OG_ASSIGN_OR_RETURN(served.graph, engine::Graph::Open(store, std::move(options)));
    return Status::Ok();
  }

  static Status CheckQueries(const ServedGraph& served) {
    if (served.queries.all().empty()) return Status::Ok();
    OG_ASSIGN_OR_RETURN(const engine::SchemaAnswer schema,
                        served.graph->Schema(engine::Caller(), engine::ReadTarget()));
    return served.queries.CheckAgainst(*schema.catalog, served.id);
  }

  Status Explain(const ServedGraph& served, std::string_view verb, Status failure) const {
    Status explained = std::move(failure).WithContext(std::string(verb) + " graph '" + served.id +
                                                      "' at " + served.uri);
    if (site_.is_single) return explained;
    return Status::Error(explained.code(),
                         std::string(explained.message()) +
                             "\nrun 'cluster refresh' and 'cluster apply', then start the server "
                             "again");
  }

  const Site& site_;
  const bool uses_mock_embeddings_;
  EventLog& log_;
};

Status OpenGraphs(std::vector<GraphPlan> plans, const Environment& environment, Site& site,
                  EventLog& log) {
  const bool uses_mock = IsTruthy(environment("OMNIGRAPH_EMBEDDINGS_MOCK").value_or(""));
  const Opener opener(site, uses_mock, log);
  std::mutex mutex;
  std::vector<Status> failures(plans.size());
  std::map<std::string, ServedGraph, std::less<>> graphs;
  const std::size_t helpers_count = std::min(kConcurrentOpensMax, plans.size()) - 1;
  ThreadPool pool("graph-open", helpers_count);
  ParallelFor(pool, plans.size(), [&](std::size_t i) {
    auto opened = opener.Open(std::move(plans[i]));
    const std::lock_guard lock(mutex);
    if (opened.ok()) {
      std::string id = opened->id;
      graphs.emplace(std::move(id), *std::move(opened));
    } else {
      failures[i] = std::move(opened).status();
    }
  });
  for (Status& failure : failures) {
    if (!failure.ok()) return std::move(failure);
  }
  site.graphs = std::move(graphs);
  return Status::Ok();
}

}  // namespace

Result<AccessMode> ClassifyAccess(bool has_tokens, bool has_policies, bool is_opted_in) {
  if (has_tokens) return has_policies ? AccessMode::kPolicyEnabled : AccessMode::kDefaultDeny;
  if (has_policies) {
    return Refused(
        "policy file is configured but no bearer tokens: every request would 401; configure tokens "
        "with OMNIGRAPH_SERVER_BEARER_TOKENS_JSON or OMNIGRAPH_SERVER_BEARER_TOKENS_FILE");
  }
  if (is_opted_in) return AccessMode::kOpen;
  return Refused(
      "neither bearer tokens nor policies are configured, so everybody could read and write: "
      "configure tokens (OMNIGRAPH_SERVER_BEARER_TOKENS_JSON), or pass --unauthenticated to serve "
      "everybody");
}

Result<std::unique_ptr<Site>> Boot(const ServerOptions& options, const Environment& environment,
                                   EventLog& log) {
  OG_ASSIGN_OR_RETURN(SitePlan plan, PlanSite(options, log));
  auto site = std::make_unique<Site>();
  site->is_single = plan.is_single;
  OG_ASSIGN_OR_RETURN(site->tokens, TokenTable::Load(environment));
  const bool is_opted_in =
      options.is_unauthenticated ||
      OpensServer(environment("OMNIGRAPH_UNAUTHENTICATED").value_or(std::string()));
  OG_ASSIGN_OR_RETURN(site->access,
                      ClassifyAccess(!site->tokens.empty(), !plan.bindings.empty(), is_opted_in));
  WarnAboutAccess(*site, log);
  OG_ASSIGN_OR_RETURN(policy::PolicyEngine policies, policy::PolicyEngine::Compile(plan.bindings));
  site->policies = std::make_shared<const policy::PolicyEngine>(std::move(policies));
  OG_RETURN_IF_ERROR(OpenGraphs(std::move(plan.graphs), environment, *site, log));
  site->openapi = RenderOpenApi(
      {.is_single = site->is_single, .demands_tokens = site->access != AccessMode::kOpen});
  return site;
}

}  // namespace omnigraph::server
