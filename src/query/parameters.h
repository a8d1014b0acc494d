// From the JSON object of a request to typed parameter values (S6).

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/ast.h"
#include "query/checked.h"
#include "types/value.h"

namespace omnigraph::query {

/// No parameter may have this name, and a key of this name is ignored.
inline constexpr std::string_view kReservedParameter = "__nanograph_now";

inline constexpr std::uint64_t kVectorDimensionMax = 2147483647;

/// The declared parameters of a query that may not have been checked yet. A type that the checker
/// is going to refuse (`Vector(0)`) has 0 dimensions here.
std::vector<Parameter> DeclaredParameters(const ast::Query& query);

/// One value for each of `declared`, in its order; nullable parameters that are missing are null.
/// An empty text and `null` mean an empty object. Undeclared keys are ignored.
///
/// Errors: `kInvalidArgument` naming the parameter and what its type expects.
Result<std::vector<types::Value>> ParseParameters(const std::vector<Parameter>& declared,
                                                  std::string_view json);

}  // namespace omnigraph::query
