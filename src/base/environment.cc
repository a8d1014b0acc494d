// Implements base/environment.h.

#include "base/environment.h"

#include <cstdlib>

namespace omnigraph {

Environment SystemEnvironment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

bool IsTruthy(std::string_view text) {
  for (const std::string_view yes : {"1", "true", "TRUE", "True", "yes", "YES", "on", "ON"}) {
    if (text == yes) return true;
  }
  return false;
}

}  // namespace omnigraph
