// Implements graph/merge_rows.h.

#include "graph/merge_rows.h"

#include <utility>

#include "graph/repository.h"
#include "history/merge_base.h"

namespace omnigraph::graph {

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
