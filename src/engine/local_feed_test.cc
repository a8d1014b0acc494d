// Tests of the change feed and its baselines: starts, pages, cursors, gaps; and of diffs and feeds
// against a model over random histories.

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

#include "engine/changes_fixture.h"

namespace omnigraph::engine {
namespace {

using testing::ChangesGraph;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Knows;
using testing::Person;
using ::testing::StartsWith;

// Images by "node:6:Alice".
using Entities = std::map<std::string, std::string>;

// Takes `,"x":null` out of a JSON object of properties: a property that a schema does not know.
std::string WithoutNulls(std::string json) {
  constexpr std::string_view kNull = ":null";
  for (std::size_t at = json.find(kNull); at != std::string::npos; at = json.find(kNull)) {
    const std::size_t quote = json.rfind('"', at - 2);
    const bool has_comma_before = json[quote - 1] == ',';
    const std::size_t begin = has_comma_before ? quote - 1 : quote;
    std::size_t end = at + kNull.size();
    if (!has_comma_before && json[end] == ',') ++end;
    json.erase(begin, end - begin);
  }
  return json;
}

std::string EntityKey(const EntityChange& change) {
  return std::string(EntityKindName(change.kind)) + ":" + change.type_id + ":" + change.id;
}

struct Baseline {
  Entities entities;
  BaselineAnswer answer;
  std::string last_line;
};

Baseline Capture(Graph& graph, const std::string& branch, const ChangeFilter& filter = {}) {
  Baseline baseline;
  BaselineRequest request;
  request.branch = branch;
  request.filter = filter;
  std::string text;
  request.write = [&text](std::string_view lines) {
    text += lines;
    return Status::Ok();
  };
  auto answer = graph.CaptureBaseline(Caller(), request);
  EXPECT_TRUE(answer.ok()) << answer.status().message();
  baseline.answer = *std::move(answer);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    baseline.last_line = line;
    if (!line.starts_with("{\"kind\":\"")) continue;
    // {"kind":"K","type":{"id":"T","name":"N"},"id":"I","image":{…}}
    const auto value_at = [&line](std::string_view key, std::size_t from) {
      const std::size_t begin = line.find(key, from) + key.size();
      return std::pair(line.substr(begin, line.find('"', begin) - begin), begin);
    };
    const auto [kind, after_kind] = value_at("\"kind\":\"", 0);
    const auto [type, after_type] = value_at("\"type\":{\"id\":\"", after_kind);
    const auto [id, after_id] = value_at("},\"id\":\"", after_type);
    const std::size_t image = line.find("\"image\":", after_id) + 8;
    baseline.entities[kind + ":" + type + ":" + id] =
        WithoutNulls(line.substr(image, line.size() - image - 1));
  }
  return baseline;
}

// A consumer that applies what it is told, and checks that it fits what it has.
class Replica {
 public:
  explicit Replica(Graph& graph, std::string branch = "main")
      : graph_(graph), branch_(std::move(branch)) {}

  Result<ChangeFeedAnswer> Poll(std::uint64_t limit = 1000, const std::string& start = "") {
    ChangeFeedRequest request;
    request.branch = branch_;
    request.limit = limit;
    request.filter = filter_;
    if (!page_token_.empty()) {
      request.page_token = page_token_;
    } else if (!cursor_.empty()) {
      request.cursor = cursor_;
    } else {
      request.start = start;
    }
    auto answer = graph_.PollChanges(Caller(), request);
    if (!answer.ok() || answer->gap) return answer;
    for (const ChangeBlock& block : answer->blocks) {
      blocks_.push_back(block.cause.graph_commit_id);
      for (const EntityChange& change : block.changes)
        Apply(change);
    }
    EXPECT_NE(answer->cursor.empty(), answer->next_page_token.empty());
    page_token_ = answer->next_page_token;
    if (!answer->cursor.empty()) cursor_ = answer->cursor;
    return answer;
  }

  void CatchUp(std::uint64_t limit = 1000, const std::string& start = "") {
    for (int i = 0; i < 100'000; ++i) {
      const auto answer = Poll(limit, start);
      ASSERT_TRUE(answer.ok()) << answer.status().message();
      ASSERT_FALSE(answer->gap.has_value()) << answer->gap->text;
      if (answer->is_caught_up) return;
    }
    FAIL() << "the feed does not end";
  }

  void StartFrom(const Baseline& baseline) {
    entities_ = baseline.entities;
    cursor_ = baseline.answer.resume_cursor;
    page_token_.clear();
  }

