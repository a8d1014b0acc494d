// All rows of one type in one commit: immutable, shared between snapshots, opened lazily.
//
// Rows stand in *chunks* (a stored fragment, or rows that a commit carries in its tail). A row id
// leads to its newest place; `Scan` gives the live ones in ascending order.
//
//     row id ──▶ moved? ──▶ (chunk, position) of the last update
//                  └─no──▶ the chunk whose range holds it
//
// Thread safety: immutable; what is built lazily is built once behind the scenes.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schema/catalog.h"
#include "table/column.h"
#include "table/row_id.h"

namespace omnigraph::table {

class Adjacency;
class EdgeRows;
class TableBuilder;

enum class Direction : unsigned char { kForward, kBackward };

class Table {
 public:
  ~Table();
  struct Rows;  // The inside, for this module: table/rows.h.

  const schema::TableType& type() const { return *type_; }
  /// The type by itself: who keeps it does not keep the rows.
  const std::shared_ptr<const schema::TableType>& shared_type() const { return type_; }
  bool is_edge() const { return is_edge_; }

  /// Live rows.
  std::uint64_t rows_count() const { return rows_count_; }
  /// One past the highest row id ever given out: the size of arrays indexed by row id.
  RowId row_ids_end() const { return row_ids_end_; }
  bool IsLive(RowId row) const;
  /// Whether every id below `row_ids_end()` is live, so that nobody needs to ask one by one.
  bool is_dense() const { return rows_count_ == row_ids_end_; }

  /// Replaces `rows` by the next live rows from `*next` on, ascending, at most `rows_max`, and
  /// moves `*next` behind them. An empty result means the end.
  void Scan(RowId* next, std::size_t rows_max, std::vector<RowId>* rows) const;

  /// The live row with that id text. Cost: a probe per chunk with a key index.
  /// Errors: `kUnavailable`, `kCorruption` of the index or the rows it opens.
  Result<std::optional<RowId>> FindById(std::string_view id) const;

  /// Binds a property or the id column. Errors: as of reading the chunks.
  Result<Column> BindColumn(schema::PropertyOrdinal column) const;
  /// The same for rows whose chunks the caller has opened (`OpenRow`), and for no others.
  Column BindColumnOfOpenRows(schema::PropertyOrdinal column) const;

  /// The id text of a stored row, appended. Cheap; also for generated ids.
  Status AppendId(RowId row, std::string& out) const;

  /// Opens every chunk, so that all rows can be read without an error. The binding functions do it.
  Status Open() const;

  /// Edges only, after `Open`. Which nodes an edge joins; both stay live as long as the edge does.
  RowId SourceOf(RowId edge) const;
  RowId TargetOf(RowId edge) const;

  /// Edges only: the edges by both ends, built at the first call and shared with later snapshots.
  Result<std::shared_ptr<const EdgeRows>> BindEdges() const;

  /// Edges only: neighbours by node, built at the first call and shared with later snapshots.
  Result<std::shared_ptr<const Adjacency>> BindAdjacency(Direction direction) const;

  const Rows& rows() const { return *rows_; }

 private:
  friend class Column;
  friend class TableBuilder;
  Table(std::shared_ptr<const schema::TableType> type, std::unique_ptr<Rows> rows);

  std::shared_ptr<const schema::TableType> type_;
  bool is_edge_ = false;
  std::uint64_t rows_count_ = 0;
  RowId row_ids_end_ = 0;
  std::unique_ptr<Rows> rows_;
};

/// The distinct neighbours of nodes along one edge type in one direction.
class Adjacency {
 public:
  virtual ~Adjacency() = default;

  /// Ascending and distinct; a self-loop lists the node itself. The span lives until `scratch`
  /// changes (it points into it only when rows of a tail have to be merged in).
  virtual std::span<const RowId> Neighbors(RowId node, std::vector<RowId>* scratch) const = 0;

  /// How many `Neighbors` gives. O(1) unless the node was touched since the last compaction.
  virtual std::uint64_t Degree(RowId node) const = 0;

  /// Whether `to` is a neighbour of `from`. O(log degree).
  virtual bool HasEdge(RowId from, RowId to) const = 0;

  /// Whether some node may be its own neighbour.
  virtual bool has_self_loops() const = 0;

  /// Distinct (node, neighbour) pairs; the sum of all degrees.
  virtual std::uint64_t pairs_count() const = 0;
};

/// What a query reads: the tables of one commit by the ordinals of its catalog.
class GraphView {
 public:
  virtual ~GraphView() = default;
  virtual const schema::Catalog& catalog() const = 0;
  /// Errors: `kUnavailable`, `kCorruption` naming the object. The table lives as long as the view.
  virtual Result<const Table*> NodeTable(std::uint32_t node_type) const = 0;
  virtual Result<const Table*> EdgeTable(std::uint32_t edge_type) const = 0;
};

}  // namespace omnigraph::table
