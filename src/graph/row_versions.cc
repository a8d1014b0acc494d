// Implements graph/row_versions.h.

#include "graph/row_versions.h"

#include <algorithm>

namespace omnigraph::graph {
namespace {

bool Inserts(const format::Segment& segment, table::RowId row) {
  return row >= segment.first_row_id && row < segment.first_row_id + segment.inserted_count;
}

}  // namespace

RowVersions::RowVersions(const Snapshot& snapshot, const schema::TableType* type)
    : snapshot_(snapshot), type_(type) {
  if (type == nullptr) return;
  const TableSlot& slot = schema::IsNodeTable(*type) ? *snapshot.node_slot(type->ordinal)
                                                     : *snapshot.edge_slot(type->ordinal);
  for (const format::Segment* segment : slot.Segments()) {
    if (segment->removes_all_before) {
      segments_.clear();
      replaces_all_ = true;
    }
    segments_.push_back(segment);
  }
}

std::uint64_t RowVersions::OfWrite(table::RowId row) const {
  for (auto segment = segments_.rbegin(); segment != segments_.rend(); ++segment) {
    const std::vector<std::uint32_t>& updated = (*segment)->updated;
    if (Inserts(**segment, row) || std::binary_search(updated.begin(), updated.end(), row)) {
      return VersionOf((*segment)->generation);
    }
  }
  return snapshot_.commit().version;
}

Result<std::uint64_t> RowVersions::OfRemoval(std::string_view id, table::RowId row) {
  if (type_ == nullptr) return snapshot_.commit().version;
  if (!removed_in_tail_) OG_RETURN_IF_ERROR(FindRemovedInTail());
  const auto again = removed_in_tail_->find(id);
  if (again != removed_in_tail_->end()) return VersionOf(again->second);
  const std::optional<std::uint64_t> generation = RemovalOf(row);
  if (!generation) return snapshot_.commit().version;
  // Another branch may have given the same number to another row.
  OG_ASSIGN_OR_RETURN(const table::Table* const table, snapshot_.TableOf(*type_));
  std::string stored_id;
  OG_RETURN_IF_ERROR(table->AppendId(row, stored_id));
  return stored_id == id ? VersionOf(*generation) : snapshot_.commit().version;
}

std::optional<std::uint64_t> RowVersions::RemovalOf(table::RowId row) const {
  // What stood before an overwrite is not stored any more.
  if (replaces_all_ && row < segments_.front()->first_row_id) return std::nullopt;
  for (const format::Segment* segment : segments_) {
    if (std::binary_search(segment->deleted.begin(), segment->deleted.end(), row)) {
      return segment->generation;
    }
  }
  return std::nullopt;
}

// A run of commits holds the latest ones; before the first merge both numbers are equal.
std::uint64_t RowVersions::VersionOf(std::uint64_t generation) const {
  const format::Commit& commit = snapshot_.commit();
  if (commit.version == commit.generation) return generation;
  for (const format::Commit& other : snapshot_.run()->commits) {
    if (other.generation == generation) return other.version;
  }
  return commit.version;
}

Status RowVersions::FindRemovedInTail() {
  removed_in_tail_.emplace();
  OG_ASSIGN_OR_RETURN(const table::Table* const table, snapshot_.TableOf(*type_));
  for (const format::Segment* segment : segments_) {
    const auto begin = static_cast<table::RowId>(segment->first_row_id);
    const auto end = static_cast<table::RowId>(begin + segment->inserted_count);
    for (table::RowId row = begin; row < end; ++row) {
      if (table->IsLive(row)) continue;
      const std::optional<std::uint64_t> generation = RemovalOf(row);
      if (!generation) continue;
      std::string id;
      OG_RETURN_IF_ERROR(table->AppendId(row, id));
      std::uint64_t& latest = (*removed_in_tail_)[std::move(id)];
      latest = std::max(latest, *generation);
    }
  }
  return Status::Ok();
}

}  // namespace omnigraph::graph
