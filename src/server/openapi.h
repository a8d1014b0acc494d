// The OpenAPI description of the API, made from the route table.

#pragma once

#include <string>

namespace omnigraph::server {

struct OpenApiOptions {
  bool is_single = true;       ///< Flat paths; else they stand below `/graphs/{graph_id}`.
  bool demands_tokens = true;  ///< Else no security is declared.
};

/// The document as JSON with two spaces of indent and a line break at the end. Paths and components
/// ascend by name.
std::string RenderOpenApi(const OpenApiOptions& options);

}  // namespace omnigraph::server
