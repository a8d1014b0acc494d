// Adapter of the Cedar engine behind bridge/bridge.h: compiled policy sets and their decisions.
// Private to this module.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

struct OgCedar;

namespace omnigraph::policy {

/// Names an entity: its type with namespace, and its raw id.
struct CedarEntity {
  std::string_view type;
  std::string_view id;
};

/// One attribute of a request's context: exactly one of the three kinds.
struct CedarAttribute {
  enum class Kind : unsigned char { kBool, kText, kTextSet };

  static CedarAttribute Bool(std::string_view name, bool value) {
    return {name, Kind::kBool, value, {}, {}};
  }
  static CedarAttribute Text(std::string_view name, std::string_view value) {
    return {name, Kind::kText, false, value, {}};
  }
  static CedarAttribute TextSet(std::string_view name, std::span<const std::string_view> values) {
    return {name, Kind::kTextSet, false, {}, values};
  }

  std::string_view name;
  Kind kind;
  bool boolean;
  std::string_view text;
  std::span<const std::string_view> texts;
};

struct CedarRequest {
  CedarEntity principal;
  CedarEntity action;
  CedarEntity resource;
  std::span<const CedarAttribute> context;
};

struct CedarAnswer {
  bool allowed = false;
  /// Places in the policy text of the policies that determined the decision, ascending.
  std::vector<std::uint32_t> determining;
};

/// A policy set that was parsed and strictly validated. Immutable; any thread may ask it.
class CedarPolicySet {
 public:
  /// Compiles Cedar schema text, policy text and entities. Every policy needs an @id.
  /// Errors: `kInvalidArgument` with Cedar's messages.
  static Result<CedarPolicySet> Compile(std::string_view schema, std::string_view policies,
                                        std::string_view entities_json);

  /// Decides a request in microseconds. Errors: `kInternal` if the request does not fit the schema
  /// or a policy failed to evaluate; neither is a decision.
  Result<CedarAnswer> Decide(const CedarRequest& request) const;

 private:
  struct Free {
    void operator()(OgCedar* cedar) const;
  };
  explicit CedarPolicySet(OgCedar* cedar) : cedar_(cedar) {}

  std::unique_ptr<OgCedar, Free> cedar_;
};

/// Renders `text` as a Cedar string literal with its quotes.
std::string QuoteForCedar(std::string_view text);

}  // namespace omnigraph::policy
