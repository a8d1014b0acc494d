// Reading bundles: what is accepted, what is refused, where, and in which words.

#include "policy/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace omnigraph::policy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

BundleReading Read(std::string yaml) {
  return ReadBundle(std::make_shared<const text::Source>("house.policy.yaml", std::move(yaml)));
}

/// The errors of a bundle, one `line: summary (help)` each.
std::vector<std::string> ErrorsOf(const std::string& yaml) {
  const text::Source source("house.policy.yaml", yaml);
  std::vector<std::string> errors;
  for (const text::Diagnostic& error : Read(yaml).diagnostics) {
    EXPECT_LE(error.primary.span.end, yaml.size());
    errors.push_back(std::to_string(source.PositionOf(error.primary.span.begin).line) + ": " +
                     error.summary + (error.help.empty() ? "" : " (" + error.help + ")"));
  }
  return errors;
}

/// One rule in flow style for the group `crew`.
std::string WithRule(const std::string& allow, const std::string& id = "r") {
  return "version: 1\ngroups: { crew: [act-ben] }\nrules:\n  - { id: " + id +
         ", allow: { actors: { group: crew }, " + allow + " } }\n";
}

TEST(BundleTest, EveryKeyIsRead) {
  const Result<Bundle> bundle = ParseBundle("b.yaml",
                                            "version: 1\n"
                                            "kind: graph\n"
                                            "query_exposure: policy\n"
                                            "groups:\n"
                                            "  ' team ': [' act-a ', \"act-b\", act-a]\n"
                                            "  spare: [act-b, act-c]\n"
                                            "protected_branches: [' main']\n"
                                            "rules:\n"
                                            "  - id: w\n"
                                            "    allow:\n"
                                            "      actors: { group: team }\n"
                                            "      actions: [read, change, read]\n"
                                            "      branch_scope: unprotected\n"
                                            "  - id: m\n"
                                            "    allow:\n"
                                            "      actors: { group: team }\n"
                                            "      actions: [branch_merge]\n"
                                            "      branch_scope: null\n"
                                            "      target_branch_scope: protected\n"
                                            "  - id: q\n"
                                            "    allow:\n"
                                            "      actors: { group: spare }\n"
                                            "      actions: [invoke_query]\n"
                                            "      queries: [find, 'sales_*']\n");
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();

  EXPECT_EQ(bundle->kind, BundleKind::kGraph);
  EXPECT_EQ(bundle->query_exposure, QueryExposure::kPolicy);
  EXPECT_EQ(bundle->actors_count(), 3U);
  EXPECT_THAT(bundle->groups.at("team"), ElementsAre("act-a", "act-b"));
  EXPECT_THAT(bundle->protected_branches, ElementsAre("main"));
  ASSERT_EQ(bundle->rules.size(), 3U);
  EXPECT_THAT(bundle->rules[0].actions, ElementsAre(Action::kRead, Action::kChange));
  EXPECT_EQ(bundle->rules[0].branch_scope, BranchScope::kUnprotected);
  EXPECT_EQ(bundle->rules[1].target_branch_scope, BranchScope::kProtected);
  EXPECT_FALSE(bundle->rules[1].queries.has_value());
  EXPECT_EQ(bundle->rules[2].queries->at(1).text, "sales_*");
  ASSERT_EQ(bundle->LiteralQueries().size(), 1U);
  EXPECT_EQ(bundle->LiteralQueries()[0].text, "find");
}

TEST(BundleTest, EmptyPartsAreFine) {
  for (const char* yaml :
       {"version: 1\n", "version: 1\nrules: []\n", "version: 1\ngroups:\nrules:\n",
        "version: 1\nprotected_branches: []\ngroups: {}\n", "{version: 1, kind: server}",
        "version: 1\ngroups: { unused: [act-x] }\n"}) {
    EXPECT_TRUE(Read(yaml).bundle.has_value()) << yaml;
  }
}

struct Refused {
  std::string yaml;
  std::string error;
};

void ExpectRefused(const std::vector<Refused>& cases) {
  for (const Refused& refused : cases) {
    EXPECT_FALSE(Read(refused.yaml).bundle.has_value()) << refused.yaml;
    EXPECT_THAT(ErrorsOf(refused.yaml), ElementsAre(refused.error)) << refused.yaml;
  }
}

