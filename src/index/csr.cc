// Implements index/csr.h.

#include "index/csr.h"

#include "base/check.h"

namespace omnigraph::index {
namespace {

// Where each of `keys_count` keys starts when edges are ordered by `keys`; one entry more.
std::vector<std::uint32_t> Starts(std::uint32_t keys_count, std::span<const std::uint32_t> keys) {
  std::vector<std::uint32_t> starts(std::size_t{keys_count} + 1, 0);
  for (const std::uint32_t key : keys)
    ++starts[key + 1];
  for (std::size_t i = 1; i < starts.size(); ++i)
    starts[i] += starts[i - 1];
  return starts;
}

}  // namespace

Csr BuildCsr(std::uint32_t nodes_count, std::uint32_t targets_count,
             std::span<const std::uint32_t> sources, std::span<const std::uint32_t> targets) {
  OG_CHECK(sources.size() == targets.size());
  OG_CHECK(sources.size() < UINT32_MAX);
  // Sources in the order of their targets: placing them by source then leaves every list sorted.
  std::vector<std::uint32_t> next = Starts(targets_count, targets);
  const std::vector<std::uint32_t> target_starts = next;
  std::vector<std::uint32_t> sources_by_target(sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources_by_target[next[targets[i]]++] = sources[i];
  }

  Csr csr;
  csr.offsets = Starts(nodes_count, sources);
  csr.neighbors.resize(sources.size());
  next = csr.offsets;
  for (std::uint32_t target = 0; target < targets_count; ++target) {
    for (std::uint32_t i = target_starts[target]; i < target_starts[target + 1]; ++i) {
      const std::uint32_t source = sources_by_target[i];
      csr.neighbors[next[source]++] = target;
      if (source == target) csr.has_self_loops = true;
    }
  }

  std::uint32_t kept = 0;
  for (std::uint32_t node = 0; node < nodes_count; ++node) {
    const std::uint32_t begin = csr.offsets[node];
    const std::uint32_t end = csr.offsets[node + 1];
    csr.offsets[node] = kept;
    for (std::uint32_t i = begin; i < end; ++i) {
      if (i > begin && csr.neighbors[i] == csr.neighbors[i - 1]) {
        csr.has_parallel_edges = true;
        continue;
      }
      csr.neighbors[kept++] = csr.neighbors[i];
    }
  }
  csr.offsets[nodes_count] = kept;
  csr.neighbors.resize(kept);
  return csr;
}

}  // namespace omnigraph::index
