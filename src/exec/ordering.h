// Sorts positions in slices, so that a deadline can end a long sort.

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/status.h"
#include "exec/context.h"

namespace omnigraph::exec {

/// Sorts `order` by `less` and, with a smaller `keep_count`, drops all but its first ones. `less`
/// must be a total order, so that the result does not depend on the algorithm.
template <typename Less>
Status SortPositions(std::vector<std::uint32_t>* order, std::uint64_t keep_count, Less less,
                     Context& context) {
  constexpr std::size_t kSlice = std::size_t{1} << 16;
  if (keep_count < order->size()) {
    const auto end = order->begin() + static_cast<std::ptrdiff_t>(keep_count);
    if (keep_count > 0) std::nth_element(order->begin(), end - 1, order->end(), less);
    order->erase(end, order->end());
  }
  const auto at = [&](std::size_t position) {
    return order->begin() + static_cast<std::ptrdiff_t>(std::min(position, order->size()));
  };
  for (std::size_t begin = 0; begin < order->size(); begin += kSlice) {
    OG_RETURN_IF_ERROR(context.Poll());
    std::sort(at(begin), at(begin + kSlice), less);
  }
  for (std::size_t width = kSlice; width < order->size(); width *= 2) {
    for (std::size_t begin = 0; begin + width < order->size(); begin += 2 * width) {
      OG_RETURN_IF_ERROR(context.Poll());
      std::inplace_merge(at(begin), at(begin + width), at(begin + 2 * width), less);
    }
  }
  return Status::Ok();
}

}  // namespace omnigraph::exec
