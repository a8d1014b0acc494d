// Tests of import, plan and apply over both kinds of stores, and of what the commands print.

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cluster/commands_fixture.h"
#include "cluster/output.h"

namespace omnigraph::cluster {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;

INSTANTIATE_TEST_SUITE_P(On, CommandsTest, ::testing::Values(StoreKind::kMemory, StoreKind::kLocal),
                         [](const auto& kind) {
                           return kind.param == StoreKind::kMemory ? "Memory" : "Local";
                         });

// ---- import, plan, apply -----------------------------------------------------------------------

TEST_P(CommandsTest, ImportOfNothingWritesRevisionOneWithoutResources) {
  const StateReport report = Import();

  EXPECT_THAT(report.findings.items(), IsEmpty());
  const Ledger ledger = StoredLedger();
  EXPECT_EQ(ledger.state_revision, 1u);
  EXPECT_EQ(ledger.config_digest, std::nullopt);
  EXPECT_THAT(ledger.resources, IsEmpty());
  EXPECT_THAT(ledger.statuses.at("graph.fleet").conditions, ElementsAre("graph_missing"));
  EXPECT_FALSE(json::parse(ledger.observations.at("graph.fleet")).at("exists").get<bool>());
  EXPECT_FALSE(Exists("__cluster/lock.json"));
}

TEST_P(CommandsTest, PlanWithoutALedgerCreatesEverythingAndWritesNothing) {
  const PlanReport report = Plan();

  EXPECT_EQ(report.changes.size(), 6u);
  for (const auto& [address, shown] : Dispositions(report.changes)) {
    EXPECT_EQ(shown, "create applied") << address;
  }
  EXPECT_FALSE(report.state.state_found);
  EXPECT_TRUE(report.state.lock_acquired);
  EXPECT_FALSE(Exists("__cluster/state.json"));
  EXPECT_FALSE(Exists("__cluster/lock.json"));
  ASSERT_EQ(report.blast_radius.size(), 2u);
  EXPECT_THAT(report.blast_radius[0].affected,
              ElementsAre("policy.crew", "query.fleet.all_vessels", "query.fleet.vessel_by_imo",
                          "schema.fleet"));
}

TEST_P(CommandsTest, ApplyNeedsAnImportedLedger) {
  const ApplyReport report = Apply();

  const Finding& missing = Find(report.findings, "state_missing");
  EXPECT_EQ(missing.path, "__cluster/state.json");
  EXPECT_THAT(missing.message, HasSubstr("cluster import"));
  EXPECT_THAT(Keys("__cluster/"), IsEmpty());
  EXPECT_THAT(Keys("graphs/"), IsEmpty());
}

TEST_P(CommandsTest, OneApplyCreatesEverythingAndASecondOneWritesNothing) {
  Import();

  const ApplyReport report = Apply("mira");
  const std::string bytes = Read("__cluster/state.json");
  const ApplyReport again = Apply("mira");

  EXPECT_THAT(report.findings.items(), IsEmpty());
  EXPECT_EQ(report.applied_count, 6u);
  EXPECT_EQ(report.deferred_count, 0u);
  EXPECT_TRUE(report.converged && report.state_written);
  EXPECT_EQ(machine_.graphs().last_actor, "mira");
  const Ledger ledger = StoredLedger();
  EXPECT_EQ(ledger.state_revision, 2u);
  EXPECT_EQ(ledger.config_digest,
            "6256d9427bd12e3c177772a33ee89e3387d1e8282b057f3b3c7cd97fb2908dcd");
  EXPECT_THAT(ledger.resources.at("policy.crew").applies_to.value(), ElementsAre("graph.fleet"));
  EXPECT_THAT(ledger.statuses, testing::SizeIs(6));
  EXPECT_TRUE(json::parse(ledger.observations.at("graph.fleet")).at("exists").get<bool>());
  EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty());
  EXPECT_EQ(
      Read("__cluster/resources/query/fleet/all_vessels/" + std::string(kVesselsDigest) + ".gq"),
      kVesselsGq);
  EXPECT_THAT(again.changes, IsEmpty());
  EXPECT_TRUE(again.converged);
  EXPECT_FALSE(again.state_written);
  EXPECT_EQ(Read("__cluster/state.json"), bytes);
}

