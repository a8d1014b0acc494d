// The neighbour lists of one edge table, built when they are first asked for. A table that follows
// another by a small change derives its lists from the other's, so that the cost follows the
// change.

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "table/edge_rows.h"
#include "table/row_id.h"
#include "table/table.h"

namespace omnigraph::table {

/// An edge that a commit added or removed.
struct EdgeChange {
  RowId row;
  RowId source;
  RowId target;
  bool is_added;
};

class EdgeLists {
 public:
  /// `previous` may be null: then the lists are built from all edges. `changes` lead from the
  /// edges of `previous` to these.
  static std::shared_ptr<EdgeLists> After(const std::shared_ptr<EdgeLists>& previous,
                                          std::vector<EdgeChange> changes);

  /// `table` is the one that these lists belong to, opened.
  std::shared_ptr<const Adjacency> Get(const Table& table, Direction direction);

  /// The same for the edges themselves, by both ends.
  std::shared_ptr<const EdgeRows> GetEdges(const Table& table);

  /// Whether who looks for the edges of a few nodes should get them by the lists and not by looking
  /// at all edges: once they are there or can be derived, or when it was asked so often that all
  /// those looks would have paid for building them.
  bool IsWorthGetting();

 private:
  // Changes since the last lists that were built, newest first.
  struct Step {
    std::shared_ptr<const Step> before;
    std::vector<EdgeChange> changes;
    std::size_t steps_count = 0;
    std::size_t changes_count = 0;
  };
  struct Built {
    std::shared_ptr<const Adjacency> forward;
    std::shared_ptr<const Adjacency> backward;
  };

  // All with the mutex held.
  void Build(const Table& table);
  bool Derive(const Table& table);
  const std::shared_ptr<const EdgeRows>& Edges(const Table& table);
  bool IsJoined(const Table& table, RowId source, RowId target);

  // Building all lists costs about as much as this many looks at all edges.
  static constexpr std::uint32_t kLooksMax = 8;

  std::mutex mutex_;
  std::uint32_t looks_count_ = 0;          // Guarded by mutex_.
  Built built_;                            // Guarded by mutex_.
  Built origin_;                           // Guarded by mutex_.
  std::shared_ptr<const Step> steps_;      // Guarded by mutex_.
  std::shared_ptr<const EdgeRows> edges_;  // Guarded by mutex_.
  // Of an earlier version, whose edges below `same_end_` have the same ends as here.
  std::shared_ptr<const EdgeRows> edges_before_;  // Guarded by mutex_.
  RowId same_end_ = kNoRow;                       // Guarded by mutex_.
};

}  // namespace omnigraph::table
