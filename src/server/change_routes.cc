// What changed: the difference of two commits, the changes of one, the change feed of a branch, and
// baselines.

#include <algorithm>
#include <map>
#include <memory>

#include "base/json_writer.h"
#include "base/strings.h"
#include "engine/changes.h"
#include "net/url.h"
#include "server/call.h"
#include "server/handlers.h"
#include "server/reply.h"

namespace omnigraph::server {
namespace {

constexpr policy::Action kRead = policy::Action::kRead;
// A name that no branch can have, so that no policy protects it.
constexpr std::string_view kNoBranch = "?";
// What an answer may grow to before it is streamed.
constexpr std::size_t kAnswerBytesMax = 256 * 1024;

/// The parameters of a query string, of which only the known ones are accepted.
class QueryParameters {
 public:
  static constexpr std::string_view kRepeatable[] = {"kind", "type", "op"};

  /// Answers 400 for a parameter that is neither in `known` nor a filter, or is there twice.
  std::optional<net::HttpResponse> Read(const Call& call,
                                        std::initializer_list<std::string_view> known) {
    auto pairs = net::ParseQueryString(call.request().query);
    if (!pairs.ok()) return ErrorReply(pairs.status());
    for (auto& [key, text] : *pairs) {
      const bool is_filter =
          std::find(std::begin(kRepeatable), std::end(kRepeatable), key) != std::end(kRepeatable);
      if (!is_filter && std::find(known.begin(), known.end(), key) == known.end()) {
        return ErrorReply(400, UnknownParameter(key, known));
      }
      std::vector<std::string>& values = values_[key];
      if (!is_filter && !values.empty()) {
        return ErrorReply(400, "the parameter '" + key + "' is given twice");
      }
      values.emplace_back(TrimSpace(text));
    }
    return std::nullopt;
  }

  const std::vector<std::string>& All(std::string_view key) const {
    static const std::vector<std::string> kNone;
    const auto found = values_.find(key);
    return found == values_.end() ? kNone : found->second;
  }
  /// Empty if absent.
  std::string One(std::string_view key) const {
    return All(key).empty() ? std::string() : All(key).front();
  }

 private:
  static std::string UnknownParameter(const std::string& key,
                                      std::initializer_list<std::string_view> known) {
    std::string text = "unknown parameter " + Quoted(Abbreviate(key)) + "; there are ";
    for (const std::string_view name : known)
      text += std::string(name) + ", ";
    return text + "kind, type and op";
  }

  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Answers 400 for a kind or operation that does not exist.
std::optional<net::HttpResponse> ReadFilter(const std::vector<std::string>& kinds,
                                            const std::vector<std::string>& types,
                                            const std::vector<std::string>& operations,
                                            engine::ChangeFilter* filter) {
  for (const std::string& name : kinds) {
    const auto kind = engine::FindEntityKind(name);
    if (!kind) return ErrorReply(400, "kind " + Quoted(Abbreviate(name)) + " is not node or edge");
    filter->kinds.push_back(*kind);
  }
  filter->type_names = types;
  for (const std::string& name : operations) {
    const auto operation = engine::FindChangeOperation(name);
    if (!operation) {
      return ErrorReply(400, "op " + Quoted(Abbreviate(name)) + " is not insert, update or delete");
    }
    filter->operations.push_back(*operation);
  }
  return std::nullopt;
}

std::optional<net::HttpResponse> ReadFilter(const QueryParameters& parameters,
                                            engine::ChangeFilter* filter) {
  return ReadFilter(parameters.All("kind"), parameters.All("type"), parameters.All("op"), filter);
}

std::optional<net::HttpResponse> ReadLimit(const QueryParameters& parameters,
                                           std::uint64_t* limit) {
  const std::string text = parameters.One("limit");
  if (text.empty()) return std::nullopt;
  const auto number = ParseUint64(text);
  if (!number) {
    return ErrorReply(400, "limit " + Quoted(Abbreviate(text)) + " is not a number of changes");
  }
  *limit = *number;
  return std::nullopt;
}

// Which branch a commit belongs to has to be looked up; that is done only for callers who may read
// anything at all.
bool MayReadSome(const Call& call) {
  return call.WouldAllow({.action = kRead, .branch = "main"}) ||
         call.WouldAllow({.action = kRead, .branch = kNoBranch});
}

/// Asks for `read` on an end of a diff: a branch, or the branch of the commit that it names.
std::optional<net::HttpResponse> RefusedEnd(const Call& call, const std::string& end) {
  if (!call.site().policies->Governs(call.served().id)) return call.Refused({.action = kRead});
  if (!MayReadSome(call)) return call.Refused({.action = kRead, .branch = end});
  const auto commit = call.graph().ShowCommit(call.caller(), end);
  if (!commit.ok()) return call.Refused({.action = kRead, .branch = end});
  const std::string branch = commit->manifest_branch.value_or("main");
  return call.Refused({.action = kRead, .branch = branch});
}

/// Asks for `read` on the branch of a commit. One that is not for the caller is not there.
std::optional<net::HttpResponse> RefusedCommit(const Call& call, const std::string& id) {
  if (!call.site().policies->Governs(call.served().id)) return call.Refused({.action = kRead});
  if (!MayReadSome(call)) return call.Refused({.action = kRead, .branch = "main"});
  const auto commit = call.graph().ShowCommit(call.caller(), id);
  if (!commit.ok() && commit.status().code() != ErrorCode::kNotFound) {
    return ErrorReply(commit.status());
  }
  if (!commit.ok()) return ErrorReply(engine::CommitNotFound(id));
  const std::string branch = commit->manifest_branch.value_or("main");
  if (call.Refused({.action = kRead, .branch = branch})) {
    return ErrorReply(engine::CommitNotFound(id));
  }
  return std::nullopt;
}

/// A JSON document of unknown size: sent whole if it is small, else in pieces.
class GrowingAnswer {
 public:
  explicit GrowingAnswer(Call& call) : call_(call) {}

