// The parser and the formatter over damaged texts: nothing crashes, diagnostics are in order and
// inside of the text, and what parses is the same after printing, which changes nothing twice.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>

#include "corpus.h"
#include "fuzz_budget.h"
#include "random_schema.h"
#include "schema/compile.h"
#include "schema/diagram.h"
#include "schema/format.h"
#include "schema/parser.h"

namespace omnigraph::schemas {
namespace {

using schema::SchemaSyntax;

class Mutator {
 public:
  Mutator(std::uint64_t seed, const std::vector<std::string>& corpus)
      : random_(seed), corpus_(corpus), schemas_(seed) {}

  std::string Text() {
    std::string text = Below(2) == 0 ? corpus_[Below(corpus_.size())] : Print(schemas_.Fresh());
    for (std::size_t i = Below(8); i > 0; --i)
      Damage(text);
    return text;
  }

 private:
  std::size_t Below(std::size_t limit) { return static_cast<std::size_t>(random_()) % limit; }

  void Damage(std::string& text) {
    static const std::vector<std::string> kPieces = {"{",
                                                     "}",
                                                     "(",
                                                     ")",
                                                     "[",
                                                     "]",
                                                     "?",
                                                     ":",
                                                     ",",
                                                     "..",
                                                     "->",
                                                     "@",
                                                     "@card(",
                                                     "@key(",
                                                     "@range(a, ",
                                                     "\"",
                                                     "\\",
                                                     "//",
                                                     "/*",
                                                     "*/",
                                                     "\n",
                                                     " ",
                                                     "node ",
                                                     "edge ",
                                                     "interface ",
                                                     "enum(",
                                                     "Vector(",
                                                     "String",
                                                     "I32",
                                                     "-",
                                                     "0",
                                                     "99999999999999999999",
                                                     "1.5",
                                                     "true",
                                                     "\xff",
                                                     "\xe2\x82",
                                                     "ü",
                                                     "\0",
                                                     "@embed(x, model=",
                                                     "implements "};
    const std::size_t at = Below(text.size() + 1);
    const std::size_t size = std::min(Below(12), text.size() - at);
    switch (Below(6)) {
      case 0:
        text.erase(at, size);
        break;
      case 1:
        text.insert(at, kPieces[Below(kPieces.size())]);
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(Below(256));
        break;
      case 3:
        text.insert(at, text.substr(Below(text.size() + 1), Below(40)));
        break;
      case 4: {
        const std::string& other = corpus_[Below(corpus_.size())];
        text = text.substr(0, at) + other.substr(std::min(other.size(), Below(other.size() + 1)));
        break;
      }
      default:
        text.replace(at, size, kPieces[Below(kPieces.size())]);
    }
  }

  std::mt19937_64 random_;
  const std::vector<std::string>& corpus_;
  SchemaRandom schemas_;
};

void ExpectInOrderAndInside(const std::vector<text::Diagnostic>& diagnostics,
                            const text::Source& source) {
  EXPECT_LE(diagnostics.size(), text::Diagnostics::kErrorsMax);
  std::uint32_t last = 0;
  for (const text::Diagnostic& diagnostic : diagnostics) {
    const text::Span span = diagnostic.primary.span;
    EXPECT_GE(span.begin, last) << diagnostic.summary;
    EXPECT_LT(span.begin, span.end) << diagnostic.summary;
    EXPECT_LE(span.end, source.text().size()) << diagnostic.summary;
    EXPECT_FALSE(diagnostic.code.empty());
    EXPECT_FALSE(diagnostic.summary.empty());
    for (const text::Label& label : diagnostic.secondary)
      EXPECT_LE(label.span.end, source.text().size()) << diagnostic.summary;
    last = span.begin;
  }
  EXPECT_EQ(text::Render(source, diagnostics).empty(), diagnostics.empty());
}

void CheckText(const std::string& text, std::size_t* parsed_count, std::size_t* compiled_count) {
  const text::Source source("fuzz.pg", text);
  const schema::CompileOutcome outcome = schema::Compile(source);
  ASSERT_EQ(outcome.schema == nullptr, !outcome.diagnostics.empty());
  ExpectInOrderAndInside(outcome.diagnostics, source);
  const Result<std::string> once = schema::FormatSchema(source);
  if (outcome.schema != nullptr) {
    ++*compiled_count;
    EXPECT_FALSE(schema::MermaidDiagram(*outcome.schema->catalog).empty());
    ASSERT_TRUE(once.ok()) << once.status().message();
    const auto again = schema::CompileSchema(*once);
    ASSERT_TRUE(again.ok()) << again.status().message();
    EXPECT_EQ((*again)->semantic_hash, outcome.schema->semantic_hash);
  }
  text::Diagnostics diagnostics;
  const SchemaSyntax tree = schema::Parse(source, diagnostics);
  EXPECT_EQ(once.ok(), !diagnostics.has_errors());
  if (!once.ok()) return;
  ++*parsed_count;
  const text::Source printed("printed.pg", *once);
  EXPECT_TRUE(schema::Parse(printed, diagnostics) == tree) << *once;
  const Result<std::string> twice = schema::FormatSchema(printed);
  ASSERT_TRUE(twice.ok()) << twice.status().message();
  EXPECT_EQ(*twice, *once);
}

TEST(ParserFuzzTest, DamagedTextsAreHandledAndGoodOnesPrintAsThemselves) {
  const Result<std::vector<BadCase>> cases = ReadBadCases();
  ASSERT_TRUE(cases.ok());
  std::vector<std::string> corpus;
  for (const BadCase& bad : *cases)
    corpus.push_back(bad.text);
  std::size_t parsed_count = 0;
  std::size_t compiled_count = 0;
  FuzzBudget budget("parser fuzzer", 4);
  while (budget.Next()) {
    const std::string text = Mutator(budget.seed(), corpus).Text();
    CheckText(text, &parsed_count, &compiled_count);
    ASSERT_FALSE(HasFailure()) << "seed " << budget.seed() << "\n" << text;
  }
  std::printf("parsed %zu, compiled %zu\n", parsed_count, compiled_count);
}

}  // namespace
}  // namespace omnigraph::schemas