  const Entities& entities() const { return entities_; }
  const std::vector<std::string>& blocks() const { return blocks_; }
  const std::string& cursor() const { return cursor_; }
  void set_cursor(std::string cursor) { cursor_ = std::move(cursor); }
  void set_filter(ChangeFilter filter) { filter_ = std::move(filter); }

 private:
  void Apply(const EntityChange& change) {
    const std::string key = EntityKey(change);
    if (!change.before_json.empty()) {
      EXPECT_EQ(entities_[key], WithoutNulls(change.before_json)) << key;
    } else {
      EXPECT_FALSE(entities_.contains(key)) << key;
    }
    if (change.after_json.empty()) {
      entities_.erase(key);
    } else {
      entities_[key] = WithoutNulls(change.after_json);
    }
  }

  Graph& graph_;
  const std::string branch_;
  ChangeFilter filter_;
  Entities entities_;
  std::vector<std::string> blocks_;
  std::string cursor_;
  std::string page_token_;
};

class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    first_ = graph_.Load(Person("Alice", 30) + Person("Bob", 25));
    second_ = graph_.Load(Person("Carol", 40) + Knows("k1", "Alice", "Carol"));
  }
  ChangesGraph graph_;
  std::string first_;
  std::string second_;
};

TEST_F(FeedTest, ItStartsNowOrAtTheBeginningOrAfterACommit) {
  Replica now(*graph_);
  EXPECT_TRUE(now.Poll()->is_caught_up);
  EXPECT_THAT(now.blocks(), IsEmpty());
  Replica beginning(*graph_);
  beginning.CatchUp(1000, "beginning");
  EXPECT_THAT(beginning.blocks(), ElementsAre(first_, second_));
  Replica after(*graph_);
  EXPECT_TRUE(after.Poll(1000, "now").ok());
  const std::string third = graph_.Load(Person("Dan", 1));
  after.CatchUp();
  EXPECT_THAT(after.blocks(), ElementsAre(third));
  ChangeFeedRequest request;
  request.start = "after:" + first_;
  const auto answer = graph_->PollChanges(Caller(), request);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  ASSERT_EQ(answer->blocks.size(), 2u);
  EXPECT_EQ(answer->blocks[0].cause.graph_commit_id, second_);
  EXPECT_EQ(answer->blocks[0].changes.size(), 2u);
}

TEST_F(FeedTest, BadStartsAreRefused) {
  ChangeFeedRequest request;
  request.start = "yesterday";
  EXPECT_THAT(std::string(graph_->PollChanges(Caller(), request).status().message()),
              HasSubstr("'yesterday'"));
  graph_.Fork("dev");
  request.start = "after:" + graph_.Load(Person("Eve", 1), "dev");
  EXPECT_EQ(graph_->PollChanges(Caller(), request).status().code(), ErrorCode::kNotFound);
  request.start = "after:01ARZ3NDEKTSV4RRFFQ69G5FAV";
  EXPECT_EQ(graph_->PollChanges(Caller(), request).status().code(), ErrorCode::kNotFound);
  request.cursor = "x";
  EXPECT_THAT(std::string(graph_->PollChanges(Caller(), request).status().message()),
              HasSubstr("one of"));
  request = {};
  request.branch = "nowhere";
  EXPECT_EQ(graph_->PollChanges(Caller(), request).status().code(), ErrorCode::kNotFound);
}

TEST_F(FeedTest, PagesOfAnySizeTellEveryChangeOnceAndEndBetweenCommits) {
  graph_.Remove("Alice");
  graph_.Load(Person("Eve", 1) + Person("Bob", 26));
  Replica whole(*graph_);
  whole.CatchUp(1000, "beginning");
  for (const std::uint64_t limit : {1, 2, 3, 5}) {
    Replica paged(*graph_);
    paged.CatchUp(limit, "beginning");
    EXPECT_EQ(paged.entities(), whole.entities()) << limit;
    EXPECT_EQ(std::set(paged.blocks().begin(), paged.blocks().end()).size(), 4u);
  }
  EXPECT_EQ(whole.entities(), Capture(*graph_, "main").entities);
}

TEST_F(FeedTest, ACursorMayBeUsedAgainAndTellsTheSame) {
  Replica replica(*graph_);
  ASSERT_TRUE(replica.Poll(1000, "now").ok());
  const std::string cursor = replica.cursor();
  graph_.Load(Person("Dan", 1));
  ChangeFeedRequest request;
  request.cursor = cursor;
  const auto first = graph_->PollChanges(Caller(), request);
  graph_.Reopen();
  const auto again = graph_->PollChanges(Caller(), request);
  ASSERT_TRUE(first.ok() && again.ok());
  ASSERT_EQ(again->blocks.size(), 1u);
  std::string texts[2];
  AppendJson(first->blocks[0], texts[0]);
  AppendJson(again->blocks[0], texts[1]);
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_EQ(first->cursor, again->cursor);
}

