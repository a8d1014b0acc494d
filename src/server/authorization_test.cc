// The authorisation matrix: every route with every kind of credential, generated from the route
// table. A refused request never reaches the graph.

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/conditions.h"
#include "server/routes.h"
#include "server/service_fixture.h"

namespace omnigraph::server {
namespace {

using policy::Action;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Sent;
using testing::ServiceFixture;
using ::testing::SizeIs;

constexpr std::string_view kRead = "query look() { match { $p: P } return { $p.x } }";
constexpr std::string_view kWrite = "query add() { insert P { tag: \"a\" } }";

/// A valid request of each route, and every action it needs.
struct Probe {
  std::string method;
  std::string path;
  std::string body;
  std::set<Action> needs;
  int denied_status = 403;
};

const std::vector<Probe>& Probes() {
  static const std::vector<Probe> kProbes = {
      {"GET", "/metrics", "", {}},
      {"GET", "/graphs", "", {Action::kGraphList}},
      {"GET", "/cluster", "", {Action::kGraphList}},
      {"POST", "/cluster/reload", "", {Action::kClusterReload}},
      {"POST", "/query", R"({"query": "q"})", {Action::kRead}},
      {"POST", "/query", R"({"query": "q", "branch": "trial"})", {Action::kRead}},
      {"POST", "/read", R"({"query_source": "q"})", {Action::kRead}},
      {"POST", "/mutate", R"({"query": "q"})", {Action::kChange}},
      {"POST", "/mutate/if-graph-commit", R"({"query": "q"})", {Action::kChange}},
      {"POST", "/change", R"({"query": "q"})", {Action::kChange}},
      {"GET", "/queries", "", {Action::kRead}},
      {"POST", "/queries/look", "", {Action::kInvokeQuery, Action::kRead}, 404},
      {"POST", "/queries/add", "", {Action::kInvokeQuery, Action::kChange}, 404},
      {"POST", "/queries/add/if-graph-commit", "", {Action::kInvokeQuery, Action::kChange}, 404},
      {"GET", "/snapshot", "", {Action::kRead}},
      {"POST", "/export", "{}", {Action::kExport}},
      {"GET", "/schema", "", {Action::kRead}},
      {"POST", "/schema/apply", R"({"schema_source": ""})", {Action::kSchemaApply}},
      {"POST", "/load", R"({"data": ""})", {Action::kChange}},
      {"POST", "/load/ndjson", "", {Action::kChange}},
      {"POST", "/load/if-graph-commit", R"({"data": ""})", {Action::kChange}},
      {"POST", "/load/ndjson/if-graph-commit", "", {Action::kChange}},
      {"POST", "/ingest", R"({"data": ""})", {Action::kChange}},
      {"GET", "/branches", "", {Action::kRead}},
      {"POST", "/branches", R"({"name": "x"})", {Action::kBranchCreate}},
      {"DELETE", "/branches/x", "", {Action::kBranchDelete}},
      {"POST", "/branches/merge", R"({"source": "x"})", {Action::kBranchMerge}},
      {"POST", "/branches/merge/if-graph-commit", R"({"source": "x"})", {Action::kBranchMerge}},
      {"POST", "/branches/revert", R"({"branch": "x", "to": "y"})", {Action::kChange}},
      {"POST",
       "/branches/revert/if-graph-commit",
       R"({"branch": "x", "to": "y"})",
       {Action::kChange}},
      {"GET", "/tags", "", {Action::kRead}},
      {"POST", "/tags", R"({"name": "x"})", {Action::kBranchCreate}},
      {"DELETE", "/tags/x", "", {Action::kBranchDelete}},
      {"GET", "/commits", "", {Action::kRead}},
      {"GET", "/commits/c1", "", {Action::kRead}},
      {"GET", "/commits/c1/changes", "", {Action::kRead}},
      {"GET", "/diff?from=main&to=trial", "", {Action::kRead}},
      {"GET", "/changes?branch=trial", "", {Action::kRead}},
      {"POST", "/changes/baseline", "{}", {Action::kExport}},
  };
  return kProbes;
}

/// One actor per set of actions: none, each alone, and the pairs that stored queries need.
std::map<std::string, std::set<Action>> Actors() {
  std::map<std::string, std::set<Action>> actors = {
      {"act-nothing", {}},
      {"act-invoke-read", {Action::kInvokeQuery, Action::kRead}},
      {"act-invoke-change", {Action::kInvokeQuery, Action::kChange}},
  };
  for (const policy::ActionInfo& info : policy::AllActions()) {
    actors["act-" + std::string(info.name)] = {info.action};
  }
  return actors;
}

std::string BundleOf(policy::BundleKind kind) {
  std::string groups = "version: 1\ngroups:\n";
  std::string rules = "rules:\n";
  for (const auto& [actor, actions] : Actors()) {
    groups += "  g-" + actor + ": [" + actor + "]\n";
    for (const Action action : actions) {
      const policy::ActionInfo& info = policy::InfoOf(action);
      if (info.kind != kind) continue;
      const std::string name(info.name);
      rules += "  - { id: " + actor + "-" + name + ", allow: { actors: { group: g-" + actor +
               " }, actions: [" + name + "] } }\n";
    }
  }
  return groups + rules;
}

ServiceFixture::Options Options(AccessMode access) {
  ServiceFixture::Options options;
  options.access = access;
  options.queries = {{"look", std::string(kRead)}, {"add", std::string(kWrite)}};
  if (access == AccessMode::kOpen) return options;
  for (const auto& [actor, actions] : Actors())
    options.tokens.emplace_back(actor, "tok-" + actor);
  if (access == AccessMode::kDefaultDeny) return options;
  options.graph_bundle = BundleOf(policy::BundleKind::kGraph);
  options.server_bundle = BundleOf(policy::BundleKind::kServer);
  return options;
}

const Route& RouteOf(const Probe& probe) {
  return *FindRoute(probe.method, probe.path.substr(0, probe.path.find('?')), true).route;
}

bool IsOfServer(const Probe& probe) {
  return RouteOf(probe).scope == RouteScope::kServer;
}

Sent SentOf(const Probe& probe, const std::string& authorization) {
  const std::string prefix = IsOfServer(probe) ? "" : "/graphs/g1";
  Sent sent{probe.method, prefix + probe.path, probe.body, authorization};
  if (RouteOf(probe).body == BodyKind::kLines) sent.content_type = "application/x-ndjson";
  if (probe.path.ends_with(kConditionalSuffix)) {
    sent.headers.emplace_back("Omnigraph-If-Graph-Commit", "01ARYZ6S41TSV4RRFFQ69G5FAV");
  }
  return sent;
}

/// What `actor` gets for a probe: 200, or the status of the gate that stops it.
int Expected(const Probe& probe, const std::set<Action>& granted) {
  if (probe.needs.contains(Action::kInvokeQuery) && !granted.contains(Action::kInvokeQuery)) {
    return probe.denied_status;
  }
  for (const Action action : probe.needs) {
    if (!granted.contains(action)) return 403;
  }
  // The sample is no cluster: past the gate there is nothing.
  return probe.path.starts_with("/cluster") ? 404 : 200;
}

TEST(AuthorizationTest, EveryRouteThatNeedsATokenHasAProbe) {
  for (const Route& route : AllRoutes()) {
    if (!route.needs_token()) continue;
    bool is_probed = false;
    for (const Probe& probe : Probes()) {
      if (&RouteOf(probe) != &route) continue;
      is_probed = true;
      EXPECT_TRUE(route.takes_any_token || probe.needs.contains(*route.action)) << probe.path;
    }
    EXPECT_TRUE(is_probed) << route.method << " " << route.path;
  }
}

TEST(AuthorizationTest, WithoutAKnownTokenNothingIsReached) {
  for (const AccessMode access : {AccessMode::kDefaultDeny, AccessMode::kPolicyEnabled}) {
    ServiceFixture service(Options(access));
    for (const Probe& probe : Probes()) {
      for (const std::string_view header :
           {"", "Bearer", "Bearer ", "Bearer wrong", "Bearer tok-act-rea", "Bearer tok-act-readx",
            "Basic tok-act-read", "tok-act-read", "Bearer tok-act-read tok-act-change"}) {
        EXPECT_EQ(service.Send(SentOf(probe, std::string(header))).status, 401)
            << probe.path << " with '" << header << "'";
      }
    }
    EXPECT_EQ(service.graph().calls_count(), 0);
  }
}

TEST(AuthorizationTest, ThePolicyDecidesEveryCellOfTheMatrix) {
  ServiceFixture service(Options(AccessMode::kPolicyEnabled));
  for (const auto& [actor, granted] : Actors()) {
    for (const Probe& probe : Probes()) {
      const int calls_before = service.graph().calls_count();
      const auto response = service.Send(SentOf(probe, "Bearer tok-" + actor));
      const int expected = Expected(probe, granted);

      EXPECT_EQ(response.status, expected)
          << actor << " " << probe.method << " " << probe.path << ": " << response.body;
      if (expected != 200) {
        EXPECT_EQ(service.graph().calls_count(), calls_before) << probe.path;
      }
    }
  }
}

TEST(AuthorizationTest, TokensWithoutAPolicyReadAndNothingElse) {
  ServiceFixture service(Options(AccessMode::kDefaultDeny));
  for (const Probe& probe : Probes()) {
    const auto response = service.Send(SentOf(probe, "Bearer tok-act-change"));

    EXPECT_EQ(response.status, Expected(probe, {Action::kRead})) << probe.path;
    if (response.status == 403 && !IsOfServer(probe)) {
      EXPECT_THAT(response.body, HasSubstr("default-deny"));
    }
  }
}

TEST(AuthorizationTest, AnOpenServerAllowsEverythingOnGraphsAndNothingOnItself) {
  ServiceFixture service(Options(AccessMode::kOpen));
  for (const Probe& probe : Probes()) {
    const bool asks_server_policy = IsOfServer(probe) && !RouteOf(probe).takes_any_token;
    EXPECT_EQ(service.Send(SentOf(probe, "Bearer whatever")).status, asks_server_policy ? 403 : 200)
        << probe.path;
  }
}

TEST(AuthorizationTest, DeniedAndUnknownQueriesHaveTheSameBytes) {
  ServiceFixture service(Options(AccessMode::kPolicyEnabled));
  std::set<std::string> bodies;
  for (const auto& [name, actor] : std::vector<std::pair<std::string, std::string>>{
           {"look", "act-read"}, {"nope", "act-read"}, {"nope", "act-invoke-read"}}) {
    const auto response =
        service.Send({"POST", "/graphs/g1/queries/" + name, "", "Bearer tok-" + actor});
    EXPECT_EQ(response.status, 404);
    bodies.insert(response.body);
  }

  EXPECT_THAT(bodies, ElementsAre(R"({"error":"stored query not found","code":"not_found"})"));
}

TEST(AuthorizationTest, NothingInTheRequestChangesTheActor) {
  ServiceFixture service(Options(AccessMode::kPolicyEnabled));
  Sent sent{"GET", "/graphs/g1/snapshot?actor=act-read&actor_id=act-read", "",
            "Bearer tok-act-change"};
  sent.headers = {{"X-Actor-Id", "act-read"}, {"Authorization", "Bearer tok-act-read"}};

  EXPECT_EQ(service.Send(sent).status, 403);
}

TEST(AuthorizationTest, ASnapshotIsJudgedByTheBranchOfItsCommit) {
  ServiceFixture::Options options = Options(AccessMode::kDefaultDeny);
  options.access = AccessMode::kPolicyEnabled;
  options.graph_bundle =
      "version: 1\ngroups: { g: [act-read] }\nprotected_branches: [main]\nrules:\n"
      "  - { id: r, allow: { actors: { group: g }, actions: [read], branch_scope: protected } }\n";
  ServiceFixture service(options);
  const auto status_of = [&](std::string_view commit) {
    return service
        .Send({"POST", "/graphs/g1/query",
               R"({"query": "q", "snapshot": ")" + std::string(commit) + "\"}",
               "Bearer tok-act-read"})
        .status;
  };

