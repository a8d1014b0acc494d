// Decisions: the documented cases, scopes without bundles, listings of queries, and policy tests.

#include "policy/policy_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "policy/policy_tests.h"

namespace omnigraph::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kBundle = R"yaml(
version: 1
groups:
  team: [act-andrew, act-bruno, act-ragnor]
  admins: [act-ragnor]
  bots: [act-bot]
  auditors: [act-aud]
protected_branches: [main, release]
rules:
  - id: team-read
    allow: { actors: { group: team }, actions: [read], branch_scope: any }
  - id: admins-exp
    allow: { actors: { group: admins }, actions: [export], branch_scope: any }
  - id: team-write
    allow: { actors: { group: team }, actions: [change], branch_scope: unprotected }
  - id: admins-write
    allow: { actors: { group: admins }, actions: [change] }
  - id: team-create
    allow: { actors: { group: team }, actions: [branch_create], target_branch_scope: unprotected }
  - id: admins-ops
    allow:
      actors: { group: admins }
      actions: [branch_delete, branch_merge, schema_apply]
      target_branch_scope: any
  - id: team-merge
    allow: { actors: { group: team }, actions: [branch_merge], target_branch_scope: unprotected }
  - id: bots-invoke
    allow: { actors: { group: bots }, actions: [invoke_query] }
  - id: bots-read
    allow: { actors: { group: bots }, actions: [read], branch_scope: protected }
  - id: aud-invoke
    allow: { actors: { group: auditors }, actions: [invoke_query] }
)yaml";

Binding Bind(const std::string& yaml, BundleKind kind = BundleKind::kGraph,
             const std::string& graph = "g", const std::string& name = "house") {
  Result<Bundle> bundle = ParseBundle(name + ".policy.yaml", yaml);
  EXPECT_TRUE(bundle.ok()) << bundle.status().message();
  return {name, std::make_shared<const Bundle>(*std::move(bundle)), kind,
          kind == BundleKind::kServer ? "" : graph};
}

PolicyEngine EngineOf(std::vector<Binding> bindings) {
  Result<PolicyEngine> engine = PolicyEngine::Compile(bindings);
  EXPECT_TRUE(engine.ok()) << engine.status().message();
  return *std::move(engine);
}

Decision Decide(const PolicyEngine& engine, const Request& request) {
  Result<Decision> decision = engine.Decide(request);
  EXPECT_TRUE(decision.ok()) << decision.status().message();
  return *std::move(decision);
}

using Branch = std::optional<std::string_view>;

struct Case {
  int number;
  std::string_view actor;
  std::string_view action;
  Branch branch;
  Branch target;
  std::string_view matched_rule;  // Empty: denied.
};

const std::vector<Case>& DecisionCases() {
  static const std::vector<Case> cases = {
      {1, "act-bruno", "read", "main", {}, "team-read"},
      {2, "act-bruno", "read", "feature", {}, "team-read"},
      {3, "act-bruno", "read", {}, {}, "team-read"},
      {4, "act-bot", "read", "main", {}, "bots-read"},
      {5, "act-bot", "read", "feature", {}, ""},
      {6, "act-bot", "read", {}, {}, ""},
      {7, "act-bruno", "export", "main", {}, ""},
      {8, "act-ragnor", "export", "main", {}, "admins-exp"},
      {9, "act-bruno", "change", "main", {}, ""},
      {10, "act-bruno", "change", "release", {}, ""},
      {11, "act-bruno", "change", "feature", {}, "team-write"},
      {12, "act-bruno", "change", {}, {}, ""},
      {13, "act-bruno", "change", "Main", {}, "team-write"},
      {14, "act-ragnor", "change", "main", {}, "admins-write"},
      {15, "act-ragnor", "change", "feature", {}, "admins-write"},
      {16, "act-ragnor", "change", {}, {}, "admins-write"},
      {17, "act-bruno", "branch_create", "main", "feature", "team-create"},
      {18, "act-bruno", "branch_create", "main", "release", ""},
      {19, "act-bot", "branch_create", "main", "feature", ""},
      {20, "act-bruno", "branch_delete", {}, "feature", ""},
      {21, "act-ragnor", "branch_delete", {}, "main", "admins-ops"},
      {22, "act-bruno", "branch_merge", "feature", "main", ""},
      {23, "act-bruno", "branch_merge", "main", "feature", "team-merge"},
      {24, "act-ragnor", "branch_merge", "feature", "main", "admins-ops"},
      {25, "act-ragnor", "branch_merge", "a", "b", "admins-ops"},
      {26, "act-bruno", "branch_merge", "feature", {}, ""},
      {27, "act-ragnor", "schema_apply", {}, "main", "admins-ops"},
      {28, "act-andrew", "schema_apply", {}, "main", ""},
      {29, "act-bot", "invoke_query", {}, {}, "bots-invoke"},
      {30, "act-bruno", "invoke_query", {}, {}, ""},
      {31, "act-ragnor", "admin", {}, {}, ""},
      {32, "act-zed", "read", "main", {}, ""},
      {33, "act-ragnor", "graph_list", {}, {}, ""},
  };
  return cases;
}

