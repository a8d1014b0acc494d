// The program `omnigraph-server`: see server/run.h.

#include <string_view>
#include <vector>

#include "base/environment.h"
#include "server/run.h"

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  return omnigraph::server::Run(arguments, omnigraph::SystemEnvironment());
}
