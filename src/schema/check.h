// The static checks behind the parser: annotations (S7.3), constraints (S7.4), and the declarations
// together (S7.5). Each adds what it finds to `diagnostics` and changes nothing.

#pragma once

#include <vector>

#include "schema/resolve.h"
#include "text/diagnostic.h"

namespace omnigraph::schema {

/// Phase 4 (P4). Annotations of interface properties are checked where they are written; only
/// `@embed` sources wait for the node that gets the property.
void CheckAnnotations(const std::vector<EffectiveType>& types, text::Diagnostics& diagnostics);

/// Phase 5 (P5). Does not repeat what `CheckAnnotations` says about a constraint that is written
/// as an annotation.
void CheckConstraints(const std::vector<EffectiveType>& types, text::Diagnostics& diagnostics);

/// Phase 6 (P6).
void CheckCatalog(const std::vector<EffectiveType>& types, text::Diagnostics& diagnostics);

}  // namespace omnigraph::schema
