// Implements cluster/check_policies.h.

#include "cluster/check_policies.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/strings.h"
#include "cluster/address.h"
#include "cluster/desired_state.h"
#include "cluster/source_finding.h"
#include "policy/bundle.h"
#include "policy/policy_engine.h"

namespace omnigraph::cluster {
namespace {

constexpr std::string_view kClusterScope = "cluster";
constexpr std::string_view kGraphScopePrefix = "graph.";

/// Checks the policies one after the other; remembers which scope is taken.
class PolicyChecker {
 public:
  PolicyChecker(const ConfigFolder& folder, const ConfigFile& config, DesiredState& desired,
                Findings& findings)
      : folder_(folder), config_(config), desired_(desired), findings_(findings) {}

  void Check(const std::string& name, const PolicyEntry& entry) {
    const std::string path = "policies." + name;
    if (!IsResourceId(name)) {
      findings_.Error("invalid_resource_id", path,
                      "the policy name " + Quoted(name) +
                          " must start with a letter or '_' and go on with letters, digits, '_' "
                          "and '-'");
      return;
    }
    const std::set<std::string> scopes = CheckBindings(path, entry.applies_to);
    Result<SourceFile> file = folder_.Read(entry.file, kSourceFileBytesMax);
    if (!file.ok()) {
      findings_.Error("policy_file_missing", path + ".file",
                      "cannot read the policy bundle: " + std::string(file.status().message()));
      return;
    }
    if (file->is_outside) WarnOutside(entry.file, path + ".file", findings_);
    const std::string address = PolicyAddress(name);
    desired_.resources[address] = {ResourceKind::kPolicy, Sha256Hex(file->bytes), entry.file};
    desired_.bindings[address].assign(scopes.begin(), scopes.end());
    for (const std::string& scope : scopes) {
      if (scope != kClusterScope) desired_.dependencies.push_back({address, scope});
    }
    WarnAboutScopes(name, path, scopes);
    CheckContent(name, path, std::move(file->bytes), entry.file, scopes);
  }

 private:
  std::set<std::string> CheckBindings(const std::string& path,
                                      const std::vector<std::string>& applies_to) {
    std::set<std::string> scopes;
    if (applies_to.empty()) {
      findings_.Error("policy_missing_applies_to", path + ".applies_to",
                      "the policy applies to nothing; list 'cluster' or graph ids");
    }
    for (std::size_t i = 0; i < applies_to.size(); ++i) {
      const std::string entry_path = path + ".applies_to[" + std::to_string(i) + "]";
      std::optional<std::string> scope = Normalize(applies_to[i], entry_path);
      if (scope) scopes.insert(*std::move(scope));
    }
    return scopes;
  }

  std::optional<std::string> Normalize(const std::string& entry, const std::string& path) {
    if (entry == kClusterScope) return entry;
    std::string_view graph = entry;
    if (graph.starts_with(kGraphScopePrefix)) {
      graph.remove_prefix(kGraphScopePrefix.size());
    } else if (graph.find('.') != std::string_view::npos) {
      findings_.Error("wrong_kind_reference", path,
                      Quoted(entry) +
                          " is not a graph; a policy applies to 'cluster', '<graph>' "
                          "or 'graph.<graph>'");
      return std::nullopt;
    }
    const auto declared = config_.graphs.find(std::string(graph));
    if (declared == config_.graphs.end()) {
      std::string message = "the graph " + Quoted(graph) + " is not declared under 'graphs'";
      std::vector<std::string_view> ids;
      for (const auto& [id, unused] : config_.graphs)
        ids.push_back(id);
      const std::string_view near = text::DidYouMean(graph, ids);
      if (!near.empty()) message += "; did you mean '" + std::string(near) + "'?";
      findings_.Error("dangling_graph_reference", path, std::move(message));
      return std::nullopt;
    }
    if (!IsResourceId(graph)) return std::nullopt;
    return GraphAddress(graph);
  }

