// Compiles bundles and decides requests.

#include "policy/policy_engine.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "policy/cedar.h"
#include "policy/cedar_text.h"

namespace omnigraph::policy {
namespace {

/// Lets sets of strings be searched without a copy.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;

std::string DenialText(const Request& request) {
  std::string text = "policy denied action '" + std::string(NameOf(request.action)) + "'";
  if (request.branch.has_value()) text += " on branch '" + std::string(*request.branch) + "'";
  if (request.target_branch.has_value()) {
    text += " targeting branch '" + std::string(*request.target_branch) + "'";
  }
  if (request.actor.has_value()) text += " for actor '" + std::string(*request.actor) + "'";
  return text;
}

Decision Deny(std::string message) {
  return {Outcome::kDeny, {}, std::move(message)};
}

Decision Allow(const Request& request, std::string matched_rule) {
  std::string text = "policy allowed action '" + std::string(NameOf(request.action)) + "'";
  if (request.actor.has_value()) text += " for actor '" + std::string(*request.actor) + "'";
  return {Outcome::kAllow, std::move(matched_rule), std::move(text)};
}

std::string ScopeName(BundleKind kind, std::string_view graph) {
  return kind == BundleKind::kServer ? "the server" : "graph '" + std::string(graph) + "'";
}

/// The decision where no bundle governs the scope.
Decision DecideUngoverned(const Request& request) {
  const BundleKind kind = InfoOf(request.action).kind;
  const bool is_open =
      kind == BundleKind::kGraph && (!request.actor.has_value() || request.action == Action::kRead);
  if (is_open) return Allow(request, {});
  return Deny(DenialText(request) + " (default-deny: no policy bundle governs " +
              ScopeName(kind, request.graph) + ")");
}

}  // namespace

/// One bundle on one scope, ready to decide.
struct PolicyEngine::Compiled {
  std::shared_ptr<const Bundle> bundle;
  TextSet actors;
  TextSet protected_branches;
  std::vector<std::string> query_patterns;  // Distinct, over all rules.
  std::vector<std::size_t> rule_of_policy;
  CedarPolicySet cedar;

  static Result<Compiled> Make(const Binding& binding);
  Result<Decision> Decide(const Request& request) const;

 private:
  bool IsProtected(const std::optional<std::string_view>& branch) const {
    return branch.has_value() && protected_branches.find(*branch) != protected_branches.end();
  }
};

struct PolicyEngine::Scopes {
  std::map<std::string, Compiled, std::less<>> graphs;
  std::optional<Compiled> server;
  std::map<std::string, std::string> names;  // Of the bundle on each scope, for messages.

