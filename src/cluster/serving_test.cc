// Tests of what a server gets of a cluster, of every refusal that needs no graph, and of the checks
// that read the ledger alone.

#include "cluster/serving.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "base/hash.h"
#include "cluster/commands_fixture.h"

namespace omnigraph::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ServingTest : public CommandsTest {
 protected:
  SnapshotOutcome Serve(bool allows_quarantine = false) {
    return ReadServingSnapshot(machine_.ports, folder_.path(), {allows_quarantine});
  }
  /// The whole refusal; fails if there is none.
  std::string Refusal() {
    const SnapshotOutcome outcome = Serve();
    EXPECT_FALSE(outcome.snapshot);
    EXPECT_THAT(outcome.RefusalText(),
                StartsWith("the cluster at '" + folder_.path() + "' is not ready to serve:\n  ["));
    return outcome.RefusalText();
  }
  void EditLedger(const std::function<void(Ledger&)>& edit) {
    Ledger ledger = StoredLedger();
    edit(ledger);
    Write("__cluster/state.json", SerializeLedger(ledger));
  }
  /// Replaces the content of a policy as if it had been applied.
  void ForgePolicy(const std::string& name, const std::string& text) {
    const std::string digest = Sha256Hex(text);
    Write("__cluster/resources/policy/" + name + "/" + digest + ".yaml", text);
    EditLedger([&](Ledger& ledger) { ledger.resources["policy." + name].digest = digest; });
  }
};

INSTANTIATE_TEST_SUITE_P(On, ServingTest, ::testing::Values(StoreKind::kMemory, StoreKind::kLocal),
                         [](const auto& kind) {
                           return kind.param == StoreKind::kMemory ? "Memory" : "Local";
                         });

TEST_P(ServingTest, TheAppliedRevisionIsServedAndNothingElse) {
  Deploy();
  folder_.Write("queries/new.gq", "query fresh() { match { $v: Vessel } return { $v.name } }\n");
  LeaveLock();

  const SnapshotOutcome outcome = Serve();

  ASSERT_TRUE(outcome.snapshot) << outcome.RefusalText();
  const ServingSnapshot& snapshot = *outcome.snapshot;
  EXPECT_EQ(snapshot.root_uri, folder_.path());
  EXPECT_EQ(snapshot.state_revision, 2u);
  ASSERT_EQ(snapshot.graphs.size(), 1u);
  const ServedGraph& fleet = snapshot.graphs[0];
  EXPECT_EQ(fleet.root_uri, GraphUri("fleet"));
  ASSERT_EQ(fleet.queries.size(), 2u);
  EXPECT_EQ(fleet.queries[0].name, "all_vessels");
  EXPECT_EQ(*fleet.queries[0].source, kVesselsGq);
  ASSERT_TRUE(fleet.policy && snapshot.server_policy);
  EXPECT_EQ(fleet.policy->name, "crew");
  EXPECT_EQ(snapshot.server_policy->name, "desk");
  EXPECT_TRUE(snapshot.has_policies());
  EXPECT_EQ(ReadLedgerCas(machine_.ports, folder_.path()).value(), snapshot.state_cas);
}

TEST_P(ServingTest, NothingOfTheConfigFolderIsNeeded) {
  Deploy();
  for (const char* name : {"cluster.yaml", "fleet.pg", "queries", "policies"})
    folder_.Remove(name);

  EXPECT_TRUE(Serve().snapshot);
  EXPECT_TRUE(
      ReadServingSnapshot(machine_.ports, "file://" + folder_.path(), ServingOptions()).snapshot);
}

