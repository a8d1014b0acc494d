// Plans a load: which rows are new, which replace others, which go, and every check of the data
// contract, in its order (S9.7):
//
//   nodes by declaration:  faults ─▶ @range, @check, enums ─▶ ids and @unique inside the input
//   all edges:             endpoints exist
//   edges by declaration:  faults ─▶ enums ─▶ ids and @unique inside the input
//   all touched types:     append conflicts, @unique against stored rows
//   touched edges:         @card

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "graph/parsed_input.h"
#include "graph/table_delta.h"
#include "table/table.h"

namespace omnigraph::graph {

class UniqueIndexes;

enum class LoadMode : unsigned char {
  kAppend,     ///< Only new ids; one that is there is a conflict.
  kMerge,      ///< Whole rows replace those with the same id, others are added.
  kOverwrite,  ///< Types with a record hold exactly the rows of the input afterwards.
};

struct LoadPlan {
  struct Loaded {
    const schema::TableType* type = nullptr;
    std::uint64_t records_count = 0;  ///< Accepted records, not net new rows.
  };

  /// One per changed table, nodes before edges, both in the order of declaration. Apply all of them
  /// to what the plan was made on.
  std::vector<TableDelta> deltas;
  /// Types with a record, ascending by table key.
  std::vector<Loaded> loaded;
  /// Edges of types without a record that an overwrite left without an endpoint; their removal is
  /// among the deltas.
  std::uint64_t edges_removed = 0;
  /// Keys of the tables that were changed or looked at, ascending: the plan holds as long as they
  /// do not change.
  std::vector<std::string> tables_read;
};

/// Plans `input` on `base`, whose catalog must be the one that it was parsed with. May be called
/// again on a newer head; `input` stays as it is.
///
/// Row ids of stored rows never change: a type that is overwritten keeps the ids of rows whose key
/// comes again when edges of other types lead to it, so that those edges stay.
///
/// Cost: a probe per new id and endpoint, a copy of the rows, and scans of the stored rows for
/// `@unique` (unless `indexes` helps, see constraints.h), `@card` and stranded edges where there
/// are such. Errors: `kInvalidArgument` for the first violation; `kConflict` for an append of an id
/// that is there, and for another schema; `kResourceExhausted` when row ids run out;
/// `kDeadlineExceeded`; those of reading tables.
Result<LoadPlan> PlanLoad(const ParsedInput& input, LoadMode mode, const table::GraphView& base,
                          ThreadPool& pool, const Deadline& deadline,
                          UniqueIndexes* indexes = nullptr);

}  // namespace omnigraph::graph
