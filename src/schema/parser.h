// Parses a `.pg` text (S2, S3) and checks what one declaration can say wrong by itself (S7.2).
// Goes on after an error, so that one run finds every mistake of the file.

#pragma once

#include <string_view>

#include "schema/syntax.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::schema {

/// Codes of the phases in which mistakes are found (S7.1).
inline constexpr std::string_view kSyntaxCode = "P1";       ///< Grammar.
inline constexpr std::string_view kDeclarationCode = "P2";  ///< One declaration by itself.
inline constexpr std::string_view kInterfaceCode = "P3";    ///< Interfaces of nodes.
inline constexpr std::string_view kAnnotationCode = "P4";   ///< Annotations.
inline constexpr std::string_view kConstraintCode = "P5";   ///< Constraints.
inline constexpr std::string_view kCatalogCode = "P6";      ///< The declarations together.

/// Returns what could be understood; complete if no errors were added to `diagnostics`. Every
/// span lies inside the text, and the spans of errors are not empty unless the text is.
///
/// Errors (all P1 or P2): see S20 rows 1-31; a text over 16 MiB or not in UTF-8.
SchemaSyntax Parse(const text::Source& source, text::Diagnostics& diagnostics);

}  // namespace omnigraph::schema
