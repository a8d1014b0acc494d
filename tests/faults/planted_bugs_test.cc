// Planted bugs: the checks of this folder must find each of them within its budget. Linked with
// copies of some sources in which the bugs stand behind a switch (plant.py, planted.h).

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>

#include "cell_store.h"
#include "planted.h"
#include "power_history.h"
#include "sample_graph.h"
#include "simulation.h"
#include "store/test_directory.h"

namespace omnigraph::planted {
namespace {
std::string active;
std::atomic<int> reached_count{0};
}  // namespace

bool Is(std::string_view bug) {
  if (bug != active) return false;
  ++reached_count;
  return true;
}

void Set(std::string_view bug) {
  active = bug;
  reached_count = 0;
}

int ReachedCount() {
  return reached_count;
}

}  // namespace omnigraph::planted

namespace omnigraph::faults {
namespace {

using Finder = std::function<std::optional<std::string>(int attempt)>;

struct Plant {
  const char* bug;
  const char* found_by;
  Finder find;
  int attempts_max;
};

std::optional<std::string> BySimulation(int attempt, bool is_in_folder) {
  SimulationOptions options;
  options.seed = static_cast<std::uint64_t>(attempt) + 1;
  options.is_in_folder = is_in_folder;
  return Simulate(options).violation;
}

Finder InMemory() {
  return [](int attempt) { return BySimulation(attempt, false); };
}

Finder InFolder() {
  return [](int attempt) { return BySimulation(attempt, true); };
}

Finder ByPowerCuts() {
  return [](int attempt) {
    return CutPower(static_cast<std::uint64_t>(attempt) + 1, 15, 30).violation;
  };
}

// One flipped bit in the rows of a fragment: wrong rows without an error are a find.
std::optional<std::string> ByDamage(int) {
  const store::TestDirectory directory;
  const auto objects = OpenFolder(directory.path());
  OG_CHECK(FillSample(objects).ok());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.path())) {
    if (entry.path().extension() != ".arrow") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = bytes.find("xxxxxxxxxx");
    if (at == std::string::npos) continue;
    bytes[at] = 'y';
    std::filesystem::permissions(entry.path(), std::filesystem::perms::owner_all);
    std::ofstream(entry.path(), std::ios::binary) << bytes;
    const auto rows = Export(**OpenSample(objects));
    if (rows.ok()) return "wrong rows without an error";
    return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Plant> Plants() {
  return {
      {"no_read_back", "simulated histories", InMemory(), 20},
      {"retry_applied_twice", "simulated histories", InMemory(), 20},
      {"stale_cache", "simulated histories", InMemory(), 20},
      {"wrong_merge_base", "simulated histories", InMemory(), 40},
      {"grace_zero", "simulated histories", InMemory(), 60},
      {"compaction_forgets_later_rows", "simulated histories", InMemory(), 60},
      {"overtaken_head_not_filed", "simulated histories", InMemory(), 20},
      {"swap_without_comparing", "simulated histories on a folder", InFolder(), 20},
      {"trim_forgets_later_heads", "simulated histories on a folder", InFolder(), 60},
      {"ref_not_synced", "power cuts", ByPowerCuts(), 10},
      {"file_not_synced", "power cuts", ByPowerCuts(), 10},
      {"folder_not_synced", "power cuts", ByPowerCuts(), 10},
      {"checksum_not_verified", "damaged objects", ByDamage, 1},
  };
}

void PrintTo(const Plant& plant, std::ostream* out) {
  *out << plant.bug;
}

class PlantedBugs : public ::testing::TestWithParam<Plant> {
 protected:
  ~PlantedBugs() override { planted::Set(""); }
};

INSTANTIATE_TEST_SUITE_P(Of, PlantedBugs, ::testing::ValuesIn(Plants()),
                         [](const auto& plant) { return std::string(plant.param.bug); });

TEST_P(PlantedBugs, IsFound) {
  const Plant& plant = GetParam();
  ASSERT_FALSE(plant.find(0)) << "found without the bug";
  planted::Set(plant.bug);
  for (int attempt = 0; attempt < plant.attempts_max; ++attempt) {
    const auto violation = plant.find(attempt);
    if (!violation) continue;
    std::printf("planted bug %s: found by %s, attempt %d, after %d passages: %s\n", plant.bug,
                plant.found_by, attempt + 1, planted::ReachedCount(),
                violation->substr(0, violation->find('\n')).c_str());
    return;
  }
  FAIL() << plant.bug << " was not found in " << plant.attempts_max << " attempts; its line was "
         << "passed " << planted::ReachedCount()
         << " times (0: move it in tests/faults/plant.py to where it belongs now)";
}

}  // namespace
}  // namespace omnigraph::faults
