// Requests of the HTTP API, one function per operation.

#include "client/remote_graph.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/json_writer.h"
#include "base/strings.h"
#include "client/json_slices.h"
#include "client/server_error.h"
#include "net/http_client.h"
#include "schema/compile.h"

namespace omnigraph::client {
namespace {

constexpr std::size_t kReadSizeBytes = std::size_t{1} << 20;

bool IsSuccess(int http_status) {
  return http_status >= 200 && http_status < 300;
}

// Redirects that the client does not follow: of other methods, or to another server.
bool IsRedirect(int http_status) {
  return http_status >= 300 && http_status < 400;
}

void AppendTarget(const engine::ReadTarget& target, JsonWriter& json) {
  if (target.snapshot.empty()) {
    json.Key("branch").String(target.branch);
  } else {
    json.Key("snapshot").String(target.snapshot);
  }
}

// A server that does not know a condition must not run the request without it: such requests have
// routes of their own.
void AddConditions(const engine::WriteConditions& conditions, net::HttpClientRequest* request) {
  if (!conditions.expected_commit.empty()) {
    request->target.insert(std::min(request->target.find('?'), request->target.size()),
                           "/if-graph-commit");
    request->headers.emplace_back("Omnigraph-If-Graph-Commit", conditions.expected_commit);
  }
  if (!conditions.idempotency_key.empty()) {
    request->headers.emplace_back("Idempotency-Key", conditions.idempotency_key);
  }
}

// Old servers know the first name only, and no conditions.
std::string LoadRoute(const engine::LoadRequest& request) {
  return request.conditions.expected_commit.empty() ? "/ingest" : "/load";
}

std::string TargetParameter(const engine::ReadTarget& target) {
  if (target.snapshot.empty()) return "?branch=" + net::PercentEncode(target.branch);
  return "?snapshot=" + net::PercentEncode(target.snapshot);
}

void AppendNames(std::string_view key, const std::vector<std::string>& names, JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const std::string& name : names)
    json.String(name);
  json.EndArray();
}

Result<std::string> ReadAll(const engine::ByteReader& read) {
  std::string text;
  while (true) {
    const std::size_t size_bytes = text.size();
    text.resize(size_bytes + kReadSizeBytes);
    OG_ASSIGN_OR_RETURN(const std::size_t count, read(text.data() + size_bytes, kReadSizeBytes));
    text.resize(size_bytes + count);
    if (count == 0) return text;
  }
}

// Hands out the whole lines of a stream that comes in arbitrary pieces.
class LineGate {
 public:
  explicit LineGate(const engine::ExportRequest& request) : request_(request) {}

  Status Take(std::string_view bytes) {
    OG_RETURN_IF_ERROR(Start());
    const std::size_t last = bytes.rfind('\n');
    if (last == std::string_view::npos) {
      rest_ += bytes;
      return Status::Ok();
    }
    if (!rest_.empty()) {
      rest_ += bytes.substr(0, last + 1);
      OG_RETURN_IF_ERROR(request_.write(rest_));
      rest_.clear();
    } else {
      OG_RETURN_IF_ERROR(request_.write(bytes.substr(0, last + 1)));
    }
    rest_ = bytes.substr(last + 1);
    return Status::Ok();
  }

  Status Finish() {
    OG_RETURN_IF_ERROR(Start());
    return rest_.empty() ? Status::Ok() : request_.write(rest_);
  }

 private:
  Status Start() {
    if (std::exchange(has_started_, true) || !request_.on_start) return Status::Ok();
    return request_.on_start();
  }

  const engine::ExportRequest& request_;
  std::string rest_;
  bool has_started_ = false;
};

}  // namespace

std::string GraphUrl(std::string_view server_url, std::string_view graph_id) {
  while (server_url.ends_with('/'))
    server_url.remove_suffix(1);
  return std::string(server_url) + "/graphs/" + net::PercentEncode(graph_id);
}

Result<std::shared_ptr<RemoteGraph>> RemoteGraph::Open(std::string base_url,
                                                       std::optional<std::string> bearer_token) {
  while (base_url.ends_with('/'))
    base_url.pop_back();
  net::HttpClientOptions options;
  options.base_url = base_url;
  options.bearer_token = std::move(bearer_token);
  OG_ASSIGN_OR_RETURN(auto http, net::HttpClient::Open(std::move(options)));
  return std::make_shared<RemoteGraph>(std::move(http), std::move(base_url));
}

RemoteGraph::RemoteGraph(std::unique_ptr<net::HttpClient> http, std::string base_url)
    : base_url_(std::move(base_url)), http_(std::move(http)) {}

RemoteGraph::~RemoteGraph() = default;

