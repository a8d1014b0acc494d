// From the tree to the effective types: interfaces expanded into their nodes, and the bare `@key`,
// `@unique` and `@index` of properties turned into constraints (S5.1).

#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "schema/syntax.h"
#include "text/diagnostic.h"
#include "types/type.h"

namespace omnigraph::schema {

struct EffectiveProperty {
  const PropertySyntax* syntax = nullptr;
  types::Type type;
  /// The interface that brought the property, or null for the type's own.
  const DeclarationSyntax* injected_by = nullptr;
};

struct EffectiveConstraint {
  ConstraintSyntax syntax;
  bool is_from_annotation = false;  ///< `a: String @key` and not `@key(a)`.
};

/// One declaration with everything that it has; points into the tree, which must outlive it.
struct EffectiveType {
  const DeclarationSyntax* declaration = nullptr;
  std::vector<EffectiveProperty> properties;     ///< Own ones in source order, then injected ones.
  std::vector<EffectiveConstraint> constraints;  ///< From annotations first, then from the body.
  /// False when an interface is unknown: a property that seems to be missing may be in there.
  bool is_complete = true;

  /// Appends to `properties`.
  void Add(const EffectiveProperty& property);
  /// The first property of that name, or null. Cost: O(1).
  const EffectiveProperty* Find(std::string_view name) const;

 private:
  std::unordered_map<std::string_view, std::size_t> place_by_name_;  // Names of the tree.
};

/// The type that the syntax denotes: enum values sorted and distinct.
types::Type TypeOf(const TypeSyntax& syntax);

/// One effective type per declaration, in source order.
///
/// Errors (P3): an unknown interface; a property whose type differs from the interface's; two
/// interfaces that bring one property with different annotations.
std::vector<EffectiveType> ResolveInterfaces(const SchemaSyntax& schema,
                                             text::Diagnostics& diagnostics);

}  // namespace omnigraph::schema
