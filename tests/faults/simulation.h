// Many clients of one store in one thread, in an order that a seed decides: whenever a client
// touches the store, another one may come first with a whole operation of its own. Each client is a
// process of its own as far as the store can tell; faults and crashes happen where the seed says.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace omnigraph::faults {

struct SimulationOptions {
  std::uint64_t seed = 0;
  int clients = 3;
  int steps = 30;             ///< Operations that are not nested in others.
  int overtaken_percent = 8;  ///< How often somebody else comes first at a call of the store.
  int fault_percent = 40;     ///< How many operations meet a fault.
  bool is_in_folder = false;  ///< On a folder instead of in memory.
};

struct SimulationReport {
  std::optional<std::string> violation;
  int operations = 0;
  int nested = 0;
  int faults = 0;
  int crashes = 0;
  int merges = 0;
};

/// Runs one universe and checks its history. The seed decides who does what, overtaking whom, and
/// which effect fails; within one operation the engine's own threads may still change their order.
SimulationReport Simulate(const SimulationOptions& options);

}  // namespace omnigraph::faults