Result<net::HttpClientResponse> RemoteGraph::Ask(const net::HttpClientRequest& request) {
  const std::lock_guard lock(mutex_);
  auto response = http_->Send(request);
  if (!response.ok())
    return std::move(response).status().WithContext("cannot ask the server at " + base_url_);
  return response;
}

Result<std::string> RemoteGraph::Send(const net::HttpClientRequest& request) {
  auto response = Ask(request);
  if (!response.ok()) return std::move(response).status();
  if (IsSuccess(response->status)) return std::move(response->body);
  if (IsRedirect(response->status)) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "the server at " + base_url_ + " sends requests to another address (" +
                             std::string(response->Header("location").value_or("unknown")) +
                             "): use that one");
  }
  Status error = ErrorFromResponse(response->status, response->body);
  if (error.message().starts_with("no route") && base_url_.find("/graphs/") == std::string::npos) {
    return Status::Error(error.code(), std::string(error.message()) + " at " + base_url_ +
                                           ": if it serves several graphs, name one with --graph "
                                           "<ID>, or end the address in /graphs/<ID>");
  }
  return error;
}

Result<std::string> RemoteGraph::Get(std::string target) {
  net::HttpClientRequest request;
  request.target = std::move(target);
  return Send(request);
}

Result<std::string> RemoteGraph::Post(std::string target, std::string body,
                                      const engine::WriteConditions& conditions) {
  net::HttpClientRequest request;
  request.method = "POST";
  request.target = std::move(target);
  AddConditions(conditions, &request);
  request.body = std::move(body);
  request.content_type = "application/json";
  return Send(request);
}

void RemoteGraph::KeepEcho(std::string_view answer) {
  ServerEcho echo = ReadEcho(answer);
  const std::lock_guard lock(mutex_);
  last_echo_ = std::move(echo);
}

ServerEcho RemoteGraph::last_echo() const {
  const std::lock_guard lock(mutex_);
  return last_echo_;
}

Result<engine::QueryAnswer> RemoteGraph::Query(const engine::Caller&,
                                               const engine::QueryRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("query").String(request.source);
  if (!request.name.empty()) json.Key("name").String(request.name);
  json.Key("params").Raw(request.params_json);
  AppendTarget(request.target, json);
  if (request.explain != engine::Explain::kNone) {
    json.Key("explain").String(request.explain == engine::Explain::kPlan ? "plan" : "profile");
  }
  json.EndObject();
  OG_ASSIGN_OR_RETURN(const std::string answer, Post("/query", std::move(body)));
  return ReadQueryAnswer(answer);
}

Result<engine::MutationAnswer> RemoteGraph::Mutate(const engine::Caller&,
                                                   const engine::MutationRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("query").String(request.source);
  if (!request.name.empty()) json.Key("name").String(request.name);
  json.Key("params").Raw(request.params_json).Key("branch").String(request.branch).EndObject();
  OG_ASSIGN_OR_RETURN(const std::string answer,
                      Post("/mutate", std::move(body), request.conditions));
  KeepEcho(answer);
  return ReadMutationAnswer(answer);
}

Result<engine::LoadAnswer> RemoteGraph::LoadLines(const engine::LoadRequest& request,
                                                  std::string data) {
  net::HttpClientRequest lines;
  lines.method = "POST";
  lines.target = "/load/ndjson?branch=" + net::PercentEncode(request.branch) +
                 "&mode=" + std::string(engine::LoadModeName(request.mode));
  if (request.from) lines.target += "&from=" + net::PercentEncode(*request.from);
  if (request.ignore_unknown) lines.target += "&ignore_unknown=true";
  AddConditions(request.conditions, &lines);
  lines.body = std::move(data);
  lines.content_type = "application/x-ndjson";
  OG_ASSIGN_OR_RETURN(const std::string answer, Send(lines));
  KeepEcho(answer);
  return ReadLoadAnswer(answer);
}

Result<engine::LoadAnswer> RemoteGraph::Load(const engine::Caller&,
                                             const engine::LoadRequest& request) {
  OG_ASSIGN_OR_RETURN(std::string data, ReadAll(request.read));
  if (!IsValidUtf8(data)) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "cannot load " + request.source_name + ": it is not valid UTF-8");
  }
  if (request.is_strict) return LoadLines(request, std::move(data));
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("branch").String(request.branch);
  if (request.from.has_value()) json.Key("from").String(*request.from);
  json.Key("mode").String(engine::LoadModeName(request.mode));
  if (request.ignore_unknown) json.Key("ignore_unknown").Bool(true);
  json.Key("data").String(data).EndObject();
  OG_ASSIGN_OR_RETURN(const std::string answer,
                      Post(LoadRoute(request), std::move(body), request.conditions));
  KeepEcho(answer);
  return ReadLoadAnswer(answer);
}

