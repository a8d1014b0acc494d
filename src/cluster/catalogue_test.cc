// The diagnostic catalogue: every code is reached by a command that reports it with its severity,
// its path and its exit code. The rows are in the order of the command reference.

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "cluster/commands.h"
#include "cluster/diagnostic_codes.h"
#include "cluster/ledger.h"
#include "cluster/refusing_store.h"
#include "cluster/sample_cluster.h"
#include "cluster/sample_machine.h"
#include "cluster/serving.h"

namespace omnigraph::cluster {
namespace {

constexpr char kOperation[] = "01J8ZK3V9QW7R5T2N4M6P8S0CD";
constexpr char kSidecarKey[] = "__cluster/recoveries/01J8ZK3V9QW7R5T2N4M6P8S0CD.json";
constexpr char kLedger[] = "__cluster/state.json";
constexpr char kLock[] = "__cluster/lock.json";
constexpr char kCrewDigest[] = "eab4a7404e0550e72fbca7fa0680a63849d6a28c6016d8196b433e60e3244892";

/// A cluster of its own for every row, on a store that refuses what it is told to.
class Stage {
 public:
  Stage() { options.config_dir = folder.path(); }

  CommandOutcome Validate() { return cluster::Validate(machine.ports, options); }
  CommandOutcome Import() { return cluster::Import(machine.ports, options); }
  CommandOutcome Refresh() { return cluster::Refresh(machine.ports, options); }
  CommandOutcome Status() { return ShowStatus(machine.ports, options); }
  CommandOutcome Plan() { return cluster::Plan(machine.ports, PlanOptions{options, false}); }
  CommandOutcome Apply() { return cluster::Apply(machine.ports, options, "mira"); }
  CommandOutcome Approve(const std::string& resource) {
    return cluster::Approve(machine.ports, options, resource, "mira");
  }
  CommandOutcome Unlock(const std::string& id) { return ForceUnlock(machine.ports, options, id); }
  CommandOutcome Rollback(const std::string& revision) {
    return cluster::Rollback(machine.ports, {options, revision, true, false}, "mira");
  }
  /// What a server that boots from the cluster finds.
  CommandOutcome Serve(bool allows_quarantine = false) {
    CommandOutcome outcome;
    const SnapshotOutcome snapshot =
        ReadServingSnapshot(machine.ports, folder.path(), {allows_quarantine});
    outcome.findings = snapshot.findings.items();
    outcome.exit_code = snapshot.snapshot ? 0 : 1;
    return outcome;
  }

  /// Another text of a file of the folder, then `validate`.
  CommandOutcome Check(const std::string& file, const std::string& text) {
    folder.Write(file, text);
    return Validate();
  }
  CommandOutcome CheckConfig(const std::string& more) {
    return Check("cluster.yaml", "version: 1\n" + more);
  }
  /// The same with a graph before it.
  CommandOutcome CheckFleet(const std::string& more) {
    return CheckConfig("graphs:\n  fleet:\n    schema: fleet.pg\n" + more);
  }

