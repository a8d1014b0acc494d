// Implements graph/merge_rows.h.

#include "graph/merge_rows.h"

#include <utility>

#include "graph/repository.h"
#include "history/merge_base.h"
#include "table/row_compare.h"

namespace omnigraph::graph {
namespace {

Result<const table::Table*> TableIn(const table::GraphView& view, const schema::TableType& type) {
  return schema::IsNodeTable(type) ? view.NodeTable(type.ordinal) : view.EdgeTable(type.ordinal);
}

}  // namespace

Result<RowImage> FindRow(const table::GraphView& view, const schema::TableType& type,
                         std::string_view id) {
  RowImage image;
  image.view = &view;
  OG_ASSIGN_OR_RETURN(image.table, TableIn(view, type));
  OG_ASSIGN_OR_RETURN(const std::optional<table::RowId> row, image.table->FindById(id));
  if (!row) return image;
  image.row = *row;
  image.is_present = true;
  OG_RETURN_IF_ERROR(table::OpenRow(*image.table, *row));
  return image;
}

Result<std::string> EndpointId(const RowImage& edge, bool is_source) {
  const auto& type = static_cast<const schema::EdgeType&>(edge.table->type());
  OG_ASSIGN_OR_RETURN(const table::Table* const nodes,
                      edge.view->NodeTable(is_source ? type.from : type.to));
  std::string id;
  OG_RETURN_IF_ERROR(nodes->AppendId(
      is_source ? edge.table->SourceOf(edge.row) : edge.table->TargetOf(edge.row), id));
  return id;
}

Result<bool> AreSame(const RowImage& left, const RowImage& right) {
  if (left.is_disputed || right.is_disputed) return false;
  if (!left.is_present || !right.is_present) return left.is_present == right.is_present;
  if (left.table == right.table && left.row == right.row) return true;
  if (table::FirstDifference(*left.table, left.row, *right.table, right.row)) return false;
  if (!left.table->is_edge()) return true;
  for (const bool is_source : {true, false}) {
    OG_ASSIGN_OR_RETURN(const std::string left_end, EndpointId(left, is_source));
    OG_ASSIGN_OR_RETURN(const std::string right_end, EndpointId(right, is_source));
    if (left_end != right_end) return false;
  }
  return true;
}

MergeBase::MergeBase(Repository& repository, std::vector<history::StoredCommit> ancestors,
                     int depth)
    : repository_(repository),
      ancestors_(std::move(ancestors)),
      depth_(depth),
      below_(ancestors_.size()) {
  OG_CHECK(!ancestors_.empty());
}

Result<std::vector<std::shared_ptr<const Snapshot>>> MergeBase::Snapshots() {
  if (snapshots_.empty()) {
    std::vector<std::shared_ptr<const Snapshot>> snapshots;
    for (const history::StoredCommit& ancestor : ancestors_) {
      OG_ASSIGN_OR_RETURN(auto snapshot, repository_.AtCommit(ancestor.commit().id));
      snapshots.push_back(std::move(snapshot));
    }
    snapshots_ = std::move(snapshots);
  }
  return snapshots_;
}

Result<MergeBase*> MergeBase::Below(std::size_t index) {
  if (!below_[index]) {
    const auto end = ancestors_.begin() + static_cast<std::ptrdiff_t>(index);
    OG_ASSIGN_OR_RETURN(
        auto lower, history::MergeBases(repository_.commits(), {ancestors_.begin(), end}, {*end}));
    if (lower.empty()) return static_cast<MergeBase*>(nullptr);
    below_[index] = std::make_unique<MergeBase>(repository_, std::move(lower), depth_ + 1);
  }
  return below_[index].get();
}

Result<RowImage> MergeBase::Find(const schema::TableType& type, std::string_view id) {
  OG_ASSIGN_OR_RETURN(const auto snapshots, Snapshots());
  OG_ASSIGN_OR_RETURN(RowImage merged, FindRow(*snapshots[0], type, id));
  RowImage disputed;
  disputed.is_disputed = true;
  for (std::size_t i = 1; i < snapshots.size(); ++i) {
    OG_ASSIGN_OR_RETURN(const RowImage next, FindRow(*snapshots[i], type, id));
    OG_ASSIGN_OR_RETURN(const bool is_same, AreSame(merged, next));
    if (is_same) continue;
    if (depth_ >= kDepthMax) return disputed;
    OG_ASSIGN_OR_RETURN(MergeBase* const below, Below(i));
    if (below == nullptr) return disputed;
    OG_ASSIGN_OR_RETURN(const RowImage before, below->Find(type, id));
    OG_ASSIGN_OR_RETURN(const bool is_merged_old, AreSame(before, merged));
    OG_ASSIGN_OR_RETURN(const bool is_next_old, AreSame(before, next));
    if (is_merged_old) {
      merged = next;
    } else if (!is_next_old) {
      return disputed;
    }
  }
  return merged;
}

}  // namespace omnigraph::graph
