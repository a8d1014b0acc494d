// Tests of conditional writes, idempotency keys, tags, reverts and the visibility of commits
// through the gate, with every fault at every store effect.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "engine/local_graph.h"
#include "engine/maintenance.h"
#include "engine/versions.h"
#include "exec/result_table.h"
#include "store/faulty_store.h"
#include "store/local_store.h"
#include "store/memory_store.h"
#include "store/test_directory.h"

namespace omnigraph::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kSchema =
    "node Person { name: String @key\n age: I32? }\nedge Knows: Person -> Person";
constexpr std::string_view kWiderSchema =
    "node Person { name: String @key\n age: I32?\n city: String? }\nnode Pet { name: String @key "
    "}\n"
    "edge Knows: Person -> Person";
constexpr std::string_view kQueries = R"(
query add($name: String, $age: I32?) { insert Person { name: $name, age: $age } }
query grow($name: String, $age: I32?) { update Person set { age: $age } where name = $name }
query drop($name: String) { delete Person where name = $name }
query ages() { match { $p: Person } return { $p.name, $p.age } order { $p.name } }
)";

MutationRequest Change(std::string_view query, const std::string& params,
                       const std::string& branch = "main") {
  static std::vector<std::unique_ptr<std::string>> kept;  // The request holds views.
  kept.push_back(std::make_unique<std::string>(params));
  MutationRequest request;
  request.source = kQueries;
  request.name = query;
  request.params_json = *kept.back();
  request.branch = branch;
  return request;
}

MutationRequest AddPerson(const std::string& name, int age, const std::string& branch = "main") {
  return Change("add", R"({"name":")" + name + R"(","age":)" + std::to_string(age) + "}", branch);
}

std::string Rows(Graph& graph, const ReadTarget& target = {}) {
  QueryRequest request;
  request.source = kQueries;
  request.name = "ages";
  request.target = target;
  const auto answer = graph.Query(Caller(), request);
  if (!answer.ok()) return std::string(answer.status().message());
  return "[" + std::string(answer->table->RowsJson()) + "]";
}

std::string HeadOf(Graph& graph, const std::string& branch = "main") {
  return graph.Snapshot(Caller(), {branch, ""})->graph_commit_id;
}

std::size_t CommitsOf(Graph& graph, const std::string& branch = "main") {
  return graph.ListCommits(Caller(), branch, 0)->size();
}

LoadRequest LoadOf(std::string text, LoadMode mode = LoadMode::kMerge) {
  LoadRequest request;
  request.source_name = "test";
  request.mode = mode;
  request.read = [text, at = std::size_t{0}](char* buffer, std::size_t max) mutable {
    const std::size_t count = std::min({max, text.size() - at, std::size_t{7}});
    std::memcpy(buffer, text.data() + at, count);
    at += count;
    return Result<std::size_t>(count);
  };
  return request;
}

constexpr std::string_view kAnn = R"({"type":"Person","data":{"name":"ann","age":1}})"
                                  "\n";

std::shared_ptr<Graph> OpenOn(const std::shared_ptr<store::ObjectStore>& store) {
  return *Graph::Open(store, OpenOptions{});
}

class LocalVersionsTest : public ::testing::Test {
 protected:
  LocalVersionsTest() {
    EXPECT_TRUE(Graph::Init(store_, "g", kSchema, false).ok());
    graph_ = OpenOn(store_);
    EXPECT_TRUE(graph_->Mutate(Caller(), AddPerson("ada", 36)).ok());
  }

  CleanupAnswer CleanUp(std::uint64_t keep = 1) {
    CleanupRequest request;
    request.keep_versions = keep;
    request.grace_secs = 0;
    auto answer = graph_->Cleanup(Caller(), request);
    EXPECT_TRUE(answer.ok()) << answer.status().message();
    return *std::move(answer);
  }

  std::shared_ptr<store::ObjectStore> store_ = std::make_shared<store::MemoryStore>();
  std::shared_ptr<Graph> graph_;
};

// ---- Conditional writes ------------------------------------------------------------------------