  Stage& Deployed() {
    EXPECT_EQ(Import().exit_code, 0);
    EXPECT_EQ(Apply().exit_code, 0);
    return *this;
  }
  Stage& WithScratch() {
    folder.AddScratch();
    return *this;
  }
  /// Deployed with a graph whose delete was approved.
  Stage& Doomed() {
    WithScratch().Deployed();
    folder.RemoveScratch();
    EXPECT_EQ(Approve("graph.scratch").exit_code, 0);
    return *this;
  }
  Stage& WithFlag() {
    folder.Edit("fleet.pg", "  name: String\n}", "  name: String\n  flag: String?\n}");
    return *this;
  }
  Stage& Put(const std::string& key, const std::string& bytes) {
    EXPECT_TRUE(store->Delete(key).ok());
    EXPECT_TRUE(store->Create(key, bytes).ok());
    return *this;
  }
  /// Removes an object, or everything below a prefix that ends with '/'.
  Stage& Lose(const std::string& key) {
    EXPECT_TRUE((key.ends_with('/') ? store->DeletePrefix(key) : store->Delete(key)).ok());
    return *this;
  }
  Stage& Refuse(RefusingStore::Call call, const std::string& prefix) {
    store->Refuse(call, prefix);
    return *this;
  }
  Stage& Sidecar(const std::string& kind, const std::string& graph, const std::string& digest) {
    return Put(kSidecarKey, R"({"schema_version":1,"operation_id":")" + std::string(kOperation) +
                                R"(","started_at":"2026-01-05T08:00:00Z","kind":")" + kind +
                                R"(","graph_id":")" + graph + R"(","graph_uri":"x",)" +
                                R"("desired_schema_digest":")" + digest + R"("})");
  }
  Stage& HeldLock() {
    return Put(kLock, R"({"version":1,"lock_id":"01J8ZK3V9QW7R5T2N4M6P8S0AB",)"
                      R"("operation":"apply","created_at":"2026-01-05T08:00:00Z","pid":99})");
  }
  Stage& EditLedger(const std::function<void(Ledger&)>& edit) {
    Ledger ledger = ParseLedger(store->Read(kLedger, kLedgerBytesMax)->bytes).ledger.value();
    edit(ledger);
    return Put(kLedger, SerializeLedger(ledger));
  }
  /// What happens when a run comes to `point`.
  Stage& At(const std::string& point, std::function<void()> act) {
    machine.ports.failpoint = [point, act = std::move(act)](std::string_view reached) {
      if (reached == point) act();
      return omnigraph::Status::Ok();
    };
    return *this;
  }
  std::string Uri(const std::string& graph) { return folder.path() + "/graphs/" + graph + ".omni"; }
  static std::string PolicyKey() {
    return "__cluster/resources/policy/crew/" + std::string(kCrewDigest) + ".yaml";
  }

  SampleFolder folder;
  std::shared_ptr<RefusingStore> store = std::make_shared<RefusingStore>();
  SampleMachine machine{store};
  ConfigOptions options;
  std::atomic<int> stop_signal{0};
};

struct Row {
  const char* code;
  Severity severity;
  std::string path;
  int exit_code;
  std::function<CommandOutcome(Stage&)> run;
};

using Call = RefusingStore::Call;
constexpr Severity kError = Severity::kError;
constexpr Severity kWarning = Severity::kWarning;

/// Nothing is readable by this user while the guard lives, whoever runs the tests.
class Unprivileged {
 public:
  Unprivileged() { EXPECT_EQ(::geteuid() == 0 ? ::seteuid(65534) : 0, 0); }
  ~Unprivileged() { EXPECT_EQ(::getuid() == 0 ? ::seteuid(0) : 0, 0); }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;
};

