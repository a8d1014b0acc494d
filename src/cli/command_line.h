// Reads the arguments of the process against the table of commands.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_table.h"

namespace omnigraph::cli {

/// What was typed for one command: values by option key or by name of positional argument.
class CommandLine {
 public:
  explicit CommandLine(const Command* command) : command_(command) {}

  /// Requires that it was set.
  const Command& command() const { return *command_; }
  bool Has(std::string_view key) const { return values_.contains(key); }
  /// The value, or none if the option was not given. A flag has an empty value.
  std::optional<std::string> Find(std::string_view key) const;
  /// The value of something that is required or was found; requires `Has(key)`.
  const std::string& Get(std::string_view key) const;
  /// All values of something repeatable, in order.
  std::vector<std::string> All(std::string_view key) const;

  void Add(std::string_view key, std::string value);
  void SetCommand(const Command* command) { command_ = command; }

 private:
  const Command* command_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

enum class ParsedKind : unsigned char {
  kRun,         ///< `line` is complete and free of contradictions.
  kText,        ///< Help or the version was asked for: print `text` to stdout, exit 0.
  kUsageError,  ///< Print `text` to stderr, exit 2.
};

struct ParsedArguments {
  ParsedKind kind = ParsedKind::kUsageError;
  std::optional<CommandLine> line;
  std::string text;
  std::vector<std::string> warnings;  ///< For stderr, whatever the kind.
};

/// Parses `arguments` (without the program's name). Options may stand anywhere; old names of
/// commands are replaced, with a warning. `version` is what `--version` prints.
ParsedArguments ParseArguments(const std::vector<std::string>& arguments, std::string_view version);

}  // namespace omnigraph::cli
