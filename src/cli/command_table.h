// The table of commands: one row says everything about a command that parsing, help and the
// addressing guard need, and names the function that runs it.

#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace omnigraph::cli {

class Invocation;

/// How a command reaches what it works on.
enum class Plane : unsigned char {
  kData,     ///< A graph, in storage or behind a server.
  kStorage,  ///< A graph, in storage only.
  kControl,  ///< A cluster's config folder.
  kSession,  ///< No graph.
};

/// "data", "storage", "control", "session".
std::string_view PlaneName(Plane plane);

/// The name of a value that must be a number of decimal digits.
inline constexpr std::string_view kWholeNumber = "N";

struct OptionSpec {
  std::string_view key;    ///< How code names it; unique. Usually equal to `name`.
  std::string_view name;   ///< As typed, without dashes.
  char short_name = 0;     ///< 'e' for `-e`; 0 for none.
  std::string_view value;  ///< What help calls the value; empty for a flag.
  std::string_view help;
  std::string_view choices{};  ///< Accepted values, separated by blanks; empty for any.
  bool is_repeatable = false;
  bool is_hidden = false;
};

/// Runs a command. OK with the exit code, or the error that ends it with 1.
using Handler = Result<int> (*)(Invocation& invocation);

/// Lists inside texts are separated by blanks, groups of names by ';'.
struct Command {
  std::string_view path;  ///< "load", "branch create".
  Plane plane = Plane::kData;
  std::string_view summary{};
  /// Names of positional arguments in order: "[URI] NAME [ARGS]...". Optional ones before required
  /// ones are filled from the right: one argument is NAME, two are URI and NAME.
  std::string_view positionals{};
  std::string_view options{};    ///< Keys of `OptionSpec`s.
  std::string_view required{};   ///< Keys that must be given.
  std::string_view exclusive{};  ///< Groups of which at most one may be given: "uri URI; a b c".
  std::string_view needs{};      ///< Groups in which the first needs one of the others.
  std::string_view aliases{};    ///< Other names of the last word, shown in help.
  std::string_view hidden_aliases{};
  bool is_hidden = false;
  Handler handler = nullptr;
};

/// In the order of help: by plane, then by use.
std::span<const Command> Commands();

/// Options that every command takes.
std::string_view GlobalOptions();

/// Requires that there is one.
const OptionSpec& OptionByKey(std::string_view key);

/// One line about a group ("branch"), for help.
std::string_view GroupSummary(std::string_view group);

/// The pieces of a list, blanks dropped.
std::vector<std::string_view> Words(std::string_view list, char separator = ' ');

}  // namespace omnigraph::cli
