// The planner over random schemas: a schema differs in nothing from itself, a change that needs no
// rows is supported, plans are the same twice, their steps survive their JSON, and the numbers that
// a plan leads to are those of the desired schema.

#include <gtest/gtest.h>

#include <cstdio>

#include "fuzz_budget.h"
#include "random_schema.h"
#include "schema/compile.h"
#include "schema/migration.h"

namespace omnigraph::schemas {
namespace {

using schema::MigrationPlan;
using schema::Schema;

std::shared_ptr<const Schema> Compiled(const std::string& text,
                                       const schema::SchemaIdentity& identity = {}) {
  auto schema = schema::CompileSchema(text, "fuzz.pg", identity);
  EXPECT_TRUE(schema.ok()) << schema.status().message() << "\n" << text;
  return schema.ok() ? *schema : nullptr;
}

// Plans from `accepted` to `text`, checks what holds for every plan, and gives the schema that has
// its numbers.
std::shared_ptr<const Schema> CheckPlan(const Schema& accepted, const std::string& text,
                                        bool must_be_supported, bool is_same) {
  const auto desired = Compiled(text);
  if (desired == nullptr) return nullptr;
  const MigrationPlan plan = PlanMigration(*accepted.catalog, *desired->catalog);
  EXPECT_EQ(PlanMigration(*accepted.catalog, *desired->catalog).steps, plan.steps);
  EXPECT_EQ(plan.steps.empty(), is_same);
  for (const schema::MigrationStep& step : plan.steps) {
    const auto decoded = schema::DecodeStep(schema::StepJson(step));
    EXPECT_TRUE(decoded.ok()) << schema::StepJson(step);
    if (decoded.ok()) {
      EXPECT_EQ(schema::StepJson(*decoded), schema::StepJson(step));
    }
    EXPECT_FALSE(schema::StepText(step).empty());
    if (must_be_supported) {
      EXPECT_EQ(step.requirement, schema::RowRequirement::kNone);
    }
  }
  if (must_be_supported) {
    EXPECT_TRUE(plan.is_supported()) << plan.CheckSupported().message();
  }
  const auto evolved = Compiled(text, EvolveIdentity(accepted.identity, plan));
  EXPECT_EQ(evolved->semantic_hash, desired->semantic_hash);
  EXPECT_GE(evolved->identity.next, accepted.identity.next);
  EXPECT_TRUE(PlanMigration(*evolved->catalog, *desired->catalog).steps.empty());
  return evolved;
}

TEST(PlannerFuzzTest, RandomEvolutionsPlanAsTheyAreMeant) {
  std::size_t plans_count = 0;
  FuzzBudget budget("planner fuzzer", 4);
  while (budget.Next()) {
    SCOPED_TRACE("seed " + std::to_string(budget.seed()));
    SchemaRandom random(budget.seed());
    SchemaModel model = random.Fresh();
    auto accepted = Compiled(Print(model));
    ASSERT_NE(accepted, nullptr);
    for (int round = 0; round < 4; ++round) {
      const bool tightens = random.OneIn(3);
      std::map<std::string, std::string> backfills;
      SchemaModel next = random.Evolve(model, 5, tightens, &backfills);
      const bool is_same = Compiled(Print(WithoutHints(model)))->semantic_hash ==
                           Compiled(Print(WithoutHints(next)))->semantic_hash;
      accepted = CheckPlan(*accepted, Print(next), !tightens, is_same);
      ASSERT_FALSE(HasFailure()) << Print(model) << "\n->\n" << Print(next);
      model = std::move(next);
      ++plans_count;
    }
    // Two schemas that have nothing to do with each other.
    CheckPlan(*accepted, Print(SchemaRandom(budget.seed() + 1'000'000).Fresh()), false, false);
    ASSERT_FALSE(HasFailure());
  }
  std::printf("plans: %zu\n", plans_count);
}

}  // namespace
}  // namespace omnigraph::schemas