TEST_F(LocalVersionsTest, AConditionalWriteHappensOnlyOnTheExpectedHead) {
  MutationRequest request = AddPerson("bob", 1);
  request.conditions.expected_commit = HeadOf(*graph_);
  const auto first = graph_->Mutate(Caller(), request);
  ASSERT_TRUE(first.ok()) << first.status().message();
  const auto second = graph_->Mutate(Caller(), request);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), ErrorCode::kPreconditionFailed);
  ASSERT_NE(second.status().head_mismatch(), nullptr);
  EXPECT_EQ(second.status().head_mismatch()->expected, request.conditions.expected_commit);
  EXPECT_EQ(second.status().head_mismatch()->actual, first->commit->graph_commit_id);
  EXPECT_EQ(CommitsOf(*graph_), 3u);
}

TEST_F(LocalVersionsTest, TheExpectedHeadIsCheckedAlsoWhenNothingWouldChange) {
  MutationRequest request = Change("drop", R"({"name":"nobody"})");
  request.conditions.expected_commit = "01ARYZ6S41TSV4RRFFQ69G5FAV";
  EXPECT_EQ(graph_->Mutate(Caller(), request).status().code(), ErrorCode::kPreconditionFailed);
  request.conditions.expected_commit = HeadOf(*graph_);
  EXPECT_TRUE(graph_->Mutate(Caller(), request).ok());
  request.conditions.expected_commit = "not an id";
  EXPECT_EQ(graph_->Mutate(Caller(), request).status().code(), ErrorCode::kInvalidArgument);
}

TEST_F(LocalVersionsTest, LoadsMergesAndRevertsTakeConditionsToo) {
  const std::string old = HeadOf(*graph_);
  LoadRequest load = LoadOf(std::string(kAnn));
  load.conditions.expected_commit = old;
  ASSERT_TRUE(graph_->Load(Caller(), load).ok());
  load = LoadOf(std::string(kAnn));
  load.conditions.expected_commit = old;
  EXPECT_EQ(graph_->Load(Caller(), load).status().code(), ErrorCode::kPreconditionFailed);
  load = LoadOf(std::string(kAnn));
  load.branch = "fresh";
  load.from = "main";
  load.conditions.expected_commit = old;
  EXPECT_EQ(graph_->Load(Caller(), load).status().code(), ErrorCode::kPreconditionFailed);
  EXPECT_THAT(*graph_->ListBranches(Caller()), ElementsAre("main"));

  ASSERT_TRUE(graph_->CreateBranch(Caller(), "dev", "main").ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("dan", 4, "dev")).ok());
  MergeRequest merge;
  merge.source = "dev";
  merge.conditions.expected_commit = old;
  EXPECT_EQ(graph_->Merge(Caller(), merge).status().code(), ErrorCode::kPreconditionFailed);
  merge.is_dry_run = true;
  EXPECT_EQ(graph_->Merge(Caller(), merge).status().code(), ErrorCode::kPreconditionFailed);
  RevertRequest revert{"main", old, false, {old, ""}};
  EXPECT_EQ(graph_->Revert(Caller(), revert).status().code(), ErrorCode::kPreconditionFailed);
}

TEST_F(LocalVersionsTest, OfManyConditionalWritersOneWinsPerHead) {
  store::TestDirectory directory;
  const auto local = std::make_shared<store::LocalStore>(directory.path());
  ASSERT_TRUE(Graph::Init(local, "g", kSchema, false).ok());
  std::vector<std::shared_ptr<Graph>> processes = {
      OpenOn(local), OpenOn(std::make_shared<store::LocalStore>(directory.path()))};
  const std::string head = HeadOf(*processes[0]);
  std::vector<MutationRequest> requests;
  for (int t = 0; t < 8; ++t) {
    requests.push_back(AddPerson("p" + std::to_string(t), t));
    requests.back().conditions.expected_commit = head;
  }
  std::atomic<int> winners = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const auto written = processes[t % 2]->Mutate(Caller(), requests[t]);
      winners += written.ok();
      refused += !written.ok() && written.status().head_mismatch() != nullptr;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(refused, 7);
}

// ---- Idempotency keys --------------------------------------------------------------------------