std::vector<Row> ConfigurationRows() {
  const std::string schema = "graphs.fleet.schema";
  const std::string queries = "graphs.fleet.queries";
  const std::string crew = "policies: { crew: { file: policies/crew.policy.yaml, applies_to: ";
  return {
      {"config_dir_not_found", kError, "nowhere", 1,
       [](Stage& at) {
         at.options.config_dir = "nowhere";
         return at.Validate();
       }},
      {"cluster_config_read_error", kError, "cluster.yaml", 1,
       [](Stage& at) {
         at.folder.Remove("cluster.yaml");
         return at.Status();
       }},
      {"duplicate_yaml_key", kError, "graphs.fleet", 1,
       [](Stage& at) { return at.CheckFleet("  fleet: { schema: fleet.pg }\n"); }},
      {"future_phase_field", kError, "pipelines", 1,
       [](Stage& at) { return at.CheckConfig("pipelines: {}\n"); }},
      {"invalid_cluster_yaml", kError, "cluster.yaml", 1,
       [](Stage& at) { return at.CheckConfig("colour: red\n"); }},
      {"unsupported_cluster_config_version", kError, "version", 1,
       [](Stage& at) { return at.Check("cluster.yaml", "version: 2\n"); }},
      {"empty_metadata_name", kError, "metadata.name", 1,
       [](Stage& at) { return at.CheckConfig("metadata: { name: ' ' }\n"); }},
      {"unsupported_state_backend", kError, "state.backend", 1,
       [](Stage& at) { return at.CheckConfig("state: { backend: s3://b/p }\n"); }},
      {"invalid_storage_root", kError, "storage", 1,
       [](Stage& at) { return at.CheckConfig("storage: s3://\n"); }},
      {"storage_root_invalid", kError, "storage", 1,
       [](Stage& at) {
         at.machine.ports.open_store =
             [](std::string_view) -> Result<std::shared_ptr<store::ObjectStore>> {
           return omnigraph::Status::Error(ErrorCode::kUnavailable, "no region");
         };
         return at.Status();
       }},
      {"invalid_resource_id", kError, "graphs.9sky", 1,
       [](Stage& at) { return at.CheckConfig("graphs: { 9sky: { schema: fleet.pg } }\n"); }},
      {"graph_id_not_servable", kWarning, "graphs.healthz", 0,
       [](Stage& at) { return at.CheckConfig("graphs: { healthz: { schema: fleet.pg } }\n"); }},
      {"path_outside_config_dir", kWarning, schema, 0,
       [](Stage& at) {
         at.folder.Write("../outside.pg", kFleetPg);
         return at.CheckConfig("graphs: { fleet: { schema: ../outside.pg } }\n");
       }},
      {"schema_file_missing", kError, schema, 1,
       [](Stage& at) { return at.CheckConfig("graphs: { fleet: { schema: none.pg } }\n"); }},
      {"schema_parse_error", kError, schema, 1,
       [](Stage& at) { return at.Check("fleet.pg", "node Vessel {"); }},
      {"schema_catalog_error", kError, schema, 1,
       [](Stage& at) {
         return at.Check("fleet.pg", "node Vessel { imo: String @key }\nedge E: Vessel -> Moon\n");
       }},
      {"query_dir_unreadable", kError, queries, 1,
       [](Stage& at) {
         const std::filesystem::path folder = at.folder.path() + "/queries";
         using std::filesystem::perms;
         std::filesystem::permissions(folder.parent_path().parent_path(),
                                      perms::group_exec | perms::others_exec,
                                      std::filesystem::perm_options::add);
         std::filesystem::permissions(folder, perms::none);
         CommandOutcome outcome;
         {
           const Unprivileged guard;
           outcome = at.Validate();
         }
         std::filesystem::permissions(folder, perms::all);
         return outcome;
       }},
      {"query_dir_empty", kWarning, queries, 0,
       [](Stage& at) { return at.CheckFleet("    queries: policies\n"); }},
      {"query_file_missing", kError, queries, 1,
       [](Stage& at) { return at.CheckFleet("    queries: none.gq\n"); }},
      {"query_parse_error", kError, queries, 1,
       [](Stage& at) { return at.Check("queries/vessels.gq", "query q( {"); }},
      {"duplicate_query_name", kError, queries + ".vessel_by_imo", 1,
       [](Stage& at) {
         return at.CheckFleet("    queries: [queries/vessels.gq, queries/vessels.gq]\n");
       }},
      {"query_key_mismatch", kError, queries + ".nope", 1,
       [](Stage& at) {
         return at.CheckFleet("    queries: { nope: { file: queries/vessels.gq } }\n");
       }},
      {"query_typecheck_error", kError, queries + ".q", 1,
       [](Stage& at) {
         return at.Check("queries/vessels.gq",
                         "query q() { match { $s: Comet } return { $s.slug } }\n");
       }},
      {"query_typecheck_skipped", kWarning, queries + ".vessel_by_imo", 1,
       [](Stage& at) { return at.Check("fleet.pg", "node Vessel {"); }},
      {"policy_missing_applies_to", kError, "policies.crew.applies_to", 1,
       [crew](Stage& at) { return at.CheckFleet(crew + "[] } }\n"); }},
      {"dangling_graph_reference", kError, "policies.crew.applies_to[0]", 1,
       [crew](Stage& at) { return at.CheckFleet(crew + "[moon] } }\n"); }},
      {"wrong_kind_reference", kError, "policies.crew.applies_to[0]", 1,
       [crew](Stage& at) { return at.CheckFleet(crew + "[schema.fleet] } }\n"); }},
      {"policy_file_missing", kError, "policies.crew.file", 1,
       [](Stage& at) {
         return at.CheckFleet("policies: { crew: { file: none.yaml, applies_to: [fleet] } }\n");
       }},
      {"policy_invalid", kError, "policies.crew.file", 1,
       [](Stage& at) { return at.Check("policies/crew.policy.yaml", kDeskPolicy); }},
      {"policy_unknown_query", kWarning, "policies.crew.file", 0,
       [](Stage& at) {
         return at.Check("policies/crew.policy.yaml",
                         "version: 1\ngroups: { g: [a] }\nrules:\n  - id: r\n    allow: { actors: "
                         "{ group: g }, actions: [invoke_query], queries: [nothing] }\n");
       }},
      {"policy_mixed_binding_kinds", kWarning, "policies.crew.applies_to", 0,
       [crew](Stage& at) { return at.CheckFleet(crew + "[fleet, cluster] } }\n"); }},
      {"duplicate_policy_binding", kWarning, "policies.mate.applies_to", 0,
       [crew](Stage& at) {
         return at.CheckFleet(crew +
                              "[fleet] }, mate: { file: policies/crew.policy.yaml, "
                              "applies_to: [fleet] } }\n");
       }},
  };
}

