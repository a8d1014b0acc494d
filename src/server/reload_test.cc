// Tests of going from one applied revision of a cluster to the next.

#include "server/reloader.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>

#include "cluster/commands.h"
#include "cluster/sample_cluster.h"
#include "engine/engine.h"
#include "server/boot.h"
#include "server/service_fixture.h"

namespace omnigraph::server {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;

class SetClock final : public Clock {
 public:
  std::int64_t NowMicros() override { return now_micros; }
  std::int64_t now_micros = 1'790'000'000'000'000;
};

/// The harbour, applied and booted.
class ReloadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    cluster::ConfigOptions config;
    config.config_dir = folder_.path();
    ASSERT_EQ(cluster::Import(machine_, config).exit_code, 0);
    Apply();
    options_.cluster = folder_.path();
    const auto site = Boot(options_, environment_, log_);
    ASSERT_TRUE(site.ok()) << site.status().message();
    current_.Replace(*site);
  }
  void Apply() {
    cluster::ConfigOptions config;
    config.config_dir = folder_.path();
    const auto outcome = cluster::Apply(machine_, config, "act-operator");
    ASSERT_EQ(outcome.exit_code, 0) << outcome.text << outcome.error_text;
  }
  const ServedGraph& fleet() const { return current_.Get()->graphs.find("fleet")->second; }

  cluster::SampleFolder folder_;
  const cluster::Machine machine_ = cluster::SystemMachine();
  ServerOptions options_;
  const Environment environment_ = [](std::string_view name) -> std::optional<std::string> {
    if (name != "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON") return std::nullopt;
    return R"({"act-mate": "tok-mate", "act-master": "tok-master"})";
  };
  EventLog log_{LogLevel::kOff, [](LogLevel, std::string_view) {}};
  CurrentSite current_{nullptr};
  SetClock clock_;
  Reloader reloader_{options_, environment_, current_, log_, clock_};
};

TEST_F(ReloadTest, TheAppliedRevisionIsServed) {
  const auto site = current_.Get();

  EXPECT_FALSE(site->is_single);
  EXPECT_EQ(site->access, AccessMode::kPolicyEnabled);
  EXPECT_THAT(site->graphs, ElementsAre(Key("fleet")));
  EXPECT_THAT(fleet().queries.all(), ElementsAre(Key("all_vessels"), Key("vessel_by_imo")));
  EXPECT_TRUE(site->policies->Governs("fleet"));
  EXPECT_TRUE(site->policies->GovernsServer());
  EXPECT_EQ(site->cluster->generation, 1U);
}

TEST_F(ReloadTest, WithoutAChangeTheSiteStays) {
  const auto before = current_.Get();

  EXPECT_THAT(reloader_.Reload().problem, IsEmpty());
  EXPECT_EQ(current_.Get(), before);
}

TEST_F(ReloadTest, NewQueriesAreServedByTheSameHandle) {
  const auto before = current_.Get();
  const auto* graph = fleet().graph.get();
  folder_.Write("queries/count.gq",
                "query how_many() { match { $v: Vessel } return { count($v) as n } }\n");
  EXPECT_THAT(reloader_.Reload().problem, IsEmpty());
  EXPECT_EQ(current_.Get(), before) << "what is not applied is not served";
  Apply();

  EXPECT_THAT(reloader_.Reload().problem, IsEmpty());
  EXPECT_NE(fleet().queries.Find("how_many"), nullptr);
  EXPECT_EQ(fleet().graph.get(), graph);
  EXPECT_EQ(current_.Get()->cluster->generation, 2U);
  EXPECT_EQ(before->graphs.find("fleet")->second.queries.Find("how_many"), nullptr);
}

TEST_F(ReloadTest, ANewPolicyAppliesToTheNextRequest) {
  const policy::Request invoke{.action = policy::Action::kInvokeQuery,
                               .graph = "fleet",
                               .actor = "act-mate",
                               .query = "all_vessels"};
  EXPECT_TRUE(current_.Get()->policies->Decide(invoke)->allowed());
  std::string bundle = cluster::kCrewPolicy;
  bundle.replace(bundle.find("act-mate"), 8, "act-cook");
  folder_.Write("policies/crew.policy.yaml", bundle);
  Apply();

  EXPECT_THAT(reloader_.Reload().problem, IsEmpty());
  EXPECT_FALSE(current_.Get()->policies->Decide(invoke)->allowed());
}

