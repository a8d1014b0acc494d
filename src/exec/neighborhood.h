// The nodes that one hop of a plan reaches: direct neighbours, neighbours in either direction, or
// everything within a range of distances (query.md S7.4).

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "exec/context.h"
#include "exec/plan.h"

namespace omnigraph::exec {

/// Not thread-safe: each user has its own. When the context is interrupted the answers are
/// incomplete; the next `Poll` of the context fails.
class Neighborhood {
 public:
  virtual ~Neighborhood() = default;

  /// Ascending and distinct. The span lives until the next call.
  virtual std::span<const RowId> Of(RowId node) = 0;
  /// How many `Of` gives; of direct neighbours without looking at them.
  virtual std::uint64_t Count(RowId node) = 0;
  /// Whether `Of(from)` holds `to`.
  virtual bool Contains(RowId from, RowId to) = 0;
  /// Whether `Count` and `Contains` cost far less than `Of`.
  virtual bool is_direct() const = 0;
};

/// Opens the adjacency that `hop` walks along. Errors: as of `Table::BindAdjacency`.
Result<std::unique_ptr<Neighborhood>> BindNeighborhood(const Hop& hop, Context& context);

/// The nodes that several hops reach together.
class Intersection {
 public:
  /// `hops` is not empty and all of them end at nodes of one type.
  static Result<Intersection> Bind(std::span<const Hop> hops, Context& context);

  /// What hop i reaches from `from[i]`, for all i; ascending and distinct. The span lives until
  /// the next call. Cheap when some `from[i]` is that of the call before.
  std::span<const RowId> Of(std::span<const RowId> from);
  std::uint64_t Count(std::span<const RowId> from);

 private:
  // One hop and, as a bitmap, what it reached last: of the variable that changes slowest this is
  // computed once for a run of tuples.
  struct Arm {
    std::unique_ptr<Neighborhood> neighborhood;
    RowId node = table::kNoRow;  // Of the last call.
    bool is_marked = false;      // Whether `marks` are those of `node`.
    std::vector<RowId> marked;   // The positions that are set.
    std::vector<std::uint64_t> marks;
  };

  Intersection(Context& context, RowId ids_end) : context_(&context), ids_end_(ids_end) {}
  void Mark(Arm* arm);
  bool Holds(Arm* arm, RowId target);
  std::size_t PrepareArms(std::span<const RowId> from);
  template <typename Visit>
  void ForEach(std::span<const RowId> from, Visit visit);

  Context* context_;
  RowId ids_end_;
  std::vector<Arm> arms_;
  std::vector<RowId> found_;
};

}  // namespace omnigraph::exec
