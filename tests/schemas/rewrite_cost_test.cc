// What a schema change writes, counted in objects and bytes of the store and not in time: only what
// takes values away for good or gives some writes rows.

#include <gtest/gtest.h>

#include <cstdio>

#include "evolution_graph.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace omnigraph::schemas {
namespace {

using engine::SchemaChangeRequest;

constexpr std::string_view kSchema =
    "node Quay { code: String @key  depth: I32?  kind: enum(deep, flat)? }\n"
    "node Note { text: String }\nedge About: Note -> Quay { since: Date? }\n";

// Objects that were written, and their bytes, by whether they hold rows.
struct Cost {
  std::size_t row_objects = 0;
  std::uint64_t row_bytes = 0;
  std::size_t other_objects = 0;
  std::uint64_t other_bytes = 0;
};

class RewriteCostTest : public ::testing::Test {
 protected:
  static constexpr int kRows = 40'000;

  RewriteCostTest()
      : memory_(std::make_shared<store::MemoryStore>()),
        store_(std::make_shared<store::FaultyStore>(memory_)),
        graph_(store_, kSchema) {
    std::string text;
    for (int i = 0; i < kRows; ++i) {
      const std::string n = std::to_string(i);
      text += R"({"type":"Quay","data":{"code":"quay-)" + n + R"(","depth":)" + n + "}}\n";
      text += R"({"edge":"About","from":"n","to":"quay-)" + n + "\"}\n";
    }
    text += R"({"type":"Note","data":{"id":"n","text":"all of them"}})";
    store_->SetPlan({});
    const Status loaded = graph_.Load(text);
    EXPECT_TRUE(loaded.ok()) << loaded.message();
    loaded_ = CostSoFar();
  }

  // Of all effects since the plan was set.
  Cost CostSoFar() {
    Cost cost;
    for (const store::Effect& effect : store_->trace()) {
      if (effect.kind != store::EffectKind::kPut) continue;
      const auto info = memory_->Stat(effect.key);
      const std::uint64_t size = info.ok() ? info->size_bytes : 0;
      const bool has_rows = effect.key.starts_with("data/");
      (has_rows ? cost.row_objects : cost.other_objects) += 1;
      (has_rows ? cost.row_bytes : cost.other_bytes) += size;
    }
    return cost;
  }

  Cost CostOf(const std::string& source, SchemaChangeRequest request = {}) {
    store_->SetPlan({});
    const auto applied = graph_.Apply(source, request);
    EXPECT_TRUE(applied.ok()) << applied.status().message();
    EXPECT_TRUE(applied.ok() && applied->is_applied);
    return CostSoFar();
  }

  std::shared_ptr<store::MemoryStore> memory_;
  std::shared_ptr<store::FaultyStore> store_;
  EvolutionGraph graph_;
  Cost loaded_;
};

std::string With(std::string_view quay) {
  return "node Quay { " + std::string(quay) +
         " }\nnode Note { text: String }\nedge About: Note -> Quay { since: Date? }\n";
}

TEST_F(RewriteCostTest, ChangesOfTheSchemaAloneWriteNoRows) {
  const std::vector<std::string> sources = {
      With("code: String @key  depth: I32?  kind: enum(deep, flat)?  owner: String?"),
      With("code: String @key  depth: I32? @index  kind: enum(deep, flat)?  owner: String?"),
      With("code: String @key  metres: I32? @rename_from(\"depth\") @index  "
           "kind: enum(deep, flat, tidal)?  owner: String?"),
      With("code: String @key  metres: I32 @index  kind: enum(deep, flat, tidal)?  owner: String?"),
      With("code: String @key  metres: I32 @index  kind: enum(deep, flat, tidal)?"),
  };
  for (const std::string& source : sources) {
    SCOPED_TRACE(source);
    const Cost cost = CostOf(source);
    EXPECT_EQ(cost.row_objects, 0u);
    EXPECT_LE(cost.other_objects, 3u);  // The schema, its numbers, and the commit before.
    EXPECT_LT(cost.other_bytes, 4096u);
  }
  EXPECT_EQ(graph_.Read()->size(), static_cast<std::size_t>(2 * kRows + 1));
  std::printf("rows loaded: %llu bytes in %zu objects; %zu changes wrote none of them\n",
              static_cast<unsigned long long>(loaded_.row_bytes), loaded_.row_objects,
              sources.size());
}

TEST_F(RewriteCostTest, ATailIsWrittenOnceAndItsTableAlone) {
  ASSERT_TRUE(graph_.Load(R"({"type":"Quay","data":{"code":"late","depth":1}})").ok());
  const Cost cost =
      CostOf(With("code: String @key  depth: I32?  kind: enum(deep, flat)?  owner: String?"));
  EXPECT_GT(cost.row_objects, 0u);
  EXPECT_LT(cost.row_bytes, loaded_.row_bytes / 20);
}

TEST_F(RewriteCostTest, ValuesThatComeOrGoForGoodWriteTheirTable) {
  SchemaChangeRequest request;
  request.backfills["Quay.owner"] = "\"port\"";
  const Cost filled = CostOf(
      With("code: String @key  depth: I32?  kind: enum(deep, flat)?  owner: String"), request);
  EXPECT_GT(filled.row_bytes, static_cast<std::uint64_t>(kRows) * 4);
  SchemaChangeRequest hard;
  hard.allow_data_loss = true;
  const Cost dropped =
      CostOf(With("code: String @key  kind: enum(deep, flat)?  owner: String"), hard);
  EXPECT_GT(dropped.row_bytes, 0u);
  EXPECT_LT(dropped.row_bytes, filled.row_bytes);
}

}  // namespace
}  // namespace omnigraph::schemas
