// Tests of the ledger and the lock as commands meet them, of refresh and of drift.

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cluster/commands_fixture.h"
#include "cluster/output.h"
#include "store/faulty_store.h"

namespace omnigraph::cluster {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

class LedgerCommandsTest : public CommandsTest {};

INSTANTIATE_TEST_SUITE_P(On, LedgerCommandsTest,
                         ::testing::Values(StoreKind::kMemory, StoreKind::kLocal),
                         [](const auto& kind) {
                           return kind.param == StoreKind::kMemory ? "Memory" : "Local";
                         });

// ---- the ledger and the lock -------------------------------------------------------------------

TEST_P(LedgerCommandsTest, AnUnreadableLedgerStopsEveryCommandAndStays) {
  const std::pair<const char*, const char*> ledgers[] = {
      {"{", "invalid_state_json"},
      {R"({"version":1,"applied_revision":{"resources":{}},"extra":1})", "invalid_state_json"},
      {R"({"version":1})", "invalid_state_json"},
      {R"({"version":9,"applied_revision":{"resources":{}}})", "unsupported_state_version"}};
  for (const auto& [text, code] : ledgers) {
    Write("__cluster/state.json", text);
    EXPECT_THAT(Codes(Plan().findings), Contains(code));
    EXPECT_THAT(Codes(Apply().findings), Contains(code));
    EXPECT_THAT(Codes(Refresh().findings), Contains(code));
    EXPECT_THAT(Codes(Status().findings), Contains(code));
    EXPECT_TRUE(Status().state.state_found);
    EXPECT_EQ(Read("__cluster/state.json"), text);
    EXPECT_FALSE(Exists("__cluster/lock.json"));
  }
}

TEST_P(LedgerCommandsTest, AMinimalLedgerWithPlaceholderDigestsIsRead) {
  Write("__cluster/state.json",
        R"({"version":1,"applied_revision":{"resources":{"policy.old":{"digest":"x y"}}}})");

  const PlanReport report = Plan();

  EXPECT_EQ(Dispositions(report.changes)["policy.old"], "delete applied");
  EXPECT_EQ(report.state.state_revision, 0u);
}

TEST_P(LedgerCommandsTest, ImportRefusesALedgerThatIsThere) {
  Deploy();
  const std::string before = Read("__cluster/state.json");

  const StateReport report = Import();

  EXPECT_THAT(Find(report.findings, "state_already_exists").message, HasSubstr("cluster refresh"));
  EXPECT_EQ(Read("__cluster/state.json"), before);
}

TEST_P(LedgerCommandsTest, ImportSetsACorruptLedgerAsideAndRebuildsIt) {
  Deploy();
  Write("__cluster/state.json", "{ torn");

  const StateReport report = Import();

  const Finding& moved = Find(report.findings, "state_ledger_quarantined");
  EXPECT_EQ(Read(moved.path), "{ torn");
  EXPECT_EQ(StoredLedger().state_revision, 1u);
  EXPECT_TRUE(Apply().converged);
}

TEST_P(LedgerCommandsTest, ALostLedgerIsRebuiltAndTheCatalogIsUsedAgain) {
  Deploy();
  ASSERT_TRUE(store_->Delete("__cluster/state.json").ok());

  EXPECT_EQ(Import().state.state_revision, 1u);
  EXPECT_THAT(Dispositions(Plan().changes),
              IsSupersetOf({Pair("graph.fleet", "update derived"),
                            Pair("query.fleet.all_vessels", "create applied"),
                            Pair("policy.crew", "create applied")}));
  EXPECT_TRUE(Apply().converged);
}

TEST_P(LedgerCommandsTest, AHeldLockStopsEveryCommandThatTakesItAndIsLeftAlone) {
  Deploy();
  LeaveLock();
  const std::string lock = Read("__cluster/lock.json");

  for (const StateObservations& seen :
       {Plan().state, Apply().state, Refresh().state, Import().state}) {
    EXPECT_TRUE(seen.locked);
    EXPECT_FALSE(seen.lock_acquired);
    EXPECT_EQ(seen.lock.lock_id, "01J8ZK3V9QW7R5T2N4M6P8S0AB");
    EXPECT_EQ(seen.lock.operation, "apply");
    EXPECT_EQ(seen.lock.pid, 99u);
    EXPECT_GT(seen.lock.age_seconds.value_or(0), 0u);
  }
  EXPECT_THAT(Find(Plan().findings, "state_lock_held").message,
              HasSubstr("force-unlock 01J8ZK3V9QW7R5T2N4M6P8S0AB"));
  EXPECT_EQ(Read("__cluster/lock.json"), lock);
  EXPECT_TRUE(Status().state.locked);
}

TEST_P(LedgerCommandsTest, ALockWhoseTakingWasNotAnsweredIsHeldAndReleased) {
  Deploy();
  const auto faulty = std::make_shared<store::FaultyStore>(store_);
  faulty->SetPlan({{0, store::Fault::kLostReply}});

  const PlanReport report = RunPlan(SampleMachine(faulty).ports, options_);

  EXPECT_EQ(faulty->trace()[0].key, "__cluster/lock.json");
  EXPECT_THAT(report.findings.items(), IsEmpty()) << ToMessages(report.findings);
  EXPECT_TRUE(report.state.lock_acquired);
  EXPECT_FALSE(Exists("__cluster/lock.json"));
}

TEST_P(LedgerCommandsTest, OnlyTheExactIdRemovesTheLock) {
  LeaveLock();

  const ForceUnlockReport wrong = RunForceUnlock(machine_.ports, options_, "01J8");
  EXPECT_THAT(Find(wrong.findings, "state_lock_id_mismatch").message,
              HasSubstr("01J8ZK3V9QW7R5T2N4M6P8S0AB"));
  EXPECT_TRUE(Exists("__cluster/lock.json"));
  const ForceUnlockReport right =
      RunForceUnlock(machine_.ports, options_, "01J8ZK3V9QW7R5T2N4M6P8S0AB");
  EXPECT_TRUE(right.lock_removed);
  EXPECT_FALSE(right.state.locked);
  EXPECT_EQ(right.state.lock.lock_id, "01J8ZK3V9QW7R5T2N4M6P8S0AB");
  EXPECT_FALSE(Exists("__cluster/lock.json"));
}

TEST_P(LedgerCommandsTest, ThereIsNoBlindUnlock) {
  const std::pair<const char*, const char*> locks[] = {
      {"{", "invalid_state_lock"},
      {R"({"version":1,"lock_id":"a","operation":"b","created_at":"c","pid":1,"host":"h"})",
       "invalid_state_lock"},
      {R"({"version":2,"lock_id":"a","operation":"b","created_at":"c","pid":1})",
       "unsupported_state_lock_version"}};
  for (const auto& [text, code] : locks) {
    Write("__cluster/lock.json", text);
    const ForceUnlockReport report = RunForceUnlock(machine_.ports, options_, "a");
    EXPECT_THAT(Codes(report.findings), ElementsAre(code));
    EXPECT_EQ(Read("__cluster/lock.json"), text);
    EXPECT_EQ(Find(Status().findings, code).severity, Severity::kWarning);
  }
  ASSERT_TRUE(store_->Delete("__cluster/lock.json").ok());
  EXPECT_THAT(Codes(RunForceUnlock(machine_.ports, options_, "a").findings),
              ElementsAre("state_lock_missing"));
}

TEST_P(LedgerCommandsTest, ALedgerThatMovedMeanwhileWins) {
  Import();
  machine_.ports.failpoint = [&](std::string_view point) {
    if (point != "cluster_apply.before_state_write") return omnigraph::Status::Ok();
    Ledger other = StoredLedger();
    ++other.state_revision;
    Write("__cluster/state.json", SerializeLedger(other));
    return omnigraph::Status::Ok();
  };

  const ApplyReport report = Apply();

  EXPECT_EQ(Find(report.findings, "state_cas_mismatch").path, "__cluster/state.json");
  EXPECT_FALSE(report.state_written);
  EXPECT_THAT(StoredLedger().resources, IsEmpty());
  EXPECT_FALSE(Exists("__cluster/lock.json"));
  machine_.ports.failpoint = nullptr;
  EXPECT_TRUE(Apply().converged);
  EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty());
}

