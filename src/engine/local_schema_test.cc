// Tests of schema changes through the gate: every kind of step over empty tables, rows in the tail
// and rows in fragments; old commits; hard drops; conflicts; and a crash at every effect.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "engine/local_graph.h"
#include "exec/result_table.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"

namespace omnigraph::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kSchema = R"(
node Quay { code: String @key  depth: I32?  kind: enum(deep, flat)? }
node Note { text: String }
edge Serves: Note -> Quay { since: Date? }
)";
constexpr std::string_view kRest =
    "\nnode Note { text: String }\nedge Serves: Note -> Quay { since: Date? }\n";

// How many rows a graph starts with: none, some in the tail of a commit, or many in fragments.
enum class Fill { kEmpty, kTail, kFragments };

std::string RowsText(Fill fill) {
  std::string text;
  const int count = fill == Fill::kEmpty ? 0 : fill == Fill::kTail ? 3 : 3000;
  for (int i = 0; i < count; ++i) {
    const std::string code = "q" + std::to_string(i);
    text += R"({"type":"Quay","data":{"code":")" + code + R"(","depth":)" + std::to_string(i) +
            R"(,"kind":"deep"}})" + "\n";
    text += R"({"type":"Note","data":{"id":"n)" + std::to_string(i) + R"(","text":"about )" + code +
            std::string(20, '.') + "\"}}\n";
    text += R"({"edge":"Serves","from":"n)" + std::to_string(i) + R"(","to":")" + code + "\"}\n";
  }
  return text;
}

class Harbour {
 public:
  explicit Harbour(
      Fill fill, std::shared_ptr<store::ObjectStore> store = std::make_shared<store::MemoryStore>())
      : store_(std::move(store)) {
    EXPECT_TRUE(Graph::Init(store_, "g", kSchema, false).ok());
    Reopen();
    EXPECT_TRUE(fill == Fill::kEmpty || Load(RowsText(fill)).ok());
  }

  void Reopen() { graph_ = *Graph::Open(store_, OpenOptions{}); }
  Status Load(std::string text) {
    LoadRequest request;
    request.source_name = "rows";
    request.mode = LoadMode::kMerge;
    request.read = [&text](char* buffer, std::size_t size_max) -> Result<std::size_t> {
      const std::size_t size = std::min(size_max, text.size());
      std::memcpy(buffer, text.data(), size);
      text.erase(0, size);
      return size;
    };
    return graph_->Load(Caller(), request).status();
  }
  Result<SchemaChangeAnswer> Apply(std::string_view source, SchemaChangeRequest request = {}) {
    request.source = source;
    Caller caller;
    caller.actor = "act-vera";
    return graph_->ApplySchema(caller, request);
  }
  // The rows of a query as JSON, or what is wrong.
  std::string Read(std::string_view body, std::string snapshot = "") {
    const std::string source = "query q() { " + std::string(body) + " }";
    QueryRequest request;
    request.source = source;
    request.target = {"main", std::move(snapshot)};
    const auto answer = graph_->Query(Caller(), request);
    if (!answer.ok()) return std::string(answer.status().message());
    return std::string(answer->table->RowsJson());
  }
  SnapshotAnswer Head() { return *graph_->Snapshot(Caller(), {}); }
  Graph& graph() { return *graph_; }

 private:
  std::shared_ptr<store::ObjectStore> store_;
  std::shared_ptr<Graph> graph_;
};

struct Case {
  std::string_view name;
  std::string schema;
  std::string_view read;  ///< A query of the new schema about quay q1.
  std::string_view row;   ///< What it gives.
};