TEST_F(ReloadTest, ARevisionThatCannotBeServedLeavesEverythingAsItIs) {
  const auto before = current_.Get();
  std::filesystem::remove(folder_.path() + "/__cluster/state.json");

  EXPECT_THAT(reloader_.Reload().problem, HasSubstr("cluster_state_missing"));
  EXPECT_EQ(current_.Get(), before);
  EXPECT_THAT(reloader_.last()->problem, HasSubstr("not ready to serve"));
}

TEST_F(ReloadTest, PollingReloadsOnlyWhatMoved) {
  reloader_.Poll();
  EXPECT_FALSE(reloader_.last().has_value());
  folder_.Write("queries/count.gq",
                "query how_many() { match { $v: Vessel } return { count($v) as n } }\n");
  Apply();

  reloader_.Poll();
  EXPECT_NE(fleet().queries.Find("how_many"), nullptr);
}

TEST_F(ReloadTest, ALedgerThatMovedAloneIsNoNewGeneration) {
  const auto before = current_.Get();
  ASSERT_EQ(cluster::Refresh(machine_, {folder_.path(), false}).exit_code, 0);

  reloader_.Poll();

  const auto after = current_.Get();
  EXPECT_EQ(after->cluster->state_revision, before->cluster->state_revision + 1);
  EXPECT_EQ(after->cluster->generation, 1U);
  EXPECT_EQ(after->graphs.find("fleet")->second.graph, before->graphs.find("fleet")->second.graph);
  reloader_.Poll();
  EXPECT_EQ(reloader_.totals().done_count, 1U) << "nothing is new the second time";
}

TEST_F(ReloadTest, AGraphThatWasCreatedAgainIsServedByANewHandle) {
  const std::shared_ptr<engine::Graph> before = fleet().graph;
  std::filesystem::remove_all(folder_.path() + "/graphs/fleet.omni");
  EXPECT_THAT(reloader_.Reload().problem, HasSubstr("open graph 'fleet'"));
  EXPECT_EQ(fleet().graph, before);
  ASSERT_EQ(cluster::Refresh(machine_, {folder_.path(), false}).exit_code, 0);
  Apply();

  reloader_.Poll();

  EXPECT_EQ(reloader_.last()->problem, "");
  EXPECT_NE(fleet().graph, before);
  EXPECT_EQ(current_.Get()->cluster->generation, 2U);
}

TEST_F(ReloadTest, ALedgerThatVanishesIsToldOnceAndSoIsItsReturn) {
  const std::string ledger = folder_.path() + "/__cluster/state.json";
  std::filesystem::rename(ledger, ledger + ".away");
  reloader_.Poll();
  reloader_.Poll();
  EXPECT_THAT(reloader_.last()->codes, ElementsAre("cluster_state_missing"));
  EXPECT_EQ(reloader_.totals().refused_count, 1U);
  std::filesystem::rename(ledger + ".away", ledger);

  reloader_.Poll();
  reloader_.Poll();

  EXPECT_EQ(reloader_.last()->problem, "");
  EXPECT_EQ(reloader_.totals().done_count, 1U);
}

// An apply moves the ledger and then removes its recovery records: whoever looks in between must
// not wait for the next change.
TEST_F(ReloadTest, WhatWaitsForARecoveryIsTriedAgainSoon) {
  folder_.Write("queries/count.gq",
                "query how_many() { match { $v: Vessel } return { count($v) as n } }\n");
  Apply();
  folder_.Write("__cluster/recoveries/01J8ZK3V9QW7R5T2N4M6P8S0CD.json",
                R"({"schema_version": 1, "operation_id": "01J8ZK3V9QW7R5T2N4M6P8S0CD",)"
                R"( "started_at": "x", "kind": "schema_apply", "graph_id": "fleet",)"
                R"( "graph_uri": "x", "desired_schema_digest": "x"})");
  reloader_.Poll();
  reloader_.Poll();
  EXPECT_THAT(reloader_.last()->codes, ElementsAre("cluster_recovery_pending"));
  EXPECT_EQ(reloader_.totals().refused_count, 1U);
  std::filesystem::remove(folder_.path() + "/__cluster/recoveries/01J8ZK3V9QW7R5T2N4M6P8S0CD.json");
  clock_.now_micros += 3'000'000;

  reloader_.Poll();

  EXPECT_NE(fleet().queries.Find("how_many"), nullptr);
}

