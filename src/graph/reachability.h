// Every commit that some branch still leads to, and what it is made of.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "history/commit_store.h"

namespace omnigraph::graph {

struct ReachedCommit {
  std::optional<std::string> parent;
  std::optional<std::string> merged_parent;
  std::uint64_t generation = 0;
  std::int64_t created_at_micros = 0;
  /// Whether a ref itself holds it: its record cannot be written anew.
  bool is_in_ref = false;
  std::string schema_digest;
  std::string schema_identity;
  std::vector<format::TableState> tables;  ///< Empty once cleaned up.
};

struct ReachedBranch {
  std::string name;
  std::string head;  ///< Commit id.
};

struct Reachable {
  std::vector<ReachedBranch> branches;           ///< In byte order.
  std::map<std::string, ReachedCommit> commits;  ///< By id; every parent is among them.
};

/// Follows all parents from every value of every ref that the store still has. Cost: one read for
/// every object under `commits/`.
/// Errors: `kNotFound`, `kCorruption`, `kUnavailable` naming the object: nothing is skipped.
Result<Reachable> ReachCommits(history::CommitStore& commits);

}  // namespace omnigraph::graph