TEST_P(CommandsTest, TheLedgerIsStableJsonThatReadsBackToItself) {
  Deploy();

  const std::string bytes = Read("__cluster/state.json");

  EXPECT_EQ(SerializeLedger(ParseLedger(bytes).ledger.value()), bytes);
  EXPECT_EQ(nlohmann::ordered_json::parse(bytes).dump(2) + "\n", bytes);
  EXPECT_THAT(bytes, StartsWith("{\n  \"version\": 1,\n  \"state_revision\": 2,\n"));
}

TEST_P(CommandsTest, AnApplyOfCatalogChangesOpensNoGraph) {
  Deploy();
  folder_.Edit("queries/vessels.gq", "query all_vessels() {", "query all_vessels()  {");
  machine_.graphs().observed_count = 0;

  const ApplyReport report = Apply();

  EXPECT_THAT(Dispositions(report.changes),
              ElementsAre(Pair("graph.fleet", "update derived"),
                          Pair("query.fleet.all_vessels", "update applied"),
                          Pair("query.fleet.vessel_by_imo", "update applied")));
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(machine_.graphs().observed_count, 0);
  EXPECT_TRUE(
      Exists("__cluster/resources/query/fleet/all_vessels/" + std::string(kVesselsDigest) + ".gq"));
}

TEST_P(CommandsTest, ARemovedQueryLeavesTheLedgerAndKeepsItsContent) {
  Deploy();
  folder_.Edit("cluster.yaml", "queries: queries/",
               "queries: { all_vessels: { file: queries/vessels.gq } }");

  const ApplyReport report = Apply();

  EXPECT_EQ(Dispositions(report.changes)["query.fleet.vessel_by_imo"], "delete applied");
  EXPECT_TRUE(report.converged);
  EXPECT_FALSE(StoredLedger().statuses.contains("query.fleet.vessel_by_imo"));
  EXPECT_TRUE(Exists("__cluster/resources/query/fleet/vessel_by_imo/" +
                     std::string(kVesselsDigest) + ".gq"));
}

TEST_P(CommandsTest, ABindingAloneIsAnUpdateWithEqualDigests) {
  folder_.AddScratch();
  Deploy();
  folder_.Edit("cluster.yaml", "applies_to: [fleet]", "applies_to: [fleet, scratch]");

  const PlanReport plan = Plan();
  const ApplyReport report = Apply();

  ASSERT_EQ(plan.changes.size(), 1u);
  EXPECT_TRUE(plan.changes[0].binding_change);
  EXPECT_EQ(plan.changes[0].before_digest, plan.changes[0].after_digest);
  EXPECT_TRUE(report.converged);
  EXPECT_THAT(StoredLedger().resources.at("policy.crew").applies_to.value(),
              ElementsAre("graph.fleet", "graph.scratch"));
}

TEST_P(CommandsTest, BindingsThatAnOldLedgerLacksAreFilledIn) {
  Deploy();
  Ledger ledger = StoredLedger();
  ledger.resources["policy.crew"].applies_to.reset();
  Write("__cluster/state.json", SerializeLedger(ledger));

  EXPECT_TRUE(Apply().converged);
  EXPECT_TRUE(StoredLedger().resources.at("policy.crew").applies_to.has_value());
}