TEST(PolicyEngineTest, TheDocumentedCasesDecideAsDocumented) {
  const PolicyEngine engine = EngineOf({Bind(kBundle)});
  for (const Case& c : DecisionCases()) {
    const Decision decision = Decide(engine, {.action = *FindAction(c.action),
                                              .graph = "g",
                                              .actor = c.actor,
                                              .branch = c.branch,
                                              .target_branch = c.target});
    EXPECT_EQ(decision.allowed(), !c.matched_rule.empty()) << "case " << c.number;
    EXPECT_EQ(decision.matched_rule, c.matched_rule) << "case " << c.number;
  }
}

TEST(PolicyEngineTest, MessagesHaveTheWordsThatClientsMatch) {
  const PolicyEngine engine = EngineOf({Bind(kBundle)});
  const auto message = [&](const Request& request) { return Decide(engine, request).message; };

  EXPECT_EQ(message({.action = Action::kRead, .graph = "g", .actor = "act-bruno"}),
            "policy allowed action 'read' for actor 'act-bruno'");
  EXPECT_EQ(message({.action = Action::kExport, .graph = "g", .actor = "act-bruno"}),
            "policy denied action 'export' for actor 'act-bruno'");
  EXPECT_EQ(
      message({.action = Action::kChange, .graph = "g", .actor = "act-bruno", .branch = "main"}),
      "policy denied action 'change' on branch 'main' for actor 'act-bruno'");
  EXPECT_EQ(message({.action = Action::kBranchMerge,
                     .graph = "g",
                     .actor = "act-bruno",
                     .branch = "feature",
                     .target_branch = "main"}),
            "policy denied action 'branch_merge' on branch 'feature' targeting branch 'main' for "
            "actor 'act-bruno'");
  EXPECT_EQ(message({.action = Action::kRead, .graph = "g", .actor = "act-zed", .branch = "main"}),
            "policy denied action 'read' for unknown actor 'act-zed'");
}

TEST(PolicyEngineTest, ScopesWithoutABundle) {
  const PolicyEngine engine = EngineOf({Bind(kBundle, BundleKind::kGraph, "alpha")});
  const auto decide = [&](Action action, std::optional<std::string_view> actor) {
    return Decide(engine, {.action = action, .graph = "beta", .actor = actor, .branch = "main"});
  };

  EXPECT_TRUE(decide(Action::kChange, {}).allowed()) << "open";
  EXPECT_TRUE(decide(Action::kRead, "act-any").allowed());
  const Decision denied = decide(Action::kChange, "act-any");
  EXPECT_FALSE(denied.allowed());
  EXPECT_THAT(denied.message, HasSubstr("default-deny"));
  EXPECT_THAT(denied.message, HasSubstr("graph 'beta'"));
  for (const Action action : {Action::kGraphList, Action::kClusterReload}) {
    EXPECT_EQ(decide(action, {}).outcome, Outcome::kDeny);
    EXPECT_EQ(decide(action, "act-any").outcome, Outcome::kDeny);
  }
}

TEST(PolicyEngineTest, ABundleNeedsAnActor) {
  const PolicyEngine engine = EngineOf({Bind(kBundle)});

  const Decision decision = Decide(engine, {.action = Action::kRead, .graph = "g"});

  EXPECT_EQ(decision.outcome, Outcome::kActorMissing);
  EXPECT_FALSE(decision.allowed());
  EXPECT_THAT(decision.message, HasSubstr("no actor"));
}