  void WarnAboutScopes(const std::string& name, const std::string& path,
                       const std::set<std::string>& scopes) {
    if (IsMixed(scopes)) {
      findings_.Warn("policy_mixed_binding_kinds", path + ".applies_to",
                     "the bundle is bound to the cluster and to graphs; no server will boot from "
                     "this: split it into two bundles");
    }
    for (const std::string& scope : scopes) {
      const auto [owner, added] = scope_owners_.emplace(scope, name);
      if (added) continue;
      findings_.Warn("duplicate_policy_binding", path + ".applies_to",
                     "the policies '" + owner->second + "' and '" + name + "' are both bound to '" +
                         scope + "'; no server will boot from this: split or merge the bundles");
    }
  }

  static bool IsMixed(const std::set<std::string>& scopes) {
    return scopes.contains(std::string(kClusterScope)) && scopes.size() > 1;
  }

  void CheckContent(const std::string& name, const std::string& path, std::string bytes,
                    const std::string& declared, const std::set<std::string>& scopes) {
    const auto source = std::make_shared<const text::Source>(declared, std::move(bytes));
    policy::BundleReading reading = policy::ReadBundle(source);
    AddSourceErrors(*source, reading.diagnostics, "policy_invalid", path + ".file", findings_);
    // Mixed bindings are a finding of their own: every action would be of the wrong kind somewhere.
    if (!reading.bundle || scopes.empty() || IsMixed(scopes)) return;
    const policy::BundleKind kind = scopes.contains(std::string(kClusterScope))
                                        ? policy::BundleKind::kServer
                                        : policy::BundleKind::kGraph;
    const auto bundle = std::make_shared<const policy::Bundle>(*std::move(reading.bundle));
    const std::vector<text::Diagnostic> misfits = policy::CheckKind(*bundle, kind);
    AddSourceErrors(*source, misfits, "policy_invalid", path + ".file", findings_);
    if (!misfits.empty()) return;
    const policy::Binding binding{
        name, bundle, kind,
        kind == policy::BundleKind::kGraph ? GraphOf(*scopes.begin()) : std::string()};
    const auto compiled = policy::PolicyEngine::Compile({&binding, 1});
    if (!compiled.ok()) {
      findings_.Error("policy_invalid", path + ".file", std::string(compiled.status().message()));
    }
    WarnAboutUnknownQueries(path, *source, *bundle, scopes);
  }

  static std::string GraphOf(const std::string& scope) {
    return scope.substr(kGraphScopePrefix.size());
  }

  void WarnAboutUnknownQueries(const std::string& path, const text::Source& source,
                               const policy::Bundle& bundle, const std::set<std::string>& scopes) {
    for (const policy::QueryPattern& pattern : bundle.LiteralQueries()) {
      const bool is_known =
          std::any_of(scopes.begin(), scopes.end(), [&](const std::string& scope) {
            return scope != kClusterScope &&
                   desired_.resources.contains(QueryAddress(GraphOf(scope), pattern.text));
          });
      if (is_known) continue;
      const text::Position at = source.PositionOf(pattern.span.begin);
      findings_.Warn("policy_unknown_query", path + ".file",
                     source.name() + ":" + std::to_string(at.line) + ":" +
                         std::to_string(at.column) +
                         ": no graph that the bundle is bound to "
                         "declares a query " +
                         Quoted(pattern.text));
    }
  }

  const ConfigFolder& folder_;
  const ConfigFile& config_;
  DesiredState& desired_;
  Findings& findings_;
  std::map<std::string, std::string> scope_owners_;  ///< Policy name by scope.
};

}  // namespace

void CheckPolicies(const ConfigFolder& folder, const ConfigFile& config, DesiredState& desired,
                   Findings& findings) {
  PolicyChecker checker(folder, config, desired, findings);
  for (const auto& [name, entry] : config.policies)
    checker.Check(name, entry);
}

}  // namespace omnigraph::cluster