Status RemoteGraph::Export(const engine::Caller&, const engine::ExportRequest& request) {
  net::HttpClientRequest http_request;
  http_request.method = "POST";
  http_request.target = "/export";
  http_request.content_type = "application/json";
  http_request.response_size_bytes_max = std::numeric_limits<std::uint64_t>::max();
  JsonWriter json(http_request.body);
  json.BeginObject();
  AppendTarget(request.target, json);
  AppendNames("type_names", request.type_names, json);
  AppendNames("table_keys", request.table_keys, json);
  json.EndObject();

  LineGate gate(request);
  const std::lock_guard lock(mutex_);
  auto response = http_->SendStreaming(
      http_request, [&gate](std::string_view bytes) { return gate.Take(bytes); });
  if (!response.ok())
    return std::move(response).status().WithContext("cannot export from " + base_url_);
  if (!IsSuccess(response->status)) return ErrorFromResponse(response->status, response->body);
  return gate.Finish();
}

Result<engine::SnapshotAnswer> RemoteGraph::Snapshot(const engine::Caller&,
                                                     const engine::ReadTarget& target) {
  OG_ASSIGN_OR_RETURN(const std::string answer, Get("/snapshot" + TargetParameter(target)));
  return ReadSnapshotAnswer(answer);
}

Result<engine::SchemaAnswer> RemoteGraph::Schema(const engine::Caller&,
                                                 const engine::ReadTarget& target) {
  std::string address = "/schema";
  if (!target.snapshot.empty()) address += "?snapshot=" + net::PercentEncode(target.snapshot);
  OG_ASSIGN_OR_RETURN(const std::string answer, Get(std::move(address)));
  engine::SchemaAnswer schema;
  OG_ASSIGN_OR_RETURN(schema.source, ReadSchemaSource(answer));
  OG_ASSIGN_OR_RETURN(const auto compiled, schema::CompileSchema(schema.source));
  schema.digest = compiled->semantic_hash;
  schema.source_digest = compiled->source_digest;
  schema.canonical_json = compiled->canonical_json;
  schema.catalog = compiled->catalog;
  return schema;
}

Result<engine::SchemaChangeAnswer> RemoteGraph::PlanSchema(const engine::Caller&,
                                                           const engine::SchemaChangeRequest&) {
  return Status::Error(ErrorCode::kInvalidArgument,
                       "a server plans no schema change; plan it where the graph is stored");
}

Result<engine::SchemaChangeAnswer> RemoteGraph::ApplySchema(
    const engine::Caller&, const engine::SchemaChangeRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("schema_source").String(request.source);
  json.Key("allow_data_loss").Bool(request.allow_data_loss);
  if (!request.backfills.empty()) {
    json.Key("backfills").BeginObject();
    for (const auto& [property, value] : request.backfills)
      json.Key(property).Raw(value);
    json.EndObject();
  }
  json.EndObject();
  OG_ASSIGN_OR_RETURN(const std::string answer, Post("/schema/apply", std::move(body)));
  KeepEcho(answer);
  return ReadSchemaChangeAnswer(answer);
}

Result<std::vector<engine::CommitRecord>> RemoteGraph::ListCommits(const engine::Caller&,
                                                                   std::string_view branch,
                                                                   std::uint64_t limit) {
  std::string target = "/commits?branch=" + net::PercentEncode(branch);
  if (limit > 0) target += "&limit=" + std::to_string(limit);
  OG_ASSIGN_OR_RETURN(const std::string answer, Get(std::move(target)));
  OG_ASSIGN_OR_RETURN(auto commits, ReadCommitList(answer));
  // An old server does not know the limit.
  if (limit > 0 && commits.size() > limit)
    commits.erase(commits.begin(), commits.end() - static_cast<std::ptrdiff_t>(limit));
  return commits;
}

Result<engine::CommitRecord> RemoteGraph::ShowCommit(const engine::Caller&,
                                                     std::string_view commit_id) {
  OG_ASSIGN_OR_RETURN(const std::string answer, Get("/commits/" + net::PercentEncode(commit_id)));
  return ReadCommit(answer);
}

Result<std::vector<std::string>> RemoteGraph::ListBranches(const engine::Caller&) {
  OG_ASSIGN_OR_RETURN(const std::string answer, Get("/branches"));
  return ReadBranchList(answer);
}

