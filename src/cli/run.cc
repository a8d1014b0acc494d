// From arguments to an exit code.

#include "cli/run.h"

#include <utility>

#include "base/json_writer.h"
#include "cli/address.h"
#include "cli/command_line.h"
#include "cli/console.h"
#include "cli/invocation.h"
#include "cli/json_layout.h"

namespace omnigraph::cli {
namespace {

constexpr int kFailureCode = 1;
constexpr int kUsageCode = 2;
constexpr int kHeadMismatchCode = 4;

// The document of a server that refuses for this reason.
std::string MismatchJson(std::string_view message, const HeadMismatch& mismatch) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("error").String(message).Key("precondition_failure").BeginObject();
  json.Key("expected").String(mismatch.expected).Key("actual").String(mismatch.actual);
  json.EndObject().EndObject();
  return out;
}

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
  const bool wants_json = parsed.line->Has("json");
  const Result<int> outcome = RunCommand(*std::move(parsed.line), console, environment, version);
  if (outcome.ok()) return *outcome;
  const HeadMismatch* const mismatch = outcome.status().head_mismatch();
  if (mismatch != nullptr && wants_json) {
    const std::string document = MismatchJson(outcome.status().message(), *mismatch);
    return console.Write(LayOutJson(document)).ok() ? kHeadMismatchCode : kFailureCode;
  }
  // A drawn diagnostic starts with its own "error: ".
  std::string_view message = outcome.status().message();
  if (constexpr std::string_view kDrawn = "error: "; message.starts_with(kDrawn))
    message.remove_prefix(kDrawn.size());
  std::string text = "Error: " + std::string(message);
  if (!text.ends_with('\n')) text += '\n';
  console.WriteError(text);
  return mismatch != nullptr ? kHeadMismatchCode : kFailureCode;
}

}  // namespace omnigraph::cli
