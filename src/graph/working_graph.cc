// Implements graph/working_graph.h.

#include "graph/working_graph.h"

#include <arrow/api.h>

#include <algorithm>
#include <iterator>

#include "base/clock.h"
#include "base/hash.h"
#include "format/fragment.h"
#include "graph/table_difference.h"
#include "table/chunk.h"
#include "table/table_builder.h"

namespace omnigraph::graph {
namespace {

std::uint64_t SizeOf(const TableDelta& delta) {
  std::uint64_t bytes = 11 * (delta.updated_rows.size() + delta.deleted.size());
  for (const format::RowBatch& piece : delta.inserted)
    bytes += piece.size_bytes();
  if (delta.updated) bytes += delta.updated->size_bytes();
  return bytes;
}

Status TooManyRows(const schema::TableType& type) {
  return Status::Error(ErrorCode::kResourceExhausted,
                       "table '" + type.table_key + "' has given out all " +
                           std::to_string(table::kNoRow - 1) +
                           " row ids (table.row_ids_max); export the graph and load it anew");
}

}  // namespace

WorkingGraph::WorkingGraph(std::shared_ptr<const Snapshot> base, ThreadPool* pool)
    : base_(std::move(base)), writer_(*base_->cache()->store(), pool) {}

WorkingGraph::~WorkingGraph() = default;

Result<const table::Table*> WorkingGraph::NodeTable(std::uint32_t node_type) const {
  return TableOf(catalog().node(node_type));
}

Result<const table::Table*> WorkingGraph::EdgeTable(std::uint32_t edge_type) const {
  return TableOf(catalog().edge(edge_type));
}

Result<const table::Table*> WorkingGraph::TableOf(const schema::TableType& type) const {
  const auto found = changed_.find(type.table_key);
  if (found != changed_.end()) return found->second.table.get();
  return base_->TableOf(type);
}

Result<WorkingGraph::Changed*> WorkingGraph::Change(const schema::TableType& type) {
  const auto found = changed_.find(type.table_key);
  if (found != changed_.end()) return &found->second;
  TableSlot& slot =
      schema::IsNodeTable(type) ? *base_->node_slot(type.ordinal) : *base_->edge_slot(type.ordinal);
  OG_RETURN_IF_ERROR(slot.Get(*base_->cache()).status());
  Changed changed;
  changed.table = slot.built();
  changed.path = slot.state().DataPath();
  changed.manifest = slot.state().manifest;
  for (const std::uint32_t segment : slot.state().segments)
    changed.segments.push_back({segment});
  return &changed_.emplace(type.table_key, std::move(changed)).first->second;
}

Status WorkingGraph::Apply(TableDelta delta) {
  if (delta.empty()) return Status::Ok();
  OG_ASSIGN_OR_RETURN(Changed* const changed, Change(*delta.type));
  if (changed->table->row_ids_end() + delta.inserted_count() >= table::kNoRow) {
    return TooManyRows(*delta.type);
  }
  changed->is_only_moved = false;
  changed->is_taken_over = false;
  return SizeOf(delta) >= bulk_bytes_min_ ? ApplyBulk(*changed, delta)
                                          : ApplySegments(*changed, delta);
}

Status WorkingGraph::AddSegment(Changed& changed, format::Segment segment) {
  segment.id = UlidGenerator::System().Next();
  segment.type_id = changed.table->type().id;
  segment.generation = generation();
  table::TableBuilder builder(*changed.table);
  OG_RETURN_IF_ERROR(builder.AddSegment(segment));
  const std::uint64_t kept = segment.removes_all_before ? 0 : changed.table->rows_count();
  OG_ASSIGN_OR_RETURN(auto next,
                      builder.Finish(changed.table->row_ids_end() + segment.inserted_count,
                                     kept + segment.inserted_count - segment.deleted.size()));
  retired_.push_back(std::exchange(changed.table, std::move(next)));
  if (segment.removes_all_before) {
    changed.segments.clear();
    changed.manifest.clear();
  }
  changed.segments.push_back({0, std::make_shared<const format::Segment>(std::move(segment))});
  return Status::Ok();
}

const format::Segment& WorkingGraph::At(const SegmentRef& segment) const {
  return segment.added ? *segment.added : base_->run()->segments[segment.in_base];
}

std::uint64_t WorkingGraph::TailSize(const std::vector<SegmentRef>& segments) const {
  std::uint64_t bytes = 0;
  for (const SegmentRef& segment : segments)
    bytes += At(segment).size_bytes();
  return bytes;
}

Status WorkingGraph::ApplySegments(Changed& changed, TableDelta& delta) {
  const auto encode = [](format::RowBatch& rows, format::Segment* segment) -> Status {
    OG_ASSIGN_OR_RETURN(std::string bytes, format::EncodeSegmentRows(rows.Finish({})));
    segment->bytes = std::make_shared<const std::string>(std::move(bytes));
    return Status::Ok();
  };
  format::Segment segment;
  segment.deleted = std::move(delta.deleted);
  segment.removes_all_before = delta.removes_all_before;
  if (delta.inserted_count() > 0) {
    format::RowBatch rows(*delta.type);
    for (const format::RowBatch& piece : delta.inserted)
      rows.AppendAll(piece);
    segment.inserted_count = rows.size();
    segment.first_row_id = changed.table->row_ids_end();
    segment.generated_id_base = delta.generated_id_base;
    OG_RETURN_IF_ERROR(encode(rows, &segment));
  }
  if (segment.inserted_count > 0 || !segment.deleted.empty() || segment.removes_all_before) {
    OG_RETURN_IF_ERROR(AddSegment(changed, std::move(segment)));
  }
  if (!delta.updated_rows.empty()) {
    // In a segment of its own, since its rows carry their ids.
    format::Segment update;
    update.updated = std::move(delta.updated_rows);
    OG_RETURN_IF_ERROR(encode(*delta.updated, &update));
    OG_RETURN_IF_ERROR(AddSegment(changed, std::move(update)));
  }
  return Status::Ok();
}

Status WorkingGraph::ApplyBulk(Changed& changed, TableDelta& delta) {
  const table::Table& before = *changed.table;
  const std::uint64_t row_ids_end = before.row_ids_end() + delta.inserted_count();
  const std::uint64_t kept = delta.removes_all_before ? 0 : before.rows_count();
  const std::uint64_t rows_count = kept + delta.inserted_count() - delta.deleted.size();
  OG_ASSIGN_OR_RETURN(changed.manifest,
                      writer_.WriteDelta(before, changed.path, delta, generation()));
  changed.segments.clear();
  return Rebuild(changed, row_ids_end, rows_count, nullptr);
}

Status WorkingGraph::Rebuild(Changed& changed, std::uint64_t row_ids_end, std::uint64_t rows_count,
                             std::shared_ptr<const table::Table> same_rows) {
  const schema::TableType& type = changed.table->type();
  format::TableState state;
  state.table_key = type.table_key;
  state.path = changed.path;
  state.manifest = changed.manifest;
  state.row_ids_end = row_ids_end;
  state.rows_count = rows_count;
  TableSlot slot({base_->schema()->catalog, &type}, state, base_->run(), std::move(same_rows));
  OG_RETURN_IF_ERROR(slot.Get(*base_->cache()).status());
  retired_.push_back(std::exchange(changed.table, slot.built()));
  return Status::Ok();
}

Status WorkingGraph::Compacted(const schema::TableType& type, std::string manifest,
                               std::size_t segments_folded) {
  OG_ASSIGN_OR_RETURN(Changed* const changed, Change(type));
  const format::TableState* base = base_->commit().FindTable(type.table_key);
  OG_CHECK(base != nullptr && segments_folded <= base->segments.size());
  format::TableState state = *base;
  state.manifest = manifest;
  const auto folded = static_cast<std::ptrdiff_t>(segments_folded);
  state.segments.erase(state.segments.begin(), state.segments.begin() + folded);
  TableSlot slot({base_->schema()->catalog, &type}, state, base_->run(), changed->table);
  OG_RETURN_IF_ERROR(slot.Get(*base_->cache()).status());
  retired_.push_back(std::exchange(changed->table, slot.built()));
  changed->manifest = std::move(manifest);
  changed->segments.erase(changed->segments.begin(), changed->segments.begin() + folded);
  changed->is_only_moved = true;
  return Status::Ok();
}

Status WorkingGraph::Restore(const Snapshot& past) {
  OG_CHECK(!has_changes());
  const format::Commit& base = base_->commit();
  const schema::Schema& now = *base_->schema();
  const bool is_same_schema = past.schema()->source_digest == now.source_digest &&
                              past.schema()->identity.types == now.identity.types;
  NewSchema next;
  next.source_digest = past.commit().schema_digest;
  next.identity_digest = base.schema_identity;
  next.erasures = base.erasures;
  for (const schema::TableType* type : past.catalog().Tables()) {
    const schema::TableType* const present = catalog().FindTableById(type->id);
    const format::TableState* const state = base.FindTable(type->table_key);
    const bool is_kept = state != nullptr && state->type_id == type->id && present != nullptr &&
                         ShareTable(past, *base_, {type, present});
    if (is_kept) {
      next.tables.push_back(*state);
    } else {
      OG_RETURN_IF_ERROR(RestoreTable(*past.slot(*type), state, &next));
    }
  }
  if (is_same_schema && restored_.empty()) return Status::Ok();
  if (!is_same_schema) {
    OG_ASSIGN_OR_RETURN(next.identity_digest, IdentityOf(past));
  }
  std::sort(next.tables.begin(), next.tables.end(),
            [](const auto& a, const auto& b) { return a.table_key < b.table_key; });
  new_schema_ = std::move(next);
  return Status::Ok();
}

// `present` is what stands under the table's key now, or null.
Status WorkingGraph::RestoreTable(TableSlot& wanted, const format::TableState* present,
                                  NewSchema* next) {
  OG_RETURN_IF_ERROR(wanted.Get(*base_->cache()).status());
  format::TableState state = wanted.state();
  state.path = state.DataPath();
  state.segments.clear();
  state.table_version =
      std::max(state.table_version, present == nullptr ? 0 : present->table_version) + 1;
  // Row ids that were given out since belong to rows of the commits between.
  if (present != nullptr) state.row_ids_end = std::max(state.row_ids_end, present->row_ids_end);
  std::vector<format::Segment>& segments = restored_[state.table_key];
  for (const format::Segment* segment : wanted.Segments())
    segments.push_back(*segment);
  next->tables.push_back(std::move(state));
  return Status::Ok();
}

// The stable numbers of an earlier schema, stored so that none that was given since comes back.
Result<std::string> WorkingGraph::IdentityOf(const Snapshot& past) {
  schema::SchemaIdentity identity = past.schema()->identity;
  const schema::StableId next = base_->schema()->identity.next;
  if (identity.next == next) return past.commit().schema_identity;
  identity.next = next;
  const std::string document = schema::EncodeIdentity(identity);
  std::string digest = Sha256Hex(document);
  OG_RETURN_IF_ERROR(
      base_->cache()->store()->PutImmutable(format::SchemaIdentityKey(digest), document));
  return digest;
}

Status WorkingGraph::TakeOver(const schema::TableType& type, std::string manifest,
                              std::size_t segments_folded) {
  OG_RETURN_IF_ERROR(Compacted(type, std::move(manifest), segments_folded));
  changed_.at(type.table_key).is_taken_over = true;
  return Status::Ok();
}

bool WorkingGraph::has_changes() const {
  const auto is_change = [](const auto& entry) { return !entry.second.is_taken_over; };
  return std::any_of(changed_.begin(), changed_.end(), is_change) || new_schema_.has_value() ||
         !restored_.empty();
}

// Tables that this commit does not change are candidates too: else their segments would make every
// commit flush what it brings.
Status WorkingGraph::LimitTail() {
  std::uint64_t tail = 0;
  std::vector<std::pair<std::uint64_t, const schema::TableType*>> largest;
  for (const schema::TableType* type : catalog().Tables()) {
    const auto found = changed_.find(type->table_key);
    std::uint64_t size_bytes = 0;
    if (found != changed_.end()) {
      size_bytes = TailSize(found->second.segments);
    } else if (const format::TableState* state = base_->commit().FindTable(type->table_key)) {
      for (const std::uint32_t index : state->segments) {
        size_bytes += base_->run()->segments[index].size_bytes();
      }
    }
    if (size_bytes > 0) largest.emplace_back(size_bytes, type);
    tail += size_bytes;
  }
  if (tail <= tail_bytes_max_) return Status::Ok();
  std::sort(largest.rbegin(), largest.rend());
  for (const auto& [size_bytes, type] : largest) {
    if (tail <= kTailBytesKept) break;
    const bool is_new = !changed_.contains(type->table_key);
    OG_ASSIGN_OR_RETURN(Changed* const changed, Change(*type));
    if (is_new) changed->is_only_moved = true;
    OG_ASSIGN_OR_RETURN(changed->manifest,
                        writer_.Flush(*changed->table, changed->path, generation()));
    changed->segments.clear();
    OG_RETURN_IF_ERROR(Rebuild(*changed, changed->table->row_ids_end(),
                               changed->table->rows_count(), changed->table));
    tail -= size_bytes;
  }
  return Status::Ok();
}

// Where segments stand in the run that a commit is appended to.
class WorkingGraph::SegmentPlaces {
 public:
  SegmentPlaces(const format::CommitRun& base, const format::CommitRun& run)
      : base_(base), run_(run), is_same_(&base == &run) {
    if (!is_same_) places_.resize(base.segments.size(), kNone);
  }

