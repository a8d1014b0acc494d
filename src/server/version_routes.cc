// Tags, and reverts of a branch to an earlier commit.

#include "base/json_writer.h"
#include "engine/versions.h"
#include "server/answers.h"
#include "server/call.h"
#include "server/conditions.h"
#include "server/handlers.h"
#include "server/reply.h"
#include "server/starting_point.h"

namespace omnigraph::server {
namespace {

/// What admission counts for a change of names.
constexpr std::uint64_t kNameChangeBytes = 256;

}  // namespace

std::string BranchOfStart(const Call& call, const std::string& from, const std::string& name) {
  if (from == "main" || !call.site().policies->Governs(call.served().id)) return from;
  // What exists is looked up only for callers who may start something somewhere.
  constexpr policy::Action kCreate = policy::Action::kBranchCreate;
  const bool may_start =
      call.WouldAllow({kCreate, "main", name}) || call.WouldAllow({kCreate, from, name});
  if (!may_start) return from;
  if (call.graph().ListCommits(call.caller(), from, 1).ok()) return from;
  const auto commit = call.graph().ShowCommit(call.caller(), from);
  return commit.ok() ? commit->manifest_branch.value_or("main") : from;
}

net::HttpResponse ListTags(Call& call) {
  if (auto refusal = call.Refused({.action = policy::Action::kRead})) return *std::move(refusal);
  const auto tags = call.graph().ListTags(call.caller());
  if (!tags.ok()) return ErrorReply(tags.status());
  std::string out = "{\"tags\":[";
  for (const engine::Tag& tag : *tags) {
    if (&tag != &tags->front()) out += ',';
    engine::AppendJson(tag, out);
  }
  return JsonReply(out + "]}");
}

net::HttpResponse CreateTag(Call& call) {
  std::optional<std::string> given_name;
  std::optional<std::string> given_from;
  if (auto refusal = call.ReadBody({{"name", &given_name, true}, {"from", &given_from}})) {
    return *std::move(refusal);
  }
  engine::TagRequest request;
  if (auto refusal = ReadBranch(given_name, "", request.name)) return *std::move(refusal);
  if (auto refusal = ReadBranch(given_from, "main", request.from)) return *std::move(refusal);
  const std::string branch = BranchOfStart(call, request.from, request.name);
  if (auto refusal = call.Refused({.action = policy::Action::kBranchCreate,
                                   .branch = branch,
                                   .target_branch = request.name})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(kNameChangeBytes, place)) return *std::move(refusal);
  const auto tag = call.graph().CreateTag(call.caller(), request);
  if (!tag.ok()) return ErrorReply(tag.status());
  std::string out;
  engine::AppendJson(*tag, out);
  return JsonReply(std::move(out));
}

net::HttpResponse DeleteTag(Call& call) {
  std::string segment;
  if (auto refusal = call.ReadArgument(segment)) return *std::move(refusal);
  std::string name;
  if (auto refusal = ReadBranch(segment, "", name)) return *std::move(refusal);
  if (auto refusal =
          call.Refused({.action = policy::Action::kBranchDelete, .target_branch = name})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(kNameChangeBytes, place)) return *std::move(refusal);
  const Status deleted = call.graph().DeleteTag(call.caller(), name);
  if (!deleted.ok()) return ErrorReply(deleted);
  std::string out;
  JsonWriter(out).BeginObject().Key("name").String(name).EndObject();
  return JsonReply(std::move(out));
}

net::HttpResponse RevertBranch(Call& call) {
  std::optional<std::string> given_branch;
  std::optional<std::string> given_to;
  std::optional<bool> is_dry_run;
  engine::RevertRequest request;
  if (auto refusal = ReadConditions(call, request.conditions)) return *std::move(refusal);
  if (auto refusal = call.ReadBody(
          {{"branch", &given_branch, true}, {"to", &given_to, true}, {"dry_run", &is_dry_run}})) {
    return *std::move(refusal);
  }
  if (auto refusal = ReadBranch(given_branch, "", request.branch)) return *std::move(refusal);
  if (auto refusal = ReadBranch(given_to, "", request.to)) {
    return ErrorReply(400, "to cannot be empty: give the id of a commit, or a tag");
  }
  request.is_dry_run = is_dry_run.value_or(false);
  if (auto refusal = call.Refused({.action = policy::Action::kChange, .branch = request.branch})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(kNameChangeBytes, place)) return *std::move(refusal);
  const auto answer = call.graph().Revert(call.caller(), request);
  if (!answer.ok()) return ErrorReply(answer.status());
  return JsonReply(RevertOutput(*answer, call.actor()));
}

}  // namespace omnigraph::server
