// Draws a schema for people.

#pragma once

#include <string>

#include "schema/catalog.h"

namespace omnigraph::schema {

/// The catalog as a Mermaid entity-relationship diagram: nodes with their properties, edges with
/// their cardinality and properties. Deterministic; interfaces are already part of their nodes.
std::string MermaidDiagram(const Catalog& catalog);

}  // namespace omnigraph::schema
