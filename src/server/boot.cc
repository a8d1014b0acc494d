// Decides who may use what is served, and opens it.

#include "server/boot.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "base/thread_pool.h"
#include "embed/embedder.h"
#include "engine/engine.h"
#include "server/boot_plan.h"
#include "server/openapi.h"
#include "store/open_store.h"

namespace omnigraph::server {

namespace {

constexpr std::size_t kConcurrentOpensMax = 4;

Status Refused(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

void WarnAboutAccess(const Site& site, EventLog& log) {
  if (!site.tokens->empty()) {
    log.Write(LogLevel::kInfo, "loaded bearer token source",
              {{"source", "env-or-file"}, {"actors", std::to_string(site.tokens->size())}});
  }
  for (const std::string& actor : site.tokens->weak_actors()) {
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
  /// `previous`, if not null, is served until now: its handles carry over where they can.
  Opener(const Site& site, const Site* previous, std::shared_ptr<embed::Embedder> embedder,
         EventLog& log)
      : site_(site), previous_(previous), embedder_(std::move(embedder)), log_(log) {}

  Result<ServedGraph> Open(GraphPlan plan) const {
    ServedGraph served;
    served.id = std::move(plan.id);
    served.uri = std::move(plan.uri);
    served.schema_digest = std::move(plan.schema_digest);
    served.policy_digest = std::move(plan.policy_digest);
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
    options.embedder = embedder_;
    if (site_.access != AccessMode::kOpen) options.policy = site_.policies;
    OG_ASSIGN_OR_RETURN(served.graph, engine::Graph::Open(store, std::move(options)));
    ReuseHandle(served);
    return Status::Ok();
  }

  /// Takes the previous handle, with its caches and its queue of writers, if it is of the same
  /// graph under the same policy.
  void ReuseHandle(ServedGraph& served) const {
    if (previous_ == nullptr || previous_->access != site_.access) return;
    const auto found = previous_->graphs.find(served.id);
    if (found == previous_->graphs.end()) return;
    const ServedGraph& before = found->second;
    if (before.uri == served.uri && before.policy_digest == served.policy_digest &&
        before.graph->incarnation_id() == served.graph->incarnation_id()) {
      served.graph = before.graph;
    }
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
  const Site* previous_;
  const std::shared_ptr<embed::Embedder> embedder_;
  EventLog& log_;
};

void Quarantine(const std::string& id, const std::string& reason, Site& site, EventLog& log) {
  site.quarantined[id] = reason;
  log.Write(LogLevel::kError, "graph left out", {{"graph", id}, {"reason", reason}});
}

Status OpenGraphs(std::vector<GraphPlan> plans, const Environment& environment,
                  bool allows_quarantine, const Site* previous, Site& site, EventLog& log) {
  std::vector<std::string> ids;
  for (const GraphPlan& plan : plans)
    ids.push_back(plan.id);
  const Opener opener(site, previous, embed::EmbedderFromEnvironment(environment), log);
  std::mutex mutex;
  std::vector<Status> failures(plans.size());
  std::map<std::string, ServedGraph, std::less<>> graphs;
  const std::size_t helpers_count =
      std::min(kConcurrentOpensMax, std::max<std::size_t>(1, plans.size())) - 1;
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
  site.graphs = std::move(graphs);
  for (std::size_t i = 0; i < failures.size(); ++i) {
    if (failures[i].ok()) continue;
    if (!allows_quarantine) return std::move(failures[i]);
    Quarantine(ids[i], std::string(failures[i].message()), site, log);
  }
  if (!site.graphs.empty()) return Status::Ok();
  std::string message = "cluster_no_healthy_graphs: no graph of the cluster can be served";
  for (const auto& [id, reason] : site.quarantined)
    message.append("\n  graph.").append(id).append(": ").append(reason);
  return Refused(std::move(message));
}

bool AllowsQuarantine(const ServerOptions& options, const Environment& environment) {
  const auto is_set = [&](std::string_view name) {
    return IsTruthy(environment(name).value_or(std::string()));
  };
  if (options.requires_all_graphs || is_set("OMNIGRAPH_REQUIRE_ALL_GRAPHS")) return false;
  return options.allows_quarantine || is_set("OMNIGRAPH_ALLOW_QUARANTINE");
}

/// Fills `site`, whose tokens and access are decided.
Status Build(SitePlan plan, const Environment& environment, bool allows_quarantine,
             const Site* previous, Site& site, EventLog& log) {
  site.is_single = plan.is_single;
  site.cluster = std::move(plan.cluster);
  OG_ASSIGN_OR_RETURN(policy::PolicyEngine policies, policy::PolicyEngine::Compile(plan.bindings));
  site.policies = std::make_shared<const policy::PolicyEngine>(std::move(policies));
  for (const QuarantinedPlan& left_out : plan.quarantined)
    Quarantine(left_out.id, left_out.reason, site, log);
  OG_RETURN_IF_ERROR(
      OpenGraphs(std::move(plan.graphs), environment, allows_quarantine, previous, site, log));
  site.openapi = RenderOpenApi(
      {.is_single = site.is_single, .demands_tokens = site.access != AccessMode::kOpen});
  return Status::Ok();
}

/// Whether every graph that is served is still the one at its root. A deleted graph that was
/// created again has the same resources as before.
bool HasSameGraphs(const Site& served) {
  return std::all_of(served.graphs.begin(), served.graphs.end(), [](const auto& item) {
    const ServedGraph& graph = item.second;
    auto store = store::OpenStore(graph.uri);
    if (!store.ok()) return false;
    engine::OpenOptions options;
    options.uri = graph.uri;
    options.is_read_only = true;
    const auto now = engine::Graph::Open(*std::move(store), std::move(options));
    return now.ok() && (*now)->incarnation_id() == graph.graph->incarnation_id();
  });
}

/// `served` under a ledger that moved without a change of what is served: `served` itself if it did
/// not move either.
std::shared_ptr<const Site> WithLedgerOf(const ClusterFacts& facts,
                                         const std::shared_ptr<const Site>& served) {
  if (facts.state_cas == served->cluster->state_cas) return served;
  const auto site = std::make_shared<Site>(*served);
  site->cluster->state_revision = facts.state_revision;
  site->cluster->config_digest = facts.config_digest;
  site->cluster->state_cas = facts.state_cas;
  return site;
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

Result<std::shared_ptr<const Site>> Boot(const ServerOptions& options,
                                         const Environment& environment, EventLog& log) {
  const bool allows_quarantine = AllowsQuarantine(options, environment);
  OG_ASSIGN_OR_RETURN(SitePlan plan, PlanSite(options, allows_quarantine, log));
  OG_ASSIGN_OR_RETURN(TokenTable tokens, TokenTable::Load(environment));
  const auto site = std::make_shared<Site>();
  site->is_strict_cluster = options.is_strict_cluster;
  site->tokens = std::make_shared<const TokenTable>(std::move(tokens));
  const bool is_opted_in =
      options.is_unauthenticated ||
      OpensServer(environment("OMNIGRAPH_UNAUTHENTICATED").value_or(std::string()));
  OG_ASSIGN_OR_RETURN(site->access,
                      ClassifyAccess(!site->tokens->empty(), !plan.bindings.empty(), is_opted_in));
  WarnAboutAccess(*site, log);
  OG_RETURN_IF_ERROR(Build(std::move(plan), environment, allows_quarantine, nullptr, *site, log));
  return std::shared_ptr<const Site>(site);
}

Result<std::shared_ptr<const Site>> BootAgain(const ServerOptions& options,
                                              const Environment& environment,
                                              const std::shared_ptr<const Site>& served,
                                              EventLog& log, std::vector<std::string>& codes) {
  const bool allows_quarantine = AllowsQuarantine(options, environment);
  OG_ASSIGN_OR_RETURN(SitePlan plan, PlanSite(options, allows_quarantine, log, &codes));
  // A graph that was left out may have been repaired without a new revision.
  const bool is_whole = served->quarantined.empty();
  if (is_whole && plan.cluster->content == served->cluster->content && HasSameGraphs(*served)) {
    return WithLedgerOf(*plan.cluster, served);
  }
  const auto site = std::make_shared<Site>();
  site->is_strict_cluster = options.is_strict_cluster;
  site->tokens = served->tokens;
  // Tokens and the opt-in are facts of the process; only policies may have come or gone.
  OG_ASSIGN_OR_RETURN(site->access, ClassifyAccess(!site->tokens->empty(), !plan.bindings.empty(),
                                                   served->access == AccessMode::kOpen));
  plan.cluster->generation = served->cluster->generation + 1;
  OG_RETURN_IF_ERROR(
      Build(std::move(plan), environment, allows_quarantine, served.get(), *site, log));
  return std::shared_ptr<const Site>(site);
}

}  // namespace omnigraph::server
