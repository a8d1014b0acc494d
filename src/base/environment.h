// The process environment as data, so that tests own it and secrets have one entrance.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace omnigraph {

/// Looks up a variable; none when unset.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The environment of this process.
Environment SystemEnvironment();

/// Whether a variable's text means yes: `1 true TRUE True yes YES on ON`.
bool IsTruthy(std::string_view text);

}  // namespace omnigraph
