// Loads: records in a JSON body, and strict lines.

#include <algorithm>
#include <cstring>

#include "base/strings.h"
#include "server/answers.h"
#include "server/call.h"
#include "server/conditions.h"
#include "server/handlers.h"
#include "server/reply.h"

namespace omnigraph::server {

namespace {

struct LoadBody {
  std::string data;
  engine::LoadMode mode = engine::LoadMode::kMerge;
  std::string branch;
  std::optional<std::string> from;
  bool ignores_unknown = false;
  bool is_strict = false;
};

/// Where the records go, and how.
std::optional<net::HttpResponse> ReadTarget(const std::optional<std::string>& branch,
                                            const std::optional<std::string>& from,
                                            const std::optional<std::string>& mode,
                                            LoadBody& body) {
  if (mode) {
    const auto known = engine::FindLoadMode(*mode);
    if (!known) {
      return ErrorReply(422, "mode " + Quoted(*mode) + " is none of overwrite, append, merge");
    }
    body.mode = *known;
  }
  if (auto refusal = ReadBranch(branch, "main", body.branch)) return refusal;
  if (!from) return std::nullopt;
  return ReadBranch(from, "", body.from.emplace());
}

std::optional<net::HttpResponse> ReadLoadBody(const Call& call, LoadBody& body) {
  std::optional<std::string> data;
  std::optional<std::string> branch;
  std::optional<std::string> from;
  std::optional<std::string> mode;
  std::optional<bool> ignores_unknown;
  if (auto refusal = call.ReadBody({{"data", &data, true},
                                    {"branch", &branch},
                                    {"from", &from},
                                    {"mode", &mode},
                                    {"ignore_unknown", &ignores_unknown}})) {
    return refusal;
  }
  if (auto refusal = ReadTarget(branch, from, mode, body)) return refusal;
  body.data = *std::move(data);
  body.ignores_unknown = ignores_unknown.value_or(false);
  return std::nullopt;
}

/// As `ReadLoadBody`, without the lines themselves: the rest is in the query of the address.
std::optional<net::HttpResponse> ReadLinesTarget(const Call& call, LoadBody& body) {
  std::optional<std::string> branch;
  std::optional<std::string> from;
  std::optional<std::string> mode;
  std::optional<std::string> ignores_unknown;
  if (auto refusal = call.ReadParameter("branch", branch)) return refusal;
  if (auto refusal = call.ReadParameter("from", from)) return refusal;
  if (auto refusal = call.ReadParameter("mode", mode)) return refusal;
  if (auto refusal = call.ReadParameter("ignore_unknown", ignores_unknown)) return refusal;
  if (ignores_unknown && *ignores_unknown != "true" && *ignores_unknown != "false") {
    return ErrorReply(
        400, "ignore_unknown is " + Quoted(*ignores_unknown) + "; it must be true or false");
  }
  body.ignores_unknown = ignores_unknown == "true";
  body.is_strict = true;
  return ReadTarget(branch, from, mode, body);
}

/// Delivers a text in pieces.
engine::ByteReader ReaderOf(const std::string& text) {
  return [&text, at = std::size_t{0}](char* buffer, std::size_t size_bytes_max) mutable {
    const std::size_t count = std::min(size_bytes_max, text.size() - at);
    std::memcpy(buffer, text.data() + at, count);
    at += count;
    return Result<std::size_t>(count);
  };
}

/// A load into a missing branch: says what would create it.
net::HttpResponse LoadFailure(const Status& failure, const LoadBody& body) {
  const bool lacks_branch = failure.code() == ErrorCode::kNotFound && !body.from;
  const std::string message(failure.message());
  if (!lacks_branch || message.find("pass `from`") != std::string::npos) return ErrorReply(failure);
  return ErrorReply(404, message + "; pass `from` to create it");
}

net::HttpResponse LoadInto(Call& call, const LoadBody& body) {
  engine::LoadRequest request;
  if (auto refusal = ReadConditions(call, request.conditions)) return *std::move(refusal);
  if (auto refusal = call.Refused({.action = policy::Action::kChange, .branch = body.branch})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(body.data.size(), place)) return *std::move(refusal);

  request.source_name = "body";
  request.read = ReaderOf(body.data);
  request.mode = body.mode;
  request.branch = body.branch;
  request.from = body.from;
  request.ignore_unknown = body.ignores_unknown;
  request.is_strict = body.is_strict;
  const auto answer = call.graph().Load(call.caller(), request);
  // Only the engine knows whether the branch is missing; it asks the same policies.
  const bool is_fork_decided =
      answer.ok() ? answer->branch_created : answer.status().code() == ErrorCode::kPermissionDenied;
  if (is_fork_decided) {
    call.LogEngineDecision({.action = policy::Action::kBranchCreate,
                            .branch = body.from,
                            .target_branch = body.branch},
                           answer.status());
  }
  if (!answer.ok()) return LoadFailure(answer.status(), body);
  return JsonReply(LoadOutput(*answer, {.uri = call.served().uri,
                                        .from = body.from,
                                        .actor = call.actor(),
                                        .tells_ignored = body.ignores_unknown,
                                        .tells_entities = body.is_strict}));
}

}  // namespace

net::HttpResponse Load(Call& call) {
  LoadBody body;
  if (auto refusal = ReadLoadBody(call, body)) return *std::move(refusal);
  return LoadInto(call, body);
}

net::HttpResponse LoadLines(Call& call) {
  LoadBody body;
  if (auto refusal = ReadLinesTarget(call, body)) return *std::move(refusal);
  body.data = std::string(call.request().body);
  return LoadInto(call, body);
}

std::optional<net::HttpResponse> CheckLoadLines(const Call& call) {
  LoadBody body;
  if (auto refusal = ReadLinesTarget(call, body)) return refusal;
  const Ask ask = {.action = policy::Action::kChange, .branch = body.branch};
  // The handler asks again, and only one of the two decisions belongs into the log.
  if (call.WouldAllow(ask)) return std::nullopt;
  return call.Refused(ask);
}

}  // namespace omnigraph::server
