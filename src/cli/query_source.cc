// Resolves sources and parameters of queries.

#include "cli/query_source.h"

#include <utility>

#include "base/strings.h"
#include "cli/address.h"
#include "cli/files.h"
#include "cli/invocation.h"
#include "cli/json_text.h"

namespace omnigraph::cli {
namespace {

Status TooMany(std::size_t words_max, std::size_t words_count) {
  return Status::Error(ErrorCode::kInvalidArgument,
                       "the command expects at most " + std::to_string(words_max) +
                           " positional argument(s) here, and got " + std::to_string(words_count));
}

Result<std::string> ReadText(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  if (const auto path = line.Find("query")) {
    OG_ASSIGN_OR_RETURN(const std::string found, FindQueryFile(invocation, *path));
    return ReadFile(found);
  }
  const std::string& text = line.Get("query-string");
  if (TrimSpace(text).empty()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "the text of -e/--query-string must not be empty");
  }
  return text;
}

// With a text: [URI], [NAME] if the graph is named otherwise, or URI NAME.
Status PlaceWords(const std::vector<std::string>& words, bool has_address, QuerySource& source) {
  const std::size_t words_max = (has_address ? 0U : 1U) + (source.name.empty() ? 1U : 0U);
  if (words.size() > words_max) return TooMany(words_max, words.size());
  std::size_t next = 0;
  if (!has_address && !words.empty()) source.uri = words[next++];
  if (next < words.size()) source.name = words[next];
  return Status::Ok();
}

// Without a text: NAME of a stored query, behind the graph if that is not named otherwise.
Status PlaceStored(const std::vector<std::string>& words, bool has_address, QuerySource& source) {
  const std::size_t words_count = has_address ? 1 : 2;
  if (words.size() < words_count) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "exactly one of --query <PATH>, -e/--query-string <GQ> and --alias <NAME> "
                         "must be given, or the name of a stored query behind a server's address");
  }
  if (words.size() > words_count) return TooMany(words_count, words.size());
  source.kind = SourceKind::kStored;
  if (!has_address) source.uri = words[0];
  source.name = words.back();
  return Status::Ok();
}

}  // namespace

Result<QuerySource> ResolveSource(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  std::vector<std::string> words = line.All("LEGACY_URI");
  for (std::string& word : line.All("ARGS"))
    words.push_back(std::move(word));
  QuerySource source;
  if (const auto alias = line.Find("alias")) {
    source.kind = SourceKind::kAlias;
    source.name = *alias;
    source.arguments = std::move(words);
    return source;
  }
  const bool has_address = HasExplicitAddress(line);
  source.name = line.Find("name").value_or("");
  if (!line.Has("query") && !line.Has("query-string")) {
    OG_RETURN_IF_ERROR(PlaceStored(words, has_address, source));
    return source;
  }
  OG_RETURN_IF_ERROR(PlaceWords(words, has_address, source));
  OG_ASSIGN_OR_RETURN(source.text, ReadText(invocation));
  return source;
}

Result<std::optional<std::string>> ReadParameters(Invocation& invocation) {
  const CommandLine& line = invocation.line();
  std::optional<std::string> json = line.Find("params");
  std::string name = "the value of --params";
  if (const auto path = line.Find("params-file")) {
    OG_ASSIGN_OR_RETURN(json, ReadFile(*path));
    name = "'" + *path + "'";
  }
  if (json.has_value()) OG_RETURN_IF_ERROR(CheckParameters(*json, name));
  return json;
}

Result<std::string> FindQueryFile(Invocation& invocation, const std::string& path) {
  OG_ASSIGN_OR_RETURN(const ProjectConfig* project, invocation.Project());
  const std::string direct = PathBelow(project->folder, path);
  if (path.starts_with('/') || FileExists(direct)) return direct;
  for (const std::string& folder : project->query_folders) {
    std::string candidate = PathBelow(PathBelow(project->folder, folder), path);
    if (FileExists(candidate)) return candidate;
  }
  return Status::Error(ErrorCode::kNotFound,
                       "query file '" + path + "' not found" +
                           (project->path.empty() ? ""
                                                  : " below the folder of '" + project->path +
                                                        "' and its query.roots"));
}

}  // namespace omnigraph::cli
