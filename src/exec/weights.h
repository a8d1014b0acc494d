// Multiplies the weights of tuples; a count that does not fit 64 bits is an error, never a wrong
// number.

#pragma once

#include <cstdint>

#include "base/status.h"
#include "exec/batch.h"

namespace omnigraph::exec {

/// The error of a count beyond 2^63 - 1, the largest that a result can show.
Status CountOverflow();

/// Multiplies all weights. Requires `factor` > 0.
Status ScaleWeights(std::uint64_t factor, Batch* batch);

}  // namespace omnigraph::exec