std::vector<Case> Cases() {
  const std::string rest(kRest);
  constexpr std::string_view kDepth = R"(match { $n: Note $n serves $q } return { $q.depth }
      order { $q.depth } limit 2)";
  constexpr std::string_view kDepths = R"({"q.depth":0},{"q.depth":1})";
  // The quay as it is, with another property or constraint behind.
  const auto quay = [&rest](std::string_view more) {
    return "node Quay { code: String @key  depth: I32?  kind: enum(deep, flat)? " +
           std::string(more) + " }" + rest;
  };
  const std::string quay_and_note = quay("").substr(0, quay("").find("edge"));
  constexpr std::string_view kQuay = R"(match { $q: Quay { code: "q1" } } return { $q.depth })";
  constexpr std::string_view kQuayDepth = R"({"q.depth":1})";
  return {
      {"add property", quay("a: I64?"),
       R"(match { $q: Quay { code: "q1" } } return { $q.a, $q.depth })",
       R"({"q.a":null,"q.depth":1})"},
      {"rename property",
       R"(node Quay { code: String @key  metres: I32? @rename_from("depth")
          kind: enum(deep, flat)? })" +
           rest,
       R"(match { $q: Quay { code: "q1" } } return { $q.metres })", R"({"q.metres":1})"},
      {"rename key",
       R"(node Quay { mark: String @key @rename_from("code")  depth: I32?
          kind: enum(deep, flat)? })" +
           rest,
       R"(match { $q: Quay { mark: "q1" } } return { $q, $q.depth })", R"({"q":"q1","q.depth":1})"},
      {"rename type",
       R"(node Berth @rename_from("Quay") { code: String @key  depth: I32?
          kind: enum(deep, flat)? }
          node Note { text: String }  edge Serves: Note -> Berth { since: Date? })",
       R"(match { $n: Note $n serves $b  $b.code = "q1" } return { $b.depth })",
       R"({"b.depth":1})"},
      {"extend enum",
       "node Quay { code: String @key  depth: I32?  kind: enum(deep, flat, tidal)? }" + rest,
       kDepth, kDepths},
      {"require", "node Quay { code: String @key  depth: I32  kind: enum(deep, flat)? }" + rest,
       kDepth, kDepths},
      {"unique", quay("@unique(depth)"), kDepth, kDepths},
      {"index", quay("@index(depth)"), kDepth, kDepths},
      {"range", quay("@range(depth, 0..9000)"), kDepth, kDepths},
      {"check", quay(R"(@check(code, "^q"))"), kDepth, kDepths},
      {"cardinality", quay_and_note + "edge Serves: Note -> Quay @card(0..1) { since: Date? }",
       kDepth, kDepths},
      {"describe",
       R"(node Quay @description("berths") { code: String @key  depth: I32?
          kind: enum(deep, flat)? })" +
           rest,
       kDepth, kDepths},
      {"drop property", "node Quay { code: String @key  depth: I32? }" + rest, kDepth, kDepths},
      {"drop edge", quay_and_note, kQuay, kQuayDepth},
      {"add types",
       std::string(kSchema) + "node Ferry { name: String @key }\nedge Next: Ferry -> Quay", kQuay,
       kQuayDepth},
  };
}

TEST(LocalSchemaTest, EveryStepKeepsRowsEdgesAndThePast) {
  for (const Fill fill : {Fill::kEmpty, Fill::kTail, Fill::kFragments}) {
    for (const Case& each : Cases()) {
      for (const bool is_hard : {false, true}) {
        SCOPED_TRACE(std::string(each.name) + ", fill " + std::to_string(static_cast<int>(fill)) +
                     (is_hard ? ", hard" : ""));
        Harbour harbour(fill);
        const SnapshotAnswer before = harbour.Head();
        SchemaChangeRequest request;
        request.allow_data_loss = is_hard;
        const auto applied = harbour.Apply(each.schema, request);
        ASSERT_TRUE(applied.ok()) << applied.status().message();
        EXPECT_TRUE(applied->is_applied);
        EXPECT_EQ(applied->manifest_version, before.manifest_version + 1);
        EXPECT_EQ(harbour.graph().ListCommits(Caller(), "main", 1)->front().actor_id, "act-vera");
        for (int pass = 0; pass < 2; ++pass) {
          EXPECT_EQ(harbour.Read(each.read), fill == Fill::kEmpty ? "" : each.row);
          harbour.Reopen();
        }
        if (fill != Fill::kEmpty && !is_hard) {
          EXPECT_EQ(harbour.Read(R"(match { $q: Quay { code: "q2" } } return { $q.kind })",
                                 before.graph_commit_id),
                    R"({"q.kind":"deep"})");
        }
        EXPECT_FALSE(harbour.Apply(each.schema)->is_applied);
        // The next write goes on where the rows stand.
        EXPECT_TRUE(harbour.Load(R"({"type":"Note","data":{"id":"new","text":"late"}})").ok());
        EXPECT_EQ(harbour.Read(R"(match { $n: Note { text: "late" } } return { $n.text })"),
                  R"({"n.text":"late"})");
      }
    }
  }
}

