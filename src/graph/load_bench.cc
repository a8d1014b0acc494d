// How fast loads are parsed and planned, over the shape of a small social graph: 10,000 people,
// 100,000 edges and 5,000 documents with vectors of 384 numbers.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <random>

#include "graph/load_fixture.h"

namespace omnigraph::graph {
namespace {

constexpr std::string_view kSchema = R"(
node Person { name: String @key  age: I32?  city: String?  score: F64? }
node Doc { slug: String @key  title: String  body: String?  day: Date?  embedding: Vector(384) }
edge Knows: Person -> Person { since: Date?  weight: F64? }
edge Wrote: Person -> Doc
)";

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6f", value);
  return text;
}

std::string People(int scale) {
  std::string json;
  for (int i = 0; i < 10'000 * scale; ++i) {
    json += R"({"type":"Person","data":{"name":"person-)" + std::to_string(i) + R"(","age":)" +
            std::to_string(18 + i % 70) + R"(,"city":"city-)" + std::to_string(i % 97) +
            R"(","score":)" + Number(i * 0.37) + "}}\n";
  }
  return json;
}

std::string Edges(int scale) {
  std::minstd_rand random(1);
  std::string json;
  const auto people = static_cast<unsigned>(10'000 * scale);
  for (int i = 0; i < 100'000 * scale; ++i) {
    json += R"({"edge":"Knows","from":"person-)" + std::to_string(random() % people) +
            R"(","to":"person-)" + std::to_string(random() % people) + R"(","data":{"since":"20)" +
            std::to_string(10 + i % 15) + R"(-06-01","weight":)" + Number(i * 0.01) + "}}\n";
  }
  return json;
}

std::string Docs(int scale) {
  std::minstd_rand random(2);
  std::string json;
  for (int i = 0; i < 5'000 * scale; ++i) {
    json += R"({"type":"Doc","data":{"slug":"doc-)" + std::to_string(i) +
            R"(","title":"A title","body":"Some \"words\" about graphs and stores.",)"
            R"("day":"2026-03-30","embedding":[)";
    for (int j = 0; j < 384; ++j) {
      json += (j > 0 ? "," : "") + Number(static_cast<double>(random() % 2'000'000) * 1e-6 - 1.0);
    }
    json += "]}}\n";
  }
  return json;
}

const std::string& Input(int kind) {
  static const std::string inputs[] = {People(1), Edges(1), Docs(1),
                                       People(1) + Edges(1) + Docs(1)};
  return inputs[kind];
}

void BM_Parse(benchmark::State& state) {
  const std::string& text = Input(static_cast<int>(state.range(0)));
  LoadedGraph graph(kSchema);
  ThreadPool pool("load", static_cast<std::size_t>(state.range(1)));
  std::uint64_t records = 0;
  for (auto _ : state) {
    LoadInput input;
    input.read = ReadText(text);
    auto parsed = ParseRecords(input, graph.catalog(), pool, Deadline());
    if (!parsed.ok()) state.SkipWithError(std::string(parsed.status().message()).c_str());
    records += parsed->records_count;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size() * state.iterations()));
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
}
BENCHMARK(BM_Parse)
    ->ArgsProduct({{0, 1, 2, 3}, {1, 2}})
    ->ArgNames({"input", "threads"})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// The whole input (people, edges, documents) into an empty graph.
void BM_ParseAndPlan(benchmark::State& state) {
  const std::string& text = Input(3);
  LoadedGraph graph(kSchema);
  ThreadPool pool("load", 2);
  std::uint64_t records = 0;
  for (auto _ : state) {
    LoadInput input;
    input.read = ReadText(text);
    auto parsed = ParseRecords(input, graph.catalog(), pool, Deadline());
    auto plan = PlanLoad(*parsed, LoadMode::kAppend, graph, pool, Deadline());
    if (!plan.ok()) state.SkipWithError(std::string(plan.status().message()).c_str());
    records += parsed->records_count;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size() * state.iterations()));
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
}
BENCHMARK(BM_ParseAndPlan)->Unit(benchmark::kMillisecond)->UseRealTime();

// The same input again: every node is a new image of a stored row, every edge is new.
void BM_PlanMerge(benchmark::State& state) {
  LoadedGraph graph(kSchema);
  ThreadPool pool("load", 2);
  if (!graph.Load(Input(3), LoadMode::kAppend).ok()) state.SkipWithError("the first load failed");
  LoadInput input;
  input.read = ReadText(Input(3));
  auto parsed = ParseRecords(input, graph.catalog(), pool, Deadline());
  for (auto _ : state) {
    auto plan = PlanLoad(*parsed, LoadMode::kMerge, graph, pool, Deadline());
    if (!plan.ok()) state.SkipWithError(std::string(plan.status().message()).c_str());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(parsed->records_count * state.iterations()));
}
BENCHMARK(BM_PlanMerge)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace omnigraph::graph
