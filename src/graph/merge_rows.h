// What the two sides of a merge started from, row by row.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "graph/row_image.h"
#include "graph/snapshot.h"
#include "history/commit_store.h"
#include "schema/catalog.h"
#include "table/table.h"

namespace omnigraph::graph {

class Repository;

/// What two sides of a merge started from. With several lowest common ancestors (criss-cross
/// histories) this is the merge of all of them, as in Git's recursive strategy, worked out row by
/// row where they differ: a change that one of them has already taken is never taken for a new one.
class MergeBase {
 public:
  /// `ancestors` are not empty; `repository` outlives this.
  MergeBase(Repository& repository, std::vector<history::StoredCommit> ancestors, int depth = 0);

  /// The ancestors themselves.
  Result<std::vector<std::shared_ptr<const Snapshot>>> Snapshots();

  Result<RowImage> Find(const schema::TableType& type, std::string_view id);

 private:
  static constexpr int kDepthMax = 64;

  /// What ancestors [0, index) and ancestor `index` started from.
  Result<MergeBase*> Below(std::size_t index);

  Repository& repository_;
  const std::vector<history::StoredCommit> ancestors_;
  const int depth_;
  std::vector<std::shared_ptr<const Snapshot>> snapshots_;  // Empty until asked for.
  std::vector<std::unique_ptr<MergeBase>> below_;           // By index; null until asked for.
};

}  // namespace omnigraph::graph
