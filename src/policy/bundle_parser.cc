// Reads bundles: YAML to the model, with every check that needs no knowledge of where the bundle
// will be attached.

#include <algorithm>
#include <set>
#include <utility>

#include "base/strings.h"
#include "policy/bundle.h"
#include "policy/bundle_keys.h"
#include "policy/yaml_fields.h"
#include "text/yaml.h"

namespace omnigraph::policy {
namespace {

using text::YamlEntry;
using text::YamlNode;

std::vector<std::string_view> KeysAt(std::string_view section) {
  return text::KeysUnder(BundleKeys(), section);
}

/// Reads one bundle. Goes on after an error; what could not be read is left out.
class BundleParser {
 public:
  explicit BundleParser(text::Diagnostics* diagnostics) : diagnostics_(*diagnostics) {}

  Bundle Parse(const YamlNode& root) {
    Bundle bundle;
    if (!CheckMapping(root, "the policy bundle", KeysAt(""), &diagnostics_)) return bundle;
    CheckVersion(root, "policy", &diagnostics_);
    ParseKind(root, &bundle);
    ParseExposure(root, &bundle);
    if (const YamlNode* groups = FindPresent(root, "groups")) ParseGroups(*groups, &bundle);
    if (const YamlNode* branches = FindPresent(root, "protected_branches")) {
      ParseProtectedBranches(*branches, &bundle);
    }
    if (const YamlNode* rules = FindPresent(root, "rules")) ParseRules(*rules, &bundle);
    return bundle;
  }

 private:
  void Error(text::Span span, std::string summary, std::string help = {}) {
    diagnostics_.Error({}, span, std::move(summary), std::move(help));
  }

  void ParseKind(const YamlNode& root, Bundle* bundle) {
    const YamlNode* node = FindPresent(root, "kind");
    if (node == nullptr) return;
    if (node->scalar() == "graph") {
      bundle->kind = BundleKind::kGraph;
    } else if (node->scalar() == "server") {
      bundle->kind = BundleKind::kServer;
    } else {
      Error(node->span(), "'kind' must be graph or server, found " + Found(*node));
    }
  }

  void ParseExposure(const YamlNode& root, Bundle* bundle) {
    const YamlNode* node = FindPresent(root, "query_exposure");
    if (node == nullptr) return;
    if (node->scalar() == "policy") {
      bundle->query_exposure = QueryExposure::kPolicy;
    } else if (node->scalar() != "all") {
      Error(node->span(), "'query_exposure' must be all or policy, found " + Found(*node));
    }
  }

  static std::string Found(const YamlNode& node) {
    return node.is_scalar() ? "'" + node.scalar() + "'" : std::string(Describe(node.kind()));
  }

  void ParseGroups(const YamlNode& groups, Bundle* bundle) {
    if (!groups.is_mapping()) {
      ReportKind(groups, "'groups'", "a mapping from group names to lists of actor ids",
                 &diagnostics_);
      return;
    }
    for (const YamlEntry& entry : groups.entries()) {
      const std::string name(TrimSpace(entry.key));
      if (name.empty()) {
        Error(entry.key_span, "group names must not be blank");
        continue;
      }
      const auto [group, added] = bundle->groups.emplace(name, std::vector<std::string>{});
      if (!added) {
        Error(entry.key_span, "duplicate policy group '" + name + "'");
        continue;
      }
      ParseMembers(entry, name, &group->second);
    }
  }

  void ParseMembers(const YamlEntry& entry, const std::string& group,
                    std::vector<std::string>* members) {
    const YamlNode& node = entry.value;
    if (node.is_null() || (node.is_sequence() && node.items().empty())) {
      Error(entry.key_span, "policy group '" + group + "' must not be empty",
            "list at least one actor id, or remove the group");
      return;
    }
    const std::string what = "group '" + group + "'";
    for (const YamlNode* item : ReadTextList(node, what, "actor ids", &diagnostics_)) {
      const std::string actor(TrimSpace(item->scalar()));
      if (actor.empty()) {
        Error(item->span(), what + " contains a blank actor id");
      } else if (std::find(members->begin(), members->end(), actor) == members->end()) {
        members->push_back(actor);
      }
    }
  }

  void ParseProtectedBranches(const YamlNode& node, Bundle* bundle) {
    const auto items = ReadTextList(node, "'protected_branches'", "branch names", &diagnostics_);
    for (const YamlNode* item : items) {
      const std::string_view branch = TrimSpace(item->scalar());
      if (branch.empty()) {
        Error(item->span(), "protected branch names must not be blank");
      } else {
        bundle->protected_branches.emplace_back(branch);
      }
    }
  }

  void ParseRules(const YamlNode& rules, Bundle* bundle) {
    if (!rules.is_sequence()) {
      ReportKind(rules, "'rules'", "a list of rules", &diagnostics_);
      return;
    }
    std::set<std::string> ids;
    for (const YamlNode& node : rules.items()) {
      Rule rule;
      if (!ParseRuleId(node, &rule)) continue;
      if (!ids.insert(rule.id).second) {
        Error(rule.span, "duplicate policy rule id '" + rule.id + "'");
      }
      ParseAllow(node, *bundle, &rule);
      bundle->rules.push_back(std::move(rule));
    }
  }

