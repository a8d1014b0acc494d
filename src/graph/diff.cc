// Implements graph/diff.h.

#include "graph/diff.h"

#include <algorithm>
#include <tuple>

#include "graph/row_versions.h"

namespace omnigraph::graph {
namespace {

constexpr std::size_t kRowsBetweenDeadlineChecks = 256;

template <typename T, typename U>
bool Contains(const std::vector<T>& wanted, const U& value) {
  return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

RowOperation OperationOf(const ChangedRow& row) {
  if (row.is_insert()) return RowOperation::kInsert;
  return row.is_delete() ? RowOperation::kDelete : RowOperation::kUpdate;
}

auto IdentityOf(const schema::TableType& type) {
  return std::pair(KindOf(type), type.id);
}

void Sort(DiffOrder order, std::vector<TablePair>* tables) {
  std::sort(tables->begin(), tables->end(), [order](const TablePair& a, const TablePair& b) {
    if (order == DiffOrder::kTypeIdentity) return IdentityOf(a.type()) < IdentityOf(b.type());
    // A name that was used again: what went stands before what came.
    return std::tuple(std::string_view(a.type().table_key), a.type().id) <
           std::tuple(std::string_view(b.type().table_key), b.type().id);
  });
}

// Visits the differences of one table. False if the visitor has enough.
Result<bool> VisitTable(const Snapshot& from, const Snapshot& to, const TablePair& pair,
                        std::optional<std::string_view> after_id, const DiffOptions& options,
                        const DiffVisitor& visit) {
  OG_ASSIGN_OR_RETURN(const std::vector<ChangedRow> rows,
                      FindChangedRows(from, to, pair, options.deadline));
  RowVersions versions(to, pair.after);
  std::size_t visited_count = 0;
  for (const ChangedRow& row : rows) {
    const RowOperation operation = OperationOf(row);
    if ((after_id && row.id <= *after_id) || !options.filter.Takes(operation)) continue;
    if (++visited_count % kRowsBetweenDeadlineChecks == 0 && options.deadline.HasPassed()) {
      return Status::Error(ErrorCode::kDeadlineExceeded, "the deadline of the comparison passed");
    }
    RowDifference difference{pair, row.id, operation, {}, {}, 0};
    OG_ASSIGN_OR_RETURN(difference.before, BeforeImage(from, pair, row));
    OG_ASSIGN_OR_RETURN(difference.after, AfterImage(to, pair, row));
    if (operation == RowOperation::kDelete) {
      OG_ASSIGN_OR_RETURN(difference.version, versions.OfRemoval(row.id, row.before));
    } else {
      difference.version = versions.OfWrite(row.after);
    }
    OG_ASSIGN_OR_RETURN(const bool goes_on, visit(difference));
    if (!goes_on) return false;
  }
  return true;
}

Status VisitTables(const Snapshot& from, const Snapshot& to, std::vector<TablePair> tables,
                   const DiffOptions& options, const DiffVisitor& visit) {
  OG_CHECK(!options.resume_after || options.order == DiffOrder::kTypeIdentity);
  std::erase_if(tables, [&](const TablePair& pair) { return !options.filter.Takes(pair); });
  Sort(options.order, &tables);
  for (const TablePair& pair : tables) {
    std::optional<std::string_view> after_id;
    if (options.resume_after) {
      const DiffPosition& position = *options.resume_after;
      const auto resumed = std::pair(position.kind, position.type);
      if (IdentityOf(pair.type()) < resumed) continue;
      if (IdentityOf(pair.type()) == resumed) after_id = position.id;
    }
    OG_ASSIGN_OR_RETURN(const bool goes_on, VisitTable(from, to, pair, after_id, options, visit));
    if (!goes_on) return Status::Ok();
  }
  return Status::Ok();
}

}  // namespace

std::string_view RowOperationName(RowOperation operation) {
  switch (operation) {
    case RowOperation::kInsert:
      return "insert";
    case RowOperation::kUpdate:
      return "update";
    case RowOperation::kDelete:
      return "delete";
  }
  OG_CHECK(false);
}

std::string_view RowKindName(RowKind kind) {
  return kind == RowKind::kNode ? "node" : "edge";
}

RowKind KindOf(const schema::TableType& type) {
  return schema::IsNodeTable(type) ? RowKind::kNode : RowKind::kEdge;
}

bool DiffFilter::Takes(const TablePair& pair) const {
  if (!kinds.empty() && !Contains(kinds, KindOf(pair.type()))) return false;
  return type_names.empty() ||
         (pair.before != nullptr && Contains(type_names, pair.before->name)) ||
         (pair.after != nullptr && Contains(type_names, pair.after->name));
}

bool DiffFilter::Takes(RowOperation operation) const {
  return operations.empty() || Contains(operations, operation);
}

Status VisitDifference(const Snapshot& from, const Snapshot& to, const DiffOptions& options,
                       const DiffVisitor& visit) {
  if (from.commit().id == to.commit().id) return Status::Ok();
  return VisitTables(from, to, PairTables(from, to), options, visit);
}

Status VisitAllRows(const Snapshot& snapshot, const DiffOptions& options,
                    const DiffVisitor& visit) {
  std::vector<TablePair> tables;
  for (const schema::TableType* type : snapshot.catalog().Tables())
    tables.push_back({nullptr, type});
  return VisitTables(snapshot, snapshot, std::move(tables), options, visit);
}

}  // namespace omnigraph::graph