  std::uint32_t OfBase(std::uint32_t segment) {
    if (is_same_) return segment;
    if (places_[segment] == kNone) places_[segment] = Add(base_.segments[segment]);
    return places_[segment];
  }
  std::uint32_t Of(const SegmentRef& segment) {
    return segment.added ? Add(*segment.added) : OfBase(segment.in_base);
  }
  /// Of one that comes from elsewhere and may be there already.
  std::uint32_t OfEqual(const format::Segment& segment) {
    for (std::uint32_t i = 0; i < base_.segments.size(); ++i) {
      if (base_.segments[i].id == segment.id) return OfBase(i);
    }
    for (std::size_t i = 0; i < added_.size(); ++i) {
      if (added_[i].id == segment.id) return static_cast<std::uint32_t>(run_.segments.size() + i);
    }
    return Add(segment);
  }
  void AppendAdded(format::CommitRun* run) {
    std::move(added_.begin(), added_.end(), std::back_inserter(run->segments));
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::uint32_t Add(const format::Segment& segment) {
    added_.push_back(segment);
    return static_cast<std::uint32_t>(run_.segments.size() + added_.size() - 1);
  }

  const format::CommitRun& base_;
  const format::CommitRun& run_;
  const bool is_same_;
  std::vector<std::uint32_t> places_;  // Of the base's segments.
  std::vector<format::Segment> added_;
};

void WorkingGraph::PlaceTables(const CommitHeader& header, format::Commit* commit,
                               SegmentPlaces* places, Snapshot::BuiltTables* built) const {
  for (format::TableState& state : commit->tables) {
    const auto restored = restored_.find(state.table_key);
    if (restored != restored_.end()) {
      state.branch = header.branch;
      for (const format::Segment& segment : restored->second)
        state.segments.push_back(places->OfEqual(segment));
      continue;
    }
    const auto found = changed_.find(state.table_key);
    if (found == changed_.end()) {
      for (std::uint32_t& segment : state.segments)
        segment = places->OfBase(segment);
      continue;
    }
    const Changed& changed = found->second;
    if (!changed.is_only_moved) {
      ++state.table_version;
      state.branch = header.branch;
    }
    state.rows_count = changed.table->rows_count();
    state.row_ids_end = changed.table->row_ids_end();
    state.manifest = changed.manifest;
    state.segments.clear();
    for (const SegmentRef& segment : changed.segments)
      state.segments.push_back(places->Of(segment));
    built->emplace(state.table_key, changed.table);
  }
}

Result<std::shared_ptr<const Snapshot>> WorkingGraph::Finish(
    const CommitHeader& header, const std::shared_ptr<format::CommitRun>& run) {
  // The tables of another schema are stored already, and not as this view sees them.
  if (!new_schema_) OG_RETURN_IF_ERROR(LimitTail());
  const format::Commit& parent = base_->commit();
  format::Commit commit = parent;
  commit.id = header.id;
  commit.write_id = header.write_id;
  commit.parent = parent.id;
  commit.merged_parent.reset();
  if (is_merge()) commit.merged_parent = merged_parent_.id;
  commit.version = parent.version + 1;
  commit.generation = generation();
  commit.branch = header.branch;
  commit.branch_incarnation = header.branch_incarnation;
  commit.actor = header.actor;
  commit.receipt = header.receipt;
  commit.created_at_micros = std::max(
      {header.created_at_micros, parent.created_at_micros, merged_parent_.created_at_micros});
  commit.operation = header.operation;
  if (new_schema_) {
    commit.schema_digest = new_schema_->source_digest;
    commit.schema_identity = new_schema_->identity_digest;
    commit.tables = new_schema_->tables;
    commit.erasures = new_schema_->erasures;
  }

  SegmentPlaces places(*base_->run(), *run);
  Snapshot::BuiltTables built;
  PlaceTables(header, &commit, &places, &built);
  const std::size_t segments_before = run->segments.size();
  places.AppendAdded(run.get());
  run->commits.push_back(std::move(commit));
  auto snapshot = Snapshot::Open(base_->cache(), run, run->commits.size() - 1, base_.get(), built);
  if (!snapshot.ok()) {
    run->commits.pop_back();
    run->segments.resize(segments_before);
  }
  return snapshot;
}

}  // namespace omnigraph::graph