  bool ParseRuleId(const YamlNode& node, Rule* rule) {
    const std::string* id = nullptr;
    const YamlNode* id_node = FindPresent(node, "id");
    if (id_node != nullptr) id = id_node->AsText();
    const std::string what = id == nullptr ? "a rule" : "rule '" + *id + "'";
    if (!CheckMapping(node, what, KeysAt("rules.[]"), &diagnostics_)) return false;
    if (id_node == nullptr) {
      Error(node.span(), "rule ids must not be blank, but a rule has no 'id'");
      return false;
    }
    if (id == nullptr) {
      ReportKind(*id_node, "a rule's 'id'", "a text", &diagnostics_);
      return false;
    }
    if (TrimSpace(*id).empty()) {
      Error(id_node->span(), "rule ids must not be blank");
      return false;
    }
    rule->id = *id;
    rule->span = id_node->span();
    return true;
  }

  void ParseAllow(const YamlNode& node, const Bundle& bundle, Rule* rule) {
    const std::string what = "rule '" + rule->id + "'";
    const YamlNode* allow = FindPresent(node, "allow");
    if (allow == nullptr) {
      Error(rule->span, what + " must have 'allow' with 'actors' and 'actions'");
      return;
    }
    if (!CheckMapping(*allow, "'allow' of " + what, KeysAt("rules.[].allow"), &diagnostics_)) {
      return;
    }
    ParseGroupReference(*allow, bundle, rule);
    const std::vector<const YamlNode*> actions = ParseActions(*allow, rule);
    CheckOneKind(actions, *rule);
    ParseScopes(*allow, actions, rule);
    ParseQueries(*allow, rule);
  }

  void ParseGroupReference(const YamlNode& allow, const Bundle& bundle, Rule* rule) {
    const std::string what = "rule '" + rule->id + "'";
    const YamlNode* actors = FindPresent(allow, "actors");
    if (actors == nullptr) {
      Error(allow.span(), what + " must have 'actors' with a 'group'");
      return;
    }
    if (!CheckMapping(*actors, "'actors' of " + what, KeysAt("rules.[].allow.actors"),
                      &diagnostics_)) {
      return;
    }
    const YamlNode* group = FindPresent(*actors, "group");
    if (group == nullptr) {
      Error(actors->span(), what + " must reference a non-blank group");
      return;
    }
    const auto name = ReadText(*group, "the group of " + what, &diagnostics_);
    if (!name.has_value()) return;
    rule->group = TrimSpace(*name);
    if (rule->group.empty()) {
      Error(group->span(), what + " must reference a non-blank group");
    } else if (bundle.groups.count(rule->group) == 0) {
      Error(group->span(), what + " references unknown group '" + rule->group + "'",
            NearestGroup(bundle, rule->group));
    }
  }

  static std::string NearestGroup(const Bundle& bundle, const std::string& name) {
    std::vector<std::string_view> names;
    for (const auto& [group, members] : bundle.groups)
      names.push_back(group);
    const std::string_view near = text::DidYouMean(name, names);
    return near.empty() ? "declare it under 'groups'" : "did you mean '" + std::string(near) + "'?";
  }

  /// Returns the node of each action of the rule, in the same order.
  std::vector<const YamlNode*> ParseActions(const YamlNode& allow, Rule* rule) {
    const std::string what = "rule '" + rule->id + "'";
    std::vector<const YamlNode*> nodes;
    const YamlNode* actions = FindPresent(allow, "actions");
    if (actions == nullptr || (actions->is_sequence() && actions->items().empty())) {
      Error(actions == nullptr ? allow.span() : actions->span(),
            what + " must include at least one action");
      return nodes;
    }
    for (const YamlNode* item :
         ReadTextList(*actions, "'actions' of " + what, "actions", &diagnostics_)) {
      const std::optional<Action> action = FindAction(item->scalar());
      if (!action.has_value()) {
        ReportUnknownAction(*item, what);
      } else if (std::find(rule->actions.begin(), rule->actions.end(), *action) ==
                 rule->actions.end()) {
        rule->actions.push_back(*action);
        nodes.push_back(item);
      }
    }
    return nodes;
  }

  void ReportUnknownAction(const YamlNode& item, const std::string& what) {
    std::vector<std::string_view> names;
    for (const ActionInfo& info : AllActions())
      names.push_back(info.name);
    const std::string_view near = text::DidYouMean(item.scalar(), names);
    std::string help = "actions: ";
    for (const std::string_view name : names) {
      help += (name == names.front() ? "" : ", ") + std::string(name);
    }
    if (!near.empty()) help = "did you mean '" + std::string(near) + "'?";
    Error(item.span(), what + " has the unknown action '" + item.scalar() + "'", std::move(help));
  }

