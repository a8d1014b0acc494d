// The part of a load that concerns one table: its ids, where its rows go, and its change.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "base/thread_pool.h"
#include "graph/constraints.h"
#include "graph/id_table.h"
#include "graph/load_plan.h"

namespace omnigraph::graph {

class LoadTable {
 public:
  /// Both must outlive this.
  LoadTable(const ParsedTable& parsed, const table::Table& stored, LoadMode mode);

  const schema::TableType& type() const { return *parsed_.type; }
  const ParsedTable& parsed() const { return parsed_; }
  const table::Table& stored() const { return stored_; }
  /// Parsed rows; of a type with a fault those before it.
  std::size_t size() const { return rows_.size_; }
  NewRows& new_rows() { return rows_.new_rows; }
  const NewRows& new_rows() const { return rows_.new_rows; }

  RecordPlace PlaceOf(std::size_t row) const;
  /// The id text of a row; none when it will be generated.
  std::optional<std::string_view> IdOf(std::size_t row) const;

  /// Hashes the ids and finds those that stand in the input twice: an error, except that a later
  /// record of a merge replaces earlier ones unless the id is a key.
  Status IndexIds(ThreadPool& pool);

  /// Overwrites replace rows one by one instead of all at once: see `PlanLoad`.
  void KeepRowIds() { is_in_place_ = true; }

  /// Looks the ids up in the stored table and gives every row its row id.
  Status AssignRowIds(ThreadPool& pool);

  /// The row that the input brings under this id, `kNoRow` if none. After `AssignRowIds`.
  table::RowId FindNew(std::string_view id, std::uint64_t hash) const;

  /// `kConflict` for the first row whose id is stored already.
  Status CheckAppend() const;

  /// Stored rows that the load replaces or removes, by row id.
  const ReplacedRows& replaced() const { return replaced_; }
  bool replaces_all() const { return mode_ == LoadMode::kOverwrite; }
  bool removes_all_before() const { return replaces_all() && !is_in_place_; }
  /// Whether a stored row is still there afterwards.
  bool Keeps(table::RowId stored_row) const;
  /// Row ids of the stored rows that get a new image, in input order.
  std::vector<table::RowId> UpdatedRows() const;
  /// The id text of a row that this load inserts; empty for one that it does not, or whose id is
  /// generated.
  std::string NewIdText(table::RowId row) const;

  /// Row ids of the endpoints of edges, one per record; sized by the caller.
  std::vector<table::RowId> sources, targets;
  /// Records with endpoints, also behind a fault.
  std::size_t endpoints_count() const { return endpoints_count_; }
  /// The piece of an endpoint record and its position there.
  std::pair<const ParsedRows*, std::size_t> EndpointsAt(std::size_t record) const;

  /// The change. Requires that all checks passed.
  Result<TableDelta> BuildDelta(ThreadPool& pool) const;

 private:
  struct Rows {
    explicit Rows(const schema::TableType& type) : new_rows(type) {}
    NewRows new_rows;
    std::vector<std::size_t> starts;  // First row of each piece.
    std::size_t size_ = 0;
  };
  std::pair<const ParsedRows*, std::size_t> Locate(std::size_t row) const;
  bool IsSuperseded(std::size_t row) const {
    return !rows_.new_rows.is_superseded.empty() && rows_.new_rows.is_superseded[row];
  }
  bool IsUpdate(std::size_t row) const {
    return !stored_rows_.empty() && stored_rows_[row] != table::kNoRow;
  }
  Status RefuseTwice(std::size_t first, std::size_t second) const;
  Status LookUpStored(ThreadPool& pool);
  Status AddUpdated(TableDelta* delta) const;
  format::RowBatch CopyInserted(std::size_t piece, const std::vector<std::string>& generated) const;
  void AppendId(const ParsedRows& piece, std::size_t at, std::string_view generated,
                format::RowBatch* batch) const;

  const ParsedTable& parsed_;
  const table::Table& stored_;
  const LoadMode mode_;
  const bool is_keyed_;
  bool is_in_place_ = false;
  Rows rows_;
  std::size_t endpoints_count_ = 0;
  std::vector<std::size_t> endpoint_starts_;
  std::vector<std::uint64_t> hashes_;      // By row; empty when all ids are generated.
  HashTable ids_;                          // Of the rows that are written.
  std::vector<table::RowId> stored_rows_;  // By row: the stored row that it replaces. May be empty.
  std::vector<table::RowId> row_ids_;      // By row.
  ReplacedRows replaced_;
};

}  // namespace omnigraph::graph