TEST_F(LocalVersionsTest, ARequestThatIsAskedAgainAnswersWithItsCommit) {
  MutationRequest request = AddPerson("bob", 7);
  request.conditions.idempotency_key = "k1";
  const auto first = graph_->Mutate(Caller(), request);
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_FALSE(first->is_replayed);
  ASSERT_TRUE(graph_->Mutate(Caller(), Change("drop", R"({"name":"bob"})")).ok());
  const auto again = OpenOn(store_)->Mutate(Caller(), request);
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_TRUE(again->is_replayed);
  EXPECT_EQ(again->commit->graph_commit_id, first->commit->graph_commit_id);
  EXPECT_EQ(again->query_name, "add");
  EXPECT_EQ(again->affected_nodes, 1u);
  EXPECT_EQ(Rows(*graph_), R"([{"p.name":"ada","p.age":36}])");
}

TEST_F(LocalVersionsTest, AKeyBelongsToOneRequestOfOneActorOnOneBranch) {
  MutationRequest request = AddPerson("bob", 7);
  request.conditions.idempotency_key = "k1";
  const auto first = graph_->Mutate(Caller(), request);
  ASSERT_TRUE(first.ok());
  MutationRequest other = AddPerson("bob", 8);
  other.conditions.idempotency_key = "k1";
  const auto refused = graph_->Mutate(Caller(), other);
  EXPECT_EQ(refused.status().code(), ErrorCode::kConflict);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(first->commit->graph_commit_id));
  LoadRequest load = LoadOf(std::string(kAnn));
  load.conditions.idempotency_key = "k1";
  EXPECT_EQ(graph_->Load(Caller(), load).status().code(), ErrorCode::kConflict);
  Caller mia;
  mia.actor = "mia";
  EXPECT_FALSE(graph_->Mutate(mia, other)->is_replayed);
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "dev", "main").ok());
  other.branch = "dev";
  EXPECT_FALSE(graph_->Mutate(Caller(), other)->is_replayed);
  other.conditions.idempotency_key = std::string(256, 'k');
  EXPECT_EQ(graph_->Mutate(Caller(), other).status().code(), ErrorCode::kInvalidArgument);
}

TEST_F(LocalVersionsTest, AKeyWithoutEffectStaysFree) {
  MutationRequest request = Change("drop", R"({"name":"bob"})");
  request.conditions.idempotency_key = "k1";
  EXPECT_FALSE(graph_->Mutate(Caller(), request)->commit.has_value());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("bob", 1)).ok());
  EXPECT_EQ(graph_->Mutate(Caller(), request)->affected_nodes, 1u);
}

TEST_F(LocalVersionsTest, LoadsAnswerWithTheirCounts) {
  const auto ask = [&](std::string text, std::string branch) {
    LoadRequest load = LoadOf(std::move(text), LoadMode::kAppend);
    load.branch = std::move(branch);
    load.from = "main";
    load.conditions.idempotency_key = "k1";
    return graph_->Load(Caller(), load);
  };
  for (const std::string branch : {"main", "fresh"}) {
    const std::string text = R"({"type":"Person","data":{"name":"of )" + branch + "\"}}\n";
    const auto first = ask(text, branch);
    ASSERT_TRUE(first.ok()) << first.status().message();
    const auto again = ask(text, branch);
    ASSERT_TRUE(again.ok()) << again.status().message();
    EXPECT_TRUE(again->is_replayed);
    EXPECT_EQ(again->commit->graph_commit_id, first->commit->graph_commit_id);
    EXPECT_EQ(again->nodes_loaded, 1u);
    EXPECT_EQ(again->branch_created, first->branch_created);
    ASSERT_EQ(again->tables.size(), 1u);
    EXPECT_EQ(again->tables[0].table_key, "node:Person");
    EXPECT_EQ(
        ask(text + "\n\n" + R"({"type":"Person","data":{"name":"al"}})", branch).status().code(),
        ErrorCode::kConflict);
  }
}

