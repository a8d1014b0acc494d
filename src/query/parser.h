// Parses `.gq` texts (S2, S3).

#pragma once

#include <cstdint>
#include <string>

#include "query/ast.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::query {

/// `not { }`, lists and calls may be nested this deep.
inline constexpr std::uint32_t kNestingDepthMax = 128;

/// Larger files are refused.
inline constexpr std::uint32_t kQueryTextBytesMax = 16u << 20;

/// Parses a whole file. Goes on with the next query after an error, so that one run finds the first
/// mistake of every query; a file with any error is not usable, whatever is returned.
///
/// Errors carry no code; their spans lie inside the text. Besides the grammar: a text that is too
/// large or not UTF-8, unsupported escapes, numbers out of range, an annotation or a parameter name
/// given twice.
ast::File Parse(const text::Source& source, text::Diagnostics& diagnostics);

/// The one-line form of a syntax error: "parse error: line 3, column 8: expected …".
std::string ParseErrorText(const text::Source& source, const text::Diagnostic& error);

}  // namespace omnigraph::query
