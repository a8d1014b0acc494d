// The translation to Cedar.
//
// Names are matched against lists (protected branches, query patterns) before Cedar is asked, and
// the outcome is passed in the context; Cedar decides by membership and by the context alone.

#include "policy/cedar_text.h"

#include <map>
#include <set>

#include "base/json_writer.h"
#include "policy/cedar.h"

namespace omnigraph::policy {
namespace {

constexpr std::string_view kContext =
    "has_branch: Bool, branch: String, has_target_branch: Bool, target_branch: String, "
    "branch_is_protected: Bool, target_branch_is_protected: Bool";

void AppendEntity(std::string_view type, std::string_view id, std::string& out) {
  out += type;
  out += "::";
  out += QuoteForCedar(id);
}

/// The condition of a rule, empty if it has none.
std::string ConditionOf(const Rule& rule) {
  switch (rule.branch_scope) {
    case BranchScope::kAny:
      break;
    case BranchScope::kProtected:
      return "context.has_branch && context.branch_is_protected";
    case BranchScope::kUnprotected:
      return "context.has_branch && !context.branch_is_protected";
  }
  switch (rule.target_branch_scope) {
    case BranchScope::kAny:
      break;
    case BranchScope::kProtected:
      return "context.has_target_branch && context.target_branch_is_protected";
    case BranchScope::kUnprotected:
      return "context.has_target_branch && !context.target_branch_is_protected";
  }
  if (!rule.queries.has_value()) return {};
  std::string patterns;
  for (const QueryPattern& pattern : *rule.queries) {
    if (!patterns.empty()) patterns += ", ";
    patterns += QuoteForCedar(pattern.text);
  }
  return "context.query_patterns.containsAny([" + patterns + "])";
}

void AppendPolicy(const Rule& rule, Action action, std::string_view graph_id, std::string& out) {
  const ActionInfo& info = InfoOf(action);
  out +=
      "@id(" + QuoteForCedar(rule.id + ":" + std::string(info.name)) + ")\npermit (principal in ";
  AppendEntity(kGroupType, rule.group, out);
  out += ", action == ";
  AppendEntity(kActionType, info.name, out);
  out += ", resource == ";
  if (info.kind == BundleKind::kServer) {
    AppendEntity(kServerType, kServerId, out);
  } else {
    AppendEntity(kGraphType, graph_id, out);
  }
  out += ")";
  const std::string condition = ConditionOf(rule);
  if (!condition.empty()) out += " when { " + condition + " }";
  out += ";\n";
}

void AppendEntityJson(std::string_view type, std::string_view id,
                      const std::set<std::string>& groups, JsonWriter& json) {
  const auto reference = [&json](std::string_view of_type, std::string_view of_id) {
    json.BeginObject().Key("type").String(of_type).Key("id").String(of_id).EndObject();
  };
  json.BeginObject().Key("uid");
  reference(type, id);
  json.Key("attrs").BeginObject().EndObject().Key("parents").BeginArray();
  for (const std::string& group : groups)
    reference(kGroupType, group);
  json.EndArray().EndObject();
}

std::string EntitiesOf(const Bundle& bundle, std::string_view graph_id) {
  std::map<std::string, std::set<std::string>> groups_of_actor;
  for (const auto& [group, members] : bundle.groups) {
    for (const std::string& member : members)
      groups_of_actor[member].insert(group);
  }
  std::string out;
  JsonWriter json(out);
  json.BeginArray();
  for (const auto& [group, members] : bundle.groups)
    AppendEntityJson(kGroupType, group, {}, json);
  for (const auto& [actor, groups] : groups_of_actor) {
    AppendEntityJson(kActorType, actor, groups, json);
  }
  AppendEntityJson(kGraphType, graph_id, {}, json);
  AppendEntityJson(kServerType, kServerId, {}, json);
  json.EndArray();
  return out;
}

}  // namespace

std::string CedarSchema() {
  std::string out =
      "namespace Omnigraph {\n"
      "  entity Group;\n  entity Actor in [Group];\n  entity Graph;\n  entity Server;\n";
  for (const ActionInfo& info : AllActions()) {
    const bool is_server = info.kind == BundleKind::kServer;
    out += "  action " + QuoteForCedar(info.name) + " appliesTo { principal: [Actor], resource: [";
    out += is_server ? "Server" : "Graph";
    out += "], context: { " + std::string(kContext);
    if (info.action == Action::kInvokeQuery) out += ", query_patterns: Set<String>";
    out += " } };\n";
  }
  return out + "}\n";
}

CedarText TranslateBundle(const Bundle& bundle, std::string_view graph_id) {
  CedarText text;
  for (std::size_t i = 0; i < bundle.rules.size(); ++i) {
    for (const Action action : bundle.rules[i].actions) {
      AppendPolicy(bundle.rules[i], action, graph_id, text.policies);
      text.rule_of_policy.push_back(i);
    }
  }
  text.entities_json = EntitiesOf(bundle, graph_id);
  return text;
}

}  // namespace omnigraph::policy
