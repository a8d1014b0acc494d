// Which commit last wrote or removed a row, as far as the tail of a commit tells.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "graph/snapshot.h"

namespace omnigraph::graph {

/// Reads the segments of one table in one commit, which must outlive this. Rows that were flushed
/// into fragments have forgotten their commit; for them the answer is the commit at hand.
class RowVersions {
 public:
  /// `type` is of that commit's catalog, or null for a table that it does not have.
  RowVersions(const Snapshot& snapshot, const schema::TableType* type);

  /// The version of the commit that wrote the live row `row`. Cost: O(segments).
  std::uint64_t OfWrite(table::RowId row) const;

  /// The version of the commit that removed the row with that id text, which an earlier commit had
  /// at `row`. Cost: O(segments), after one pass over the rows of the tail.
  Result<std::uint64_t> OfRemoval(std::string_view id, table::RowId row);

 private:
  std::optional<std::uint64_t> RemovalOf(table::RowId row) const;
  std::uint64_t VersionOf(std::uint64_t generation) const;
  Status FindRemovedInTail();

  const Snapshot& snapshot_;
  const schema::TableType* const type_;
  /// From the last one on that replaced the whole table.
  std::vector<const format::Segment*> segments_;
  bool replaces_all_ = false;
  /// Generations of the removals of rows that came and went within the tail, by id; the latest.
  std::optional<std::map<std::string, std::uint64_t, std::less<>>> removed_in_tail_;
};

}  // namespace omnigraph::graph
