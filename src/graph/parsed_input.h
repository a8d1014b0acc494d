// The records of one load as typed rows: read once, planned as often as the branch moves.
//
// A record that is no record at all (bad JSON, unknown type, no endpoints) ends the reading. What
// is wrong inside a record is kept as the fault of its type, since checks of other types may come
// before it (engine contract S9.7): `PlanLoad` reports it in its turn.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "format/row_batch.h"
#include "graph/block_reader.h"
#include "graph/load_limits.h"
#include "schema/catalog.h"

namespace omnigraph::graph {

/// Where a record stands in the input; both count from 1.
struct RecordPlace {
  std::uint32_t record = 0;
  std::uint32_t line = 0;  ///< Of the record's start.
};

/// "line 6, record 3": how messages name a record.
std::string PlaceText(RecordPlace place);

/// What is wrong with one record.
struct RecordFault {
  RecordPlace place;
  std::string message;       ///< Without the place.
  bool is_bad_json = false;  ///< The message is only the reason.
  Status ToStatus() const;
};

/// Rows of one type, in input order, small enough for one fragment.
struct ParsedRows {
  explicit ParsedRows(const schema::TableType& type);

  std::size_t size() const { return places.size(); }
  std::size_t size_bytes() const;
  /// Appends the rows of `other` with their places shifted; without `has_rows` only endpoints and
  /// places.
  void AppendAll(const ParsedRows& other, RecordPlace shift, bool has_rows);

  format::RowBatch rows;
  /// `data.id` of keyless nodes and of edges: empty while no row has one, else an entry per row,
  /// null where the id is to be generated.
  format::ColumnBuilder explicit_ids;
  /// Edges only: the ids of their endpoints, in the canonical spelling of the node's key. When the
  /// type has a fault these go on behind the last row.
  format::ColumnBuilder sources, targets;
  std::vector<RecordPlace> places;
};

/// All rows of one type.
struct ParsedTable {
  const schema::TableType* type = nullptr;
  std::uint64_t records_count = 0;  ///< Accepted or not. 0: the input has no record of this type.
  std::vector<ParsedRows> pieces;
  bool has_explicit_ids = false;
  std::optional<RecordFault> fault;  ///< The first record that is not a row of this type.
};

/// How often a key of `data` was ignored because no property has that name.
struct IgnoredKey {
  std::string type;
  std::string key;
  std::uint64_t count = 0;
};

struct ParsedInput {
  const schema::Catalog* catalog = nullptr;
  std::vector<ParsedTable> nodes;  ///< By ordinal of the catalog, as `edges`.
  std::vector<ParsedTable> edges;
  std::vector<IgnoredKey> ignored;  ///< Ascending by type and key.
  std::uint64_t records_count = 0;
  std::uint64_t bytes_read = 0;
};

/// How the members of records are judged.
struct RecordRules {
  bool ignore_unknown = false;  ///< Keys of `data` that are no property: count, do not refuse.
  bool is_strict = false;       ///< Ids must be spelled as their key spells them.
};

struct LoadInput {
  ByteReader read;
  bool ignore_unknown = false;  ///< As in `RecordRules`.
  bool is_strict = false;       ///< One record per line, checked as `StrictLines` says.
  /// Called now and then from the calling thread; may be empty.
  std::function<void(std::uint64_t bytes_read, std::uint64_t records)> on_progress;
  LoadLimits limits;
};

/// Reads and types the whole input. `catalog` must outlive the result. The calling thread reads and
/// gathers while the pool parses; it may be one of the pool's.
///
/// Cost: about 5 ns per byte of JSON on one thread, memory of the typed rows and of a few blocks.
/// Errors: `kInvalidArgument` naming line and record for the first record that is none;
/// `kResourceExhausted` for a limit; `kDeadlineExceeded`; those of the reader.
Result<ParsedInput> ParseRecords(const LoadInput& input, const schema::Catalog& catalog,
                                 ThreadPool& pool, const Deadline& deadline);

}  // namespace omnigraph::graph
