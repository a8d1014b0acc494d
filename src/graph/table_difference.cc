// Implements graph/table_difference.h.

#include "graph/table_difference.h"

#include <algorithm>
#include <utility>

#include "table/row_compare.h"

namespace omnigraph::graph {
namespace {

using table::kNoRow;
using table::PropertyPair;
using table::RowId;
using table::Table;

constexpr std::size_t kRowsBetweenDeadlineChecks = 4096;

const TableSlot& SlotOf(const Snapshot& snapshot, const schema::TableType& type) {
  return schema::IsNodeTable(type) ? *snapshot.node_slot(type.ordinal)
                                   : *snapshot.edge_slot(type.ordinal);
}

bool IsTwoSided(const PropertyPair& property) {
  return property.before.has_value() && property.after.has_value();
}

bool IsSameSegment(const format::Segment* left, const format::Segment* right) {
  return left->id == right->id;
}

// A row of which only the id is known yet.
struct NamedRow {
  std::string id;
  RowId row;
};

bool IsBelow(const NamedRow& a, const NamedRow& b) {
  return a.id < b.id;
}

// Finds the changed rows of one table.
class Comparison {
 public:
  Comparison(const Snapshot& before, const Snapshot& after, const TablePair& pair,
             const Deadline& deadline)
      : before_view_(before), after_view_(after), pair_(pair), deadline_(deadline) {}

  Result<std::vector<ChangedRow>> Run() {
    if (pair_.before != nullptr && pair_.after != nullptr) {
      OG_RETURN_IF_ERROR(CompareTables());
    } else {
      OG_RETURN_IF_ERROR(TakeWholeTable());
    }
    OG_RETURN_IF_ERROR(MatchById());
    std::sort(changed_.begin(), changed_.end(),
              [](const ChangedRow& a, const ChangedRow& b) { return a.id < b.id; });
    return std::move(changed_);
  }

 private:
  Status CompareTables() {
    properties_ = table::PairProperties(*pair_.before, *pair_.after);
    if (ShareTable(before_view_, after_view_, pair_)) return Status::Ok();
    OG_ASSIGN_OR_RETURN(before_, before_view_.TableOf(*pair_.before));
    OG_ASSIGN_OR_RETURN(after_, after_view_.TableOf(*pair_.after));
    OG_ASSIGN_OR_RETURN(table::PlaceDifference places,
                        table::ComparePlaces(*before_, *after_, properties_));
    return MatchByRowId(std::move(places));
  }

  Status TakeWholeTable() {
    const bool is_gone = pair_.before != nullptr;
    OG_ASSIGN_OR_RETURN(const Table* const table, is_gone ? before_view_.TableOf(*pair_.before)
                                                          : after_view_.TableOf(*pair_.after));
    (is_gone ? before_ : after_) = table;
    RowId next = 0;
    std::vector<RowId> rows;
    for (table->Scan(&next, kRowsBetweenDeadlineChecks, &rows); !rows.empty();
         table->Scan(&next, kRowsBetweenDeadlineChecks, &rows)) {
      OG_RETURN_IF_ERROR(CheckDeadline());
      for (const RowId row : rows)
        OG_RETURN_IF_ERROR(AddNamed(*table, row, is_gone ? &only_before_ : &only_after_));
    }
    return Status::Ok();
  }

  Status CheckDeadline() const {
    if (!deadline_.HasPassed()) return Status::Ok();
    return Status::Error(ErrorCode::kDeadlineExceeded, "the deadline of the comparison passed");
  }

  static Status AddNamed(const Table& table, RowId row, std::vector<NamedRow>* rows) {
    NamedRow named{{}, row};
    OG_RETURN_IF_ERROR(table.AppendId(row, named.id));
    rows->push_back(std::move(named));
    return Status::Ok();
  }

  // Most rows keep their row id, whatever happens to them. Those that do and have the same id text
  // are compared at once; the others have to be matched by that text.
  Status MatchByRowId(table::PlaceDifference places) {
    std::sort(places.before.begin(), places.before.end());
    std::sort(places.after.begin(), places.after.end());
    auto before = places.before.begin();
    auto after = places.after.begin();
    for (std::size_t i = 0; before != places.before.end() || after != places.after.end(); ++i) {
      if (i % kRowsBetweenDeadlineChecks == 0) OG_RETURN_IF_ERROR(CheckDeadline());
      if (after == places.after.end() || (before != places.before.end() && *before < *after)) {
        OG_RETURN_IF_ERROR(AddNamed(*before_, *before++, &only_before_));
      } else if (before == places.before.end() || *after < *before) {
        OG_RETURN_IF_ERROR(AddNamed(*after_, *after++, &only_after_));
      } else {
        OG_RETURN_IF_ERROR(MatchRow(*before++));
        ++after;
      }
    }
    return Status::Ok();
  }

  Status MatchRow(RowId row) {
    before_id_.clear();
    after_id_.clear();
    OG_RETURN_IF_ERROR(before_->AppendId(row, before_id_));
    OG_RETURN_IF_ERROR(after_->AppendId(row, after_id_));
    if (before_id_ == after_id_) return AddIfDifferent(std::string_view(before_id_), row, row);
    only_before_.push_back({before_id_, row});
    only_after_.push_back({after_id_, row});
    return Status::Ok();
  }

