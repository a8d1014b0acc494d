// Decides who may do what: every bundle of a server or of one embedded graph, compiled once.
//
// The HTTP gate and the engine gate ask the same object per request, so they cannot disagree.
// Thread safety: immutable after `Compile`; any number of threads may ask at the same time.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "policy/action.h"
#include "policy/bundle.h"

namespace omnigraph::policy {

/// Says what a bundle governs.
struct Binding {
  std::string bundle_name;  ///< For messages: the catalog name or the file.
  std::shared_ptr<const Bundle> bundle;
  BundleKind kind = BundleKind::kGraph;
  std::string graph;  ///< The graph's id; empty if `kind` is the server.
};

/// What is asked. Views must outlive only the call.
struct Request {
  Action action = Action::kRead;
  std::string_view graph{};  ///< Ignored for server actions.
  std::optional<std::string_view> actor{};
  std::optional<std::string_view> branch{};  ///< As the engine spells it: already trimmed.
  std::optional<std::string_view> target_branch{};
  std::optional<std::string_view> query{};  ///< `kInvokeQuery`: the name that was asked for.
};

enum class Outcome : unsigned char {
  kAllow,
  kDeny,
  kActorMissing,  ///< A bundle governs the scope and nobody says who asks: 401 or a refusal.
};

struct Decision {
  Outcome outcome = Outcome::kDeny;
  std::string matched_rule;  ///< Smallest id, by bytes, of the rules that allow; else empty.
  std::string message;       ///< Clients match on it: "policy denied action 'change' on branch …".

  bool allowed() const { return outcome == Outcome::kAllow; }
};

class PolicyEngine {
 public:
  /// Compiles every binding.
  ///
  /// Errors, all `kInvalidArgument` and naming the bundle: a bundle that does not fit the kind of
  /// its scope; two bundles on one scope; a set that Cedar refuses (`policy validation failed`).
  /// Cost: about a millisecond per binding.
  static Result<PolicyEngine> Compile(std::span<const Binding> bindings);

  /// An engine without bundles: every server action is denied, see `Decide`.
  PolicyEngine();
  PolicyEngine(PolicyEngine&&) noexcept;
  PolicyEngine& operator=(PolicyEngine&&) noexcept;
  ~PolicyEngine();

  /// Decides one request, in microseconds.
  ///
  /// Without a bundle on the scope: a server action is denied; a graph action is allowed without
  /// an actor (open mode) and for `read`, else denied ("default-deny"). With a bundle, a request
  /// without an actor is `kActorMissing`, and an actor of no group is denied.
  ///
  /// Errors: `kInternal` if the evaluation failed. That is not a decision.
  Result<Decision> Decide(const Request& request) const;

  /// Says whether a bundle governs `graph`. The embedded gate asks only then.
  bool Governs(std::string_view graph) const;
  bool GovernsServer() const;

  /// How the stored queries of `graph` are listed; `kAll` without a bundle.
  QueryExposure ExposureOf(std::string_view graph) const;

 private:
  struct Compiled;
  struct Scopes;
  std::unique_ptr<const Scopes> scopes_;
};

/// The text that `policy explain` prints: one `name: value` line per fact, optional ones only if
/// present, with a line break at the end.
std::string RenderExplanation(const Request& request, const Decision& decision);

}  // namespace omnigraph::policy
