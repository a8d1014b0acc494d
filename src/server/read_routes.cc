// What a server and its graphs are: health, graphs, snapshots, schemas, commits, exports.

#include "base/json_writer.h"
#include "base/strings.h"
#include "server/answers.h"
#include "server/call.h"
#include "server/conditions.h"
#include "server/handlers.h"
#include "server/reply.h"

namespace omnigraph::server {

net::HttpResponse GetHealth(Call&) {
  return JsonReply(HealthOutput(OG_SOURCE_VERSION));
}

net::HttpResponse GetOpenApi(Call& call) {
  return JsonReply(call.site().openapi);
}

namespace {

/// The query parameter `branch`, checked; `main` without one.
std::optional<net::HttpResponse> ReadBranchParameter(const Call& call, std::string& branch) {
  std::optional<std::string> given;
  if (auto refusal = call.ReadParameter("branch", given)) return refusal;
  return ReadBranch(given, "main", branch);
}

}  // namespace

net::HttpResponse GetSnapshot(Call& call) {
  TargetFields fields;
  if (auto refusal = call.ReadParameter("branch", fields.branch)) return *std::move(refusal);
  if (auto refusal = call.ReadParameter("snapshot", fields.snapshot)) return *std::move(refusal);
  engine::ReadTarget target;
  if (auto refusal = ReadTargetOf(fields, target)) return *std::move(refusal);
  if (auto refusal = RefusedAt(call, policy::Action::kRead, target)) return *std::move(refusal);
  const auto answer = call.graph().Snapshot(call.caller(), target);
  if (!answer.ok()) return ErrorReply(answer.status());
  return JsonReply(SnapshotOutput(*answer));
}

net::HttpResponse GetSchema(Call& call) {
  std::optional<std::string> snapshot;
  if (auto refusal = call.ReadParameter("snapshot", snapshot)) return *std::move(refusal);
  if (auto refusal = call.Refused({.action = policy::Action::kRead})) return *std::move(refusal);
  engine::ReadTarget target;
  target.snapshot = snapshot.value_or("");
  const auto answer = call.graph().Schema(call.caller(), target);
  if (!answer.ok()) return ErrorReply(answer.status());
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("schema_source").String(answer->source).EndObject();
  return JsonReply(std::move(out));
}

net::HttpResponse ListCommits(Call& call) {
  std::string branch;
  if (auto refusal = ReadBranchParameter(call, branch)) return *std::move(refusal);
  std::optional<std::string> limit_text;
  if (auto refusal = call.ReadParameter("limit", limit_text)) return *std::move(refusal);
  const std::optional<std::uint64_t> limit = limit_text ? ParseUint64(*limit_text) : 0;
  if (!limit)
    return ErrorReply(400, "limit " + Quoted(*limit_text) + " is not a number of commits");
  if (auto refusal = call.Refused({.action = policy::Action::kRead, .branch = branch})) {
    return *std::move(refusal);
  }
  const auto commits = call.graph().ListCommits(call.caller(), branch, *limit);
  if (!commits.ok()) return ErrorReply(commits.status());
  return JsonReply(CommitListOutput(*commits));
}

net::HttpResponse GetCommit(Call& call) {
  std::string id;
  if (auto refusal = call.ReadArgument(id)) return *std::move(refusal);
  if (auto refusal = call.Refused({.action = policy::Action::kRead})) return *std::move(refusal);
  const auto commit = call.graph().ShowCommit(call.caller(), id);
  if (!commit.ok()) return ErrorReply(commit.status());
  std::string out;
  engine::AppendJson(*commit, out);
  return JsonReply(std::move(out));
}

net::HttpResponse Export(Call& call) {
  TargetFields fields;
  engine::ExportRequest request;
  if (auto refusal = call.ReadBody({{"branch", &fields.branch},
                                    {"snapshot", &fields.snapshot},
                                    {"type_names", &request.type_names},
                                    {"table_keys", &request.table_keys}})) {
    return *std::move(refusal);
  }
  if (auto refusal = ReadTargetOf(fields, request.target)) return *std::move(refusal);
  if (auto refusal = RefusedAt(call, policy::Action::kExport, request.target)) {
    return *std::move(refusal);
  }
  // The status line waits for the checks of the engine; what fails later breaks the connection.
  std::unique_ptr<net::HttpStream> stream;
  request.on_start = [&] {
    net::HttpResponse head;
    head.content_type = "application/x-ndjson; charset=utf-8";
    head.headers = call.extra_headers();
    stream = call.TakeResponder().StartStream(std::move(head));
    return Status::Ok();
  };
  request.write = [&](std::string_view lines) { return stream->Write(lines); };
  const Status exported = call.graph().Export(call.caller(), request);
  if (stream == nullptr) {
    return exported.ok() ? ErrorReply(500, "export: the engine produced no answer")
                         : ErrorReply(exported);
  }
  const Status finished = exported.ok() ? stream->Finish() : exported;
  if (!finished.ok()) {
    call.log().Write(LogLevel::kWarn, "export broke off",
                     {{"graph", call.served().id}, {"error", finished.message()}});
  }
  return {};
}

}  // namespace omnigraph::server
