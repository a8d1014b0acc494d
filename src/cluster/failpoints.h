// Crash points on demand: OMNIGRAPH_FAILPOINTS names them, builds with assertions honour it.

#pragma once

#include <functional>
#include <string_view>

#include "base/status.h"

namespace omnigraph::cluster {

/// Reads `<name>=<action>[;…]`. Actions: `return` fails there, `abort` ends the process with 137 at
/// once, `sleep(<ms>)` waits, `wait(<file>)` waits until the file exists. Unknown actions fail, so
/// that a test that misspells one does not pass.
///
/// The function looks a point up and does what is said of it; empty if `text` is.
std::function<Status(std::string_view point)> ParseFailpoints(std::string_view text);

/// `ParseFailpoints` of the environment; empty in builds without assertions.
std::function<Status(std::string_view point)> SystemFailpoints();

}  // namespace omnigraph::cluster
