// Tests of merges: every combination of three row states, histories that cross, edges whose row ids
// differ between branches, and rules of the merged state.

#include "graph/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "graph/repository.h"
#include "store/memory_store.h"

namespace omnigraph::graph {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSchema =
    "node Person { name: String @key\n age: I32? }\n"
    "edge Knows: Person -> Person { since: I32? }";

using Value = std::optional<int>;  // None: the row is absent.

class MergeTest : public ::testing::Test {
 protected:
  MergeTest() {
    EXPECT_TRUE(Repository::Init(*store_, "g", kSchema, false).ok());
    repository_ = *Repository::Open(store_, "g");
  }

  // Gives a row this value on a branch: a person, or the edge "from>to" under that id.
  void Set(const std::string& branch, const std::string& id, Value value) {
    WriteRequest request;
    request.plan = [&](WorkingGraph& working, Footprint*) -> Status {
      const bool is_edge = id.find('>') != std::string::npos;
      const schema::TableType& type =
          *working.catalog().FindTable(is_edge ? "edge:Knows" : "node:Person");
      OG_ASSIGN_OR_RETURN(const table::Table* const table, working.TableOf(type));
      OG_ASSIGN_OR_RETURN(const auto present, table->FindById(id));
      TableDelta delta(type);
      if (!value) {
        if (present) delta.deleted.push_back(*present);
        return working.Apply(std::move(delta));
      }
      format::RowBatch row(type);
      if (is_edge) {
        OG_ASSIGN_OR_RETURN(const table::Table* const people,
                            working.TableOf(*working.catalog().FindTable("node:Person")));
        const std::size_t cut = id.find('>');
        const auto from = *people->FindById(id.substr(0, cut));
        const auto to = *people->FindById(id.substr(cut + 1));
        row.AppendId(id);
        row.AppendEndpoints(*from, *to);
      } else {
        row.column(type.FindProperty("name")->ordinal).AppendText(id);
      }
      row.column(type.FindProperty(is_edge ? "since" : "age")->ordinal).AppendInt(*value);
      row.FinishRow();
      if (present) {
        delta.updated_rows = {*present};
        delta.updated = std::move(row);
      } else {
        delta.inserted.push_back(std::move(row));
      }
      return working.Apply(std::move(delta));
    };
    const auto written = repository_->Writer(branch)->Write(std::move(request));
    ASSERT_TRUE(written.ok()) << written.status().message();
  }

  Value Get(const std::string& branch, const std::string& id) {
    const auto head = *repository_->Head(branch);
    const bool is_edge = id.find('>') != std::string::npos;
    const schema::TableType& type =
        *head->catalog().FindTable(is_edge ? "edge:Knows" : "node:Person");
    const table::Table* const table = *head->TableOf(type);
    const auto row = *table->FindById(id);
    if (!row) return std::nullopt;
    const auto column = table->BindColumn(type.FindProperty(is_edge ? "since" : "age")->ordinal);
    return static_cast<int>(column->Int(*row));
  }

  void Fork(const std::string& name, const std::string& from) {
    const auto head = *repository_->commits().ReadHead(from);
    ASSERT_TRUE(repository_->commits().CreateBranch(name, from, head).ok());
  }

  Status Merge(const std::string& source, const std::string& target) {
    MergeSides sides{*repository_->Head(source), source, target};
    WriteRequest request;
    request.operation = format::Operation::kMerge;
    request.plan = [&](WorkingGraph& working, Footprint* footprint) -> Status {
      OG_RETURN_IF_ERROR(PlanMerge(*repository_, sides, working, footprint, &plan_));
      if (!working.is_merge()) return Status::Ok();
      return repository_->commits().FileHead(source, *sides.source->run());
    };
    return repository_->Writer(target)->Write(std::move(request)).status();
  }

