// From arguments to an exit code.

#include "cli/run.h"

#include <utility>

#include "cli/address.h"
#include "cli/command_line.h"
#include "cli/console.h"
#include "cli/invocation.h"

namespace omnigraph::cli {
namespace {

constexpr int kFailureCode = 1;
constexpr int kUsageCode = 2;

Result<int> RunCommand(CommandLine line, Console& console, const Environment& environment,
                       std::string_view version) {
  OG_RETURN_IF_ERROR(CheckPlane(line));
  const Handler handler = line.command().handler;
  Invocation invocation(std::move(line), console, environment, std::string(version));
  return handler(invocation);
}

}  // namespace

int Run(const std::vector<std::string>& arguments, Console& console, const Environment& environment,
        std::string_view version) {
  ParsedArguments parsed = ParseArguments(arguments, version);
  for (const std::string& warning : parsed.warnings)
    console.WriteError(warning + "\n");
  if (parsed.kind == ParsedKind::kText) return console.Write(parsed.text).ok() ? 0 : kFailureCode;
  if (parsed.kind == ParsedKind::kUsageError) {
    console.WriteError(parsed.text);
    return kUsageCode;
  }
  const Result<int> outcome = RunCommand(*std::move(parsed.line), console, environment, version);
  if (outcome.ok()) return *outcome;
  // A drawn diagnostic starts with its own "error: ".
  std::string_view message = outcome.status().message();
  if (constexpr std::string_view kDrawn = "error: "; message.starts_with(kDrawn))
    message.remove_prefix(kDrawn.size());
  std::string text = "Error: " + std::string(message);
  if (!text.ends_with('\n')) text += '\n';
  console.WriteError(text);
  return kFailureCode;
}

}  // namespace omnigraph::cli