TEST(PolicyEngineTest, TheServerBundleGovernsTheServerActions) {
  const PolicyEngine engine = EngineOf(
      {Bind(kBundle),
       Bind("version: 1\nkind: server\ngroups: { heads: [act-cho], crew: [act-ben] }\nrules:\n"
            "  - { id: list, allow: { actors: { group: heads }, actions: [graph_list] } }\n"
            "  - { id: load, allow: { actors: { group: crew }, actions: [cluster_reload] } }\n",
            BundleKind::kServer, "", "desk")});
  const auto rule = [&](Action action, std::string_view actor) {
    return Decide(engine, {.action = action, .actor = actor}).matched_rule;
  };

  EXPECT_EQ(rule(Action::kGraphList, "act-cho"), "list");
  EXPECT_EQ(rule(Action::kGraphList, "act-ben"), "");
  EXPECT_EQ(rule(Action::kClusterReload, "act-ben"), "load");
  EXPECT_EQ(rule(Action::kClusterReload, "act-cho"), "");
  EXPECT_EQ(rule(Action::kGraphList, "act-ragnor"), "") << "the graph's groups do not count";
  EXPECT_EQ(Decide(engine, {.action = Action::kGraphList}).outcome, Outcome::kActorMissing);
  EXPECT_TRUE(engine.GovernsServer());
  EXPECT_TRUE(engine.Governs("g"));
  EXPECT_FALSE(engine.Governs("h"));
}

TEST(PolicyEngineTest, OneBundleMayGovernSeveralGraphs) {
  const Binding first = Bind(kBundle, BundleKind::kGraph, "alpha");
  Binding second = first;
  second.graph = "odd \"name\"\\ :: { }";
  const PolicyEngine engine = EngineOf({first, second});

  for (const std::string& graph : {first.graph, second.graph}) {
    EXPECT_TRUE(
        Decide(engine, {.action = Action::kRead, .graph = graph, .actor = "act-bruno"}).allowed());
  }
}

