// Tests of tables: places of rows, lookups, scans and neighbour lists over chunks and segments, and
// random histories against a model.

#include "table/table.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "format/fragment.h"
#include "format/row_batch.h"
#include "schema/compile.h"
#include "store/memory_store.h"
#include "table/chunk.h"
#include "table/edge_lists.h"
#include "table/edge_rows.h"
#include "table/incident_edges.h"
#include "table/rows.h"
#include "table/table_builder.h"

namespace omnigraph::table {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kSchema =
    "node P { name: String @key\n age: I32? }\nnode N { text: String? }\nedge Knows: P -> P { n: "
    "I32? }";

class TableTest : public ::testing::Test {
 protected:
  std::shared_ptr<const schema::TableType> Type(std::string_view key) const {
    return {schema_->catalog, schema_->catalog->FindTable(key)};
  }
  std::shared_ptr<const Table> Empty(std::string_view key) const {
    return *TableBuilder(Type(key)).Finish(0, 0);
  }

  static format::Segment Inserted(format::RowBatch& batch, RowId first_row) {
    format::Segment segment;
    segment.id = "S";
    segment.inserted_count = batch.size();
    segment.first_row_id = first_row;
    segment.bytes =
        std::make_shared<const std::string>(*format::EncodeSegmentRows(batch.Finish({})));
    return segment;
  }
  format::RowBatch People(const std::vector<std::pair<std::string, int>>& people) const {
    format::RowBatch batch(*Type("node:P"));
    for (const auto& [name, age] : people) {
      batch.column(Ordinal("node:P", "name")).AppendText(name);
      batch.column(Ordinal("node:P", "age")).AppendInt(age);
      batch.FinishRow();
    }
    return batch;
  }
  format::RowBatch Edges(const std::vector<std::pair<RowId, RowId>>& edges) const {
    format::RowBatch batch(*Type("edge:Knows"));
    for (const auto& [from, to] : edges) {
      batch.AppendEndpoints(from, to);
      batch.column(0).AppendNull();
      batch.FinishRow();
    }
    return batch;
  }
  static format::Segment InsertedEdges(format::RowBatch& batch, RowId first_row) {
    format::Segment segment = Inserted(batch, first_row);
    segment.generated_id_base = "01ARYZ6S41TSV4RRFFQ69G5FAV";
    return segment;
  }
  // An update of an edge, which may give it other ends.
  format::Segment Moved(RowId row, std::pair<RowId, RowId> ends) const {
    format::RowBatch batch(*Type("edge:Knows"));
    batch.AppendId("moved" + std::to_string(row));
    batch.AppendEndpoints(ends.first, ends.second);
    batch.column(0).AppendNull();
    batch.FinishRow();
    format::Segment segment = Inserted(batch, 0);
    segment.inserted_count = 0;
    segment.updated = {row};
    return segment;
  }
  schema::PropertyOrdinal Ordinal(std::string_view key, std::string_view property) const {
    return Type(key)->FindProperty(property)->ordinal;
  }
  static std::shared_ptr<const Table> Apply(const Table& table, const format::Segment& segment) {
    TableBuilder builder(table);
    const Status added = builder.AddSegment(segment);
    EXPECT_TRUE(added.ok()) << added.message();
    std::uint64_t dead = segment.deleted.size();
    if (segment.removes_all_before) dead = table.rows_count();
    auto next = builder.Finish(table.row_ids_end() + segment.inserted_count,
                               table.rows_count() + segment.inserted_count - dead);
    EXPECT_TRUE(next.ok()) << next.status().message();
    return *next;
  }
  static std::vector<RowId> All(const Table& table, std::size_t batch = 3) {
    std::vector<RowId> all;
    RowId next = 0;
    for (std::vector<RowId> rows; table.Scan(&next, batch, &rows), !rows.empty();) {
      all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
  }

  std::shared_ptr<const schema::Schema> schema_ = *schema::CompileSchema(kSchema);
};

TEST_F(TableTest, EmptyTableHasNoRows) {
  const auto table = Empty("node:P");
  EXPECT_THAT(All(*table), IsEmpty());
  EXPECT_EQ(*table->FindById("ada"), std::nullopt);
  EXPECT_FALSE(table->IsLive(0));
  EXPECT_TRUE(table->is_dense());
}

TEST_F(TableTest, UpdatedRowsKeepTheirIdAndShowTheNewValues) {
  auto rows = People({{"ada", 36}, {"bob", 25}});
  const auto first = Apply(*Empty("node:P"), Inserted(rows, 0));
  auto changed = People({{"bob", 26}});
  format::Segment update = Inserted(changed, 0);
  update.inserted_count = 0;
  update.updated = {1};
  const auto second = Apply(*first, update);

  const Column age = *second->BindColumn(Ordinal("node:P", "age"));
  EXPECT_EQ(age.Int(1), 26);
  EXPECT_EQ(first->BindColumn(Ordinal("node:P", "age"))->Int(1), 25);
  EXPECT_EQ(*second->FindById("bob"), std::optional<RowId>(1));
  EXPECT_THAT(All(*second), ElementsAre(0, 1));
}

TEST_F(TableTest, DeletedRowsAreNotFoundAndTheirKeyCanComeBack) {
  auto rows = People({{"ada", 36}, {"bob", 25}, {"cat", 1}});
  const auto first = Apply(*Empty("node:P"), Inserted(rows, 0));
  format::Segment removal;
  removal.deleted = {1};
  const auto second = Apply(*first, removal);
  EXPECT_EQ(*second->FindById("bob"), std::nullopt);
  EXPECT_THAT(All(*second), ElementsAre(0, 2));
  auto again = People({{"bob", 99}});
  const auto third = Apply(*second, Inserted(again, 3));
  EXPECT_EQ(*third->FindById("bob"), std::optional<RowId>(3));
  EXPECT_EQ(*first->FindById("bob"), std::optional<RowId>(1));
}

TEST_F(TableTest, OverwriteLeavesOnlyTheNewRows) {
  auto rows = People({{"ada", 36}, {"bob", 25}});
  const auto first = Apply(*Empty("node:P"), Inserted(rows, 0));
  auto fresh = People({{"zoe", 1}});
  format::Segment overwrite = Inserted(fresh, 2);
  overwrite.removes_all_before = true;
  const auto second = Apply(*first, overwrite);
  EXPECT_THAT(All(*second), ElementsAre(2));
  EXPECT_EQ(*second->FindById("ada"), std::nullopt);
  EXPECT_FALSE(second->is_dense());
}

TEST_F(TableTest, GeneratedIdsCountUpAndAreFound) {
  format::RowBatch notes(*Type("node:N"));
  for (int i = 0; i < 3; ++i) {
    notes.column(0).AppendNull();
    notes.FinishRow();
  }
  format::Segment segment = Inserted(notes, 0);
  segment.generated_id_base = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  const auto table = Apply(*Empty("node:N"), segment);
  std::string id;
  ASSERT_TRUE(table->AppendId(2, id).ok());
  EXPECT_EQ(id, "01ARYZ6S41TSV4RRFFQ69G5FAX");
  EXPECT_EQ(*table->FindById(id), std::optional<RowId>(2));
  EXPECT_EQ(*table->FindById("01ARYZ6S41TSV4RRFFQ69G5FAY"), std::nullopt);
}

TEST_F(TableTest, StoredFragmentsOpenLazilyAndServeLookupsWithoutTheirIndex) {
  auto store = std::make_shared<store::MemoryStore>();
  auto rows = People({{"ada", 36}, {"bob", 25}});
  format::FragmentInfo info;
  info.name = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  info.rows_count = 2;
  const auto written =
      format::WriteFragment(*store, format::FragmentKey("nodes/x", info.name), rows.Finish({}));
  info.checksum = written->checksum;
  info.has_key_index = true;  // It was lost.
  TableBuilder builder(Type("node:P"));
  ASSERT_TRUE(builder.AddFragment(Chunk::OfFragment(store, "nodes/x", info, Type("node:P"))).ok());
  const auto table = *builder.Finish(2, 2);
  EXPECT_EQ(*table->FindById("bob"), std::optional<RowId>(1));
  EXPECT_EQ(table->BindColumn(Ordinal("node:P", "age"))->Int(0), 36);

  info.checksum ^= 1;
  TableBuilder damaged(Type("node:P"));
  ASSERT_TRUE(damaged.AddFragment(Chunk::OfFragment(store, "nodes/x", info, Type("node:P"))).ok());
  EXPECT_EQ((*damaged.Finish(2, 2))->FindById("bob").status().code(), ErrorCode::kCorruption);
}

TEST_F(TableTest, WrongCountsAreCorruption) {
  auto rows = People({{"ada", 36}});
  TableBuilder builder(*Empty("node:P"));
  ASSERT_TRUE(builder.AddSegment(Inserted(rows, 0)).ok());
  EXPECT_EQ(builder.Finish(1, 2).status().code(), ErrorCode::kCorruption);
  format::Segment removal;
  removal.deleted = {0};
  TableBuilder missing(*Empty("node:P"));
  EXPECT_EQ(missing.AddSegment(removal).code(), ErrorCode::kCorruption);
}

// Edge rows and their endpoints.
using EdgeModel = std::map<RowId, std::pair<RowId, RowId>>;

void ExpectEdges(const Table& table, const EdgeModel& model) {
  std::map<std::pair<RowId, RowId>, std::vector<RowId>> by_ends;
  std::map<RowId, std::vector<std::pair<RowId, RowId>>> by_source;
  for (const auto& [row, ends] : model) {
    by_ends[ends].push_back(row);
    by_source[ends.first].push_back({ends.second, row});
  }
  const auto edges = *table.BindEdges();
  for (RowId source = 0; source < 7; ++source) {
    for (RowId target = 0; target < 7; ++target) {
      std::vector<RowId> rows;
      edges->Find(source, target, &rows);
      EXPECT_EQ(rows, (by_ends[{source, target}]));
    }
    std::vector<EdgeRows::Edge> found;
    edges->FindFrom(source, &found);
    std::vector<std::pair<RowId, RowId>> pairs;
    for (const EdgeRows::Edge& edge : found)
      pairs.push_back({edge.target, edge.row});
    std::sort(by_source[source].begin(), by_source[source].end());
    EXPECT_EQ(pairs, by_source[source]);
  }
}

void ExpectNeighbors(const Table& table, const EdgeModel& model) {
  std::map<RowId, std::set<RowId>> forward, backward;
  for (const auto& [row, ends] : model) {
    forward[ends.first].insert(ends.second);
    backward[ends.second].insert(ends.first);
  }
  const auto out = *table.BindAdjacency(Direction::kForward);
  const auto in = *table.BindAdjacency(Direction::kBackward);
  std::uint64_t pairs = 0;
  for (RowId node = 0; node < 7; ++node) {
    EXPECT_THAT(out->Neighbors(node, nullptr), ::testing::ElementsAreArray(forward[node]));
    EXPECT_THAT(in->Neighbors(node, nullptr), ::testing::ElementsAreArray(backward[node]));
    pairs += forward[node].size();
  }
  EXPECT_EQ(out->pairs_count(), pairs);
  ExpectEdges(table, model);
}

// Makes a random change of `table` and of its model.
template <typename Random>
std::pair<std::vector<std::pair<RowId, RowId>>, format::Segment> RandomChange(const Table& table,
                                                                              Random& random,
                                                                              EdgeModel* model) {
  std::vector<std::pair<RowId, RowId>> added;
  for (RowId i = random() % 5; i > 0; --i)
    added.push_back({random() % 6, random() % 6});
  format::Segment segment;
  segment.generated_id_base = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  segment.removes_all_before = random() % 12 == 0;
  if (segment.removes_all_before) model->clear();
  std::erase_if(*model, [&](const auto& edge) {
    if (random() % 6 != 0) return false;
    segment.deleted.push_back(edge.first);
    return true;
  });
  for (std::size_t i = 0; i < added.size(); ++i)
    (*model)[table.row_ids_end() + static_cast<RowId>(i)] = added[i];
  return {std::move(added), std::move(segment)};
}

// Chooses an edge of the model and, every other time, gives it other ends.
template <typename Random>
const EdgeModel::value_type& MoveOne(Random& random, EdgeModel* model) {
  const auto moved = std::next(model->begin(), random() % model->size());
  if (random() % 2 == 0) moved->second = {random() % 6, random() % 6};
  return *moved;
}

// The lists must equal those of a model in every version, whether they were derived or built.
TEST_F(TableTest, NeighbourListsAgreeWithAModelOverRandomHistories) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    std::minstd_rand0 engine(seed + 1);
    const auto random = [&engine] { return static_cast<RowId>(engine()); };
    std::shared_ptr<const Table> table = Empty("edge:Knows");
    EdgeModel model;
    for (int step = 0; step < 30; ++step) {
      auto [added, change] = RandomChange(*table, random, &model);
      auto batch = Edges(added);
      format::Segment segment = Inserted(batch, table->row_ids_end());
      if (added.empty()) segment.bytes = nullptr;
      segment.generated_id_base = change.generated_id_base;
      segment.removes_all_before = change.removes_all_before;
      segment.deleted = change.deleted;
      table = Apply(*table, segment);
      if (!model.empty() && random() % 3 == 0) {
        const auto& [row, ends] = MoveOne(random, &model);
        table = Apply(*table, Moved(row, ends));
      }
      // Some steps are left out, so that several are derived at once.
      if (random() % 2 == 0) ExpectNeighbors(*table, model);
    }
  }
}

