// language_corpus FIXTURES FILE…: runs cases of the query language and prints what failed and the
// counts. Exit code 1 if a case fails or a file has none.

#include <cstdio>
#include <fstream>
#include <iterator>

#include "corpus_runner.h"

namespace omnigraph::language {
namespace {

int Run(const std::string& fixtures_folder, const std::vector<std::string>& paths) {
  CorpusRunner runner(fixtures_folder);
  std::size_t cases_count = 0;
  std::size_t steps_count = 0;
  std::size_t failed_count = 0;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto cases = ReadCases(text, path.ends_with(".md"));
    if (!file || !cases.ok() || cases->empty()) {
      std::printf("%s: %s\n", path.c_str(),
                  cases.ok() ? "no cases" : std::string(cases.status().message()).c_str());
      return 1;
    }
    for (const Case& item : *cases) {
      const std::vector<std::string> failures = runner.Run(item);
      for (const std::string& failure : failures) {
        std::printf("%s, %s\n", path.c_str(), failure.c_str());
      }
      ++cases_count;
      steps_count += item.steps.size();
      failed_count += failures.empty() ? 0 : 1;
    }
  }
  std::printf("%zu cases with %zu steps in %zu files: %zu passed, %zu failed\n", cases_count,
              steps_count, paths.size(), cases_count - failed_count, failed_count);
  return failed_count == 0 ? 0 : 1;
}

}  // namespace
}  // namespace omnigraph::language

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: language_corpus FIXTURES_FOLDER FILE…\n", stderr);
    return 2;
  }
  return omnigraph::language::Run(argv[1], {argv + 2, argv + argc});
}
