// The search functions of query.md S10 as functions of one node.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "exec/context.h"
#include "exec/expression.h"

namespace omnigraph::exec {

/// The variable that a search function is about; of kRrf that of the first arm.
std::uint32_t RankedVariable(const query::Expression& expression);

/// Binds a kSearch, kMatchText, kFuzzy, kNearest, kBm25 or kRrf. Functions with the same arguments
/// are bound once per execution.
///
/// Errors: `kInvalidArgument` for a null or unusable query of `nearest`, edits beyond 0 … 4, a `k`
/// below 1, and arms that rank different variables; `kInternal` for a text given to `nearest`:
/// texts are embedded before a query is executed.
Result<std::shared_ptr<RowFunction>> BindSearchFunction(const query::Expression& expression,
                                                        Context& context);

}  // namespace omnigraph::exec
