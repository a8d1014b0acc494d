// A second evaluator, written straight from the documented semantics and without Cedar or the
// bundle parser, must agree with the engine on random bundles and requests.

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy_engine.h"

namespace omnigraph::policy {
namespace {

/// The bundle as the generator knows it.
struct PlainRule {
  std::string id;
  std::string group;
  std::set<Action> actions;
  std::string scope_key;  // Empty, "branch_scope" or "target_branch_scope".
  std::string scope;
  std::vector<std::string> queries;  // Empty: no key.
};

struct PlainBundle {
  std::vector<std::pair<std::string, std::set<std::string>>> groups;
  std::set<std::string> protected_branches;
  std::vector<PlainRule> rules;
};

struct PlainRequest {
  Action action;
  std::string actor;
  std::optional<std::string> branch;
  std::optional<std::string> target;
  std::optional<std::string> query;
};

// Few enough that collisions are common; odd enough that quoting mistakes show.
const std::vector<std::string> kActors = {"a", "b", "c d", "\"", "\\", "a\nb", "act-ü", "*"};
const std::vector<std::string> kGroups = {"g", "h", "g\"h", "x::y", "{}"};
const std::vector<std::string> kBranches = {"main", "dev", "Main", "re'l", "x\"y", "*"};
const std::vector<std::string> kQueries = {"find", "find_all", "f", "", "sales_1", "sales_12"};
const std::vector<std::string> kPatterns = {"find", "f*", "sales_?", "*", "?", "*_*", "\"*"};

bool OracleGlob(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    return OracleGlob(pattern.substr(1), name) ||
           (!name.empty() && OracleGlob(pattern, name.substr(1)));
  }
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) &&
         OracleGlob(pattern.substr(1), name.substr(1));
}

bool OracleMatches(const PlainBundle& bundle, const PlainRule& rule, const PlainRequest& request) {
  if (rule.actions.count(request.action) == 0) return false;
  bool is_member = false;
  for (const auto& [name, members] : bundle.groups) {
    is_member = is_member || (name == rule.group && members.count(request.actor) > 0);
  }
  if (!is_member) return false;
  if (!rule.queries.empty()) {
    if (!request.query.has_value()) return false;
    for (const std::string& pattern : rule.queries) {
      if (OracleGlob(pattern, *request.query)) return true;
    }
    return false;
  }
  if (rule.scope.empty() || rule.scope == "any") return true;
  const auto& branch = rule.scope_key == "branch_scope" ? request.branch : request.target;
  if (!branch.has_value()) return false;
  return (bundle.protected_branches.count(*branch) > 0) == (rule.scope == "protected");
}

/// The smallest id of the rules that match, empty for a denial.
std::string OracleRule(const PlainBundle& bundle, const PlainRequest& request) {
  std::string smallest;
  for (const PlainRule& rule : bundle.rules) {
    if (!OracleMatches(bundle, rule, request)) continue;
    if (smallest.empty() || rule.id < smallest) smallest = rule.id;
  }
  return smallest;
}

/// Draws bundles and requests from one seed.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  PlainBundle Bundle(BundleKind kind) {
    PlainBundle bundle;
    for (const std::string& group : kGroups) {
      if (Chance(3)) continue;
      std::set<std::string> members = {Pick(kActors)};
      while (Chance(2))
        members.insert(Pick(kActors));
      bundle.groups.emplace_back(group, members);
    }
    for (const std::string& branch : kBranches) {
      if (Chance(3)) bundle.protected_branches.insert(branch);
    }
    if (bundle.groups.empty()) return bundle;
    const std::size_t rules_count = random_() % 9;
    for (std::size_t i = 0; i < rules_count; ++i)
      bundle.rules.push_back(Rule(kind, bundle, i));
    return bundle;
  }

  PlainRequest Request() {
    const auto all = AllActions();
    PlainRequest request = {all[random_() % all.size()].action, Pick(kActors), {}, {}, {}};
    if (!Chance(3)) request.branch = Pick(kBranches);
    if (!Chance(3)) request.target = Pick(kBranches);
    if (!Chance(3)) request.query = Pick(kQueries);
    return request;
  }

 private:
  bool Chance(unsigned one_in) { return random_() % one_in == 0; }

  const std::string& Pick(const std::vector<std::string>& from) {
    return from[random_() % from.size()];
  }

  PlainRule Rule(BundleKind kind, const PlainBundle& bundle, std::size_t number) {
    PlainRule rule;
    rule.id =
        std::string(1, static_cast<char>('a' + random_() % 26)) + "\"" + std::to_string(number);
    rule.group = bundle.groups[random_() % bundle.groups.size()].first;
    std::vector<Action> candidates;
    const bool is_scoped = !Chance(3) && kind == BundleKind::kGraph;
    const ScopeKey key = Chance(2) ? ScopeKey::kBranch : ScopeKey::kTargetBranch;
    for (const ActionInfo& info : AllActions()) {
      if (info.kind == kind && (!is_scoped || info.scope_key == key)) {
        candidates.push_back(info.action);
      }
    }
    rule.actions.insert(candidates[random_() % candidates.size()]);
    while (Chance(2))
      rule.actions.insert(candidates[random_() % candidates.size()]);
    if (is_scoped) {
      rule.scope_key = key == ScopeKey::kBranch ? "branch_scope" : "target_branch_scope";
      rule.scope = Pick({"any", "protected", "unprotected"});
    } else if (kind == BundleKind::kGraph && Chance(2)) {
      rule.actions = {Action::kInvokeQuery};
      rule.queries = {Pick(kPatterns)};
      while (Chance(2))
        rule.queries.push_back(Pick(kPatterns));
    }
    return rule;
  }

  std::mt19937 random_;
};

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

