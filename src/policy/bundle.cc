// Questions about a bundle that was read: its actors, its queries, where it may be attached.

#include "policy/bundle.h"

#include <set>
#include <utility>

namespace omnigraph::policy {

bool MatchesGlob(std::string_view pattern, std::string_view name) {
  // Greedy with one point of return: only the last star can ever have to take more.
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_end = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::size_t Bundle::actors_count() const {
  std::set<std::string_view> actors;
  for (const auto& [name, members] : groups)
    actors.insert(members.begin(), members.end());
  return actors.size();
}

std::vector<QueryPattern> Bundle::LiteralQueries() const {
  std::vector<QueryPattern> literals;
  for (const Rule& rule : rules) {
    if (!rule.queries.has_value()) continue;
    for (const QueryPattern& pattern : *rule.queries) {
      if (pattern.is_literal()) literals.push_back(pattern);
    }
  }
  return literals;
}

std::vector<text::Diagnostic> CheckKind(const Bundle& bundle, BundleKind attached_to) {
  text::Diagnostics diagnostics;
  const bool to_graph = attached_to == BundleKind::kGraph;
  if (bundle.kind.has_value() && *bundle.kind != attached_to) {
    diagnostics.Error({}, {},
                      to_graph ? "the bundle has 'kind: server', but it is attached to a graph"
                               : "the bundle has 'kind: graph', but it is attached to the server",
                      "attach it elsewhere, or correct 'kind'");
  }
  for (const Rule& rule : bundle.rules) {
    for (const Action action : rule.actions) {
      const ActionInfo& info = InfoOf(action);
      if (info.kind == attached_to) continue;
      const std::string subject = "rule '" + rule.id + "' allows the ";
      const std::string name = "'" + std::string(info.name) + "'";
      if (to_graph) {
        diagnostics.Error(
            {}, rule.span,
            subject + "server-scoped action " + name + ", but the bundle is attached to a graph",
            "move the rule to a bundle that is attached to the server");
      } else {
        diagnostics.Error(
            {}, rule.span,
            subject + "per-graph action " + name + ", but the bundle is attached to the server",
            "move the rule to a bundle that is attached to a graph");
      }
      break;
    }
  }
  return std::move(diagnostics).Take();
}

}  // namespace omnigraph::policy
