// Implements graph/merge.h.

#include "graph/merge.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/strings.h"
#include "graph/constraints.h"
#include "graph/merge_check.h"
#include "graph/merge_rows.h"
#include "graph/repository.h"
#include "graph/table_difference.h"
#include "history/merge_base.h"
#include "table/row_compare.h"
#include "table/tail.h"

namespace omnigraph::graph {
namespace {

using table::RowId;

constexpr std::size_t kConflictsNamedMax = 3;

// What the target has to become in one row: the source's image.
struct RowChange {
  std::string id;
  RowImage source;
  RowImage target;
};

struct TableChanges {
  const schema::TableType* type = nullptr;
  std::vector<RowChange> rows;  // Ascending by id.
};

Result<std::string> ShownCell(const RowImage& image, schema::PropertyOrdinal property) {
  OG_ASSIGN_OR_RETURN(const table::Column column, image.table->BindColumn(property));
  std::string text;
  column.AppendJson(image.row, text);
  return Abbreviate(text);
}

// One merge in planning.
class Merger {
 public:
  Merger(Repository& repository, const MergeSides& sides, WorkingGraph& working, MergePlan* plan)
      : repository_(repository), sides_(sides), working_(working), plan_(*plan) {}

  Status Run(Footprint* footprint) {
    OG_ASSIGN_OR_RETURN(const bool has_news, FindBase());
    if (!has_news) return Status::Ok();
    std::vector<const schema::TableType*> types = working_.catalog().Tables();
    std::sort(types.begin(), types.end(),
              [](const auto* a, const auto* b) { return a->table_key < b->table_key; });
    for (const schema::TableType* type : types) {
      OG_RETURN_IF_ERROR(CompareRows(*type));
      footprint->tables.push_back(type->table_key);
    }
    OG_RETURN_IF_ERROR(RefuseConflicts());
    working_.SetMergedParent(sides_.source->commit());
    OG_RETURN_IF_ERROR(ApplyAll());
    OG_RETURN_IF_ERROR(CheckMerged());
    return RefuseConflicts();
  }

 private:
  Result<bool> FindBase();
  Result<std::vector<std::string>> ChangedIds(const schema::TableType& type);
  Status CompareRows(const schema::TableType& type);
  Status AddRowConflict(const std::string& id, const RowImage& base, const RowImage& source,
                        const RowImage& target);
  Result<std::string> Comparison(const RowImage& left, const RowImage& right);
  Status ApplyAll();
  Status Apply(const TableChanges& changes);
  Status AppendImage(const RowChange& change, format::RowBatch* batch, bool* is_complete);
  Result<std::optional<RowId>> Translate(const schema::NodeType& type, RowId source_row);
  Status CheckMerged();
  Status RefuseConflicts();

