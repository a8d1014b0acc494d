// Requests for diffs and changes that a remote graph sends, and the answers that it reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/remote_graph.h"
#include "engine/changes.h"
#include "net/http_client.h"

namespace omnigraph::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ScriptedClient final : public net::HttpClient {
 public:
  Result<net::HttpClientResponse> Send(const net::HttpClientRequest& request) override {
    last_request = request;
    net::HttpClientResponse response;
    response.status = status;
    response.body = body;
    return response;
  }
  Result<net::HttpClientResponse> SendStreaming(
      const net::HttpClientRequest& request,
      const std::function<Status(std::string_view bytes)>& on_bytes) override {
    last_request = request;
    for (const std::string& piece : pieces)
      OG_RETURN_IF_ERROR(on_bytes(piece));
    net::HttpClientResponse response;
    response.status = status;
    return response;
  }

  int status = 200;
  std::string body;
  std::vector<std::string> pieces;
  net::HttpClientRequest last_request;
};

class RemoteChangesTest : public testing::Test {
 protected:
  RemoteChangesTest() {
    auto client = std::make_unique<ScriptedClient>();
    server_ = client.get();
    graph_ = std::make_unique<RemoteGraph>(std::move(client), "http://h:1");
    filter_.kinds = {engine::EntityKind::kNode};
    filter_.type_names = {"A B", "C"};
    filter_.operations = {engine::ChangeOperation::kDelete};
  }

  ScriptedClient* server_;
  std::unique_ptr<RemoteGraph> graph_;
  engine::Caller caller_;
  engine::ChangeFilter filter_;
};

constexpr std::string_view kBlock =
    R"({"cause":{"graph_commit_id":"C2","parent_commit_id":"C1","authored_branch":"main",)"
    R"("authored_at":17},"changes":[{"kind":"edge","type":{"id":"7","name":"K"},"id":"k",)"
    R"("op":"update","before":{"properties":{"w":1e-07}},"after":{"properties":{"w":2.0}}}]})";

TEST_F(RemoteChangesTest, ADiffIsHandedOnPieceByPiece) {
  server_->body =
      R"({"from_version":2,"to_version":3,"from_commit_id":"A","to_commit_id":"B","branch":"main",)"
      R"("changes":[{"table_key":"edge:K","kind":"edge","type_name":"K","id":"k","op":"update",)"
      R"("manifest_version":3,"endpoints":{"src":"x","dst":"y"},"properties":["w"]}],)"
      R"("stats":{"inserts":0,"updates":1,"deletes":0,"types_affected":["K"]}})";
  engine::DiffRequest request;
  request.from = "v1/a b";
  request.to = "main";
  request.filter = filter_;
  std::vector<std::string> ids;
  request.on_start = [&ids](const engine::DiffHead& head) {
    ids.push_back(head.from_commit_id + head.to_commit_id + *head.branch);
    return Status::Ok();
  };
  request.on_change = [&ids](const engine::DiffChange& change) {
    ids.push_back(change.id + change.endpoints->dst + change.properties[0]);
    return Status::Ok();
  };

  const auto stats = graph_->Diff(caller_, request);

  ASSERT_TRUE(stats.ok()) << stats.status().message();
  EXPECT_EQ(server_->last_request.target,
            "/diff?from=v1%2Fa%20b&to=main&kind=node&type=A%20B&type=C&op=delete");
  EXPECT_THAT(ids, ElementsAre("ABmain", "kyw"));
  EXPECT_EQ(stats->updates, 1u);
  EXPECT_THAT(stats->types_affected, ElementsAre("K"));
}

TEST_F(RemoteChangesTest, ImagesKeepTheSpellingOfTheirValues) {
  server_->body = std::string(kBlock);
  server_->body.back() = ',';
  server_->body += R"("next_page_token":"T"})";
  engine::CommitChangesRequest request;
  request.commit_id = "C2";
  request.limit = 5;
  request.page_token = "P";

  const auto answer = graph_->CommitChanges(caller_, request);

  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(server_->last_request.target, "/commits/C2/changes?limit=5&page_token=P");
  std::string text;
  AppendJson(answer->block, text);
  EXPECT_EQ(text, kBlock);
  EXPECT_EQ(answer->next_page_token, "T");
}

TEST_F(RemoteChangesTest, RefusalsAndGapsAreAnswers) {
  server_->status = 409;
  server_->body =
      R"({"error":"no","code":"conflict","change_diff_refusal":{"reason":"schema_boundary"}})";
  const auto refused = graph_->CommitChanges(caller_, {});
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->refusal, engine::DiffRefusal::kSchemaBoundary);
  EXPECT_EQ(refused->refusal_text, "no");
  server_->body = R"({"error":"moved","code":"conflict"})";
  EXPECT_EQ(graph_->CommitChanges(caller_, {}).status().code(), ErrorCode::kConflict);
  server_->status = 410;
  server_->body =
      R"({"error":"gone","change_feed_gap":{"cursor":"c","first_unreadable_commit_id":"C1"}})";
  const auto poll = graph_->PollChanges(caller_, {});
  ASSERT_TRUE(poll.ok());
  ASSERT_TRUE(poll->gap.has_value());
  EXPECT_EQ(poll->gap->cursor, "c");
  EXPECT_EQ(poll->gap->first_unreadable_commit_id, "C1");
}

TEST_F(RemoteChangesTest, APollSendsWhereItStartsAndReadsWhereItEnded) {
  server_->body = "{\"blocks\":[" + std::string(kBlock) + R"(],"cursor":"c2","caught_up":true})";
  engine::ChangeFeedRequest request;
  request.branch = "dev";
  request.start = "after:C1";
  const auto answer = graph_->PollChanges(caller_, request);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(server_->last_request.target, "/changes?branch=dev&limit=1000&start=after%3AC1");
  EXPECT_EQ(answer->cursor, "c2");
  EXPECT_TRUE(answer->is_caught_up);
  EXPECT_EQ(answer->blocks.size(), 1u);
  server_->body = R"({"blocks":[]})";
  EXPECT_FALSE(graph_->PollChanges(caller_, request).ok());
}

TEST_F(RemoteChangesTest, ABaselineEndsWithItsRecordOrIsAnError) {
  engine::BaselineRequest request;
  request.filter = filter_;
  std::string lines;
  request.write = [&lines](std::string_view piece) {
    lines += piece;
    return Status::Ok();
  };
  const std::string end = R"({"baseline":{"snapshot_commit_id":"C9","resume_cursor":"og1_x"}})"
                          "\n";
  const std::string whole = "{\"a\":1}\n{\"b\":2}\n" + end;
  for (std::size_t size = 1; size < whole.size(); size += 3) {
    server_->pieces.clear();
    lines.clear();
    for (std::size_t at = 0; at < whole.size(); at += size)
      server_->pieces.push_back(whole.substr(at, size));
    const auto answer = graph_->CaptureBaseline(caller_, request);
    ASSERT_TRUE(answer.ok()) << answer.status().message();
    EXPECT_EQ(answer->snapshot_commit_id, "C9");
    EXPECT_EQ(answer->resume_cursor, "og1_x");
    EXPECT_EQ(lines, whole);
  }
  EXPECT_EQ(server_->last_request.body,
            R"({"branch":"main","kind":["node"],"type":["A B","C"],"op":["delete"]})");
  server_->pieces = {"{\"a\":1}\n{\"b\":2}\n"};
  EXPECT_THAT(std::string(graph_->CaptureBaseline(caller_, request).status().message()),
              HasSubstr("broke off"));
}

}  // namespace
}  // namespace omnigraph::client
