// Requests that a remote graph sends, and answers that it reads.

#include "client/remote_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/json_slices.h"
#include "client/server_error.h"
#include "exec/result_table.h"
#include "net/http_client.h"

namespace omnigraph::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Answers every request with one response and keeps the request.
class ScriptedClient final : public net::HttpClient {
 public:
  Result<net::HttpClientResponse> Send(const net::HttpClientRequest& request) override {
    last_request = request;
    if (!failure.ok()) return failure;
    net::HttpClientResponse response;
    response.status = status;
    response.body = body;
    return response;
  }

  Result<net::HttpClientResponse> SendStreaming(
      const net::HttpClientRequest& request,
      const std::function<Status(std::string_view bytes)>& on_bytes) override {
    last_request = request;
    net::HttpClientResponse response;
    response.status = status;
    if (status != 200) {
      response.body = body;
      return response;
    }
    for (const std::string& piece : pieces)
      OG_RETURN_IF_ERROR(on_bytes(piece));
    return response;
  }

  int status = 200;
  std::string body;
  std::vector<std::string> pieces;
  Status failure;
  net::HttpClientRequest last_request;
};

TEST(GraphUrlTest, AnIdIsOneSegmentWhateverItHolds) {
  EXPECT_EQ(GraphUrl("http://h:1/", "notes"), "http://h:1/graphs/notes");
  EXPECT_EQ(GraphUrl("http://h:1/base", "../a b?c#d"), "http://h:1/base/graphs/..%2Fa%20b%3Fc%23d");
}

class RemoteGraphTest : public testing::Test {
 protected:
  RemoteGraphTest() {
    auto client = std::make_unique<ScriptedClient>();
    server_ = client.get();
    graph_ = std::make_unique<RemoteGraph>(std::move(client), "http://h:1");
  }

  ScriptedClient* server_;
  std::unique_ptr<RemoteGraph> graph_;
  engine::Caller caller_;
};

TEST_F(RemoteGraphTest, AReadKeepsTheSpellingOfEveryValue) {
  server_->body =
      R"({"query_name":"q","target":{"branch":"main","snapshot":null},"graph_commit_id":"01C",)"
      R"("row_count":1,"columns":["b","a"],"rows":[{"b":1e-07,"a":[1.0,{"x":"]}"}]}]})";
  engine::QueryRequest request;
  request.source = "query q() {}";
  request.name = "q";
  request.params_json = R"({"n":1})";

  const auto answer = graph_->Query(caller_, request);

  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(server_->last_request.method, "POST");
  EXPECT_EQ(server_->last_request.target, "/query");
  EXPECT_EQ(server_->last_request.body,
            R"({"query":"query q() {}","name":"q","params":{"n":1},"branch":"main"})");
  EXPECT_EQ(answer->graph_commit_id, "01C");
  EXPECT_EQ(answer->table->RowJson(0), R"({"b":1e-07,"a":[1.0,{"x":"]}"}]})");
}

TEST_F(RemoteGraphTest, ColumnsThatAServerDoesNotSayComeFromTheRows) {
  server_->body = R"({"query_name":"q","target":{"branch":"main","snapshot":null},"row_count":2,)"
                  R"("rows":[{"b":1},{"a":2}]})";

  const auto answer = graph_->Query(caller_, {});

  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->table->columns().size(), 2U);
  EXPECT_EQ(answer->table->columns()[0].name, "a");
  EXPECT_EQ(answer->table->CellJson(0, 0), "null");
}

TEST_F(RemoteGraphTest, ASnapshotIsSentInsteadOfABranch) {
  server_->body = R"({"query_name":"q","target":{"branch":null,"snapshot":"01S"},"rows":[]})";
  engine::QueryRequest request;
  request.target = {"", "01S"};

  const auto answer = graph_->Query(caller_, request);

  ASSERT_TRUE(answer.ok());
  EXPECT_THAT(server_->last_request.body, HasSubstr(R"("snapshot":"01S")"));
  EXPECT_EQ(answer->target.snapshot, "01S");
  EXPECT_EQ(answer->target.branch, "");
}

