// The last step of compiling: effective types that passed every check become the catalog.

#pragma once

#include <memory>
#include <vector>

#include "schema/catalog.h"
#include "schema/identity.h"
#include "schema/resolve.h"

namespace omnigraph::schema {

/// Requires types without any error. Gives every type and property a number: the one in `identity`,
/// else the next free one, which is then recorded there (types by kind and name, and the
/// properties of each by name). Entries of `identity` that no longer exist are removed; their
/// numbers stay used.
std::shared_ptr<const Catalog> BuildCatalog(const std::vector<EffectiveType>& types,
                                            SchemaIdentity& identity);

/// "node:Person".
std::string TableKey(TypeKind kind, std::string_view name);

}  // namespace omnigraph::schema
