// A generated social graph: the same bytes for the same scale and seed on every machine, and the
// answers that its walks must have.
//
// Degrees follow a power law in both directions, and a third of the edges stay within blocks of 64
// persons, so that triangles are as frequent as among people.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace omnigraph::bench {

struct SocialScale {
  std::string_view name;
  std::uint32_t persons_count;
  std::uint32_t knows_count;
  std::uint32_t docs_count;
};

/// XS (1,000 persons, 10,000 edges), S (10,000, 100,000) or M (200,000, 4,000,000).
std::optional<SocialScale> FindScale(std::string_view name);

class SocialGraph {
 public:
  /// Cost: a sort of all edges. Requires room for `knows_count` distinct edges.
  explicit SocialGraph(const SocialScale& scale, std::uint64_t seed = 7);

  std::uint32_t persons_count() const { return scale_.persons_count; }
  /// Whom person `person` knows: distinct, ascending, not itself, at least one.
  std::span<const std::uint32_t> KnownBy(std::uint32_t person) const;
  /// How many walks of `hops` edges start at `person`.
  std::uint64_t CountWalks(std::uint32_t person, int hops) const;
  /// "p0000042".
  static std::string PersonSlug(std::uint32_t person);

  /// Persons, documents, then edges, as JSON lines of bench/social.pg. Returns how many lines.
  /// Errors: `kUnavailable` when the file cannot be written.
  Result<std::uint64_t> WriteTo(const std::string& path) const;

 private:
  SocialScale scale_;
  std::uint64_t seed_;
  std::vector<std::uint32_t> offsets_;  // [persons + 1] into known_.
  std::vector<std::uint32_t> known_;    // [knows]
};

}  // namespace omnigraph::bench
