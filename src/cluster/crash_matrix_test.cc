// The crash matrix of the control plane: every effect that a command has on the store, times every
// way in which it can go wrong. Afterwards one plain apply must converge without a hand.

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "cluster/commands.h"
#include "cluster/ledger.h"
#include "cluster/sample_cluster.h"
#include "cluster/sample_machine.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace omnigraph::cluster {
namespace {

using store::Fault;

constexpr Fault kFaults[] = {Fault::kRefused, Fault::kLostRequest, Fault::kLostReply,
                             Fault::kDelayed, Fault::kCrashBefore, Fault::kCrashAfter};

/// What is prepared, and which command suffers.
struct Scenario {
  const char* name;
  std::function<void(const SampleFolder&, const Machine&, const ConfigOptions&)> prepare;
  std::function<bool(const Machine&, const ConfigOptions&)> run;  ///< Whether it reported success.
};

bool ApplyOnce(const Machine& machine, const ConfigOptions& options) {
  const ApplyReport report = RunApply(machine, options, "mira");
  return !report.findings.has_errors() && report.converged;
}

void Evolve(const SampleFolder& folder, const Machine& machine, const ConfigOptions& options) {
  folder.AddScratch();
  RunImport(machine, options);
  ASSERT_TRUE(ApplyOnce(machine, options));
  folder.RemoveScratch();
  folder.Edit("fleet.pg", "  name: String\n}", "  name: String\n  flag: String?\n}");
  folder.Edit("queries/vessels.gq", "return { $v.imo, $v.name }",
              "return { $v.imo, $v.name, $v.flag }");
  folder.Write("depot.pg", kScratchPg);
  folder.Edit("cluster.yaml", "graphs:\n", "graphs:\n  depot: { schema: depot.pg }\n");
  ASSERT_TRUE(RunApprove(machine, options, "graph.scratch", "mira").approval_id);
}

const Scenario kScenarios[] = {
    {"FirstApply",
     [](const SampleFolder&, const Machine& machine, const ConfigOptions& options) {
       RunImport(machine, options);
     },
     ApplyOnce},
    {"CreateMigrateAndDelete", Evolve, ApplyOnce},
    {"Refresh", Evolve,
     [](const Machine& machine, const ConfigOptions& options) {
       return !RunRefresh(machine, options).findings.has_errors();
     }},
    {"Import", [](const SampleFolder&, const Machine&, const ConfigOptions&) {},
     [](const Machine& machine, const ConfigOptions& options) {
       return !RunImport(machine, options).findings.has_errors();
     }},
};

void PrintTo(const Scenario& scenario, std::ostream* out) {
  *out << scenario.name;
}

class CrashMatrixTest : public ::testing::TestWithParam<Scenario> {
 protected:
  CrashMatrixTest() { options_.config_dir = folder_.path(); }

  /// What the next person does: looks, unlocks by id, imports if there is no ledger, applies.
  void Recover(const Machine& machine, const std::string& place) {
    const StateReport status = RunStatus(machine, options_);
    if (status.state.locked) {
      ASSERT_TRUE(status.state.lock.lock_id) << place;
      RunForceUnlock(machine, options_, *status.state.lock.lock_id);
    }
    if (!status.state.state_found) {
      ASSERT_FALSE(RunImport(machine, options_).findings.has_errors()) << place;
    }
    const ApplyReport repaired = RunApply(machine, options_, "noor");
    std::string messages;
    for (const Finding& finding : repaired.findings.items())
      messages += finding.message + "\n";
    EXPECT_TRUE(repaired.converged) << place << "\n" << messages;
    EXPECT_FALSE(repaired.findings.has_errors()) << place << "\n" << messages;
    EXPECT_FALSE(RunApply(machine, options_, "noor").state_written) << place;
  }

  void CheckEndState(store::ObjectStore& objects, const std::string& place) {
    EXPECT_TRUE(objects.List("__cluster/recoveries/", "", 9)->empty()) << place;
    EXPECT_FALSE(objects.ReadVersion("__cluster/lock.json").ok()) << place;
    EXPECT_TRUE(objects.List("graphs/scratch.omni/", "", 9)->empty()) << place;
    EXPECT_TRUE(objects.ReadVersion("graphs/fleet.omni/refs/main").ok()) << place;
  }

  SampleFolder folder_;
  ConfigOptions options_;
};

INSTANTIATE_TEST_SUITE_P(Of, CrashMatrixTest, ::testing::ValuesIn(kScenarios),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

TEST_P(CrashMatrixTest, AfterEveryFaultAtEveryEffectAPlainApplyConverges) {
  const Scenario& scenario = GetParam();
  const auto prepared = std::make_shared<store::MemoryStore>();
  scenario.prepare(folder_, SampleMachine(prepared).ports, options_);

  const auto counting = std::make_shared<store::FaultyStore>(prepared->Clone());
  counting->SetPlan({});
  ASSERT_TRUE(scenario.run(SampleMachine(counting).ports, options_));
  const std::uint64_t effects_count = counting->effects_count();
  ASSERT_GT(effects_count, 2u);

  int points_count = 0;
  for (std::uint64_t effect = 0; effect < effects_count; ++effect) {
    for (const Fault fault : kFaults) {
      const auto faulty = std::make_shared<store::FaultyStore>(prepared->Clone());
      faulty->SetLosesPower(true);
      faulty->SetPlan({{effect, fault}});
      const bool was_acknowledged = scenario.run(SampleMachine(faulty).ports, options_);
      const std::string place =
          std::string(scenario.name) + ": effect " + std::to_string(effect) + " on " +
          (effect < faulty->trace().size() ? faulty->trace()[effect].key : std::string("?")) +
          ", fault " + std::to_string(static_cast<int>(fault));
      faulty->Reopen();
      // What was acknowledged is on the store, whatever went wrong.
      if (was_acknowledged) {
        EXPECT_TRUE(faulty->ReadVersion("__cluster/state.json").ok()) << place;
      }
      SampleMachine next(faulty);
      Recover(next.ports, place);
      CheckEndState(*faulty, place);
      ++points_count;
    }
  }
  RecordProperty("points", points_count);
  std::printf("crash matrix %s: %d points, 0 needed a hand\n", scenario.name, points_count);
}

}  // namespace
}  // namespace omnigraph::cluster
