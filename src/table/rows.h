// The inside of a `Table`: where each row stands. Shared by the table, its columns and its builder.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "table/chunk.h"
#include "table/edge_lists.h"
#include "table/paged_array.h"
#include "table/table.h"
#include "table/tail_keys.h"
#include "table/text_index.h"

namespace omnigraph::table {

/// A place that overrides the one that a row's id implies. `chunk` counts from 1; 0 means "none".
struct MovedPlace {
  std::uint32_t chunk = 0;
  std::uint32_t position = 0;
};

struct Table::Rows {
  std::vector<std::shared_ptr<const Chunk>> chunks;

  /// The contiguous chunks, ascending by their first row; both have one entry per such chunk.
  std::vector<RowId> starts;
  std::vector<std::uint32_t> start_chunks;

  PagedArray<MovedPlace, 9> moved;

  /// Bit r % 64 of word r / 64 says that row r is not live. 4,096 rows a page.
  PagedArray<std::uint64_t, 6> dead;
  std::uint64_t dead_count = 0;

  /// Stored ids of rows in segments; chunks of fragments have indexes of their own.
  TailKeys tail_keys;

  /// Of edges: neighbours, built at first use and derived from those of the table before.
  std::shared_ptr<EdgeLists> edge_lists;

  /// What text searches of this snapshot share, by property.
  mutable std::mutex text_mutex;
  mutable std::map<std::pair<schema::PropertyOrdinal, index::TextPostings::Kind>,
                   std::shared_ptr<const TextIndex>>
      text_indexes;  // Guarded by text_mutex.

  mutable std::mutex open_mutex;
  mutable bool is_open = false;  // Guarded by open_mutex.

  // The mutexes and lists of a copy are its own.
  Rows() = default;
  Rows(const Rows& other)
      : chunks(other.chunks),
        starts(other.starts),
        start_chunks(other.start_chunks),
        moved(other.moved),
        dead(other.dead),
        dead_count(other.dead_count),
        tail_keys(other.tail_keys) {}

  bool IsDead(RowId row) const { return (dead.Get(row / 64) >> (row % 64) & 1) != 0; }

  /// The newest place of a stored row.
  struct Place {
    const Chunk* chunk;
    std::uint32_t position;
  };
  Place Locate(RowId row) const;

  /// Rows [begin, end) stand in `chunk`, row r at the position r - base (modulo 2^32).
  struct Window {
    const Chunk* chunk;
    RowId base;
    RowId begin;
    RowId end;
  };
  /// The longest window around a stored row that is cheap to find: its chunk, cut to a page of the
  /// map of moved rows; of a page where rows moved, the row alone.
  Window WindowAround(RowId row) const;
};

}  // namespace omnigraph::table
