// Prints a tree in the canonical form of `.gq`: one clause a line, two spaces per level.

#pragma once

#include <string>

#include "query/ast.h"

namespace omnigraph::query {

/// Parsing the result gives a tree equal to `file`, provided that `file` came from the parser.
std::string Print(const ast::File& file);
std::string Print(const ast::Query& query);

}  // namespace omnigraph::query