TEST_F(LocalVersionsTest, ARetriedMergeIsAppliedOnceThoughItsSourceIsGone) {
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "dev", "main").ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("dan", 4, "dev")).ok());
  MergeRequest merge;
  merge.source = "dev";
  merge.deletes_source = true;
  merge.conditions.idempotency_key = "k1";
  const auto first = graph_->Merge(Caller(), merge);
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_EQ(first->branch_deleted, true);
  const auto again = graph_->Merge(Caller(), merge);
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_TRUE(again->is_replayed);
  EXPECT_EQ(again->outcome, first->outcome);
  EXPECT_EQ(again->branch_deleted, true);
  EXPECT_EQ(again->commit->graph_commit_id, first->commit->graph_commit_id);
  // A new branch of that name is not what was merged.
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "dev", "main").ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("eve", 5, "dev")).ok());
  EXPECT_EQ(graph_->Merge(Caller(), merge)->branch_deleted, false);
  EXPECT_THAT(*graph_->ListBranches(Caller()), ElementsAre("dev", "main"));
}

TEST_F(LocalVersionsTest, KeysOutliveOptimizeAndCleanup) {
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    MutationRequest request = AddPerson("p" + std::to_string(i), i);
    request.conditions.idempotency_key = "k" + std::to_string(i);
    ids.push_back(graph_->Mutate(Caller(), request)->commit->graph_commit_id);
  }
  ASSERT_TRUE(graph_->Optimize(Caller()).ok());
  CleanUp();
  const auto other = OpenOn(store_);
  for (int i = 0; i < 100; ++i) {
    MutationRequest request = AddPerson("p" + std::to_string(i), i);
    request.conditions.idempotency_key = "k" + std::to_string(i);
    const auto again = other->Mutate(Caller(), request);
    ASSERT_TRUE(again.ok()) << again.status().message();
    EXPECT_EQ(again->commit->graph_commit_id, ids[static_cast<std::size_t>(i)]);
  }
}

TEST_F(LocalVersionsTest, RacingRetriesInSeveralProcessesTakeEffectOnce) {
  store::TestDirectory directory;
  const auto local = std::make_shared<store::LocalStore>(directory.path());
  ASSERT_TRUE(Graph::Init(local, "g", kSchema, false).ok());
  std::vector<std::shared_ptr<Graph>> processes = {
      OpenOn(local), OpenOn(std::make_shared<store::LocalStore>(directory.path())),
      OpenOn(std::make_shared<store::LocalStore>(directory.path()))};
  constexpr int kRequests = 12;
  std::vector<MutationRequest> requests;
  for (int i = 0; i < kRequests; ++i) {
    requests.push_back(AddPerson("p" + std::to_string(i), i));
    requests.back().conditions.idempotency_key = "k" + std::to_string(i);
  }
  std::atomic<int> replays = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (const MutationRequest& request : requests) {
        const auto answer = processes[t % 3]->Mutate(Caller(), request);
        ASSERT_TRUE(answer.ok()) << answer.status().message();
        replays += answer->is_replayed;
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(replays, 5 * kRequests);
  EXPECT_EQ(CommitsOf(*processes[0]), 1u + kRequests);
}

// ---- Tags and the visibility of commits --------------------------------------------------------

TEST_F(LocalVersionsTest, TagsNameCommitsForReads) {
  TagRequest request{"v1", "main"};
  const auto tag = graph_->CreateTag(Caller(), request);
  ASSERT_TRUE(tag.ok()) << tag.status().message();
  EXPECT_EQ(tag->graph_commit_id, HeadOf(*graph_));
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("bob", 1)).ok());
  EXPECT_EQ(Rows(*graph_, {"main", "v1"}), R"([{"p.name":"ada","p.age":36}])");
  EXPECT_EQ(graph_->Snapshot(Caller(), {"main", "v1"})->graph_commit_id, tag->graph_commit_id);
  EXPECT_EQ(graph_->ShowCommit(Caller(), "v1")->graph_commit_id, tag->graph_commit_id);
  EXPECT_EQ(graph_->CreateTag(Caller(), request).status().code(), ErrorCode::kAlreadyExists);
  ASSERT_TRUE(graph_->CreateTag(Caller(), {"v1.copy", "v1"}).ok());
  ASSERT_TRUE(graph_->CreateTag(Caller(), {"first", tag->graph_commit_id}).ok());
  const auto tags = graph_->ListTags(Caller());
  ASSERT_EQ(tags->size(), 3u);
  for (const Tag& listed : *tags)
    EXPECT_EQ(listed.graph_commit_id, tag->graph_commit_id);
  ASSERT_TRUE(graph_->DeleteTag(Caller(), "v1").ok());
  EXPECT_EQ(graph_->DeleteTag(Caller(), "v1").code(), ErrorCode::kNotFound);
  EXPECT_THAT(Rows(*graph_, {"main", "v1"}), HasSubstr("'v1' not found"));
  EXPECT_EQ(graph_->CreateTag(Caller(), {"v9", "nothing"}).status().code(), ErrorCode::kNotFound);
}