TEST_F(ReloadTest, TheProbesTellOfReloads) {
  AdmissionControl admission({});
  Service service({current_, admission, log_, Clock::System(), &reloader_});
  const auto ask = [&](const std::string& path, const std::string& authorization) {
    return testing::SendTo(service, {.path = path, .authorization = authorization}).body;
  };
  const auto revision = std::to_string(current_.Get()->cluster->state_revision);
  EXPECT_EQ(ask("/readyz", ""), R"({"status":"ready","generation":1,"state_revision":)" + revision +
                                    R"(,"last_reload":null})");
  folder_.Write("queries/count.gq",
                "query how_many() { match { $v: Vessel } return { count($v) as n } }\n");
  Apply();
  ASSERT_THAT(reloader_.Reload().problem, IsEmpty());
  const auto next_revision = std::to_string(current_.Get()->cluster->state_revision);
  EXPECT_NE(next_revision, revision);
  EXPECT_THAT(ask("/readyz", ""),
              AllOf(HasSubstr(R"("generation":2,"state_revision":)" + next_revision),
                    HasSubstr(R"("ok":true,"diagnostics":[]})")));

  std::filesystem::remove(folder_.path() + "/__cluster/state.json");
  ASSERT_THAT(reloader_.Reload().problem, HasSubstr(folder_.path()));

  const std::string refused = ask("/readyz", "");
  EXPECT_THAT(refused, AllOf(HasSubstr(R"("status":"ready","generation":2)"),
                             HasSubstr(R"("ok":false,"diagnostics":["cluster_state_missing"]})")));
  EXPECT_EQ(refused.find(folder_.path()), std::string::npos) << "codes alone";
  EXPECT_THAT(ask("/metrics", "Bearer tok-mate"),
              AllOf(HasSubstr("omnigraph_reloads_total{outcome=\"ok\"} 1\n"),
                    HasSubstr("omnigraph_reloads_total{outcome=\"refused\"} 1\n"),
                    HasSubstr("omnigraph_serving_generation 2\n"),
                    HasSubstr("omnigraph_serving_state_revision " + next_revision + "\n"),
                    HasSubstr("omnigraph_seconds_since_successful_reload ")));
}

TEST_F(ReloadTest, AGraphThatCannotBeServedIsLeftOutOnlyIfThatIsAllowed) {
  folder_.AddScratch();
  Apply();
  std::filesystem::remove_all(folder_.path() + "/graphs/scratch.omni");
  const auto strict = Boot(options_, environment_, log_);
  ASSERT_FALSE(strict.ok());
  EXPECT_THAT(std::string(strict.status().message()), HasSubstr("open graph 'scratch'"));

  options_.allows_quarantine = true;
  const auto lenient = Boot(options_, environment_, log_);

  ASSERT_TRUE(lenient.ok()) << lenient.status().message();
  EXPECT_THAT((*lenient)->graphs, ElementsAre(Key("fleet")));
  EXPECT_THAT((*lenient)->quarantined, ElementsAre(Key("scratch")));
  // Repaired without a new revision: the next attempt serves it again.
  std::filesystem::remove_all(folder_.path() + "/graphs/scratch.omni");
  ASSERT_EQ(cluster::Refresh(machine_, {folder_.path(), false}).exit_code, 0);
  Apply();
  current_.Replace(*lenient);
  EXPECT_EQ(reloader_.Reload().problem, "");
  EXPECT_THAT(current_.Get()->graphs, ElementsAre(Key("fleet"), Key("scratch")));
  EXPECT_THAT(current_.Get()->quarantined, IsEmpty());

  options_.requires_all_graphs = true;
  std::filesystem::remove_all(folder_.path() + "/graphs/scratch.omni");
  EXPECT_FALSE(Boot(options_, environment_, log_).ok());
}

TEST_F(ReloadTest, WithoutAnyGraphLeftTheClusterIsRefusedWithAllReasons) {
  std::filesystem::remove_all(folder_.path() + "/graphs/fleet.omni");
  options_.allows_quarantine = true;

  const auto refused = Boot(options_, environment_, log_);

  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.status().message()),
              AllOf(HasSubstr("cluster_no_healthy_graphs"), HasSubstr("graph.fleet: open graph")));
}

}  // namespace
}  // namespace omnigraph::server