TEST_P(CommandsTest, AFailedCreateBlocksItsDependentsAndSparesTheRest) {
  Import();
  machine_.graphs().next_failure =
      omnigraph::Status::Error(ErrorCode::kUnavailable, "the disk is on fire");

  const ApplyReport report = Apply();

  EXPECT_THAT(Find(report.findings, "graph_create_failed").message, HasSubstr("disk is on fire"));
  EXPECT_THAT(
      Dispositions(report.changes),
      ElementsAre(Pair("graph.fleet", "create blocked: graph_create_failed"),
                  Pair("policy.crew", "create blocked: dependency_not_applied"),
                  Pair("policy.desk", "create applied"),
                  Pair("query.fleet.all_vessels", "create blocked: dependency_not_applied"),
                  Pair("query.fleet.vessel_by_imo", "create blocked: dependency_not_applied"),
                  Pair("schema.fleet", "create blocked: dependency_not_applied")));
  EXPECT_FALSE(report.converged);
  EXPECT_THAT(StoredLedger().resources, ElementsAre(Pair("policy.desk", testing::_)));
  EXPECT_TRUE(Apply().converged);
  EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty());
}

TEST_P(CommandsTest, LaterGraphsAreSkippedAfterAFailedOne) {
  folder_.AddScratch();
  Import();
  machine_.graphs().next_failure =
      omnigraph::Status::Error(ErrorCode::kUnavailable, "the disk is on fire");

  const ApplyReport report = Apply();

  EXPECT_EQ(Find(report.findings, "graph_create_skipped").path, "graph.scratch");
  EXPECT_EQ(Dispositions(report.changes)["graph.scratch"], "create blocked: graph_create_failed");
}

TEST_P(CommandsTest, AGraphThatIsThereAlreadyIsNotCreatedAgain) {
  Import();
  ASSERT_TRUE(machine_.graphs().Create(GraphUri("fleet"), kFleetPg, std::nullopt, false).ok());

  const ApplyReport report = Apply();

  EXPECT_THAT(Find(report.findings, "graph_create_failed").message, HasSubstr("cluster refresh"));
  EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty());
  EXPECT_THAT(Refresh().findings.items(), IsEmpty());
  EXPECT_TRUE(Apply().converged);
}

// Without the lock two runs may create one graph. The one that is too late ends without a word in
// the ledger, or it would overtake the other one's.
TEST_P(CommandsTest, ARunThatFindsAnotherOneCreatingItsGraphYields) {
  folder_.AddScratch();
  Import();
  const std::string before = Read("__cluster/state.json");
  for (const bool is_seen_before : {true, false}) {
    const std::string point = "cluster_apply.before_graph_create";
    int graphs_begun_count = 0;
    machine_.ports.failpoint = [&](std::string_view reached) {
      const int rival_turn = is_seen_before ? 1 : 2;
      if (reached == point && ++graphs_begun_count == rival_turn) {
        LeaveSidecar("graph_create", "scratch", "f");
        EXPECT_TRUE(
            machine_.graphs().Create(GraphUri("scratch"), kScratchPg, std::nullopt, false).ok());
      }
      return omnigraph::Status::Ok();
    };

    const ApplyReport report = Apply();

    EXPECT_THAT(Find(report.findings, "graph_create_failed").message,
                testing::AllOf(HasSubstr("another run"), HasSubstr(kOperation)));
    EXPECT_EQ(Read("__cluster/state.json"), before);
    EXPECT_FALSE(report.state_written);
    machine_.ports.failpoint = {};
    ASSERT_TRUE(store_->DeletePrefix("graphs/").ok());
    ASSERT_TRUE(store_->DeletePrefix("__cluster/recoveries/").ok());
  }
}

TEST_P(CommandsTest, DenyWarningsStopsBeforeTheLock) {
  folder_.Edit("cluster.yaml", "policies:\n",
               "policies:\n  twin: { file: policies/crew.policy.yaml, applies_to: [fleet] }\n");
  options_.deny_warnings = true;

  const PlanReport report = Plan();

  EXPECT_EQ(Find(report.findings, "duplicate_policy_binding").severity, Severity::kError);
  EXPECT_FALSE(report.state.lock_acquired);
  EXPECT_THAT(Keys("__cluster/"), IsEmpty());
}

