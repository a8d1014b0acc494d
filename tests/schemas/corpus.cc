// Implements tests/schemas/corpus.h.

#include "corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "schema/compile.h"

namespace omnigraph::schemas {
namespace {

constexpr std::string_view kCaseMark = "//// ";
constexpr std::string_view kExpectationMark = "//! ";

std::filesystem::path Folder() {
  return std::filesystem::path(OG_SCHEMA_CORPUS_DIR) / "bad";
}

std::vector<BadCase> CasesOf(const std::filesystem::path& path) {
  std::vector<BadCase> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kCaseMark)) {
      cases.push_back({path.filename().string(), line.substr(kCaseMark.size()), {}, ""});
    } else if (cases.empty()) {
      continue;  // The comment at the head of the file.
    } else if (line.starts_with(kExpectationMark)) {
      cases.back().expected.push_back(line.substr(kExpectationMark.size()));
    } else {
      cases.back().text += line + "\n";
    }
  }
  return cases;
}

}  // namespace

Result<std::vector<BadCase>> ReadBadCases() {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(Folder(), error))
    files.push_back(entry.path());
  if (error) {
    return Status::Error(ErrorCode::kNotFound, "cannot list " + Folder().string());
  }
  std::sort(files.begin(), files.end());
  std::vector<BadCase> cases;
  for (const std::filesystem::path& path : files) {
    std::vector<BadCase> some = CasesOf(path);
    std::move(some.begin(), some.end(), std::back_inserter(cases));
  }
  return cases;
}

std::vector<std::string> DiagnosticsOf(const std::string& text) {
  const text::Source source("bad.pg", text);
  std::vector<std::string> found;
  for (const text::Diagnostic& diagnostic : schema::Compile(source).diagnostics) {
    const text::Position place = source.PositionOf(diagnostic.primary.span.begin);
    found.push_back(diagnostic.code + " " + std::to_string(place.line) + ":" +
                    std::to_string(place.column) + " " + diagnostic.summary +
                    (diagnostic.help.empty() ? "" : " | " + diagnostic.help));
  }
  return found;
}

Status RewriteBadCases(const std::vector<BadCase>& cases) {
  std::map<std::string, std::string> files;
  for (const BadCase& bad : cases) {
    std::string& text = files[bad.file];
    if (text.empty()) {
      std::ifstream file(Folder() / bad.file);
      for (std::string line; std::getline(file, line) && !line.starts_with(kCaseMark);)
        text += line + "\n";
    }
    text += std::string(kCaseMark) + bad.name + "\n";
    for (const std::string& diagnostic : DiagnosticsOf(bad.text))
      text += std::string(kExpectationMark) + diagnostic + "\n";
    text += bad.text;
  }
  for (const auto& [name, text] : files) {
    std::ofstream file(Folder() / name, std::ios::binary);
    file << text;
    if (!file.flush()) {
      return Status::Error(ErrorCode::kUnavailable, "cannot write " + name);
    }
  }
  return Status::Ok();
}

}  // namespace omnigraph::schemas
