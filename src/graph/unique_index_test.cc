// Tests of `@unique` against stored rows: by an index and by a scan the answer is the same.

#include "graph/unique_index.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "graph/constraints.h"
#include "graph/repository.h"
#include "store/memory_store.h"

namespace omnigraph::graph {
namespace {

using table::RowId;

constexpr std::string_view kSchema =
    "node P { slug: String @key\n mail: String? @unique\n a: I32\n b: F64?\n on: Date\n flag: "
    "Bool\n"
    " @unique(a, b)\n @unique(on, flag, b) }\n"
    "edge Knows: P -> P { why: String\n @unique(src, why) }";

/// Random changes, each checked in both ways; whatever violates a group is not applied, some of the
/// others are given up at the end.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  WriteRequest Step() {
    WriteRequest request;
    request.plan = [this](WorkingGraph& working, Footprint*) { return Plan(working); };
    return request;
  }
  int checks_count() const { return checks_count_; }
  int violations_count() const { return violations_count_; }

 private:
  int Random(int end) { return std::uniform_int_distribution(0, end - 1)(random_); }

  Status Plan(WorkingGraph& working) {
    const schema::NodeType& nodes = *working.catalog().FindNode("P");
    OG_RETURN_IF_ERROR(Change(working, nodes));
    if (Random(3) == 0) OG_RETURN_IF_ERROR(Change(working, nodes));
    const schema::EdgeType& edges = *working.catalog().FindEdge("Knows");
    if (Random(3) == 0) OG_RETURN_IF_ERROR(Change(working, edges));
    if (Random(5) != 0) return Status::Ok();
    return Status::Error(ErrorCode::kInvalidArgument, "given up");
  }

  Status Change(WorkingGraph& working, const schema::TableType& type) {
    OG_ASSIGN_OR_RETURN(const table::Table* const table, working.TableOf(type));
    std::vector<RowId> live;
    for (RowId row = 0; row < table->row_ids_end(); ++row) {
      if (table->IsLive(row)) live.push_back(row);
    }
    TableDelta delta(type);
    std::vector<RowId> written;
    const int kind = live.size() < 50 ? 0 : Random(6);
    const bool is_node = schema::IsNodeTable(type);
    if (kind == 5) {
      delta.deleted = {live[static_cast<std::size_t>(Random(static_cast<int>(live.size())))]};
    } else if (kind >= 3 && is_node) {
      const RowId row = live[static_cast<std::size_t>(Random(static_cast<int>(live.size())))];
      delta.updated_rows = {row};
      delta.updated.emplace(type);
      OG_RETURN_IF_ERROR(AppendRow(working, type, row, &*delta.updated));
      written = {row};
    } else {
      const int count = 1 + Random(3);
      delta.inserted.emplace_back(type);
      for (int i = 0; i < count; ++i) {
        OG_RETURN_IF_ERROR(AppendRow(working, type, table::kNoRow, &delta.inserted[0]));
        written.push_back(table->row_ids_end() + static_cast<RowId>(i));
      }
      if (!is_node) delta.generated_id_base = UlidGenerator::System().Next();
    }
    OG_RETURN_IF_ERROR(CheckNewRows(working, *table, delta));
    OG_RETURN_IF_ERROR(working.Apply(std::move(delta)));
    OG_ASSIGN_OR_RETURN(const table::Table* const after, working.TableOf(type));
    return Compare(CheckUniqueRows(*after, written, nullptr, &working.unique_indexes()),
                   CheckUniqueRows(*after, written));
  }

  // The check of loads, which comes before the change.
  Status CheckNewRows(const WorkingGraph& working, const table::Table& table,
                      const TableDelta& delta) {
    NewRows rows(table.type());
    for (const format::RowBatch& piece : delta.inserted)
      rows.pieces.push_back(&piece);
    if (delta.updated) rows.pieces.push_back(&*delta.updated);
    if (rows.pieces.empty()) return Status::Ok();
    OG_RETURN_IF_ERROR(CheckUniqueWithin(rows));
    ReplacedRows replaced(table.row_ids_end(), false);
    for (const RowId row : delta.updated_rows)
      replaced[row] = true;
    return Compare(CheckUniqueAgainst(rows, table, replaced, &working.unique_indexes()),
                   CheckUniqueAgainst(rows, table, replaced));
  }

  Status Compare(const Status& by_index, const Status& by_scan) {
    EXPECT_EQ(by_index.message(), by_scan.message());
    ++checks_count_;
    if (!by_scan.ok()) ++violations_count_;
    return by_scan;
  }

