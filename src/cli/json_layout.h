// Lays out compact JSON for people.

#pragma once

#include <string>
#include <string_view>

namespace omnigraph::cli {

/// `json` (one valid value, without white space between its tokens) with two blanks per level,
/// `"key": value`, `[]` and `{}` for empty ones, and a line break at the end. Cost: linear.
std::string LayOutJson(std::string_view json);

}  // namespace omnigraph::cli