TEST_F(RemoteGraphTest, AMutationTellsWhoTheServerSays) {
  server_->body = R"({"branch":"main","query_name":"add","affected_nodes":1,"affected_edges":0,)"
                  R"("actor_id":"ada","commit":{"graph_commit_id":"01C","manifest_branch":null,)"
                  R"("manifest_version":2,"parent_commit_id":"01B","merged_parent_commit_id":null,)"
                  R"("actor_id":"ada","created_at":5}})";

  const auto answer = graph_->Mutate(caller_, {});

  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->affected_nodes, 1U);
  EXPECT_EQ(answer->commit->manifest_version, 2U);
  EXPECT_EQ(graph_->last_echo().actor_id, "ada");
}

TEST_F(RemoteGraphTest, ALoadIsOneRequestAndCountsComeFromTheTables) {
  server_->body =
      R"({"uri":"/s/g","branch":"b","base_branch":"main","branch_created":true,"mode":"merge",)"
      R"("tables":[{"table_key":"edge:E","rows_loaded":2},{"table_key":"node:A","rows_loaded":3},)"
      R"({"table_key":"node:B","rows_loaded":4}],"actor_id":null})";
  std::string data = "{\"type\":\"A\"}\n";
  engine::LoadRequest request;
  request.mode = engine::LoadMode::kMerge;
  request.branch = "b";
  request.from = "main";
  request.read = [&data](char* buffer, std::size_t) -> Result<std::size_t> {
    const std::size_t count = data.copy(buffer, data.size());
    data.clear();
    return count;
  };

  const auto answer = graph_->Load(caller_, request);

  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(server_->last_request.target, "/ingest");
  EXPECT_EQ(server_->last_request.body,
            R"({"branch":"b","from":"main","mode":"merge","data":"{\"type\":\"A\"}\n"})");
  EXPECT_EQ(answer->nodes_loaded, 7U);
  EXPECT_EQ(answer->edges_loaded, 2U);
  EXPECT_EQ(answer->node_types_loaded, 2U);
  EXPECT_EQ(answer->edge_types_loaded, 1U);
  EXPECT_TRUE(answer->branch_created);
}

TEST_F(RemoteGraphTest, AnExportPassesWholeLines) {
  server_->pieces = {"{\"a\":", "1}\n{\"b\":2}\n{\"c\"", ":3}\n"};
  std::vector<std::string> written;
  int starts_count = 0;
  engine::ExportRequest request;
  request.on_start = [&starts_count] {
    ++starts_count;
    return Status::Ok();
  };
  request.write = [&written](std::string_view lines) {
    written.emplace_back(lines);
    return Status::Ok();
  };

  ASSERT_TRUE(graph_->Export(caller_, request).ok());

  EXPECT_THAT(written, ElementsAre("{\"a\":1}\n{\"b\":2}\n", "{\"c\":3}\n"));
  EXPECT_EQ(starts_count, 1);
}

TEST_F(RemoteGraphTest, NamesAreEncodedInAddresses) {
  server_->body = R"({"uri":"/s/g","name":"a/b","actor_id":"ada"})";
  ASSERT_TRUE(graph_->DeleteBranch(caller_, "a/b c").ok());
  EXPECT_EQ(server_->last_request.method, "DELETE");
  EXPECT_EQ(server_->last_request.target, "/branches/a%2Fb%20c");
  EXPECT_EQ(graph_->last_echo().uri, "/s/g");

  server_->body = R"({"commits":[{"graph_commit_id":"1"},{"graph_commit_id":"2"}]})";
  const auto commits = graph_->ListCommits(caller_, "a/b", 1);
  EXPECT_EQ(server_->last_request.target, "/commits?branch=a%2Fb&limit=1");
  ASSERT_EQ(commits->size(), 1U);
  EXPECT_EQ((*commits)[0].graph_commit_id, "2");
}

