// Translates a bundle to Cedar: schema, policies and entities. Private to this module.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "policy/bundle.h"

namespace omnigraph::policy {

inline constexpr std::string_view kActorType = "Omnigraph::Actor";
inline constexpr std::string_view kGroupType = "Omnigraph::Group";
inline constexpr std::string_view kGraphType = "Omnigraph::Graph";
inline constexpr std::string_view kServerType = "Omnigraph::Server";
inline constexpr std::string_view kActionType = "Omnigraph::Action";
inline constexpr std::string_view kServerId = "root";

/// The Cedar form of a bundle for one scope.
struct CedarText {
  std::string policies;
  std::string entities_json;
  /// By place in the policy text: the rule that the policy comes from, an index of Bundle::rules.
  std::vector<std::size_t> rule_of_policy;
};

/// The schema that all bundles share.
std::string CedarSchema();

/// Translates `bundle` for the graph `graph_id`: one permit per rule and action, in the order of
/// the file. A bundle for the server is translated with any id.
CedarText TranslateBundle(const Bundle& bundle, std::string_view graph_id);

}  // namespace omnigraph::policy