  std::shared_ptr<store::MemoryStore> store_ = std::make_shared<store::MemoryStore>();
  std::unique_ptr<Repository> repository_;
  MergePlan plan_;
};

// What the rule of merges says of one row; none is a conflict.
std::optional<Value> Model(Value base, Value source, Value target) {
  if (source == base || source == target) return target;
  if (target == base) return source;
  return std::nullopt;
}

class TruthTable : public MergeTest, public ::testing::WithParamInterface<bool> {};

TEST_P(TruthTable, EveryCombinationOfThreeRowStatesFollowsTheRule) {
  const bool is_edge = GetParam();
  const std::vector<Value> states = {std::nullopt, 1, 2, 3};
  int cells = 0;
  int conflicts = 0;
  Set("main", "from", 0);
  Set("main", "to", 0);
  for (const Value& base : states) {
    for (const Value& source : states) {
      for (const Value& target : states) {
        const std::string cell = std::to_string(cells++);
        const std::string id = is_edge ? "from>to" : "row";
        Fork("t" + cell, "main");
        Set("t" + cell, id, base);
        Fork("s" + cell, "t" + cell);
        // Rows of their own, so that the branches have parted and give out different row ids.
        Set("s" + cell, "source", 1);
        Set("t" + cell, "target", 2);
        Set("t" + cell, "target too", 3);
        Set("s" + cell, id, source);
        Set("t" + cell, id, target);
        const Status merged = Merge("s" + cell, "t" + cell);
        const std::optional<Value> expected = Model(base, source, target);
        if (expected) {
          ASSERT_TRUE(merged.ok()) << cell << merged.message();
          EXPECT_EQ(plan_.outcome, MergeOutcome::kMerged);
          EXPECT_EQ(Get("t" + cell, id), *expected) << cell;
          EXPECT_EQ(Get("t" + cell, "source"), 1);
          EXPECT_EQ(Get("t" + cell, "target too"), 3);
          continue;
        }
        ++conflicts;
        EXPECT_EQ(merged.code(), ErrorCode::kConflict);
        ASSERT_EQ(plan_.conflicts.size(), 1u) << cell;
        const ConflictKind kind = !source || !target ? ConflictKind::kDeleteVsUpdate
                                  : base             ? ConflictKind::kDivergentUpdate
                                                     : ConflictKind::kDivergentInsert;
        EXPECT_EQ(plan_.conflicts[0].kind, kind);
        EXPECT_EQ(plan_.conflicts[0].row_id, id);
        EXPECT_EQ(Get("t" + cell, id), target);
        EXPECT_EQ(Get("t" + cell, "source"), std::nullopt);
      }
    }
  }
  std::printf("truth table of %s: %d cells, %d conflicts\n", is_edge ? "edges" : "nodes", cells,
              conflicts);
}

INSTANTIATE_TEST_SUITE_P(Rows, TruthTable, ::testing::Bool());

TEST_F(MergeTest, EdgesFindTheirNodesThoughRowIdsDiffer) {
  Fork("dev", "main");
  Set("main", "x", 1);
  Set("main", "y", 2);
  Set("dev", "b", 3);
  Set("dev", "a", 4);
  Set("dev", "a>b", 5);
  ASSERT_TRUE(Merge("dev", "main").ok());
  const auto head = *repository_->Head("main");
  const table::Table* const edges = *head->EdgeTable(0);
  const table::Table* const people = *head->NodeTable(0);
  const table::RowId edge = **edges->FindById("a>b");
  std::string ends;
  ASSERT_TRUE(people->AppendId(edges->SourceOf(edge), ends).ok());
  ASSERT_TRUE(people->AppendId(edges->TargetOf(edge), ends).ok());
  EXPECT_EQ(ends, "ab");
  // The same rows under other row ids are no change.
  ASSERT_TRUE(Merge("main", "dev").ok());
  EXPECT_EQ(plan_.outcome, MergeOutcome::kFastForward);
  EXPECT_EQ(Get("dev", "x"), 1);
}

TEST_F(MergeTest, ACommitOfAMergeHasTwoParentsAndRisesAboveBoth) {
  Fork("dev", "main");
  for (int i = 0; i < 5; ++i)
    Set("dev", "a", i);
  const format::Commit source = (*repository_->Head("dev"))->commit();
  ASSERT_TRUE(Merge("dev", "main").ok());
  const format::Commit merged = (*repository_->Head("main"))->commit();
  EXPECT_EQ(plan_.outcome, MergeOutcome::kFastForward);
  EXPECT_EQ(merged.merged_parent, source.id);
  EXPECT_GT(merged.generation, source.generation);
  EXPECT_GE(merged.created_at_micros, source.created_at_micros);
  ASSERT_TRUE(Merge("dev", "main").ok());
  EXPECT_EQ(plan_.outcome, MergeOutcome::kAlreadyUpToDate);
  EXPECT_EQ((*repository_->Head("main"))->commit().id, merged.id);
}

TEST_F(MergeTest, AMergeWithoutNetChangesIsACommitAllTheSame) {
  Set("main", "a", 1);
  Fork("dev", "main");
  Set("dev", "a", 2);
  Set("dev", "a", 1);
  Set("main", "a", 3);
  ASSERT_TRUE(Merge("dev", "main").ok());
  EXPECT_EQ(plan_.outcome, MergeOutcome::kMerged);
  EXPECT_EQ(Get("main", "a"), 3);
  EXPECT_TRUE((*repository_->Head("main"))->commit().merged_parent.has_value());
}

TEST_F(MergeTest, MessagesNameThePropertyAndBothValues) {
  Set("main", "a", 1);
  Fork("dev", "main");
  Set("dev", "a", 20);
  Set("main", "a", 30);
  const Status refused = Merge("dev", "main");
  EXPECT_EQ(refused.message(), "merge conflicts: node:Person:a (divergent_update)");
  EXPECT_EQ(plan_.conflicts[0].message,
            "branches 'dev' and 'main' both changed Person 'a': 'age' is 20 and 30");
}

// Every row is changed on one branch only, and merges run in all directions from heads as they were
// some time ago: whatever the history looks like, no merge may conflict, and the newest value wins.
TEST_F(MergeTest, CrossingHistoriesNeverConflictFalsely) {
  std::minstd_rand random(11);
  const std::vector<std::string> branches = {"main", "north", "south"};
  using State = std::map<std::string, int>;
  int merges = 0;
  for (int round = 0; round < 6; ++round) {
    const std::string prefix = "r" + std::to_string(round);
    std::map<std::string, State> model;
    std::vector<std::string> names;
    for (const std::string& branch : branches) {
      names.push_back(prefix + branch);
      Fork(names.back(), "main");
    }
    std::vector<std::string> sources = names;  // And copies of older heads.
    int version = 0;
    for (int step = 0; step < 40; ++step) {
      const std::string branch = names[random() % names.size()];
      if (random() % 2 == 0) {
        const std::string row = branch + std::to_string(random() % 3);
        Set(branch, row, ++version);
        model[branch][row] = version;
      } else if (random() % 3 == 0) {
        const std::string copy = prefix + "copy" + std::to_string(step);
        Fork(copy, branch);
        model[copy] = model[branch];
        sources.push_back(copy);
      } else {
        const std::string source = sources[random() % sources.size()];
        if (source == branch) continue;
        const Status merged = Merge(source, branch);
        ASSERT_TRUE(merged.ok()) << merged.message();
        ++merges;
        for (const auto& [row, value] : model[source]) {
          model[branch][row] = std::max(model[branch][row], value);
        }
      }
      for (const auto& [row, value] : model[branch])
        ASSERT_EQ(Get(branch, row), value) << row;
    }
  }
  std::printf("crossing histories: %d merges\n", merges);
}

TEST_F(MergeTest, ATakenChangeIsNoNewChangeWhenHistoriesCross) {
  Set("main", "a", 1);
  Set("main", "b", 1);
  Fork("north", "main");
  Set("main", "a", 2);
  Set("north", "b", 2);
  Fork("old", "main");
  ASSERT_TRUE(Merge("north", "main").ok());
  ASSERT_TRUE(Merge("old", "north").ok());
  Set("main", "b", 3);
  Set("north", "a", 3);
  const Status merged = Merge("north", "main");
  ASSERT_TRUE(merged.ok()) << merged.message();
  EXPECT_EQ(Get("main", "a"), 3);
  EXPECT_EQ(Get("main", "b"), 3);
}

TEST_F(MergeTest, EdgesOfADeletedNodeAreOrphans) {
  Set("main", "a", 1);
  Set("main", "b", 1);
  Fork("dev", "main");
  Set("dev", "b", std::nullopt);
  Set("main", "a>b", 1);
  EXPECT_EQ(Merge("dev", "main").code(), ErrorCode::kConflict);
  ASSERT_EQ(plan_.conflicts.size(), 1u);
  EXPECT_EQ(plan_.conflicts[0].kind, ConflictKind::kOrphanEdge);
  EXPECT_THAT(plan_.conflicts[0].message, HasSubstr("dst 'b' not found in Person"));
  EXPECT_EQ(Merge("main", "dev").code(), ErrorCode::kConflict);
  ASSERT_EQ(plan_.conflicts.size(), 1u);
  EXPECT_EQ(plan_.conflicts[0].row_id, "a>b");
}

}  // namespace
}  // namespace omnigraph::graph
