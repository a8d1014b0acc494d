// Tests of the control plane over the real engine: what apply creates is an ordinary graph.

#include "cluster/engine_graphs.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "cluster/commands.h"
#include "cluster/sample_cluster.h"
#include "cluster/serving.h"
#include "engine/engine.h"
#include "store/open_store.h"

namespace omnigraph::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EngineGraphsTest : public ::testing::Test {
 protected:
  EngineGraphsTest() : machine_(SystemMachine()) { options_.config_dir = folder_.path(); }
  std::string Root() const { return folder_.path() + "/graphs/fleet.omni"; }

  SampleFolder folder_;
  Machine machine_;
  ConfigOptions options_;
};

TEST_F(EngineGraphsTest, ApplyCreatesAnOrdinaryGraphWithTheDeclaredSchema) {
  ASSERT_THAT(RunImport(machine_, options_).findings.items(), IsEmpty());
  const ApplyReport report = RunApply(machine_, options_, "mira");
  ASSERT_TRUE(report.converged) << Apply(machine_, options_, "mira").text;

  engine::OpenOptions open;
  open.uri = Root();
  const auto graph = engine::Graph::Open(store::OpenStore(Root()).value(), open);
  ASSERT_TRUE(graph.ok()) << graph.status().message();
  EXPECT_EQ((*graph)->Schema({}, {})->source, kFleetPg);
  EXPECT_EQ((*graph)->ListCommits({}, "main", 0)->front().actor_id, "mira");
  EXPECT_THAT(RunRefresh(machine_, options_).findings.items(), IsEmpty());
  EXPECT_THAT(RunPlan(machine_, options_).changes, IsEmpty());
  EXPECT_TRUE(ReadServingSnapshot(machine_, folder_.path()).snapshot);
}

TEST_F(EngineGraphsTest, APlanShowsTheRealSteps) {
  RunImport(machine_, options_);
  ASSERT_TRUE(RunApply(machine_, options_, "mira").converged);
  folder_.Edit("fleet.pg", "  name: String\n}", "  name: String\n  flag: String?\n}");

  const Result<MigrationPreview> preview =
      machine_.graphs->PreviewSchema(Root(), folder_.Read("fleet.pg"));

  ASSERT_TRUE(preview.ok()) << preview.status().message();
  EXPECT_TRUE(preview->is_supported);
  EXPECT_THAT(preview->lines, ElementsAre("add_property node Vessel.flag: String?"));
  EXPECT_THAT(preview->steps_json, HasSubstr("\"property_name\":\"flag\""));
}

TEST_F(EngineGraphsTest, ACreationThatBrokeOffIsTakenOver) {
  RunImport(machine_, options_);
  ASSERT_TRUE(RunApply(machine_, options_, "mira").converged);
  // What a crash between the claim and the genesis commit leaves.
  folder_.Remove("graphs/fleet.omni/refs");
  EXPECT_THAT(RunRefresh(machine_, options_).statuses.at("graph.fleet").conditions,
              ElementsAre("graph_missing"));

  EXPECT_TRUE(RunApply(machine_, options_, "noor").converged);
  EXPECT_TRUE(machine_.graphs->Observe(Root()).ok());
}

TEST_F(EngineGraphsTest, WhatIsNoGraphIsNotFoundAndAFileAtTheRootFailsTheCreate) {
  EXPECT_EQ(machine_.graphs->Observe(Root()).status().code(), ErrorCode::kNotFound);
  RunImport(machine_, options_);
  folder_.Write("graphs/fleet.omni", "a file where the graph should go");

  const ApplyReport report = RunApply(machine_, options_, std::nullopt);

  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings.items()[0].code, "graph_create_failed");
  EXPECT_FALSE(report.converged);
}

}  // namespace
}  // namespace omnigraph::cluster