std::vector<Row> LedgerAndLockRows() {
  return {
      {"state_missing", kWarning, kLedger, 0, [](Stage& at) { return at.Status(); }},
      {"state_missing", kError, kLedger, 1, [](Stage& at) { return at.Apply(); }},
      {"state_already_exists", kError, kLedger, 1,
       [](Stage& at) { return at.Deployed().Import(); }},
      {"state_read_error", kError, kLedger, 1,
       [](Stage& at) { return at.Deployed().Refuse(Call::kRead, kLedger).Status(); }},
      {"invalid_state_json", kError, kLedger, 1,
       [](Stage& at) { return at.Put(kLedger, "{").Plan(); }},
      {"unsupported_state_version", kError, "state.version", 1,
       [](Stage& at) {
         return at.Put(kLedger, R"({"version":9,"applied_revision":{}})").Status();
       }},
      {"state_ledger_quarantined", kWarning, "__cluster/state.json.corrupt.", 0,
       [](Stage& at) { return at.Put(kLedger, "{").Import(); }},
      {"state_cas_mismatch", kError, kLedger, 1,
       [](Stage& at) {
         at.Import();
         at.At("cluster_apply.before_state_write",
               [&at] { at.EditLedger([](Ledger& ledger) { ++ledger.state_revision; }); });
         return at.Apply();
       }},
      {"state_write_error", kError, kLedger, 1,
       [](Stage& at) { return at.Deployed().Refuse(Call::kSwap, kLedger).Refresh(); }},
      {"state_lock_held", kError, kLock, 1, [](Stage& at) { return at.HeldLock().Plan(); }},
      {"state_lock_error", kError, kLock, 1,
       [](Stage& at) { return at.Refuse(Call::kCreate, kLock).Plan(); }},
      {"state_lock_disabled", kWarning, "state.lock", 0,
       [](Stage& at) {
         at.folder.Edit("cluster.yaml", "version: 1\n", "version: 1\nstate: { lock: false }\n");
         return at.Plan();
       }},
      {"state_lock_missing", kError, kLock, 1, [](Stage& at) { return at.Unlock("01J8"); }},
      {"state_lock_read_error", kError, kLock, 1,
       [](Stage& at) { return at.HeldLock().Refuse(Call::kRead, kLock).Unlock("01J8"); }},
      {"state_lock_read_error", kWarning, kLock, 0,
       [](Stage& at) { return at.HeldLock().Refuse(Call::kRead, kLock).Status(); }},
      {"invalid_state_lock", kError, kLock, 1,
       [](Stage& at) { return at.Put(kLock, "{").Unlock("01J8"); }},
      {"invalid_state_lock", kWarning, kLock, 0,
       [](Stage& at) { return at.Put(kLock, "{").Status(); }},
      {"unsupported_state_lock_version", kError, kLock, 1,
       [](Stage& at) { return at.Put(kLock, R"({"version":2})").Unlock("01J8"); }},
      {"unsupported_state_lock_version", kWarning, kLock, 0,
       [](Stage& at) { return at.Put(kLock, R"({"version":2})").Status(); }},
      {"state_lock_id_mismatch", kError, kLock, 1,
       [](Stage& at) { return at.HeldLock().Unlock("01J8"); }},
      {"interrupted", kError, "cluster.plan", 143,
       [](Stage& at) {
         at.stop_signal = 15;
         at.machine.ports.stop_signal = &at.stop_signal;
         return at.Plan();
       }},
  };
}