std::vector<RowId> IncidentIn(const EdgeModel& model, const std::set<RowId>& sources,
                              const std::set<RowId>& targets) {
  std::vector<RowId> rows;
  for (const auto& [row, ends] : model) {
    if (sources.contains(ends.first) || targets.contains(ends.second)) rows.push_back(row);
  }
  return rows;
}

// First by looks at all edges, then by the lists: the same edges, while the table goes on changing.
TEST_F(TableTest, EdgesOfNodesAreFoundByScansAndByLists) {
  constexpr RowId kNodes = 400;
  std::minstd_rand0 engine(7);
  const auto random = [&engine] { return static_cast<RowId>(engine()); };
  std::vector<std::pair<RowId, RowId>> added;
  EdgeModel model;
  for (RowId row = 0; row < 6000; ++row) {
    added.push_back({random() % kNodes, random() % kNodes});
    model[row] = added.back();
  }
  auto batch = Edges(added);
  std::shared_ptr<const Table> table = Apply(*Empty("edge:Knows"), InsertedEdges(batch, 0));
  bool was_by_lists = false;
  for (int step = 0; step < 40; ++step) {
    SCOPED_TRACE(step);
    const RowId node = random() % (kNodes + 2);  // Some without edges.
    const RowId other = random() % kNodes;
    const auto both = std::minmax(node, other);
    const std::vector<RowId> pair = both.first == both.second
                                        ? std::vector<RowId>{node}
                                        : std::vector<RowId>{both.first, both.second};
    const std::set<RowId> set(pair.begin(), pair.end());
    const auto from = *FindIncidentEdges(*table, pair, {}, Deadline());
    const auto to = *FindIncidentEdges(*table, {}, pair, Deadline());
    const auto around = *FindIncidentEdges(*table, pair, pair, Deadline());
    EXPECT_EQ(from, IncidentIn(model, set, {}));
    EXPECT_EQ(to, IncidentIn(model, {}, set));
    EXPECT_EQ(around, IncidentIn(model, set, set));
    const bool is_by_lists = table->rows().edge_lists->IsWorthGetting();
    EXPECT_TRUE(is_by_lists || !was_by_lists) << "lists are handed on from version to version";
    was_by_lists = is_by_lists;

    auto more = Edges({{node % kNodes, other}, {other, random() % kNodes}});
    format::Segment segment = InsertedEdges(more, table->row_ids_end());
    model[table->row_ids_end()] = {node % kNodes, other};
    if (!around.empty()) {
      segment.deleted = {around[random() % around.size()]};
      model.erase(segment.deleted[0]);
    }
    // The second new edge has ends that only the table knows.
    const RowId second = table->row_ids_end() + 1;
    table = Apply(*table, segment);
    model[second] = {table->SourceOf(second), table->TargetOf(second)};
    const auto& [row, ends] = *model.begin();
    model[row] = {ends.second, other};
    table = Apply(*table, Moved(row, model[row]));
  }
  EXPECT_TRUE(was_by_lists);
}

TEST_F(TableTest, LookingForTheEdgesOfNodesEndsAtTheDeadline) {
  auto batch = Edges({{0, 1}, {1, 2}});
  const auto table = Apply(*Empty("edge:Knows"), InsertedEdges(batch, 0));
  const RowId node = 1;
  const Deadline passed = Deadline::After(std::chrono::milliseconds(-1));
  EXPECT_EQ(FindIncidentEdges(*table, {&node, 1}, {}, passed).status().code(),
            ErrorCode::kDeadlineExceeded);
  EXPECT_THAT(*FindIncidentEdges(*table, {&node, 1}, {}, Deadline()), ElementsAre(1));
  EXPECT_THAT(*FindIncidentEdges(*table, {}, {&node, 1}, Deadline()), ElementsAre(0));
  EXPECT_THAT(*FindIncidentEdges(*table, {}, {}, Deadline()), IsEmpty());
}

}  // namespace
}  // namespace omnigraph::table
