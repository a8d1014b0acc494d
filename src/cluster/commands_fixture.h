// What the tests of the commands share: the worked example over either kind of store, and traces of
// interrupted work.

#pragma once

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cluster/commands.h"
#include "cluster/ledger.h"
#include "cluster/sample_cluster.h"
#include "cluster/sample_machine.h"
#include "store/local_store.h"
#include "store/memory_store.h"

namespace omnigraph::cluster {

inline constexpr char kVesselsDigest[] =
    "bd832645cd823b90d4e61907c5d3467d0180b720af9929a5694e2f7ac1dc9db9";

enum class StoreKind { kMemory, kLocal };

inline std::vector<std::string> Codes(const Findings& findings) {
  std::vector<std::string> codes;
  for (const Finding& finding : findings.items())
    codes.push_back(finding.code);
  return codes;
}

inline const Finding& Find(const Findings& findings, const std::string& code) {
  for (const Finding& finding : findings.items()) {
    if (finding.code == code) return finding;
  }
  static const Finding kNone{"none", Severity::kError, "", "the finding is missing"};
  ADD_FAILURE() << code << " is not among " << ::testing::PrintToString(Codes(findings));
  return kNone;
}

/// "operation disposition[: reason]" by address.
inline std::map<std::string, std::string> Dispositions(const std::vector<Change>& changes) {
  std::map<std::string, std::string> shown;
  for (const Change& change : changes) {
    std::string text(OperationName(change.operation));
    text += " " + std::string(DispositionName(change.disposition));
    if (!change.reason.empty()) text += ": " + change.reason;
    shown[change.resource] = text;
  }
  return shown;
}

class CommandsTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  CommandsTest() : store_(MakeStore(GetParam(), folder_.path())), machine_(store_) {
    options_.config_dir = folder_.path();
  }

  static std::shared_ptr<store::ObjectStore> MakeStore(StoreKind kind, const std::string& folder) {
    if (kind == StoreKind::kMemory) return std::make_shared<store::MemoryStore>();
    return std::make_shared<store::LocalStore>(folder);
  }

  StateReport Import() { return RunImport(machine_.ports, options_); }
  StateReport Refresh() { return RunRefresh(machine_.ports, options_); }
  StateReport Status() { return RunStatus(machine_.ports, options_); }
  PlanReport Plan() { return RunPlan(machine_.ports, options_); }
  ApplyReport Apply(const std::optional<std::string>& actor = std::nullopt) {
    return RunApply(machine_.ports, options_, actor);
  }
  ApproveReport Approve(const std::string& resource) {
    return RunApprove(machine_.ports, options_, resource, "mira");
  }
  void Deploy() {
    ASSERT_THAT(Import().findings.items(), ::testing::IsEmpty());
    const ApplyReport report = Apply();
    ASSERT_THAT(Codes(report.findings), ::testing::IsEmpty()) << ToMessages(report.findings);
    ASSERT_TRUE(report.converged);
  }
  static std::string ToMessages(const Findings& findings) {
    std::string all;
    for (const Finding& finding : findings.items())
      all += finding.message + "\n";
    return all;
  }

  bool Exists(const std::string& key) { return store_->ReadVersion(key).ok(); }
  std::string Read(const std::string& key) {
    const Result<store::Object> object = store_->Read(key, 1 << 20);
    return object.ok() ? object->bytes : std::string();
  }
  void Write(const std::string& key, const std::string& bytes) {
    ASSERT_TRUE(store_->Delete(key).ok());
    ASSERT_TRUE(store_->Create(key, bytes).ok());
  }
  Ledger StoredLedger() {
    LedgerReading reading = ParseLedger(Read("__cluster/state.json"));
    EXPECT_TRUE(reading.ledger) << reading.problem;
    return reading.ledger.value_or(Ledger());
  }
  std::vector<std::string> Keys(const std::string& prefix) {
    return store_->List(prefix, "", 100).value();
  }
  std::string GraphUri(const std::string& graph) {
    return folder_.path() + "/graphs/" + graph + ".omni";
  }
  void LeaveSidecar(const std::string& kind, const std::string& graph, const std::string& digest,
                    nlohmann::json more = nlohmann::json::object()) {
    nlohmann::json sidecar = {{"schema_version", 1},
                              {"operation_id", kOperation},
                              {"started_at", "2026-01-05T08:00:00Z"},
                              {"actor", "mallory"},
                              {"kind", kind},
                              {"graph_id", graph},
                              {"graph_uri", GraphUri(graph)},
                              {"desired_schema_digest", digest}};
    sidecar.update(more);
    Write(kSidecarKey, sidecar.dump());
  }
  void LeaveLock() {
    Write("__cluster/lock.json",
          R"({"version":1,"lock_id":"01J8ZK3V9QW7R5T2N4M6P8S0AB","operation":"apply",)"
          R"("created_at":"2026-01-05T08:00:00Z","pid":99})");
  }
  void WithFlag() {
    folder_.Edit("fleet.pg", "  name: String\n}", "  name: String\n  flag: String?\n}");
    folder_.Edit("queries/vessels.gq", "return { $v.imo, $v.name }",
                 "return { $v.imo, $v.name, $v.flag }");
  }
  void DoomScratch() {
    folder_.AddScratch();
    Deploy();
    folder_.RemoveScratch();
  }

  static constexpr char kOperation[] = "01J8ZK3V9QW7R5T2N4M6P8S0CD";
  static constexpr char kSidecarKey[] = "__cluster/recoveries/01J8ZK3V9QW7R5T2N4M6P8S0CD.json";

  SampleFolder folder_;
  std::shared_ptr<store::ObjectStore> store_;
  SampleMachine machine_;
  ConfigOptions options_;
};

}  // namespace omnigraph::cluster
