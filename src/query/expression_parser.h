// The expression level of the `.gq` grammar. Internal to the parser.

#pragma once

#include "query/ast.h"
#include "query/token_cursor.h"

namespace omnigraph::query {

/// Each parses one construct at the cursor; false after an error has been added.
bool ParseExpression(TokenCursor& cursor, ast::Expression* expression);

/// A literal, a variable or `now()`: what bindings, assignments and `where` compare with.
bool ParseValue(TokenCursor& cursor, ast::Expression* expression);

/// One of `= != < <= > >=`.
bool AcceptCompareOp(TokenCursor& cursor, CompareOp* op);

}  // namespace omnigraph::query