std::vector<Row> CatalogAndApplyRows() {
  const std::string crew = "policy.crew";
  return {
      {"catalog_payload_missing", kWarning, crew, 0,
       [](Stage& at) { return at.Deployed().Lose(Stage::PolicyKey()).Status(); }},
      {"catalog_payload_missing", kError, crew, 1,
       [](Stage& at) { return at.Deployed().Lose(Stage::PolicyKey()).Serve(); }},
      {"catalog_payload_mismatch", kWarning, crew, 0,
       [](Stage& at) { return at.Deployed().Put(Stage::PolicyKey(), "other").Refresh(); }},
      {"catalog_payload_digest_mismatch", kError, crew, 1,
       [](Stage& at) { return at.Deployed().Put(Stage::PolicyKey(), "other").Serve(); }},
      {"catalog_payload_read_error", kError, crew, 1,
       [](Stage& at) { return at.Deployed().Refuse(Call::kRead, Stage::PolicyKey()).Status(); }},
      {"catalog_payload_repaired", kWarning, crew, 0,
       [](Stage& at) {
         at.Deployed().Put(Stage::PolicyKey(), "other").Refresh();
         return at.Apply();
       }},
      {"resource_payload_write_error", kError, crew, 1,
       [](Stage& at) {
         at.Import();
         return at.Refuse(Call::kPut, "__cluster/resources/policy/").Apply();
       }},
      {"resource_content_changed", kError, "schema.fleet", 1,
       [](Stage& at) {
         at.Import();
         at.At("cluster_apply.before_graph_create",
               [&at] { at.folder.Write("fleet.pg", kScratchPg); });
         return at.Apply();
       }},
      {"graph_observation_error", kError, "graphs", 1,
       [](Stage& at) { return at.Put("graphs/fleet.omni/junk", "x").Import(); }},
      {"undeclared_graph_root", kWarning, "graphs/moon.omni", 0,
       [](Stage& at) { return at.Put("graphs/moon.omni/junk", "x").Import(); }},
      {"schema_preview_unavailable", kWarning, "schema.fleet", 0,
       [](Stage& at) { return at.Deployed().WithFlag().Lose("graphs/fleet.omni/").Plan(); }},
      {"graph_create_failed", kError, "graph.fleet", 1,
       [](Stage& at) {
         at.Import();
         return at.Put("graphs/fleet.omni/junk", "x").Apply();
       }},
      {"graph_create_skipped", kWarning, "graph.scratch", 1,
       [](Stage& at) {
         at.WithScratch().Import();
         return at.Put("graphs/fleet.omni/junk", "x").Apply();
       }},
      {"schema_apply_failed", kError, "schema.fleet", 1,
       [](Stage& at) {
         at.Deployed().WithFlag();
         at.machine.graphs().next_failure =
             omnigraph::Status::Error(ErrorCode::kUnavailable, "gone");
         return at.Apply();
       }},
      {"schema_apply_skipped", kWarning, "schema.scratch", 1,
       [](Stage& at) {
         at.WithScratch().Deployed().WithFlag();
         at.folder.Edit("scratch.pg", "node Note {", "// Notes.\nnode Note {");
         at.machine.graphs().next_failure =
             omnigraph::Status::Error(ErrorCode::kUnavailable, "gone");
         return at.Apply();
       }},
      {"graph_delete_failed", kError, "graph.scratch", 1,
       [](Stage& at) { return at.Doomed().Refuse(Call::kDelete, "graphs/scratch.omni/").Apply(); }},
      {"graph_delete_skipped", kWarning, "graph.scratch", 1,
       [](Stage& at) {
         at.Doomed().WithFlag();
         // The configuration changed with the schema, so the consent has to be given again.
         at.Approve("graph.scratch");
         at.machine.graphs().next_failure =
             omnigraph::Status::Error(ErrorCode::kUnavailable, "gone");
         return at.Apply();
       }},
      {"apply_unsupported_change", kWarning, "widget.gear", 0,
       [](Stage& at) {
         at.Deployed().EditLedger([](Ledger& ledger) { ledger.resources["widget.gear"] = {}; });
         return at.Apply();
       }},
      {"apply_dependency_blocked", kWarning, "graph.scratch", 0,
       [](Stage& at) {
         at.WithScratch().Deployed().folder.RemoveScratch();
         return at.Apply();
       }},
      {"apply_approval_invariant_violation", kError, "changes", 1,
       [](Stage& at) {
         at.Doomed();
         // The graph is replaced by another one behind the back of the run.
         at.At("cluster_apply.after_payload_phase",
               [&at] { at.Put("graphs/scratch.omni/omnigraph.json", "another incarnation"); });
         return at.Apply();
       }},
      {"injected_failpoint", kError, "cluster_lock.after_acquire", 1,
       [](Stage& at) {
         at.machine.ports.failpoint = [](std::string_view point) {
           return omnigraph::Status::Error(ErrorCode::kInternal, std::string(point));
         };
         return at.Plan();
       }},
  };
}

