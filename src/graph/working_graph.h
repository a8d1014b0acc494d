// A commit in the making: a snapshot with changes on top, readable like any graph.

#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "graph/fragment_writer.h"
#include "graph/snapshot.h"
#include "graph/table_delta.h"

namespace omnigraph::graph {

/// Tail bytes over which a commit moves segments into fragments (limit `commit.tail_bytes_max`),
/// and how many it may leave.
inline constexpr std::uint64_t kTailBytesMax = std::uint64_t{64} << 10;
inline constexpr std::uint64_t kTailBytesKept = std::uint64_t{16} << 10;
/// A change of one table from this size on becomes fragments without a detour.
inline constexpr std::uint64_t kBulkBytesMin = std::uint64_t{64} << 10;
/// The same for a writer that folds tails behind its replies (graph/folded_tail.h): one append is
/// quicker than the files of a fragment, and only whoever writes faster than it can fold has to
/// flush by itself (limit `commit.tail_bytes_forced`).
inline constexpr std::uint64_t kTailBytesForced = std::uint64_t{512} << 10;
inline constexpr std::uint64_t kBulkBytesMinBehind = std::uint64_t{256} << 10;

/// What names a commit besides its content.
struct CommitHeader {
  std::string id;
  std::string write_id;
  std::optional<std::string> branch;  ///< None = main.
  std::string branch_incarnation{};   ///< As in `CommitRun`.
  std::optional<std::string> actor;
  std::int64_t created_at_micros = 0;
  format::Operation operation = format::Operation::kMutate;
  std::optional<format::Receipt> receipt{};
};

/// The schema and all tables of a commit that changes the schema, stored already. Segments are
/// those of the base's run, in a layout that the new type shares.
struct NewSchema {
  std::string source_digest;
  std::string identity_digest;
  std::vector<format::TableState> tables;  ///< Ascending by key.
  std::vector<format::Erasure> erasures;
};

/// Not thread-safe. `base` must outlive it.
class WorkingGraph final : public table::GraphView {
 public:
  WorkingGraph(std::shared_ptr<const Snapshot> base, ThreadPool* pool);
  ~WorkingGraph() override;

  const schema::Catalog& catalog() const override { return base_->catalog(); }
  Result<const table::Table*> NodeTable(std::uint32_t node_type) const override;
  Result<const table::Table*> EdgeTable(std::uint32_t edge_type) const override;
  Result<const table::Table*> TableOf(const schema::TableType& type) const;

  const Snapshot& base() const { return *base_; }
  UniqueIndexes& unique_indexes() const { return base_->cache()->unique_indexes(); }

  /// Applies a change that was planned on `TableOf(*delta.type)` as it is now. Large ones are
  /// written to the store here. Views of the table that were bound before stay valid until this
  /// object goes.
  Status Apply(TableDelta delta);

  /// Lets `manifest` stand for the stored fragments of a table and its oldest `segments_folded`
  /// segments: the same rows, kept in another way. Not together with `Apply` to that table.
  Status Compacted(const schema::TableType& type, std::string manifest,
                   std::size_t segments_folded);

  /// Gives every table, and the schema, what they have in `past`; nothing else may be changed then.
  /// Rows stay where they are stored. No effect if everything is so already.
  /// Errors: `kNotFound` if rows of a table were dropped for good since.
  Status Restore(const Snapshot& past);

  /// As `Compacted`, but by itself no change that would be worth a commit. Before everything else.
  Status TakeOver(const schema::TableType& type, std::string manifest, std::size_t segments_folded);

  /// Says that somebody folds the tail behind the reply, so that this commit may leave it longer.
  void LeaveTail() {
    tail_bytes_max_ = kTailBytesForced;
    bulk_bytes_min_ = kBulkBytesMinBehind;
  }

  bool has_changes() const;

  /// Makes the commit one that changes the schema (graph/schema_change.h) and nothing else: `Apply`
  /// must not be called. The catalog of this view stays the base's.
  void SetSchema(NewSchema schema) { new_schema_ = std::move(schema); }
  /// What `SetSchema` or `Restore` have made of all tables, else null.
  const NewSchema* new_schema() const { return new_schema_ ? &*new_schema_ : nullptr; }
  FragmentWriter& writer() { return writer_; }
  /// Of the commit in the making.
  std::uint64_t generation() const {
    return std::max(base_->commit().generation, merged_parent_.generation) + 1;
  }

  /// Makes the commit a merge of `source`, which must be on the store: it is then worth a commit
  /// even without changes.
  void SetMergedParent(const format::Commit& source) {
    merged_parent_ = {source.id, source.generation, source.created_at_micros};
  }
  bool is_merge() const { return !merged_parent_.id.empty(); }

  /// Moves segments into fragments where the tail has grown too large, then appends the commit to
  /// `run`, whose last commit is the base's (or which has none yet), and gives the snapshot of it,
  /// which shares `run`: until it is published only the caller may append, and only read meanwhile.
  /// After an error `run` is as before.
  Result<std::shared_ptr<const Snapshot>> Finish(const CommitHeader& header,
                                                 const std::shared_ptr<format::CommitRun>& run);

 private:
  /// A segment of the base's run, or one that this commit brings.
  struct SegmentRef {
    std::uint32_t in_base = 0;
    std::shared_ptr<const format::Segment> added{};  // Null: `in_base` counts.
  };

  struct Changed {
    std::shared_ptr<const table::Table> table;
    std::string path;                  // Of its fragments: `TableState::DataPath`.
    std::string manifest;              // Of the fragments below the segments.
    std::vector<SegmentRef> segments;  // Oldest first, those of the base included.
    bool is_only_moved = false;        // The same rows, flushed: no new version.
    bool is_taken_over = false;        // The same rows, and nobody asked for a commit.
  };

  struct MergedParent {
    std::string id;  // Empty: not a merge.
    std::uint64_t generation = 0;
    std::int64_t created_at_micros = 0;
  };

  Result<Changed*> Change(const schema::TableType& type);
  Status ApplySegments(Changed& changed, TableDelta& delta);
  Status ApplyBulk(Changed& changed, TableDelta& delta);
  Status AddSegment(Changed& changed, format::Segment segment);
  // Reads the table anew from `changed.manifest`; `same_rows` (or null) has the same content.
  Status Rebuild(Changed& changed, std::uint64_t row_ids_end, std::uint64_t rows_count,
                 std::shared_ptr<const table::Table> same_rows);
  Status LimitTail();
  const format::Segment& At(const SegmentRef& segment) const;
  std::uint64_t TailSize(const std::vector<SegmentRef>& segments) const;
  class SegmentPlaces;
  void PlaceTables(const CommitHeader& header, format::Commit* commit, SegmentPlaces* places,
                   Snapshot::BuiltTables* built) const;
  Status RestoreTable(TableSlot& wanted, const format::TableState* present, NewSchema* next);
  Result<std::string> IdentityOf(const Snapshot& past);

  std::shared_ptr<const Snapshot> base_;
  FragmentWriter writer_;
  std::uint64_t tail_bytes_max_ = kTailBytesMax;
  std::uint64_t bulk_bytes_min_ = kBulkBytesMin;
  MergedParent merged_parent_;
  std::optional<NewSchema> new_schema_;
  std::map<std::string, Changed> changed_;                        // By table key.
  std::map<std::string, std::vector<format::Segment>> restored_;  // By table key.
  std::vector<std::shared_ptr<const table::Table>> retired_;  // Still bound by somebody, perhaps.
};

}  // namespace omnigraph::graph
