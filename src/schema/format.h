// Writes a `.pg` text in the one layout that `omnigraph fmt` gives, with every comment kept.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::schema {

/// The text in canonical layout: one property per line, four spaces, one blank line at most where
/// there were some, one between declarations with a body. Constraints stay on the line of their
/// property if they were there. Comments stay before or behind what they stood at; one in the
/// middle of a declaration or property moves in front of it. Formatting twice changes nothing, and
/// the meaning never changes. An empty text stays empty.
///
/// Errors: `kInvalidArgument` with all diagnostics, for a text with syntax errors (P1, P2). Names
/// are not resolved, so a schema with other mistakes is formatted.
Result<std::string> FormatSchema(const text::Source& source);

}  // namespace omnigraph::schema