std::vector<Row> ApprovalAndRecoveryRows() {
  return {
      {"approval_not_required", kError, "graph.fleet", 1,
       [](Stage& at) { return at.Deployed().Approve("graph.fleet"); }},
      {"approval_stale", kWarning, "graph.scratch", 0,
       [](Stage& at) {
         at.Doomed().folder.Edit("policies/desk.policy.yaml", "version: 1\n", "# d\nversion: 1\n");
         return at.Plan();
       }},
      {"approval_data_moved", kWarning, "graph.scratch", 0,
       [](Stage& at) {
         EXPECT_TRUE(at.Doomed().machine.graphs().Commit(at.Uri("scratch"), kScratchPg).ok());
         return at.Apply();
       }},
      {"approval_write_error", kError, "__cluster/approvals/", 1,
       [](Stage& at) {
         at.WithScratch().Deployed().folder.RemoveScratch();
         return at.Refuse(Call::kCreate, "__cluster/approvals/").Approve("graph.scratch");
       }},
      {"approval_read_error", kWarning, "__cluster/approvals", 0,
       [](Stage& at) { return at.Deployed().Refuse(Call::kList, "__cluster/approvals/").Plan(); }},
      {"invalid_approval_artifact", kWarning, "__cluster/approvals/a.json", 0,
       [](Stage& at) { return at.Deployed().Put("__cluster/approvals/a.json", "{").Plan(); }},
      {"unsupported_approval_version", kWarning, "__cluster/approvals/a.json", 0,
       [](Stage& at) {
         return at.Deployed().Put("__cluster/approvals/a.json", R"({"schema_version":5})").Plan();
       }},
      {"cluster_recovery_pending", kWarning, kSidecarKey, 0,
       [](Stage& at) { return at.Deployed().Sidecar("schema_apply", "fleet", "d").Status(); }},
      {"cluster_recovery_pending", kError, "__cluster/recoveries", 1,
       [](Stage& at) { return at.Deployed().Sidecar("schema_apply", "fleet", "d").Serve(); }},
      {"cluster_recovery_pending", kWarning, "graph.fleet", 0,
       [](Stage& at) {
         at.Deployed().Sidecar("schema_apply", "fleet", "d");
         EXPECT_TRUE(at.machine.graphs().Commit(at.Uri("fleet"), kScratchPg).ok());
         return at.Apply();
       }},
      {"cluster_recovery_rolled_forward", kWarning, "graph.fleet", 0,
       [](Stage& at) {
         at.Deployed().Sidecar("graph_delete", "fleet", "").Lose("graphs/fleet.omni/");
         return at.Apply();
       }},
      {"graph_create_incomplete", kError, "graph.fleet", 1,
       [](Stage& at) {
         at.Import();
         return at.Sidecar("graph_create", "fleet", "d").Put("graphs/fleet.omni/junk", "x").Apply();
       }},
      {"graph_delete_incomplete", kWarning, "graph.fleet", 0,
       [](Stage& at) { return at.Deployed().Sidecar("graph_delete", "fleet", "").Apply(); }},
      {"recovery_sidecar_write_error", kError, "__cluster/recoveries/", 1,
       [](Stage& at) {
         at.Import();
         return at.Refuse(Call::kCreate, "__cluster/recoveries/").Apply();
       }},
      {"recovery_sidecar_read_error", kWarning, "__cluster/recoveries", 0,
       [](Stage& at) {
         return at.Deployed().Refuse(Call::kList, "__cluster/recoveries/").Status();
       }},
      {"recovery_sidecar_read_error", kError, "__cluster/recoveries", 1,
       [](Stage& at) {
         return at.Deployed().Refuse(Call::kList, "__cluster/recoveries/").Serve();
       }},
      {"invalid_recovery_sidecar", kWarning, kSidecarKey, 0,
       [](Stage& at) { return at.Deployed().Put(kSidecarKey, "{").Apply(); }},
      {"invalid_recovery_sidecar", kError, kSidecarKey, 1,
       [](Stage& at) { return at.Deployed().Put(kSidecarKey, "{").Serve(); }},
      {"unsupported_recovery_sidecar_version", kWarning, kSidecarKey, 0,
       [](Stage& at) { return at.Deployed().Put(kSidecarKey, R"({"schema_version":5})").Apply(); }},
      {"recovery_sidecar_cleanup_failed", kWarning, "__cluster/recoveries/", 1,
       [](Stage& at) {
         at.Deployed().WithFlag().Refuse(Call::kDelete, "__cluster/recoveries/");
         at.machine.graphs().next_failure =
             omnigraph::Status::Error(ErrorCode::kUnavailable, "gone");
         return at.Apply();
       }},
  };
}

