// Writes error documents.

#include "server/reply.h"

#include "base/json_writer.h"

namespace omnigraph::server {

namespace {

/// The word for programs; empty where the API has none.
std::string_view CodeOf(int status) {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 409:
      return "conflict";
    case 412:
    case 503:
    case 504:
      return "";
    case 429:
      return "too_many_requests";
    case 501:
    case 505:  // What the client sent, not a failure of the server.
      return "bad_request";
    default:
      return status < 500 ? "bad_request" : "internal";
  }
}

net::HttpResponse ErrorDocument(int status, std::string_view text, const TableConflict* conflict,
                                const HeadMismatch* mismatch = nullptr) {
  net::HttpResponse response;
  response.status = status;
  JsonWriter json(response.body);
  json.BeginObject().Key("error").String(text);
  const std::string_view code = CodeOf(status);
  if (!code.empty()) json.Key("code").String(code);
  if (conflict != nullptr) {
    json.Key("manifest_conflict").BeginObject();
    json.Key("table_key").String(conflict->table_key);
    json.Key("expected").Uint(conflict->expected_version);
    json.Key("actual").Uint(conflict->actual_version).EndObject();
  }
  if (mismatch != nullptr) {
    json.Key("precondition_failure").BeginObject();
    json.Key("expected").String(mismatch->expected);
    json.Key("actual").String(mismatch->actual).EndObject();
  }
  json.EndObject();
  if (status == 401) response.headers.emplace_back("www-authenticate", "Bearer");
  if (status == 429) response.headers.emplace_back("retry-after", "60");
  if (status == 503) response.headers.emplace_back("retry-after", "5");
  return response;
}

}  // namespace

net::HttpResponse JsonReply(std::string body) {
  net::HttpResponse response;
  response.body = std::move(body);
  return response;
}

net::HttpResponse ErrorReply(int status, std::string_view text) {
  return ErrorDocument(status, text, nullptr);
}

net::HttpResponse ErrorReply(const Status& failure) {
  const int status = HttpStatusOf(failure.code());
  if (failure.code() != ErrorCode::kCorruption) {
    return ErrorDocument(status, failure.message(), failure.table_conflict(),
                         failure.head_mismatch());
  }
  return ErrorDocument(status, "storage: " + std::string(failure.message()), nullptr);
}

int HttpStatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
      return 409;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kPreconditionFailed:
      return 412;
    case ErrorCode::kResourceExhausted:
      return 413;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kDeadlineExceeded:
      return 504;
    case ErrorCode::kCorruption:
      return 500;
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

}  // namespace omnigraph::server