  const Compiled* Find(BundleKind kind, std::string_view graph) const {
    if (kind == BundleKind::kServer) return server.has_value() ? &*server : nullptr;
    const auto found = graphs.find(graph);
    return found == graphs.end() ? nullptr : &found->second;
  }
};

Result<PolicyEngine::Compiled> PolicyEngine::Compiled::Make(const Binding& binding) {
  const Bundle& bundle = *binding.bundle;
  const std::vector<text::Diagnostic> misfits = CheckKind(bundle, binding.kind);
  if (!misfits.empty()) return text::ToStatus(*bundle.source, misfits);

  CedarText text = TranslateBundle(bundle, binding.graph);
  OG_ASSIGN_OR_RETURN(CedarPolicySet cedar,
                      CedarPolicySet::Compile(CedarSchema(), text.policies, text.entities_json));
  Compiled compiled{binding.bundle, {}, {}, {}, std::move(text.rule_of_policy), std::move(cedar)};
  for (const auto& [group, members] : bundle.groups) {
    compiled.actors.insert(members.begin(), members.end());
  }
  compiled.protected_branches.insert(bundle.protected_branches.begin(),
                                     bundle.protected_branches.end());
  for (const Rule& rule : bundle.rules) {
    if (!rule.queries.has_value()) continue;
    for (const QueryPattern& pattern : *rule.queries) {
      compiled.query_patterns.push_back(pattern.text);
    }
  }
  std::sort(compiled.query_patterns.begin(), compiled.query_patterns.end());
  compiled.query_patterns.erase(
      std::unique(compiled.query_patterns.begin(), compiled.query_patterns.end()),
      compiled.query_patterns.end());
  return compiled;
}

Result<Decision> PolicyEngine::Compiled::Decide(const Request& request) const {
  const ActionInfo& info = InfoOf(request.action);
  const std::string_view actor = *request.actor;
  if (actors.find(actor) == actors.end()) {
    return Deny("policy denied action '" + std::string(info.name) + "' for unknown actor '" +
                std::string(actor) + "'");
  }
  std::vector<std::string_view> patterns;
  if (request.action == Action::kInvokeQuery && request.query.has_value()) {
    for (const std::string& pattern : query_patterns) {
      if (MatchesGlob(pattern, *request.query)) patterns.push_back(pattern);
    }
  }
  const std::array context = {
      CedarAttribute::Bool("has_branch", request.branch.has_value()),
      CedarAttribute::Text("branch", request.branch.value_or("")),
      CedarAttribute::Bool("has_target_branch", request.target_branch.has_value()),
      CedarAttribute::Text("target_branch", request.target_branch.value_or("")),
      CedarAttribute::Bool("branch_is_protected", IsProtected(request.branch)),
      CedarAttribute::Bool("target_branch_is_protected", IsProtected(request.target_branch)),
      CedarAttribute::TextSet("query_patterns", patterns),
  };
  // The last attribute belongs to `invoke_query` alone: Cedar refuses what the schema lacks.
  const bool is_invoke = request.action == Action::kInvokeQuery;
  const bool is_server = info.kind == BundleKind::kServer;
  const CedarRequest question = {
      {kActorType, actor},
      {kActionType, info.name},
      is_server ? CedarEntity{kServerType, kServerId} : CedarEntity{kGraphType, request.graph},
      std::span(context).first(is_invoke ? context.size() : context.size() - 1)};
  OG_ASSIGN_OR_RETURN(const CedarAnswer answer, cedar.Decide(question));
  if (!answer.allowed) return Deny(DenialText(request));

  const std::string* matched_rule = nullptr;
  for (const std::uint32_t ordinal : answer.determining) {
    const std::string& id = bundle->rules[rule_of_policy[ordinal]].id;
    if (matched_rule == nullptr || id < *matched_rule) matched_rule = &id;
  }
  return Allow(request, matched_rule == nullptr ? "" : *matched_rule);
}

PolicyEngine::PolicyEngine() : scopes_(std::make_unique<const Scopes>()) {}
PolicyEngine::PolicyEngine(PolicyEngine&&) noexcept = default;
PolicyEngine& PolicyEngine::operator=(PolicyEngine&&) noexcept = default;
PolicyEngine::~PolicyEngine() = default;

Result<PolicyEngine> PolicyEngine::Compile(std::span<const Binding> bindings) {
  auto scopes = std::make_unique<Scopes>();
  for (const Binding& binding : bindings) {
    const std::string scope = ScopeName(binding.kind, binding.graph);
    const auto [first, added] = scopes->names.emplace(scope, binding.bundle_name);
    if (!added) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "multiple policy bundles bind " + scope + ": '" + first->second +
                               "' and '" + binding.bundle_name +
                               "'; a scope has one bundle, so merge them or unbind one");
    }
    Result<Compiled> compiled = Compiled::Make(binding);
    if (!compiled.ok()) {
      return Status(compiled.status())
          .WithContext("policy bundle '" + binding.bundle_name + "' for " + scope);
    }
    if (binding.kind == BundleKind::kServer) {
      scopes->server.emplace(*std::move(compiled));
    } else {
      scopes->graphs.emplace(binding.graph, *std::move(compiled));
    }
  }
  PolicyEngine engine;
  engine.scopes_ = std::move(scopes);
  return engine;
}

Result<Decision> PolicyEngine::Decide(const Request& request) const {
  const BundleKind kind = InfoOf(request.action).kind;
  const Compiled* compiled = scopes_->Find(kind, request.graph);
  if (compiled == nullptr) return DecideUngoverned(request);
  if (!request.actor.has_value()) {
    return Decision{Outcome::kActorMissing,
                    {},
                    "policy denied action '" + std::string(NameOf(request.action)) +
                        "': a policy bundle governs " + ScopeName(kind, request.graph) +
                        " and there is no actor; say who asks"};
  }
  return compiled->Decide(request);
}

bool PolicyEngine::Governs(std::string_view graph) const {
  return scopes_->Find(BundleKind::kGraph, graph) != nullptr;
}

bool PolicyEngine::GovernsServer() const {
  return scopes_->Find(BundleKind::kServer, {}) != nullptr;
}

QueryExposure PolicyEngine::ExposureOf(std::string_view graph) const {
  const Compiled* compiled = scopes_->Find(BundleKind::kGraph, graph);
  return compiled == nullptr ? QueryExposure::kAll : compiled->bundle->query_exposure;
}

std::string RenderExplanation(const Request& request, const Decision& decision) {
  std::string text = decision.allowed() ? "decision: allow\n" : "decision: deny\n";
  const auto line = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\n");
  };
  if (request.actor.has_value()) line("actor", *request.actor);
  line("action", NameOf(request.action));
  if (request.branch.has_value()) line("branch", *request.branch);
  if (request.target_branch.has_value()) line("target_branch", *request.target_branch);
  if (request.query.has_value()) line("query", *request.query);
  if (!decision.matched_rule.empty()) line("matched_rule", decision.matched_rule);
  line("message", decision.message);
  return text;
}

}  // namespace omnigraph::policy
