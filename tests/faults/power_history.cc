// Implements power_history.h.

#include "power_history.h"

#include <random>
#include <vector>

#include "cell_store.h"
#include "history.h"
#include "power_cut.h"
#include "store/local_store.h"
#include "store/test_directory.h"

namespace omnigraph::faults {
namespace {

const std::vector<std::string> kBranches = {"main", "side"};
constexpr std::uint64_t kSmallRefFileBytes = 4096;

void Perform(engine::Graph& graph, HistoryClient& client, std::mt19937_64& random) {
  const std::string& branch = kBranches[random() % 2];
  const auto draw = random() % 100;
  if (draw < 30) return client.Add(graph, branch);
  if (draw < 55) return client.Attach(graph, branch, static_cast<int>(random() % 2));
  if (draw < 70) return client.AddLarge(graph, branch);
  if (draw < 80) return client.Remove(graph, branch, random());
  if (draw < 95) return client.Merge(graph, branch, branch == "main" ? "side" : "main");
  client.Optimize(graph);
}

// The history as it was known when the power went after `moment` events of the disk.
std::deque<Operation> Until(const std::deque<Operation>& all, const std::vector<std::size_t>& ends,
                            std::size_t moment) {
  std::deque<Operation> known;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < all.size() && begin <= moment; ++i) {
    known.push_back(all[i]);
    if (ends[i] > moment) {
      known.back().outcome = Outcome::kUnknown;
      known.back().commit.clear();
    }
    begin = ends[i];
  }
  return known;
}

std::optional<std::string> CheckDisk(const std::string& path, std::deque<Operation> operations) {
  const auto graph = engine::Graph::Open(OpenFolder(path), engine::OpenOptions{});
  if (!graph.ok()) return "open: " + std::string(graph.status().message());
  History known(std::move(operations));
  if (auto violation = FindViolation(known, **graph, kBranches)) return violation;
  // The next process writes at once.
  HistoryClient next("next", known);
  for (const std::string& branch : kBranches) {
    next.Add(**graph, branch);
    next.AddLarge(**graph, branch);
  }
  return FindViolation(known, **graph, kBranches);
}

}  // namespace

PowerCutReport CutPower(std::uint64_t seed, int operations, int cuts) {
  PowerCutReport report;
  std::mt19937_64 random(seed);
  store::TestDirectory directory;
  OG_CHECK(InitHistoryGraph(OpenFolder(directory.path()), kBranches).ok());
  RecordingFiles files(directory.path());
  History history;
  std::vector<std::size_t> ends;  // By operation: how many events there were at its end.
  {
    store::LocalStoreOptions options;
    options.files = &files;
    options.ref_file_size_bytes_max = kSmallRefFileBytes;
    const auto graph = *engine::Graph::Open(
        std::make_shared<store::LocalStore>(directory.path(), options), engine::OpenOptions{});
    HistoryClient client("p", history);
    for (; report.operations < operations; ++report.operations) {
      Perform(*graph, client, random);
      ends.push_back(files.events_count());
    }
  }
  for (; report.cuts < cuts && !report.violation; ++report.cuts) {
    const std::size_t moment = random() % (files.events_count() + 1);
    const store::TestDirectory disk;
    files.Restore(moment, random, disk.path());
    report.violation = CheckDisk(disk.path(), Until(history.operations(), ends, moment));
    if (report.violation) *report.violation += " (cut after event " + std::to_string(moment) + ")";
  }
  return report;
}

}  // namespace omnigraph::faults
