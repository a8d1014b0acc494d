// What a server serves: its graphs, who may use them, and the facts that all requests share.
// Immutable once made; a reload makes another one beside it.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy_engine.h"
#include "server/stored_queries.h"
#include "server/tokens.h"

namespace omnigraph::engine {
class Graph;
}

namespace omnigraph::server {

/// What `/healthz` and the OpenAPI document call the API.
inline constexpr std::string_view kApiVersion = "0.7.0";

/// The id under which a server of one graph serves it besides its flat routes.
inline constexpr std::string_view kSingleGraphId = "default";

/// Who is let in, decided from tokens, policies and the opt-in.
enum class AccessMode : unsigned char {
  kOpen,           ///< Everybody, without a name.
  kDefaultDeny,    ///< Tokens without a policy: reading only.
  kPolicyEnabled,  ///< Tokens and policies.
};

struct ServedGraph {
  std::string id;
  std::string uri;            ///< Normalised.
  std::string schema_digest;  ///< As applied; empty without a cluster.
  std::string policy_digest;  ///< Of the bundle that governs it; empty without a cluster's bundle.
  std::shared_ptr<engine::Graph> graph;
  StoredQueries queries;
};

/// The applied revision of a cluster that a site was made from.
struct ClusterFacts {
  std::string root_uri;
  std::uint64_t state_revision = 0;
  std::optional<std::string> config_digest;
  std::string state_cas;         ///< The ledger's version when it was read.
  std::string content;           ///< Digest of all that is served; equal for equal revisions.
  std::uint64_t generation = 1;  ///< Counts the sites of this process.
  std::int64_t loaded_at_micros = 0;
};

struct Site {
  bool is_single = false;          ///< One graph, with flat routes.
  bool is_strict_cluster = false;  ///< Schemas change through `cluster apply` alone.
  AccessMode access = AccessMode::kOpen;
  std::shared_ptr<const TokenTable> tokens;  ///< The same for the life of the process.
  std::shared_ptr<const policy::PolicyEngine> policies;
  std::map<std::string, ServedGraph, std::less<>> graphs;
  /// Why a graph of the cluster is left out, by id; only with --allow-quarantine.
  std::map<std::string, std::string, std::less<>> quarantined;
  std::optional<ClusterFacts> cluster;
  std::string openapi;  ///< The document that is served.
};

/// How the last reload went.
struct ReloadReport {
  std::int64_t at_micros = 0;
  std::string problem;  ///< Empty if it went well.
  /// The codes of `problem`, which tell nothing of the cluster; at least one if it went wrong.
  std::vector<std::string> codes{};
};

/// The site that new requests see. A request keeps the one it started with. Thread-safe.
class CurrentSite {
 public:
  explicit CurrentSite(std::shared_ptr<const Site> site) : site_(std::move(site)) {}
  std::shared_ptr<const Site> Get() const { return site_.load(std::memory_order_acquire); }
  void Replace(std::shared_ptr<const Site> site) {
    site_.store(std::move(site), std::memory_order_release);
  }

 private:
  std::atomic<std::shared_ptr<const Site>> site_;
};

}  // namespace omnigraph::server