std::vector<Row> ServingAndHistoryRows() {
  const auto bind = [](std::optional<std::vector<std::string>> scopes) {
    return [scopes = std::move(scopes)](Stage& at) {
      return at.Deployed()
          .EditLedger([&](Ledger& ledger) { ledger.resources["policy.crew"].applies_to = scopes; })
          .Serve();
    };
  };
  return {
      {"cluster_state_missing", kError, kLedger, 1, [](Stage& at) { return at.Serve(); }},
      {"policy_bindings_missing", kError, "policy.crew", 1, bind(std::nullopt)},
      {"policy_binding_unrecognized", kError, "policy.crew", 1, bind({{"moon"}})},
      {"policy_scope_conflict", kError, "cluster", 1, bind({{"cluster"}})},
      {"cluster_empty", kError, kLedger, 1,
       [](Stage& at) {
         return at.Put(kLedger, R"({"version":1,"applied_revision":{"resources":{}}})").Serve();
       }},
      {"cluster_recovery_unattributed", kError, kSidecarKey, 1,
       [](Stage& at) { return at.Deployed().Sidecar("schema_apply", "", "d").Serve(true); }},
      {"cluster_no_healthy_graphs", kError, kLedger, 1,
       [](Stage& at) { return at.Deployed().Sidecar("schema_apply", "fleet", "d").Serve(true); }},
      {"revision_not_found", kError, "77", 1,
       [](Stage& at) { return at.Deployed().Rollback("77"); }},
      {"invalid_revision", kError, "soon", 1,
       [](Stage& at) { return at.Deployed().Rollback("soon"); }},
      {"history_read_error", kError, "__history", 1,
       [](Stage& at) {
         at.Deployed().Refuse(Call::kList, "__history/");
         return ShowHistory(at.machine.ports, at.options, 9);
       }},
      {"revision_content_missing", kError, "schema.fleet", 1,
       [](Stage& at) {
         at.Deployed().WithFlag().Apply();
         at.Lose("__history/content/" + Sha256Hex(kFleetPg) + ".pg");
         return at.Rollback("2");
       }},
      {"rollback_creates_empty_graph", kWarning, "graph.scratch", 0,
       [](Stage& at) {
         at.Doomed().Apply();
         return at.Rollback("2");
       }},
  };
}

