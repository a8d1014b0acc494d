// What fits what (S5.1): compatibility of types and the way two types compare. Internal to the
// checker.

#pragma once

#include <optional>
#include <string>

#include "query/checked.h"
#include "types/type.h"

namespace omnigraph::query {

/// A type of that scalar, not nullable, not a list.
types::Type ScalarType(types::Scalar scalar);

/// Both lists or both not, and the same scalar or both numeric. Vectors must agree in dimensions.
bool IsCompatible(const types::Type& left, const types::Type& right);

/// Neither a list nor a vector.
bool IsPlain(const types::Type& type);
bool IsPlainString(const types::Type& type);
bool IsPlainInteger(const types::Type& type);
bool IsPlainNumber(const types::Type& type);

/// The type of the elements of a list.
types::Type ElementType(const types::Type& list);

/// How values of two plain, compatible types compare.
Comparison ComparisonOf(const types::Type& left, const types::Type& right);

}  // namespace omnigraph::query