TEST_F(RemoteGraphTest, AStoredQueryOfEitherKindIsTold) {
  server_->body = R"({"query_name":"q","target":{"branch":"main","snapshot":null},"rows":[]})";
  StoredQueryRequest request;
  request.name = "find it";
  request.expects_mutation = false;
  const auto read = graph_->InvokeStored(request);
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(std::holds_alternative<engine::QueryAnswer>(*read));
  EXPECT_EQ(server_->last_request.target, "/queries/find%20it");
  EXPECT_EQ(server_->last_request.body, R"({"expect_mutation":false})");

  server_->body = R"({"branch":"main","query_name":"q","affected_nodes":1,"affected_edges":0})";
  const auto written = graph_->InvokeStored(request);
  ASSERT_TRUE(written.ok());
  EXPECT_TRUE(std::holds_alternative<engine::MutationAnswer>(*written));
}

TEST_F(RemoteGraphTest, AnUnreachableServerIsNamed) {
  server_->failure = Status::Error(ErrorCode::kUnavailable, "refused");

  const auto answer = graph_->ListBranches(caller_);

  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("http://h:1"));
}

TEST_F(RemoteGraphTest, AnAnswerOfAnotherShapeIsAnError) {
  server_->body = "<html>";
  EXPECT_EQ(graph_->ListBranches(caller_).status().code(), ErrorCode::kInternal);
  server_->body = R"({"rows":[{]})";
  EXPECT_FALSE(graph_->Query(caller_, {}).ok());
  server_->body = "{}";
  EXPECT_FALSE(graph_->Mutate(caller_, {}).ok());
}

TEST(ServerErrorTest, TheServersWordsAreKept) {
  const Status denied = ErrorFromResponse(403, R"({"error":"policy denied","code":"forbidden"})");
  EXPECT_EQ(denied.code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(denied.message(), "policy denied");
}

TEST(ServerErrorTest, ConflictsStandOneOnALine) {
  const Status conflict = ErrorFromResponse(
      409, R"({"error":"merge conflicts","merge_conflicts":[{"table_key":"node:A","row_id":"x",)"
           R"("kind":"divergent_update","message":"both"},{"table_key":"edge:E","row_id":null,)"
           R"("kind":"orphan_edge","message":""}]})");
  EXPECT_EQ(conflict.message(),
            "merge conflicts\n  node:A:x (divergent_update): both\n  edge:E (orphan_edge)");
}

TEST(ServerErrorTest, AStaleTableKeepsItsVersions) {
  const Status stale = ErrorFromResponse(409, R"({"error":"stale view","manifest_conflict":)"
                                              R"({"table_key":"node:A","expected":3,"actual":4}})");
  ASSERT_NE(stale.table_conflict(), nullptr);
  EXPECT_EQ(stale.table_conflict()->actual_version, 4U);
}

TEST(ServerErrorTest, AForeignBodyIsQuoted) {
  EXPECT_EQ(ErrorFromResponse(502, "Bad Gateway\n").message(), "server returned 502: Bad Gateway");
  EXPECT_EQ(ErrorFromResponse(500, "").message(), "server returned 500");
}

TEST(JsonSlicesTest, WhiteSpaceAndNestingAreUnderstood) {
  const auto members = CutObject(" { \"a\\n\" : [1, {\"b\": \"}\"}] , \"c\":null } ");
  ASSERT_TRUE(members.ok());
  ASSERT_EQ(members->size(), 2U);
  EXPECT_EQ((*members)[0].key, "a\n");
  EXPECT_EQ((*members)[0].json, R"([1, {"b": "}"}])");
  EXPECT_EQ((*members)[1].json, "null");
  EXPECT_THAT(*CutArray("[1, \"]\",[]]"), ElementsAre("1", "\"]\"", "[]"));
  EXPECT_TRUE(CutArray("[]")->empty());
}

