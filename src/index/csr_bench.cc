// How long neighbours take to build and to walk, over degrees that follow a power law.

#include "index/csr.h"

#include <benchmark/benchmark.h>

#include <random>

namespace omnigraph::index {
namespace {

struct Edges {
  std::uint32_t nodes_count;
  std::vector<std::uint32_t> sources;
  std::vector<std::uint32_t> targets;
};

// Twenty edges a node.
Edges RandomEdges(std::int64_t edges_count) {
  std::mt19937 random(7);
  Edges edges{static_cast<std::uint32_t>(edges_count / 20), {}, {}};
  const auto popular = [&] {
    const double uniform = static_cast<double>(random()) / 4294967296.0;
    return static_cast<std::uint32_t>(uniform * uniform * edges.nodes_count);
  };
  for (std::int64_t i = 0; i < edges_count; ++i) {
    edges.sources.push_back(popular());
    edges.targets.push_back(popular());
  }
  return edges;
}

void Build(benchmark::State& state) {
  const Edges edges = RandomEdges(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        BuildCsr(edges.nodes_count, edges.nodes_count, edges.sources, edges.targets));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Build)->Arg(100'000)->Arg(4'000'000)->Unit(benchmark::kMillisecond);

// Visits the ends of all walks of two edges from `node`.
std::int64_t VisitTwoHops(const Csr& csr, std::uint32_t node, std::uint64_t* sum) {
  std::int64_t walks_count = 0;
  for (const std::uint32_t next : csr.Of(node)) {
    for (const std::uint32_t last : csr.Of(next))
      *sum += last;
    walks_count += static_cast<std::int64_t>(csr.Of(next).size());
  }
  return walks_count;
}

// From every tenth node.
void WalkTwoHops(benchmark::State& state) {
  const Edges edges = RandomEdges(state.range(0));
  const Csr csr = BuildCsr(edges.nodes_count, edges.nodes_count, edges.sources, edges.targets);
  std::int64_t walks_count = 0;
  for (auto _ : state) {
    std::uint64_t sum = 0;
    for (std::uint32_t node = 0; node < csr.nodes_count(); node += 10)
      walks_count += VisitTwoHops(csr, node, &sum);
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(walks_count);
}
BENCHMARK(WalkTwoHops)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace omnigraph::index
