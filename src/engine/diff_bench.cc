// What a diff of 1,000 changed rows costs in tables of 10,000 to 1,000,000 rows: the curve is to be
// flat. Warm: both commits were read before. Cold: the graph is opened anew every time.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "engine/changes.h"
#include "engine/engine.h"
#include "store/memory_store.h"

namespace omnigraph::engine {
namespace {

constexpr int kChangedRows = 1000;

std::string PersonLine(int i, int age) {
  return R"({"type":"Person","data":{"name":"person-)" + std::to_string(1'000'000 + i) +
         R"(","age":)" + std::to_string(age) + R"(,"city":"city-)" + std::to_string(i % 97) +
         "\"}}\n";
}

std::string Load(Graph& graph, const std::string& text) {
  LoadRequest request;
  request.source_name = "rows";
  request.mode = LoadMode::kMerge;
  std::size_t at = 0;
  request.read = [&](char* buffer, std::size_t size_max) -> Result<std::size_t> {
    const std::size_t size = std::min(size_max, text.size() - at);
    std::memcpy(buffer, text.data() + at, size);
    at += size;
    return size;
  };
  const auto loaded = graph.Load(Caller(), request);
  return loaded.ok() && loaded->commit ? loaded->commit->graph_commit_id : "";
}

// A graph of that many rows, and the commits before and after the changes.
struct Sample {
  explicit Sample(int rows) {
    (void)Graph::Init(store, "g", "node Person { name: String @key  age: I32?  city: String? }",
                      false);
    const auto graph = *Graph::Open(store, OpenOptions{});
    std::string text;
    for (int i = 0; i < rows; ++i)
      text += PersonLine(i, 1);
    before = Load(*graph, text);
    text.clear();
    for (int i = 0; i < kChangedRows; ++i)
      text += PersonLine(i * (rows / kChangedRows), 2);
    after = Load(*graph, text);
  }

  std::shared_ptr<store::MemoryStore> store = std::make_shared<store::MemoryStore>();
  std::string before;
  std::string after;
};

const Sample& SampleOf(int rows) {
  static std::map<int, Sample> samples;
  return samples.try_emplace(rows, rows).first->second;
}

std::uint64_t CountDifferences(Graph& graph, const Sample& sample) {
  DiffRequest request;
  request.from = sample.before;
  request.to = sample.after;
  std::uint64_t count = 0;
  request.on_change = [&count](const DiffChange&) {
    ++count;
    return Status::Ok();
  };
  return graph.Diff(Caller(), request).ok() ? count : 0;
}

void BM_WarmDiff(benchmark::State& state) {
  const Sample& sample = SampleOf(static_cast<int>(state.range(0)));
  const auto graph = *Graph::Open(sample.store, OpenOptions{});
  for (auto _ : state) {
    if (CountDifferences(*graph, sample) != kChangedRows) state.SkipWithError("wrong count");
  }
}
BENCHMARK(BM_WarmDiff)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void BM_ColdDiff(benchmark::State& state) {
  const Sample& sample = SampleOf(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const auto graph = *Graph::Open(sample.store, OpenOptions{});
    if (CountDifferences(*graph, sample) != kChangedRows) state.SkipWithError("wrong count");
  }
}
BENCHMARK(BM_ColdDiff)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace omnigraph::engine
