// Histories of many clients: simulated in one thread from a seed, and real in many threads over
// several handles. Each is checked for strict serialisability per branch (history.h).

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "cell_store.h"
#include "history.h"
#include "sample_graph.h"
#include "simulation.h"
#include "store/memory_store.h"
#include "store/test_directory.h"

namespace omnigraph::faults {
namespace {

constexpr std::uint64_t kFirstSeed = 1000;

void SimulateMany(bool is_in_folder, int universes) {
  SimulationReport sum;
  for (int i = 0; i < universes; ++i) {
    SimulationOptions options;
    options.seed = kFirstSeed + static_cast<std::uint64_t>(i);
    options.is_in_folder = is_in_folder;
    const SimulationReport report = Simulate(options);
    ASSERT_FALSE(report.violation) << "seed=" << options.seed << ": " << *report.violation;
    sum.operations += report.operations;
    sum.nested += report.nested;
    sum.faults += report.faults;
    sum.crashes += report.crashes;
    sum.merges += report.merges;
  }
  std::printf(
      "simulated histories: %d universes from seed=%llu, %d operations (%d inside others, "
      "%d merges), %d faults, %d crashes, 0 violations\n",
      universes, static_cast<unsigned long long>(kFirstSeed), sum.operations, sum.nested,
      sum.merges, sum.faults, sum.crashes);
}

TEST(Histories, SimulatedUniversesInMemoryAreStrictlySerialisable) {
  SimulateMany(false, 20 * Scale());
}

TEST(Histories, SimulatedUniversesInAFolderAreStrictlySerialisable) {
  SimulateMany(true, 10 * Scale());
}

struct ThreadPlan {
  int threads = 8;
  int handles = 2;
  int operations = 12;  ///< Of each thread.
  bool is_in_folder = false;
  std::uint64_t seed = 0;
};

// Threads over several handles of one store: the handles are processes to each other.
int RunThreads(const ThreadPlan& plan) {
  const std::vector<std::string> branches = {"main", "side"};
  store::TestDirectory directory;
  std::shared_ptr<store::ObjectStore> memory = std::make_shared<store::MemoryStore>();
  const auto open = [&]() -> std::shared_ptr<store::ObjectStore> {
    if (!plan.is_in_folder) return memory;
    return OpenFolder(directory.path());
  };
  EXPECT_TRUE(InitHistoryGraph(open(), branches).ok());
  std::vector<std::shared_ptr<engine::Graph>> graphs;
  for (int i = 0; i < plan.handles; ++i)
    graphs.push_back(*engine::Graph::Open(open(), engine::OpenOptions{}));
  History history;
  std::vector<std::thread> threads;
  for (int t = 0; t < plan.threads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(plan.seed * 100 + static_cast<std::uint64_t>(t));
      engine::Graph& graph = *graphs[static_cast<std::size_t>(t % plan.handles)];
      HistoryClient client("t" + std::to_string(t), history);
      for (int i = 0; i < plan.operations; ++i) {
        const auto draw = static_cast<int>(random() % 100);
        const std::string& branch = branches[random() % 2];
        if (draw < 25) {
          client.Add(graph, branch);
        } else if (draw < 50) {
          client.Attach(graph, branch, static_cast<int>(random() % kRegistersPerBranch));
        } else if (draw < 56) {
          client.AddLarge(graph, branch);
        } else if (draw < 68) {
          client.Remove(graph, branch, random());
        } else if (draw < 85) {
          client.ReadAll(graph, branch);
        } else if (draw < 95) {
          client.Merge(graph, branch, branch == "main" ? "side" : "main");
        } else if (draw < 98) {
          client.Optimize(graph);
        } else {
          client.Cleanup(graph, 3600);
        }
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  const auto fresh = *engine::Graph::Open(open(), engine::OpenOptions{});
  const auto violation = FindViolation(history, *fresh, branches);
  EXPECT_FALSE(violation) << "seed=" << plan.seed << ": " << *violation;
  return static_cast<int>(history.operations().size());
}

TEST(Histories, ThreadsOfSeveralHandlesAreStrictlySerialisable) {
  int histories = 0;
  int operations = 0;
  for (const bool is_in_folder : {false, true}) {
    for (int i = 0; i < 4 * Scale(); ++i) {
      ThreadPlan plan;
      plan.seed = kFirstSeed + static_cast<std::uint64_t>(i);
      plan.is_in_folder = is_in_folder;
      plan.handles = 1 + i % 3;
      operations += RunThreads(plan);
      ++histories;
      if (::testing::Test::HasFailure()) return;
    }
  }
  std::printf("histories of 8 threads: %d histories from seed=%llu, %d operations, 0 violations\n",
              histories, static_cast<unsigned long long>(kFirstSeed), operations);
}

// Maintenance never blocks or fails a writer, and takes nothing that is acknowledged. A reader of
// an old commit gets its rows or is told that they were cleaned up.
TEST(Histories, OptimizeAndCleanupBesideWritersAndReaders) {
  const std::vector<std::string> branches = {"main", "side"};
  store::TestDirectory directory;
  const auto open = [&] {
    return *engine::Graph::Open(OpenFolder(directory.path()), engine::OpenOptions{});
  };
  ASSERT_TRUE(InitHistoryGraph(OpenFolder(directory.path()), branches).ok());
  const auto first = open();
  const auto second = open();
  History history;
  std::atomic<bool> is_over{false};
  std::atomic<int> optimized{0}, cleaned{0}, past_reads{0}, past_gone{0}, bad_reads{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(kFirstSeed + static_cast<std::uint64_t>(t));
      HistoryClient client("w" + std::to_string(t), history);
      engine::Graph& graph = t % 2 == 0 ? *first : *second;
      for (int i = 0; i < 25 * Scale(); ++i) {
        const std::string& branch = branches[random() % 2];
        if (i % 5 == 0) client.AddLarge(graph, branch);
        if (i % 4 == 0) client.Remove(graph, branch, random());
        client.Attach(graph, branch, t % kRegistersPerBranch);
        client.ReadAll(graph, branch);
      }
    });
  }
  std::vector<std::thread> background;
  background.emplace_back([&] {
    HistoryClient client("optimizer", history);
    for (; !is_over; ++optimized)
      client.Optimize(*second);
  });
  background.emplace_back([&] {
    HistoryClient client("cleaner", history);
    // One second of grace: old commits do lose their rows while this runs.
    for (; !is_over; ++cleaned)
      client.Cleanup(*first, 1);
  });
  background.emplace_back([&] {
    std::mt19937_64 random(kFirstSeed);
    while (!is_over) {
      const auto commits = second->ListCommits(engine::Caller(), "main", 0);
      if (!commits.ok()) {
        ++bad_reads;
        continue;
      }
      const std::string& id = (*commits)[random() % commits->size()].graph_commit_id;
      const auto content = ReadContent(*second, {"", id});
      if (content.ok()) {
        ++past_reads;
      } else if (content.status().message().find("cleaned up") != std::string_view::npos) {
        ++past_gone;
      } else if (++bad_reads == 1) {
        std::printf("an old commit: %s\n", std::string(content.status().message()).c_str());
      }
    }
  });
  for (std::thread& thread : threads)
    thread.join();
  is_over = true;
  for (std::thread& thread : background)
    thread.join();
  EXPECT_EQ(bad_reads, 0);
  EXPECT_GT(optimized, 0);
  EXPECT_GT(cleaned, 0);
  const auto fresh = open();
  const auto violation = FindViolation(history, *fresh, branches);
  EXPECT_FALSE(violation) << *violation;
  std::printf(
      "maintenance beside 4 writers: %zu operations, %d optimize, %d cleanup, %d old "
      "commits read, %d cleaned up, 0 violations\n",
      history.operations().size(), optimized.load(), cleaned.load(), past_reads.load(),
      past_gone.load());
}

}  // namespace
}  // namespace omnigraph::faults
