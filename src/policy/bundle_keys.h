// The keys of a policy bundle: the parser checks against this table, and the JSON Schema is made of
// it.

#pragma once

#include <span>

#include "text/yaml_shape.h"

namespace omnigraph::policy {

std::span<const text::YamlKeyRow> BundleKeys();

}  // namespace omnigraph::policy
