// Compressed sparse rows: the distinct neighbours of every node as one array of ends and one of
// neighbours.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace omnigraph::index {

/// With n nodes and p distinct (node, neighbour) pairs:
///   offsets    [n + 1]  ascending; offsets[n] == p
///   neighbors  [p]      of node i at offsets[i] .. offsets[i + 1], ascending and distinct
struct Csr {
  std::vector<std::uint32_t> offsets{0};
  std::vector<std::uint32_t> neighbors;
  bool has_parallel_edges = false;  ///< Some pair is joined by more than one edge.
  bool has_self_loops = false;

  std::uint32_t nodes_count() const { return static_cast<std::uint32_t>(offsets.size() - 1); }
  /// Nodes past the end have no neighbours.
  std::span<const std::uint32_t> Of(std::uint32_t node) const {
    if (node >= nodes_count()) return {};
    return std::span(neighbors).subspan(offsets[node], offsets[node + 1] - offsets[node]);
  }
};

/// Builds the rows of edges sources[i] -> targets[i].
///
/// `nodes_count` must exceed every source and `targets_count` every target. Cost: two counting
/// sorts (Knuth 1973, 5.2), O(edges + nodes) time and 8 bytes an edge beside the result.
Csr BuildCsr(std::uint32_t nodes_count, std::uint32_t targets_count,
             std::span<const std::uint32_t> sources, std::span<const std::uint32_t> targets);

}  // namespace omnigraph::index
