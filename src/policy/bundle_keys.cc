// Implements policy/bundle_keys.h and the JSON Schema of bundles.

#include "policy/bundle_keys.h"

#include <array>
#include <string>

#include "policy/action.h"
#include "policy/bundle.h"

namespace omnigraph::policy {
namespace {

using text::YamlKeyRow;
using text::YamlShape;

constexpr std::string_view kScopes = "any protected unprotected";

/// The names of all actions, separated by blanks.
const std::string& ActionNames() {
  static const std::string kNames = [] {
    std::string names;
    for (const ActionInfo& info : AllActions())
      names.append(names.empty() ? "" : " ").append(info.name);
    return names;
  }();
  return kNames;
}

}  // namespace

std::span<const YamlKeyRow> BundleKeys() {
  static const auto kRows = std::to_array<YamlKeyRow>({
      {"version", YamlShape::kInteger, true, "The version of this format.", "1"},
      {"kind", YamlShape::kText, false, "Whether the bundle governs graphs or the server.",
       "graph server"},
      {"groups", YamlShape::kGroups, false, "Groups of actors: a name and the ids of its members."},
      {"protected_branches", YamlShape::kTexts, false, "Branches that rules can tell apart."},
      {"query_exposure", YamlShape::kText, false,
       "Which stored queries are listed: all, or those that the actor may call.", "all policy"},
      {"rules", YamlShape::kItems, false, "What is allowed; everything else is denied."},
      {"rules.[].id", YamlShape::kText, true, "The name of the rule, unique in the bundle."},
      {"rules.[].allow", YamlShape::kMapping, true, "Who may do what, and where."},
      {"rules.[].allow.actors", YamlShape::kMapping, true, "Who."},
      {"rules.[].allow.actors.group", YamlShape::kText, true, "A group of this bundle."},
      {"rules.[].allow.actions", YamlShape::kSomeTexts, true, "What.", ActionNames()},
      {"rules.[].allow.branch_scope", YamlShape::kText, false,
       "On which branches; for actions on one branch.", kScopes},
      {"rules.[].allow.target_branch_scope", YamlShape::kText, false,
       "Into which branches; for actions with a target.", kScopes},
      {"rules.[].allow.queries", YamlShape::kSomeTexts, false,
       "Which stored queries, by name or glob; only with the action invoke_query."},
  });
  return kRows;
}

std::string BundleJsonSchema() {
  return text::JsonSchemaOf(BundleKeys(), "Policy bundle",
                            "Who may do what on the graphs that an OmniGraph policy governs.");
}

}  // namespace omnigraph::policy
