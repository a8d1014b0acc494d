// The history of a cluster, differences between revisions, and the way back.

#include "cluster/history.h"

#include "cluster/commands_fixture.h"
#include "cluster/output.h"

namespace omnigraph::cluster {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

class HistoryTest : public CommandsTest {
 protected:
  HistoryReport History(std::size_t count_max = 100) {
    return RunHistory(machine_.ports, options_, count_max);
  }
  DiffReport Diff(const std::string& from, const std::string& to) {
    return RunDiff(machine_.ports, options_, from, to);
  }
  PlanReport PlanRollback(const std::string& revision) {
    return RunRollbackPlan(machine_.ports, options_, revision);
  }
  ApplyReport Rollback(const std::string& revision) {
    return RunRollback(machine_.ports, options_, revision, "noor");
  }
  void RemoveHistory() {
    for (const std::string& key : Keys("__history/"))
      ASSERT_TRUE(store_->Delete(key).ok());
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, HistoryTest,
                         ::testing::Values(StoreKind::kMemory, StoreKind::kLocal),
                         [](const auto& kind) {
                           return kind.param == StoreKind::kMemory ? "Memory" : "Local";
                         });

std::vector<std::string> Operations(const HistoryReport& report) {
  std::vector<std::string> operations;
  for (const RevisionRecord& record : report.revisions)
    operations.push_back(record.operation);
  return operations;
}

TEST_P(HistoryTest, SaysWhoAppliedWhatWhenAndWithWhichApprovals) {
  DoomScratch();
  const ApproveReport approval = Approve("graph.scratch");
  ASSERT_TRUE(Apply("noor").converged);

  const HistoryReport report = History();

  EXPECT_TRUE(report.is_complete);
  ASSERT_THAT(Operations(report), ElementsAre("apply", "apply", "import"));
  const RevisionRecord& deletion = report.revisions[0];
  EXPECT_EQ(deletion.state_revision, 3u);
  EXPECT_EQ(deletion.actor, "noor");
  EXPECT_THAT(deletion.recorded_at, HasSubstr("T"));
  ASSERT_THAT(deletion.approvals, SizeIs(1));
  EXPECT_EQ(deletion.approvals[0].approval_id, *approval.approval_id);
  EXPECT_EQ(deletion.approvals[0].approved_by, "mira");
  ASSERT_THAT(deletion.changes, SizeIs(2));
  EXPECT_EQ(deletion.changes[0].resource, "graph.scratch");
  EXPECT_EQ(deletion.changes[0].operation, Operation::kDelete);
  EXPECT_THAT(ToText(report), AllOf(HasSubstr("apply by noor"), HasSubstr("Delete graph.scratch"),
                                    HasSubstr("of graph.scratch by mira")));
}

TEST_P(HistoryTest, AFewOfManyRevisionsAreTheNewest) {
  Deploy();
  Refresh();

  const HistoryReport report = History(1);

  EXPECT_TRUE(report.is_complete);
  EXPECT_THAT(Operations(report), ElementsAre("refresh"));
}

TEST_P(HistoryTest, AnApplyThatChangesNothingWritesNoRecord) {
  Deploy();
  const std::vector<std::string> before = Keys("__");
  Apply();
  EXPECT_EQ(Keys("__"), before);
}

TEST_P(HistoryTest, ALostSwapLeavesNoTraceInTheHistory) {
  Deploy();
  WithFlag();
  const std::string other =
      R"({"version":1,"state_revision":9,"applied_revision":{"resources":{}}})";
  Machine racing = machine_.ports;
  racing.failpoint = [&](std::string_view point) {
    if (point == "cluster_apply.before_state_write") Write("__cluster/state.json", other);
    return Status::Ok();
  };
  const ApplyReport lost = RunApply(racing, options_, "mira");
  ASSERT_THAT(Codes(lost.findings), ElementsAre("state_cas_mismatch"));

  const HistoryReport report = History();

  EXPECT_THAT(report.revisions, IsEmpty());
  EXPECT_FALSE(report.is_complete);
}

TEST_P(HistoryTest, ALedgerWithoutHistoryIsAdoptedByTheNextChange) {
  Deploy();
  RemoveHistory();
  EXPECT_THAT(ToText(History()), HasSubstr("older revisions were not recorded"));
  WithFlag();
  ASSERT_TRUE(Apply().converged);

  const HistoryReport report = History();

  EXPECT_THAT(Operations(report), ElementsAre("apply", "adopted"));
  EXPECT_FALSE(report.is_complete);
  const ApplyReport back = Rollback("2");
  EXPECT_TRUE(back.converged) << ToMessages(back.findings);
}

TEST_P(HistoryTest, AnImportOverADamagedLedgerStartsAnew) {
  Deploy();
  Write("__cluster/state.json", "not a ledger");
  Import();

  EXPECT_THAT(Operations(History()), ElementsAre("import"));
}

TEST_P(HistoryTest, DifferencesAreThoseOfResourcesAndBindings) {
  Deploy();
  WithFlag();
  ASSERT_TRUE(Apply().converged);

  const DiffReport report = Diff("2", "3");

  std::vector<std::string> resources;
  for (const Change& change : report.changes)
    resources.push_back(change.resource);
  EXPECT_THAT(resources, ElementsAre("graph.fleet", "query.fleet.all_vessels",
                                     "query.fleet.vessel_by_imo", "schema.fleet"));
  EXPECT_EQ(report.from.state_revision, 2u);
  EXPECT_THAT(Diff("3", "current").changes, IsEmpty());
  EXPECT_THAT(Diff("3", "config").changes, IsEmpty());
  EXPECT_THAT(Diff("config", "2").changes, SizeIs(4));
  EXPECT_THAT(Diff("2", "current").changes, SizeIs(4));
  EXPECT_THAT(ToText(Diff("2", "3")), HasSubstr("cluster diff: revision 2 -> revision 3: 4"));
}

TEST_P(HistoryTest, ARevisionIsAlsoFoundByTheDigestOfItsLedger) {
  Deploy();
  const std::string cas = Status().state.state_cas.value();
  WithFlag();
  ASSERT_TRUE(Apply().converged);

  EXPECT_THAT(Diff(cas.substr(0, 20), "current").changes, SizeIs(4));
  EXPECT_THAT(Codes(Diff("sha256:00", "current").findings), ElementsAre("invalid_revision"));
  EXPECT_THAT(Codes(Diff("sha256:0000000000", "1").findings), ElementsAre("revision_not_found"));
}

TEST_P(HistoryTest, UnknownRevisionsAreRefusedByName) {
  Deploy();
  EXPECT_EQ(Find(Diff("77", "current").findings, "revision_not_found").path, "77");
  EXPECT_EQ(Find(Diff("yesterday", "current").findings, "invalid_revision").path, "yesterday");
  EXPECT_THAT(Codes(PlanRollback("77").findings), ElementsAre("revision_not_found"));
  EXPECT_THAT(Codes(Rollback("soon").findings), ElementsAre("invalid_revision"));
}

TEST_P(HistoryTest, ARollbackIsAPlanLikeAnyOtherAndChangesNothing) {
  Deploy();
  WithFlag();
  ASSERT_TRUE(Apply().converged);
  const std::string ledger = Read("__cluster/state.json");

  const PlanReport plan = PlanRollback("2");

  EXPECT_THAT(plan.findings.items(), IsEmpty()) << ToMessages(plan.findings);
  EXPECT_THAT(Dispositions(plan.changes),
              ElementsAre(Pair("graph.fleet", "update derived"),
                          Pair("query.fleet.all_vessels", "update applied"),
                          Pair("query.fleet.vessel_by_imo", "update applied"),
                          Pair("schema.fleet", "update applied")));
  EXPECT_THAT(FindChange(plan.changes, "schema.fleet")->migration->lines,
              ElementsAre("drop_property node Vessel.flag [soft]"));
  EXPECT_EQ(Read("__cluster/state.json"), ledger);
  EXPECT_FALSE(Exists("__cluster/lock.json"));
  EXPECT_THAT(ToText(plan), HasSubstr("cluster rollback to revision 2: 4 change(s)"));
}

TEST_P(HistoryTest, AConfirmedRollbackAppliesTheRevisionFromTheCatalog) {
  Deploy();
  const Ledger before = StoredLedger();
  WithFlag();
  ASSERT_TRUE(Apply().converged);

  const ApplyReport report = Rollback("2");

  EXPECT_TRUE(report.converged) << ToMessages(report.findings);
  const Ledger after = StoredLedger();
  EXPECT_EQ(after.resources, before.resources);
  EXPECT_EQ(after.config_digest, before.config_digest);
  EXPECT_EQ(after.state_revision, 4u);
  const HistoryReport history = History();
  EXPECT_EQ(history.revisions[0].operation, "rollback");
  EXPECT_EQ(history.revisions[0].rollback_to, 2u);
  EXPECT_EQ(history.revisions[0].actor, "noor");
  EXPECT_FALSE(Rollback("2").state_written);
  // The folder still asks for what it asks for.
  EXPECT_THAT(Plan().changes, SizeIs(4));
}

TEST_P(HistoryTest, ARollbackOfABindingIsAnUpdateOfTheBindingAlone) {
  folder_.AddScratch();
  Deploy();
  folder_.Edit("cluster.yaml", "applies_to: [fleet]", "applies_to: [fleet, scratch]");
  ASSERT_TRUE(Apply().converged);

  const PlanReport plan = PlanRollback("2");

  ASSERT_THAT(plan.changes, SizeIs(1));
  EXPECT_TRUE(plan.changes[0].binding_change);
  EXPECT_TRUE(Rollback("2").converged);
}

TEST_P(HistoryTest, AGraphThatCameSinceGoesOnlyWithAnApproval) {
  Deploy();
  folder_.AddScratch();
  ASSERT_TRUE(Apply().converged);

  const ApplyReport blocked = Rollback("2");
  EXPECT_FALSE(blocked.converged);
  EXPECT_THAT(Dispositions(blocked.changes),
              ElementsAre(Pair("graph.scratch", "delete blocked: approval_required"),
                          Pair("schema.scratch", "delete blocked: approval_required")));
  EXPECT_THAT(Find(blocked.findings, "apply_dependency_blocked").message,
              HasSubstr("cluster approve graph.scratch --rollback 2 --as <actor> --config " +
                        folder_.path()));

  const ApproveReport approval =
      RunApproveRollback(machine_.ports, options_, "graph.scratch", "mira", "2");
  ASSERT_TRUE(approval.approval_id) << ToMessages(approval.findings);
  const ApplyReport done = Rollback("2");
  EXPECT_TRUE(done.converged) << ToMessages(done.findings);
  EXPECT_THAT(Keys("graphs/scratch.omni/"), IsEmpty());
}

TEST_P(HistoryTest, ADeletedGraphComesBackEmptyAndThatIsSaid) {
  DoomScratch();
  Approve("graph.scratch");
  ASSERT_TRUE(Apply().converged);

  EXPECT_EQ(Find(PlanRollback("2").findings, "rollback_creates_empty_graph").path, "graph.scratch");
  const ApplyReport report = Rollback("2");

  EXPECT_TRUE(report.converged) << ToMessages(report.findings);
  EXPECT_THAT(Codes(report.findings), ElementsAre("rollback_creates_empty_graph"));
  EXPECT_THAT(Keys("graphs/scratch.omni/"), Not(IsEmpty()));
}

TEST_P(HistoryTest, ALostTextStopsTheRollbackBeforeAnythingMoves) {
  Deploy();
  WithFlag();
  ASSERT_TRUE(Apply().converged);
  for (const std::string& key : Keys("__history/content/")) {
    if (!key.ends_with(".pg")) continue;
    ASSERT_TRUE(store_->Delete(key).ok());
  }
  ASSERT_TRUE(store_
                  ->Delete("__cluster/resources/query/fleet/all_vessels/" +
                           std::string(kVesselsDigest) + ".gq")
                  .ok());
  const std::string ledger = Read("__cluster/state.json");

  const ApplyReport report = Rollback("2");

  EXPECT_THAT(Codes(report.findings),
              ElementsAre("revision_content_missing", "revision_content_missing"));
  EXPECT_EQ(Read("__cluster/state.json"), ledger);
  EXPECT_THAT(Keys("__cluster/recoveries/"), IsEmpty());
}

TEST_P(HistoryTest, ADamagedRecordIsAnErrorThatNamesIt) {
  Deploy();
  const std::vector<std::string> records = Keys("__history/0000");
  Write(records.back(), "{}");

  const HistoryReport report = History();

  EXPECT_THAT(Find(report.findings, "history_read_error").message, HasSubstr(records.back()));
}

TEST_P(HistoryTest, ADamagedRecordThatNoChainReachesHarmsNothing) {
  Deploy();
  const std::size_t revisions_count = History().revisions.size();
  Write("__history/00000000000000000002-ZZZ.json", "{");

  EXPECT_EQ(History().revisions.size(), revisions_count);
  EXPECT_THAT(Codes(History().findings), IsEmpty());
  EXPECT_THAT(Codes(Rollback("2").findings), IsEmpty());
}

TEST_P(HistoryTest, TheJsonHasItsKeysInOrder) {
  Deploy();
  const auto history = nlohmann::ordered_json::parse(ToJson(History()));
  std::vector<std::string> keys;
  for (const auto& [key, unused] : history.items())
    keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("ok", "config_dir", "state_observations", "revisions", "complete",
                                "diagnostics"));
  keys.clear();
  for (const auto& [key, unused] : history["revisions"][0].items())
    keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("state_revision", "state_cas", "operation", "actor", "recorded_at",
                                "config_digest", "changes", "approvals"));
  const auto diff = nlohmann::ordered_json::parse(ToJson(Diff("1", "2")));
  EXPECT_EQ(diff["from"]["state_revision"], 1);
  EXPECT_THAT(diff["changes"], SizeIs(6));
}

TEST_P(HistoryTest, ADetailedExitCodeTellsDifferences) {
  Deploy();
  DiffOptions diff;
  diff.config_dir = folder_.path();
  diff.from = "1";
  EXPECT_EQ(ShowDiff(machine_.ports, diff).exit_code, 0);
  diff.has_detailed_exit_code = true;
  EXPECT_EQ(ShowDiff(machine_.ports, diff).exit_code, 2);
  diff.from = "2";
  EXPECT_EQ(ShowDiff(machine_.ports, diff).exit_code, 0);
  diff.from = "9";
  EXPECT_EQ(ShowDiff(machine_.ports, diff).exit_code, 1);
}

}  // namespace
}  // namespace omnigraph::cluster
