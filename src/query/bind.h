// Puts the constants of one execution into a typed query.

#pragma once

#include <vector>

#include "base/status.h"
#include "query/checked.h"
#include "types/value.h"

namespace omnigraph::query {

/// A copy of `query` in which every kParameter and kNow is a kLiteral with the value of this
/// execution. `parameters` come from `ParseParameters`; `now` is the one instant of the execution.
/// Texts given to kNearest stay texts: embedding them is the caller's work.
///
/// Cost: O(size of the tree). Errors: `kInvalidArgument` for malformed dates, `max_edits` outside
/// 0 … 4, `k` of rrf below 1, and a null `nearest` query, whether or not any row gets there (S7.9).
Result<CheckedQuery> Bind(const CheckedQuery& query, const std::vector<types::Value>& parameters,
                          types::DateTime now);

}  // namespace omnigraph::query
