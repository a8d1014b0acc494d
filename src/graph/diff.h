// The difference of two commits of one graph, row by row: what would have to be done to the one to
// get the other.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "graph/row_image.h"
#include "graph/snapshot.h"
#include "graph/table_difference.h"

namespace omnigraph::graph {

enum class RowOperation : unsigned char { kInsert, kUpdate, kDelete };
std::string_view RowOperationName(RowOperation operation);  ///< "insert".

enum class RowKind : unsigned char { kNode, kEdge };
std::string_view RowKindName(RowKind kind);  ///< "node".
RowKind KindOf(const schema::TableType& type);

/// What to report; an empty list means everything. A name of either commit finds a renamed type.
struct DiffFilter {
  std::vector<RowKind> kinds;
  std::vector<std::string> type_names;
  std::vector<RowOperation> operations;

  bool Takes(const TablePair& pair) const;
  bool Takes(RowOperation operation) const;
};

enum class DiffOrder : unsigned char {
  kTableKey,      ///< By table key, then id, both in byte order.
  kTypeIdentity,  ///< Nodes before edges, by the stable id of the type, then id.
};

/// A row in the order `kTypeIdentity`.
struct DiffPosition {
  RowKind kind = RowKind::kNode;
  schema::StableId type = 0;
  std::string id;
};

struct DiffOptions {
  DiffFilter filter{};
  DiffOrder order = DiffOrder::kTableKey;
  /// Start behind this row. Requires `kTypeIdentity`.
  std::optional<DiffPosition> resume_after{};
  Deadline deadline{};
};

/// One row that differs. Images live as long as the visit.
struct RowDifference {
  const TablePair& table;
  std::string_view id;
  RowOperation operation = RowOperation::kInsert;
  RowImage before;  ///< Absent for inserts.
  RowImage after;   ///< Absent for deletes.
  /// The version of the commit, in the history of the later one, that last wrote or removed the
  /// row; the version of the later commit itself where that is not known without a search.
  std::uint64_t version = 0;

  /// The image that there is; the later one of updates.
  const RowImage& image() const { return after.is_present ? after : before; }
};

/// Takes one difference; false ends the run.
using DiffVisitor = std::function<Result<bool>(const RowDifference& difference)>;

/// Visits the rows that differ between `from` and `to`, in order.
///
/// Cost: what the two commits do not share. Memory: the ids of the changed rows of one table.
/// Errors: as of `FindChangedRows`, and those of the visitor.
Status VisitDifference(const Snapshot& from, const Snapshot& to, const DiffOptions& options,
                       const DiffVisitor& visit);

/// Visits every row of one commit as an insert. Memory: the ids of one table.
Status VisitAllRows(const Snapshot& snapshot, const DiffOptions& options, const DiffVisitor& visit);

}  // namespace omnigraph::graph
