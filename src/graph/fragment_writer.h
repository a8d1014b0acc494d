// Turns rows into fragments, key indexes and manifests on the store.

#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "format/records.h"
#include "graph/table_delta.h"
#include "store/object_store.h"
#include "table/compaction.h"
#include "table/table.h"

namespace omnigraph::graph {

/// Everything that these write is unreachable until a commit names the manifest. `table_path` is
/// `TableState::DataPath()`.
class FragmentWriter {
 public:
  /// `pool` may be null: then fragments are written one after the other.
  FragmentWriter(store::ObjectStore& store, ThreadPool* pool) : store_(store), pool_(pool) {}

  /// Writes what `table` holds in segments (`table::PlanFlush`) and gives the digest of the
  /// manifest that then describes all of its rows. `generation` is that of the coming commit.
  /// Errors: those of the store.
  Result<std::string> Flush(const table::Table& table, const std::string& table_path,
                            std::uint64_t generation);

  /// As `Flush`, with a large change on top of `table`: its new rows become fragments at once.
  Result<std::string> WriteDelta(const table::Table& table, const std::string& table_path,
                                 TableDelta& delta, std::uint64_t generation);

  /// Writes what `plan` says of `table`. Gives the digest of the manifest and the number of new
  /// fragments. Errors: as `Flush`.
  struct Compacted {
    std::string manifest;
    std::uint64_t fragments_added = 0;
  };
  Result<Compacted> Compact(const table::Table& table, const std::string& table_path,
                            const table::CompactionPlan& plan);

  /// Appends the newest image of a row, in another layout, to a batch of `Rewrite`.
  using RowAppender = std::function<void(table::RowId row, format::RowBatch* rows)>;
  /// Writes every row of `table` anew as a row of `type`, a later version of its type, with the ids
  /// and row ids that they have. `append` must not append ids where `has_stored_ids` is false.
  /// Errors: as `Flush`.
  Result<std::string> Rewrite(const table::Table& table, const std::string& table_path,
                              const schema::TableType& type,
                              const std::function<RowAppender(bool has_stored_ids)>& appender,
                              std::uint64_t generation);

  /// Removes, as far as the store lets it, the rows that were written so far: their commit will not
  /// come, and a disk that is full must not stay so. Manifests stay, as other commits may have the
  /// same.
  void Discard();

 private:
  Result<format::Manifest> FlushedManifest(const table::Table& table, const std::string& table_path,
                                           std::uint64_t generation);
  Result<format::FragmentInfo> WriteRows(const std::string& table_path, format::RowBatch& rows,
                                         const std::vector<table::RowId>& row_ids,
                                         std::uint64_t first_row_id, std::string generated_id_base,
                                         std::uint64_t generation);
  Result<std::string> WriteManifest(const format::Manifest& manifest);
  void Note(std::string key);

  store::ObjectStore& store_;
  ThreadPool* pool_;
  std::mutex mutex_;
  std::vector<std::string> written_;  // Guarded by mutex_. Keys of fragments and key indexes.
};

}  // namespace omnigraph::graph
