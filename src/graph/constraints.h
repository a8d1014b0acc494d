// The constraints of a schema on rows that an operation writes: values, uniqueness, cardinality.
//
// Loads ask before anything is applied, with the new rows on one side and the stored table on the
// other; mutations ask at their end, on the table as it will be. Every violation is a
// `kInvalidArgument` in the words of schema/constraints.h, and the first in a fixed order, so that
// messages never depend on hashing or threads.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/row_batch.h"
#include "schema/catalog.h"
#include "table/table.h"

namespace omnigraph::graph {

class UniqueIndexes;

/// New images of rows of one type. Rows are counted across the pieces.
struct NewRows {
  explicit NewRows(const schema::TableType& table_type) : type(&table_type) {}

  const schema::TableType* type;
  std::vector<const format::RowBatch*> pieces;
  /// Edges only: the row ids of the endpoints, one per row. Empty: those in the pieces count.
  std::span<const table::RowId> sources, targets;
  /// By row: replaced by a later row of the same id, so not written at all. Empty: none is.
  std::vector<bool> is_superseded;
  /// Names a row in front of a violation ("line 3, record 2"). May be empty.
  std::function<std::string(std::size_t row)> describe;
  /// Edges only: the ids of a row's endpoints in messages. May be empty.
  std::function<std::string(std::size_t row)> source_id, target_id;

  std::size_t size() const;
};

/// By row id: stored rows that the operation replaces or removes. Ids beyond its size stay.
using ReplacedRows = std::vector<bool>;

/// `@range` and `@check` of all rows, then enum values. Nulls pass.
Status CheckValues(const NewRows& rows);
Status CheckValues(const format::RowBatch& rows);

/// `@unique` groups among the rows themselves. A tuple with a null is exempt. Names the 0-based
/// positions of both rows. The key is not among the groups: equal keys are equal ids.
Status CheckUniqueWithin(const NewRows& rows);

/// `@unique` groups against the stored rows that stay. Cost per group: a scan of its columns, none
/// for an empty table; with `indexes`, a lookup for each row of a small write.
Status CheckUniqueAgainst(const NewRows& rows, const table::Table& stored,
                          const ReplacedRows& replaced, UniqueIndexes* indexes = nullptr);

/// `@unique` groups of some live rows against all live rows of their table, themselves included.
/// Cost as above. With `view`, which holds the table, messages give the ids of endpoints.
Status CheckUniqueRows(const table::Table& table, const std::vector<table::RowId>& rows,
                       const table::GraphView* view = nullptr, UniqueIndexes* indexes = nullptr);

/// Live rows that have the same tuple in one `@unique` group, ascending; at least two.
struct EqualTuples {
  const schema::ColumnGroup* group;
  std::vector<table::RowId> rows;
};

/// The sets of equal tuples in which at least one of `rows`, which are live, takes part. Cost: a
/// scan of the table per group; with `indexes`, a lookup for each row of a small merge.
Result<std::vector<EqualTuples>> FindEqualTuples(const table::Table& table,
                                                 const std::vector<table::RowId>& rows,
                                                 UniqueIndexes* indexes = nullptr);

/// The sets of live rows that have the same tuple in `group`, each ascending, of at least two. A
/// tuple with a null equals none. `fills` says what stands for null, by column of the group: a
/// column of one cell, or nothing. Cost: a scan of the group's columns.
Result<std::vector<std::vector<table::RowId>>> FindEqualRows(
    const table::Table& table, const schema::ColumnGroup& group,
    const std::vector<const format::ColumnBuilder*>& fills = {});

/// `@card` of some sources, in the order given. `count_of` gives the edges of a source, `id_of` the
/// id that a message shows. `have_lost_edges`: as of `schema::CardinalityViolation`.
Status CheckCardinality(const schema::EdgeType& edge, std::span<const table::RowId> sources,
                        const std::function<std::uint64_t(table::RowId)>& count_of,
                        const std::function<Result<std::string>(table::RowId)>& id_of,
                        bool have_lost_edges = false);

/// How many edges start at each of `sources`, which ascend and are distinct.
Result<std::vector<std::uint64_t>> CountEdgesOf(const schema::EdgeType& edge,
                                                const table::GraphView& view,
                                                const std::vector<table::RowId>& sources);

/// `@card` of the sources, ascending, in `view` as it is. Nothing is read for an unlimited type.
Status CheckCardinalityOfSources(const schema::EdgeType& edge, const table::GraphView& view,
                                 std::vector<table::RowId> sources, bool have_lost_edges = false);

/// The same for the sources of some live edges.
Status CheckCardinalityOf(const schema::EdgeType& edge, const table::GraphView& view,
                          const std::vector<table::RowId>& edges);

/// Calls `visit(row)` for the live rows of an opened table that are not among `replaced`.
template <typename Visit>
void ForEachKept(const table::Table& table, const ReplacedRows& replaced, Visit visit) {
  constexpr std::size_t kRowsAtOnce = 4096;
  table::RowId next = 0;
  for (std::vector<table::RowId> rows; table.Scan(&next, kRowsAtOnce, &rows), !rows.empty();) {
    for (const table::RowId row : rows) {
      if (row >= replaced.size() || !replaced[row]) visit(row);
    }
  }
}

}  // namespace omnigraph::graph