template <typename Texts>
std::string QuoteList(const Texts& texts) {
  std::string out;
  for (const auto& text : texts)
    out += (out.empty() ? "[" : ", ") + Quote(text);
  return out.empty() ? "[]" : out + "]";
}

std::string ToYaml(const PlainBundle& bundle) {
  std::string yaml =
      "version: 1\nprotected_branches: " + QuoteList(bundle.protected_branches) + "\ngroups:\n";
  for (const auto& [name, members] : bundle.groups) {
    yaml += "  " + Quote(name) + ": " + QuoteList(members) + "\n";
  }
  yaml += "rules:\n";
  for (const PlainRule& rule : bundle.rules) {
    std::vector<std::string> actions;
    for (const Action action : rule.actions)
      actions.emplace_back(NameOf(action));
    yaml += "  - id: " + Quote(rule.id) + "\n    allow: { actors: { group: " + Quote(rule.group) +
            " }, actions: " + QuoteList(actions);
    if (!rule.scope_key.empty()) yaml += ", " + rule.scope_key + ": " + rule.scope;
    if (!rule.queries.empty()) yaml += ", queries: " + QuoteList(rule.queries);
    yaml += " }\n";
  }
  return yaml;
}

/// Counts what was compared, to show that neither answer is rare.
struct Tally {
  int allowed = 0;
  int denied = 0;
};

void CompareOnce(Generator& generator, BundleKind kind, Tally* tally) {
  const PlainBundle plain = generator.Bundle(kind);
  const std::string yaml = ToYaml(plain);
  Result<Bundle> bundle = ParseBundle("random.yaml", yaml);
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();
  const Binding binding = {"random", std::make_shared<const Bundle>(*std::move(bundle)), kind, "g"};
  const Result<PolicyEngine> engine = PolicyEngine::Compile(std::span(&binding, 1));
  ASSERT_TRUE(engine.ok()) << engine.status().message() << "\n" << yaml;

  for (int round = 0; round < 120; ++round) {
    const PlainRequest request = generator.Request();
    if (InfoOf(request.action).kind != kind) continue;
    const Result<Decision> decision = engine->Decide({.action = request.action,
                                                      .graph = "g",
                                                      .actor = request.actor,
                                                      .branch = request.branch,
                                                      .target_branch = request.target,
                                                      .query = request.query});
    ASSERT_TRUE(decision.ok()) << decision.status().message();
    const std::string expected = OracleRule(plain, request);
    ASSERT_EQ(decision->matched_rule, expected) << decision->message << "\n" << yaml;
    ASSERT_EQ(decision->allowed(), !expected.empty());
    ++(decision->allowed() ? tally->allowed : tally->denied);
  }
}

TEST(PolicyOracleTest, TwoEvaluatorsAgreeOnRandomBundles) {
  constexpr unsigned kSeed = 4711;
  std::printf("seed %u\n", kSeed);
  Generator generator(kSeed);
  Tally tally;
  for (int round = 0; round < 150; ++round) {
    SCOPED_TRACE("bundle " + std::to_string(round));
    CompareOnce(generator, round % 5 == 0 ? BundleKind::kServer : BundleKind::kGraph, &tally);
    if (HasFatalFailure()) return;
  }
  std::printf("%d allowed, %d denied\n", tally.allowed, tally.denied);
  EXPECT_GT(tally.allowed, 1'000);
  EXPECT_GT(tally.denied, 1'000);
}

}  // namespace
}  // namespace omnigraph::policy
