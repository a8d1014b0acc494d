// The table of actions.

#include "policy/action.h"

#include <algorithm>
#include <array>
#include <string>

namespace omnigraph::policy {
namespace {

constexpr std::array kActions = {
    ActionInfo{Action::kRead, "read", BundleKind::kGraph, ScopeKey::kBranch},
    ActionInfo{Action::kExport, "export", BundleKind::kGraph, ScopeKey::kBranch},
    ActionInfo{Action::kChange, "change", BundleKind::kGraph, ScopeKey::kBranch},
    ActionInfo{Action::kSchemaApply, "schema_apply", BundleKind::kGraph, ScopeKey::kTargetBranch},
    ActionInfo{Action::kBranchCreate, "branch_create", BundleKind::kGraph, ScopeKey::kTargetBranch},
    ActionInfo{Action::kBranchDelete, "branch_delete", BundleKind::kGraph, ScopeKey::kTargetBranch},
    ActionInfo{Action::kBranchMerge, "branch_merge", BundleKind::kGraph, ScopeKey::kTargetBranch},
    ActionInfo{Action::kInvokeQuery, "invoke_query", BundleKind::kGraph, ScopeKey::kNone},
    ActionInfo{Action::kAdmin, "admin", BundleKind::kGraph, ScopeKey::kNone},
    ActionInfo{Action::kGraphList, "graph_list", BundleKind::kServer, ScopeKey::kNone},
    ActionInfo{Action::kClusterReload, "cluster_reload", BundleKind::kServer, ScopeKey::kNone},
};

}  // namespace

std::span<const ActionInfo> AllActions() {
  return kActions;
}

const ActionInfo& InfoOf(Action action) {
  return kActions[static_cast<std::size_t>(action)];
}

std::string_view NameOf(Action action) {
  return InfoOf(action).name;
}

std::optional<Action> FindAction(std::string_view name) {
  const auto found = std::find_if(kActions.begin(), kActions.end(),
                                  [&](const ActionInfo& info) { return info.name == name; });
  if (found == kActions.end()) return std::nullopt;
  return found->action;
}

std::optional<Action> FindActionArgument(std::string_view name) {
  std::string spelled(name);
  std::replace(spelled.begin(), spelled.end(), '-', '_');
  return FindAction(spelled);
}

}  // namespace omnigraph::policy
