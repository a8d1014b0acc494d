// The operators and aggregates of the language, as the parser, the checker and the executor name
// them.

#pragma once

#include <string_view>

namespace omnigraph::query {

enum class CompareOp : unsigned char {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
};

/// The operator as written: "=", "!=", "<", "<=", ">", ">=".
std::string_view CompareOpText(CompareOp op);

enum class AggregateFunction : unsigned char { kCount, kSum, kAvg, kMin, kMax };

/// The function's name as written: "count".
std::string_view AggregateName(AggregateFunction function);

}  // namespace omnigraph::query
