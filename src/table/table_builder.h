// Makes tables: from a stored state, or from another table and one segment.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "schema/catalog.h"
#include "table/edge_lists.h"
#include "table/table.h"

namespace omnigraph::table {

class Chunk;

/// Collects chunks and changes, oldest first, then makes the table. Not thread-safe.
class TableBuilder {
 public:
  /// Starts empty. `type` is shared with the table.
  explicit TableBuilder(std::shared_ptr<const schema::TableType> type);
  /// Starts from all rows of `previous`, sharing what does not change.
  explicit TableBuilder(const Table& previous);
  ~TableBuilder();

  /// Adds a stored fragment. One with row ids is opened, since its rows move.
  /// Errors: as `Chunk::Open`; `kCorruption` if its rows overlap.
  Status AddFragment(std::shared_ptr<const Chunk> chunk);

  /// Marks rows dead: a serialised Roaring bitmap as in a manifest.
  Status AddDeleted(std::string_view roaring_bytes, std::string_view object);

  /// Adds a commit's change of this table. Errors: `kCorruption` if it does not fit.
  Status AddSegment(const format::Segment& segment);

  /// Says that the table will hold exactly the rows of `same`, stored in another way, so that its
  /// neighbour lists serve on.
  void ShareEdgeLists(const Table& same);

  /// The table with row ids below `row_ids_end` given out. The builder is used up.
  /// Errors: `kCorruption` if the number of live rows is not `rows_count`.
  Result<std::shared_ptr<const Table>> Finish(std::uint64_t row_ids_end, std::uint64_t rows_count);

 private:
  Status AddContiguous(std::shared_ptr<const Chunk> chunk);
  Status AddMoved(std::shared_ptr<const Chunk> chunk);
  Status AddSegmentRows(const format::Segment& segment);
  Status Kill(RowId row);
  void KillRange(RowId begin, RowId end);
  void NoteEdge(RowId row, bool is_added);
  void NoteIds(const Chunk& chunk);

  std::shared_ptr<const schema::TableType> type_;
  std::unique_ptr<Table::Rows> rows_;
  RowId row_ids_end_ = 0;
  bool is_derived_ = false;
  bool is_rebuilt_ = false;  // An overwrite: edge lists cannot be derived.
  std::shared_ptr<EdgeLists> previous_edge_lists_;
  std::vector<EdgeChange> edge_changes_;  // Of a derived edge table.
};

}  // namespace omnigraph::table