  EXPECT_EQ(status_of("of-main"), 200);
  EXPECT_EQ(status_of("of-trial"), 403);
  service.graph().FailWith(Status::Error(ErrorCode::kNotFound, "commit 'x' not found"));
  EXPECT_EQ(status_of("x"), 404);
}

TEST(AuthorizationTest, SpacesDoNotGetAroundAProtectedBranch) {
  ServiceFixture::Options options = Options(AccessMode::kDefaultDeny);
  options.access = AccessMode::kPolicyEnabled;
  options.graph_bundle =
      "version: 1\ngroups: { g: [act-change] }\nprotected_branches: [main]\nrules:\n"
      "  - { id: r, allow: { actors: { group: g }, actions: [change], "
      "branch_scope: unprotected } }\n";
  ServiceFixture service(options);
  for (const std::string_view branch : {"main", " main", "main ", "\\tmain\\n"}) {
    const std::string body = R"({"query": "q", "branch": ")" + std::string(branch) + "\"}";
    EXPECT_EQ(service.Send({"POST", "/graphs/g1/mutate", body, "Bearer tok-act-change"}).status,
              403);
  }

  EXPECT_EQ(service.graph().calls_count(), 0);
  EXPECT_EQ(service
                .Send({"POST", "/graphs/g1/mutate", R"({"query": "q", "branch": "Main"})",
                       "Bearer tok-act-change"})
                .status,
            200);
}