TEST_P(LedgerCommandsTest, ASignalStopsBetweenTwoStepsAndReleasesTheLock) {
  Import();
  const std::atomic<int> signal{15};
  machine_.ports.stop_signal = &signal;

  const CommandOutcome outcome = cluster::Apply(machine_.ports, options_, std::nullopt);

  EXPECT_EQ(outcome.exit_code, 143);
  EXPECT_FALSE(Exists("__cluster/lock.json"));
  EXPECT_THAT(StoredLedger().resources, IsEmpty());
}

// ---- refresh and drift -------------------------------------------------------------------------

TEST_P(LedgerCommandsTest, EveryRefreshIsARevisionAndReopensNothing) {
  Deploy();

  EXPECT_EQ(Refresh().state.state_revision, 3u);
  EXPECT_EQ(Refresh().state.state_revision, 4u);
  EXPECT_THAT(Plan().changes, IsEmpty());
}

TEST_P(LedgerCommandsTest, RefreshNeedsALedger) {
  const StateReport report = Refresh();

  EXPECT_THAT(Find(report.findings, "state_missing").message, HasSubstr("cluster import"));
  EXPECT_THAT(report.resource_digests, IsEmpty());
}

TEST_P(LedgerCommandsTest, AnOutOfBandSchemaIsDriftThatApplyReverts) {
  Deploy();
  ASSERT_TRUE(
      machine_.graphs()
          .Commit(GraphUri("fleet"),
                  "node Vessel {\n  imo: String @key\n  name: String\n  stray: String?\n}\n")
          .ok());

  const StateReport report = Refresh();
  const PlanReport plan = Plan();

  EXPECT_THAT(report.statuses.at("schema.fleet").conditions, ElementsAre("schema_mismatch"));
  ASSERT_NE(FindChange(plan.changes, "schema.fleet"), nullptr);
  EXPECT_THAT(FindChange(plan.changes, "schema.fleet")->migration->lines,
              ElementsAre("drop_property node Vessel.stray [soft]"));
  EXPECT_TRUE(Apply().converged);
  EXPECT_EQ(StoredLedger().statuses.at("graph.fleet").status, "applied");
  EXPECT_THAT(Plan().changes, IsEmpty());
}

