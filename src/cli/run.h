// The command line program as a function.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"

namespace omnigraph::cli {

class Console;

/// Runs one command. `arguments` come without the program's name. Returns the exit code: 0, 1 for a
/// failure, 2 for a wrong command line; cluster commands add 130 and 143 when a signal stopped
/// them.
int Run(const std::vector<std::string>& arguments, Console& console, const Environment& environment,
        std::string_view version);

}  // namespace omnigraph::cli
