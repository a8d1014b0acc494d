// Tests of the route table and of the search in it.

#include "server/routes.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace omnigraph::server {
namespace {

std::string_view PathOf(std::string_view method, std::string_view path, bool has_flat = true) {
  const RouteMatch match = FindRoute(method, path, has_flat);
  return match.route == nullptr ? "" : match.route->path;
}

TEST(RoutesTest, EveryRowIsFoundAtItsOwnPath) {
  for (const Route& route : AllRoutes()) {
    std::string path(route.path);
    const std::size_t open = path.find('{');
    if (open != std::string::npos) path.replace(open, path.find('}') - open + 1, "some%2Fname");
    const RouteMatch flat = FindRoute(route.method, path, true);

    EXPECT_EQ(flat.route, &route) << path;
    EXPECT_EQ(flat.argument, open == std::string::npos ? "" : "some%2Fname");
    EXPECT_FALSE(flat.graph.has_value());
    if (route.scope == RouteScope::kServer) continue;
    const std::string path_below = "/graphs/g1" + path;
    const RouteMatch below = FindRoute(route.method, path_below, false);
    EXPECT_EQ(below.route, &route) << path;
    EXPECT_EQ(below.graph, "g1");
  }
}

TEST(RoutesTest, RowsAreUnique) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Route& route : AllRoutes()) {
    EXPECT_TRUE(seen.emplace(route.method, route.path).second) << route.path;
    EXPECT_NE(route.handler, nullptr);
  }
}

TEST(RoutesTest, OnlyProbesAndTheDocumentNeedNoToken) {
  for (const Route& route : AllRoutes()) {
    const bool is_open =
        route.path == "/healthz" || route.path == "/readyz" || route.path == "/openapi.json";
    EXPECT_EQ(route.needs_token(), !is_open) << route.path;
  }
}

TEST(RoutesTest, UnknownPathsAreUnknown) {
  for (const std::string_view path :
       {"/", "", "/nothing", "/branches/", "/branches/a/b", "/queries/", "/graphs/", "/graphs/x",
        "/graphs/x/", "/graphs/x/healthz", "/graphs/x/graphs", "//query", "/Query"}) {
    const RouteMatch match = FindRoute("GET", path, true);
    EXPECT_FALSE(match.is_known_path) << path;
    EXPECT_EQ(match.route, nullptr);
  }
}

TEST(RoutesTest, FlatGraphRoutesExistOnlyForOneGraph) {
  EXPECT_EQ(PathOf("GET", "/snapshot", true), "/snapshot");
  EXPECT_FALSE(FindRoute("GET", "/snapshot", false).is_known_path);
  EXPECT_EQ(PathOf("GET", "/healthz", false), "/healthz");
}

TEST(RoutesTest, AWrongMethodNamesTheRightOnes) {
  const RouteMatch match = FindRoute("PATCH", "/branches", true);

  EXPECT_TRUE(match.is_known_path);
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed_methods, "GET, HEAD, POST");
}

TEST(RoutesTest, HeadIsServedByGet) {
  EXPECT_EQ(PathOf("HEAD", "/branches"), "/branches");
  EXPECT_EQ(PathOf("HEAD", "/query"), "");
}

TEST(RoutesTest, AliasesNameTheirSuccessor) {
  std::set<std::string_view> paths;
  for (const Route& route : AllRoutes())
    paths.insert(route.path.substr(1));
  for (const Route& route : AllRoutes()) {
    if (route.is_deprecated()) {
      EXPECT_TRUE(paths.contains(route.successor)) << route.path;
    }
  }
}

}  // namespace
}  // namespace omnigraph::server