  Repository& repository_;
  const MergeSides& sides_;
  WorkingGraph& working_;
  MergePlan& plan_;
  std::unique_ptr<MergeBase> base_;
  std::vector<TableChanges> changes_;
  std::vector<MergedTable> merged_;
  // By node type: rows of the source and what they are in the merged state.
  std::map<std::uint32_t, std::unordered_map<RowId, std::optional<RowId>>> translated_;
};

// Whether the source has anything that the target lacks; then `base_` is set.
Result<bool> Merger::FindBase() {
  const Snapshot& source = *sides_.source;
  const Snapshot& target = working_.base();
  const auto stored = [](const Snapshot& head) {
    return history::StoredCommit{head.run(), head.run()->commits.size() - 1};
  };
  OG_ASSIGN_OR_RETURN(auto ancestors, history::MergeBases(repository_.commits(), {stored(source)},
                                                          {stored(target)}));
  if (ancestors.empty()) {
    return Status::Error(ErrorCode::kInvalidArgument, "cannot merge '" + sides_.source_name +
                                                          "' into '" + sides_.target_name +
                                                          "': they have no common ancestor");
  }
  const std::string& first = ancestors.front().commit().id;
  if (first == source.commit().id) {
    plan_.outcome = MergeOutcome::kAlreadyUpToDate;
    return false;
  }
  plan_.outcome = first == target.commit().id ? MergeOutcome::kFastForward : MergeOutcome::kMerged;
  base_ = std::make_unique<MergeBase>(repository_, std::move(ancestors));
  OG_ASSIGN_OR_RETURN(const auto snapshots, base_->Snapshots());
  bool is_one_schema = source.schema() == target.schema();
  for (const std::shared_ptr<const Snapshot>& snapshot : snapshots) {
    is_one_schema = is_one_schema && snapshot->schema() == target.schema();
  }
  if (!is_one_schema) {
    return Status::Error(ErrorCode::kConflict,
                         "cannot merge '" + sides_.source_name + "' into '" + sides_.target_name +
                             "': the schema changed since they parted; export the rows of one and "
                             "load them into the other");
  }
  return true;
}

// The ids, ascending, of rows that differ between the source and some ancestor.
Result<std::vector<std::string>> Merger::ChangedIds(const schema::TableType& type) {
  std::set<std::string> ids;
  OG_ASSIGN_OR_RETURN(const auto snapshots, base_->Snapshots());
  for (const std::shared_ptr<const Snapshot>& snapshot : snapshots) {
    const TablePair pair{&type, &type};
    OG_ASSIGN_OR_RETURN(std::vector<ChangedRow> rows,
                        FindChangedRows(*snapshot, *sides_.source, pair, Deadline()));
    for (ChangedRow& row : rows)
      ids.insert(std::move(row.id));
  }
  return std::vector<std::string>(ids.begin(), ids.end());
}

Status Merger::CompareRows(const schema::TableType& type) {
  if (ShareTable(working_.base(), *sides_.source, {&type, &type})) return Status::Ok();
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> ids, ChangedIds(type));
  TableChanges changes;
  changes.type = &type;
  for (const std::string& id : ids) {
    OG_ASSIGN_OR_RETURN(const RowImage source, FindRow(*sides_.source, type, id));
    OG_ASSIGN_OR_RETURN(const RowImage base, base_->Find(type, id));
    OG_ASSIGN_OR_RETURN(const bool is_unchanged, AreSame(source, base));
    if (is_unchanged) continue;
    OG_ASSIGN_OR_RETURN(const RowImage target, FindRow(working_.base(), type, id));
    OG_ASSIGN_OR_RETURN(const bool is_agreed, AreSame(source, target));
    if (is_agreed) continue;
    OG_ASSIGN_OR_RETURN(const bool is_ours_only, AreSame(target, base));
    if (is_ours_only) {
      changes.rows.push_back({id, source, target});
    } else {
      OG_RETURN_IF_ERROR(AddRowConflict(id, base, source, target));
    }
  }
  if (!changes.rows.empty()) changes_.push_back(std::move(changes));
  return Status::Ok();
}

// "'tonnage' is 1 and 2", or the endpoint that differs.
Result<std::string> Merger::Comparison(const RowImage& left, const RowImage& right) {
  const auto different = table::FirstDifference(*left.table, left.row, *right.table, right.row);
  if (different) {
    OG_ASSIGN_OR_RETURN(const std::string left_text, ShownCell(left, *different));
    OG_ASSIGN_OR_RETURN(const std::string right_text, ShownCell(right, *different));
    return Quoted(left.table->type().properties[*different].name) + " is " + left_text + " and " +
           right_text;
  }
  for (const bool is_source : {true, false}) {
    OG_ASSIGN_OR_RETURN(const std::string left_end, EndpointId(left, is_source));
    OG_ASSIGN_OR_RETURN(const std::string right_end, EndpointId(right, is_source));
    if (left_end == right_end) continue;
    return std::string(is_source ? "'src'" : "'dst'") + " is " + Quoted(left_end) + " and " +
           Quoted(right_end);
  }
  return std::string("the rows are equal");
}

Status Merger::AddRowConflict(const std::string& id, const RowImage& base, const RowImage& source,
                              const RowImage& target) {
  const RowImage& present = source.is_present ? source : target;
  const schema::TableType& type = present.table->type();
  MergeConflict conflict;
  conflict.table_key = type.table_key;
  conflict.row_id = id;
  const std::string row = type.name + " " + Quoted(id);
  const std::string& theirs = sides_.source_name;
  const std::string& ours = sides_.target_name;
  if (!source.is_present || !target.is_present) {
    conflict.kind = ConflictKind::kDeleteVsUpdate;
    const std::string& deleter = source.is_present ? ours : theirs;
    const std::string& updater = source.is_present ? theirs : ours;
    conflict.message = "branch " + Quoted(deleter) + " deleted " + row + " and branch " +
                       Quoted(updater) + " changed it";
    if (base.is_present) {
      OG_ASSIGN_OR_RETURN(const std::string shown, Comparison(base, present));
      conflict.message += ": before and after, " + shown;
    }
  } else {
    const bool is_insert = !base.is_present && !base.is_disputed;
    conflict.kind = is_insert ? ConflictKind::kDivergentInsert : ConflictKind::kDivergentUpdate;
    OG_ASSIGN_OR_RETURN(const std::string shown, Comparison(source, target));
    conflict.message = "branches " + Quoted(theirs) + " and " + Quoted(ours) + " both " +
                       (is_insert ? "inserted " : "changed ") + row + ": " + shown;
  }
  plan_.conflicts.push_back(std::move(conflict));
  return Status::Ok();
}

Status Merger::RefuseConflicts() {
  if (plan_.conflicts.empty()) return Status::Ok();
  std::stable_sort(plan_.conflicts.begin(), plan_.conflicts.end(),
                   [](const MergeConflict& a, const MergeConflict& b) {
                     return std::tie(a.table_key, a.row_id) < std::tie(b.table_key, b.row_id);
                   });
  return Status::Error(ErrorCode::kConflict, ConflictSummary(plan_.conflicts));
}

// Nodes first, so that edges find their endpoints.
Status Merger::ApplyAll() {
  for (const bool are_nodes : {true, false}) {
    for (const TableChanges& changes : changes_) {
      if (schema::IsNodeTable(*changes.type) == are_nodes) OG_RETURN_IF_ERROR(Apply(changes));
    }
  }
  return Status::Ok();
}

Result<std::optional<RowId>> Merger::Translate(const schema::NodeType& type, RowId source_row) {
  auto& known = translated_[type.ordinal];
  const auto found = known.find(source_row);
  if (found != known.end()) return found->second;
  OG_ASSIGN_OR_RETURN(const table::Table* const from, sides_.source->TableOf(type));
  OG_ASSIGN_OR_RETURN(const table::Table* const to, working_.TableOf(type));
  std::string id;
  OG_RETURN_IF_ERROR(from->AppendId(source_row, id));
  OG_ASSIGN_OR_RETURN(const std::optional<RowId> row, to->FindById(id));
  known.emplace(source_row, row);
  return row;
}

// Appends the source's row in terms of the target, unless a node that it needs is gone there.
Status Merger::AppendImage(const RowChange& change, format::RowBatch* batch, bool* is_complete) {
  *is_complete = true;
  const table::Table& table = *change.source.table;
  std::optional<RowId> ends[2];
  if (table.is_edge()) {
    const auto& type = static_cast<const schema::EdgeType&>(table.type());
    for (const bool is_source : {true, false}) {
      const schema::NodeType& node = working_.catalog().node(is_source ? type.from : type.to);
      const RowId row =
          is_source ? table.SourceOf(change.source.row) : table.TargetOf(change.source.row);
      OG_ASSIGN_OR_RETURN(ends[is_source ? 0 : 1], Translate(node, row));
      if (ends[is_source ? 0 : 1]) continue;
      OG_ASSIGN_OR_RETURN(const std::string node_id, EndpointId(change.source, is_source));
      plan_.conflicts.push_back(OrphanEdge(type, change.id, is_source, node_id, node));
      *is_complete = false;
    }
  }
  if (!*is_complete) return Status::Ok();
  table::AppendRow(table, change.source.row, batch);
  if (table.is_edge()) {
    batch->mutable_sources().back() = *ends[0];
    batch->mutable_targets().back() = *ends[1];
  }
  return Status::Ok();
}

Status Merger::Apply(const TableChanges& changes) {
  const schema::TableType& type = *changes.type;
  OG_ASSIGN_OR_RETURN(const table::Table* const table, working_.TableOf(type));
  const RowId first_inserted = table->row_ids_end();
  MergedTable merged;
  merged.type = &type;
  TableDelta delta(type);
  std::vector<const RowChange*> updates;
  for (const RowChange& change : changes.rows) {
    if (change.target.is_present && table->is_edge()) {
      merged.sources.push_back(table->SourceOf(change.target.row));
    }
    if (!change.source.is_present) {
      delta.deleted.push_back(change.target.row);
    } else if (change.target.is_present) {
      updates.push_back(&change);
    } else {
      if (delta.inserted.empty() || delta.inserted.back().size() >= kFragmentRowsMax ||
          delta.inserted.back().size_bytes() >= kFragmentBytesMax) {
        delta.inserted.emplace_back(type);
      }
      bool is_complete = false;
      OG_RETURN_IF_ERROR(AppendImage(change, &delta.inserted.back(), &is_complete));
    }
  }
  std::sort(delta.deleted.begin(), delta.deleted.end());
  std::sort(updates.begin(), updates.end(),
            [](const RowChange* a, const RowChange* b) { return a->target.row < b->target.row; });
  if (!updates.empty()) delta.updated.emplace(type);
  for (const RowChange* change : updates) {
    bool is_complete = false;
    OG_RETURN_IF_ERROR(AppendImage(*change, &*delta.updated, &is_complete));
    if (is_complete) delta.updated_rows.push_back(change->target.row);
  }
  std::erase_if(delta.inserted, [](const format::RowBatch& piece) { return piece.empty(); });

  NewRows rows(type);
  for (const format::RowBatch& piece : delta.inserted)
    rows.pieces.push_back(&piece);
  if (delta.updated && !delta.updated->empty()) rows.pieces.push_back(&*delta.updated);
  FindValueViolations(rows, &plan_.conflicts);
  merged.written = delta.updated_rows;
  for (std::uint64_t i = 0; i < delta.inserted_count(); ++i) {
    merged.written.push_back(static_cast<RowId>(first_inserted + i));
  }
  merged.deleted = delta.deleted;
  merged_.push_back(std::move(merged));
  return working_.Apply(std::move(delta));
}

Status Merger::CheckMerged() {
  static const std::vector<RowId> kNone;
  std::map<std::uint32_t, const std::vector<RowId>*> deleted;  // By node type.
  for (const MergedTable& merged : merged_) {
    if (schema::IsNodeTable(*merged.type)) deleted[merged.type->ordinal] = &merged.deleted;
  }
  const auto deleted_of = [&](std::uint32_t node_type) -> const std::vector<RowId>& {
    const auto found = deleted.find(node_type);
    return found == deleted.end() ? kNone : *found->second;
  };
  for (const schema::EdgeType& edge : working_.catalog().edges()) {
    OG_RETURN_IF_ERROR(
        FindOrphans(edge, working_, deleted_of(edge.from), deleted_of(edge.to), &plan_.conflicts));
  }
  for (const MergedTable& merged : merged_) {
    OG_RETURN_IF_ERROR(FindRuleViolations(merged, working_, &plan_.conflicts));
  }
  return Status::Ok();
}

}  // namespace