TEST_P(CommandsTest, WithoutLockingNoLockIsTaken) {
  folder_.Edit("cluster.yaml", "version: 1\n", "version: 1\nstate: { lock: false }\n");

  const StateReport report = Import();

  EXPECT_EQ(Find(report.findings, "state_lock_disabled").path, "state.lock");
  EXPECT_FALSE(report.state.lock_acquired);
  EXPECT_TRUE(Apply().converged);
}

TEST_P(CommandsTest, ADetailedExitCodeTellsChangesFromNone) {
  PlanOptions options;
  options.config_dir = folder_.path();
  options.has_detailed_exit_code = true;

  EXPECT_EQ(cluster::Plan(machine_.ports, options).exit_code, 2);
  Deploy();
  EXPECT_EQ(cluster::Plan(machine_.ports, options).exit_code, 0);
}

// ---- schema updates ----------------------------------------------------------------------------

TEST_P(CommandsTest, ASchemaAndTheQueryThatNeedsItConvergeInOneApply) {
  Deploy();
  WithFlag();

  const PlanReport plan = Plan();
  const ApplyReport report = Apply("andrew");

  const Change* schema = FindChange(plan.changes, "schema.fleet");
  ASSERT_TRUE(schema != nullptr && schema->migration);
  EXPECT_THAT(schema->migration->lines, ElementsAre("add_property node Vessel.flag: String?"));
  EXPECT_THAT(Dispositions(report.changes),
              ElementsAre(Pair("graph.fleet", "update derived"),
                          Pair("query.fleet.all_vessels", "update applied"),
                          Pair("query.fleet.vessel_by_imo", "update applied"),
                          Pair("schema.fleet", "update applied")));
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(machine_.graphs().last_actor, "andrew");
  EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty());
  EXPECT_EQ(machine_.graphs().Observe(GraphUri("fleet"))->schema_digest,
            StoredLedger().DigestOf("schema.fleet"));
}

TEST_P(CommandsTest, AnUnsupportedMigrationFailsTheSameWayAndMovesNothing) {
  Deploy();
  folder_.Edit("fleet.pg", "  name: String\n", "  name: I32\n  flag: String?\n");
  folder_.Edit("queries/vessels.gq", "return { $v.name }", "return { $v.name as n }");
  const std::string recorded = StoredLedger().DigestOf("schema.fleet");

  for (int run = 0; run < 2; ++run) {
    const ApplyReport report = Apply();
    const Finding& failure = Find(report.findings, "schema_apply_failed");
    EXPECT_EQ(failure.path, "schema.fleet");
    EXPECT_THAT(failure.message, HasSubstr("changing property type"));
    EXPECT_THAT(failure.message, testing::Not(HasSubstr("add_property")));
    EXPECT_EQ(Dispositions(report.changes)["schema.fleet"], "update blocked: schema_apply_failed");
    EXPECT_EQ(Dispositions(report.changes)["query.fleet.all_vessels"],
              "update blocked: dependency_not_applied");
  }
  EXPECT_EQ(StoredLedger().DigestOf("schema.fleet"), recorded);
  EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty());
  EXPECT_FALSE(Plan().findings.has_errors());
}

TEST_P(CommandsTest, ASchemaApplyThatFailsWithoutMovingRemovesItsSidecar) {
  Deploy();
  WithFlag();
  machine_.graphs().next_failure =
      omnigraph::Status::Error(ErrorCode::kUnavailable, "the disk is on fire");

  EXPECT_EQ(Find(Apply().findings, "schema_apply_failed").path, "schema.fleet");
  EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty());
}

TEST_P(CommandsTest, AnUnopenableGraphHasNoPreviewAndThePlanStands) {
  Deploy();
  WithFlag();
  ASSERT_TRUE(store_->DeletePrefix("graphs/fleet.omni/").ok());

  const PlanReport report = Plan();

  EXPECT_EQ(Find(report.findings, "schema_preview_unavailable").path, "schema.fleet");
  EXPECT_FALSE(report.findings.has_errors());
}

