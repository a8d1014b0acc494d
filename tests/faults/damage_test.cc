// Damage: each stored object in turn is deleted, emptied, cut, flipped in a bit, swapped with
// another of its kind or replaced by garbage; then each operation runs in a process that has seen
// nothing. It gives the right answer, or an error that names the object and says what to do; what
// does not need the object works; and with the object put back nothing is missing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>

#include "cell_store.h"
#include "engine/maintenance.h"
#include "sample_graph.h"
#include "store/test_directory.h"

namespace omnigraph::faults {
namespace {

namespace fs = std::filesystem;
using engine::Caller;
using engine::Graph;

using Objects = std::map<std::string, std::string>;  // Bytes by key.

Objects ReadFolder(const std::string& root) {
  Objects objects;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    objects[entry.path().string().substr(root.size() + 1)] = {std::istreambuf_iterator<char>(in),
                                                              {}};
  }
  return objects;
}

void WriteObject(const std::string& root, const std::string& key, const std::string& bytes) {
  const fs::path path = root + "/" + key;
  fs::create_directories(path.parent_path());
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

// Makes the folder hold exactly `wanted`; writes only what differs.
void Restore(const std::string& root, const Objects& wanted) {
  for (const auto& [key, bytes] : ReadFolder(root))
    if (!wanted.contains(key)) fs::remove(root + "/" + key);
  const Objects present = ReadFolder(root);
  for (const auto& [key, bytes] : wanted) {
    const auto found = present.find(key);
    if (found == present.end() || found->second != bytes) WriteObject(root, key, bytes);
  }
}

std::string KindOf(const std::string& key) {
  if (key.ends_with(".arrow")) return "fragment";
  if (key.ends_with(".key")) return "key index";
  return key.substr(0, key.find('/'));
}

struct Damage {
  std::string name;
  std::optional<std::string> bytes;  ///< None: deleted.
};

std::vector<Damage> DamagesOf(const Objects& objects, const std::string& key) {
  const std::string& bytes = objects.at(key);
  std::vector<Damage> damages = {
      {"deleted", std::nullopt}, {"emptied", ""}, {"garbage", std::string(bytes.size(), '\xA5')}};
  for (const std::size_t part : {1, 4, 7})
    damages.push_back(
        {"cut at " + std::to_string(part) + "/8", bytes.substr(0, bytes.size() * part / 8)});
  damages.push_back({"cut by one byte", bytes.substr(0, bytes.size() - 1)});
  for (const std::size_t part : {0, 2, 4, 6}) {
    std::string flipped = bytes;
    flipped[flipped.size() * part / 8] ^= 0x10;
    damages.push_back({"flipped at " + std::to_string(part) + "/8", std::move(flipped)});
  }
  for (const auto& [other, other_bytes] : objects) {
    if (other == key || KindOf(other) != KindOf(key) || other_bytes == bytes) continue;
    damages.push_back({"swapped with " + other, other_bytes});
    break;
  }
  return damages;
}

struct Operation {
  const char* name;
  std::function<Result<std::string>(Graph&)> run;
  bool is_write = false;
};

Result<std::string> RowsOf(Graph& graph, std::string_view query, engine::ReadTarget target = {}) {
  OG_ASSIGN_OR_RETURN(const Answer answer, Read(graph, query, std::move(target)));
  return answer.rows;
}

Result<std::string> Done(const Status& status) {
  OG_RETURN_IF_ERROR(status);
  return std::string("done");
}

// The same for a sound and for a damaged graph that was healed: whether rows are damaged.
Result<std::string> RepairText(Graph& graph) {
  OG_ASSIGN_OR_RETURN(const engine::RepairAnswer answer, graph.Repair(Caller(), {true}));
  for (const engine::RepairAnswer::Table& table : answer.tables)
    if (table.error) return Status::Error(ErrorCode::kCorruption, *table.error);
  for (const engine::RepairAnswer::Object& object : answer.objects)
    if (object.action == "refused") return Status::Error(ErrorCode::kCorruption, object.error);
  return std::string("sound");
}

Result<std::string> CleanupText(Graph& graph) {
  engine::CleanupRequest request;
  request.keep_versions = 1;
  request.grace_secs = 0;
  OG_ASSIGN_OR_RETURN(const engine::CleanupAnswer answer, graph.Cleanup(Caller(), request));
  for (const std::string& failure : answer.failures)
    return Status::Error(ErrorCode::kCorruption, failure);
  for (const engine::CleanupAnswer::Table& table : answer.tables)
    if (table.error) return Status::Error(ErrorCode::kCorruption, *table.error);
  return std::string("clean");
}

std::vector<Operation> Operations(const std::string& past_commit) {
  return {
      {"people", [](Graph& graph) { return RowsOf(graph, "people"); }},
      {"person", [](Graph& graph) { return RowsOf(graph, "person"); }},
      {"places", [](Graph& graph) { return RowsOf(graph, "places"); }},
      {"friends", [](Graph& graph) { return RowsOf(graph, "friends"); }},
      {"people of side", [](Graph& graph) { return RowsOf(graph, "people", {"side", ""}); }},
      {"people of the past",
       [=](Graph& graph) { return RowsOf(graph, "people", {"", past_commit}); }},
      {"export", [](Graph& graph) { return Export(graph); }},
      {"insert",
       [](Graph& graph) { return Done(Mutate(graph, "add", R"({"name":"Eve"})").status()); }, true},
      {"insert a place",
       [](Graph& graph) { return Done(Mutate(graph, "found", R"({"name":"Zoo"})").status()); },
       true},
      {"merge",
       [](Graph& graph) {
         engine::MergeRequest request;
         request.source = "side";
         return Done(graph.Merge(Caller(), request).status());
       },
       true},
      {"branch create",
       [](Graph& graph) { return Done(graph.CreateBranch(Caller(), "fresh", "main")); }, true},
      {"optimize", [](Graph& graph) { return Done(graph.Optimize(Caller()).status()); }, true},
      {"cleanup", CleanupText, true},
      {"repair", RepairText, true},
  };
}

struct Counts {
  int cases = 0;
  int answered = 0;
  int refused = 0;
};

class DamageTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  DamageTest() {
    EXPECT_TRUE(FillSample(Open()).ok());
    const auto graph = *OpenSample(Open());
    past_commit_ = (*graph->ListCommits(Caller(), "main", 0))[2].graph_commit_id;
    const engine::SnapshotAnswer snapshot = *graph->Snapshot(Caller(), {});
    for (const auto& table : snapshot.tables)
      path_of_[table.table_key] = table.table_path;
    pristine_ = ReadFolder(directory_.path());
    before_ = *StateOf(*graph);
  }

  std::shared_ptr<store::ObjectStore> Open() { return OpenFolder(directory_.path()); }

  // Operations that must work although `key` is damaged.
  bool MustWork(const std::string& operation, const std::string& key) const {
    const bool is_query_of_main = operation == "people" || operation == "person" ||
                                  operation == "places" || operation == "friends" ||
                                  operation == "export";
    const bool is_plain = is_query_of_main || operation.starts_with("insert");
    if (key.ends_with(".key")) return operation != "cleanup";
    if (key.starts_with("commits/")) return is_plain;
    if (key == "refs/side" || key == "refs/twin") return is_plain;
    if (key == "refs/main") return operation == "people of side";
    const auto is_of = [&](const char* table) {
      return key.starts_with("data/" + path_of_.at(table) + "/");
    };
    if (is_of("node:Place")) return operation.starts_with("people") || operation == "person";
    if (is_of("node:Person")) return operation == "places" || operation == "insert a place";
    if (is_of("edge:Knows") || is_of("edge:Visits")) {
      return operation.starts_with("people") || operation == "places" || operation == "person" ||
             operation.starts_with("insert");
    }
    return false;
  }

  void Check(const Operation& operation, const std::string& key, const Damage& damage,
             const std::string& expected, const std::string& after, Counts* counts) {
    SCOPED_TRACE(std::string(operation.name) + " with " + key + " " + damage.name);
    if (damage.bytes) {
      WriteObject(directory_.path(), key, *damage.bytes);
    } else {
      fs::remove(directory_.path() + "/" + key);
    }
    // Closed before the folder is put back: what it does behind its replies has then ended.
    const Result<std::string> answer = [&]() -> Result<std::string> {
      OG_ASSIGN_OR_RETURN(const auto graph, OpenSample(Open()));
      return operation.run(*graph);
    }();
    ++counts->cases;
    // A ref whose end is torn holds its last whole value: so it must, after a loss of power.
    const bool is_ref = key.starts_with("refs/");
    if (answer.ok()) {
      ++counts->answered;
      if (!is_ref) {
        EXPECT_EQ(*answer, expected);
      }
    } else {
      ++counts->refused;
      CheckRefusal(operation, key, damage, answer.status());
    }
    // Back with it: nothing else may be missing. A ref that was written to has its own truth now.
    if (!is_ref || !operation.is_write) {
      WriteObject(directory_.path(), key, pristine_.at(key));
      const auto healed = OpenSample(Open());
      ASSERT_TRUE(healed.ok());
      const auto state = StateOf(**healed);
      ASSERT_TRUE(state.ok()) << state.status().message();
      EXPECT_TRUE(*state == before_ || *state == after) << *state;
      if (answer.ok()) {
        EXPECT_EQ(*state, after);
      }
    }
    if (operation.is_write) Restore(directory_.path(), pristine_);
    WriteObject(directory_.path(), key, pristine_.at(key));
  }

  void CheckRefusal(const Operation& operation, const std::string& key, const Damage& damage,
                    const Status& status) const {
    using ::testing::HasSubstr;
    const std::string message(status.message());
    EXPECT_FALSE(MustWork(operation.name, key)) << message;
    // A missing ref is a branch that is not there, and somebody who asks for a commit by its id is
    // told that there is none; everywhere else something refers to the object.
    const bool may_be_unknown =
        !damage.bytes && (key.starts_with("refs/") || message.find("commit '") == 0);
    if (may_be_unknown && status.code() == ErrorCode::kNotFound) {
      EXPECT_THAT(message, HasSubstr(key.substr(key.find('/') + 1)));
      return;
    }
    EXPECT_EQ(status.code(), ErrorCode::kCorruption) << message;
    // A record within a ref's file is the only place of a commit that was not filed yet: then it is
    // that commit which is missing, and the branch is at work as before.
    const bool may_name_a_commit = key.starts_with("refs/") && damage.bytes;
    if (!may_name_a_commit || message.find("object 'commits/") != 0) {
      EXPECT_THAT(message, HasSubstr(key));
    }
    EXPECT_THAT(message, HasSubstr("restore it from a copy"));
  }

  store::TestDirectory directory_;
  std::string past_commit_;
  std::map<std::string, std::string> path_of_;  // Folders of tables by table key.
  Objects pristine_;
  std::string before_;
};

INSTANTIATE_TEST_SUITE_P(Of, DamageTest, ::testing::Range(std::size_t{0}, Operations("").size()),
                         [](const auto& index) {
                           std::string name = Operations("")[index.param].name;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

TEST_P(DamageTest, IsNamedHarmsNothingElseAndLosesNothing) {
  const Operation operation = Operations(past_commit_)[GetParam()];
  const Result<std::string> expected = operation.run(**OpenSample(Open()));
  ASSERT_TRUE(expected.ok()) << expected.status().message();
  const std::string after = *StateOf(**OpenSample(Open()));
  Restore(directory_.path(), pristine_);
  Counts counts;
  for (const auto& [key, bytes] : pristine_) {
    for (const Damage& damage : DamagesOf(pristine_, key))
      Check(operation, key, damage, *expected, after, &counts);
  }
  std::printf("damage under %s: %d cases, %d answered rightly, %d refused by name, 0 losses\n",
              operation.name, counts.cases, counts.answered, counts.refused);
}

}  // namespace
}  // namespace omnigraph::faults
