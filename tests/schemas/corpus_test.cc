// Every schema of `bad/` gives exactly its diagnostics: code, line and column, words, and no more.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <set>

#include "corpus.h"

namespace omnigraph::schemas {
namespace {

std::string Joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  return text;
}

TEST(SchemaCorpusTest, EveryBadSchemaGivesExactlyItsDiagnostics) {
  const Result<std::vector<BadCase>> cases = ReadBadCases();
  ASSERT_TRUE(cases.ok()) << cases.status().message();
  if (std::getenv("OMNIGRAPH_UPDATE_CORPUS") != nullptr) {
    ASSERT_TRUE(RewriteBadCases(*cases).ok());
    GTEST_SKIP() << "the corpus was written anew; read its difference";
  }
  std::set<std::string> texts;
  std::set<std::string> codes;
  std::size_t diagnostics_count = 0;
  for (const BadCase& bad : *cases) {
    EXPECT_FALSE(bad.expected.empty()) << bad.file << ": " << bad.name << " expects nothing";
    EXPECT_EQ(Joined(DiagnosticsOf(bad.text)), Joined(bad.expected))
        << bad.file << ": " << bad.name << "\n"
        << bad.text;
    EXPECT_TRUE(texts.insert(bad.text).second) << bad.file << ": " << bad.name << " is there twice";
    for (const std::string& diagnostic : bad.expected)
      codes.insert(diagnostic.substr(0, diagnostic.find(' ')));
    diagnostics_count += bad.expected.size();
  }
  EXPECT_EQ(codes.size(), 6u);  // P1 … P6.
  std::printf("bad schemas: %zu with %zu diagnostics\n", cases->size(), diagnostics_count);
}

}  // namespace
}  // namespace omnigraph::schemas
