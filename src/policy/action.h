// The actions that a policy governs: one table that parsing, validation, compilation and the
// callers share.

#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace omnigraph::policy {

/// What an actor asks to do. The order is that of the documentation; it has no meaning.
enum class Action : unsigned char {
  kRead,
  kExport,
  kChange,
  kSchemaApply,
  kBranchCreate,
  kBranchDelete,
  kBranchMerge,
  kInvokeQuery,
  kAdmin,  ///< Reserved: legal in rules, consulted by nothing.
  kGraphList,
  kClusterReload,
};

/// What a bundle governs and what an action is done to: one graph, or the server as a whole.
enum class BundleKind : unsigned char { kGraph, kServer };

/// The scope key that a rule with an action may carry.
enum class ScopeKey : unsigned char {
  kNone,
  kBranch,        ///< `branch_scope`: the branch that is read or worked on.
  kTargetBranch,  ///< `target_branch_scope`: the branch that is created, deleted or merged into.
};

struct ActionInfo {
  Action action;
  std::string_view name;  ///< As in bundles and messages: `branch_merge`.
  BundleKind kind;
  ScopeKey scope_key;
};

/// Every action, in the order of the enumeration.
std::span<const ActionInfo> AllActions();

const ActionInfo& InfoOf(Action action);
std::string_view NameOf(Action action);

/// Finds an action by its exact name.
std::optional<Action> FindAction(std::string_view name);

/// As `FindAction`, for command line arguments: `branch-merge` is taken for `branch_merge`.
std::optional<Action> FindActionArgument(std::string_view name);

}  // namespace omnigraph::policy
