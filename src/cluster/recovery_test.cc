// Tests of approvals, of every row of the recovery table, and of every crash point.

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cluster/commands_fixture.h"
#include "cluster/output.h"
#include "cluster/refusing_store.h"

namespace omnigraph::cluster {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

class RecoveryTest : public CommandsTest {};

INSTANTIATE_TEST_SUITE_P(On, RecoveryTest, ::testing::Values(StoreKind::kMemory, StoreKind::kLocal),
                         [](const auto& kind) {
                           return kind.param == StoreKind::kMemory ? "Memory" : "Local";
                         });

// ---- approvals ---------------------------------------------------------------------------------

TEST_P(RecoveryTest, AnUnapprovedDeleteIsBlockedAndHarmsNothing) {
  DoomScratch();

  const PlanReport plan = Plan();
  const ApplyReport report = Apply();

  ASSERT_EQ(plan.gates.size(), 1u);
  EXPECT_EQ(plan.gates[0].resource, "graph.scratch");
  EXPECT_FALSE(plan.gates[0].is_satisfied);
  EXPECT_THAT(Dispositions(report.changes),
              ElementsAre(Pair("graph.scratch", "delete blocked: approval_required"),
                          Pair("schema.scratch", "delete blocked: approval_required")));
  EXPECT_THAT(Codes(report.findings),
              ElementsAre("apply_dependency_blocked", "apply_dependency_blocked"));
  EXPECT_EQ(report.deferred_count, 2u);
  EXPECT_FALSE(report.converged);
  EXPECT_THAT(Keys("graphs/scratch.omni/"), Not(IsEmpty()));
  EXPECT_FALSE(Apply().state_written);
}

TEST_P(RecoveryTest, AnApprovedDeleteLeavesATombstoneAndConsumesEveryApproval) {
  DoomScratch();
  const ApproveReport first = Approve("graph.scratch");
  const ApproveReport second = Approve("graph.scratch");
  ASSERT_TRUE(first.approval_id && second.approval_id);

  const ApplyReport report = Apply("noor");

  EXPECT_THAT(report.findings.items(), IsEmpty());
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(report.applied_count, 2u);
  EXPECT_THAT(Keys("graphs/scratch.omni/"), IsEmpty());
  const Ledger ledger = StoredLedger();
  const json tombstone = json::parse(ledger.observations.at("graph.scratch"));
  EXPECT_EQ(tombstone.at("kind"), "tombstone");
  EXPECT_EQ(tombstone.at("actor"), "noor");
  EXPECT_THAT(ledger.approval_records, ElementsAre(Pair(*first.approval_id, testing::_),
                                                   Pair(*second.approval_id, testing::_)));
  for (const std::string& key : Keys("__cluster/approvals/")) {
    EXPECT_EQ(json::parse(Read(key)).at("consumed_by_operation"), "apply");
  }
  EXPECT_FALSE(Apply().state_written);
  EXPECT_FALSE(ledger.statuses.contains("graph.scratch"));
}

TEST_P(RecoveryTest, AnApprovalDoesNotOutliveWhatItWasGivenFor) {
  DoomScratch();
  Approve("graph.scratch");
  folder_.Write("policies/desk.policy.yaml", std::string(kDeskPolicy) + "# note\n");

  const ApplyReport report = Apply();

  EXPECT_THAT(Find(report.findings, "approval_stale").message, HasSubstr("cluster approve"));
  EXPECT_EQ(Dispositions(report.changes)["graph.scratch"], "delete blocked: approval_required");
  Approve("graph.scratch");
  EXPECT_TRUE(Apply().converged);
}

TEST_P(RecoveryTest, AnApprovalIsBoundToTheIncarnation) {
  DoomScratch();
  Approve("graph.scratch");
  ASSERT_TRUE(store_->DeletePrefix("graphs/scratch.omni/").ok());
  ASSERT_TRUE(machine_.graphs().Create(GraphUri("scratch"), kScratchPg, std::nullopt, false).ok());

  EXPECT_EQ(Find(Apply().findings, "approval_stale").path, "graph.scratch");
  EXPECT_THAT(Keys("graphs/scratch.omni/"), Not(IsEmpty()));
}

TEST_P(RecoveryTest, AnApprovalOfAGraphThatDidNotOpenIsNotOneOfItsSuccessor) {
  DoomScratch();
  ASSERT_TRUE(store_->Delete("graphs/scratch.omni/omnigraph.json").ok());
  ASSERT_TRUE(Approve("graph.scratch").approval_id);
  folder_.AddScratch();
  ASSERT_TRUE(store_->DeletePrefix("graphs/scratch.omni/").ok());
  Refresh();
  ASSERT_TRUE(Apply().converged);
  folder_.RemoveScratch();

  EXPECT_EQ(Find(Apply().findings, "approval_stale").path, "graph.scratch");
  EXPECT_THAT(Keys("graphs/scratch.omni/"), Not(IsEmpty()));
}

TEST_P(RecoveryTest, AnApprovalOfAGraphThatStillDoesNotOpenHolds) {
  DoomScratch();
  ASSERT_TRUE(store_->Delete("graphs/scratch.omni/omnigraph.json").ok());
  ASSERT_TRUE(Approve("graph.scratch").approval_id);

  EXPECT_TRUE(Apply().converged);
  EXPECT_THAT(Keys("graphs/scratch.omni/"), IsEmpty());
}

TEST_P(RecoveryTest, NothingIsDeletedWhoseIncarnationCannotBeToldNow) {
  DoomScratch();
  Approve("graph.scratch");
  const auto refusing = std::make_shared<RefusingStore>();
  for (const std::string& key : Keys("")) {
    ASSERT_TRUE(refusing->Create(key, Read(key)).ok());
  }
  refusing->Refuse(RefusingStore::Call::kRead, "graphs/scratch.omni/");

  const ApplyReport report = RunApply(SampleMachine(refusing).ports, options_, "mira");

  EXPECT_EQ(Dispositions(report.changes)["graph.scratch"], "delete blocked: approval_required");
  EXPECT_THAT(refusing->List("graphs/scratch.omni/", "", 9).value(), Not(IsEmpty()));
}

TEST_P(RecoveryTest, AnApprovalThatNamesNoIncarnationIsReadAsBefore) {
  DoomScratch();
  const std::string key = "__cluster/approvals/" + *Approve("graph.scratch").approval_id + ".json";
  nlohmann::json document = nlohmann::json::parse(Read(key));
  document.erase("bound_graph_incarnation");
  document.erase("observed_manifest_version");
  Write(key, document.dump());

  EXPECT_TRUE(Apply().converged);
}

TEST_P(RecoveryTest, RowsWrittenAfterTheApprovalArePointedOut) {
  DoomScratch();
  Approve("graph.scratch");
  ASSERT_TRUE(machine_.graphs().Commit(GraphUri("scratch"), kScratchPg).ok());

  const ApplyReport report = Apply();

  EXPECT_EQ(Find(report.findings, "approval_data_moved").path, "graph.scratch");
  EXPECT_TRUE(report.converged);
}

TEST_P(RecoveryTest, OnlyAPendingGateCanBeApproved) {
  DoomScratch();

  for (const char* address : {"graph.fleet", "schema.scratch", "graph.unknown", "nonsense"}) {
    EXPECT_EQ(Find(Approve(address).findings, "approval_not_required").path, address);
  }
  EXPECT_THAT(Keys("__cluster/approvals/"), IsEmpty());
  EXPECT_THAT(cluster::Approve(machine_.ports, options_, "graph.scratch", std::nullopt).error_text,
              HasSubstr("cli.actor"));
}

TEST_P(RecoveryTest, AnApprovalNobodyCanReadIsAWarning) {
  Deploy();
  Write("__cluster/approvals/a.json", "{");
  Write("__cluster/approvals/b.json", R"({"schema_version":5})");

  EXPECT_THAT(Codes(Plan().findings),
              ElementsAre("invalid_approval_artifact", "unsupported_approval_version"));
}

// ---- recovery: the rows of the decision table --------------------------------------------------

TEST_P(RecoveryTest, PlanAndStatusOnlyWarnAboutASidecar) {
  Deploy();
  LeaveSidecar("schema_apply", "fleet", "f");

  EXPECT_EQ(Find(Plan().findings, "cluster_recovery_pending").path, kSidecarKey);
  EXPECT_EQ(Find(Status().findings, "cluster_recovery_pending").path, kSidecarKey);
  EXPECT_TRUE(Exists(kSidecarKey));
}

TEST_P(RecoveryTest, IntentThatMovedNothingIsRetiredSilently) {
  Deploy();
  LeaveSidecar("schema_apply", "fleet", std::string(64, 'f'));

  const ApplyReport report = Apply();

  EXPECT_THAT(report.findings.items(), IsEmpty());
  EXPECT_FALSE(Exists(kSidecarKey));
  EXPECT_THAT(StoredLedger().recovery_records, IsEmpty());
}

TEST_P(RecoveryTest, ASchemaApplyThatCompletedIsRolledForward) {
  Deploy();
  WithFlag();
  ASSERT_TRUE(machine_.graphs().Commit(GraphUri("fleet"), folder_.Read("fleet.pg")).ok());
  LeaveSidecar("schema_apply", "fleet",
               "686ed1319357b156c2dfa54caff8457a1c303cb5150d2f7a87f17e8d54c4cb6e");

  const ApplyReport report = Apply();

  EXPECT_EQ(Find(report.findings, "cluster_recovery_rolled_forward").path, "graph.fleet");
  EXPECT_TRUE(report.converged);
  const json record = json::parse(StoredLedger().recovery_records.at(kOperation));
  EXPECT_EQ(record.at("kind"), "schema_apply");
  EXPECT_EQ(record.at("actor"), "mallory");
  EXPECT_FALSE(Exists(kSidecarKey));
}

TEST_P(RecoveryTest, ACreationThatBrokeOffInsideForeignObjectsIsAnErrorUntilTheyGo) {
  Import();
  Write("graphs/fleet.omni/junk", "half");
  LeaveSidecar("graph_create", "fleet", "x");

  EXPECT_THAT(Find(Apply().findings, "graph_create_incomplete").message,
              HasSubstr("graphs/fleet.omni"));
  EXPECT_TRUE(Exists(kSidecarKey));
  ASSERT_TRUE(store_->Delete("graphs/fleet.omni/junk").ok());
  EXPECT_TRUE(Apply().converged);
  EXPECT_FALSE(Exists(kSidecarKey));
}

TEST_P(RecoveryTest, ACreationThatBrokeOffBeforeItPublishedIsTakenOver) {
  Import();
  Write("graphs/fleet.omni/omnigraph.json", "01J8ZK3V9QW7R5T2N4M6P8S0CD");
  LeaveSidecar("graph_create", "fleet", "x");

  EXPECT_TRUE(Apply().converged);
  EXPECT_FALSE(Exists(kSidecarKey));
}

TEST_P(RecoveryTest, AGraphInAnUnexplainedStateWaitsForRefresh) {
  Deploy();
  ASSERT_TRUE(
      machine_.graphs()
          .Commit(GraphUri("fleet"),
                  "node Vessel {\n  imo: String @key\n  name: String\n  stray: String?\n}\n")
          .ok());
  LeaveSidecar("schema_apply", "fleet", std::string(64, 'f'));
  WithFlag();
  folder_.Write("policies/desk.policy.yaml", std::string(kDeskPolicy) + "# edited\n");

  const ApplyReport report = Apply();

  EXPECT_EQ(Find(report.findings, "cluster_recovery_pending").severity, Severity::kWarning);
  EXPECT_FALSE(report.findings.has_errors());
  const auto shown = Dispositions(report.changes);
  EXPECT_EQ(shown.at("schema.fleet"), "update blocked: cluster_recovery_pending");
  EXPECT_EQ(shown.at("query.fleet.vessel_by_imo"), "update blocked: cluster_recovery_pending");
  EXPECT_EQ(shown.at("policy.desk"), "update applied");
  EXPECT_THAT(StoredLedger().statuses.at("graph.fleet").conditions,
              ElementsAre("actual_applied_state_pending"));
  EXPECT_TRUE(Exists(kSidecarKey));
  Refresh();
  EXPECT_TRUE(Apply().converged);
  EXPECT_FALSE(Exists(kSidecarKey));
}

TEST_P(RecoveryTest, ADeleteThatCompletedIsRolledForwardWithItsApproval) {
  DoomScratch();
  const std::string approval = Approve("graph.scratch").approval_id.value();
  ASSERT_TRUE(store_->DeletePrefix("graphs/scratch.omni/").ok());
  LeaveSidecar("graph_delete", "scratch", "", {{"approval_id", approval}});

  const ApplyReport report = Apply();

  EXPECT_THAT(Codes(report.findings), ElementsAre("cluster_recovery_rolled_forward"));
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(json::parse(StoredLedger().observations.at("graph.scratch")).at("kind"), "tombstone");
  EXPECT_EQ(
      json::parse(Read("__cluster/approvals/" + approval + ".json")).at("consumed_by_operation"),
      kOperation);
}

TEST_P(RecoveryTest, ADeleteThatBrokeOffIsExecutedWhileApproved) {
  DoomScratch();
  Approve("graph.scratch");
  ASSERT_TRUE(store_->Delete("graphs/scratch.omni/omnigraph.json").ok());
  LeaveSidecar("graph_delete", "scratch", "");

  const ApplyReport report = Apply();

  EXPECT_EQ(Find(report.findings, "graph_delete_incomplete").path, "graph.scratch");
  EXPECT_TRUE(report.converged);
  EXPECT_THAT(Keys("graphs/scratch.omni/"), IsEmpty());
}

TEST_P(RecoveryTest, ASchemaSidecarOfAVanishedGraphIsRetired) {
  Deploy();
  ASSERT_TRUE(store_->DeletePrefix("graphs/fleet.omni/").ok());
  LeaveSidecar("schema_apply", "fleet", "f");

  EXPECT_THAT(Refresh().statuses.at("graph.fleet").conditions, ElementsAre("graph_missing"));
  EXPECT_FALSE(Exists(kSidecarKey));
}

TEST_P(RecoveryTest, ASidecarNobodyCanReadIsAWarningAndStays) {
  Deploy();
  Write(kSidecarKey, "{");
  EXPECT_EQ(Find(Apply().findings, "invalid_recovery_sidecar").path, kSidecarKey);
  LeaveSidecar("schema_apply", "fleet", "f", {{"schema_version", 5}});
  EXPECT_EQ(Find(Apply().findings, "unsupported_recovery_sidecar_version").severity,
            Severity::kWarning);
  LeaveSidecar("dance", "fleet", "f");
  EXPECT_EQ(Find(Apply().findings, "invalid_recovery_sidecar").severity, Severity::kWarning);
  EXPECT_TRUE(Exists(kSidecarKey));
}

// ---- crash points ------------------------------------------------------------------------------

TEST_P(RecoveryTest, AfterAnyCrashPointAPlainApplyConverges) {
  const char* points[] = {"cluster_apply.before_graph_create", "cluster_apply.after_graph_create",
                          "cluster_apply.before_schema_apply", "cluster_apply.after_schema_apply",
                          "cluster_apply.after_payload_phase", "cluster_apply.before_graph_delete",
                          "cluster_apply.after_graph_delete",  "cluster_apply.before_state_write",
                          "cluster_apply.after_state_write",   "cluster_apply.after_sidecar_retire",
                          "cluster_lock.after_acquire"};
  folder_.AddScratch();
  Deploy();
  std::string doomed = "scratch";
  for (const char* point : points) {
    // Every run has a create, a schema change and an approved delete to do.
    folder_.Write("fleet.pg", "node Vessel {\n  imo: String @key\n  name: String\n}\n// " +
                                  std::string(point) + "\n");
    std::string fresh = std::string("g") + doomed;
    folder_.Edit("cluster.yaml", "  " + doomed + ":", "  " + fresh + ":");
    ASSERT_TRUE(Approve("graph." + doomed).approval_id) << point;
    int hits = 0;
    machine_.ports.failpoint = [&](std::string_view name) {
      if (name != point) return omnigraph::Status::Ok();
      ++hits;
      return omnigraph::Status::Error(ErrorCode::kInternal, "failpoint " + std::string(name));
    };
    const ApplyReport broken = Apply();
    EXPECT_GT(hits, 0) << point;
    EXPECT_TRUE(broken.findings.has_errors());
    EXPECT_FALSE(Exists("__cluster/lock.json"));
    machine_.ports.failpoint = nullptr;

    const ApplyReport repaired = Apply();
    EXPECT_TRUE(repaired.converged) << point << "\n" << ToMessages(repaired.findings);
    EXPECT_FALSE(repaired.findings.has_errors()) << point;
    EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty()) << point;
    EXPECT_FALSE(Apply().state_written) << point;
    for (const std::string& key : Keys("__cluster/approvals/")) {
      const json approval = json::parse(Read(key));
      EXPECT_EQ(approval.at("consumed_at").is_null(),
                !StoredLedger().approval_records.contains(approval.at("approval_id")))
          << point;
    }
    EXPECT_THAT(Keys("graphs/" + doomed + ".omni/"), IsEmpty()) << point;
    doomed = std::move(fresh);
  }
}

}  // namespace
}  // namespace omnigraph::cluster
