// Implements server/conditions.h.

#include "server/conditions.h"

#include "base/clock.h"
#include "base/strings.h"
#include "server/call.h"
#include "server/reply.h"

namespace omnigraph::server {
namespace {

constexpr std::string_view kCommitHeader = "omnigraph-if-graph-commit";
constexpr std::string_view kKeyHeader = "idempotency-key";

}  // namespace

std::optional<net::HttpResponse> ReadConditions(const Call& call,
                                                engine::WriteConditions& conditions) {
  const net::HttpRequest& request = call.request();
  const bool is_conditional = call.route().path.ends_with(kConditionalSuffix);
  const std::size_t count = request.HeaderCount(kCommitHeader);
  if (!is_conditional && count > 0) {
    return ErrorReply(400,
                      "the header Omnigraph-If-Graph-Commit belongs to the routes that end in " +
                          std::string(kConditionalSuffix) + "; nothing was executed");
  }
  if (is_conditional) {
    const std::string_view id =
        count == 1 ? TrimSpace(*request.Header(kCommitHeader)) : std::string_view();
    if (!IsUlid(id)) {
      return ErrorReply(400,
                        "the header Omnigraph-If-Graph-Commit must be there once and hold one "
                        "bare commit id, as reads answer it in graph_commit_id: no quotes, no W/, "
                        "no *, no list");
    }
    conditions.expected_commit = id;
  }
  if (request.HeaderCount(kKeyHeader) > 1) {
    return ErrorReply(400, "the header Idempotency-Key is given twice");
  }
  if (const auto key = request.Header(kKeyHeader)) {
    conditions.idempotency_key = TrimSpace(*key);
    if (conditions.idempotency_key.empty()) {
      return ErrorReply(400, "the header Idempotency-Key is blank");
    }
  }
  return std::nullopt;
}

std::optional<net::HttpResponse> ReadTargetOf(const TargetFields& fields,
                                              engine::ReadTarget& target) {
  if (fields.branch && fields.snapshot) {
    return ErrorReply(400, "a read takes branch or snapshot, not both");
  }
  if (!fields.snapshot) return ReadBranch(fields.branch, "main", target.branch);
  target.branch.clear();
  target.snapshot = TrimSpace(*fields.snapshot);
  if (!target.snapshot.empty()) return std::nullopt;
  return ErrorReply(400, "snapshot cannot be empty: give the id of a commit, or a tag");
}

std::optional<net::HttpResponse> RefusedAt(const Call& call, policy::Action action,
                                           const engine::ReadTarget& target) {
  if (target.snapshot.empty()) return call.Refused({.action = action, .branch = target.branch});
  if (!call.site().policies->Governs(call.served().id)) return call.Refused({.action = action});
  const auto commit = call.graph().ShowCommit(call.caller(), target.snapshot);
  if (commit.ok()) {
    const std::string branch = commit->manifest_branch.value_or("main");
    return call.Refused({.action = action, .branch = branch});
  }
  // Who may not even read main does not learn which commits exist.
  if (auto refusal = call.Refused({.action = action, .branch = "main"})) return refusal;
  return ErrorReply(commit.status());
}

}  // namespace omnigraph::server
