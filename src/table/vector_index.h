// Bounds of the distances from the vectors of one property, through the codes of a table's parts.
//
// The codes of a chunk are built in memory when they have been asked for often enough to pay for
// their building, and serve every snapshot that has the chunk. They never change an answer: who
// searches computes every distance that may matter (index/vector_codes.h).

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>

#include "base/status.h"
#include "index/vector_codes.h"
#include "table/table.h"

namespace omnigraph::table {

class Chunk;

class VectorIndex {
 public:
  /// When to build what is missing.
  enum class Build : unsigned char {
    kWhenWorth,  ///< Once a chunk was asked for `kAsksMin` times, or at once if it is small.
    kAlways,
  };
  static constexpr std::uint32_t kAsksMin = 4;
  static constexpr std::uint32_t kSmallRows = 1024;

  /// Of a vector property. Null if the vectors are too long, or if the codes of no large chunk are
  /// worth being built yet. Errors: as of opening the table.
  static Result<std::shared_ptr<const VectorIndex>> Open(const Table& table,
                                                         schema::PropertyOrdinal property,
                                                         Build build);

  /// The bounds for live rows: infinite without a vector, and from 0 to infinity in chunks that
  /// have no codes.
  void Bound(const index::VectorCodes::Query& query, std::span<const RowId> rows,
             index::DistanceBounds* bounds) const;

 private:
  explicit VectorIndex(const Table& table) : table_(table) {}

  const Table& table_;
  std::unordered_map<const Chunk*, std::shared_ptr<const index::VectorCodes>> codes_;
};

}  // namespace omnigraph::table
