// The program `omnigraph-server`.

#pragma once

#include <span>
#include <string_view>

#include "base/environment.h"

namespace omnigraph::server {

/// Runs until a signal ends it; `arguments` without the program's name. Returns the exit code: 0
/// after SIGINT or SIGTERM, 1 for a refusal to start, 2 for a usage error.
///
/// Call it once, from the main thread, before any other thread exists: it takes the signals over.
int Run(std::span<const std::string_view> arguments, const Environment& environment);

}  // namespace omnigraph::server
