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

/// A damaged object that belongs to no table: of a commit, a schema, a tag, a branch, or of the
/// idempotency keys.
struct CheckedObject {
  std::string key;
  std::string error;
  bool is_derived = false;  ///< There is another copy, in a ref.
  bool is_healed = false;
};

struct RepairReport {
  /// Every table of the head of `main`, and damaged ones of other commits; ascending by key.
  std::vector<CheckedTable> tables;
  std::vector<CheckedObject> objects;  ///< Ascending by key.
};

/// Reads every object that a branch or a tag leads to. With `heals`, damaged key indexes and copies
/// of commits are written anew. Never changes or removes rows.
///
/// Errors: `kUnavailable`; whatever keeps the head of `main` from being read, naming the object.
Result<RepairReport> Repair(Repository& repository, bool heals);

}  // namespace omnigraph::graph
