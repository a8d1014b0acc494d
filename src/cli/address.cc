// Resolves addresses and tokens.

#include "cli/address.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "cli/cluster_catalog.h"
#include "cli/credentials.h"
#include "cli/invocation.h"
#include "client/remote_graph.h"
#include "store/uri.h"

namespace omnigraph::cli {
namespace {

std::string WithoutSlashes(std::string uri) {
  while (uri.ends_with('/') && uri.size() > 1)
    uri.pop_back();
  return uri;
}

Result<GraphAddress> FromUri(std::string uri) {
  GraphAddress address;
  address.is_remote = store::IsServerUrl(uri);
  if (!address.is_remote) {
    auto parsed = store::ParseStorageUri(uri);
    if (!parsed.ok()) return std::move(parsed).status();
  }
  address.uri = address.is_remote ? WithoutSlashes(std::move(uri)) : std::move(uri);
  return address;
}

Result<std::string> ServerUrl(Invocation& invocation, const std::string& server) {
  if (server.find("://") != std::string::npos) return WithoutSlashes(server);
  OG_ASSIGN_OR_RETURN(const OperatorConfig* person, invocation.Operator());
  const auto found = person->servers.find(server);
  if (found != person->servers.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [name, url] : person->servers)
    names.push_back(name);
  const std::string known =
      names.empty() ? "no server is defined" : "defined: " + Join(names, ", ");
  const std::string place = person->path.empty() ? "the operator's config.yaml" : person->path;
  return Status::Error(ErrorCode::kNotFound, "unknown server '" + server + "' (" + known +
                                                 "); servers are defined under `servers:` in " +
                                                 place);
}

Result<GraphAddress> FromServer(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  OG_ASSIGN_OR_RETURN(std::string url, ServerUrl(invocation, line.Get("server")));
  if (const auto graph = line.Find("graph")) url = client::GraphUrl(url, *graph);
  return GraphAddress{std::move(url), true, {}};
}

Result<GraphAddress> FromProject(const std::string& name, const ProjectConfig& project) {
  const auto found = project.graphs.find(name);
  if (found == project.graphs.end()) {
    std::vector<std::string> names;
    for (const auto& [known, graph] : project.graphs)
      names.push_back(known);
    return Status::Error(ErrorCode::kNotFound,
                         "graph '" + name + "' not found in omnigraph.yaml" +
                             (names.empty() ? "" : " (it has " + Join(names, ", ") + ")") +
                             (project.path.empty() ? ": no such file was read" : ""));
  }
  OG_ASSIGN_OR_RETURN(GraphAddress address, FromUri(found->second.uri));
  address.named_graph = name;
  return address;
}

}  // namespace

std::string_view LabelOf(const Command& command) {
  const std::string_view top = command.path.substr(0, command.path.find(' '));
  return top == "schema" || top == "queries" ? command.path : top;
}

Status CheckPlane(const CommandLine& line) {
  const Command& command = line.command();
  const bool addresses_server = line.Has("server") || (line.Has("graph") && !line.Has("cluster"));
  if (command.plane == Plane::kData || !addresses_server) return Status::Ok();
  std::string message =
      "`" + std::string(LabelOf(command)) + "` is a " + std::string(PlaneName(command.plane)) +
      "-plane command; --server/--graph address the data plane and do not apply. ";
  if (command.path == "init") {
    message += "Pass the storage URI of the new graph.";
  } else if (command.plane == Plane::kStorage) {
    message += "Use --target <name>, a storage URI, or --cluster <dir> --cluster-graph <id>.";
  } else if (command.plane == Plane::kControl) {
    message += "It is a control-plane command on a cluster directory: pass --config <dir>.";
  } else {
    message += "It does not address a graph.";
  }
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

bool HasExplicitAddress(const CommandLine& line) {
  constexpr std::string_view kKeys[] = {"URI", "uri", "server", "target", "cluster"};
  return std::any_of(std::begin(kKeys), std::end(kKeys),
                     [&line](std::string_view key) { return line.Has(key); });
}

Result<GraphAddress> ResolveAddress(Invocation& invocation,
                                    const std::optional<std::string>& typed_uri) {
  const CommandLine& line = invocation.line();
  std::optional<std::string> uri = line.Find("uri");
  if (!uri.has_value()) uri = line.Find("URI");
  if (!uri.has_value()) uri = typed_uri;
  if (line.Has("server")) {
    if (uri.has_value() || line.Has("target")) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "--server is exclusive with a URI and --target: say only one of them");
    }
    return FromServer(invocation);
  }
  if (line.Has("cluster")) {
    OG_ASSIGN_OR_RETURN(std::string graph_uri, ResolveClusterGraph(invocation));
    return FromUri(std::move(graph_uri));
  }
  if (uri.has_value()) {
    OG_ASSIGN_OR_RETURN(GraphAddress address, FromUri(std::move(*uri)));
    address.named_graph = line.Find("target").value_or("");
    return address;
  }
  OG_ASSIGN_OR_RETURN(const ProjectConfig* project, invocation.Project());
  std::optional<std::string> name = line.Find("target");
  if (!name.has_value()) name = project->graph;
  if (name.has_value()) return FromProject(*name, *project);
  return Status::Error(ErrorCode::kInvalidArgument,
                       "no graph is named: its URI must be provided via <URI> or --uri, via "
                       "--server <name>, via --target <name>, or via cli.graph of omnigraph.yaml");
}

Result<GraphAddress> ResolveStorageAddress(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(GraphAddress address, ResolveAddress(invocation));
  if (!address.is_remote) return address;
  return Status::Error(ErrorCode::kInvalidArgument,
                       "`" + std::string(LabelOf(invocation.line().command())) +
                           "` is a storage-plane command and needs direct storage access, and '" +
                           address.uri +
                           "' is a remote server: pass the graph's file:// or s3:// URI");
}

Result<std::optional<std::string>> ResolveToken(Invocation& invocation,
                                                const GraphAddress& address) {
  OG_ASSIGN_OR_RETURN(const OperatorConfig* person, invocation.Operator());
  if (const auto server = ServerOfUrl(*person, address.uri)) {
    OG_ASSIGN_OR_RETURN(auto token, invocation.Variable(TokenVariable(*server)));
    if (token.has_value()) return token;
    if (const auto path = CredentialsPath(invocation.environment())) {
      OG_ASSIGN_OR_RETURN(token, FindToken(*path, *server));
      if (token.has_value()) return token;
    }
  }
  if (!address.named_graph.empty()) {
    OG_ASSIGN_OR_RETURN(const ProjectConfig* project, invocation.Project());
    const auto graph = project->graphs.find(address.named_graph);
    if (graph != project->graphs.end() && graph->second.token_variable.has_value()) {
      OG_ASSIGN_OR_RETURN(auto token, invocation.Variable(*graph->second.token_variable));
      if (token.has_value()) return token;
    }
  }
  return invocation.Variable("OMNIGRAPH_BEARER_TOKEN");
}

}  // namespace omnigraph::cli