TEST_P(ServingTest, AnUnusableConfigurationMattersOnlyIfItMayNameAStorage) {
  Deploy();
  folder_.Write("cluster.yaml", "version: [1\n");
  const SnapshotOutcome harmless = Serve();
  EXPECT_TRUE(harmless.snapshot);
  EXPECT_THAT(Codes(harmless.findings), ElementsAre("invalid_cluster_yaml"));

  folder_.Write("cluster.yaml", "version: [1\nstorage: s3://b\n");
  EXPECT_THAT(Refusal(), HasSubstr("[invalid_cluster_yaml] cluster.yaml"));
  folder_.Write("cluster.yaml", "version: 1\nstorage: gopher://x\n");
  EXPECT_THAT(Refusal(), HasSubstr("[storage_root_invalid] storage"));
  folder_.Write("cluster.yaml", "version: 1\n# \xff\n");
  EXPECT_THAT(Refusal(), HasSubstr("[cluster_config_read_error] cluster.yaml"));
}

TEST_P(ServingTest, AMissingOrDamagedLedgerIsRefusedWithItsRemedy) {
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("cluster_state_missing"), HasSubstr("cluster import"),
                               HasSubstr("cluster apply")));
  Write("__cluster/state.json", "{");
  EXPECT_THAT(Refusal(), HasSubstr("invalid_state_json"));
  Write("__cluster/state.json", R"({"version":9,"applied_revision":{}})");
  EXPECT_THAT(Refusal(), HasSubstr("unsupported_state_version"));
  Write("__cluster/state.json", R"({"version":1,"applied_revision":{"resources":{}}})");
  EXPECT_THAT(Refusal(), HasSubstr("cluster_empty"));
}

TEST_P(ServingTest, APendingRecoveryIsRefusedAndSoIsOneNobodyCanRead) {
  Deploy();
  LeaveSidecar("schema_apply", "fleet", "f");
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("cluster_recovery_pending"), HasSubstr("1 interrupted"),
                               HasSubstr("cluster apply")));
  LeaveSidecar("schema_apply", "../fleet", "f");
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("[cluster_recovery_unattributed] "),
                               HasSubstr(kSidecarKey), HasSubstr("remove it")));
  Write(kSidecarKey, "{");
  EXPECT_THAT(Refusal(), HasSubstr("invalid_recovery_sidecar"));
  Write(kSidecarKey, R"({"schema_version":7})");
  EXPECT_THAT(Refusal(), HasSubstr("unsupported_recovery_sidecar_version"));
}

TEST_P(ServingTest, LostAndTamperedContentIsRefusedAllAtOnce) {
  Deploy();
  const std::string query =
      "__cluster/resources/query/fleet/all_vessels/" + std::string(kVesselsDigest) + ".gq";
  ASSERT_TRUE(store_->Delete(query).ok());
  Write(
      "__cluster/resources/policy/crew/"
      "eab4a7404e0550e72fbca7fa0680a63849d6a28c6016d8196b433e60e3244892.yaml",
      "rules: []\n");

  EXPECT_THAT(Refusal(), AllOf(HasSubstr("[catalog_payload_missing] query.fleet.all_vessels"),
                               HasSubstr("[catalog_payload_digest_mismatch] policy.crew"),
                               HasSubstr("cluster refresh")));
}

TEST_P(ServingTest, BindingsMustBeRecordedKnownAndUnique) {
  Deploy();
  EditLedger([](Ledger& ledger) { ledger.resources["policy.crew"].applies_to.reset(); });
  EXPECT_THAT(Refusal(), HasSubstr("[policy_bindings_missing] policy.crew"));
  EditLedger([](Ledger& ledger) { ledger.resources["policy.crew"].applies_to = {{"moon"}}; });
  EXPECT_THAT(Refusal(), HasSubstr("unrecognized policy binding 'moon'"));
  EditLedger([](Ledger& ledger) {
    ledger.resources["policy.crew"].applies_to = {{"graph.fleet", "cluster"}};
  });
  EXPECT_THAT(Refusal(), HasSubstr("multiple policy bundles bind 'cluster'"));
}

TEST_P(ServingTest, ABundleOfAGraphThatIsNotAppliedIsInert) {
  Deploy();
  EditLedger([](Ledger& ledger) { ledger.resources["policy.crew"].applies_to = {{"graph.moon"}}; });

  const SnapshotOutcome outcome = Serve();

  ASSERT_TRUE(outcome.snapshot);
  EXPECT_FALSE(outcome.snapshot->graphs[0].policy);
}

