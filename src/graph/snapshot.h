// A read-only view of one commit: its schema and its tables, opened when they are asked for and
// shared with the snapshots before and after it.

#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "graph/unique_index.h"
#include "schema/compile.h"
#include "store/object_store.h"
#include "table/table.h"

namespace omnigraph::table {
class Chunk;
class TableBuilder;
}  // namespace omnigraph::table

namespace omnigraph::graph {

/// Reads what snapshots are made of and keeps what several of them share. Thread-safe.
class ObjectCache {
 public:
  explicit ObjectCache(std::shared_ptr<store::ObjectStore> store) : store_(std::move(store)) {}

  const std::shared_ptr<store::ObjectStore>& store() const { return store_; }
  UniqueIndexes& unique_indexes() { return unique_indexes_; }

  /// The accepted schema with that digest, compiled with the stable numbers of `identity` (the
  /// digest of a document, or empty: those of a new graph). One object per pair for the life of the
  /// cache. Errors: `kNotFound`, `kCorruption` naming the object.
  Result<std::shared_ptr<const schema::Schema>> Schema(const std::string& digest,
                                                       const std::string& identity);

  Result<std::shared_ptr<const format::Manifest>> Manifest(const std::string& digest);

  /// One chunk per fragment, as long as some table uses it.
  std::shared_ptr<const table::Chunk> Fragment(const std::string& table_path,
                                               const format::FragmentInfo& info,
                                               std::shared_ptr<const schema::TableType> type);

 private:
  const std::shared_ptr<store::ObjectStore> store_;
  UniqueIndexes unique_indexes_;
  std::mutex mutex_;
  // All below are guarded by mutex_.
  std::unordered_map<std::string, std::shared_ptr<const schema::Schema>>
      schemas_;  // Never shrinks.
  std::unordered_map<std::string, std::shared_ptr<const format::Manifest>> manifests_;
  std::unordered_map<std::string, std::weak_ptr<const table::Chunk>> chunks_;
};

/// A table that is built when it is first read.
class TableSlot {
 public:
  /// Built from `state`, whose segments stand in `run`. `same_rows` may be a table of the same
  /// content in another form.
  TableSlot(std::shared_ptr<const schema::TableType> type, const format::TableState& state,
            std::shared_ptr<const format::CommitRun> run,
            std::shared_ptr<const table::Table> same_rows = nullptr)
      : type_(std::move(type)),
        state_(state),
        run_(std::move(run)),
        same_rows_(std::move(same_rows)) {}
  /// Built already.
  TableSlot(std::shared_ptr<const table::Table> table, const format::TableState& state,
            std::shared_ptr<const format::CommitRun> run);

  const format::TableState& state() const { return state_; }
  const std::shared_ptr<const schema::TableType>& type() const { return type_; }

  /// Errors: `kNotFound` when the table was erased; those of reading it.
  Result<const table::Table*> Get(ObjectCache& cache);
  /// A later schema change removed the rows for good. To be called before anybody reads.
  void MarkErased() { is_erased_ = true; }
  /// The table if it is built, else null.
  std::shared_ptr<const table::Table> built() const;
  /// The segments of the table, oldest first.
  std::vector<const format::Segment*> Segments() const;
  const std::shared_ptr<const format::CommitRun>& run() const { return run_; }

  /// A slot for `state` that shares this slot's rows where `state` continues them.
  std::shared_ptr<TableSlot> Follow(const format::TableState& state,
                                    const std::shared_ptr<const format::CommitRun>& run);

 private:
  Result<std::shared_ptr<const table::Table>> Build(ObjectCache& cache) const;

  std::shared_ptr<const schema::TableType> type_;
  format::TableState state_;
  std::shared_ptr<const format::CommitRun> run_;
  std::shared_ptr<const table::Table> same_rows_;
  bool is_erased_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const table::Table> table_;  // Guarded by mutex_.
};

class Snapshot final : public table::GraphView {
 public:
  /// Tables that are built already, by table key.
  using BuiltTables = std::unordered_map<std::string, std::shared_ptr<const table::Table>>;

  /// A view of `run->commits[index]`. `previous` may be null; what it shares is not built again.
  static Result<std::shared_ptr<const Snapshot>> Open(std::shared_ptr<ObjectCache> cache,
                                                      std::shared_ptr<const format::CommitRun> run,
                                                      std::size_t index, const Snapshot* previous,
                                                      const BuiltTables& built = {});

  /// A commit of the past, in which what later commits erased (`later`) cannot be read.
  static Result<std::shared_ptr<const Snapshot>> OpenPast(
      std::shared_ptr<ObjectCache> cache, std::shared_ptr<const format::CommitRun> run,
      std::size_t index, const std::vector<format::Erasure>& later);

  const schema::Catalog& catalog() const override { return *schema_->catalog; }
  Result<const table::Table*> NodeTable(std::uint32_t node_type) const override;
  Result<const table::Table*> EdgeTable(std::uint32_t edge_type) const override;
  Result<const table::Table*> TableOf(const schema::TableType& type) const;

  const format::Commit& commit() const { return run_->commits[index_]; }
  const std::shared_ptr<const format::CommitRun>& run() const { return run_; }
  std::size_t index() const { return index_; }  ///< Of the commit in `run`.
  const std::shared_ptr<const schema::Schema>& schema() const { return schema_; }
  const std::shared_ptr<ObjectCache>& cache() const { return cache_; }

  const std::shared_ptr<TableSlot>& slot(const schema::TableType& type) const {
    return schema::IsNodeTable(type) ? nodes_[type.ordinal] : edges_[type.ordinal];
  }
  /// By ordinal.
  const std::shared_ptr<TableSlot>& node_slot(std::uint32_t type) const { return nodes_[type]; }
  const std::shared_ptr<TableSlot>& edge_slot(std::uint32_t type) const { return edges_[type]; }

 private:
  Snapshot() = default;

  std::shared_ptr<ObjectCache> cache_;
  std::shared_ptr<const format::CommitRun> run_;
  std::size_t index_ = 0;
  std::shared_ptr<const schema::Schema> schema_;
  std::vector<std::shared_ptr<TableSlot>> nodes_;
  std::vector<std::shared_ptr<TableSlot>> edges_;
};

}  // namespace omnigraph::graph
