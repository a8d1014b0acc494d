// Implements query/operators.h.

#include "query/operators.h"

#include <array>

namespace omnigraph::query {

std::string_view CompareOpText(CompareOp op) {
  constexpr std::array<std::string_view, 6> kTexts = {"=", "!=", "<", "<=", ">", ">="};
  return kTexts[static_cast<std::size_t>(op)];
}

std::string_view AggregateName(AggregateFunction function) {
  constexpr std::array<std::string_view, 5> kNames = {"count", "sum", "avg", "min", "max"};
  return kNames[static_cast<std::size_t>(function)];
}

}  // namespace omnigraph::query