// ---- output ------------------------------------------------------------------------------------

TEST_P(CommandsTest, TheHumanReportsAreThoseOfTheGuide) {
  EXPECT_EQ(Validate(machine_.ports, options_).text,
            "cluster config valid: 6 resource(s), 6 dependency edge(s)\n");
  EXPECT_THAT(cluster::Import(machine_.ports, options_).text,
              StartsWith("cluster import: revision 1, 0 resource(s)\n  state_cas: sha256:"));
  EXPECT_EQ(cluster::Plan(machine_.ports, {options_, false}).text,
            "cluster plan: 6 change(s), 0 approval gate(s)\n  Create graph.fleet [Applied]\n"
            "  Create policy.crew [Applied]\n  Create policy.desk [Applied]\n"
            "  Create query.fleet.all_vessels [Applied]\n"
            "  Create query.fleet.vessel_by_imo [Applied]\n  Create schema.fleet [Applied]\n");
  EXPECT_THAT(cluster::Apply(machine_.ports, options_, "mira").text,
              HasSubstr("  state: revision 2, converged: true, written: true\n"));
  EXPECT_EQ(cluster::Apply(machine_.ports, options_, "mira").text,
            "cluster apply: 0 applied, 0 deferred/blocked\n  no changes\n"
            "  state: revision 2, converged: true, written: false\n");
  LeaveLock();
  const CommandOutcome held = cluster::Plan(machine_.ports, {options_, false});
  EXPECT_EQ(held.exit_code, 1);
  EXPECT_THAT(held.text,
              StartsWith("cluster plan failed\nERROR state_lock_held __cluster/lock.json: "));
  EXPECT_THAT(ShowStatus(machine_.ports, options_).text,
              HasSubstr("  lock: held (id=01J8ZK3V9QW7R5T2N4M6P8S0AB, operation=apply, pid=99, "));
}

std::vector<std::string> KeysOf(const std::string& text) {
  std::vector<std::string> keys;
  const nlohmann::ordered_json document = nlohmann::ordered_json::parse(text);
  for (const auto& [key, value] : document.items())
    keys.push_back(key);
  return keys;
}

TEST_P(CommandsTest, TheJsonEnvelopesHaveTheirKeysInOrder) {
  Deploy();

  EXPECT_THAT(KeysOf(Validate(machine_.ports, options_).json),
              ElementsAre("ok", "config_dir", "config_file", "resource_digests", "resources",
                          "dependencies", "diagnostics"));
  EXPECT_THAT(KeysOf(cluster::Plan(machine_.ports, {options_, false}).json),
              ElementsAre("ok", "config_dir", "desired_revision", "resource_digests",
                          "dependencies", "state_observations", "changes", "blast_radius",
                          "approvals_required", "diagnostics"));
  EXPECT_THAT(KeysOf(cluster::Apply(machine_.ports, options_, "mira").json),
              ElementsAre("ok", "config_dir", "actor", "desired_revision", "state_observations",
                          "changes", "applied_count", "deferred_count", "converged",
                          "state_written", "resource_statuses", "diagnostics"));
  EXPECT_THAT(KeysOf(ShowStatus(machine_.ports, options_).json),
              ElementsAre("ok", "config_dir", "state_observations", "resource_digests",
                          "resource_statuses", "observations", "diagnostics"));
  EXPECT_THAT(KeysOf(cluster::Refresh(machine_.ports, options_).json),
              ElementsAre("ok", "operation", "config_dir", "state_observations", "resource_digests",
                          "resource_statuses", "observations", "diagnostics"));
  EXPECT_THAT(KeysOf(cluster::ForceUnlock(machine_.ports, options_, "x").json),
              ElementsAre("ok", "config_dir", "state_observations", "lock_removed", "diagnostics"));
}

}  // namespace
}  // namespace omnigraph::cluster
