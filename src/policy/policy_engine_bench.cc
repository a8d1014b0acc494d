// How long a decision takes: bundles of 10 to 200 rules, 1,000 actors.

#include <benchmark/benchmark.h>

#include <string>

#include "policy/policy_engine.h"

namespace omnigraph::policy {
namespace {

std::string BundleOf(int rules_count) {
  std::string yaml = "version: 1\nprotected_branches: [main]\ngroups:\n";
  for (int group = 0; group < 10; ++group) {
    yaml += "  g" + std::to_string(group) + ": [";
    for (int actor = 0; actor < 100; ++actor) {
      yaml += "act-" + std::to_string(group * 100 + actor) + ", ";
    }
    yaml += "]\n";
  }
  yaml += "rules:\n";
  const char* const allows[] = {"actions: [read], branch_scope: any",
                                "actions: [change], branch_scope: unprotected",
                                "actions: [branch_merge], target_branch_scope: protected",
                                "actions: [invoke_query], queries: [find, 'sales_*']"};
  for (int rule = 0; rule < rules_count; ++rule) {
    yaml += "  - { id: r" + std::to_string(rule) + ", allow: { actors: { group: g" +
            std::to_string(rule % 10) + " }, " + allows[rule % 4] + " } }\n";
  }
  return yaml;
}

PolicyEngine EngineOf(int rules_count) {
  const Binding binding = {
      "bench", std::make_shared<const Bundle>(*ParseBundle("bench.yaml", BundleOf(rules_count))),
      BundleKind::kGraph, "g"};
  return *PolicyEngine::Compile(std::span(&binding, 1));
}

void Decide(benchmark::State& state) {
  const PolicyEngine engine = EngineOf(static_cast<int>(state.range(0)));
  const Request request = {
      .action = Action::kChange, .graph = "g", .actor = "act-123", .branch = "feature"};
  for (auto _ : state)
    benchmark::DoNotOptimize(engine.Decide(request));
}
BENCHMARK(Decide)->Arg(10)->Arg(50)->Arg(200);

void Compile(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(EngineOf(static_cast<int>(state.range(0))));
}
BENCHMARK(Compile)->Arg(10)->Arg(200)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace omnigraph::policy
