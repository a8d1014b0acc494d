// The canonical form of a schema (S9): the same for two texts that differ only in comments, white
// space and the order of declarations. Its hash is the identity of a schema's meaning.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/catalog.h"
#include "schema/resolve.h"
#include "types/type.h"

namespace omnigraph::schema {

/// Compact JSON with the keys in the order of S9.1. Requires types without any error.
std::string CanonicalJson(const std::vector<EffectiveType>& types);

/// `{"scalar":"I32","nullable":true,"list":false,"enum_values":null}` (S4).
std::string TypeJson(const types::Type& type);

/// "5", "1.5"; empty for no bound.
std::string BoundText(const std::optional<Bound>& bound);

/// "key:a,b", "range:age:0:130", …: orders constraints and names them in messages (S9.2).
std::string ConstraintKey(const DeclaredConstraint& constraint);

/// `{"Key":["a"]}`, `{"Range":{"property":"a","min":{"Integer":0},"max":null}}`, … (S9.1).
std::string ConstraintJson(const DeclaredConstraint& constraint);

/// The distinct constraints of a type, ascending by `ConstraintKey`.
std::vector<DeclaredConstraint> CanonicalConstraints(const EffectiveType& type);

}  // namespace omnigraph::schema