TEST(BundleTest, HeadGroupsAndBranchesAreChecked) {
  const std::vector<Refused> cases = {
      {"version: 2\n", "1: policy version must be 1, found '2'"},
      {"version: '1'\n", "1: policy version must be 1, found '1'"},
      {"version: 1.0\n", "1: policy version must be 1, found '1.0'"},
      {"groups: {}\n",
       "1: policy version must be 1, but 'version' is missing (start the file with "
       "'version: 1')"},
      {"", "1: the policy bundle must be a mapping, found nothing"},
      {"- a\n", "1: the policy bundle must be a mapping, found a list"},
      {"version: 1\ngroups: { ' ': [a] }\n", "2: group names must not be blank"},
      {"version: 1\ngroups: { g: [] }\n",
       "2: policy group 'g' must not be empty (list at least one actor id, or remove the group)"},
      {"version: 1\ngroups:\n  g:\n",
       "3: policy group 'g' must not be empty (list at least one actor id, or remove the group)"},
      {"version: 1\ngroups: { g: [a, ' '] }\n", "2: group 'g' contains a blank actor id"},
      {"version: 1\ngroups: { g: [a, 7] }\n",
       "2: each item of group 'g' must be a text, found an integer (write '7' in quotes)"},
      {"version: 1\ngroups: { g: a }\n", "2: group 'g' must be a list of actor ids, found a text"},
      {"version: 1\ngroups: { g: [a], ' g': [b] }\n", "2: duplicate policy group 'g'"},
      {"version: 1\ngroups: { g: [a], g: [b] }\n", "2: duplicate key 'g', first on line 2"},
      {"version: 1\nprotected_branches: [main, '']\n",
       "2: protected branch names must not be blank"},
      {"version: 1\nprotected_branches: main\n",
       "2: 'protected_branches' must be a list of branch names, found a text"},
      {"version: 1\nkind: cluster\n", "2: 'kind' must be graph or server, found 'cluster'"},
      {"version: 1\nquery_exposure: none\n",
       "2: 'query_exposure' must be all or policy, found 'none'"},
  };
  ExpectRefused(cases);
}

TEST(BundleTest, EveryRuleIsChecked) {
  const std::string head = "version: 1\ngroups: { crew: [act-ben] }\n";
  const std::vector<Refused> cases = {
      {WithRule("actions: [read]", "' '"), "4: rule ids must not be blank"},
      {head + "rules: [{allow: {}}]\n", "3: rule ids must not be blank, but a rule has no 'id'"},
      {head + "rules: [{id: 5, allow: {}}]\n",
       "3: a rule's 'id' must be a text, found an integer (write '5' in quotes)"},
      {WithRule("actions: [read]") + "  - { id: r, allow: { actors: { group: crew }, "
                                     "actions: [change] } }\n",
       "5: duplicate policy rule id 'r'"},
      {head + "rules: [{id: r}]\n", "3: rule 'r' must have 'allow' with 'actors' and 'actions'"},
      {head + "rules: [{id: r, allow: {actions: [read]}}]\n",
       "3: rule 'r' must have 'actors' with a 'group'"},
      {head + "rules: [{id: r, allow: {actors: {group: ' '}, actions: [read]}}]\n",
       "3: rule 'r' must reference a non-blank group"},
      {head + "rules: [{id: r, allow: {actors: {group: crow}, actions: [read]}}]\n",
       "3: rule 'r' references unknown group 'crow' (did you mean 'crew'?)"},
      {head + "rules: [{id: r, allow: {actors: {group: admins}, actions: [read]}}]\n",
       "3: rule 'r' references unknown group 'admins' (declare it under 'groups')"},
      {WithRule("actions: []"), "4: rule 'r' must include at least one action"},
      {WithRule("branch_scope: any"), "4: rule 'r' must include at least one action"},
      {WithRule("actions: [Read]"),
       "4: rule 'r' has the unknown action 'Read' (did you mean 'read'?)"},
      {WithRule("actions: [read], branch_scope: mine"),
       "4: branch_scope of rule 'r' must be any, protected or unprotected, found 'mine'"},
      {WithRule("actions: [read], branch_scope: any, target_branch_scope: any"),
       "4: rule 'r' may specify branch_scope or target_branch_scope, not both"},
      {WithRule("actions: [branch_merge], branch_scope: protected"),
       "4: rule 'r' uses branch_scope with unsupported action 'branch_merge' (the action takes "
       "target_branch_scope)"},
      {WithRule("actions: [change], target_branch_scope: any"),
       "4: rule 'r' uses target_branch_scope with unsupported action 'change' (the action takes "
       "branch_scope)"},
      {WithRule("actions: [graph_list, read]"),
       "4: rule 'r' mixes the server-scoped action 'graph_list' with per-graph actions such as "
       "'read'; split into separate rules"},
      {WithRule("actions: [invoke_query, read], queries: [a]"),
       "4: rule 'r' may use 'queries' only with the single action 'invoke_query' (split the rule)"},
      {WithRule("actions: [invoke_query], queries: []"),
       "4: 'queries' of rule 'r' must name at least one query (remove the key to allow every "
       "query)"},
      {WithRule("actions: [invoke_query], queries: [' ']"),
       "4: 'queries' of rule 'r' contains a blank name"},
  };
  ExpectRefused(cases);
}