Status RemoteGraph::CreateBranch(const engine::Caller&, std::string_view name,
                                 std::string_view from) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("from").String(from).Key("name").String(name).EndObject();
  auto answer = Post("/branches", std::move(body));
  if (!answer.ok()) return std::move(answer).status();
  KeepEcho(*answer);
  return Status::Ok();
}

Status RemoteGraph::DeleteBranch(const engine::Caller&, std::string_view name) {
  net::HttpClientRequest request;
  request.method = "DELETE";
  request.target = "/branches/" + net::PercentEncode(name);
  auto answer = Send(request);
  if (!answer.ok()) return std::move(answer).status();
  KeepEcho(*answer);
  return Status::Ok();
}

Result<engine::MergeAnswer> RemoteGraph::Merge(const engine::Caller&,
                                               const engine::MergeRequest& request) {
  net::HttpClientRequest http_request;
  http_request.method = "POST";
  http_request.target = "/branches/merge";
  http_request.content_type = "application/json";
  AddConditions(request.conditions, &http_request);
  JsonWriter json(http_request.body);
  json.BeginObject().Key("source").String(request.source).Key("target").String(request.target);
  if (request.is_dry_run) json.Key("dry_run").Bool(true);
  if (request.deletes_source) json.Key("delete_branch").Bool(true);
  json.EndObject();
  OG_ASSIGN_OR_RETURN(const net::HttpClientResponse response, Ask(http_request));
  engine::MergeAnswer answer;
  answer.source = request.source;
  answer.target = request.target;
  if (response.status == 409 && ReadMergeConflicts(response.body, &answer)) return answer;
  if (!IsSuccess(response.status)) return ErrorFromResponse(response.status, response.body);
  KeepEcho(response.body);
  return ReadMergeAnswer(response.body);
}

Result<std::vector<engine::Tag>> RemoteGraph::ListTags(const engine::Caller&) {
  OG_ASSIGN_OR_RETURN(const std::string answer, Get("/tags"));
  return ReadTagList(answer);
}

Result<engine::Tag> RemoteGraph::CreateTag(const engine::Caller&,
                                           const engine::TagRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("name").String(request.name).Key("from").String(request.from).EndObject();
  OG_ASSIGN_OR_RETURN(const std::string answer, Post("/tags", std::move(body)));
  KeepEcho(answer);
  return ReadTag(answer);
}

Status RemoteGraph::DeleteTag(const engine::Caller&, std::string_view name) {
  net::HttpClientRequest request;
  request.method = "DELETE";
  request.target = "/tags/" + net::PercentEncode(name);
  return Send(request).status();
}

Result<engine::RevertAnswer> RemoteGraph::Revert(const engine::Caller&,
                                                 const engine::RevertRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("branch").String(request.branch).Key("to").String(request.to);
  if (request.is_dry_run) json.Key("dry_run").Bool(true);
  json.EndObject();
  OG_ASSIGN_OR_RETURN(const std::string answer,
                      Post("/branches/revert", std::move(body), request.conditions));
  KeepEcho(answer);
  return ReadRevertAnswer(answer);
}

Result<std::variant<engine::QueryAnswer, engine::MutationAnswer>> RemoteGraph::InvokeStored(
    const StoredQueryRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (!request.params_json.empty()) json.Key("params").Raw(request.params_json);
  if (request.branch.has_value()) json.Key("branch").String(*request.branch);
  if (request.snapshot.has_value()) json.Key("snapshot").String(*request.snapshot);
  if (request.expects_mutation.has_value())
    json.Key("expect_mutation").Bool(*request.expects_mutation);
  json.EndObject();
  OG_ASSIGN_OR_RETURN(const std::string answer, Post("/queries/" + net::PercentEncode(request.name),
                                                     std::move(body), request.conditions));
  OG_ASSIGN_OR_RETURN(const std::vector<JsonMember> members, CutObject(answer));
  const bool is_mutation = std::any_of(members.begin(), members.end(), [](const JsonMember& m) {
    return m.key == "affected_nodes";
  });
  if (!is_mutation) {
    OG_ASSIGN_OR_RETURN(engine::QueryAnswer read, ReadQueryAnswer(answer));
    return std::variant<engine::QueryAnswer, engine::MutationAnswer>(std::move(read));
  }
  KeepEcho(answer);
  OG_ASSIGN_OR_RETURN(engine::MutationAnswer written, ReadMutationAnswer(answer));
  return std::variant<engine::QueryAnswer, engine::MutationAnswer>(std::move(written));
}

Result<std::vector<ListedGraph>> RemoteGraph::ListGraphs() {
  OG_ASSIGN_OR_RETURN(const std::string answer, Get("/graphs"));
  return ReadGraphList(answer);
}

}  // namespace omnigraph::client
