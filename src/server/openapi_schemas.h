// The component schemas of the OpenAPI document.

#pragma once

#include <string_view>

namespace omnigraph::server {

/// A JSON object: schema by name. The document holds those that its operations refer to.
std::string_view OpenApiSchemas();

}  // namespace omnigraph::server
