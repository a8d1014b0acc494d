// What a server serves: its graphs, who may use them, and the facts that all requests share. Made
// once at start-up, then immutable.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

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
  std::string uri;  ///< Normalised.
  std::shared_ptr<engine::Graph> graph;
  StoredQueries queries;
};

struct Site {
  bool is_single = false;  ///< One graph, with flat routes.
  AccessMode access = AccessMode::kOpen;
  TokenTable tokens;
  std::shared_ptr<const policy::PolicyEngine> policies;
  std::map<std::string, ServedGraph, std::less<>> graphs;
  std::string openapi;  ///< The document that is served.
};

}  // namespace omnigraph::server