TEST_F(LocalVersionsTest, CleanupKeepsWhatATagNames) {
  ASSERT_TRUE(graph_->CreateTag(Caller(), {"v1", "main"}).ok());
  std::vector<std::string> between;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(
        graph_
            ->Mutate(Caller(), Change("grow", R"({"name":"ada","age":)" + std::to_string(i) + "}"))
            .ok());
    between.push_back(HeadOf(*graph_));
    ASSERT_TRUE(graph_->Optimize(Caller()).ok());
  }
  CleanUp();
  EXPECT_EQ(Rows(*graph_, {"main", "v1"}), R"([{"p.name":"ada","p.age":36}])");
  EXPECT_THAT(Rows(*graph_, {"main", between[1]}), HasSubstr("cleaned up"));
  EXPECT_EQ(graph_->CreateTag(Caller(), {"late", between[1]}).status().code(),
            ErrorCode::kNotFound);
  ASSERT_TRUE(graph_->DeleteTag(Caller(), "v1").ok());
  CleanUp();
  EXPECT_EQ(Rows(*OpenOn(store_)), R"([{"p.name":"ada","p.age":4}])");
}

TEST_F(LocalVersionsTest, CommitsOfADeletedBranchAreGoneUnlessSomethingLeadsToThem) {
  const auto commit_on = [&](const std::string& branch) {
    EXPECT_TRUE(graph_->CreateBranch(Caller(), branch, "main").ok());
    EXPECT_TRUE(graph_->Mutate(Caller(), AddPerson(branch, 1, branch)).ok());
    return HeadOf(*graph_, branch);
  };
  const std::string lost = commit_on("lost");
  const std::string merged = commit_on("merged");
  const std::string tagged = commit_on("tagged");
  ASSERT_TRUE(graph_->CreateTag(Caller(), {"t", "tagged"}).ok());
  MergeRequest merge;
  merge.source = "merged";
  ASSERT_TRUE(graph_->Merge(Caller(), merge).ok());
  for (const char* branch : {"lost", "merged", "tagged"}) {
    EXPECT_TRUE(graph_->ShowCommit(Caller(), HeadOf(*graph_, branch)).ok());
    ASSERT_TRUE(graph_->DeleteBranch(Caller(), branch).ok());
  }
  for (const auto& graph : {graph_, OpenOn(store_)}) {
    const auto gone = graph->ShowCommit(Caller(), lost);
    ASSERT_EQ(gone.status().code(), ErrorCode::kNotFound);
    EXPECT_THAT(std::string(gone.status().message()), HasSubstr("commit '" + lost + "' not found"));
    EXPECT_THAT(Rows(*graph, {"", lost}), HasSubstr("not found"));
    EXPECT_TRUE(graph->ShowCommit(Caller(), merged).ok());
    EXPECT_THAT(Rows(*graph, {"", tagged}), HasSubstr("tagged"));
  }
  // A new branch of that name brings nothing back.
  commit_on("lost");
  EXPECT_EQ(graph_->ShowCommit(Caller(), lost).status().code(), ErrorCode::kNotFound);
  EXPECT_EQ(graph_->CreateBranch(Caller(), "again", lost).code(), ErrorCode::kNotFound);
  ASSERT_TRUE(graph_->DeleteTag(Caller(), "t").ok());
  EXPECT_EQ(graph_->ShowCommit(Caller(), tagged).status().code(), ErrorCode::kNotFound);
}

