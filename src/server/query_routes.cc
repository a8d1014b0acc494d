// Queries, mutations, and the stored ones of either kind.

#include "base/json_writer.h"
#include "base/strings.h"
#include "server/answers.h"
#include "server/call.h"
#include "server/conditions.h"
#include "server/handlers.h"
#include "server/reply.h"

namespace omnigraph::server {

namespace {

constexpr std::string_view kCommitHeader = "omnigraph-snapshot-id";

/// A query or mutation as the body or the catalogue gives it.
struct QueryText {
  std::string source;
  std::string name;
  RawJson params;
  std::string_view stored_name{};
  engine::Explain explain = engine::Explain::kNone;
};

net::HttpResponse AnswerRead(const Call& call, const QueryText& text,
                             const engine::ReadTarget& target, bool tells_commit) {
  if (auto refusal = RefusedAt(call, policy::Action::kRead, target)) return *std::move(refusal);
  engine::QueryRequest request;
  request.source = text.source;
  request.name = text.name;
  request.stored_name = text.stored_name;
  if (!text.params.text.empty()) request.params_json = text.params.text;
  request.target = target;
  request.explain = text.explain;
  const auto answer = call.graph().Query(call.query_caller(), request);
  if (!answer.ok()) return ErrorReply(answer.status());
  net::HttpResponse response = JsonReply(ReadOutput(*answer, tells_commit));
  response.headers.emplace_back(kCommitHeader, answer->graph_commit_id);
  return response;
}

net::HttpResponse AnswerMutation(const Call& call, const QueryText& text,
                                 const std::optional<std::string>& given_branch) {
  engine::MutationRequest request;
  if (auto refusal = ReadConditions(call, request.conditions)) return *std::move(refusal);
  if (auto refusal = ReadBranch(given_branch, "main", request.branch)) return *std::move(refusal);
  if (auto refusal = call.Refused({.action = policy::Action::kChange, .branch = request.branch})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(text.source.size() + text.params.text.size(), place)) {
    return *std::move(refusal);
  }
  request.source = text.source;
  request.name = text.name;
  request.stored_name = text.stored_name;
  if (!text.params.text.empty()) request.params_json = text.params.text;
  const auto answer = call.graph().Mutate(call.query_caller(), request);
  if (!answer.ok()) return ErrorReply(answer.status());
  return JsonReply(ChangeOutput(*answer, call.actor()));
}

}  // namespace

net::HttpResponse RunQuery(Call& call) {
  std::optional<std::string> source;
  std::optional<std::string> name;
  std::optional<std::string> explain;
  QueryText text;
  TargetFields fields;
  if (auto refusal = call.ReadBody({{"query", &source, true},
                                    {"name", &name},
                                    {"params", &text.params},
                                    {"branch", &fields.branch},
                                    {"snapshot", &fields.snapshot},
                                    {"explain", &explain}})) {
    return *std::move(refusal);
  }
  if (explain) {
    const auto found = engine::FindExplain(*explain);
    if (!found) {
      return ErrorReply(400, "explain is '" + *explain + "': it takes \"plan\" or \"profile\"");
    }
    text.explain = *found;
  }
  text.source = *std::move(source);
  text.name = std::move(name).value_or("");
  engine::ReadTarget target;
  if (auto refusal = ReadTargetOf(fields, target)) return *std::move(refusal);
  return AnswerRead(call, text, target, true);
}

net::HttpResponse RunRead(Call& call) {
  std::optional<std::string> source;
  std::optional<std::string> name;
  QueryText text;
  TargetFields fields;
  if (auto refusal = call.ReadBody({{"query_source", &source, true},
                                    {"query_name", &name},
                                    {"params", &text.params},
                                    {"branch", &fields.branch},
                                    {"snapshot", &fields.snapshot}})) {
    return *std::move(refusal);
  }
  text.source = *std::move(source);
  text.name = std::move(name).value_or("");
  engine::ReadTarget target;
  if (auto refusal = ReadTargetOf(fields, target)) return *std::move(refusal);
  return AnswerRead(call, text, target, false);
}

net::HttpResponse RunMutation(Call& call) {
  std::optional<std::string> source;
  std::optional<std::string> name;
  std::optional<std::string> branch;
  std::optional<std::string> explain;
  QueryText text;
  if (auto refusal = call.ReadBody({{"query", &source, true, "query_source"},
                                    {"name", &name, false, "query_name"},
                                    {"params", &text.params},
                                    {"branch", &branch},
                                    {"explain", &explain}})) {
    return *std::move(refusal);
  }
  // Whoever asks for a plan does not want the change.
  if (explain) return ErrorReply(400, "explain is for reads: a mutation has no plan");
  text.source = *std::move(source);
  text.name = std::move(name).value_or("");
  return AnswerMutation(call, text, branch);
}

net::HttpResponse ListStoredQueries(Call& call) {
  if (auto refusal = call.Refused({.action = policy::Action::kRead, .branch = "main"})) {
    return *std::move(refusal);
  }
  const bool is_filtered =
      call.site().policies->ExposureOf(call.served().id) == policy::QueryExposure::kPolicy;
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("queries").BeginArray();
  for (const auto& [name, stored] : call.served().queries.all()) {
    if (is_filtered && !call.WouldAllow({.action = policy::Action::kInvokeQuery, .query = name})) {
      continue;
    }
    json.Raw(stored.listing_json);
  }
  json.EndArray().EndObject();
  return JsonReply(std::move(out));
}

namespace {

struct Invocation {
  RawJson params;
  TargetFields target;
  std::optional<bool> expects_mutation;
};

std::optional<net::HttpResponse> ReadInvocation(const Call& call, Invocation& invocation) {
  const std::string_view body = TrimSpace(call.request().body);
  if (body.empty() || body == "null") return std::nullopt;
  const BodyField fields[] = {{"params", &invocation.params},
                              {"branch", &invocation.target.branch},
                              {"snapshot", &invocation.target.snapshot},
                              {"expect_mutation", &invocation.expects_mutation}};
  const auto problem = ReadJsonBody(body, fields);
  if (!problem) return std::nullopt;
  return ErrorReply(400, "invalid stored-query invocation body: " + problem->message);
}

/// Refuses what does not fit the kind of the query.
std::optional<net::HttpResponse> CheckKind(const StoredQuery& stored,
                                           const Invocation& invocation) {
  if (invocation.expects_mutation.value_or(stored.is_mutation) != stored.is_mutation) {
    const std::string verb = stored.is_mutation ? "mutate" : "query";
    return ErrorReply(400, "stored query '" + stored.name + "' is a " +
                               (stored.is_mutation ? "mutation" : "read") +
                               ", and the caller expects the other kind: use omnigraph " + verb +
                               " " + stored.name);
  }
  if (stored.is_mutation && invocation.target.snapshot) {
    return ErrorReply(400, "stored mutation cannot target a snapshot");
  }
  return std::nullopt;
}

}  // namespace

net::HttpResponse InvokeStoredQuery(Call& call) {
  // One answer for denied and unknown names: the catalogue cannot be probed.
  const auto not_found = [] { return ErrorReply(404, "stored query not found"); };
  std::string name;
  if (auto refusal = call.ReadArgument(name)) return *std::move(refusal);
  if (auto refusal = call.Refused({.action = policy::Action::kInvokeQuery, .query = name})) {
    return refusal->status == 403 ? not_found() : *std::move(refusal);
  }
  const StoredQuery* stored = call.served().queries.Find(name);
  if (stored == nullptr) return not_found();

  Invocation invocation;
  if (auto refusal = ReadInvocation(call, invocation)) return *std::move(refusal);
  if (auto refusal = CheckKind(*stored, invocation)) return *std::move(refusal);
  call.log().Write(LogLevel::kInfo, "stored query invoked",
                   {{"graph", call.served().id},
                    {"actor", call.actor() ? std::string_view(*call.actor()) : ""},
                    {"query", name},
                    {"kind", stored->is_mutation ? "mutate" : "read"}});
  QueryText text{*stored->text, stored->name, std::move(invocation.params), stored->name};
  if (!stored->is_mutation && call.route().path.ends_with(kConditionalSuffix)) {
    return ErrorReply(400, "stored query '" + stored->name +
                               "' is a read; only mutations depend on the head of a branch");
  }
  if (stored->is_mutation) return AnswerMutation(call, text, invocation.target.branch);
  engine::ReadTarget target;
  if (auto refusal = ReadTargetOf(invocation.target, target)) return *std::move(refusal);
  // Callers compare these documents whole; the commit is in the header of the answer.
  return AnswerRead(call, text, target, false);
}

}  // namespace omnigraph::server