TEST(LocalSchemaTest, WhatTheRowsViolateIsRefusedWithTheRows) {
  Harbour harbour(Fill::kFragments);
  ASSERT_TRUE(harbour.Load(R"({"type":"Quay","data":{"code":"zero"}})").ok());
  const std::uint64_t version = harbour.Head().manifest_version;
  const auto refusal = [&](std::string_view quay) {
    const auto applied = harbour.Apply(std::string(quay) + std::string(kRest));
    EXPECT_FALSE(applied.ok());
    return std::string(applied.status().message());
  };
  EXPECT_THAT(refusal("node Quay { code: String @key depth: I32 kind: enum(deep, flat)? }"),
              HasSubstr("1 row is null: zero"));
  EXPECT_THAT(refusal("node Quay { code: String @key depth: I32? kind: enum(deep, flat)? "
                      "@unique }"),
              HasSubstr("3000 rows share their values: q0, q1, "));
  EXPECT_THAT(refusal("node Quay { code: String @key depth: I32? kind: enum(deep, flat)? "
                      "@range(depth, 0..2998) }"),
              HasSubstr("1 row violates it: q2999"));
  EXPECT_THAT(refusal("node Quay { code: String @key depth: I32? kind: enum(deep, flat)? a: I32 }"),
              HasSubstr("[OG-MF-103] adding required property 'Quay.a'"));
  EXPECT_EQ(harbour.Head().manifest_version, version);
}

TEST(LocalSchemaTest, ABackfillFillsTheRowsThatAreThere) {
  for (const Fill fill : {Fill::kEmpty, Fill::kTail, Fill::kFragments}) {
    Harbour harbour(fill);
    const std::string next =
        "node Quay { code: String @key depth: I32? kind: enum(deep, flat)? owner: String }" +
        std::string(kRest);
    SchemaChangeRequest request;
    request.backfills["Quay.owner"] = "7";
    EXPECT_THAT(std::string(harbour.Apply(next, request).status().message()),
                HasSubstr("backfill value of 'Quay.owner'"));
    request.backfills["Quay.onwer"] = "1";
    EXPECT_THAT(std::string(harbour.Apply(next, request).status().message()),
                HasSubstr("no such property; did you mean 'Quay.owner'?"));
    request.backfills.erase("Quay.onwer");
    request.backfills["Quay.owner"] = "\"port\"";
    const auto applied = harbour.Apply(next, request);
    ASSERT_TRUE(applied.ok()) << applied.status().message();
    EXPECT_EQ(harbour.Read(R"(match { $n: Note $n serves $q  $q.code = "q2" }
                              return { $q.owner, $q.depth })"),
              fill == Fill::kEmpty ? "" : R"({"q.owner":"port","q.depth":2})");
  }
}

TEST(LocalSchemaTest, ABackfillFillsTheNullsOfAPropertyThatBecomesRequired) {
  for (const Fill fill : {Fill::kTail, Fill::kFragments}) {
    Harbour harbour(fill);
    ASSERT_TRUE(harbour.Load(R"({"type":"Quay","data":{"code":"zero"}})").ok());
    const auto quay = [](std::string_view more) {
      return "node Quay { code: String @key depth: I32 kind: enum(deep, flat)? " +
             std::string(more) + " }" + std::string(kRest);
    };
    SchemaChangeRequest request;
    request.backfills["Quay.depth"] = "2";
    // The rows are judged with the value: one of them has it already.
    EXPECT_THAT(std::string(harbour.Apply(quay("@unique(depth)"), request).status().message()),
                HasSubstr("2 rows share their values: "));
    EXPECT_THAT(std::string(harbour.Apply(quay("@range(depth, ..1)"), request).status().message()),
                HasSubstr("violate it"));
    const auto applied = harbour.Apply(quay(""), request);
    ASSERT_TRUE(applied.ok()) << applied.status().message();
    EXPECT_EQ(harbour.Read(R"(match { $q: Quay  $q.depth = 2 } return { $q.code }
                              order { $q.code })"),
              R"({"q.code":"q2"},{"q.code":"zero"})");
    // The same command again changes nothing.
    const auto again = harbour.Apply(quay(""), request);
    ASSERT_TRUE(again.ok()) << again.status().message();
    EXPECT_FALSE(again->is_applied);
  }
}