TEST(PolicyEngineTest, QueriesMayBeGrantedByNameOrGlob) {
  const PolicyEngine engine = EngineOf({Bind(R"yaml(
version: 1
query_exposure: policy
groups: { kiosk: [act-kiosk], clerks: [act-clerk] }
rules:
  - id: named
    allow: { actors: { group: kiosk }, actions: [invoke_query], queries: [find, 'sales_*', 'q?'] }
  - { id: every, allow: { actors: { group: clerks }, actions: [invoke_query] } }
  - id: some
    allow: { actors: { group: clerks }, actions: [invoke_query], queries: ['*'] }
)yaml")});
  const auto rule = [&](std::string_view actor, std::optional<std::string_view> query) {
    return Decide(engine,
                  {.action = Action::kInvokeQuery, .graph = "g", .actor = actor, .query = query})
        .matched_rule;
  };

  for (const char* name : {"find", "sales_", "sales_2026", "q1"}) {
    EXPECT_EQ(rule("act-kiosk", name), "named") << name;
  }
  for (const char* name : {"finder", "Find", "sales", "q", "q12", ""}) {
    EXPECT_EQ(rule("act-kiosk", name), "") << name;
  }
  EXPECT_EQ(rule("act-kiosk", {}), "") << "a limited grant needs a name";
  EXPECT_EQ(rule("act-clerk", {}), "every");
  EXPECT_EQ(rule("act-clerk", "find"), "every");
  EXPECT_EQ(engine.ExposureOf("g"), QueryExposure::kPolicy);
  EXPECT_EQ(engine.ExposureOf("other"), QueryExposure::kAll);
}

TEST(PolicyEngineTest, NamesWithQuotesAndControlCharactersAreCompared) {
  const PolicyEngine engine = EngineOf(
      {Bind("version: 1\ngroups: { \"g\\\"\\\\\\0\": [\"act\\n\\\"x\\\" || true\", \"act\\0z\"] }\n"
            "protected_branches: [\"ma'in\\\"\"]\nrules:\n"
            "  - { id: \"r\\\"); permit(principal, action, resource); //\",\n"
            "      allow: { actors: { group: \"g\\\"\\\\\\0\" }, actions: [change], "
            "branch_scope: protected } }\n")});
  const auto allowed = [&](std::string_view actor, std::string_view branch) {
    return Decide(engine,
                  {.action = Action::kChange, .graph = "g", .actor = actor, .branch = branch})
        .allowed();
  };

  EXPECT_TRUE(allowed("act\n\"x\" || true", "ma'in\""));
  EXPECT_TRUE(allowed(std::string_view("act\0z", 5), "ma'in\""));
  EXPECT_FALSE(allowed("act", "ma'in\""));
  EXPECT_FALSE(allowed("act\n\"x\" || true", "main"));
}

TEST(PolicyEngineTest, BundlesOfTheFieldWorkUnchanged) {
  const PolicyEngine roles = EngineOf({Bind(R"yaml(
version: 1
groups:
  admins:
    - "act-admin"
  writers:
    - "act-writer"
  readers:
    - "act-reader"
protected_branches: []
rules:
  - id: admins-data
    allow:
      actors: {group: admins}
      actions: [read, export, change]
      branch_scope: any
  - id: admins-structure
    allow:
      actors: {group: admins}
      actions: [schema_apply, branch_create, branch_delete, branch_merge]
      target_branch_scope: any
  - id: writers-data
    allow:
      actors: {group: writers}
      actions: [read, export, change]
      branch_scope: any
  - id: writers-branch
    allow:
      actors: {group: writers}
      actions: [branch_create]
      target_branch_scope: unprotected
  - id: readers
    allow:
      actors: {group: readers}
      actions: [read, export]
)yaml")});
  const auto allowed = [&](std::string_view actor, Action action) {
    return Decide(roles, {.action = action,
                          .graph = "g",
                          .actor = actor,
                          .branch = "main",
                          .target_branch = "x"})
        .allowed();
  };
  std::vector<std::string> grants;
  for (const std::string_view actor : {"act-admin", "act-writer", "act-reader"}) {
    std::string row;
    for (const ActionInfo& info : AllActions())
      row += allowed(actor, info.action) ? 'x' : '.';
    grants.push_back(row);
  }
  EXPECT_THAT(grants, ElementsAre("xxxxxxx....", "xxx.x......", "xx........."));
}

TEST(PolicyEngineTest, ABundleOfTheWrongKindIsRefusedByName) {
  const auto refusal = [](std::vector<Binding> bindings) {
    const Result<PolicyEngine> engine = PolicyEngine::Compile(bindings);
    EXPECT_FALSE(engine.ok());
    return engine.ok() ? std::string() : std::string(engine.status().message());
  };
  const std::string listing =
      "version: 1\ngroups: { g: [a] }\nrules: [{ id: r, allow: { actors: { group: g }, actions: "
      "[graph_list] } }]\n";

  const std::string on_graph = refusal({Bind(listing)});
  EXPECT_THAT(on_graph, HasSubstr("server-scoped"));
  EXPECT_THAT(on_graph, HasSubstr("graph_list"));
  EXPECT_THAT(on_graph, HasSubstr("policy bundle 'house' for graph 'g'"));
  EXPECT_THAT(on_graph, HasSubstr("house.policy.yaml:3"));
  const std::string on_server = refusal({Bind(kBundle, BundleKind::kServer)});
  EXPECT_THAT(on_server, HasSubstr("per-graph"));
  EXPECT_THAT(on_server, HasSubstr("'read'"));
}

TEST(PolicyEngineTest, TwoBundlesOnOneScopeAreRefused) {
  const std::vector<Binding> bindings = {Bind(kBundle, BundleKind::kGraph, "sky", "one"),
                                         Bind(kBundle, BundleKind::kGraph, "sky", "two")};

  const Result<PolicyEngine> engine = PolicyEngine::Compile(bindings);

  ASSERT_FALSE(engine.ok());
  EXPECT_THAT(std::string(engine.status().message()),
              HasSubstr("multiple policy bundles bind graph 'sky': 'one' and 'two'"));
}

TEST(PolicyEngineTest, ManyThreadsMayAskAtOnce) {
  const PolicyEngine engine = EngineOf({Bind(kBundle)});
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&engine, &count = wrong[i]] {
      for (int round = 0; round < 20; ++round) {
        for (const Case& c : DecisionCases()) {
          const Result<Decision> decision = engine.Decide({.action = *FindAction(c.action),
                                                           .graph = "g",
                                                           .actor = c.actor,
                                                           .branch = c.branch,
                                                           .target_branch = c.target});
          if (!decision.ok() || decision->matched_rule != c.matched_rule) ++count;
        }
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
}

TEST(RenderExplanationTest, OptionalLinesStandOnlyWhenPresent) {
  const PolicyEngine engine = EngineOf({Bind(kBundle)});
  const Request denied = {
      .action = Action::kChange, .graph = "g", .actor = "act-bruno", .branch = "main"};
  const Request allowed = {.action = Action::kBranchMerge,
                           .graph = "g",
                           .actor = "act-ragnor",
                           .branch = "feature",
                           .target_branch = "main"};

  EXPECT_EQ(RenderExplanation(denied, Decide(engine, denied)),
            "decision: deny\nactor: act-bruno\naction: change\nbranch: main\n"
            "message: policy denied action 'change' on branch 'main' for actor 'act-bruno'\n");
  EXPECT_EQ(RenderExplanation(allowed, Decide(engine, allowed)),
            "decision: allow\nactor: act-ragnor\naction: branch_merge\nbranch: feature\n"
            "target_branch: main\nmatched_rule: admins-ops\n"
            "message: policy allowed action 'branch_merge' for actor 'act-ragnor'\n");
}

TEST(PolicyTestsTest, TheDocumentedCasesPassAsAFile) {
  std::string yaml = "version: 1\ncases:\n";
  for (const Case& c : DecisionCases()) {
    yaml += "  - { id: 'case " + std::to_string(c.number) + "', actor: " + std::string(c.actor) +
            ", action: " + std::string(c.action) +
            ", branch: " + std::string(c.branch.value_or("null")) +
            ", target_branch: " + std::string(c.target.value_or("null")) +
            ", expect: " + (c.matched_rule.empty() ? "deny" : "allow") + " }\n";
  }
  const auto cases = ParsePolicyTests("policy.tests.yaml", yaml);
  ASSERT_TRUE(cases.ok()) << cases.status().message();

  const auto results = RunPolicyTests(EngineOf({Bind(kBundle)}), "g", *cases);

  ASSERT_TRUE(results.ok());
  EXPECT_EQ(results->size(), 33U);
  for (const PolicyTestResult& result : *results)
    EXPECT_TRUE(result.passed()) << result.id;
}

TEST(PolicyTestsTest, AFailureSaysWhatWasExpected) {
  const auto cases = ParsePolicyTests(
      "policy.tests.yaml",
      "version: 1\ncases:\n"
      "  - { id: a, actor: act-bruno, action: change, branch: main, expect: allow }\n"
      "  - { id: b, actor: act-bruno, action: read, expect: deny }\n"
      "  - { id: c, actor: act-bot, action: invoke_query, query: q, expect: allow }\n");
  ASSERT_TRUE(cases.ok()) << cases.status().message();

  const auto results = RunPolicyTests(EngineOf({Bind(kBundle)}), "g", *cases);

  ASSERT_TRUE(results.ok());
  EXPECT_EQ((*results)[0].FailureText(), "a: expected Allow but got deny");
  EXPECT_EQ((*results)[1].FailureText(), "b: expected Deny but got allow");
  EXPECT_TRUE((*results)[2].passed());
}

TEST(PolicyTestsTest, BrokenFilesAreRefusedInTheDocumentedWords) {
  const std::string one = "actor: a, action: read, expect: deny";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"version: 2\n", "policy test version must be 1"},
      {"cases: []\n", "policy test version must be 1"},
      {"version: 1\ncases: [{id: ' ', " + one + "}]\n", "test case ids must not be blank"},
      {"version: 1\ncases: [{" + one + "}]\n", "test case ids must not be blank"},
      {"version: 1\ncases: [{id: x, " + one + "}, {id: x, " + one + "}]\n",
       "duplicate policy test case id 'x'"},
      {"version: 1\ncases: [{id: x, actor: ' ', action: read, expect: deny}]\n",
       "test case 'x' must not use a blank actor"},
      {"version: 1\ncases: [{id: x, actor: a, action: reed, expect: deny}]\n",
       "did you mean 'read'"},
      {"version: 1\ncases: [{id: x, actor: a, action: read, expect: maybe}]\n",
       "must be allow or deny"},
      {"version: 1\ncases: [{id: x, actor: a, action: read, expect: deny, brnach: main}]\n",
       "unknown key 'brnach'"},
      {"version: 1\ncases: {}\n", "'cases' must be a list of test cases"},
      {"version: 1\ncases: [\n", "invalid YAML"},
  };
  for (const auto& [yaml, error] : cases) {
    const auto parsed = ParsePolicyTests("policy.tests.yaml", yaml);
    ASSERT_FALSE(parsed.ok()) << yaml;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(error)) << yaml;
  }
  EXPECT_THAT(*ParsePolicyTests("policy.tests.yaml", "version: 1\n"), IsEmpty());
}

}  // namespace
}  // namespace omnigraph::policy