std::string_view ConflictKindName(ConflictKind kind) {
  switch (kind) {
    case ConflictKind::kDivergentInsert:
      return "divergent_insert";
    case ConflictKind::kDivergentUpdate:
      return "divergent_update";
    case ConflictKind::kDeleteVsUpdate:
      return "delete_vs_update";
    case ConflictKind::kOrphanEdge:
      return "orphan_edge";
    case ConflictKind::kUniqueViolation:
      return "unique_violation";
    case ConflictKind::kCardinalityViolation:
      return "cardinality_violation";
    case ConflictKind::kValueConstraintViolation:
      return "value_constraint_violation";
  }
  OG_CHECK(false);
}

Status PlanMerge(Repository& repository, const MergeSides& sides, WorkingGraph& working,
                 Footprint* footprint, MergePlan* plan) {
  *plan = {};
  return Merger(repository, sides, working, plan).Run(footprint);
}

std::string ConflictSummary(const std::vector<MergeConflict>& conflicts) {
  std::string text = "merge conflicts: ";
  for (std::size_t i = 0; i < conflicts.size() && i < kConflictsNamedMax; ++i) {
    if (i > 0) text += "; ";
    text += conflicts[i].table_key;
    if (conflicts[i].row_id) text += ":" + *conflicts[i].row_id;
    text += " (" + std::string(ConflictKindName(conflicts[i].kind)) + ")";
  }
  if (conflicts.size() > kConflictsNamedMax) {
    text += "; and " + std::to_string(conflicts.size() - kConflictsNamedMax) + " more";
  }
  return text;
}

}  // namespace omnigraph::graph