TEST_F(LocalVersionsTest, ABranchStartsAtAnyCommitOrTag) {
  const std::string old = HeadOf(*graph_);
  ASSERT_TRUE(graph_->CreateTag(Caller(), {"v1", "main"}).ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("bob", 1)).ok());
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "by-id", old).ok());
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "by-tag", "v1").ok());
  for (const char* branch : {"by-id", "by-tag"}) {
    EXPECT_EQ(HeadOf(*graph_, branch), old);
    ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("cid", 3, branch)).ok());
    EXPECT_EQ(Rows(*OpenOn(store_), {branch, ""}),
              R"([{"p.name":"ada","p.age":36},{"p.name":"cid","p.age":3}])");
  }
  CleanUp();
  MergeRequest merge;
  merge.source = "by-id";
  ASSERT_TRUE(graph_->Merge(Caller(), merge).ok());
  EXPECT_THAT(Rows(*graph_), HasSubstr("cid"));
}

// ---- Reverts -----------------------------------------------------------------------------------

TEST_F(LocalVersionsTest, ARevertIsANewCommitWithTheOldRows) {
  const std::string old = HeadOf(*graph_);
  const std::string before = Rows(*graph_);
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("bob", 1)).ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), Change("grow", R"({"name":"ada","age":40})")).ok());
  const std::string overtaken = HeadOf(*graph_);
  const std::string after = Rows(*graph_);

  RevertRequest request{"main", old, true, {}};
  const auto dry = graph_->Revert(Caller(), request);
  ASSERT_TRUE(dry.ok()) << dry.status().message();
  EXPECT_FALSE(dry->commit.has_value());
  ASSERT_EQ(dry->tables.size(), 1u);
  EXPECT_EQ(dry->tables[0].table_key, "node:Person");
  EXPECT_EQ(dry->tables[0].rows_before, 2u);
  EXPECT_EQ(dry->tables[0].rows_after, 1u);
  EXPECT_EQ(HeadOf(*graph_), overtaken);

  request.is_dry_run = false;
  const auto reverted = graph_->Revert(Caller(), request);
  ASSERT_TRUE(reverted.ok()) << reverted.status().message();
  EXPECT_EQ(reverted->commit->parent_commit_id, overtaken);
  EXPECT_EQ(Rows(*OpenOn(store_)), before);
  EXPECT_EQ(Rows(*graph_, {"", overtaken}), after);
  // And again: nothing to do. And back.
  EXPECT_FALSE(graph_->Revert(Caller(), request)->commit.has_value());
  request.to = overtaken;
  ASSERT_TRUE(graph_->Revert(Caller(), request).ok());
  EXPECT_EQ(Rows(*graph_), after);
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("cid", 3)).ok());
  EXPECT_THAT(Rows(*graph_), HasSubstr("cid"));
}

TEST_F(LocalVersionsTest, ARevertGoesToEarlierCommitsOfItsBranchOnly) {
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "dev", "main").ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("dan", 4, "dev")).ok());
  const auto aside = graph_->Revert(Caller(), {"main", HeadOf(*graph_, "dev"), false, {}});
  ASSERT_FALSE(aside.ok());
  EXPECT_THAT(std::string(aside.status().message()), HasSubstr("not in the history"));
  EXPECT_EQ(graph_->Revert(Caller(), {"nope", HeadOf(*graph_), false, {}}).status().code(),
            ErrorCode::kNotFound);
  EXPECT_EQ(graph_->Revert(Caller(), {"main", "nope", false, {}}).status().code(),
            ErrorCode::kNotFound);
  ASSERT_TRUE(graph_->Revert(Caller(), {"dev", HeadOf(*graph_), false, {}})->commit.has_value());
  EXPECT_EQ(Rows(*graph_, {"dev", ""}), Rows(*graph_));
}

