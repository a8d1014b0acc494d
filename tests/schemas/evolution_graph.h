// A graph under test whose schema evolves, and its rows as a model that can evolve beside it.

#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "store/object_store.h"

namespace omnigraph::schemas {

/// Every row of a graph by "Type/id": its values without nulls, of edges also "from" and "to".
using Records = std::map<std::string, nlohmann::json>;

/// What a schema change should do to the rows. What is not named stays.
struct RowMapping {
  std::map<std::string, std::string> renamed_types{};       ///< Old name, new name.
  std::set<std::string> dropped_types{};                    ///< Old names.
  std::map<std::string, std::string> renamed_properties{};  ///< "OldType.old", new name.
  std::set<std::string> dropped_properties{};               ///< "OldType.old".
  /// "NewType.new" and the value of rows that have none.
  std::map<std::string, nlohmann::json> added{};

  Records Apply(const Records& before) const;
};

class EvolutionGraph {
 public:
  /// A new graph in `store`.
  EvolutionGraph(std::shared_ptr<store::ObjectStore> store, std::string_view schema);

  /// As another process would: nothing is kept in memory.
  void Reopen();
  /// A handle of its own on the same store.
  std::shared_ptr<engine::Graph> AnotherHandle() const;

  Status Load(const std::string& text, engine::LoadMode mode = engine::LoadMode::kMerge);
  Result<engine::SchemaChangeAnswer> Apply(std::string_view source,
                                           engine::SchemaChangeRequest request = {});
  Result<engine::SchemaChangeAnswer> Plan(std::string_view source,
                                          engine::SchemaChangeRequest request = {});
  /// The rows of the head, or of a commit.
  Result<Records> Read(const std::string& snapshot = "");
  engine::SchemaAnswer Schema(const std::string& snapshot = "");
  std::string HeadCommit();

  engine::Graph& graph() { return *graph_; }

 private:
  std::shared_ptr<store::ObjectStore> store_;
  std::shared_ptr<engine::Graph> graph_;
};

/// Loads `text` through `graph`.
Status LoadInto(engine::Graph& graph, const std::string& text, engine::LoadMode mode);

}  // namespace omnigraph::schemas