std::vector<Row> AllRows() {
  std::vector<Row> rows;
  for (const auto& part : {ConfigurationRows(), LedgerAndLockRows(), CatalogAndApplyRows(),
                           ApprovalAndRecoveryRows(), ServingAndHistoryRows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

/// A path whose last part is made up anew each time is given up to there.
bool IsPath(const std::string& path, const std::string& expected) {
  const bool is_prefix = expected.ends_with('/') || expected.ends_with('.');
  return is_prefix ? path.starts_with(expected) : path == expected;
}

TEST(CatalogueTest, EveryCodeIsReportedWithItsSeverityPathAndExitCode) {
  std::set<std::string_view> reached;
  for (const Row& row : AllRows()) {
    Stage stage;
    const CommandOutcome outcome = row.run(stage);
    std::string seen;
    bool is_found = false;
    for (const Finding& finding : outcome.findings) {
      seen += finding.code + " " + finding.path + ": " + finding.message + "\n";
      is_found = is_found || (finding.code == row.code && finding.severity == row.severity &&
                              IsPath(finding.path, row.path) && !finding.message.empty());
    }
    EXPECT_TRUE(is_found) << row.code << " at " << row.path << " is not among\n" << seen;
    EXPECT_EQ(outcome.exit_code, row.exit_code) << row.code << "\n" << seen;
    EXPECT_TRUE(IsDiagnosticCode(row.code)) << row.code;
    if (is_found) reached.insert(row.code);
  }
  for (const std::string_view code : kDiagnosticCodes) {
    EXPECT_TRUE(reached.contains(code)) << code << " is reached by no row";
  }
  EXPECT_TRUE(std::is_sorted(kDiagnosticCodes.begin(), kDiagnosticCodes.end()));
  std::printf("diagnostic catalogue: %zu of %zu codes reached by %zu rows\n", reached.size(),
              kDiagnosticCodes.size(), AllRows().size());
}

TEST(CatalogueTest, MaintenanceNamesAGraphThatIsNotApplied) {
  Stage stage;
  const auto root =
      ResolveClusterGraph(stage.Deployed().machine.ports, stage.folder.path(), "moon");
  ASSERT_FALSE(root.ok());
  EXPECT_THAT(std::string(root.status().message()),
              ::testing::AllOf(::testing::StartsWith("graph_not_applied: "),
                               ::testing::HasSubstr("applied graphs: fleet"),
                               ::testing::HasSubstr("cluster apply")));
}

}  // namespace
}  // namespace omnigraph::cluster
