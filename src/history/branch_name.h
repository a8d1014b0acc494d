// What a branch may be called.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace omnigraph::history {

inline constexpr std::string_view kMainBranch = "main";
inline constexpr std::size_t kBranchNameBytesMax = 255;

/// Trims white space and checks: not empty, at most 255 bytes, segments of Unicode letters, digits,
/// '.', '-' and '_' separated by single '/', none of them ".", no "..", no ".lock" at the end, not
/// reserved.
///
/// Errors: `kInvalidArgument` naming the branch and the rule.
Result<std::string> CheckBranchName(std::string_view name);

/// The same for a name of another kind, `what` in messages.
Result<std::string> CheckName(std::string_view what, std::string_view name);

}  // namespace omnigraph::history