TEST_F(LocalVersionsTest, ARevertBringsTheOldSchemaBackAndNoNumberTwice) {
  ASSERT_TRUE(graph_->CreateTag(Caller(), {"narrow", "main"}).ok());
  SchemaChangeRequest wider;
  wider.source = kWiderSchema;
  ASSERT_TRUE(graph_->ApplySchema(Caller(), wider).ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("bob", 1)).ok());
  ASSERT_TRUE(graph_->CreateTag(Caller(), {"wide", "main"}).ok());

  ASSERT_TRUE(graph_->CreateBranch(Caller(), "dev", "main").ok());
  const auto refused = graph_->Revert(Caller(), {"main", "narrow", false, {}});
  EXPECT_EQ(refused.status().code(), ErrorCode::kConflict);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("dev"));
  ASSERT_TRUE(graph_->DeleteBranch(Caller(), "dev").ok());

  const auto reverted = graph_->Revert(Caller(), {"main", "narrow", false, {}});
  ASSERT_TRUE(reverted.ok()) << reverted.status().message();
  EXPECT_TRUE(reverted->changes_schema);
  EXPECT_EQ(graph_->Schema(Caller(), {})->source, kSchema);
  EXPECT_EQ(Rows(*OpenOn(store_)), R"([{"p.name":"ada","p.age":36}])");
  // Another type in the place of `Pet` must not be taken for it.
  SchemaChangeRequest other;
  other.source =
      "node Person { name: String @key\n age: I32? }\nnode Car { name: String @key }\n"
      "edge Knows: Person -> Person";
  ASSERT_TRUE(graph_->ApplySchema(Caller(), other).ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("cid", 3)).ok());
  EXPECT_THAT(Rows(*graph_, {"", "wide"}), HasSubstr("bob"));
  const auto wide = graph_->Revert(Caller(), {"main", "wide", false, {}});
  ASSERT_TRUE(wide.ok()) << wide.status().message();
  EXPECT_EQ(Rows(*OpenOn(store_)), R"([{"p.name":"ada","p.age":36},{"p.name":"bob","p.age":1}])");
}

TEST_F(LocalVersionsTest, ARevertedBranchMergesByContent) {
  const std::string start = HeadOf(*graph_);
  ASSERT_TRUE(graph_->CreateBranch(Caller(), "dev", "main").ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("dan", 4, "dev")).ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("bob", 1)).ok());
  ASSERT_TRUE(graph_->Revert(Caller(), {"main", start, false, {}}).ok());
  ASSERT_TRUE(graph_->Mutate(Caller(), AddPerson("cid", 3)).ok());
  MergeRequest merge;
  merge.source = "dev";
  const auto merged = graph_->Merge(Caller(), merge);
  ASSERT_TRUE(merged.ok()) << merged.status().message();
  EXPECT_TRUE(merged->conflicts.empty());
  EXPECT_EQ(
      Rows(*graph_),
      R"([{"p.name":"ada","p.age":36},{"p.name":"cid","p.age":3},{"p.name":"dan","p.age":4}])");
}