TEST_P(ServingTest, ABundleThatCannotGovernItsScopeIsRefused) {
  Deploy();
  ForgePolicy("crew", kDeskPolicy);
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("policy_invalid"), HasSubstr("'crew'")));
  ForgePolicy("crew", "rules: 7\n");
  EXPECT_THAT(Refusal(), HasSubstr("policy_invalid"));
}

TEST_P(ServingTest, AQueryThatDoesNotParseOrIsNotThereIsRefused) {
  Deploy();
  for (const char* text :
       {"query {", "query other() { match { $v: Vessel } return { $v.name } }"}) {
    const std::string digest = Sha256Hex(text);
    Write("__cluster/resources/query/fleet/all_vessels/" + digest + ".gq", text);
    EditLedger(
        [&](Ledger& ledger) { ledger.resources["query.fleet.all_vessels"].digest = digest; });
    EXPECT_THAT(Refusal(), AllOf(HasSubstr("failed to parse"), HasSubstr("'all_vessels'"),
                                 HasSubstr("'fleet'"), HasSubstr("cluster refresh")));
  }
}

TEST_P(ServingTest, QuarantineLeavesOutOnlyTheGraphThatIsConcerned) {
  folder_.AddScratch();
  Deploy();
  LeaveSidecar("schema_apply", "scratch", "f");

  const SnapshotOutcome outcome = Serve(/*allows_quarantine=*/true);

  ASSERT_TRUE(outcome.snapshot) << outcome.RefusalText();
  EXPECT_EQ(outcome.snapshot->graphs[0].quarantine_reason, "");
  EXPECT_NE(outcome.snapshot->graphs[1].quarantine_reason, "");
  LeaveSidecar("schema_apply", "fleet", "f");
  EXPECT_TRUE(Serve(true).snapshot);
  ASSERT_TRUE(store_->Create("__cluster/recoveries/b.json", Read(kSidecarKey)).ok());
  LeaveSidecar("schema_apply", "scratch", "f");
  EXPECT_THAT(Serve(true).RefusalText(), HasSubstr("cluster_no_healthy_graphs"));
}

TEST_P(ServingTest, MaintenanceResolvesThroughTheLedgerAlone) {
  EXPECT_THAT(ResolveClusterGraph(machine_.ports, folder_.path(), "fleet").status().message(),
              HasSubstr("cluster apply"));
  Deploy();
  LeaveSidecar("schema_apply", "fleet", "f");
  ASSERT_TRUE(store_->DeletePrefix("__cluster/resources/").ok());

  EXPECT_EQ(ResolveClusterGraph(machine_.ports, folder_.path(), "fleet").value(),
            GraphUri("fleet"));
  EXPECT_THAT(ResolveClusterGraph(machine_.ports, folder_.path(), "moon").status().message(),
              AllOf(HasSubstr("'moon' is not applied in cluster"),
                    HasSubstr("applied graphs: fleet"), HasSubstr("cluster apply")));
}

TEST_P(ServingTest, InitIsRefusedOnlyWhereAClusterKeepsItsGraphs) {
  EXPECT_TRUE(CheckInitTarget(machine_.ports, GraphUri("byhand")).ok());
  Deploy();

  for (const std::string& target :
       {GraphUri("byhand"), GraphUri("byhand") + "/", "file://" + GraphUri("byhand")}) {
    const omnigraph::Status refused = CheckInitTarget(machine_.ports, target);
    EXPECT_THAT(std::string(refused.message()),
                AllOf(HasSubstr("byhand.omni"), HasSubstr("cluster apply")));
  }
  for (const char* target : {"/graphs/notes/sky.omni", "/graphs/sky", "/sky.omni"}) {
    EXPECT_TRUE(CheckInitTarget(machine_.ports, folder_.path() + target).ok());
  }
}

}  // namespace
}  // namespace omnigraph::cluster
