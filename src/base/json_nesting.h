// How deep a JSON text is nested, for looking before a parser or printer that recurses.

#pragma once

#include <cstddef>
#include <string_view>

namespace omnigraph {

/// Whether arrays and objects stand more than `depth_max` levels inside each other. Only brackets
/// outside of strings count; the text need not be valid. Cost: one pass.
bool IsNestedDeeperThan(std::string_view json, std::size_t depth_max);

}  // namespace omnigraph
