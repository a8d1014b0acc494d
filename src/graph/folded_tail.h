// Rows of a tail that stand in fragments as well, written outside the writers' queue, so that a
// commit only has to name their manifest.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "graph/snapshot.h"
#include "graph/working_graph.h"

namespace omnigraph::graph {

/// The stored fragments and the oldest segments of one table, for which a manifest was written.
struct FoldedTail {
  std::uint32_t type_id = 0;
  std::string old_manifest;           ///< Of the fragments before.
  std::vector<std::string> segments;  ///< Ids of the segments that it replaces, oldest first.
  std::string manifest;
  std::vector<std::string> objects{};  ///< Keys of the manifest and of all that it names.
  /// The folded rows, opened, so that whoever takes them over need not read them.
  std::shared_ptr<const table::Table> table{};
};

/// What a later fold of `slot` has to find again.
FoldedTail StartFold(const TableSlot& slot);

/// Whether `slot` still is what was folded; later segments may stand on top.
bool Continues(const TableSlot& slot, const FoldedTail& folded);

/// Whether some of `folded` can be taken over by the next commit.
bool Fits(const std::vector<FoldedTail>& folded, const Snapshot& snapshot);

/// Bytes of all segments of a commit.
std::uint64_t TailBytes(const Snapshot& snapshot);

/// Writes the largest tails of `snapshot` into fragments until at most `kTailBytesKept` remain, and
/// makes them durable. Errors: as of `FragmentWriter::Flush`.
Result<std::vector<FoldedTail>> FoldTails(const Snapshot& snapshot, ThreadPool* pool);

/// Whether everything that was written for `folded` is still there: `Cleanup` takes what nothing
/// names, even if it is young when it is told to. Cost: a look at each object.
bool AreStored(const std::vector<FoldedTail>& folded, store::ObjectStore& store);

/// Lets `working`, which has no changes yet, name what was folded where it still fits. That alone
/// is no reason for a commit. Errors: those of reading the tables.
Status TakeOver(const std::vector<FoldedTail>& folded, WorkingGraph& working);

}  // namespace omnigraph::graph
