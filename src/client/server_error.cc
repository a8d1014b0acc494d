// Reads the error documents of a server.

#include "client/server_error.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/strings.h"

namespace omnigraph::client {
namespace {

using Json = nlohmann::json;

ErrorCode CodeOf(int http_status) {
  switch (http_status) {
    case 401:
      return ErrorCode::kUnauthenticated;
    case 403:
      return ErrorCode::kPermissionDenied;
    case 404:
      return ErrorCode::kNotFound;
    case 409:
      return ErrorCode::kConflict;
    case 412:
      return ErrorCode::kPreconditionFailed;
    case 413:
    case 429:
      return ErrorCode::kResourceExhausted;
    case 502:
    case 503:
      return ErrorCode::kUnavailable;
    case 504:
      return ErrorCode::kDeadlineExceeded;
    default:
      break;
  }
  return http_status >= 500 ? ErrorCode::kInternal : ErrorCode::kInvalidArgument;
}

std::string TextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// "  node:City:oslo (divergent_update): both sides changed 'name'", one line per conflict.
std::string MergeConflictLines(const Json& body) {
  std::string lines;
  const auto conflicts = body.find("merge_conflicts");
  if (conflicts == body.end() || !conflicts->is_array()) return lines;
  for (const Json& conflict : *conflicts) {
    if (!conflict.is_object()) continue;
    lines += "\n  " + TextOf(conflict, "table_key");
    if (const std::string row = TextOf(conflict, "row_id"); !row.empty()) lines += ":" + row;
    lines += " (" + TextOf(conflict, "kind") + ")";
    if (const std::string text = TextOf(conflict, "message"); !text.empty()) lines += ": " + text;
  }
  return lines;
}

}  // namespace

Status ErrorFromResponse(int http_status, std::string_view body) {
  const ErrorCode code = CodeOf(http_status);
  const Json document = Json::parse(body.begin(), body.end(), nullptr, false);
  if (!document.is_object() || TextOf(document, "error").empty()) {
    std::string message = "server returned " + std::to_string(http_status);
    if (!body.empty()) message += ": " + Abbreviate(TrimSpace(body));
    return Status::Error(code, std::move(message));
  }
  std::string message = TextOf(document, "error") + MergeConflictLines(document);
  const auto stale = document.find("manifest_conflict");
  if (stale != document.end() && stale->is_object()) {
    TableConflict conflict{TextOf(*stale, "table_key"), stale->value("expected", std::uint64_t{0}),
                           stale->value("actual", std::uint64_t{0})};
    return Status::StaleTable(std::move(conflict), std::move(message));
  }
  const auto mismatch = document.find("precondition_failure");
  if (mismatch != document.end() && mismatch->is_object()) {
    return Status::UnexpectedHead({TextOf(*mismatch, "expected"), TextOf(*mismatch, "actual")},
                                  std::move(message));
  }
  return Status::Error(code, std::move(message));
}

}  // namespace omnigraph::client