TEST(JsonSlicesTest, MalformedTextIsRefused) {
  for (const char* text :
       {"", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1", "{\"a\":1}x", "{a:1}", "[1]"})
    EXPECT_FALSE(CutObject(text).ok()) << text;
  for (const char* text : {"[", "[1", "[1,]", "[1]]", "{}", "[\"a]"})
    EXPECT_FALSE(CutArray(text).ok()) << text;
}

TEST_F(RemoteGraphTest, ConditionsGoIntoHeadersAndRoutesOfTheirOwn) {
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const engine::WriteConditions conditions{"01ARYZ6S41TSV4RRFFQ69G5FAV", "k1"};
  const Headers headers = {{"Omnigraph-If-Graph-Commit", "01ARYZ6S41TSV4RRFFQ69G5FAV"},
                           {"Idempotency-Key", "k1"}};
  const auto sent = [&] {
    EXPECT_EQ(server_->last_request.headers, headers);
    return server_->last_request.target;
  };
  engine::MutationRequest mutation;
  mutation.conditions = conditions;
  (void)graph_->Mutate(caller_, mutation);
  EXPECT_EQ(sent(), "/mutate/if-graph-commit");
  engine::LoadRequest load;
  load.read = [](char*, std::size_t) { return Result<std::size_t>(std::size_t{0}); };
  load.conditions = conditions;
  (void)graph_->Load(caller_, load);
  EXPECT_EQ(sent(), "/load/if-graph-commit");
  load.is_strict = true;
  (void)graph_->Load(caller_, load);
  EXPECT_EQ(sent(), "/load/ndjson/if-graph-commit?branch=main&mode=append");
  engine::MergeRequest merge;
  merge.conditions = conditions;
  (void)graph_->Merge(caller_, merge);
  EXPECT_EQ(sent(), "/branches/merge/if-graph-commit");
  (void)graph_->Revert(caller_, {"main", "v1", false, conditions});
  EXPECT_EQ(sent(), "/branches/revert/if-graph-commit");
  StoredQueryRequest stored;
  stored.name = "q";
  stored.conditions = conditions;
  (void)graph_->InvokeStored(stored);
  EXPECT_EQ(sent(), "/queries/q/if-graph-commit");
  mutation.conditions = {};
  (void)graph_->Mutate(caller_, mutation);
  EXPECT_EQ(server_->last_request.target, "/mutate");
  EXPECT_TRUE(server_->last_request.headers.empty());
}

TEST_F(RemoteGraphTest, ARefusedConditionTellsBothCommits) {
  server_->status = 412;
  server_->body =
      R"({"error":"the head is another","precondition_failure":{"expected":"A","actual":"B"}})";
  const Status refused = graph_->Mutate(caller_, {}).status();
  EXPECT_EQ(refused.code(), ErrorCode::kPreconditionFailed);
  ASSERT_NE(refused.head_mismatch(), nullptr);
  EXPECT_EQ(refused.head_mismatch()->expected, "A");
  EXPECT_EQ(refused.head_mismatch()->actual, "B");
}

TEST_F(RemoteGraphTest, TagsAndRevertsAreRead) {
  server_->body = R"({"tags":[{"name":"v/1","graph_commit_id":"01C","manifest_branch":null,)"
                  R"("actor_id":"mia","created_at":7}]})";
  const auto tags = graph_->ListTags(caller_);
  ASSERT_TRUE(tags.ok()) << tags.status().message();
  ASSERT_EQ(tags->size(), 1u);
  EXPECT_EQ(tags->front().name, "v/1");
  EXPECT_EQ(tags->front().actor_id, "mia");
  server_->body = R"({"name":"v/1"})";
  ASSERT_TRUE(graph_->DeleteTag(caller_, "v/1").ok());
  EXPECT_EQ(server_->last_request.target, "/tags/v%2F1");
  server_->body = R"({"branch":"main","reverted_to":"01C","changes_schema":true,"tables":)"
                  R"([{"table_key":"node:P","rows_before":2,"rows_after":1}],"commit":null})";
  const auto reverted = graph_->Revert(caller_, {"main", "v/1", true, {}});
  ASSERT_TRUE(reverted.ok()) << reverted.status().message();
  EXPECT_EQ(server_->last_request.body, R"({"branch":"main","to":"v/1","dry_run":true})");
  EXPECT_TRUE(reverted->changes_schema);
  EXPECT_EQ(reverted->tables.front().rows_after, 1u);
}

}  // namespace
}  // namespace omnigraph::client