TEST(BundleTest, AnEmptyQueriesKeyDoesNotMeanEveryQuery) {
  EXPECT_THAT(ErrorsOf(WithRule("actions: [invoke_query], queries: ")),
              ElementsAre(HasSubstr("must name at least one query")));
}

TEST(BundleTest, ActionsWithoutAScopeTakeNone) {
  for (const std::string action : {"invoke_query", "admin", "graph_list", "cluster_reload"}) {
    for (const std::string key : {"branch_scope", "target_branch_scope"}) {
      EXPECT_THAT(ErrorsOf(WithRule("actions: [" + action + "], " + key + ": any")),
                  ElementsAre(HasSubstr(key + " with unsupported action '" + action + "'")));
    }
  }
}

TEST(BundleTest, AnUnknownKeyIsRefusedAtEveryLevel) {
  EXPECT_THAT(ErrorsOf("version: 1\nrule: []\n"),
              ElementsAre("2: unknown key 'rule' in the policy bundle (did you mean 'rules'?)"));
  EXPECT_THAT(ErrorsOf(WithRule("actions: [change], branch_scpoe: unprotected")),
              ElementsAre("4: unknown key 'branch_scpoe' in 'allow' of rule 'r' (did you mean "
                          "'branch_scope'?)"));
  EXPECT_THAT(ErrorsOf("version: 1\ngroups: {g: [a]}\nrules:\n  - id: r\n    effect: deny\n"
                       "    allow:\n      actors: {group: g, actor: b}\n      actions: [read]\n"),
              ElementsAre("5: unknown key 'effect' in rule 'r' (known keys: id, allow)",
                          "7: unknown key 'actor' in 'actors' of rule 'r' (known keys: group)"));
}

TEST(BundleTest, AllErrorsAreReportedAtOnceInTheOrderOfTheFile) {
  EXPECT_THAT(ErrorsOf("version: 3\ngroups:\n  a: []\nrules:\n"
                       "  - { id: x, allow: { actors: { group: b }, actions: [fly] } }\n"
                       "  - { id: x, allow: { actors: { group: a }, actions: [] } }\n"),
              ElementsAre(HasSubstr("1: policy version"), HasSubstr("3: policy group 'a'"),
                          HasSubstr("5: rule 'x' references unknown group 'b'"),
                          HasSubstr("5: rule 'x' has the unknown action 'fly'"),
                          HasSubstr("6: duplicate policy rule id 'x'"),
                          HasSubstr("6: rule 'x' must include at least one action")));
}

