// Branches.

#include "base/json_writer.h"
#include "server/answers.h"
#include "server/call.h"
#include "server/conditions.h"
#include "server/handlers.h"
#include "server/reply.h"
#include "server/starting_point.h"

namespace omnigraph::server {

namespace {

/// What admission counts for a change of branches.
constexpr std::uint64_t kBranchChangeBytes = 256;

}  // namespace

net::HttpResponse ListBranches(Call& call) {
  if (auto refusal = call.Refused({.action = policy::Action::kRead})) return *std::move(refusal);
  const auto branches = call.graph().ListBranches(call.caller());
  if (!branches.ok()) return ErrorReply(branches.status());
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("branches").BeginArray();
  for (const std::string& name : *branches)
    json.String(name);
  json.EndArray().EndObject();
  return JsonReply(std::move(out));
}

namespace {

/// What every change of branches answers, `from` for creations only.
net::HttpResponse BranchReply(const Call& call, const std::string& name,
                              const std::optional<std::string>& from) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(call.served().uri);
  if (from) json.Key("from").String(*from);
  json.Key("name").String(name).Key("actor_id");
  if (call.actor()) {
    json.String(*call.actor());
  } else {
    json.Null();
  }
  json.EndObject();
  return JsonReply(std::move(out));
}

}  // namespace

net::HttpResponse CreateBranch(Call& call) {
  std::optional<std::string> given_name;
  std::optional<std::string> given_from;
  if (auto refusal = call.ReadBody({{"name", &given_name, true}, {"from", &given_from}})) {
    return *std::move(refusal);
  }
  std::string name;
  std::string from;
  if (auto refusal = ReadBranch(given_name, "", name)) return *std::move(refusal);
  if (auto refusal = ReadBranch(given_from, "main", from)) return *std::move(refusal);
  const std::string source = BranchOfStart(call, from, name);
  if (auto refusal = call.Refused(
          {.action = policy::Action::kBranchCreate, .branch = source, .target_branch = name})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(kBranchChangeBytes, place)) return *std::move(refusal);
  const Status created = call.graph().CreateBranch(call.caller(), name, from);
  if (!created.ok()) return ErrorReply(created);
  return BranchReply(call, name, from);
}

net::HttpResponse DeleteBranch(Call& call) {
  std::string segment;
  if (auto refusal = call.ReadArgument(segment)) return *std::move(refusal);
  std::string name;
  if (auto refusal = ReadBranch(segment, "", name)) return *std::move(refusal);
  if (auto refusal =
          call.Refused({.action = policy::Action::kBranchDelete, .target_branch = name})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(kBranchChangeBytes, place)) return *std::move(refusal);
  const Status deleted = call.graph().DeleteBranch(call.caller(), name);
  if (!deleted.ok()) return ErrorReply(deleted);
  return BranchReply(call, name, std::nullopt);
}

net::HttpResponse MergeBranches(Call& call) {
  std::optional<std::string> given_source;
  std::optional<std::string> given_target;
  std::optional<bool> is_dry_run;
  std::optional<bool> deletes_source;
  if (auto refusal = call.ReadBody({{"source", &given_source, true},
                                    {"target", &given_target},
                                    {"dry_run", &is_dry_run},
                                    {"delete_branch", &deletes_source}})) {
    return *std::move(refusal);
  }
  engine::MergeRequest request;
  if (auto refusal = ReadConditions(call, request.conditions)) return *std::move(refusal);
  if (auto refusal = ReadBranch(given_source, "", request.source)) return *std::move(refusal);
  if (auto refusal = ReadBranch(given_target, "main", request.target)) return *std::move(refusal);
  if (auto refusal = call.Refused({.action = policy::Action::kBranchMerge,
                                   .branch = request.source,
                                   .target_branch = request.target})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(kBranchChangeBytes, place)) return *std::move(refusal);
  request.is_dry_run = is_dry_run.value_or(false);
  request.deletes_source = deletes_source.value_or(false);
  const auto answer = call.graph().Merge(call.caller(), request);
  if (!answer.ok()) return ErrorReply(answer.status());
  if (answer->branch_deleted) {
    // The engine asks for this permission only once the merge has landed.
    const bool is_denied = answer->branch_delete_error.find("denied") != std::string::npos;
    call.LogEngineDecision(
        {.action = policy::Action::kBranchDelete, .target_branch = request.source},
        is_denied ? Status::Error(ErrorCode::kPermissionDenied, answer->branch_delete_error)
                  : Status::Ok());
  }
  if (answer->conflicts.empty())
    return JsonReply(MergeOutput(*answer, request.is_dry_run, call.actor()));
  net::HttpResponse response = JsonReply(MergeConflictsOutput(*answer));
  response.status = 409;
  return response;
}

}  // namespace omnigraph::server
