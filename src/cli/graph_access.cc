// Opens graphs.

#include "cli/graph_access.h"

#include <array>
#include <utility>

#include "cli/files.h"
#include "cli/invocation.h"
#include "client/remote_graph.h"
#include "embed/embedder.h"
#include "policy/bundle.h"
#include "policy/policy_engine.h"
#include "store/open_store.h"

namespace omnigraph::cli {
namespace {

// How a graph outside any cluster is known to its bundle.
constexpr std::string_view kGraphId = "default";

Result<std::shared_ptr<const policy::PolicyEngine>> ReadPolicy(const std::string& path) {
  OG_ASSIGN_OR_RETURN(std::string yaml, ReadFile(path));
  OG_ASSIGN_OR_RETURN(policy::Bundle bundle, policy::ParseBundle(path, std::move(yaml)));
  const std::array<policy::Binding, 1> bindings = {
      policy::Binding{.bundle_name = path,
                      .bundle = std::make_shared<const policy::Bundle>(std::move(bundle)),
                      .kind = policy::BundleKind::kGraph,
                      .graph = std::string(kGraphId)}};
  OG_ASSIGN_OR_RETURN(auto engine, policy::PolicyEngine::Compile(bindings));
  return std::make_shared<const policy::PolicyEngine>(std::move(engine));
}

Result<OpenedGraph> OpenRemote(Invocation& invocation, const GraphAddress& address) {
  if (invocation.line().Has("policy")) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "--policy governs a graph in storage; the server at " + address.uri +
                             " has policies of its own");
  }
  OpenedGraph opened;
  opened.uri = address.uri;
  OG_ASSIGN_OR_RETURN(opened.remote, OpenServer(invocation, address));
  opened.graph = opened.remote;
  return opened;
}

}  // namespace

std::optional<std::string> OpenedGraph::Writer() const {
  return remote != nullptr ? remote->last_echo().actor_id : caller.actor;
}

std::string OpenedGraph::WrittenUri() const {
  return remote != nullptr ? remote->last_echo().uri.value_or(uri) : uri;
}

Result<OpenedGraph> OpenGraph(Invocation& invocation, Access access) {
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveAddress(invocation));
  return OpenGraphAt(invocation, address, access);
}

Result<OpenedGraph> OpenGraphAt(Invocation& invocation, const GraphAddress& address,
                                Access access) {
  if (address.is_remote) return OpenRemote(invocation, address);
  OpenedGraph opened;
  opened.uri = address.uri;
  engine::OpenOptions options;
  options.uri = address.uri;
  options.graph_id = kGraphId;
  options.embedder = embed::EmbedderFromEnvironment(invocation.environment());
  options.is_read_only = access == Access::kRead;
  if (access == Access::kWrite) {
    OG_ASSIGN_OR_RETURN(opened.caller.actor, invocation.Actor());
    if (const auto path = invocation.line().Find("policy")) {
      OG_ASSIGN_OR_RETURN(options.policy, ReadPolicy(*path));
    }
  }
  OG_ASSIGN_OR_RETURN(auto store, store::OpenStore(address.uri));
  OG_ASSIGN_OR_RETURN(opened.graph, engine::Graph::Open(std::move(store), std::move(options)));
  return opened;
}

Result<std::shared_ptr<client::RemoteGraph>> OpenServer(Invocation& invocation,
                                                        const GraphAddress& address) {
  OG_ASSIGN_OR_RETURN(auto token, ResolveToken(invocation, address));
  return client::RemoteGraph::Open(address.uri, std::move(token));
}

}  // namespace omnigraph::cli
