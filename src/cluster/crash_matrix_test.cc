// The crash matrix of the control plane: every effect that a command has on the store, times every
// way in which it can go wrong. Afterwards one plain apply must converge without a hand.

#include <gmock/gmock.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>

#include "cluster/commands.h"
#include "cluster/ledger.h"
#include "cluster/sample_cluster.h"
#include "cluster/sample_machine.h"
#include "store/faulty_store.h"
#include "store/local_store.h"
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

constexpr char kForeignLock[] =
    R"({"version":1,"lock_id":"01J8ZK3V9QW7R5T2N4M6P8S0AB","operation":"apply",)"
    R"("created_at":"2026-01-05T08:00:00Z","pid":99})";

/// Leaves bytes that are no ledger where the ledger was.
void Damage(const Machine& machine, const ConfigOptions& options) {
  const auto objects = machine.open_store(options.config_dir).value();
  ASSERT_TRUE(objects->Delete("__cluster/state.json").ok());
  ASSERT_TRUE(objects->Create("__cluster/state.json", "{").ok());
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
    {"ImportOverADamagedLedger",
     [](const SampleFolder& folder, const Machine& machine, const ConfigOptions& options) {
       RunImport(machine, options);
       ASSERT_TRUE(ApplyOnce(machine, options));
       folder.Edit("queries/vessels.gq", "query all_vessels", "query every_vessel");
       Damage(machine, options);
     },
     [](const Machine& machine, const ConfigOptions& options) {
       return !RunImport(machine, options).findings.has_errors();
     }},
    {"Plan", Evolve,
     [](const Machine& machine, const ConfigOptions& options) {
       return !RunPlan(machine, options).findings.has_errors();
     }},
    {"Approve", Evolve,
     [](const Machine& machine, const ConfigOptions& options) {
       return RunApprove(machine, options, "graph.scratch", "noor").approval_id.has_value();
     }},
    {"ForceUnlock",
     [](const SampleFolder& folder, const Machine& machine, const ConfigOptions& options) {
       Evolve(folder, machine, options);
       const auto objects = machine.open_store(options.config_dir).value();
       ASSERT_TRUE(objects->Create("__cluster/lock.json", kForeignLock).ok());
     },
     [](const Machine& machine, const ConfigOptions& options) {
       return RunForceUnlock(machine, options, "01J8ZK3V9QW7R5T2N4M6P8S0AB").lock_removed;
     }},
    {"Rollback",
     [](const SampleFolder& folder, const Machine& machine, const ConfigOptions& options) {
       Evolve(folder, machine, options);
       ASSERT_TRUE(ApplyOnce(machine, options));
       ASSERT_TRUE(RunApproveRollback(machine, options, "graph.depot", "mira", "2").approval_id);
     },
     [](const Machine& machine, const ConfigOptions& options) {
       return RunRollback(machine, options, "2", "mira").converged;
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
    StateReport status = RunStatus(machine, options_);
    if (status.state.locked) {
      ASSERT_TRUE(status.state.lock.lock_id) << place;
      RunForceUnlock(machine, options_, *status.state.lock.lock_id);
    }
    if (!status.state.state_cas || status.findings.has_errors()) {
      ASSERT_FALSE(RunImport(machine, options_).findings.has_errors()) << place;
    }
    ApplyReport repaired = RunApply(machine, options_, "noor");
    const Change* deletion = FindChange(repaired.changes, "graph.scratch");
    if (deletion != nullptr && deletion->reason == "approval_required") {
      // What came back with a rollback goes again only with a consent of its own.
      ASSERT_TRUE(RunApprove(machine, options_, "graph.scratch", "noor").approval_id) << place;
      repaired = RunApply(machine, options_, "noor");
    }
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
    // What is left of a creation that broke off is no graph.
    EXPECT_FALSE(objects.ReadVersion("graphs/scratch.omni/refs/main").ok()) << place;
    EXPECT_TRUE(objects.ReadVersion("graphs/fleet.omni/refs/main").ok()) << place;
  }

  SampleFolder folder_;
  ConfigOptions options_;
};

INSTANTIATE_TEST_SUITE_P(Of, CrashMatrixTest, ::testing::ValuesIn(kScenarios),
                         [](const auto& scenario) { return std::string(scenario.param.name); });

/// Where the objects of a matrix lie: in memory, or in a folder of this machine.
class Ground {
 public:
  virtual ~Ground() = default;
  virtual std::shared_ptr<store::ObjectStore> Prepared() = 0;
  /// A copy of what was prepared; the copy before it may go.
  virtual std::shared_ptr<store::ObjectStore> Copy() = 0;
};

class MemoryGround final : public Ground {
 public:
  std::shared_ptr<store::ObjectStore> Prepared() override { return prepared_; }
  std::shared_ptr<store::ObjectStore> Copy() override { return prepared_->Clone(); }

 private:
  const std::shared_ptr<store::MemoryStore> prepared_ = std::make_shared<store::MemoryStore>();
};

class LocalGround final : public Ground {
 public:
  explicit LocalGround(const std::string& folder)
      : prepared_(folder + "/../prepared"), copy_(folder + "/../copy") {
    std::filesystem::create_directories(prepared_);
  }
  std::shared_ptr<store::ObjectStore> Prepared() override {
    return std::make_shared<store::LocalStore>(prepared_);
  }
  std::shared_ptr<store::ObjectStore> Copy() override {
    std::filesystem::remove_all(copy_);
    std::filesystem::copy(prepared_, copy_, std::filesystem::copy_options::recursive);
    return std::make_shared<store::LocalStore>(copy_);
  }

 private:
  const std::string prepared_;
  const std::string copy_;
};

class CrashMatrix {
 public:
  CrashMatrix(const Scenario& scenario, Ground& ground, const ConfigOptions& options)
      : scenario_(scenario), ground_(ground), options_(options) {}

  void Prepare(const SampleFolder& folder) {
    scenario_.prepare(folder, SampleMachine(ground_.Prepared()).ports, options_);
    const auto counting = std::make_shared<store::FaultyStore>(ground_.Copy());
    counting->SetPlan({});
    ASSERT_TRUE(scenario_.run(SampleMachine(counting).ports, options_));
    effects_count_ = counting->effects_count();
    ASSERT_GT(effects_count_, 0u);
  }

  /// Calls `recover` with the store after every fault at every effect.
  int Visit(
      std::span<const Fault> faults,
      const std::function<void(std::shared_ptr<store::ObjectStore>, const std::string&)>& recover) {
    int points_count = 0;
    for (std::uint64_t effect = 0; effect < effects_count_; ++effect) {
      for (const Fault fault : faults) {
        VisitOne(effect, fault, recover);
        ++points_count;
      }
    }
    return points_count;
  }

 private:
  void VisitOne(
      std::uint64_t effect, Fault fault,
      const std::function<void(std::shared_ptr<store::ObjectStore>, const std::string&)>& recover) {
    const auto faulty = std::make_shared<store::FaultyStore>(ground_.Copy());
    faulty->SetLosesPower(true);
    faulty->SetPlan({{effect, fault}});
    const bool was_acknowledged = scenario_.run(SampleMachine(faulty).ports, options_);
    const std::string place =
        std::string(scenario_.name) + ": effect " + std::to_string(effect) + " on " +
        (effect < faulty->trace().size() ? faulty->trace()[effect].key : std::string("?")) +
        ", fault " + std::to_string(static_cast<int>(fault));
    faulty->Reopen();
    // What was acknowledged is on the store, whatever went wrong.
    if (was_acknowledged) {
      EXPECT_TRUE(faulty->ReadVersion("__cluster/state.json").ok()) << place;
    }
    recover(faulty, place);
  }

  const Scenario& scenario_;
  Ground& ground_;
  const ConfigOptions& options_;
  std::uint64_t effects_count_ = 0;
};

TEST_P(CrashMatrixTest, AfterEveryFaultAtEveryEffectAPlainApplyConverges) {
  MemoryGround ground;
  CrashMatrix matrix(GetParam(), ground, options_);
  matrix.Prepare(folder_);
  const int points_count = matrix.Visit(kFaults, [this](auto objects, const std::string& place) {
    Recover(SampleMachine(objects).ports, place);
    CheckEndState(*objects, place);
  });
  std::printf("crash matrix %s: %d points, 0 needed a hand\n", GetParam().name, points_count);
}

// The folder has its own ways to be durable; faults of the network it has not. A crash before an
// effect is one after the effect before it.
TEST_P(CrashMatrixTest, OnAFolderACrashAfterAnyEffectIsRepairedToo) {
  constexpr Fault kCrashes[] = {Fault::kCrashAfter};
  LocalGround ground(folder_.path());
  CrashMatrix matrix(GetParam(), ground, options_);
  matrix.Prepare(folder_);
  const int points_count = matrix.Visit(kCrashes, [this](auto objects, const std::string& place) {
    Recover(SampleMachine(objects).ports, place);
    CheckEndState(*objects, place);
  });
  std::printf("crash matrix %s on a folder: %d points, 0 needed a hand\n", GetParam().name,
              points_count);
}

}  // namespace
}  // namespace omnigraph::cluster
