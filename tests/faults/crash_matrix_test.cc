// The crash matrix: every command that writes, under every fault at each of its effects on the
// store. Afterwards a new process finds the state of before or of after, nothing else; can read,
// write, verify and clean up at once; and a repetition leads to the state of after.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "cell_store.h"
#include "engine/maintenance.h"
#include "sample_graph.h"

namespace omnigraph::faults {
namespace {

using engine::Caller;
using engine::Graph;
using store::Fault;

struct FaultCase {
  const char* name;
  Fault fault;
  bool loses_power;
  bool is_for_folders;  ///< Tried on a folder, too, which costs more; with a scale all are.
};

constexpr FaultCase kFaultCases[] = {
    {"error before", Fault::kRefused, false, false},
    {"error after", Fault::kFailedAfter, false, true},
    {"lost request", Fault::kLostRequest, false, false},
    {"lost reply", Fault::kLostReply, false, true},
    {"delayed", Fault::kDelayed, false, false},
    {"crash before", Fault::kCrashBefore, false, true},
    {"crash after", Fault::kCrashAfter, false, false},
    {"power loss before", Fault::kCrashBefore, true, false},
    {"power loss after", Fault::kCrashAfter, true, true},
};

struct Scenario {
  const char* name;
  /// What makes the command worth running, on top of the sample. May be empty.
  std::function<Status(Graph&)> prepare;
  std::function<Status(Graph&)> run;
  /// A state between before and after that the command may stop in. May be empty.
  std::function<Status(Graph&)> run_half = {};
  /// Old commits lose their rows.
  bool forgets_past = false;
};

Status Ok(Graph&) {
  return Status::Ok();
}

std::function<Status(Graph&)> Mutates(std::string name, std::string params,
                                      std::string branch = "main") {
  return [=](Graph& graph) { return Mutate(graph, name, params, branch).status(); };
}

std::function<Status(Graph&)> Loads(std::string text, engine::LoadMode mode,
                                    std::string branch = "main",
                                    std::optional<std::string> from = std::nullopt) {
  return [=](Graph& graph) {
    engine::LoadRequest request = TextLoad(text, mode);
    request.branch = branch;
    request.from = from;
    return Load(graph, request);
  };
}

std::function<Status(Graph&)> Merges(std::string source, bool deletes_source = false) {
  return [=](Graph& graph) -> Status {
    engine::MergeRequest request;
    request.source = source;
    request.deletes_source = deletes_source;
    const auto branches = graph.ListBranches(Caller());
    OG_RETURN_IF_ERROR(branches.status());
    // A merge whose source went with it has nothing left to repeat.
    if (deletes_source && !std::count(branches->begin(), branches->end(), source)) {
      return Status::Ok();
    }
    OG_ASSIGN_OR_RETURN(const engine::MergeAnswer answer, graph.Merge(Caller(), request));
    if (!answer.conflicts.empty()) {
      return Status::Error(ErrorCode::kConflict, answer.conflict_text);
    }
    if (answer.branch_deleted.value_or(true)) return Status::Ok();
    return Status::Error(ErrorCode::kUnavailable, answer.branch_delete_error);
  };
}

Status DropBranches(Graph& graph) {
  OG_RETURN_IF_ERROR(graph.DeleteBranch(Caller(), "side"));
  return graph.DeleteBranch(Caller(), "twin");
}

std::function<Status(Graph&)> AppliesSchema(std::string person, bool is_hard = false,
                                            std::string backfill = "") {
  return [=](Graph& graph) {
    const std::string rest = std::string(kSampleSchema.substr(kSampleSchema.find("node Place")));
    const std::string source = "node " + person + "\n" + rest;
    engine::SchemaChangeRequest request;
    request.source = source;
    request.allow_data_loss = is_hard;
    if (!backfill.empty()) request.backfills["Person.rank"] = backfill;
    return graph.ApplySchema(Caller(), request).status();
  };
}

Status Optimizes(Graph& graph) {
  return graph.Optimize(Caller()).status();
}

Status CleansUp(Graph& graph) {
  engine::CleanupRequest request;
  request.keep_versions = 1;
  request.grace_secs = 0;
  OG_ASSIGN_OR_RETURN(const engine::CleanupAnswer answer, graph.Cleanup(Caller(), request));
  if (answer.failures.empty()) return Status::Ok();
  return Status::Error(ErrorCode::kUnavailable, answer.failures.front());
}

Status Repairs(Graph& graph) {
  return graph.Repair(Caller(), {true}).status();
}

std::vector<Scenario> Scenarios() {
  using enum engine::LoadMode;
  const std::string few = R"({"type":"Person","data":{"name":"Ada","age":99}}
{"type":"Person","data":{"name":"Eve"}}
{"edge":"Knows","from":"Eve","to":"Ada"})";
  const std::string place = R"({"type":"Place","data":{"name":"Pier"}})";
  const std::string person = "Person { name: String @key  age: I32?  text: String?";
  return {
      {"Insert", Ok, Mutates("add", R"({"name":"Eve"})")},
      {"InsertEdge", Ok, Mutates("link", R"({"a":"Ada","b":"Cyd"})")},
      {"Update", Ok, Mutates("grow", R"({"name":"a7","age":99})")},
      {"DeleteWithItsEdges", Ok, Mutates("remove", R"({"name":"Ada"})")},
      {"MutationOfThreeTables", Ok, Mutates("mixed", R"({"name":"Eve"})")},
      {"InsertOnABranchWithoutCommits", Ok, Mutates("add", R"({"name":"Eve"})", "twin")},
      {"LoadAppend", Ok, Loads(place, kAppend)},
      {"LoadMerge", Ok, Loads(few, kMerge)},
      {"LoadOverwrite", Ok, Loads(few, kOverwrite)},
      {"LoadFragments", Ok, Loads(People("n", 8, kLargeText), kMerge)},
      {"LoadOverwriteFragments", Ok, Loads(People("a", 8, kLargeText), kOverwrite)},
      {"LoadFromIntoANewBranch", Ok, Loads(few, kMerge, "fresh", "main")},
      {"LoadFragmentsIntoANewBranch", Ok,
       Loads(People("n", 8, kLargeText), kMerge, "fresh", "side")},
      {"BranchCreate", Ok,
       [](Graph& graph) { return graph.CreateBranch(Caller(), "fresh", "main"); }},
      {"BranchCreateFromABranch", Ok,
       [](Graph& graph) { return graph.CreateBranch(Caller(), "fresh", "side"); }},
      {"BranchDelete", Ok, [](Graph& graph) { return graph.DeleteBranch(Caller(), "side"); }},
      {"MergeFastForward",
       [](Graph& graph) -> Status {
         OG_RETURN_IF_ERROR(graph.CreateBranch(Caller(), "next", "main"));
         return Mutate(graph, "add", R"({"name":"Eve"})", "next").status();
       },
       Merges("next")},
      {"MergeThreeWay", Ok, Merges("side")},
      {"MergeFragments", Loads(People("s", 8, kLargeText), kMerge, "side"), Merges("side")},
      {"MergeAndDeleteTheSource", Ok, Merges("side", true), Merges("side")},
      {"SchemaAddProperty", DropBranches, AppliesSchema(person + "  rank: I32? }")},
      {"SchemaDropPropertySoftly", DropBranches,
       AppliesSchema("Person { name: String @key  text: String? }")},
      {"SchemaDropPropertyForGood",
       DropBranches,
       AppliesSchema("Person { name: String @key  text: String? }", true),
       {},
       true},
      {"SchemaRename", DropBranches,
       AppliesSchema(R"(Person { name: String @key  years: I32? @rename_from("age")
         text: String? })")},
      {"SchemaBackfill", DropBranches, AppliesSchema(person + "  rank: I32 }", false, "3")},
      {"Optimize", Ok, Optimizes},
      {"Cleanup", DropBranches, CleansUp, {}, true},
      {"CleanupAfterOptimize", Optimizes, CleansUp, {}, true},
      {"Repair", Ok, Repairs},
  };
}

struct Counts {
  int cells = 0;
  int acknowledged = 0;
  int landed = 0;
};

// One scenario on one kind of store, with the states that a cell may end in.
class Matrix {
 public:
  Matrix(const Scenario& scenario, StoreKind kind)
      : scenario_(scenario), kind_(kind), prepared_(kind) {}

