// Verifies every object that some branch leads to, and rebuilds what is derived from others.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "graph/repository.h"

namespace omnigraph::graph {

enum class TableHealth : unsigned char {
  kSound,
  kDerivedDamaged,  ///< Key indexes; queries are right all the same.
  kRowsDamaged,
};

struct CheckedTable {
  std::string table_key;
  std::uint64_t table_version = 0;
  TableHealth health = TableHealth::kSound;
  bool is_healed = false;
  std::vector<std::string> operations;  ///< "rebuild_key_index <object>".
  std::optional<std::string> error;     ///< Of damaged rows: names the first damaged object.
};

/// Every table of the head of `main`, and damaged ones of other commits; ascending by key. With
/// `heals`, damaged key indexes are written anew. Never changes or removes rows.
///
/// Errors: whatever keeps refs and commit records from being read, naming the object.
Result<std::vector<CheckedTable>> Repair(Repository& repository, bool heals);

}  // namespace omnigraph::graph