TEST(LocalSchemaTest, AHardDropLeavesNothingToRead) {
  for (const Fill fill : {Fill::kTail, Fill::kFragments}) {
    Harbour harbour(fill);
    const std::string before = harbour.Head().graph_commit_id;
    SchemaChangeRequest request;
    request.allow_data_loss = true;
    ASSERT_TRUE(harbour
                    .Apply("node Quay { code: String @key kind: enum(deep, flat)? }\n"
                           "node Note { text: String }",
                           request)
                    .ok());
    const std::string after = harbour.Head().graph_commit_id;
    ASSERT_TRUE(harbour.Apply(kSchema).ok());
    constexpr std::string_view kDepth = R"(match { $q: Quay { code: "q1" } } return { $q.depth })";
    EXPECT_EQ(harbour.Read(kDepth), R"({"q.depth":null})");
    EXPECT_EQ(harbour.Read("match { $n: Note $n serves $q } return { count($q) as n }"),
              R"({"n":0})");
    harbour.Reopen();
    EXPECT_THAT(harbour.Read(kDepth, before), HasSubstr("are gone"));
    EXPECT_THAT(harbour.Read("match { $n: Note $n serves $q } return { $n }", before),
                HasSubstr("are gone"));
    EXPECT_EQ(harbour.Read(R"(match { $q: Quay { code: "q1" } } return { $q.kind })", after),
              R"({"q.kind":"deep"})");
  }
}

TEST(LocalSchemaTest, OtherBranchesAndBrokenQueriesEndAChange) {
  Harbour harbour(Fill::kTail);
  const std::string next = std::string(kSchema) + "node Ferry { name: String @key }";
  SchemaChangeRequest request;
  request.check_catalog = [](const schema::Catalog&) {
    return Status::Error(ErrorCode::kInvalidArgument, "schema check failed");
  };
  EXPECT_THAT(std::string(harbour.Apply(next, request).status().message()),
              HasSubstr("schema check"));
  ASSERT_TRUE(harbour.graph().CreateBranch(Caller(), "survey", "main").ok());
  const Status busy = harbour.Apply(next).status();
  EXPECT_EQ(busy.code(), ErrorCode::kConflict);
  EXPECT_THAT(std::string(busy.message()),
              HasSubstr("schema apply requires a graph with only main; found non-main branches: "
                        "survey"));
  EXPECT_EQ(harbour.graph().Schema(Caller(), {})->source, kSchema);
}

// A fault at every effect: the old schema with the old rows, or the new one with the new rows.
TEST(LocalSchemaTest, CrashMatrixOfSchemaChanges) {
  using store::Fault;
  int cells = 0;
  const std::string next = "node Quay { code: String @key a: I32? }" + std::string(kRest);
  for (const bool is_hard : {false, true}) {
    for (const Fault fault : {Fault::kRefused, Fault::kLostRequest, Fault::kLostReply,
                              Fault::kDelayed, Fault::kCrashBefore, Fault::kCrashAfter}) {
      for (std::uint64_t effect = 0;; ++effect) {
        const auto faulty =
            std::make_shared<store::FaultyStore>(std::make_shared<store::MemoryStore>());
        Harbour harbour(Fill::kTail, faulty);
        faulty->SetLosesPower(true);
        faulty->SetPlan({{effect, fault}});
        SchemaChangeRequest request;
        request.allow_data_loss = is_hard;
        const auto applied = harbour.Apply(next, request);
        const bool is_past_the_end = faulty->effects_count() <= effect;
        faulty->Reopen();
        harbour.Reopen();
        const bool is_new = harbour.graph().Schema(Caller(), {})->source == next;
        EXPECT_TRUE(is_new || !applied.ok()) << "an acknowledged change was lost";
        EXPECT_EQ(harbour.Read(is_new ? R"(match { $q: Quay { code: "q1" } } return { $q.a })"
                                      : R"(match { $q: Quay { code: "q1" } } return { $q.depth })"),
                  is_new ? R"({"q.a":null})" : R"({"q.depth":1})");
        const auto again = harbour.Apply(next, request);
        EXPECT_TRUE(again.ok()) << again.status().message();
        EXPECT_THAT(harbour.Read("match { $q: Quay } return { $q.depth }"), Not(HasSubstr("{\"q")));
        if (is_past_the_end) break;
        ++cells;
      }
    }
  }
  std::printf("crash matrix of schema changes: %d cells, 0 losses\n", cells);
}

}  // namespace
}  // namespace omnigraph::engine