  void Run(Counts* counts) {
    Prepare();
    if (::testing::Test::HasFatalFailure()) return;
    for (const FaultCase& fault : kFaultCases) {
      if (kind_ == StoreKind::kFolder && !fault.is_for_folders && Scale() == 1) continue;
      for (std::uint64_t effect = 0; effect < effects_count_; ++effect) {
        SCOPED_TRACE(std::string(scenario_.name) + ", " + fault.name + ", effect " +
                     std::to_string(effect));
        RunCell(fault, effect, counts);
        if (::testing::Test::HasFailure()) return;
      }
    }
  }

 private:
  void Prepare() {
    ASSERT_TRUE(FillSample(prepared_.objects()).ok());
    const auto graph = *OpenSample(prepared_.objects());
    const Status ready = scenario_.prepare(*graph);
    ASSERT_TRUE(ready.ok()) << ready.message();
    if (std::string_view(scenario_.name) == "Repair") RemoveKeyIndex();
    before_ = *StateOf(*graph);
    past_commit_ = graph->Snapshot(Caller(), {})->graph_commit_id;
    past_rows_ = *Export(*graph, {"", past_commit_});
    const auto copy = prepared_.Copy();
    const auto fault_free = *OpenSample(copy);
    copy->SetPlan({});
    const Status done = scenario_.run(*fault_free);
    ASSERT_TRUE(done.ok()) << done.message();
    effects_count_ = copy->effects_count();
    ASSERT_GT(effects_count_, 0u);
    after_ = *StateOf(*fault_free);
    if (!scenario_.run_half) return;
    const auto half = *OpenSample(prepared_.Copy());
    ASSERT_TRUE(scenario_.run_half(*half).ok());
    half_ = *StateOf(*half);
  }

