// Tests of error documents.

#include "server/reply.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "server/answers.h"

namespace omnigraph::server {
namespace {

using ::testing::Contains;
using ::testing::Pair;

TEST(ReplyTest, EveryErrorCodeHasItsStatusAndWord) {
  const struct {
    ErrorCode code;
    int status;
    std::string_view word;
  } cases[] = {
      {ErrorCode::kInvalidArgument, 400, "bad_request"},
      {ErrorCode::kUnauthenticated, 401, "unauthorized"},
      {ErrorCode::kPermissionDenied, 403, "forbidden"},
      {ErrorCode::kNotFound, 404, "not_found"},
      {ErrorCode::kAlreadyExists, 409, "conflict"},
      {ErrorCode::kConflict, 409, "conflict"},
      {ErrorCode::kPreconditionFailed, 412, ""},
      {ErrorCode::kResourceExhausted, 413, "bad_request"},
      {ErrorCode::kUnavailable, 503, ""},
      {ErrorCode::kDeadlineExceeded, 504, ""},
      {ErrorCode::kCorruption, 500, "internal"},
      {ErrorCode::kInternal, 500, "internal"},
  };
  for (const auto& [code, status, word] : cases) {
    const net::HttpResponse reply = ErrorReply(Status::Error(code, "it \"failed\"\n"));
    const auto body = nlohmann::json::parse(reply.body);

    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.content_type, "application/json");
    EXPECT_EQ(body.value("code", ""), word);
    EXPECT_THAT(body.at("error").get<std::string>(), ::testing::EndsWith("it \"failed\"\n"));
  }
}

TEST(ReplyTest, ALostRaceNamesTheTable) {
  const net::HttpResponse reply =
      ErrorReply(Status::StaleTable({"node:City", 3, 4}, "stale view of 'node:City'"));

  EXPECT_EQ(reply.body,
            R"({"error":"stale view of 'node:City'","code":"conflict",)"
            R"("manifest_conflict":{"table_key":"node:City","expected":3,"actual":4}})");
}

TEST(ReplyTest, HealthTellsTheStampOfTheBuildIfThereIsOne) {
  EXPECT_EQ(HealthOutput(""), R"({"status":"ok","version":"0.7.0"})");
  EXPECT_EQ(HealthOutput("v1-3-gabc"),
            R"({"status":"ok","version":"0.7.0","source_version":"v1-3-gabc"})");
}

TEST(ReplyTest, SomeStatusesSayWhatToDo) {
  EXPECT_THAT(ErrorReply(401, "x").headers, Contains(Pair("www-authenticate", "Bearer")));
  EXPECT_THAT(ErrorReply(429, "x").headers, Contains(Pair("retry-after", "60")));
  EXPECT_EQ(ErrorReply(501, "x").body, R"({"error":"x","code":"bad_request"})");
  EXPECT_EQ(ErrorReply(401, "missing bearer token").body,
            R"({"error":"missing bearer token","code":"unauthorized"})");
}

}  // namespace
}  // namespace omnigraph::server
