// A small graph that the tests of this folder break, and short ways to use it.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "store/object_store.h"

namespace omnigraph::faults {

extern const std::string_view kSampleSchema;
extern const std::string_view kSampleQueries;

/// How much longer than in CI the randomised tests run: OMNIGRAPH_FAULTS_SCALE, else 1.
int Scale();

/// Errors: as `Graph::Open`.
Result<std::shared_ptr<engine::Graph>> OpenSample(std::shared_ptr<store::ObjectStore> store);

/// Runs one of `kSampleQueries` as a mutation; `actor` is recorded with its commit.
Result<engine::MutationAnswer> Mutate(engine::Graph& graph, std::string_view name,
                                      std::string_view params_json, std::string branch = "main",
                                      std::string actor = "somebody");

/// A load of `text` with the given mode; its branch and `from` may be set by the caller.
engine::LoadRequest TextLoad(std::string_view text,
                             engine::LoadMode mode = engine::LoadMode::kMerge);
Status Load(engine::Graph& graph, const engine::LoadRequest& request);

/// The lines of `count` people. With `kLargeText` eight of them go into a fragment at once.
std::string People(std::string_view prefix, int count, std::size_t text_size = 10);
inline constexpr std::size_t kLargeText = 9000;

/// The answer of one of `kSampleQueries`: its rows as JSON, and the commit that was read.
struct Answer {
  std::string rows;
  std::string commit;
};
Result<Answer> Read(engine::Graph& graph, std::string_view name, engine::ReadTarget target = {});

/// Every row that the target shows; ids that the engine made up are replaced by "*", lines sorted.
Result<std::string> Export(engine::Graph& graph, engine::ReadTarget target = {});

/// All that users can see: the branches, with the schema and the rows of each.
Result<std::string> StateOf(engine::Graph& graph);

/// A graph with two node types and two edge types, rows in fragments and in segments, updated and
/// deleted rows, an old schema, and the branches `side` (with commits of its own) and `twin`
/// (none). `main` has commits that `side` lacks; the two merge without conflicts.
Status FillSample(std::shared_ptr<store::ObjectStore> store);

}  // namespace omnigraph::faults