  std::string& text() { return text_; }

  /// To be called between pieces.
  Status Grow() {
    if (text_.size() < kAnswerBytesMax) return Status::Ok();
    if (stream_ == nullptr) {
      net::HttpResponse head;
      head.headers = call_.extra_headers();
      stream_ = call_.TakeResponder().StartStream(std::move(head));
    }
    OG_RETURN_IF_ERROR(stream_->Write(text_));
    text_.clear();
    return Status::Ok();
  }

  /// What ends the document, or why it cannot be ended: then the connection breaks.
  net::HttpResponse Finish(const Status& status) {
    if (stream_ == nullptr) return status.ok() ? JsonReply(std::move(text_)) : ErrorReply(status);
    Status finished = status;
    if (finished.ok()) finished = stream_->Write(text_);
    if (finished.ok()) finished = stream_->Finish();
    if (!finished.ok()) {
      call_.log().Write(LogLevel::kWarn, "answer broke off",
                        {{"graph", call_.served().id}, {"error", finished.message()}});
    }
    return {};
  }

 private:
  Call& call_;
  std::string text_;
  std::unique_ptr<net::HttpStream> stream_;
};

net::HttpResponse RefusalReply(const engine::CommitChangesAnswer& answer) {
  net::HttpResponse response;
  response.status = 409;
  JsonWriter json(response.body);
  json.BeginObject().Key("error").String(answer.refusal_text).Key("code").String("conflict");
  json.Key("change_diff_refusal").BeginObject().Key("reason");
  json.String(engine::DiffRefusalName(*answer.refusal)).EndObject().EndObject();
  return response;
}

net::HttpResponse GapReply(const engine::ChangeFeedGap& gap) {
  net::HttpResponse response;
  response.status = 410;
  JsonWriter json(response.body);
  json.BeginObject().Key("error").String(gap.text).Key("change_feed_gap").BeginObject();
  if (!gap.cursor.empty()) json.Key("cursor").String(gap.cursor);
  json.Key("first_unreadable_commit_id").String(gap.first_unreadable_commit_id);
  json.EndObject().EndObject();
  return response;
}

std::string FeedOutput(const engine::ChangeFeedAnswer& answer) {
  std::string out = "{\"blocks\":[";
  for (std::size_t i = 0; i < answer.blocks.size(); ++i) {
    if (i > 0) out += ',';
    AppendJson(answer.blocks[i], out);
  }
  out += ']';
  if (!answer.next_page_token.empty()) {
    out += ",\"next_page_token\":";
    AppendJsonString(answer.next_page_token, out);
  } else {
    out += ",\"cursor\":";
    AppendJsonString(answer.cursor, out);
    out += answer.is_caught_up ? ",\"caught_up\":true" : ",\"caught_up\":false";
  }
  return out + "}";
}

}  // namespace

net::HttpResponse GetDiff(Call& call) {
  QueryParameters parameters;
  if (auto refusal = parameters.Read(call, {"from", "to"})) return *std::move(refusal);
  engine::DiffRequest request;
  request.from = parameters.One("from");
  request.to = parameters.One("to");
  if (request.from.empty() || request.to.empty()) {
    return ErrorReply(400, "a diff takes `from` and `to`: branches, tags or commit ids");
  }
  if (auto refusal = ReadFilter(parameters, &request.filter)) return *std::move(refusal);
  if (auto refusal = RefusedEnd(call, request.from)) return *std::move(refusal);
  if (auto refusal = RefusedEnd(call, request.to)) return *std::move(refusal);
  GrowingAnswer answer(call);
  request.on_start = [&answer](const engine::DiffHead& head) {
    answer.text() += '{';
    AppendJsonMembers(head, answer.text());
    answer.text() += ",\"changes\":[";
    return Status::Ok();
  };
  bool is_first = true;
  request.on_change = [&](const engine::DiffChange& change) {
    if (!std::exchange(is_first, false)) answer.text() += ',';
    AppendJson(change, answer.text());
    return answer.Grow();
  };
  const auto stats = call.graph().Diff(call.caller(), request);
  if (stats.ok()) {
    answer.text() += "],\"stats\":";
    AppendJson(*stats, answer.text());
    answer.text() += '}';
  }
  return answer.Finish(stats.status());
}

net::HttpResponse GetCommitChanges(Call& call) {
  engine::CommitChangesRequest request;
  if (auto refusal = call.ReadArgument(request.commit_id)) return *std::move(refusal);
  QueryParameters parameters;
  if (auto refusal = parameters.Read(call, {"page_token", "limit"})) return *std::move(refusal);
  if (auto refusal = ReadFilter(parameters, &request.filter)) return *std::move(refusal);
  if (auto refusal = ReadLimit(parameters, &request.limit)) return *std::move(refusal);
  request.page_token = parameters.One("page_token");
  if (auto refusal = RefusedCommit(call, request.commit_id)) return *std::move(refusal);
  const auto answer = call.graph().CommitChanges(call.caller(), request);
  if (!answer.ok()) return ErrorReply(answer.status());
  if (answer->refusal) return RefusalReply(*answer);
  std::string out;
  AppendJson(answer->block, out);
  if (!answer->next_page_token.empty()) {
    out.back() = ',';
    out += "\"next_page_token\":";
    AppendJsonString(answer->next_page_token, out);
    out += '}';
  }
  return JsonReply(std::move(out));
}

net::HttpResponse PollChanges(Call& call) {
  QueryParameters parameters;
  if (auto refusal = parameters.Read(call, {"branch", "cursor", "start", "page_token", "limit"})) {
    return *std::move(refusal);
  }
  engine::ChangeFeedRequest request;
  if (auto refusal = ReadFilter(parameters, &request.filter)) return *std::move(refusal);
  if (auto refusal = ReadLimit(parameters, &request.limit)) return *std::move(refusal);
  if (!parameters.One("branch").empty()) request.branch = parameters.One("branch");
  request.cursor = parameters.One("cursor");
  request.start = parameters.One("start");
  request.page_token = parameters.One("page_token");
  if (auto refusal = call.Refused({.action = kRead, .branch = request.branch})) {
    return *std::move(refusal);
  }
  const auto answer = call.graph().PollChanges(call.caller(), request);
  if (!answer.ok()) return ErrorReply(answer.status());
  if (answer->gap) return GapReply(*answer->gap);
  return JsonReply(FeedOutput(*answer));
}

net::HttpResponse CaptureBaseline(Call& call) {
  std::optional<std::string> branch;
  std::vector<std::string> kinds;
  std::vector<std::string> types;
  std::vector<std::string> operations;
  engine::BaselineRequest request;
  if (auto refusal = call.ReadBody(
          {{"branch", &branch}, {"kind", &kinds}, {"type", &types}, {"op", &operations}})) {
    return *std::move(refusal);
  }
  if (auto refusal = ReadBranch(branch, "main", request.branch)) return *std::move(refusal);
  if (auto refusal = ReadFilter(kinds, types, operations, &request.filter)) {
    return *std::move(refusal);
  }
  if (auto refusal = call.Refused({.action = policy::Action::kExport, .branch = request.branch})) {
    return *std::move(refusal);
  }
  std::unique_ptr<net::HttpStream> stream;
  request.on_start = [&] {
    net::HttpResponse head;
    head.content_type = "application/x-ndjson; charset=utf-8";
    head.headers = call.extra_headers();
    stream = call.TakeResponder().StartStream(std::move(head));
    return Status::Ok();
  };
  request.write = [&](std::string_view lines) { return stream->Write(lines); };
  const Status captured = call.graph().CaptureBaseline(call.caller(), request).status();
  if (stream == nullptr) {
    return captured.ok() ? ErrorReply(500, "baseline: the engine produced no answer")
                         : ErrorReply(captured);
  }
  const Status finished = captured.ok() ? stream->Finish() : captured;
  if (!finished.ok()) {
    call.log().Write(LogLevel::kWarn, "baseline broke off",
                     {{"graph", call.served().id}, {"error", finished.message()}});
  }
  return {};
}

}  // namespace omnigraph::server
