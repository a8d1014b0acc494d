// Tests of diffs and of the changes of one commit: every rule of what counts as a change, filters,
// pages, refusals, and policies.

#include <gmock/gmock.h>

#include "engine/changes_fixture.h"
#include "policy/bundle.h"
#include "policy/policy_engine.h"

namespace omnigraph::engine {
namespace {

using testing::ChangesGraph;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Knows;
using testing::Person;

class DiffTest : public ::testing::Test {
 protected:
  DiffTest() {
    base_ = graph_.Load(Person("Alice", 30) + Person("Bob", 25) + Person("Carol", 40) +
                        Knows("k1", "Alice", "Bob") + Knows("k2", "Bob", "Carol"));
  }
  ChangesGraph graph_;
  std::string base_;
};

// What stands between the commits of `Diff`: enough rows for fragments, in the order of ids.
std::string ManyPeople(int count, int age) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += Person("p" + std::to_string(100'000 + i), age);
  return text;
}

TEST_F(DiffTest, ACommitDiffersInNothingFromItself) {
  EXPECT_THAT(graph_.Diff(base_, base_), IsEmpty());
  EXPECT_THAT(graph_.Diff("main", base_), IsEmpty());
  EXPECT_EQ(graph_.head().from_version, 2u);
  EXPECT_EQ(graph_.head().branch, "main");
}

TEST_F(DiffTest, InsertsUpdatesAndDeletesAreToldInTheOrderOfKeysAndIds) {
  graph_.Load(Person("Eve", 7) + Person("Adam", 8));
  graph_.Mutate("grow", R"({"name":"Carol","age":41})");
  graph_.Remove("Alice");
  EXPECT_THAT(
      graph_.Diff(base_, "main"),
      ElementsAre("- edge:Knows k1 v5 Alice>Bob", "+ node:Person Adam v3", "- node:Person Alice v5",
                  "~ node:Person Carol v4 (age)", "+ node:Person Eve v3"));
  EXPECT_EQ(graph_.stats().inserts, 2u);
  EXPECT_EQ(graph_.stats().updates, 1u);
  EXPECT_EQ(graph_.stats().deletes, 2u);
  EXPECT_THAT(graph_.stats().types_affected, ElementsAre("Knows", "Person"));
  EXPECT_EQ(graph_.head().from_version, 2u);
  EXPECT_EQ(graph_.head().to_version, 5u);
  EXPECT_THAT(
      graph_.Diff("main", base_),
      ElementsAre("+ edge:Knows k1 v2 Alice>Bob", "- node:Person Adam v2", "+ node:Person Alice v2",
                  "~ node:Person Carol v2 (age)", "- node:Person Eve v2"));
}

TEST_F(DiffTest, AnUpdateIsToldHoweverOneValueDiffers) {
  graph_.Load(R"({"type":"Person","data":{"name":"Bob","age":25,"note":""}})");
  EXPECT_THAT(graph_.Diff(base_, "main"), ElementsAre("~ node:Person Bob v3 (note)"));
}

TEST_F(DiffTest, RowsThatWereWrittenAgainWithTheSameValuesAreNoChange) {
  graph_.Load(Person("Bob", 25) + Knows("k1", "Alice", "Bob"));
  EXPECT_NE(graph_.Head(), base_);
  EXPECT_THAT(graph_.Diff(base_, "main"), IsEmpty());
  graph_.Load(Person("Bob", 26));
  graph_.Load(Person("Bob", 25));
  EXPECT_THAT(graph_.Diff(base_, "main"), IsEmpty());
}

TEST_F(DiffTest, RowsThatWereFlushedOrCompactedAreNoChange) {
  const std::string many = graph_.Load(ManyPeople(3000, 1));
  for (int i = 0; i < 5; ++i)
    graph_.Load(Person("x" + std::to_string(i), i));
  graph_.Load(ManyPeople(1500, 1));
  ASSERT_TRUE(graph_->Optimize(Caller()).ok());
  EXPECT_THAT(graph_.Diff(many, "main"),
              ElementsAre("+ node:Person x0 v10", "+ node:Person x1 v10", "+ node:Person x2 v10",
                          "+ node:Person x3 v10", "+ node:Person x4 v10"));
  const std::string optimized = graph_.Head();
  graph_.Mutate("grow", R"({"name":"p100500","age":2})");
  EXPECT_THAT(graph_.Diff(optimized, "main"), ElementsAre("~ node:Person p100500 v11 (age)"));
  EXPECT_THAT(graph_.Diff(many, optimized), ::testing::SizeIs(5));
}

// Rows beside the edges of the pages in which a table keeps what moved and what was deleted, told
// by a graph that has both commits at hand and by one that reads them anew.
TEST_F(DiffTest, ScatteredChangesInAGreatTableAreFoundAndNoOthers) {
  constexpr int kRows = 13'000;
  const auto name_of = [](int row) { return "p" + std::to_string(100'000 + row); };
  graph_.Load(ManyPeople(kRows, 1));
  graph_.Remove(name_of(7777));
  const std::string before = graph_.Head();
  std::string updates;
  std::vector<std::string> expected;
  for (const int row : {0, 60, 61, 64, 508, 509, 4092, 4093, 4156, 8188, 8189, 12'285, 12'999}) {
    updates += Person(name_of(row), 2);
    expected.push_back("~ node:Person " + name_of(row));
  }
  graph_.Load(updates);
  for (const int row : {1, 62, 4094, 8190, 12'998}) {
    graph_.Remove(name_of(row));
    expected.push_back("- node:Person " + name_of(row));
  }
  graph_.Load(Person(name_of(kRows), 3));
  expected.push_back("+ node:Person " + name_of(kRows));
  const auto by_id = [](const std::string& a, const std::string& b) {
    return a.substr(2) < b.substr(2);
  };
  std::sort(expected.begin(), expected.end(), by_id);
  for (const bool is_reopened : {false, true}) {
    if (is_reopened) graph_.Reopen();
    std::vector<std::string> found = graph_.Diff(before, "main");
    for (std::string& line : found)
      line.erase(line.find(" v"));
    EXPECT_EQ(found, expected) << is_reopened;
    EXPECT_EQ(graph_.Diff("main", before).size(), expected.size());
  }
}

TEST_F(DiffTest, RowsOfTheSameValuesUnderOtherRowIdsAreNoChange) {
  graph_.Fork("dev");
  graph_.Load(Person("Eve", 1) + Person("Adam", 2) + Knows("k3", "Eve", "Adam"), "main");
  graph_.Load(Person("Adam", 2) + Person("Zoe", 3) + Person("Eve", 1) + Knows("k3", "Eve", "Adam"),
              "dev");
  EXPECT_THAT(graph_.Diff("main", "dev"), ElementsAre("+ node:Person Zoe v3"));
  EXPECT_FALSE(graph_.head().branch.has_value());
}

TEST_F(DiffTest, WhatWasInsertedAndThenDeletedIsNoChange) {
  graph_.Load(Person("Eve", 1));
  graph_.Remove("Eve");
  EXPECT_THAT(graph_.Diff(base_, "main"), IsEmpty());
}

TEST_F(DiffTest, DeletedAndInsertedAgainIsAnUpdateOrNothing) {
  graph_.Remove("Carol");
  graph_.Load(Person("Carol", 40) + Knows("k2", "Bob", "Carol"));
  EXPECT_THAT(graph_.Diff(base_, "main"), IsEmpty());
  graph_.Remove("Carol");
  graph_.Load(Person("Carol", 50));
  EXPECT_THAT(graph_.Diff(base_, "main"),
              ElementsAre("- edge:Knows k2 v5 Bob>Carol", "~ node:Person Carol v6 (age)"));
}

TEST_F(DiffTest, AnEdgeUnderANewIdIsADeleteAndAnInsert) {
  graph_.Remove("Carol");
  graph_.Load(Person("Carol", 40) + Knows("k9", "Bob", "Carol"));
  EXPECT_THAT(graph_.Diff(base_, "main"),
              ElementsAre("- edge:Knows k2 v3 Bob>Carol", "+ edge:Knows k9 v4 Bob>Carol"));
}

TEST_F(DiffTest, AnEdgeLoadedAgainWithOtherEndpointsIsAnUpdateWithTheNewOnes) {
  graph_.Load(Knows("k1", "Carol", "Bob"));
  EXPECT_THAT(graph_.Diff(base_, "main"), ElementsAre("~ edge:Knows k1 v3 Carol>Bob (src)"));
  EXPECT_THAT(graph_.Diff("main", base_), ElementsAre("~ edge:Knows k1 v2 Alice>Bob (src)"));
}

TEST_F(DiffTest, ADeletedNodeTakesItsEdgesAlong) {
  graph_.Remove("Bob");
  EXPECT_THAT(graph_.Diff(base_, "main"),
              ElementsAre("- edge:Knows k1 v3 Alice>Bob", "- edge:Knows k2 v3 Bob>Carol",
                          "- node:Person Bob v3"));
}

TEST_F(DiffTest, TypesThatCameAndWentAreInsertedAndDeleted) {
  graph_.Load(R"({"type":"Company","data":{"name":"Acme"}})");
  const std::string before = graph_.Head();
  const std::string after = graph_.Apply(
      "node Person { name: String @key  age: I32?  note: String? }\n"
      "node Town { name: String @key }\n"
      "edge Knows: Person -> Person { since: I32? }");
  graph_.Load(R"({"type":"Town","data":{"name":"Oslo"}})");
  EXPECT_THAT(graph_.Diff(before, after), ElementsAre("- node:Company Acme v4"));
  EXPECT_THAT(graph_.Diff(before, "main"),
              ElementsAre("- node:Company Acme v5", "+ node:Town Oslo v5"));
  EXPECT_THAT(graph_.Diff("main", before),
              ElementsAre("+ node:Company Acme v3", "- node:Town Oslo v3"));
}

TEST_F(DiffTest, ARenamedTypeIsTheSameTypeAndOneThatCameBackIsNot) {
  const std::string renamed = graph_.Apply(
      "node Human @rename_from(\"Person\") { name: String @key  years: I32? @rename_from(\"age\")"
      "  note: String? }\n"
      "node Company { name: String @key }\n"
      "edge Knows: Human -> Human { since: I32? }");
  EXPECT_THAT(graph_.Diff(base_, renamed), IsEmpty());
  graph_.Load(R"({"type":"Human","data":{"name":"Bob","years":26}})");
  EXPECT_THAT(graph_.Diff(base_, "main"), ElementsAre("~ node:Human Bob v4 (years)"));
  ChangeFilter old_name;
  old_name.type_names = {"Person"};
  EXPECT_THAT(graph_.Diff(base_, "main", old_name), ::testing::SizeIs(1));

  graph_.Load(R"({"type":"Company","data":{"name":"Acme"}})");
  const std::string with_company = graph_.Head();
  graph_.Apply(
      "node Human { name: String @key  years: I32?  note: String? }\n"
      "edge Knows: Human -> Human { since: I32? }");
  graph_.Apply(
      "node Human { name: String @key  years: I32?  note: String? }\n"
      "node Company { name: String @key }\n"
      "edge Knows: Human -> Human { since: I32? }");
  graph_.Load(R"({"type":"Company","data":{"name":"Acme"}})");
  EXPECT_THAT(graph_.Diff(with_company, "main"),
              ElementsAre("- node:Company Acme v8", "+ node:Company Acme v8"));
}

TEST_F(DiffTest, AValueThatOneSchemaDoesNotKnowIsNullThere) {
  const std::string schema =
      "node Company { name: String @key }\nedge Knows: Person -> Person { since: I32? }\n"
      "node Person { name: String @key  note: String? ";
  const std::string more = graph_.Apply(schema + " age: I32?  size: I32? }");
  EXPECT_THAT(graph_.Diff(base_, more), IsEmpty());
  graph_.Load(R"({"type":"Person","data":{"name":"Bob","age":25,"size":9}})");
  EXPECT_THAT(graph_.Diff(base_, "main"), ElementsAre("~ node:Person Bob v4 (size)"));
  const std::string sized = graph_.Head();
  graph_.Apply(schema + " age: I32? }");
  EXPECT_THAT(graph_.Diff(sized, "main"), ElementsAre("~ node:Person Bob v5 (size)"));
  EXPECT_THAT(graph_.Diff(base_, "main"), IsEmpty());
}

TEST_F(DiffTest, TheFirstWriteOnABranchIsTheDifferenceFromWhereItForked) {
  graph_.Fork("dev");
  graph_.Load(Person("Eve", 1), "dev");
  graph_.Load(Person("Adam", 2), "main");
  EXPECT_THAT(graph_.Diff(base_, "dev"), ElementsAre("+ node:Person Eve v3"));
}

TEST_F(DiffTest, AfterAMergeTheDifferenceIsWhatTheTargetGained) {
  graph_.Fork("dev");
  graph_.Load(Person("Eve", 1) + Knows("k3", "Eve", "Bob"), "dev");
  graph_.Load(Person("Adam", 2), "main");
  const std::string before = graph_.Head();
  ASSERT_TRUE(graph_.Merge("dev", "main").ok());
  EXPECT_THAT(graph_.Diff(before, "main"),
              ElementsAre("+ edge:Knows k3 v4 Eve>Bob", "+ node:Person Eve v4"));
  EXPECT_THAT(graph_.Diff("dev", "main"), ElementsAre("+ node:Person Adam v3"));
}

TEST_F(DiffTest, AnOverwriteIsTheDifferenceOfTheRows) {
  graph_.Load(Person("Alice", 30) + Person("Eve", 1), "main", LoadMode::kOverwrite);
  EXPECT_THAT(
      graph_.Diff(base_, "main"),
      ElementsAre("- edge:Knows k1 v3 Alice>Bob", "- edge:Knows k2 v3 Bob>Carol",
                  "- node:Person Bob v3", "- node:Person Carol v3", "+ node:Person Eve v3"));
}

TEST_F(DiffTest, FiltersAreJoinedByAndAndNeverChangeAnOperation) {
  graph_.Load(Person("Eve", 7) + R"({"type":"Company","data":{"name":"Acme"}})");
  graph_.Remove("Alice");
  ChangeFilter filter;
  filter.operations = {ChangeOperation::kInsert};
  EXPECT_THAT(graph_.Diff(base_, "main", filter),
              ElementsAre("+ node:Company Acme v3", "+ node:Person Eve v3"));
  EXPECT_EQ(graph_.stats().deletes, 0u);
  filter.type_names = {"Person", "Knows"};
  EXPECT_THAT(graph_.Diff(base_, "main", filter), ElementsAre("+ node:Person Eve v3"));
  EXPECT_THAT(graph_.stats().types_affected, ElementsAre("Person"));
  filter.kinds = {EntityKind::kEdge};
  EXPECT_THAT(graph_.Diff(base_, "main", filter), IsEmpty());
  filter = {};
  filter.operations = {ChangeOperation::kDelete};
  filter.kinds = {EntityKind::kEdge};
  EXPECT_THAT(graph_.Diff(base_, "main", filter), ElementsAre("- edge:Knows k1 v4 Alice>Bob"));
  filter = {};
  filter.type_names = {"Persno"};
  EXPECT_THAT(graph_.Diff(base_, "main", filter), IsEmpty());
}

TEST_F(DiffTest, AnEndThatDoesNotExistIsNamed) {
  EXPECT_THAT(graph_.Diff("main", "nowhere"), ElementsAre(HasSubstr("'nowhere' not found")));
  EXPECT_THAT(graph_.Diff("01ARZ3NDEKTSV4RRFFQ69G5FAV", "main"),
              ElementsAre(HasSubstr("'01ARZ3NDEKTSV4RRFFQ69G5FAV' not found")));
  EXPECT_THAT(graph_.Diff("no such name!", "main"), ElementsAre(HasSubstr("not found")));
}

TEST_F(DiffTest, RowsThatWereDroppedForGoodAreAnErrorThatNamesTheirTable) {
  graph_.Load(R"({"type":"Company","data":{"name":"Acme"}})");
  const std::string before = graph_.Head();
  graph_.Apply(
      "node Person { name: String @key  age: I32?  note: String? }\n"
      "edge Knows: Person -> Person { since: I32? }",
      true);
  EXPECT_THAT(graph_.Diff(before, "main"), ElementsAre(HasSubstr("'node:Company'")));
  ChangeFilter people;
  people.type_names = {"Person"};
  EXPECT_THAT(graph_.Diff(before, "main", people), IsEmpty());
}

std::string Text(const CommitChangesAnswer& answer) {
  std::string text;
  for (const EntityChange& change : answer.block.changes) {
    AppendJson(change, text);
    text += '\n';
  }
  return text;
}

class CommitChangesTest : public DiffTest {
 protected:
  Result<CommitChangesAnswer> Changes(const std::string& commit, std::uint64_t limit = 1000,
                                      const std::string& token = "", ChangeFilter filter = {}) {
    CommitChangesRequest request;
    request.commit_id = commit;
    request.limit = limit;
    request.page_token = token;
    request.filter = std::move(filter);
    return graph_->CommitChanges(Caller(), request);
  }
};

TEST_F(CommitChangesTest, ImagesAreFullAndOnlyThoseThatThereAre) {
  const std::string commit =
      graph_.Load(Person("Eve", 7) + Person("Bob", 26) + Knows("k1", "Eve", "Bob"));
  const auto answer = Changes(commit);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(Text(*answer),
            R"({"kind":"node","type":{"id":"3","name":"Person"},"id":"Bob","op":"update",)"
            R"("before":{"properties":{"name":"Bob","age":25,"note":null}},)"
            R"("after":{"properties":{"name":"Bob","age":26,"note":null}}})"
            "\n"
            R"({"kind":"node","type":{"id":"3","name":"Person"},"id":"Eve","op":"insert",)"
            R"("after":{"properties":{"name":"Eve","age":7,"note":null}}})"
            "\n"
            R"({"kind":"edge","type":{"id":"7","name":"Knows"},"id":"k1","op":"update",)"
            R"("before":{"properties":{"since":1},"endpoints":{"from":"Alice","to":"Bob"}},)"
            R"("after":{"properties":{"since":1},"endpoints":{"from":"Eve","to":"Bob"}}})"
            "\n");
  EXPECT_EQ(answer->block.cause.graph_commit_id, commit);
  EXPECT_EQ(answer->block.cause.parent_commit_id, base_);
  EXPECT_EQ(answer->block.cause.authored_branch, "main");
  const std::string removal = graph_.Remove("Eve");
  EXPECT_EQ(Text(*Changes(removal)),
            R"({"kind":"node","type":{"id":"3","name":"Person"},"id":"Eve","op":"delete",)"
            R"("before":{"properties":{"name":"Eve","age":7,"note":null}}})"
            "\n"
            R"({"kind":"edge","type":{"id":"7","name":"Knows"},"id":"k1","op":"delete",)"
            R"("before":{"properties":{"since":1},"endpoints":{"from":"Eve","to":"Bob"}}})"
            "\n");
}

TEST_F(CommitChangesTest, PagesJoinedAreTheWhole) {
  std::string text;
  for (int i = 0; i < 23; ++i) {
    text += Person("n" + std::to_string(i), i);
    text += Knows("e" + std::to_string(i), "Alice", "n" + std::to_string(i));
  }
  const std::string commit = graph_.Load(text);
  const std::string whole = Text(*Changes(commit));
  for (const std::uint64_t limit : {1, 2, 7, 23, 45, 46, 47}) {
    std::string joined;
    std::string token;
    do {
      const auto page = Changes(commit, limit, token);
      ASSERT_TRUE(page.ok()) << page.status().message();
      EXPECT_LE(page->block.changes.size(), limit);
      EXPECT_FALSE(page->block.changes.empty());
      joined += Text(*page);
      token = page->next_page_token;
    } while (!token.empty());
    EXPECT_EQ(joined, whole) << limit;
  }
}

TEST_F(CommitChangesTest, ATokenIsGoodForItsCommitAndFilterOnly) {
  const std::string commit = graph_.Load(Person("x", 1) + Person("y", 2));
  const std::string token = Changes(commit, 1)->next_page_token;
  ASSERT_FALSE(token.empty());
  ChangeFilter nodes;
  nodes.kinds = {EntityKind::kNode};
  for (const auto& answer : {Changes(base_, 1, token), Changes(commit, 1, token, nodes),
                             Changes(commit, 1, token + "x"), Changes(commit, 1, "nonsense")}) {
    EXPECT_EQ(answer.status().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(std::string(answer.status().message()),
                ::testing::StartsWith("change cursor rejected: "));
  }
}

TEST_F(CommitChangesTest, CommitsThatOnlyMovedRowsAreEmpty) {
  graph_.Load(ManyPeople(100, 1));
  graph_.Load(Person("x", 1));
  ASSERT_TRUE(graph_->Optimize(Caller()).ok());
  const auto answer = Changes(graph_.Head());
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_FALSE(answer->refusal.has_value());
  EXPECT_THAT(answer->block.changes, IsEmpty());
}

TEST_F(CommitChangesTest, TheFirstCommitAndSchemaChangesAreRefusedWithAReason) {
  const auto genesis = Changes(graph_->ListCommits(Caller(), "main", 0)->front().graph_commit_id);
  ASSERT_TRUE(genesis.ok());
  EXPECT_EQ(genesis->refusal, DiffRefusal::kParentlessCommit);
  const std::string comment =
      graph_.Apply("// Only a remark.\n" + std::string(testing::kChangesSchema));
  EXPECT_FALSE(Changes(comment)->refusal.has_value());
  const std::string changed =
      graph_.Apply(std::string(testing::kChangesSchema) + "node Town { name: String @key }");
  EXPECT_EQ(Changes(changed)->refusal, DiffRefusal::kSchemaBoundary);
  EXPECT_THAT(Changes(changed)->refusal_text, HasSubstr(changed));
}

TEST_F(CommitChangesTest, AMergeIsComparedWithItsFirstParent) {
  graph_.Fork("dev");
  graph_.Load(Person("Eve", 1), "dev");
  graph_.Load(Person("Adam", 2), "main");
  ASSERT_TRUE(graph_.Merge("dev", "main").ok());
  const auto answer = Changes(graph_.Head());
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  ASSERT_EQ(answer->block.changes.size(), 1u);
  EXPECT_EQ(answer->block.changes[0].id, "Eve");
  EXPECT_EQ(answer->block.cause.merged_parent_commit_id, graph_.Head("dev"));
}

TEST_F(CommitChangesTest, PagesOfNoneOrTooManyAreRefused) {
  EXPECT_THAT(std::string(Changes(base_, 0).status().message()), HasSubstr("limit 0"));
  EXPECT_FALSE(Changes(base_, kChangesPageMax + 1).ok());
}

TEST_F(CommitChangesTest, ACommitOfAForbiddenBranchIsLikeOneThatDoesNotExist) {
  graph_.Fork("dev");
  const std::string hidden = graph_.Load(Person("Eve", 1), "dev");
  constexpr std::string_view kBundle =
      "version: 1\ngroups:\n  g: [ada]\nprotected_branches: [main]\nrules:\n"
      "  - { id: r, allow: { actors: { group: g }, actions: [read], branch_scope: protected } }\n";
  OpenOptions options;
  options.graph_id = "g";
  auto bundle = policy::ParseBundle("b.yaml", std::string(kBundle));
  ASSERT_TRUE(bundle.ok()) << bundle.status().message();
  const std::vector<policy::Binding> bindings = {
      {"b", std::make_shared<const policy::Bundle>(*std::move(bundle)), policy::BundleKind::kGraph,
       "g"}};
  auto engine = policy::PolicyEngine::Compile(bindings);
  ASSERT_TRUE(engine.ok()) << engine.status().message();
  options.policy = std::make_shared<const policy::PolicyEngine>(*std::move(engine));
  const auto guarded = *Graph::Open(graph_.store(), options);
  Caller ada;
  ada.actor = "ada";
  CommitChangesRequest request;
  request.commit_id = base_;
  EXPECT_TRUE(guarded->CommitChanges(ada, request).ok());
  request.commit_id = hidden;
  const Status forbidden = guarded->CommitChanges(ada, request).status();
  EXPECT_EQ(forbidden.code(), ErrorCode::kNotFound);
  request.commit_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  const Status unknown = guarded->CommitChanges(ada, request).status();
  std::string expected(unknown.message());
  expected.replace(expected.find(request.commit_id), request.commit_id.size(), hidden);
  EXPECT_EQ(forbidden.message(), expected);

  DiffRequest diff;
  diff.from = "main";
  diff.to = "dev";
  EXPECT_EQ(guarded->Diff(ada, diff).status().code(), ErrorCode::kPermissionDenied);
  ChangeFeedRequest poll;
  poll.branch = "dev";
  EXPECT_EQ(guarded->PollChanges(ada, poll).status().code(), ErrorCode::kPermissionDenied);
  BaselineRequest baseline;
  EXPECT_EQ(guarded->CaptureBaseline(ada, baseline).status().code(), ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace omnigraph::engine