TEST_F(FeedTest, ACursorIsOfOneGraphBranchIncarnationAndFilter) {
  graph_.Fork("dev");
  Replica dev(*graph_, "dev");
  ASSERT_TRUE(dev.Poll(1000, "now").ok());
  const auto poll = [](Graph& graph, const std::string& branch, const std::string& cursor,
                       const ChangeFilter& filter) {
    ChangeFeedRequest request;
    request.branch = branch;
    request.cursor = cursor;
    request.filter = filter;
    return std::string(graph.PollChanges(Caller(), request).status().message());
  };
  ChangeFilter nodes;
  nodes.kinds = {EntityKind::kNode};
  EXPECT_EQ(poll(*graph_, "dev", dev.cursor(), {}), "");
  EXPECT_THAT(poll(*graph_, "dev", dev.cursor(), nodes), StartsWith("change cursor rejected: "));
  EXPECT_THAT(poll(*graph_, "main", dev.cursor(), {}), StartsWith("change cursor rejected: "));
  ChangesGraph other;
  other.Fork("dev");
  EXPECT_THAT(poll(*other, "dev", dev.cursor(), {}), StartsWith("change cursor rejected: "));
  graph_.Load(Person("Eve", 1), "dev");
  EXPECT_EQ(poll(*graph_, "dev", dev.cursor(), {}), "");
  ASSERT_TRUE(graph_->DeleteBranch(Caller(), "dev").ok());
  graph_.Fork("dev");
  EXPECT_THAT(poll(*graph_, "dev", dev.cursor(), {}), HasSubstr("created again"));
}

TEST_F(FeedTest, HistoryThatWasCleanedUpIsAGapAndABaselineLeadsOn) {
  Replica late(*graph_);
  ASSERT_TRUE(late.Poll(1000, "now").ok());
  for (int i = 0; i < 4; ++i)
    graph_.Load(Person("n" + std::to_string(i), i));
  Replica current(*graph_);
  ASSERT_TRUE(current.Poll(1000, "now").ok());
  CleanupRequest cleanup;
  cleanup.keep_versions = 1;
  cleanup.grace_secs = 0;
  ASSERT_TRUE(graph_->Cleanup(Caller(), cleanup).ok());

  const auto gap = late.Poll();
  ASSERT_TRUE(gap.ok()) << gap.status().message();
  ASSERT_TRUE(gap->gap.has_value());
  EXPECT_EQ(gap->gap->cursor, late.cursor());
  EXPECT_EQ(gap->gap->first_unreadable_commit_id, second_);
  EXPECT_THAT(gap->gap->text, HasSubstr("baseline"));
  Replica fresh(*graph_);
  EXPECT_TRUE(fresh.Poll(1000, "beginning")->gap.has_value());
  EXPECT_TRUE(current.Poll()->is_caught_up);

  late.StartFrom(Capture(*graph_, "main"));
  graph_.Load(Person("Zoe", 9));
  graph_.Remove("Alice");
  late.CatchUp();
  EXPECT_EQ(late.entities(), Capture(*graph_, "main").entities);
}

TEST_F(FeedTest, BranchesCarryTheHistoryThatTheyInherit) {
  graph_.Fork("dev");
  const std::string own = graph_.Load(Person("Eve", 1), "dev");
  const std::string other = graph_.Load(Person("Adam", 1), "main");
  Replica dev(*graph_, "dev");
  dev.CatchUp(1000, "beginning");
  EXPECT_THAT(dev.blocks(), ElementsAre(first_, second_, own));
  ASSERT_TRUE(graph_.Merge("main", "dev").ok());
  dev.CatchUp();
  EXPECT_EQ(dev.blocks().back(), graph_.Head("dev"));
  EXPECT_EQ(dev.blocks().size(), 4u);
  EXPECT_EQ(dev.entities(), Capture(*graph_, "dev").entities);
}

TEST_F(FeedTest, SchemaChangesAndCompactionsDoNotStopIt) {
  Replica replica(*graph_);
  replica.CatchUp(1000, "beginning");
  ASSERT_TRUE(graph_->Optimize(Caller()).ok());
  graph_.Apply(
      "node Human @rename_from(\"Person\") { name: String @key  age: I32? }\n"
      "edge Knows: Human -> Human { since: I32? }");
  graph_.Load(R"({"type":"Human","data":{"name":"Eve","age":1}})");
  replica.CatchUp(1);
  EXPECT_EQ(replica.entities(), Capture(*graph_, "main").entities);
  EXPECT_EQ(replica.blocks().back(), graph_.Head());
}

