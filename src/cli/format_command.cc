// fmt: schemas (`.pg`) and queries (`.gq`) in the one layout of each.

#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "cli/files.h"
#include "cli/handlers.h"
#include "cli/invocation.h"
#include "cli/line_diff.h"
#include "query/printer.h"
#include "schema/format.h"
#include "text/source.h"

namespace omnigraph::cli {
namespace {

constexpr std::string_view kSchemaSuffix = ".pg";
constexpr std::string_view kQueriesSuffix = ".gq";
constexpr std::string_view kStandardInput = "<standard input>";

// The files that the arguments name, each once, in their order.
Result<std::vector<std::string>> FindFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!IsFolder(path)) {
      files.push_back(path);
      continue;
    }
    for (const std::string_view suffix : {kSchemaSuffix, kQueriesSuffix}) {
      OG_ASSIGN_OR_RETURN(std::vector<std::string> found, FilesBelow(path, suffix));
      std::move(found.begin(), found.end(), std::back_inserter(files));
    }
  }
  return files;
}

// By the suffix; standard input has none and is a schema.
Result<std::string> FormatSource(const text::Source& source) {
  if (source.name().ends_with(kQueriesSuffix)) return query::FormatQueries(source);
  return schema::FormatSchema(source);
}

class FormatRun {
 public:
  explicit FormatRun(Invocation& invocation)
      : invocation_(invocation),
        is_check_(invocation.line().Has("check")),
        is_diff_(invocation.line().Has("diff")) {}

  Status Format(const std::string& path) {
    OG_ASSIGN_OR_RETURN(std::string before, ReadFile(path));
    const text::Source source(path, std::move(before));
    OG_ASSIGN_OR_RETURN(const std::string after, FormatSource(source));
    if (source.text() == after) return Status::Ok();
    ++changed_count_;
    if (is_diff_) return console().Write(LineDiff(path, source.text(), after));
    if (!is_check_) OG_RETURN_IF_ERROR(ReplaceFile(path, after));
    return console().Write(path + "\n");
  }

  Status FormatStandardInput() {
    OG_ASSIGN_OR_RETURN(std::string before, ReadStandardInput());
    const text::Source source(std::string(kStandardInput), std::move(before));
    OG_ASSIGN_OR_RETURN(const std::string after, FormatSource(source));
    if (source.text() != after) ++changed_count_;
    if (is_diff_) return console().Write(LineDiff(kStandardInput, source.text(), after));
    return is_check_ ? Status::Ok() : console().Write(after);
  }

  // Every file is formatted, whatever is wrong with others.
  void Report(const Status& failure) {
    if (failure.ok()) return;
    ++failures_count_;
    console().WriteError("Error: " + std::string(failure.message()) + "\n");
  }

  int ExitCode() const { return failures_count_ > 0 || (is_check_ && changed_count_ > 0) ? 1 : 0; }

 private:
  Console& console() const { return invocation_.console(); }

  Invocation& invocation_;
  const bool is_check_;
  const bool is_diff_;
  int changed_count_ = 0;
  int failures_count_ = 0;
};

}  // namespace

Result<int> RunFormat(Invocation& invocation) {
  std::vector<std::string> paths = invocation.line().All("PATHS");
  FormatRun run(invocation);
  if (paths == std::vector<std::string>{"-"}) {
    run.Report(run.FormatStandardInput());
    return run.ExitCode();
  }
  if (paths.empty()) paths.push_back(".");
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> files, FindFiles(paths));
  for (const std::string& file : files)
    run.Report(run.Format(file));
  return run.ExitCode();
}

}  // namespace omnigraph::cli
