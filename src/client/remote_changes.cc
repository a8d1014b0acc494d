// Diffs, changes of commits, change feeds and baselines over HTTP (client/remote_graph.h).

#include <limits>
#include <utility>

#include "base/json_writer.h"
#include "client/change_answers.h"
#include "client/remote_graph.h"
#include "client/server_error.h"
#include "net/http_client.h"

namespace omnigraph::client {
namespace {

// `?a=b&c=d`, names as they are.
class QueryText {
 public:
  QueryText& Add(std::string_view name, std::string_view value) {
    text_ += text_.empty() ? '?' : '&';
    text_ += std::string(name) + "=" + net::PercentEncode(value);
    return *this;
  }
  QueryText& AddIfAny(std::string_view name, std::string_view value) {
    return value.empty() ? *this : Add(name, value);
  }
  QueryText& Add(const engine::ChangeFilter& filter) {
    for (const engine::EntityKind kind : filter.kinds)
      Add("kind", engine::EntityKindName(kind));
    for (const std::string& name : filter.type_names)
      Add("type", name);
    for (const engine::ChangeOperation operation : filter.operations)
      Add("op", engine::ChangeOperationName(operation));
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string BaselineBody(const engine::BaselineRequest& request) {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("branch").String(request.branch).Key("kind").BeginArray();
  for (const engine::EntityKind kind : request.filter.kinds)
    json.String(engine::EntityKindName(kind));
  json.EndArray().Key("type").BeginArray();
  for (const std::string& name : request.filter.type_names)
    json.String(name);
  json.EndArray().Key("op").BeginArray();
  for (const engine::ChangeOperation operation : request.filter.operations)
    json.String(engine::ChangeOperationName(operation));
  json.EndArray().EndObject();
  return body;
}

// Hands on the whole lines of a stream, and keeps the last one, which says how it ended.
class BaselineReader {
 public:
  explicit BaselineReader(const engine::BaselineRequest& request) : request_(request) {}

  Status Take(std::string_view bytes) {
    OG_RETURN_IF_ERROR(Start());
    kept_ += bytes;
    const std::size_t end = kept_.rfind('\n');
    if (end == std::string::npos || end == 0) return Status::Ok();
    const std::size_t before = kept_.rfind('\n', end - 1);
    if (before == std::string::npos) return Status::Ok();
    OG_RETURN_IF_ERROR(request_.write(std::string_view(kept_).substr(0, before + 1)));
    kept_.erase(0, before + 1);
    return Status::Ok();
  }

  Result<engine::BaselineAnswer> Finish() {
    OG_RETURN_IF_ERROR(Start());
    const std::size_t end = kept_.find('\n');
    OG_ASSIGN_OR_RETURN(engine::BaselineAnswer answer, ReadBaselineEnd(kept_.substr(0, end)));
    OG_RETURN_IF_ERROR(request_.write(kept_));
    return answer;
  }

 private:
  Status Start() {
    if (std::exchange(has_started_, true) || !request_.on_start) return Status::Ok();
    return request_.on_start();
  }

  const engine::BaselineRequest& request_;
  std::string kept_;
  bool has_started_ = false;
};

}  // namespace

Result<engine::DiffStats> RemoteGraph::Diff(const engine::Caller&,
                                            const engine::DiffRequest& request) {
  net::HttpClientRequest http_request;
  http_request.target =
      "/diff" +
      QueryText().Add("from", request.from).Add("to", request.to).Add(request.filter).text();
  http_request.response_size_bytes_max = std::numeric_limits<std::uint64_t>::max();
  OG_ASSIGN_OR_RETURN(const std::string answer, Send(http_request));
  return ReadDiff(answer, request);
}

Result<engine::CommitChangesAnswer> RemoteGraph::CommitChanges(
    const engine::Caller&, const engine::CommitChangesRequest& request) {
  net::HttpClientRequest http_request;
  http_request.target = "/commits/" + net::PercentEncode(request.commit_id) + "/changes" +
                        QueryText()
                            .Add("limit", std::to_string(request.limit))
                            .AddIfAny("page_token", request.page_token)
                            .Add(request.filter)
                            .text();
  OG_ASSIGN_OR_RETURN(const net::HttpClientResponse response, Ask(http_request));
  if (response.status == 409) {
    if (auto refusal = ReadDiffRefusal(response.body)) return *std::move(refusal);
  }
  if (response.status != 200) return ErrorFromResponse(response.status, response.body);
  return ReadCommitChanges(response.body);
}

Result<engine::ChangeFeedAnswer> RemoteGraph::PollChanges(
    const engine::Caller&, const engine::ChangeFeedRequest& request) {
  net::HttpClientRequest http_request;
  http_request.target = "/changes" + QueryText()
                                         .Add("branch", request.branch)
                                         .Add("limit", std::to_string(request.limit))
                                         .AddIfAny("cursor", request.cursor)
                                         .AddIfAny("page_token", request.page_token)
                                         .AddIfAny("start", request.start)
                                         .Add(request.filter)
                                         .text();
  OG_ASSIGN_OR_RETURN(const net::HttpClientResponse response, Ask(http_request));
  if (response.status == 410) {
    if (auto gap = ReadChangeFeedGap(response.body)) {
      engine::ChangeFeedAnswer answer;
      answer.gap = std::move(gap);
      return answer;
    }
  }
  if (response.status != 200) return ErrorFromResponse(response.status, response.body);
  return ReadChangeFeed(response.body);
}

Result<engine::BaselineAnswer> RemoteGraph::CaptureBaseline(
    const engine::Caller&, const engine::BaselineRequest& request) {
  net::HttpClientRequest http_request;
  http_request.method = "POST";
  http_request.target = "/changes/baseline";
  http_request.content_type = "application/json";
  http_request.response_size_bytes_max = std::numeric_limits<std::uint64_t>::max();
  http_request.body = BaselineBody(request);
  BaselineReader reader(request);
  const std::lock_guard lock(mutex_);
  const auto response = http_->SendStreaming(
      http_request, [&reader](std::string_view bytes) { return reader.Take(bytes); });
  if (!response.ok()) {
    return Status(response.status()).WithContext("cannot capture a baseline from " + base_url_);
  }
  if (response->status != 200) return ErrorFromResponse(response->status, response->body);
  return reader.Finish();
}

}  // namespace omnigraph::client
