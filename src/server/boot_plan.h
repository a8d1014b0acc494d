// What is to be served, before anything is opened: read from the command line and, for a cluster,
// from its applied revision.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "policy/policy_engine.h"
#include "server/event_log.h"
#include "server/options.h"
#include "server/site.h"
#include "server/stored_queries.h"

namespace omnigraph::server {

/// A graph that is to be opened.
struct GraphPlan {
  std::string id;
  std::string uri;  ///< Normalised.
  std::string schema_digest;
  std::string policy_digest;
  std::vector<StoredQuerySource> queries;
};

/// A graph that is left out.
struct QuarantinedPlan {
  std::string id;
  std::string reason;
};

struct SitePlan {
  bool is_single = false;
  std::vector<GraphPlan> graphs;
  std::vector<QuarantinedPlan> quarantined;  ///< Only if that is allowed.
  std::vector<policy::Binding> bindings;
  std::optional<ClusterFacts> cluster;
};

/// Errors: `kInvalidArgument` for options that exclude each other or name nothing to serve; a
/// cluster that is not ready to serve, with every reason; files that cannot be read.
///
/// With `allows_quarantine` a graph that cannot be served is left out of the plan. `codes`, if
/// given, gets the codes of the reasons why a cluster is not ready to serve.
Result<SitePlan> PlanSite(const ServerOptions& options, bool allows_quarantine, EventLog& log,
                          std::vector<std::string>* codes = nullptr);

/// The version of the ledger at a cluster's root, to notice a new revision cheaply.
Result<std::string> ReadLedgerVersion(const std::string& root_uri);

}  // namespace omnigraph::server
