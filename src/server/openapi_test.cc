// Tests of the OpenAPI document.

#include "server/openapi.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/strings.h"
#include "server/routes.h"

namespace omnigraph::server {
namespace {

using nlohmann::json;

json Document(bool is_single, bool demands_tokens = true) {
  return json::parse(RenderOpenApi({is_single, demands_tokens}));
}

TEST(OpenApiTest, EveryRouteIsDocumentedAndNothingElse) {
  const json paths = Document(true).at("paths");
  std::size_t documented_count = 0;
  for (const auto& [path, item] : paths.items())
    documented_count += item.size();
  std::size_t routes_count = 0;
  for (const Route& route : AllRoutes()) {
    // The document promises a token for everything but /healthz.
    if (route.path == "/openapi.json" || route.path == "/readyz") continue;
    ++routes_count;
    const std::string path(route.path);
    ASSERT_TRUE(paths.contains(path)) << path;
    const json& operation = paths.at(path).at(ToLowerAscii(route.method));
    EXPECT_EQ(operation.contains("security"), route.needs_token()) << path;
    EXPECT_EQ(operation.value("deprecated", false), route.is_deprecated()) << path;
    EXPECT_EQ(operation.contains("requestBody"), route.body != BodyKind::kNone) << path;
  }
  EXPECT_EQ(documented_count, routes_count);
}

TEST(OpenApiTest, SeveralGraphsMoveThePaths) {
  const json paths = Document(false).at("paths");
  std::set<std::string> ids;
  for (const auto& [path, item] : paths.items()) {
    const bool is_flat = path == "/healthz" || path == "/metrics" || path == "/graphs" ||
                         path.starts_with("/cluster");
    EXPECT_EQ(path.starts_with("/graphs/{graph_id}/"), !is_flat) << path;
    for (const auto& [method, operation] : item.items()) {
      const std::string id = operation.at("operationId");
      EXPECT_TRUE(ids.insert(id).second) << id;
      EXPECT_EQ(id.starts_with("cluster_"), !is_flat) << id;
      if (!is_flat) {
        EXPECT_EQ(operation.at("parameters").at(0).at("name"), "graph_id");
      }
    }
  }
}

TEST(OpenApiTest, AnOpenServerDeclaresNoSecurity) {
  EXPECT_EQ(RenderOpenApi({true, false}).find("security"), std::string::npos);
}

TEST(OpenApiTest, ReferencesResolve) {
  const json document = Document(true);
  const json& schemas = document.at("components").at("schemas");
  const std::string text = document.dump();
  constexpr std::string_view kPrefix = "\"$ref\":\"#/components/schemas/";
  for (std::size_t at = text.find(kPrefix); at != std::string::npos;
       at = text.find(kPrefix, at + 1)) {
    const std::size_t begin = at + kPrefix.size();
    const std::string name = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_TRUE(schemas.contains(name)) << name;
  }
}

// The repository's copy: beside this source, or above the folder of the build. Compiler caches make
// the name of this source relative, so it may lead nowhere.
std::filesystem::path StoredDocument() {
  const auto beside = std::filesystem::path(__FILE__).parent_path() / "../../openapi.json";
  if (std::filesystem::exists(beside)) return beside;
  for (auto folder = std::filesystem::current_path(); folder.has_relative_path();
       folder = folder.parent_path()) {
    if (std::filesystem::exists(folder / "openapi.json")) return folder / "openapi.json";
  }
  return beside;
}

TEST(OpenApiTest, TheCopyInTheRepositoryIsCurrent) {
  const std::filesystem::path path = StoredDocument();
  const std::string rendered = RenderOpenApi({});
  const char* update = std::getenv("OMNIGRAPH_UPDATE_OPENAPI");
  if (update != nullptr && *update != '\0') std::ofstream(path) << rendered;
  std::ostringstream stored;
  stored << std::ifstream(path).rdbuf();

  EXPECT_TRUE(stored.str() == rendered)
      << "openapi.json differs from the routes: run this test with OMNIGRAPH_UPDATE_OPENAPI=1";
}

}  // namespace
}  // namespace omnigraph::server
