// The gate of a request.

#include "server/call.h"

#include "base/strings.h"
#include "net/url.h"
#include "server/metrics.h"
#include "server/reply.h"

namespace omnigraph::server {

engine::Caller Call::caller() const {
  engine::Caller caller;
  caller.actor = parts_.actor;
  // The flag lives as long as the request; nothing owns it here.
  caller.is_cancelled = std::shared_ptr<const std::atomic<bool>>(std::shared_ptr<const void>(),
                                                                 parts_.request.is_cancelled);
  return caller;
}

engine::Caller Call::query_caller() const {
  engine::Caller bounded = caller();
  if (parts_.query_time_max) bounded.deadline = Deadline::After(*parts_.query_time_max);
  return bounded;
}

std::optional<net::HttpResponse> Call::ReadArgument(std::string& argument) const {
  auto decoded = net::PercentDecode(parts_.argument);
  if (!decoded.ok()) return ErrorReply(decoded.status());
  if (!IsValidUtf8(*decoded)) return ErrorReply(400, "the path is not UTF-8");
  argument = *std::move(decoded);
  return std::nullopt;
}

std::optional<net::HttpResponse> Call::ReadParameter(std::string_view name,
                                                     std::optional<std::string>& value) const {
  const auto pairs = net::ParseQueryString(parts_.request.query);
  if (!pairs.ok()) return ErrorReply(pairs.status());
  bool is_seen = false;
  for (const auto& [key, text] : *pairs) {
    if (key != name) continue;
    if (is_seen) return ErrorReply(400, "the parameter '" + key + "' is given twice");
    is_seen = true;
    value = text;
  }
  return std::nullopt;
}

std::optional<net::HttpResponse> Call::ReadBody(std::initializer_list<BodyField> fields) const {
  const auto problem = ReadJsonBody(parts_.request.body, {fields.begin(), fields.size()});
  if (!problem) return std::nullopt;
  return ErrorReply(problem->status, problem->message);
}

Result<policy::Decision> Call::Decide(const Ask& ask) const {
  policy::Request request;
  request.action = ask.action;
  if (parts_.served != nullptr) request.graph = parts_.served->id;
  if (parts_.actor) request.actor = *parts_.actor;
  request.branch = ask.branch;
  request.target_branch = ask.target_branch;
  request.query = ask.query;
  return parts_.site.policies->Decide(request);
}

std::optional<net::HttpResponse> Call::Refused(const Ask& ask) const {
  const bool is_graph_action = policy::InfoOf(ask.action).kind == policy::BundleKind::kGraph;
  if (parts_.site.access == AccessMode::kOpen && is_graph_action) return std::nullopt;
  const auto decision = Decide(ask);
  if (!decision.ok()) {
    return ErrorReply(500, "policy: " + std::string(decision.status().message()));
  }
  LogDecision(ask, decision->allowed(), decision->matched_rule);
  if (decision->allowed()) return std::nullopt;
  if (decision->outcome == policy::Outcome::kActorMissing) {
    return ErrorReply(401, "missing bearer token");
  }
  return ErrorReply(403, decision->message);
}

void Call::LogEngineDecision(const Ask& ask, const Status& outcome) const {
  if (parts_.site.access == AccessMode::kOpen) return;
  if (!outcome.ok() && outcome.code() != ErrorCode::kPermissionDenied) return;
  const auto decision = Decide(ask);
  LogDecision(ask, outcome.ok(), decision.ok() && outcome.ok() ? decision->matched_rule : "");
}

void Call::LogDecision(const Ask& ask, bool is_allowed, std::string_view rule) const {
  parts_.log.Write(LogLevel::kInfo, "policy decision",
                   {{"graph", parts_.served == nullptr ? std::string_view() : parts_.served->id},
                    {"actor_id", parts_.actor ? std::string_view(*parts_.actor) : ""},
                    {"action", policy::NameOf(ask.action)},
                    {"branch", ask.branch.value_or("")},
                    {"target_branch", ask.target_branch.value_or("")},
                    {"query", ask.query.value_or("")},
                    {"allowed", is_allowed ? "true" : "false"},
                    {"matched_rule_id", rule}});
}

bool Call::WouldAllow(const Ask& ask) const {
  if (parts_.site.access == AccessMode::kOpen) return true;
  const auto decision = Decide(ask);
  return decision.ok() && decision->allowed();
}

std::optional<net::HttpResponse> Call::Admit(std::uint64_t size_bytes,
                                             std::optional<AdmissionControl::Place>& place) const {
  auto admitted = parts_.admission.Admit(parts_.actor ? *parts_.actor : "", size_bytes);
  if (!admitted.ok()) {
    parts_.metrics.CountAdmissionRefusal();
    return ErrorReply(429, admitted.status().message());
  }
  place.emplace(*std::move(admitted));
  return std::nullopt;
}

std::optional<net::HttpResponse> ReadBranch(const std::optional<std::string>& given,
                                            std::string_view fallback, std::string& branch) {
  branch = given ? TrimSpace(*given) : fallback;
  if (!branch.empty()) return std::nullopt;
  return ErrorReply(400, "branch name cannot be empty");
}

}  // namespace omnigraph::server
