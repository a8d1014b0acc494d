// A policy bundle: one YAML file with groups of actors, protected branches and allow rules.
//
// Allow-only: what no rule permits is denied. A bundle governs one scope, a graph or the server.

#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "policy/action.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::policy {

/// Which branches a rule covers. A request without the branch matches only `kAny`.
enum class BranchScope : unsigned char { kAny, kProtected, kUnprotected };

/// What a listing of stored queries shows to an actor who may read the graph.
enum class QueryExposure : unsigned char {
  kAll,     ///< Every exposed query.
  kPolicy,  ///< Only queries that the actor may invoke.
};

/// A rule's entry under `queries`: a name, or a glob with `*` (any characters) and `?` (one).
struct QueryPattern {
  std::string text;
  text::Span span;

  bool is_literal() const { return text.find_first_of("*?") == std::string::npos; }
};

/// Says whether `name` matches `pattern` as a whole. Cost: O(name * pattern) at worst.
bool MatchesGlob(std::string_view pattern, std::string_view name);

struct Rule {
  std::string id;
  text::Span span;              ///< Of the id.
  std::string group;            ///< Names a group of the bundle.
  std::vector<Action> actions;  ///< Distinct, in the order of the file; at least one.
  BranchScope branch_scope = BranchScope::kAny;
  BranchScope target_branch_scope = BranchScope::kAny;
  /// Only for `invoke_query`: the queries it covers. Absent: every query, named or not.
  std::optional<std::vector<QueryPattern>> queries;
};

/// A bundle that passed every check of its own. Whether it fits where it is attached is asked with
/// `CheckKind`.
struct Bundle {
  std::shared_ptr<const text::Source> source;
  std::optional<BundleKind> kind;                          ///< The optional `kind` key.
  std::map<std::string, std::vector<std::string>> groups;  ///< Members are distinct per group.
  std::vector<std::string> protected_branches;
  std::vector<Rule> rules;  ///< In the order of the file.
  QueryExposure query_exposure = QueryExposure::kAll;

  /// Distinct actor ids over all groups.
  std::size_t actors_count() const;

  /// The patterns under `queries` without wildcards, for checks that such queries exist.
  std::vector<QueryPattern> LiteralQueries() const;
};

/// The outcome of reading a bundle: a bundle, or every error that was found, in file order.
struct BundleReading {
  std::optional<Bundle> bundle;
  std::vector<text::Diagnostic> diagnostics;
};

/// Reads and checks a bundle: YAML, keys and types, references, actions and their scopes. Unknown
/// keys are errors, because a mistyped scope would widen access; `kind: graph|server` is accepted.
///
/// Actor ids, group names and protected branches are trimmed. An action listed twice counts once.
BundleReading ReadBundle(std::shared_ptr<const text::Source> source);

/// The JSON Schema of bundles, for editors.
std::string BundleJsonSchema();

/// As `ReadBundle`, with the errors rendered into one status (`kInvalidArgument`).
Result<Bundle> ParseBundle(std::string name, std::string yaml);

/// Says why `bundle` cannot govern a scope of kind `attached_to`: actions of the other kind, or a
/// `kind` key that disagrees. Empty if it can.
std::vector<text::Diagnostic> CheckKind(const Bundle& bundle, BundleKind attached_to);

}  // namespace omnigraph::policy
