// A small graph to compare commits of, for tests: short ways to write, and differences as text.

#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/changes.h"
#include "engine/local_graph.h"
#include "engine/maintenance.h"
#include "store/memory_store.h"

namespace omnigraph::engine::testing {

inline constexpr std::string_view kChangesSchema = R"(
node Person { name: String @key  age: I32?  note: String? }
node Company { name: String @key }
edge Knows: Person -> Person { since: I32? }
)";

inline constexpr std::string_view kChangesQueries = R"(
query remove($name: String) { delete Person where name = $name }
query grow($name: String, $age: I32?) { update Person set { age: $age } where name = $name }
query link($a: String, $b: String) { insert Knows { from: $a, to: $b } }
)";

class ChangesGraph {
 public:
  explicit ChangesGraph(
      std::shared_ptr<store::ObjectStore> store = std::make_shared<store::MemoryStore>(),
      std::string_view schema = kChangesSchema)
      : store_(std::move(store)) {
    EXPECT_TRUE(Graph::Init(store_, "g", schema, false).ok());
    Reopen();
  }

  void Reopen() { graph_ = *Graph::Open(store_, OpenOptions{}); }
  Graph& operator*() const { return *graph_; }
  Graph* operator->() const { return graph_.get(); }
  const std::shared_ptr<store::ObjectStore>& store() const { return store_; }

  /// Loads record lines and gives the commit's id.
  std::string Load(std::string text, const std::string& branch = "main",
                   LoadMode mode = LoadMode::kMerge) const {
    LoadRequest request;
    request.source_name = "rows";
    request.mode = mode;
    request.branch = branch;
    request.read = [&text](char* buffer, std::size_t size_max) -> Result<std::size_t> {
      const std::size_t size = std::min(size_max, text.size());
      std::memcpy(buffer, text.data(), size);
      text.erase(0, size);
      return size;
    };
    const auto loaded = graph_->Load(Caller(), request);
    EXPECT_TRUE(loaded.ok()) << loaded.status().message();
    return loaded.ok() && loaded->commit ? loaded->commit->graph_commit_id : "";
  }

  std::string Mutate(std::string_view name, const std::string& params,
                     const std::string& branch = "main") const {
    MutationRequest request;
    request.source = kChangesQueries;
    request.name = name;
    request.params_json = params;
    request.branch = branch;
    const auto answer = graph_->Mutate(Caller(), request);
    EXPECT_TRUE(answer.ok()) << answer.status().message();
    return answer.ok() && answer->commit ? answer->commit->graph_commit_id : "";
  }
  std::string Remove(const std::string& name, const std::string& branch = "main") const {
    return Mutate("remove", R"({"name":")" + name + "\"}", branch);
  }

  std::string Head(std::string branch = "main") const {
    return graph_->Snapshot(Caller(), {std::move(branch), ""})->graph_commit_id;
  }

  std::string Apply(std::string_view schema, bool allows_data_loss = false) const {
    SchemaChangeRequest request;
    request.source = schema;
    request.allow_data_loss = allows_data_loss;
    const auto applied = graph_->ApplySchema(Caller(), request);
    EXPECT_TRUE(applied.ok()) << applied.status().message();
    return Head();
  }

  void Fork(const std::string& name, const std::string& from = "main") const {
    const Status created = graph_->CreateBranch(Caller(), name, from);
    EXPECT_TRUE(created.ok()) << created.message();
  }

  Result<MergeAnswer> Merge(const std::string& source, const std::string& target) const {
    MergeRequest request;
    request.source = source;
    request.target = target;
    return graph_->Merge(Caller(), request);
  }

  /// "+ node:Person Eve v4", "~ edge:Knows k1 v5 Alice>Eve (since)", or the error alone.
  std::vector<std::string> Diff(const std::string& from, const std::string& to,
                                const ChangeFilter& filter = {}) {
    DiffRequest request;
    request.from = from;
    request.to = to;
    request.filter = filter;
    std::vector<std::string> lines;
    request.on_start = [this](const DiffHead& head) {
      head_ = head;
      return Status::Ok();
    };
    request.on_change = [&lines](const DiffChange& change) {
      lines.push_back(Line(change));
      return Status::Ok();
    };
    const auto stats = graph_->Diff(Caller(), request);
    if (!stats.ok()) return {std::string(stats.status().message())};
    stats_ = *stats;
    return lines;
  }

  /// Of the last `Diff`.
  const DiffHead& head() const { return head_; }
  const DiffStats& stats() const { return stats_; }

 private:
  static std::string Line(const DiffChange& change) {
    std::string line = change.operation == ChangeOperation::kInsert   ? "+ "
                       : change.operation == ChangeOperation::kDelete ? "- "
                                                                      : "~ ";
    line += change.table_key + " " + change.id + " v" + std::to_string(change.manifest_version);
    if (change.endpoints) line += " " + change.endpoints->src + ">" + change.endpoints->dst;
    for (std::size_t i = 0; i < change.properties.size(); ++i)
      line += (i == 0 ? " (" : " ") + change.properties[i];
    return change.properties.empty() ? line : line + ")";
  }

  const std::shared_ptr<store::ObjectStore> store_;
  std::shared_ptr<Graph> graph_;
  DiffHead head_;
  DiffStats stats_;
};

inline std::string Person(const std::string& name, int age) {
  return R"({"type":"Person","data":{"name":")" + name + R"(","age":)" + std::to_string(age) +
         "}}\n";
}

inline std::string Knows(const std::string& id, const std::string& from, const std::string& to,
                         int since = 1) {
  return R"({"edge":"Knows","from":")" + from + R"(","to":")" + to + R"(","data":{"id":")" + id +
         R"(","since":)" + std::to_string(since) + "}}\n";
}

}  // namespace omnigraph::engine::testing