  void CheckOneKind(const std::vector<const YamlNode*>& nodes, const Rule& rule) {
    const auto server_action =
        std::find_if(rule.actions.begin(), rule.actions.end(),
                     [](Action action) { return InfoOf(action).kind == BundleKind::kServer; });
    const auto graph_action =
        std::find_if(rule.actions.begin(), rule.actions.end(),
                     [](Action action) { return InfoOf(action).kind == BundleKind::kGraph; });
    if (server_action == rule.actions.end() || graph_action == rule.actions.end()) return;
    const auto place = static_cast<std::size_t>(server_action - rule.actions.begin());
    Error(nodes[place]->span(),
          "rule '" + rule.id + "' mixes the server-scoped action '" +
              std::string(NameOf(*server_action)) + "' with per-graph actions such as '" +
              std::string(NameOf(*graph_action)) + "'; split into separate rules");
  }

  void ParseScopes(const YamlNode& allow, const std::vector<const YamlNode*>& actions, Rule* rule) {
    const YamlNode* branch = FindPresent(allow, "branch_scope");
    const YamlNode* target = FindPresent(allow, "target_branch_scope");
    if (branch != nullptr && target != nullptr) {
      Error(target->span(),
            "rule '" + rule->id + "' may specify branch_scope or target_branch_scope, not both");
      return;
    }
    if (branch != nullptr) {
      CheckScopeKey("branch_scope", ScopeKey::kBranch, actions, *rule);
      rule->branch_scope = ParseScope(*branch, "branch_scope", *rule);
    }
    if (target != nullptr) {
      CheckScopeKey("target_branch_scope", ScopeKey::kTargetBranch, actions, *rule);
      rule->target_branch_scope = ParseScope(*target, "target_branch_scope", *rule);
    }
  }

  void CheckScopeKey(std::string_view key, ScopeKey scope_key,
                     const std::vector<const YamlNode*>& nodes, const Rule& rule) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const ActionInfo& info = InfoOf(rule.actions[i]);
      if (info.scope_key == scope_key) continue;
      std::string help = "actions with a scope of another kind need a rule of their own";
      if (info.scope_key == ScopeKey::kBranch) help = "the action takes branch_scope";
      if (info.scope_key == ScopeKey::kTargetBranch) help = "the action takes target_branch_scope";
      Error(nodes[i]->span(),
            "rule '" + rule.id + "' uses " + std::string(key) + " with unsupported action '" +
                std::string(info.name) + "'",
            std::move(help));
    }
  }

  BranchScope ParseScope(const YamlNode& node, std::string_view key, const Rule& rule) {
    if (node.scalar() == "protected") return BranchScope::kProtected;
    if (node.scalar() == "unprotected") return BranchScope::kUnprotected;
    if (node.scalar() != "any") {
      Error(node.span(), std::string(key) + " of rule '" + rule.id +
                             "' must be any, protected or unprotected, found " + Found(node));
    }
    return BranchScope::kAny;
  }

  void ParseQueries(const YamlNode& allow, Rule* rule) {
    const YamlNode* queries = allow.Find("queries");
    if (queries == nullptr) return;
    const std::string what = "rule '" + rule->id + "'";
    const bool is_only_invoke =
        rule->actions.size() == 1 && rule->actions[0] == Action::kInvokeQuery;
    if (!rule->actions.empty() && !is_only_invoke) {
      Error(queries->span(), what + " may use 'queries' only with the single action 'invoke_query'",
            "split the rule");
    }
    std::vector<QueryPattern> patterns;
    for (const YamlNode* item :
         ReadTextList(*queries, "'queries' of " + what, "query names or globs", &diagnostics_)) {
      const std::string_view pattern = TrimSpace(item->scalar());
      if (pattern.empty()) {
        Error(item->span(), "'queries' of " + what + " contains a blank name");
      } else {
        patterns.push_back({std::string(pattern), item->span()});
      }
    }
    // Unlike an empty scope, an empty list must not mean everything.
    if (queries->is_null() || (queries->is_sequence() && queries->items().empty())) {
      Error(queries->span(), "'queries' of " + what + " must name at least one query",
            "remove the key to allow every query");
    }
    rule->queries = std::move(patterns);
  }

  text::Diagnostics& diagnostics_;
};

}  // namespace

BundleReading ReadBundle(std::shared_ptr<const text::Source> source) {
  text::Diagnostics diagnostics;
  const text::YamlDocument document = text::ReadYaml(*source);
  BundleReading reading;
  if (AddYamlProblems(document, &diagnostics)) {
    Bundle bundle = BundleParser(&diagnostics).Parse(document.root);
    bundle.source = std::move(source);
    if (!diagnostics.has_errors()) reading.bundle = std::move(bundle);
  }
  reading.diagnostics = std::move(diagnostics).Take();
  return reading;
}

Result<Bundle> ParseBundle(std::string name, std::string yaml) {
  const auto source = std::make_shared<const text::Source>(std::move(name), std::move(yaml));
  BundleReading reading = ReadBundle(source);
  if (reading.bundle.has_value()) return *std::move(reading.bundle);
  return text::ToStatus(*source, reading.diagnostics);
}

}  // namespace omnigraph::policy
