// The headers that tie a write to the state that its caller knows, and what a read may name instead
// of a branch.

#pragma once

#include <optional>
#include <string>

#include "engine/engine.h"
#include "net/http_message.h"
#include "policy/action.h"

namespace omnigraph::server {

class Call;

/// Routes whose path ends so demand `Omnigraph-If-Graph-Commit`, all others refuse it: a server
/// that does not know the header would ignore it, one that does not know the route answers 404.
inline constexpr std::string_view kConditionalSuffix = "/if-graph-commit";

/// Reads `Omnigraph-If-Graph-Commit` (one bare commit id) and `Idempotency-Key`, or answers 400.
std::optional<net::HttpResponse> ReadConditions(const Call& call,
                                                engine::WriteConditions& conditions);

/// Where a read looks, as the request says.
struct TargetFields {
  std::optional<std::string> branch;
  std::optional<std::string> snapshot;
};

/// Answers 400 if both are given, or a blank one.
std::optional<net::HttpResponse> ReadTargetOf(const TargetFields& fields,
                                              engine::ReadTarget& target);

/// Asks for `action` on the branch, or for a snapshot on the branch that its commit was made on.
std::optional<net::HttpResponse> RefusedAt(const Call& call, policy::Action action,
                                           const engine::ReadTarget& target);

}  // namespace omnigraph::server
