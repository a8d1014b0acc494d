// The command line program.

#include <csignal>
#include <string>
#include <vector>

#include "base/environment.h"
#include "cli/console.h"
#include "cli/run.h"

int main(int argc, char** argv) {
  // A reader that went away ends the program quietly, whatever the parent made of the signal.
  std::signal(SIGPIPE, SIG_DFL);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const auto console = omnigraph::cli::Console::System();
  return omnigraph::cli::Run(arguments, *console, omnigraph::SystemEnvironment(), OG_VERSION);
}