TEST_F(FeedTest, BlocksOfCommitsWithoutAMatchAreEmpty) {
  ChangeFilter filter;
  filter.kinds = {EntityKind::kEdge};
  Replica replica(*graph_);
  replica.set_filter(filter);
  replica.CatchUp(1000, "beginning");
  EXPECT_THAT(replica.blocks(), ElementsAre(first_, second_));
  EXPECT_EQ(replica.entities().size(), 1u);
  EXPECT_EQ(replica.entities(), Capture(*graph_, "main", filter).entities);
}

TEST_F(FeedTest, ABaselineEndsWithTheCommitAndTheCursor) {
  const Baseline baseline = Capture(*graph_, "main");
  EXPECT_EQ(baseline.answer.snapshot_commit_id, second_);
  EXPECT_EQ(baseline.entities.size(), 4u);
  std::string last = "{\"baseline\":";
  AppendJson(baseline.answer, last);
  EXPECT_EQ(baseline.last_line, last + "}");
}

// --- Random histories

using Records = std::map<std::string, std::string>;  // Export lines by "node:Person Alice".

Records Export(Graph& graph, const std::string& commit) {
  Records records;
  ExportRequest request;
  request.target.snapshot = commit;
  request.write = [&records](std::string_view lines) {
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      const std::string line(lines.substr(0, end));
      lines.remove_prefix(end + 1);
      const bool is_edge = line.starts_with("{\"edge\"");
      const std::size_t type = 9;
      const std::size_t id = line.find("\"id\":\"") + 6;
      records[(is_edge ? "edge:" : "node:") + line.substr(type, line.find('"', type) - type) + " " +
              line.substr(id, line.find('"', id) - id)] = WithoutNulls(line);
    }
    return Status::Ok();
  };
  const Status exported = graph.Export(Caller(), request);
  EXPECT_TRUE(exported.ok()) << exported.message();
  return records;
}

// Operations by "node:Person Alice".
std::map<std::string, ChangeOperation> Differences(Graph& graph, const std::string& from,
                                                   const std::string& to) {
  std::map<std::string, ChangeOperation> differences;
  DiffRequest request;
  request.from = from;
  request.to = to;
  request.on_change = [&](const DiffChange& change) {
    EXPECT_TRUE(differences.emplace(change.table_key + " " + change.id, change.operation).second);
    return Status::Ok();
  };
  const auto stats = graph.Diff(Caller(), request);
  EXPECT_TRUE(stats.ok()) << stats.status().message();
  return differences;
}

std::map<std::string, ChangeOperation> Expected(const Records& from, const Records& to) {
  std::map<std::string, ChangeOperation> expected;
  for (const auto& [key, line] : to) {
    const auto old = from.find(key);
    if (old == from.end()) {
      expected[key] = ChangeOperation::kInsert;
    } else if (old->second != line) {
      expected[key] = ChangeOperation::kUpdate;
    }
  }
  for (const auto& [key, line] : from) {
    if (!to.contains(key)) expected[key] = ChangeOperation::kDelete;
  }
  return expected;
}

class RandomHistory {
 public:
  RandomHistory(ChangesGraph& graph, unsigned seed) : graph_(graph), random_(seed) {}

  void Step() {
    const std::string branch = branches_[Pick(branches_.size())];
    switch (Pick(12)) {
      case 0:
        return Fork();
      case 1:
        return MergeOrDelete();
      case 2:
        (void)graph_->Optimize(Caller());
        break;
      case 3:
        return ChangeSchema();
      case 4:
      case 5:
        graph_.Remove(Name(), branch);
        break;
      case 6:
        LoadMany(branch);
        break;
      default:
        LoadSome(branch);
    }
    Note(branch);
  }

  const std::vector<std::string>& commits() const { return commits_; }
  std::string AnyCommit() { return commits_[Pick(commits_.size())]; }

 private:
  std::size_t Pick(std::size_t count) { return random_() % count; }
  std::string Name() { return "p" + std::to_string(Pick(12)); }
  void Note(const std::string& branch) { commits_.push_back(graph_.Head(branch)); }