TEST_P(LedgerCommandsTest, AVanishedGraphIsPlannedAsTwoCreates) {
  Deploy();
  ASSERT_TRUE(store_->DeletePrefix("graphs/fleet.omni/").ok());

  const StateReport report = Refresh();

  EXPECT_THAT(report.findings.items(), IsEmpty());
  EXPECT_THAT(report.resource_digests, Not(Contains(Key("graph.fleet"))));
  EXPECT_THAT(report.resource_digests, Contains(Key("query.fleet.all_vessels")));
  EXPECT_THAT(Dispositions(Plan().changes), ElementsAre(Pair("graph.fleet", "create applied"),
                                                        Pair("schema.fleet", "create applied")));
  EXPECT_TRUE(Apply().converged);
}

TEST_P(LedgerCommandsTest, AGraphThatCannotBeOpenedIsRecordedAndFailsRefreshButNotImport) {
  Deploy();
  ASSERT_TRUE(store_->DeletePrefix("graphs/fleet.omni/").ok());
  Write("graphs/fleet.omni/junk", "not a graph");

  const StateReport report = Refresh();

  EXPECT_EQ(Find(report.findings, "graph_observation_error").path, "graphs");
  EXPECT_EQ(StoredLedger().statuses.at("graph.fleet").status, "error");
  EXPECT_EQ(StoredLedger().state_revision, 3u);
  EXPECT_TRUE(StoredLedger().resources.contains("graph.fleet"));
  ASSERT_TRUE(store_->Delete("__cluster/state.json").ok());
  Import();
  EXPECT_FALSE(Exists("__cluster/state.json"));
}

TEST_P(LedgerCommandsTest, ALostPayloadIsWarnedRecordedAndRestored) {
  Deploy();
  const std::string key =
      "__cluster/resources/query/fleet/all_vessels/" + std::string(kVesselsDigest) + ".gq";
  ASSERT_TRUE(store_->Delete(key).ok());

  EXPECT_EQ(Find(Status().findings, "catalog_payload_missing").path, "query.fleet.all_vessels");
  const StateReport report = Refresh();

  EXPECT_THAT(report.statuses.at("query.fleet.all_vessels").conditions,
              ElementsAre("payload_missing"));
  EXPECT_FALSE(StoredLedger().resources.contains("query.fleet.all_vessels"));
  EXPECT_EQ(Dispositions(Plan().changes)["query.fleet.all_vessels"], "create applied");
  EXPECT_TRUE(Apply().converged);
  EXPECT_EQ(Read(key), kVesselsGq);
  EXPECT_THAT(Status().findings.items(), IsEmpty());
}

TEST_P(LedgerCommandsTest, ATamperedPayloadIsRepaired) {
  Deploy();
  const std::string key =
      "__cluster/resources/policy/crew/"
      "eab4a7404e0550e72fbca7fa0680a63849d6a28c6016d8196b433e60e3244892.yaml";
  Write(key, "tampered");

  EXPECT_THAT(Find(Refresh().findings, "catalog_payload_mismatch").message, HasSubstr("sha256:"));
  const ApplyReport report = Apply();

  EXPECT_EQ(Find(report.findings, "catalog_payload_repaired").path, "policy.crew");
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(Read(key), kCrewPolicy);
}

TEST_P(LedgerCommandsTest, ARootThatNobodyDeclaredIsAWarning) {
  Deploy();
  ASSERT_TRUE(machine_.graphs().Create("x/foundling.omni", kFleetPg, std::nullopt, false).ok());

  EXPECT_EQ(Find(Refresh().findings, "undeclared_graph_root").path, "graphs/foundling.omni");
}

}  // namespace
}  // namespace omnigraph::cluster