TEST(BundleTest, ParseBundleNamesFileLineAndColumn) {
  const Result<Bundle> bundle = ParseBundle("crew.policy.yaml", WithRule("actions: [write]"));

  ASSERT_FALSE(bundle.ok());
  EXPECT_EQ(bundle.status().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(std::string(bundle.status().message()), HasSubstr("crew.policy.yaml:4:58"));
  EXPECT_THAT(std::string(bundle.status().message()), HasSubstr("'write'"));
}

TEST(BundleTest, AnAliasOrAnOversizedFileNeverReachesTheRules) {
  EXPECT_THAT(ErrorsOf("version: 1\ngroups: { a: &x [b], c: *x }\n"),
              ElementsAre(HasSubstr("anchors"), HasSubstr("aliases")));
  const std::string big = "version: 1\n" + std::string((std::size_t{1} << 20), '#');
  EXPECT_THAT(ErrorsOf(big), ElementsAre(HasSubstr("more than the limit of 1048576")));
}

TEST(CheckKindTest, ActionsAndKindMustFitTheScope) {
  const auto misfits = [](const std::string& yaml, BundleKind attached_to) {
    const BundleReading reading = Read(yaml);
    EXPECT_TRUE(reading.bundle.has_value()) << yaml;
    std::vector<std::string> texts;
    for (const text::Diagnostic& error : CheckKind(*reading.bundle, attached_to)) {
      texts.push_back(error.summary);
    }
    return texts;
  };
  const std::string graph_rule = WithRule("actions: [read, change]");
  const std::string server_rule = WithRule("actions: [graph_list, cluster_reload]");

  EXPECT_THAT(misfits(graph_rule, BundleKind::kGraph), IsEmpty());
  EXPECT_THAT(misfits(server_rule, BundleKind::kServer), IsEmpty());
  EXPECT_THAT(misfits(graph_rule, BundleKind::kServer),
              ElementsAre("rule 'r' allows the per-graph action 'read', but the bundle is attached "
                          "to the server"));
  EXPECT_THAT(misfits(server_rule, BundleKind::kGraph),
              ElementsAre("rule 'r' allows the server-scoped action 'graph_list', but the bundle "
                          "is attached to a graph"));
  EXPECT_THAT(misfits("version: 1\nkind: server\n", BundleKind::kGraph),
              ElementsAre(HasSubstr("'kind: server'")));
  EXPECT_THAT(misfits("version: 1\nkind: graph\n", BundleKind::kServer),
              ElementsAre(HasSubstr("'kind: graph'")));
  EXPECT_THAT(misfits("version: 1\n", BundleKind::kServer), IsEmpty());
}

TEST(MatchesGlobTest, StarsAndQuestionMarks) {
  struct Case {
    const char* pattern;
    const char* name;
    bool matches;
  };
  for (const Case& c : std::vector<Case>{{"find", "find", true},
                                         {"find", "finder", false},
                                         {"find", "Find", false},
                                         {"*", "", true},
                                         {"*", "anything", true},
                                         {"", "x", false},
                                         {"sales_*", "sales_", true},
                                         {"sales_*", "sales", false},
                                         {"*_by_*", "city_by_slug", true},
                                         {"*a*b", "aXbXaYb", true},
                                         {"*a*b", "aXbXaY", false},
                                         {"q?", "q1", true},
                                         {"q?", "q", false},
                                         {"q?", "q12", false},
                                         {"?*?", "a", false},
                                         {"?*?", "ab", true},
                                         {"a**b", "ab", true}}) {
    EXPECT_EQ(MatchesGlob(c.pattern, c.name), c.matches) << c.pattern << " / " << c.name;
  }
}

TEST(ActionTest, NamesAreExactAndArgumentsMayUseDashes) {
  for (const ActionInfo& info : AllActions()) {
    EXPECT_EQ(FindAction(info.name), info.action);
    EXPECT_EQ(&InfoOf(info.action), &info);
  }
  EXPECT_EQ(FindAction("branch-merge"), std::nullopt);
  EXPECT_EQ(FindActionArgument("branch-merge"), Action::kBranchMerge);
  EXPECT_EQ(FindActionArgument("branch_merge"), Action::kBranchMerge);
  EXPECT_EQ(FindActionArgument("merge"), std::nullopt);
}

// Random edits of a bundle: it is read or refused with errors that lie inside the text.
TEST(BundleTest, MutatedBundlesAreReadOrRefusedWithReasons) {
  const std::string original =
      "version: 1\ngroups: { team: [act-a, act-b] }\nprotected_branches: [main]\nrules:\n"
      "  - id: a\n    allow: { actors: { group: team }, actions: [read], branch_scope: any }\n"
      "  - id: b\n    allow: { actors: { group: team }, actions: [branch_merge] }\n";
  const std::string alphabet = "[]{}:,-'\"# \nagmrt1";
  std::mt19937 random(7);
  for (int round = 0; round < 3'000; ++round) {
    std::string yaml = original;
    for (std::size_t i = 0; i <= random() % 4; ++i) {
      const std::size_t at = random() % yaml.size();
      if (random() % 2 == 0) {
        yaml.erase(at, 1 + random() % 8);
      } else {
        yaml.insert(at, 1, alphabet[random() % alphabet.size()]);
      }
    }
    const BundleReading reading = Read(yaml);
    ASSERT_NE(reading.bundle.has_value(), !reading.diagnostics.empty()) << yaml;
    for (const text::Diagnostic& error : reading.diagnostics) {
      ASSERT_LE(error.primary.span.end, yaml.size()) << yaml;
    }
  }
}

}  // namespace
}  // namespace omnigraph::policy
