// Distances between vectors.

#pragma once

#include <cstddef>

namespace omnigraph::index {

/// The sum of the squared differences of `count` components. Computed in F32 with sixteen running
/// sums, so that the result does not depend on the width of the machine's vectors.
float SquaredDistance(const float* left, const float* right, std::size_t count);

}  // namespace omnigraph::index