  std::string SomePerson(const std::string& name) {
    std::string record = R"({"type":"Person","data":{"name":")" + name + "\"";
    if (Pick(3) > 0) record += R"(,"age":)" + std::to_string(Pick(3));
    if (has_size_ && Pick(2) > 0) record += R"(,"size":)" + std::to_string(Pick(3));
    return record + "}}\n";
  }

  void LoadSome(const std::string& branch) {
    const std::string from = Name();
    const std::string to = Name();
    std::string text = SomePerson(from);
    if (to != from) text += SomePerson(to);
    if (Pick(2) == 0) {
      text += Knows("k" + std::to_string(Pick(8)), from, to, static_cast<int>(Pick(2)));
    }
    const bool overwrites = Pick(12) == 0;
    graph_.Load(text, branch, overwrites ? LoadMode::kOverwrite : LoadMode::kMerge);
  }

  // Enough for a fragment, mostly of rows that are there already.
  void LoadMany(const std::string& branch) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
      text += R"({"type":"Person","data":{"name":"many)" + std::to_string(i) + R"(","age":)" +
              std::to_string(Pick(40) == 0 ? 1 : 0) + R"(,"note":")" + std::string(400, 'x') +
              "\"}}\n";
    }
    graph_.Load(text, branch);
  }

  void Fork() {
    if (branches_.size() > 3) return;
    const std::string name = "b" + std::to_string(++forks_count_);
    graph_.Fork(name, branches_[Pick(branches_.size())]);
    branches_.push_back(name);
  }

  // Commits of deleted branches that nothing else leads to cannot be read any more.
  bool Delete(const std::string& branch) {
    if (!graph_->DeleteBranch(Caller(), branch).ok()) return false;
    std::erase(branches_, branch);
    std::erase_if(commits_, [this](const std::string& commit) {
      return !graph_->ShowCommit(Caller(), commit).ok();
    });
    return true;
  }

  void MergeOrDelete() {
    if (branches_.size() == 1) return;
    const std::string source = branches_[1 + Pick(branches_.size() - 1)];
    if (Pick(2) == 0) {
      (void)Delete(source);  // Refused for one that others were made from.
      return;
    }
    const auto merged = graph_.Merge(source, "main");
    ASSERT_TRUE(merged.ok()) << merged.status().message();
    Note("main");
  }

  // Only a graph without other branches may change its schema.
  void ChangeSchema() {
    while (branches_.size() > 1) {
      const std::string last = branches_.back();
      if (!Delete(last)) return;
    }
    has_size_ = !has_size_;
    graph_.Apply("node Person { name: String @key  age: I32?  note: String? " +
                 std::string(has_size_ ? "size: I32? }" : "}") +
                 "\nedge Knows: Person -> Person { since: I32? }" +
                 (Pick(2) == 0 ? "\nnode Company { name: String @key }" : ""));
    Note("main");
  }

  ChangesGraph& graph_;
  std::mt19937 random_;
  std::vector<std::string> branches_ = {"main"};
  std::vector<std::string> commits_;
  int forks_count_ = 0;
  bool has_size_ = false;
};

TEST(DiffModelTest, DiffsTurnOneExportIntoAnotherAndBackOverRandomHistories) {
  int pairs = 0;
  std::size_t rows = 0;
  for (const unsigned seed : {1u, 2u}) {
    ChangesGraph graph;
    RandomHistory history(graph, seed);
    for (int i = 0; i < 60; ++i) {
      history.Step();
      if (history.commits().empty()) continue;
      for (int j = 0; j < 3; ++j) {
        const std::string from = history.AnyCommit();
        const std::string to = j == 0 ? history.commits().back() : history.AnyCommit();
        const Records before = Export(*graph, from);
        const Records after = Export(*graph, to);
        const auto differences = Differences(*graph, from, to);
        ASSERT_EQ(differences, Expected(before, after)) << seed << ": " << from << " " << to;
        ASSERT_EQ(Differences(*graph, to, from), Expected(after, before));
        ++pairs;
        rows += differences.size();
      }
    }
  }
  std::printf("compared %d pairs of commits, %zu rows differed\n", pairs, rows);
  EXPECT_GT(rows, 1000u);
}

TEST(DiffModelTest, AReplicaThatFollowsTheFeedOfARandomHistoryHasEveryEntity) {
  int polls = 0;
  for (const unsigned seed : {4u}) {
    ChangesGraph graph;
    RandomHistory history(graph, seed);
    Replica replica(*graph);
    ASSERT_TRUE(replica.Poll(1, "beginning").ok());
    for (int i = 0; i < 60; ++i) {
      history.Step();
      if (i % 5 != 0) continue;
      replica.CatchUp(1 + i * 7);
      ++polls;
      ASSERT_EQ(replica.entities(), Capture(*graph, "main").entities) << seed << " " << i;
    }
  }
  std::printf("a replica caught up %d times\n", polls);
}

}  // namespace
}  // namespace omnigraph::engine
