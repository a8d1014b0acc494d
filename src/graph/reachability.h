// Every commit that some branch or tag still leads to, and what it is made of.

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

struct ReachedTag {
  std::string name;
  std::string commit_id;
};

struct Reachable {
  std::vector<ReachedBranch> branches;           ///< In byte order.
  std::vector<ReachedTag> tags;                  ///< In byte order.
  std::vector<std::string> receipt_pages;        ///< Digests of those that the heads name.
  std::map<std::string, ReachedCommit> commits;  ///< By id; every parent is among them.
};

/// Whether the old values that a ref still has are looked at as they are, or as they will be once
/// they stand under `commits/` (history/commit_store.h, `FileOldHeads`).
enum class OldHeads { kAsTheyAre, kAsIfFiled };

/// Of objects that hold no rows: key and what is wrong.
using DamagedObjects = std::map<std::string, std::string>;

/// Follows all parents from every tag and from every value of every ref that the store still has.
/// Cost: one read for every object under `commits/`.
/// Errors: `kNotFound`, `kCorruption`, `kUnavailable` naming the object: nothing is skipped.
Result<Reachable> ReachCommits(history::CommitStore& commits,
                               OldHeads old_heads = OldHeads::kAsTheyAre);

/// The same for who wants to know what is damaged: such objects and what only they lead to are left
/// out, and parents may be missing among the commits.
Result<Reachable> ReachSoundCommits(history::CommitStore& commits, DamagedObjects* damaged);

/// Of the commits that two or more heads lead to: those from which the ways to the heads part. All
/// merge bases of two live heads are among them (and, after criss-cross merges, some more).
/// Cost: linear in the commits, times the heads that are in no other's history.
std::vector<std::string> PartingCommits(const Reachable& reachable);

}  // namespace omnigraph::graph
