// Which variable a name means while the checker walks through nested clause lists (S5.2, S7.7).
// Internal to `query`.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "query/ast.h"
#include "query/checked.h"

namespace omnigraph::query {

/// A name introduced anywhere in an enclosing list is that list's variable, also where the inner
/// list stands before the introduction; *visible*, that is usable in filters, it is only behind it.
class Scope {
 public:
  /// New variables are appended to `variables`, which must outlive the scope.
  explicit Scope(std::vector<Variable>* variables) : variables_(variables) {}

  /// Opens a list: its own names become variables of `pattern`, in order of appearance.
  void Enter(const std::vector<ast::Clause>& clauses, Pattern* pattern);
  /// Closes it: its variables are gone, and nothing it made visible outside stays so.
  void Leave();

  /// The variable of that name in the open lists, or kNone.
  std::uint32_t Find(std::string_view name) const;
  /// As Find, but kNone while it is not visible.
  std::uint32_t FindVisible(std::string_view name) const;
  bool IsVisible(std::uint32_t variable) const { return states_[variable].is_visible; }
  void MakeVisible(std::uint32_t variable);
  /// Whether the innermost open list introduces it.
  bool IsOwn(std::uint32_t variable) const { return states_[variable].depth == lists_.size(); }
  /// A new unnamed variable of the innermost list.
  std::uint32_t AddAnonymous();
  /// The names that are visible now, for suggestions.
  std::vector<std::string_view> VisibleNames() const;

  /// After an error about it nothing more is said about a variable.
  void Poison(std::uint32_t variable) { states_[variable].is_poisoned = true; }
  bool IsPoisoned(std::uint32_t variable) const { return states_[variable].is_poisoned; }

 private:
  struct State {
    std::size_t depth = 0;  // Of the list that introduces it; the outermost is 1.
    bool is_visible = false;
    bool is_poisoned = false;
  };
  struct List {
    std::map<std::string, std::uint32_t, std::less<>> by_name;
    Pattern* pattern;
    std::vector<std::uint32_t> made_visible;
  };
  std::uint32_t Add(const std::string& name);

  std::vector<Variable>* variables_;
  std::vector<State> states_;  // By variable.
  std::vector<List> lists_;
};

}  // namespace omnigraph::query