  Status AddIfDifferent(std::string_view id, RowId before_row, RowId after_row) {
    OG_RETURN_IF_ERROR(table::OpenRow(*before_, before_row));
    OG_RETURN_IF_ERROR(table::OpenRow(*after_, after_row));
    bool is_different = false;
    for (std::size_t i = 0; i < properties_.size() && !is_different; ++i) {
      is_different = table::IsDifferent(properties_[i], *before_, before_row, *after_, after_row);
    }
    if (!is_different && before_->is_edge()) {
      OG_ASSIGN_OR_RETURN(const bool joins_others, JoinsOthers(before_row, after_row));
      is_different = joins_others;
    }
    if (is_different) changed_.push_back({std::string(id), before_row, after_row});
    return Status::Ok();
  }

  Result<bool> JoinsOthers(RowId before_row, RowId after_row) const {
    const RowImage before{&before_view_, before_, before_row, true};
    const RowImage after{&after_view_, after_, after_row, true};
    for (const bool is_source : {true, false}) {
      OG_ASSIGN_OR_RETURN(const std::string old_end, EndpointId(before, is_source));
      OG_ASSIGN_OR_RETURN(const std::string new_end, EndpointId(after, is_source));
      if (old_end != new_end) return true;
    }
    return false;
  }

  // Rows in neither list stand in both tables under their ids, so nobody has to be looked up.
  Status MatchById() {
    std::sort(only_before_.begin(), only_before_.end(), IsBelow);
    std::sort(only_after_.begin(), only_after_.end(), IsBelow);
    auto before = only_before_.begin();
    auto after = only_after_.begin();
    for (std::size_t i = 0; before != only_before_.end() || after != only_after_.end(); ++i) {
      if (i % kRowsBetweenDeadlineChecks == 0) OG_RETURN_IF_ERROR(CheckDeadline());
      if (after == only_after_.end() || (before != only_before_.end() && before->id < after->id)) {
        changed_.push_back({std::move(before->id), before->row, kNoRow});
        ++before;
      } else if (before == only_before_.end() || after->id < before->id) {
        changed_.push_back({std::move(after->id), kNoRow, after->row});
        ++after;
      } else {
        OG_RETURN_IF_ERROR(AddIfDifferent(after->id, before->row, after->row));
        ++before;
        ++after;
      }
    }
    return Status::Ok();
  }

  const Snapshot& before_view_;
  const Snapshot& after_view_;
  const TablePair& pair_;
  const Deadline& deadline_;
  std::vector<PropertyPair> properties_;
  const Table* before_ = nullptr;
  const Table* after_ = nullptr;
  std::vector<NamedRow> only_before_;
  std::vector<NamedRow> only_after_;
  std::vector<ChangedRow> changed_;
  std::string before_id_;  // Of the row at hand.
  std::string after_id_;
};

Result<RowImage> ImageOf(const Snapshot& view, const schema::TableType* type, RowId row) {
  RowImage image;
  image.view = &view;
  if (type == nullptr || row == kNoRow) return image;
  OG_ASSIGN_OR_RETURN(image.table, view.TableOf(*type));
  OG_RETURN_IF_ERROR(table::OpenRow(*image.table, row));
  image.row = row;
  image.is_present = true;
  return image;
}

}  // namespace

std::vector<TablePair> PairTables(const Snapshot& before, const Snapshot& after) {
  std::vector<TablePair> pairs;
  for (const schema::TableType* type : after.catalog().Tables())
    pairs.push_back({before.catalog().FindTableById(type->id), type});
  for (const schema::TableType* type : before.catalog().Tables()) {
    if (after.catalog().FindTableById(type->id) == nullptr) pairs.push_back({type, nullptr});
  }
  return pairs;
}

bool ShareTable(const Snapshot& before, const Snapshot& after, const TablePair& pair) {
  if (pair.before == nullptr || pair.after == nullptr) return false;
  const TableSlot& left = SlotOf(before, *pair.before);
  const TableSlot& right = SlotOf(after, *pair.after);
  if (left.state().manifest != right.state().manifest) return false;
  const auto left_segments = left.Segments();
  const auto right_segments = right.Segments();
  if (!std::equal(left_segments.begin(), left_segments.end(), right_segments.begin(),
                  right_segments.end(), IsSameSegment)) {
    return false;
  }
  // The same bytes may have a value that one of two schemas does not know.
  const auto properties = table::PairProperties(*pair.before, *pair.after);
  return std::all_of(properties.begin(), properties.end(), IsTwoSided);
}

Result<std::vector<ChangedRow>> FindChangedRows(const Snapshot& before, const Snapshot& after,
                                                const TablePair& pair, const Deadline& deadline) {
  return Comparison(before, after, pair, deadline).Run();
}

Result<RowImage> BeforeImage(const Snapshot& before, const TablePair& pair, const ChangedRow& row) {
  return ImageOf(before, pair.before, row.before);
}

Result<RowImage> AfterImage(const Snapshot& after, const TablePair& pair, const ChangedRow& row) {
  return ImageOf(after, pair.after, row.after);
}

Result<std::vector<std::string_view>> ChangedNames(const RowImage& before, const RowImage& after) {
  const schema::TableType& old_type = before.table->type();
  const schema::TableType& type = after.table->type();
  std::vector<std::string_view> names;
  for (const PropertyPair& property : table::PairProperties(old_type, type)) {
    if (!table::IsDifferent(property, *before.table, before.row, *after.table, after.row)) continue;
    names.push_back(property.after ? type.properties[*property.after].name
                                   : old_type.properties[*property.before].name);
  }
  if (!after.table->is_edge()) return names;
  for (const bool is_source : {true, false}) {
    OG_ASSIGN_OR_RETURN(const std::string old_end, EndpointId(before, is_source));
    OG_ASSIGN_OR_RETURN(const std::string new_end, EndpointId(after, is_source));
    if (old_end != new_end) names.push_back(is_source ? "src" : "dst");
  }
  return names;
}

}  // namespace omnigraph::graph
