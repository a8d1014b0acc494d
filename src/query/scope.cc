// Implements query/scope.h.

#include "query/scope.h"

namespace omnigraph::query {

std::uint32_t Scope::Add(const std::string& name) {
  const auto ordinal = static_cast<std::uint32_t>(variables_->size());
  variables_->push_back({name, VariableKind::kNode, kNone});
  states_.push_back({lists_.size(), false, false});
  lists_.back().pattern->variables.push_back(ordinal);
  return ordinal;
}

void Scope::Enter(const std::vector<ast::Clause>& clauses, Pattern* pattern) {
  lists_.push_back({{}, pattern, {}});
  const auto declare = [&](const Name& name) {
    if (name.text == "_" || Find(name.text) != kNone) return;
    lists_.back().by_name.emplace(name.text, Add(name.text));
  };
  for (const ast::Clause& clause : clauses) {
    if (const auto* binding = std::get_if<ast::Binding>(&clause.item)) {
      declare(binding->variable);
    } else if (const auto* traversal = std::get_if<ast::Traversal>(&clause.item)) {
      declare(traversal->left);
      if (traversal->edge_variable) declare(*traversal->edge_variable);
      declare(traversal->right);
    }
  }
}

void Scope::Leave() {
  for (const std::uint32_t variable : lists_.back().made_visible) {
    states_[variable].is_visible = false;
  }
  lists_.pop_back();
}

void Scope::MakeVisible(std::uint32_t variable) {
  if (states_[variable].is_visible) return;
  states_[variable].is_visible = true;
  lists_.back().made_visible.push_back(variable);
}

std::uint32_t Scope::Find(std::string_view name) const {
  for (auto list = lists_.rbegin(); list != lists_.rend(); ++list) {
    const auto found = list->by_name.find(name);
    if (found != list->by_name.end()) return found->second;
  }
  return kNone;
}

std::uint32_t Scope::FindVisible(std::string_view name) const {
  const std::uint32_t variable = Find(name);
  return variable != kNone && states_[variable].is_visible ? variable : kNone;
}

std::uint32_t Scope::AddAnonymous() {
  const std::uint32_t variable = Add("");
  MakeVisible(variable);
  return variable;
}

std::vector<std::string_view> Scope::VisibleNames() const {
  std::vector<std::string_view> names;
  for (const List& list : lists_) {
    for (const auto& [name, ordinal] : list.by_name) {
      if (states_[ordinal].is_visible) names.push_back(name);
    }
  }
  return names;
}

}  // namespace omnigraph::query
