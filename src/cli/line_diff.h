// The difference of two texts, line by line, in the unified form that `diff -u` and `patch` speak.

#pragma once

#include <string>
#include <string_view>

namespace omnigraph::cli {

/// Nothing for equal texts; else a head with `name` on both sides, and hunks with three lines of
/// context. Shortest edit script. Cost: O((n + d²) log n) time and O(d²) memory for `d` changed
/// lines; texts that differ in more than a few thousand lines come out as one replacement.
std::string LineDiff(std::string_view name, std::string_view before, std::string_view after);

}  // namespace omnigraph::cli