  Status AppendRow(WorkingGraph& working, const schema::TableType& type, RowId row,
                   format::RowBatch* batch) {
    const auto at = [&](const char* name) -> format::ColumnBuilder& {
      return batch->column(type.FindProperty(name)->ordinal);
    };
    if (!schema::IsNodeTable(type)) {
      at("why").AppendText("w" + std::to_string(Random(20)));
      batch->AppendEndpoints(static_cast<RowId>(Random(40)), static_cast<RowId>(Random(40)));
      batch->FinishRow();
      return Status::Ok();
    }
    std::string slug = std::string(300, 's') + std::to_string(++slugs_count_);
    if (row != table::kNoRow) {
      slug.clear();
      OG_ASSIGN_OR_RETURN(const table::Table* const table, working.TableOf(type));
      OG_RETURN_IF_ERROR(table->AppendId(row, slug));
    }
    at("slug").AppendText(slug);
    if (Random(4) == 0) {
      at("mail").AppendNull();
    } else {
      at("mail").AppendText("m" + std::to_string(Random(2000)));
    }
    at("a").AppendInt(Random(60) - 30);
    if (Random(4) == 0) {
      at("b").AppendNull();
    } else {
      at("b").AppendValue(types::Value::Float(Random(40) - 20.0));
    }
    at("on").AppendValue(types::Value(types::Value::Variant(types::Date{Random(30) - 15})));
    at("flag").AppendValue(types::Value::Bool(Random(2) == 0));
    batch->FinishRow();
    return Status::Ok();
  }

  std::mt19937 random_;
  int slugs_count_ = 0;
  int checks_count_ = 0;
  int violations_count_ = 0;
};

// Plans that are given up, branches that go apart, and flushes of the tail all share the indexes.
TEST(UniqueIndexTest, AgreesWithAScanOverRandomHistories) {
  int checks = 0;
  int violations = 0;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    const auto store = std::make_shared<store::MemoryStore>();
    ASSERT_TRUE(Repository::Init(*store, "g", kSchema, false).ok());
    const auto graph = *Repository::Open(store, "g");
    History history(seed);
    for (int step = 0; step < 500; ++step) {
      if (step == 250) {
        const auto head = graph->commits().ReadHead("main");
        ASSERT_TRUE(graph->commits().CreateBranch("dev", "main", *head).ok());
      }
      const bool is_dev = step > 250 && step % 2 == 0;
      const auto written = graph->Writer(is_dev ? "dev" : "main")->Write(history.Step());
      if (written.ok()) continue;
      ASSERT_EQ(written.status().code(), ErrorCode::kInvalidArgument) << written.status().message();
    }
    const auto head = *graph->Head("main");
    EXPECT_FALSE(head->commit().FindTable("node:P")->manifest.empty()) << "nothing was flushed";
    checks += history.checks_count();
    violations += history.violations_count();
  }
  EXPECT_GT(violations, 100);
  EXPECT_GT(checks - violations, 1000);
  std::printf("@unique by index: %d checks, %d violations, no difference\n", checks, violations);
}

// What an index costs per commit follows the commit.
TEST(UniqueIndexTest, OnlyNewChunksAreRead) {
  const auto store = std::make_shared<store::MemoryStore>();
  ASSERT_TRUE(Repository::Init(*store, "g", "node P { n: I32 @unique }", false).ok());
  const auto graph = *Repository::Open(store, "g");
  int next = 0;
  const auto insert = [&](int count) {
    WriteRequest request;
    request.plan = [&, count](WorkingGraph& working, Footprint*) -> Status {
      TableDelta delta(*working.catalog().FindNode("P"));
      delta.generated_id_base = UlidGenerator::System().Next();
      delta.inserted.emplace_back(*delta.type);
      for (int i = 0; i < count; ++i) {
        delta.inserted[0].column(0).AppendInt(next++);
        delta.inserted[0].FinishRow();
      }
      return working.Apply(std::move(delta));
    };
    ASSERT_TRUE(graph->Writer("main")->Write(request).ok());
  };
  insert(1000);
  UniqueIndex index;
  const auto cover = [&] {
    const auto head = *graph->Head("main");
    const table::Table& table = **head->NodeTable(0);
    ASSERT_TRUE(table.Open().ok());
    index.Cover(table, table.type().unique_groups.front());
  };
  cover();
  EXPECT_EQ(index.size(), 1000u);
  cover();
  insert(1);
  cover();
  EXPECT_EQ(index.size(), 1001u);
  for (int i = 0; i < 400; ++i)  // Some of them flush the tail, which brings rows again.
    insert(1);
  cover();
  EXPECT_EQ(index.size(), 1401u);
}

}  // namespace
}  // namespace omnigraph::graph