TEST(AuthorizationTest, EveryDecisionIsLoggedOnceAndNoTokenEver) {
  ServiceFixture service(Options(AccessMode::kPolicyEnabled));
  for (const Probe& probe : Probes()) {
    if (RouteOf(probe).takes_any_token) continue;  // Nothing is decided.
    for (const std::string_view actor : {"act-read", "act-change", "act-nothing"}) {
      service.Send(SentOf(probe, "Bearer tok-" + std::string(actor)));
      const std::vector<std::string> lines = service.TakeLines();

      EXPECT_THAT(lines, ::testing::Contains(HasSubstr("policy decision"))) << probe.path;
      for (const std::string& line : lines)
        EXPECT_THAT(line, ::testing::Not(HasSubstr("tok-")));
    }
  }
  service.Send({"GET", "/graphs/g1/schema", "", "Bearer tok-act-read"});
  EXPECT_THAT(service.TakeLines(),
              ElementsAre(" INFO omnigraph_server: policy decision graph=g1 actor_id=act-read "
                          "action=read branch=\"\" target_branch=\"\" query=\"\" allowed=true "
                          "matched_rule_id=act-read-read"));
  service.Send({"GET", "/graphs/g1/schema", "", "Bearer guess"});
  EXPECT_THAT(service.TakeLines(), IsEmpty());
}

}  // namespace
}  // namespace omnigraph::server