  void RemoveKeyIndex() {
    std::string key_index;
    ASSERT_TRUE(store::ForEachKey(*prepared_.objects(), "data/nodes/", [&](const std::string& key) {
                  if (key.ends_with(".key")) key_index = key;
                  return Status::Ok();
                }).ok());
    ASSERT_TRUE(prepared_.objects()->Delete(key_index).ok());
  }

  void RunCell(const FaultCase& fault, std::uint64_t effect, Counts* counts) {
    const auto faulty = prepared_.Copy();
    auto graph = *OpenSample(faulty);
    faulty->SetLosesPower(fault.loses_power);
    faulty->SetPlan({{effect, fault.fault}});
    const Status status = scenario_.run(*graph);
    faulty->Reopen();
    graph = *OpenSample(faulty);
    const Result<std::string> state = StateOf(*graph);
    ASSERT_TRUE(state.ok()) << state.status().message();
    const bool has_landed = *state == after_;
    ASSERT_TRUE(has_landed || *state == before_ || *state == half_) << *state;
    if (status.ok()) {
      ASSERT_TRUE(has_landed) << "an acknowledged effect was lost";
    }
    if (!scenario_.forgets_past) {
      const auto past = Export(*graph, {"", past_commit_});
      ASSERT_TRUE(past.ok()) << past.status().message();
      ASSERT_EQ(*past, past_rows_);
    }
    if (!has_landed || before_ == after_) {
      const Status again = scenario_.run(*graph);
      ASSERT_TRUE(again.ok()) << again.message();
      ASSERT_EQ(*StateOf(*graph), after_);
    }
    CheckUse(*graph, faulty);
    ++counts->cells;
    counts->acknowledged += status.ok() ? 1 : 0;
    counts->landed += has_landed ? 1 : 0;
  }

  // Write on every branch, verify everything, clean up: what is left is what is reachable.
  void CheckUse(Graph& graph, const std::shared_ptr<store::FaultyStore>& objects) {
    const std::vector<std::string> branches = *graph.ListBranches(Caller());
    for (const std::string& branch : branches) {
      const auto added = Mutate(graph, "found", R"({"name":"Zoo"})", branch);
      ASSERT_TRUE(added.ok()) << branch << ": " << added.status().message();
    }
    const auto next = *OpenSample(objects);
    const std::string state = *StateOf(*next);
    ASSERT_EQ(state, *StateOf(graph));
    ASSERT_THAT(state, ::testing::HasSubstr("Zoo"));
    ASSERT_TRUE(CleansUp(*next).ok());
    engine::CleanupRequest again;
    again.keep_versions = 1;
    again.grace_secs = 0;
    const auto second = next->Cleanup(Caller(), again);
    ASSERT_TRUE(second.ok()) << second.status().message();
    ASSERT_EQ(second->history_bytes + second->unreferenced_bytes, 0u);
    const auto repaired = next->Repair(Caller(), {});
    ASSERT_TRUE(repaired.ok()) << repaired.status().message();
    for (const engine::RepairAnswer::Table& table : repaired->tables)
      ASSERT_EQ(table.classification, "no_drift") << table.table_key;
    ASSERT_EQ(*StateOf(**OpenSample(objects)), state);
  }

