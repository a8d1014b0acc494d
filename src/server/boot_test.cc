// Tests of starting: what is refused, and that what boots answers over a real connection.

#include "server/boot.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "engine/engine.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "server/service.h"
#include "store/open_store.h"
#include "store/test_directory.h"

namespace omnigraph::server {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSchema = "node Plant { tag: String @key  height: I32? }\n";
constexpr std::string_view kQueries =
    "query tall($least: I32) { match { $p: Plant  $p.height >= $least } return { $p.tag } }\n"
    "query add($tag: String, $h: I32) { insert Plant { tag: $tag, height: $h } }\n";
constexpr std::string_view kBundle =
    "version: 1\n"
    "groups: { crew: [act-ada] }\n"
    "rules:\n"
    "  - { id: all, allow: { actors: { group: crew }, actions: [read, change, invoke_query] } }\n";

using Variables = std::map<std::string, std::string, std::less<>>;

Environment EnvironmentOf(Variables variables) {
  return [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

class BootTest : public ::testing::Test {
 protected:
  std::string PathOf(std::string_view name) const {
    return directory_.path() + "/" + std::string(name);
  }
  std::string Write(std::string_view name, std::string_view text) const {
    std::ofstream(PathOf(name)) << text;
    return PathOf(name);
  }
  std::string MakeGraph() const {
    const std::string uri = PathOf("garden.omni");
    const auto store = store::OpenStore(uri);
    EXPECT_TRUE(store.ok());
    const Status made = engine::Graph::Init(*store, uri, kSchema, false);
    EXPECT_TRUE(made.ok()) << made.message();
    return uri;
  }
  Result<std::shared_ptr<const Site>> Start(const ServerOptions& options,
                                            const Variables& variables) {
    return Boot(options, EnvironmentOf(variables), log_);
  }
  std::string RefusalOf(const ServerOptions& options, const Variables& variables = {}) {
    const auto site = Start(options, variables);
    return site.ok() ? "started" : std::string(site.status().message());
  }

  store::TestDirectory directory_;
  EventLog log_{LogLevel::kOff, [](LogLevel, std::string_view) {}};
};

ServerOptions Open(std::string uri) {
  ServerOptions options;
  options.uri = std::move(uri);
  options.is_unauthenticated = true;
  return options;
}

TEST_F(BootTest, AccessFollowsFromTokensPoliciesAndOptIn) {
  EXPECT_EQ(*ClassifyAccess(false, false, true), AccessMode::kOpen);
  EXPECT_EQ(*ClassifyAccess(true, false, false), AccessMode::kDefaultDeny);
  EXPECT_EQ(*ClassifyAccess(true, false, true), AccessMode::kDefaultDeny);
  EXPECT_EQ(*ClassifyAccess(true, true, false), AccessMode::kPolicyEnabled);
  EXPECT_EQ(*ClassifyAccess(true, true, true), AccessMode::kPolicyEnabled);
  EXPECT_THAT(std::string(ClassifyAccess(false, false, false).status().message()),
              HasSubstr("--unauthenticated"));
  for (const bool is_opted_in : {false, true}) {
    const Status refused = ClassifyAccess(false, true, is_opted_in).status();
    EXPECT_THAT(std::string(refused.message()),
                HasSubstr("policy file is configured but no bearer tokens"));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("every request would 401"));
  }
}

TEST_F(BootTest, WhatCannotBeServedIsRefusedWithAReason) {
  const std::string uri = MakeGraph();
  EXPECT_THAT(RefusalOf({}), HasSubstr("no graph to serve"));
  EXPECT_THAT(RefusalOf(Open("ftp://x/y")), HasSubstr("ftp"));
  ServerOptions two = Open(uri);
  two.cluster = directory_.path();
  EXPECT_THAT(RefusalOf(two), HasSubstr("exclusive boot source"));
  ServerOptions follower = Open(uri);
  follower.reload_interval = "30s";
  EXPECT_THAT(RefusalOf(follower), HasSubstr("--reload-interval"));
  ServerOptions target;
  target.target = "garden";
  EXPECT_THAT(RefusalOf(target), HasSubstr("--cluster"));
  ServerOptions closed = Open(uri);
  closed.is_unauthenticated = false;
  EXPECT_THAT(RefusalOf(closed), HasSubstr("--unauthenticated"));
  ServerOptions cluster;
  cluster.cluster = PathOf("nowhere");
  EXPECT_THAT(RefusalOf(cluster), HasSubstr("cluster_state_missing"));
}

TEST_F(BootTest, AMissingGraphIsNotCreated) {
  EXPECT_THAT(RefusalOf(Open(PathOf("absent.omni"))), HasSubstr("absent.omni"));

  EXPECT_FALSE(std::filesystem::exists(PathOf("absent.omni")));
}

TEST_F(BootTest, StoredQueriesMustFitTheSchemaOfTheGraph) {
  ServerOptions options = Open(MakeGraph());
  options.queries = Write("q.gq", "query bad() { match { $w: Weed } return { $w.x } }");
  EXPECT_THAT(RefusalOf(options), HasSubstr("schema check"));
  options.queries = Write("q.gq", "query bad(");
  EXPECT_THAT(RefusalOf(options), HasSubstr("parse error"));
  options.queries = PathOf("gone.gq");
  EXPECT_THAT(RefusalOf(options), HasSubstr("gone.gq"));
}

TEST_F(BootTest, BrokenBundlesAreNeverServed) {
  ServerOptions options = Open(MakeGraph());
  const Variables tokens = {{"OMNIGRAPH_SERVER_BEARER_TOKEN", "t"}};
  options.policy = Write("p.yaml", "version: 1\ngroups: {}\nruels: []\n");
  EXPECT_THAT(RefusalOf(options, tokens), HasSubstr("ruels"));
  options.policy = Write("p.yaml",
                         "version: 1\ngroups: { g: [a] }\nrules:\n"
                         "  - { id: r, allow: { actors: { group: g }, actions: [graph_list] } }\n");
  EXPECT_THAT(RefusalOf(options, tokens), HasSubstr("graph_list"));
}

/// A booted site behind a real port.
class Loopback {
 public:
  Loopback(std::shared_ptr<const Site> site, EventLog& log)
      : current_(std::move(site)),
        admission_({}),
        service_({current_, admission_, log, Clock::System()}),
        server_(*net::HttpServer::Start(service_, {})) {
    setenv("NO_PROXY", "127.0.0.1", 1);
  }

  net::HttpClientResponse Send(std::string method, std::string target, std::string body,
                               std::optional<std::string> token) {
    net::HttpClientOptions options;
    options.base_url = "http://" + server_->LocalAddress();
    options.bearer_token = std::move(token);
    const auto client = net::HttpClient::Open(options);
    net::HttpClientRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    if (!body.empty()) request.content_type = "application/json";
    request.body = std::move(body);
    auto response = (*client)->Send(request);
    EXPECT_TRUE(response.ok()) << response.status().message();
    return response.ok() ? *std::move(response) : net::HttpClientResponse();
  }

 private:
  CurrentSite current_;
  AdmissionControl admission_;
  Service service_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(BootTest, AServedGraphAnswersOverARealConnection) {
  ServerOptions options;
  options.uri = MakeGraph();
  options.policy = Write("p.yaml", kBundle);
  std::filesystem::create_directory(PathOf("queries"));
  options.queries = PathOf("queries");
  Write("queries/plants.gq", kQueries);
  auto site = Start(options, {{"OMNIGRAPH_SERVER_BEARER_TOKENS_JSON",
                               R"({"act-ada": "tok-ada", "act-ben": "tok-ben"})"}});
  ASSERT_TRUE(site.ok()) << site.status().message();
  Loopback server(*site, log_);

  EXPECT_EQ(server.Send("GET", "/healthz", "", {}).status, 200);
  EXPECT_EQ(server.Send("GET", "/snapshot", "", {}).status, 401);
  EXPECT_EQ(server.Send("GET", "/snapshot", "", "tok-ben").status, 403);
  const auto added =
      server.Send("POST", "/queries/add", R"({"params": {"tag": "fern", "h": 40}})", "tok-ada");
  EXPECT_EQ(added.status, 200);
  EXPECT_THAT(added.body, HasSubstr(R"("actor_id":"act-ada")"));
  for (int i = 0; i < 3; ++i) {  // First on a worker, then on the connection's thread.
    const auto tall =
        server.Send("POST", "/queries/tall", R"({"params": {"least": 10}})", "tok-ada");
    EXPECT_EQ(tall.body,
              R"({"query_name":"tall","target":{"branch":"main","snapshot":null},"row_count":1,)"
              R"("columns":["p.tag"],"rows":[{"p.tag":"fern"}]})");
  }
  EXPECT_EQ(server.Send("POST", "/export", "{}", "tok-ada").status, 403);
  EXPECT_EQ(server.Send("POST", "/queries/tall", R"({"params": {"least": "x"}})", "tok-ada").status,
            400);
}

}  // namespace
}  // namespace omnigraph::server
