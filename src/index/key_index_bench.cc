// How long it takes to index keys and to find them, in cache and out of it.

#include "index/key_index.h"

#include <benchmark/benchmark.h>

#include "base/check.h"

namespace omnigraph::index {
namespace {

std::vector<std::string> Keys(std::int64_t count, std::string_view prefix) {
  std::vector<std::string> keys;
  for (std::int64_t i = 0; i < count; ++i)
    keys.push_back(std::string(prefix) + std::to_string(1'000'000 + i));
  return keys;
}

std::string Encode(const std::vector<std::string>& keys) {
  return KeyIndex::Encode(keys.size(), [&](std::size_t i) { return std::string_view(keys[i]); });
}

void Build(benchmark::State& state) {
  const auto keys = Keys(state.range(0), "p");
  for (auto _ : state)
    benchmark::DoNotOptimize(Encode(keys));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Build)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// Keys in an order that no prefetcher follows; a prefix that nobody has misses.
void Find(benchmark::State& state, std::string_view wanted_prefix) {
  const auto keys = Keys(state.range(0), "p");
  const auto wanted = Keys(state.range(0), wanted_prefix);
  const Result<KeyIndex> index =
      KeyIndex::Open(store::MakeMappedBytes(Encode(keys)), keys.size(), "bench.key");
  OG_CHECK(index.ok());
  std::size_t at = 0;
  for (auto _ : state) {
    at = (at + 7919) % wanted.size();
    const std::string& key = wanted[at];
    benchmark::DoNotOptimize(
        index->Find(KeyHash(key), [&](std::uint32_t position) { return keys[position] == key; }));
  }
}
BENCHMARK_CAPTURE(Find, present, "p")->Arg(10'000)->Arg(1'000'000);
BENCHMARK_CAPTURE(Find, absent, "q")->Arg(10'000)->Arg(1'000'000);

}  // namespace
}  // namespace omnigraph::index