  const Scenario& scenario_;
  const StoreKind kind_;
  PreparedStore prepared_;
  std::uint64_t effects_count_ = 0;
  std::string before_;
  std::string after_;
  std::string half_;
  std::string past_commit_;
  std::string past_rows_;
};

class CrashMatrix : public ::testing::TestWithParam<std::tuple<StoreKind, std::size_t>> {};

std::string NameOf(const ::testing::TestParamInfo<std::tuple<StoreKind, std::size_t>>& info) {
  const auto [kind, index] = info.param;
  return std::string(Scenarios()[index].name) +
         (kind == StoreKind::kMemory ? "InMemory" : "InAFolder");
}

INSTANTIATE_TEST_SUITE_P(Of, CrashMatrix,
                         ::testing::Combine(::testing::Values(StoreKind::kMemory,
                                                              StoreKind::kFolder),
                                            ::testing::Range(std::size_t{0}, Scenarios().size())),
                         NameOf);

TEST_P(CrashMatrix, EveryFaultAtEveryEffectLeavesTheStateOfBeforeOrAfterAndAGraphInUse) {
  const auto [kind, index] = GetParam();
  const Scenario scenario = Scenarios()[index];
  Counts counts;
  Matrix(scenario, kind).Run(&counts);
  std::printf("crash matrix of %s: %d cells (%d acknowledged, %d landed), 0 losses\n",
              scenario.name, counts.cells, counts.acknowledged, counts.landed);
}

// `init` has no graph before it, so its states are: nothing, claimed but empty, and a graph.
TEST(CrashMatrixOfInit, AfterEveryFaultInitOrInitForceGivesAGraph) {
  int cells = 0;
  for (const StoreKind kind : {StoreKind::kMemory, StoreKind::kFolder}) {
    for (const bool is_forced : {false, true}) {
      for (const FaultCase& fault : kFaultCases) {
        for (std::uint64_t effect = 0;; ++effect) {
          PreparedStore prepared(kind);
          if (is_forced) {  // Half-created: claimed, and nothing else.
            const auto claimed = std::make_shared<store::FaultyStore>(prepared.objects());
            claimed->SetPlan({{1, Fault::kCrashBefore}});
            ASSERT_FALSE(Graph::Init(claimed, "g", kSampleSchema, false).ok());
          }
          const auto faulty = prepared.Copy();
          faulty->SetLosesPower(fault.loses_power);
          faulty->SetPlan({{effect, fault.fault}});
          const Status status = Graph::Init(faulty, "g", kSampleSchema, is_forced);
          const bool is_past_the_end = faulty->effects_count() <= effect;
          faulty->Reopen();
          auto graph = OpenSample(faulty);
          const bool is_there = graph.ok() && (*graph)->Snapshot(Caller(), {}).ok();
          ASSERT_TRUE(is_there || !status.ok()) << "an acknowledged init was lost";
          if (!is_there) {
            const Status again = Graph::Init(faulty, "g", kSampleSchema, true);
            ASSERT_TRUE(again.ok()) << again.message();
            graph = OpenSample(faulty);
          }
          ASSERT_TRUE(Mutate(**graph, "add", R"({"name":"Eve"})").ok());
          ASSERT_EQ(Read(**graph, "people")->rows, R"({"p.name":"Eve","p.age":1})");
          ASSERT_EQ(Graph::Init(faulty, "g", kSampleSchema, true).code(),
                    ErrorCode::kAlreadyExists);
          if (is_past_the_end) break;
          ++cells;
        }
      }
    }
  }
  std::printf("crash matrix of init: %d cells, 0 losses\n", cells);
}

}  // namespace
}  // namespace omnigraph::faults
