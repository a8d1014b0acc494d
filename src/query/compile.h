// From a `.gq` text to a typed query, for callers that want a status and no diagnostics as data.
// The phases of S14.1 are separate steps, because parameters are read and the branch is resolved
// between them.

#pragma once

#include <string_view>

#include "base/status.h"
#include "query/ast.h"
#include "query/checked.h"
#include "schema/catalog.h"
#include "text/source.h"

namespace omnigraph::query {

/// Errors: `kInvalidArgument` "parse error: line …", all mistakes drawn below it.
Result<ast::File> ParseFile(const text::Source& source);

/// The first query of that name; with an empty name the only query of the file.
/// Errors: `kInvalidArgument` "query 'x' not found", or "multiple queries" also when there is none.
Result<const ast::Query*> SelectQuery(const ast::File& file, std::string_view name);

/// Refuse a query at the wrong entry point (S14.3) with `kInvalidArgument`.
Status RequireRead(const ast::Query& query);
Status RequireMutation(const ast::Query& query);

/// Errors: `kInvalidArgument` "type error: T6: …", all mistakes drawn below it; for a mutation that
/// inserts or updates and deletes as well "… split into separate mutations" (S12.2).
Result<CheckedQuery> CheckQuery(const text::Source& source, const ast::Query& query,
                                const schema::Catalog& catalog);

}  // namespace omnigraph::query
