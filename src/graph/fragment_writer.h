// Turns rows into fragments, key indexes and manifests on the store.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "format/records.h"
#include "graph/table_delta.h"
#include "store/object_store.h"
#include "table/table.h"

namespace omnigraph::graph {

/// Everything that these write is unreachable until a commit names the manifest.
class FragmentWriter {
 public:
  /// `pool` may be null: then fragments are written one after the other.
  FragmentWriter(store::ObjectStore& store, ThreadPool* pool) : store_(store), pool_(pool) {}

  /// Writes what `table` holds in segments (`table::PlanFlush`) and gives the digest of the
  /// manifest that then describes all of its rows. `generation` is that of the coming commit.
  /// Errors: those of the store.
  Result<std::string> Flush(const table::Table& table, std::uint64_t generation);

  /// As `Flush`, with a large change on top of `table`: its new rows become fragments at once.
  Result<std::string> WriteDelta(const table::Table& table, TableDelta& delta,
                                 std::uint64_t generation);

 private:
  Result<format::Manifest> FlushedManifest(const table::Table& table, std::uint64_t generation);
  Result<format::FragmentInfo> WriteRows(format::RowBatch& rows,
                                         const std::vector<table::RowId>& row_ids,
                                         std::uint64_t first_row_id, std::string generated_id_base,
                                         std::uint64_t generation);
  Result<std::string> WriteManifest(const format::Manifest& manifest);

  store::ObjectStore& store_;
  ThreadPool* pool_;
};

}  // namespace omnigraph::graph
