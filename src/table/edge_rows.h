// Finds the edges of one table by their ends.
//
// What is found in an older version of the table serves the versions after it: the edges that were
// added since are kept beside it, and those that are no more are left out.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "table/row_id.h"

namespace omnigraph::table {

class Table;

class EdgeRows {
 public:
  /// An edge, seen from its source.
  struct Edge {
    RowId target;
    RowId row;
  };

  /// Of `table`, opened, which must outlive what is found. `previous` may be null; else it is of an
  /// earlier version whose edges below `same_end`, as far as they are there, have the same ends.
  /// Cost: follows the edges that were added since, or all edges if those have become many.
  static std::shared_ptr<const EdgeRows> Of(const Table& table,
                                            const std::shared_ptr<const EdgeRows>& previous,
                                            RowId same_end);

  /// One past the highest row that these were made of.
  RowId rows_end() const { return rows_end_; }

  /// Replaces `rows` by the live edges from one node to another, ascending.
  void Find(RowId source, RowId target, std::vector<RowId>* rows) const;
  /// Replaces `edges` by the live edges from a node, ascending by target, then by row.
  void FindFrom(RowId source, std::vector<Edge>* edges) const;

 private:
  struct Base {
    RowId rows_end = 0;
    std::vector<std::uint32_t> begins;  // By source, and the end of the last.
    std::vector<Edge> edges;            // Of one source after the other, each ascending.
  };
  struct Added {
    RowId source;
    Edge edge;
  };

  static std::shared_ptr<const Base> Build(const Table& table);

  const Table* table_ = nullptr;
  RowId rows_end_ = 0;
  std::shared_ptr<const Base> base_;
  std::vector<Added> added_;  // From `base_->rows_end` on; ascending by source, target and row.
};

}  // namespace omnigraph::table
