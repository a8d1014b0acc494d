// load, and ingest as its deprecated form.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "cli/files.h"
#include "cli/graph_access.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/load_progress.h"
#include "cli/write_conditions.h"

namespace omnigraph::cli {
namespace {

void NoteIgnored(Invocation& invocation, const engine::LoadAnswer& answer) {
  for (const engine::LoadAnswer::Ignored& ignored : answer.ignored) {
    invocation.Note("ignored the key '" + ignored.key + "' of " + std::to_string(ignored.count) +
                    " record(s) of " + ignored.type);
  }
}

// Fills in what both commands share.
Result<engine::LoadRequest> RequestOf(Invocation& invocation, engine::LoadMode default_mode) {
  const CommandLine& line = invocation.line();
  engine::LoadRequest request;
  request.source_name = line.Get("data");
  request.mode = default_mode;
  if (const auto mode = line.Find("mode"))
    request.mode = engine::FindLoadMode(*mode).value_or(default_mode);
  if (const auto from = line.Find("from")) request.from = std::string(TrimSpace(*from));
  request.ignore_unknown = line.Has("ignore-unknown");
  OG_ASSIGN_OR_RETURN(request.conditions, ConditionsOf(line));
  request.is_strict = line.Has("strict");
  OG_ASSIGN_OR_RETURN(request.branch, invocation.Branch());
  return request;
}

// Streams the file into the graph, with a progress line on a terminal.
Result<engine::LoadAnswer> LoadFile(Invocation& invocation, const OpenedGraph& opened,
                                    engine::LoadRequest request, FileReader& reader) {
  request.read = [&reader](char* buffer, std::size_t size_bytes_max) {
    return reader.Read(buffer, size_bytes_max);
  };
  const bool draws = invocation.console().is_error_terminal() && !invocation.line().Has("quiet");
  LoadProgress progress(invocation.console(), Clock::System(), reader.size_bytes());
  if (draws) {
    request.on_progress = [&progress](std::uint64_t bytes_read, std::uint64_t records_count) {
      progress.Show(bytes_read, records_count);
    };
  }
  auto answer = opened.graph->Load(opened.caller, request);
  progress.Clear();
  return answer;
}

}  // namespace

Result<int> RunLoad(Invocation& invocation) {
  OG_ASSIGN_OR_RETURN(engine::LoadRequest request,
                      RequestOf(invocation, engine::LoadMode::kAppend));
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveAddress(invocation));
  OG_ASSIGN_OR_RETURN(FileReader reader, FileReader::Open(request.source_name));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kWrite));
  const std::optional<std::string> from = request.from;
  OG_ASSIGN_OR_RETURN(const auto answer, LoadFile(invocation, opened, std::move(request), reader));
  NoteIgnored(invocation, answer);
  OG_RETURN_IF_ERROR(
      invocation.Print(LoadView{opened.uri, answer, from, invocation.line().Has("receipt")}));
  return 0;
}

Result<int> RunIngest(Invocation& invocation) {
  invocation.Warn(
      "`omnigraph ingest` is deprecated; use `omnigraph load --from main --mode merge`, which are "
      "its defaults");
  OG_ASSIGN_OR_RETURN(engine::LoadRequest request, RequestOf(invocation, engine::LoadMode::kMerge));
  if (!request.from.has_value()) {
    OG_ASSIGN_OR_RETURN(const ProjectConfig* project, invocation.Project());
    request.from = project->branch.value_or("main");
  }
  OG_ASSIGN_OR_RETURN(const GraphAddress address, ResolveAddress(invocation));
  OG_ASSIGN_OR_RETURN(FileReader reader, FileReader::Open(request.source_name));
  OG_ASSIGN_OR_RETURN(const OpenedGraph opened, OpenGraphAt(invocation, address, Access::kWrite));
  const std::optional<std::string> from = request.from;
  OG_ASSIGN_OR_RETURN(const auto answer, LoadFile(invocation, opened, std::move(request), reader));
  NoteIgnored(invocation, answer);
  OG_RETURN_IF_ERROR(invocation.Print(
      IngestView{opened.uri, answer, from, opened.Writer(), invocation.line().Has("receipt")}));
  return 0;
}

}  // namespace omnigraph::cli