TEST_F(LocalVersionsTest, ARevertWritesNoRows) {
  std::string lines;
  for (int i = 0; i < 20'000; ++i)
    lines += R"({"type":"Person","data":{"name":"p)" + std::to_string(i) + "\"}}\n";
  ASSERT_TRUE(graph_->Load(Caller(), LoadOf(lines)).ok());
  const std::string loaded = HeadOf(*graph_);
  ASSERT_TRUE(graph_->Load(Caller(), LoadOf(std::string(kAnn), LoadMode::kOverwrite)).ok());
  const auto count = [&] {
    int objects = 0;
    EXPECT_TRUE(store::ForEachKey(*store_, "data/", [&](const std::string&) {
                  ++objects;
                  return Status::Ok();
                }).ok());
    return objects;
  };
  const int before = count();
  ASSERT_TRUE(graph_->Revert(Caller(), {"main", loaded, false, {}}).ok());
  EXPECT_EQ(count(), before);
  EXPECT_EQ(graph_->Snapshot(Caller(), {})->tables[1].row_count, 20'001u);
  CleanUp();
  EXPECT_EQ(OpenOn(store_)->Snapshot(Caller(), {})->tables[1].row_count, 20'001u);
  EXPECT_THAT(Rows(*OpenOn(store_)), HasSubstr("p19999"));
}

// ---- Every fault at every effect ---------------------------------------------------------------

// What a command does, under a fault and again without.
struct CrashCase {
  const char* name;
  std::function<Status(Graph&)> run;
  std::function<bool(Graph&)> is_done;
  /// Whether running it a second time after it took effect answers OK.
  bool is_repeatable;
};

std::vector<CrashCase> CrashCases() {
  const auto keyed = [](Graph& graph) {
    MutationRequest request = AddPerson("bob", 1);
    request.conditions.idempotency_key = "k1";
    return graph.Mutate(Caller(), request).status();
  };
  return {
      {"mutate with a key", keyed,
       [](Graph& graph) { return Rows(graph).find("bob") != std::string::npos; }, true},
      {"tag create",
       [](Graph& graph) { return graph.CreateTag(Caller(), {"v2", "main"}).status(); },
       [](Graph& graph) { return graph.ListTags(Caller())->size() == 2; }, false},
      {"tag delete", [](Graph& graph) { return graph.DeleteTag(Caller(), "v1"); },
       [](Graph& graph) { return graph.ListTags(Caller())->empty(); }, false},
      {"branch create --from a commit",
       [](Graph& graph) { return graph.CreateBranch(Caller(), "dev", "v1"); },
       [](Graph& graph) { return graph.ListBranches(Caller())->size() == 2; }, false},
      {"revert",
       [](Graph& graph) { return graph.Revert(Caller(), {"main", "v1", false, {}}).status(); },
       [](Graph& graph) { return Rows(graph).find("zoe") == std::string::npos; }, true},
  };
}

TEST(VersionsCrashTest, CrashMatrixOfKeysTagsAndReverts) {
  using store::Fault;
  int cells = 0;
  for (const CrashCase& command : CrashCases()) {
    for (const Fault fault : {Fault::kRefused, Fault::kLostRequest, Fault::kLostReply,
                              Fault::kDelayed, Fault::kCrashBefore, Fault::kCrashAfter}) {
      for (std::uint64_t effect = 0; effect < 6; ++effect) {
        const auto faulty =
            std::make_shared<store::FaultyStore>(std::make_shared<store::MemoryStore>());
        ASSERT_TRUE(Graph::Init(faulty, "g", kSchema, false).ok());
        Status outcome;
        {
          const auto graph = OpenOn(faulty);
          ASSERT_TRUE(graph->Mutate(Caller(), AddPerson("ada", 36)).ok());
          ASSERT_TRUE(graph->CreateTag(Caller(), {"v1", "main"}).ok());
          ASSERT_TRUE(graph->Mutate(Caller(), AddPerson("zoe", 1)).ok());
          faulty->SetPlan({{effect, fault}});
          outcome = command.run(*graph);
        }
        faulty->Reopen();
        ++cells;
        const std::string cell = std::string(command.name) + ", fault " +
                                 std::to_string(static_cast<int>(fault)) + " at " +
                                 std::to_string(effect);
        const auto next = OpenOn(faulty);
        const bool is_done = command.is_done(*next);
        EXPECT_TRUE(is_done || !outcome.ok()) << cell;
        if (!outcome.ok() && outcome.code() != ErrorCode::kUnavailable) {
          ADD_FAILURE() << cell << ": " << outcome.message();
        }
        if (!is_done || command.is_repeatable) {
          const Status retried = command.run(*next);
          EXPECT_TRUE(retried.ok()) << cell << ": " << retried.message();
        }
        EXPECT_TRUE(command.is_done(*next)) << cell;
        EXPECT_TRUE(next->Mutate(Caller(), AddPerson("yan", 2)).ok()) << cell;
        if (std::string_view(command.name) == "mutate with a key") {
          EXPECT_EQ(CommitsOf(*next), 5u) << cell;
        }
        EXPECT_THAT(Rows(*next, {"", "v1"}),
                    ::testing::AnyOf(HasSubstr("ada"), HasSubstr("not found")));
      }
    }
  }
  std::printf("keys, tags, reverts: %d cells, 0 losses\n", cells);
}

}  // namespace
}  // namespace omnigraph::engine
