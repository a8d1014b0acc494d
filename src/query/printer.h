// Prints queries in the canonical form of `.gq`: one clause a line, two spaces per level.

#pragma once

#include <string>

#include "base/status.h"
#include "query/ast.h"
#include "text/source.h"

namespace omnigraph::query {

/// Parsing the result gives a tree equal to `file`, provided that `file` came from the parser.
std::string Print(const ast::File& file);
std::string Print(const ast::Query& query);

/// The text of a `.gq` file in canonical form, with every comment: before what it stood before, or
/// behind what it stood behind on its line; one in the middle of a clause goes behind the clause,
/// one in the head of a query behind the head. One blank line is kept where there were some, and
/// one stands between queries. Properties of a binding or statement stay on lines of their own if
/// they were. Formatting twice changes nothing, and the meaning never changes.
///
/// Errors: as `ParseFile`.
Result<std::string> FormatQueries(const text::Source& source);

}  // namespace omnigraph::query
