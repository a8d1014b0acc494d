// Where two lines of history last agreed.

#pragma once

#include <vector>

#include "base/status.h"
#include "history/commit_store.h"

namespace omnigraph::history {

/// The lowest common ancestors of two groups of commits, ascending by id: every commit that both
/// groups descend from (a commit counts as its own ancestor) and that is no ancestor of another
/// such one. Several after criss-cross merges, none for unrelated histories.
///
/// A head may be unpublished if its ancestors stand in its run or on the store.
/// Cost: a read of every commit that is newer than the lowest common ancestors.
/// Errors: as of `CommitStore::FindCommit`.
Result<std::vector<StoredCommit>> MergeBases(CommitStore& commits,
                                             const std::vector<StoredCommit>& left,
                                             const std::vector<StoredCommit>& right);

}  // namespace omnigraph::history
