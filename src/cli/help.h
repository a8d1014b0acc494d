// The help texts and usage lines of the command table.

#pragma once

#include <string>
#include <string_view>

#include "cli/command_table.h"

namespace omnigraph::cli {

/// The help of the program, of a group ("branch") or of a command.
std::string RootHelp();
std::string GroupHelp(std::string_view group);
std::string CommandHelp(const Command& command);

/// "omnigraph branch create [OPTIONS] [URI] NAME".
std::string UsageOf(const Command& command);

/// "--mode <MODE>", "-e <GQ>", "--json".
std::string DisplayOf(const OptionSpec& option);

/// A usage error as it is printed: what is wrong, a hint (may be empty), the usage, where help is.
std::string UsageError(std::string_view problem, std::string_view hint, std::string_view usage);

}  // namespace omnigraph::cli
