// Random evolutions over rows: what the plan says is what apply does, the schema is then the
// desired one, every row is where the names and hints say it must be, and the past is as it was.

#include <gtest/gtest.h>

#include <cstdio>

#include "evolution_graph.h"
#include "fuzz_budget.h"
#include "random_schema.h"
#include "schema/compile.h"
#include "store/memory_store.h"

namespace omnigraph::schemas {
namespace {

using engine::SchemaChangeRequest;

// The rule of S14.3 over models: what has an accepted name comes from there.
void MapTypes(const SchemaModel& before, const std::vector<TypeModel>& types_before,
              const SchemaModel& after, const std::vector<TypeModel>& types_after,
              RowMapping* mapping) {
  for (const TypeModel& old : types_before) {
    const TypeModel* kept = nullptr;
    for (const TypeModel& type : types_after)
      if (type.accepted_name == old.name) kept = &type;
    if (kept == nullptr) {
      mapping->dropped_types.insert(old.name);
      continue;
    }
    if (kept->name != old.name) mapping->renamed_types[old.name] = kept->name;
    const std::vector<PropertyModel> properties_after = after.EffectiveProperties(*kept);
    for (const PropertyModel& property : before.EffectiveProperties(old)) {
      const std::string key = old.name + "." + property.name;
      const PropertyModel* found = nullptr;
      for (const PropertyModel& candidate : properties_after)
        if (candidate.accepted_name == property.name) found = &candidate;
      if (found == nullptr) {
        mapping->dropped_properties.insert(key);
      } else if (found->name != property.name) {
        mapping->renamed_properties[key] = found->name;
      }
    }
  }
}

RowMapping MappingOf(const SchemaModel& before, const SchemaModel& after,
                     const std::map<std::string, std::string>& backfills) {
  RowMapping mapping;
  MapTypes(before, before.nodes, after, after.nodes, &mapping);
  MapTypes(before, before.edges, after, after.edges, &mapping);
  for (const auto& [property, value] : backfills)
    mapping.added[property] = nlohmann::json::parse(value);
  return mapping;
}

// One graph through a few evolutions.
class Evolution {
 public:
  explicit Evolution(std::uint64_t seed)
      : random_(seed),
        model_(random_.Fresh()),
        graph_(std::make_shared<store::MemoryStore>(), Print(model_)) {}

  void Run() {
    for (int round = 0; round < 4 && !::testing::Test::HasFailure(); ++round) {
      const Status loaded = graph_.Load(random_.Rows(model_));
      EXPECT_TRUE(loaded.ok() || has_tightened_) << loaded.message() << "\n" << Print(model_);
      if (random_.OneIn(2)) graph_.Reopen();
      EvolveOnce();
    }
  }
  std::size_t applied_count() const { return applied_count_; }
  std::size_t refused_count() const { return refused_count_; }

 private:
  void EvolveOnce() {
    const bool tightens = random_.OneIn(3);
    std::map<std::string, std::string> backfills;
    SchemaModel next = random_.Evolve(model_, 4, tightens, &backfills);
    const std::string source = Print(next);
    SCOPED_TRACE(Print(model_) + "\n->\n" + source);
    SchemaChangeRequest request;
    request.allow_data_loss = random_.OneIn(4);
    request.backfills = backfills;
    const Records before = *graph_.Read();
    const std::string old_commit = graph_.HeadCommit();
    const auto plan = graph_.Plan(source, request);
    ASSERT_TRUE(plan.ok()) << plan.status().message();
    const auto applied = graph_.Apply(source, request);
    ASSERT_EQ(applied.ok(), plan->is_supported) << applied.status().message();
    if (!applied.ok()) {
      ++refused_count_;
      EXPECT_TRUE(tightens) << applied.status().message();
      EXPECT_EQ(*graph_.Read(), before);
      EXPECT_EQ(graph_.HeadCommit(), old_commit);
      return;
    }
    ++applied_count_;
    has_tightened_ |= tightens;
    ExpectSameSteps(*plan, *applied);
    EXPECT_EQ(graph_.Schema().digest, (*schema::CompileSchema(source))->semantic_hash);
    const Records expected = MappingOf(model_, next, backfills).Apply(before);
    EXPECT_EQ(*graph_.Read(), expected);
    graph_.Reopen();
    EXPECT_EQ(*graph_.Read(), expected);
    if (!request.allow_data_loss) {
      const auto past = graph_.Read(old_commit);
      ASSERT_TRUE(past.ok()) << past.status().message();
      EXPECT_EQ(*past, before);
    }
    EXPECT_TRUE(graph_.Plan(source)->steps.empty());
    model_ = std::move(next);
  }

  static void ExpectSameSteps(const engine::SchemaChangeAnswer& plan,
                              const engine::SchemaChangeAnswer& applied) {
    ASSERT_EQ(plan.steps.size(), applied.steps.size());
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
      EXPECT_EQ(plan.steps[i].json, applied.steps[i].json);
  }

  SchemaRandom random_;
  SchemaModel model_;
  EvolutionGraph graph_;
  bool has_tightened_ = false;
  std::size_t applied_count_ = 0;
  std::size_t refused_count_ = 0;
};

TEST(EvolutionFuzzTest, RowsGoWhereNamesAndHintsSayAndThePastStays) {
  std::size_t applied_count = 0;
  std::size_t refused_count = 0;
  FuzzBudget budget("evolution fuzzer", 8);
  while (budget.Next()) {
    Evolution evolution(budget.seed());
    evolution.Run();
    applied_count += evolution.applied_count();
    refused_count += evolution.refused_count();
    ASSERT_FALSE(HasFailure()) << "seed " << budget.seed();
  }
  std::printf("evolutions: %zu applied, %zu refused by rows\n", applied_count, refused_count);
}

}  // namespace
}  // namespace omnigraph::schemas
