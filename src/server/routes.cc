// The route table, and the search in it.

#include "server/routes.h"

#include <array>

#include "server/handlers.h"

namespace omnigraph::server {

namespace {

using policy::Action;

constexpr std::uint64_t kBodyMax = std::uint64_t{1} << 20;
constexpr std::uint64_t kLoadBodyMax = std::uint64_t{32} << 20;
constexpr std::uint64_t kSmallBodyMax = std::uint64_t{64} << 10;
constexpr RouteScope kServer = RouteScope::kServer;
constexpr RouteScope kGraph = RouteScope::kGraph;
constexpr BodyKind kNone = BodyKind::kNone;
constexpr BodyKind kJson = BodyKind::kJson;
constexpr BodyKind kLines = BodyKind::kLines;
constexpr BodyKind kBytes = BodyKind::kBytes;
constexpr Effort kInstant = Effort::kInstant;
constexpr Effort kAdaptive = Effort::kAdaptive;
constexpr Effort kWaiting = Effort::kWaiting;
constexpr Effort kStreaming = Effort::kStreaming;
constexpr Effort kHeavy = Effort::kHeavy;

constexpr std::array kRoutes = {
    Route{"GET", "/healthz", kServer, {}, kNone, kSmallBodyMax, kInstant, "", GetHealth},
    Route{"GET", "/readyz", kServer, {}, kNone, kSmallBodyMax, kInstant, "", GetReadiness},
    Route{"GET", "/metrics", kServer, {}, kNone, kSmallBodyMax, kInstant, "", GetMetrics, true},
    Route{"GET", "/openapi.json", kServer, {}, kNone, kSmallBodyMax, kInstant, "", GetOpenApi},
    Route{"GET", "/graphs", kServer, Action::kGraphList, kNone, kSmallBodyMax, kInstant, "",
          ListGraphs},
    Route{"GET", "/cluster", kServer, Action::kGraphList, kNone, kSmallBodyMax, kInstant, "",
          GetCluster},
    Route{"POST", "/cluster/reload", kServer, Action::kClusterReload, kNone, kSmallBodyMax, kHeavy,
          "", ReloadCluster},
    Route{"POST", "/query", kGraph, Action::kRead, kJson, kBodyMax, kAdaptive, "", RunQuery},
    Route{"POST", "/read", kGraph, Action::kRead, kJson, kBodyMax, kAdaptive, "query", RunRead},
    Route{"POST", "/mutate", kGraph, Action::kChange, kJson, kBodyMax, kWaiting, "", RunMutation},
    Route{"POST", "/mutate/if-graph-commit", kGraph, Action::kChange, kJson, kBodyMax, kWaiting, "",
          RunMutation},
    Route{"POST", "/change", kGraph, Action::kChange, kJson, kBodyMax, kWaiting, "mutate",
          RunMutation},
    Route{"GET", "/queries", kGraph, Action::kRead, kNone, kSmallBodyMax, kInstant, "",
          ListStoredQueries},
    Route{"POST", "/queries/{name}", kGraph, Action::kInvokeQuery, kBytes, kBodyMax, kAdaptive, "",
          InvokeStoredQuery},
    Route{"POST", "/queries/{name}/if-graph-commit", kGraph, Action::kInvokeQuery, kBytes, kBodyMax,
          kAdaptive, "", InvokeStoredQuery},
    Route{"GET", "/snapshot", kGraph, Action::kRead, kNone, kSmallBodyMax, kAdaptive, "",
          GetSnapshot},
    Route{"POST", "/export", kGraph, Action::kExport, kJson, kBodyMax, kStreaming, "", Export},
    Route{"GET", "/schema", kGraph, Action::kRead, kNone, kSmallBodyMax, kAdaptive, "", GetSchema},
    Route{"POST", "/schema/apply", kGraph, Action::kSchemaApply, kJson, kBodyMax, kHeavy, "",
          ApplySchema},
    Route{"POST", "/load", kGraph, Action::kChange, kJson, kLoadBodyMax, kHeavy, "", Load},
    Route{"POST", "/load/ndjson", kGraph, Action::kChange, kLines, kLoadBodyMax, kHeavy, "",
          LoadLines, false, CheckLoadLines},
    Route{"POST", "/load/if-graph-commit", kGraph, Action::kChange, kJson, kLoadBodyMax, kHeavy, "",
          Load},
    Route{"POST", "/load/ndjson/if-graph-commit", kGraph, Action::kChange, kLines, kLoadBodyMax,
          kHeavy, "", LoadLines, false, CheckLoadLines},
    Route{"POST", "/ingest", kGraph, Action::kChange, kJson, kLoadBodyMax, kHeavy, "load", Load},
    Route{"GET", "/branches", kGraph, Action::kRead, kNone, kSmallBodyMax, kAdaptive, "",
          ListBranches},
    Route{"POST", "/branches", kGraph, Action::kBranchCreate, kJson, kBodyMax, kHeavy, "",
          CreateBranch},
    Route{"POST", "/branches/merge", kGraph, Action::kBranchMerge, kJson, kBodyMax, kHeavy, "",
          MergeBranches},
    Route{"POST", "/branches/merge/if-graph-commit", kGraph, Action::kBranchMerge, kJson, kBodyMax,
          kHeavy, "", MergeBranches},
    Route{"POST", "/branches/revert", kGraph, Action::kChange, kJson, kBodyMax, kHeavy, "",
          RevertBranch},
    Route{"POST", "/branches/revert/if-graph-commit", kGraph, Action::kChange, kJson, kBodyMax,
          kHeavy, "", RevertBranch},
    Route{"GET", "/tags", kGraph, Action::kRead, kNone, kSmallBodyMax, kAdaptive, "", ListTags},
    Route{"POST", "/tags", kGraph, Action::kBranchCreate, kJson, kBodyMax, kHeavy, "", CreateTag},
    Route{"DELETE", "/tags/{tag}", kGraph, Action::kBranchDelete, kNone, kSmallBodyMax, kHeavy, "",
          DeleteTag},
    Route{"DELETE", "/branches/{branch}", kGraph, Action::kBranchDelete, kNone, kSmallBodyMax,
          kHeavy, "", DeleteBranch},
    Route{"GET", "/commits", kGraph, Action::kRead, kNone, kSmallBodyMax, kAdaptive, "",
          ListCommits},
    Route{"GET", "/commits/{commit_id}", kGraph, Action::kRead, kNone, kSmallBodyMax, kAdaptive, "",
          GetCommit},
    Route{"GET", "/commits/{commit_id}/changes", kGraph, Action::kRead, kNone, kSmallBodyMax,
          kHeavy, "", GetCommitChanges},
    Route{"GET", "/diff", kGraph, Action::kRead, kNone, kSmallBodyMax, kHeavy, "", GetDiff},
    Route{"GET", "/changes", kGraph, Action::kRead, kNone, kSmallBodyMax, kHeavy, "", PollChanges},
    Route{"POST", "/changes/baseline", kGraph, Action::kExport, kJson, kBodyMax, kStreaming, "",
          CaptureBaseline},
};

constexpr std::string_view kGraphsPrefix = "/graphs/";

/// Compares segment by segment; what stood at `{…}` goes to `argument`.
bool MatchesPath(std::string_view pattern, std::string_view path, std::string_view& argument) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == path;
  const std::string_view tail = pattern.substr(pattern.find('}') + 1);
  if (path.substr(0, open) != pattern.substr(0, open) || !path.ends_with(tail)) return false;
  if (path.size() <= open + tail.size()) return false;
  argument = path.substr(open, path.size() - open - tail.size());
  return argument.find('/') == std::string_view::npos;
}

void AllowMethod(std::string_view method, std::string& allowed) {
  if (!allowed.empty()) allowed += ", ";
  allowed += method == "GET" ? "GET, HEAD" : method;
}

void Search(std::string_view method, std::string_view path, RouteScope scope, RouteMatch& match) {
  for (const Route& route : kRoutes) {
    std::string_view argument;
    if (route.scope != scope || !MatchesPath(route.path, path, argument)) continue;
    match.is_known_path = true;
    if (route.method == method || (method == "HEAD" && route.method == "GET")) {
      match.route = &route;
      match.argument = argument;
      return;
    }
    AllowMethod(route.method, match.allowed_methods);
  }
}

}  // namespace

std::span<const Route> AllRoutes() {
  return kRoutes;
}

RouteMatch FindRoute(std::string_view method, std::string_view path, bool has_flat_routes) {
  RouteMatch match;
  if (path.starts_with(kGraphsPrefix)) {
    const std::size_t end = path.find('/', kGraphsPrefix.size());
    if (end == std::string_view::npos) return match;
    Search(method, path.substr(end), kGraph, match);
    match.graph = path.substr(kGraphsPrefix.size(), end - kGraphsPrefix.size());
    return match;
  }
  Search(method, path, kServer, match);
  if (has_flat_routes && !match.is_known_path) Search(method, path, kGraph, match);
  return match;
}

}  // namespace omnigraph::server
