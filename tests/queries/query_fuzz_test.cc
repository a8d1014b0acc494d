// Damaged queries: nothing crashes or hangs, mistakes are shown in order and inside of the text,
// what parses is the same after printing, and what checks runs to an answer or to a typed error.

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "embed/embedder.h"
#include "engine/engine.h"
#include "language/case_file.h"
#include "query/check.h"
#include "query/lint.h"
#include "query/parser.h"
#include "query/printer.h"
#include "query_mutator.h"
#include "schema/catalog.h"
#include "schemas/fuzz_budget.h"
#include "store/memory_store.h"

namespace omnigraph::queries {
namespace {

using query::ast::File;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every query text of the language corpus.
std::vector<std::string> ReadCorpus() {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(OG_LANGUAGE_DIR "/cases")) {
    if (entry.path().extension() != ".gqt") continue;
    const auto cases = language::ReadCases(ReadFile(entry.path()), false);
    EXPECT_TRUE(cases.ok()) << cases.status().message();
    for (const language::Case& item : *cases) {
      for (const language::Step& step : item.steps)
        texts.push_back(step.text);
    }
  }
  return texts;
}

// One of the corpus's graphs, in memory.
class Fixture {
 public:
  explicit Fixture(const std::string& name) { Load(name); }

  /// For reads.
  engine::Graph& graph() { return *graph_; }
  /// For one mutation, so that what it does depends on nothing before.
  std::shared_ptr<engine::Graph> Copy() const { return Open(store_->Clone()); }
  const schema::Catalog& catalog() const { return *catalog_; }

 private:
  static std::shared_ptr<engine::Graph> Open(std::shared_ptr<store::MemoryStore> store) {
    engine::OpenOptions options;
    options.uri = "fuzz";
    options.embedder = embed::OfflineEmbedder();
    return *engine::Graph::Open(std::move(store), options);
  }

  void Load(const std::string& name) {
    const std::string base = OG_LANGUAGE_DIR "/fixtures/" + name;
    ASSERT_TRUE(engine::Graph::Init(store_, "fuzz", ReadFile(base + ".pg"), false).ok());
    graph_ = Open(store_);
    const std::string rows = ReadFile(base + ".jsonl");
    std::string_view rest = rows;
    engine::LoadRequest load;
    load.source_name = name;
    load.read = [&rest](char* buffer, std::size_t size_max) -> Result<std::size_t> {
      const std::size_t size = std::min(size_max, rest.size());
      std::memcpy(buffer, rest.data(), size);
      rest.remove_prefix(size);
      return size;
    };
    const auto loaded = graph_->Load({}, load);
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    catalog_ = graph_->Schema({}, {})->catalog;
  }

  const std::shared_ptr<store::MemoryStore> store_ = std::make_shared<store::MemoryStore>();
  std::shared_ptr<engine::Graph> graph_;
  std::shared_ptr<const schema::Catalog> catalog_;
};

struct Counts {
  std::size_t parsed = 0;
  std::size_t checked = 0;
  std::size_t answered = 0;
  std::size_t refused = 0;
};

class QueryFuzzTest : public ::testing::Test {
 protected:
  // Spans lie inside of the text; the messages can be drawn.
  static void ExpectGood(const text::Source& source,
                         const std::vector<text::Diagnostic>& diagnostics) {
    for (const text::Diagnostic& diagnostic : diagnostics) {
      const text::Span span = diagnostic.primary.span;
      EXPECT_LE(span.begin, span.end) << diagnostic.summary;
      EXPECT_LE(span.end, source.text().size()) << diagnostic.summary;
      EXPECT_FALSE(diagnostic.summary.empty());
    }
    EXPECT_EQ(text::Render(source, diagnostics).empty(), diagnostics.empty());
  }

  // Printing and formatting keep the meaning, and do nothing the second time.
  static void ExpectPrintsAsItself(const text::Source& source, const File& file) {
    text::Diagnostics none;
    const text::Source printed("printed.gq", query::Print(file));
    EXPECT_TRUE(query::Parse(printed, none) == file) << printed.text();
    const auto once = query::FormatQueries(source);
    ASSERT_TRUE(once.ok()) << once.status().message();
    const text::Source formatted("formatted.gq", *once);
    EXPECT_TRUE(query::Parse(formatted, none) == file) << *once;
    EXPECT_TRUE(none.items().empty());
    EXPECT_EQ(*query::FormatQueries(formatted), *once);
  }

  void CheckText(const std::string& text) {
    const text::Source source("fuzz.gq", text);
    text::Diagnostics syntax;
    const File file = query::Parse(source, syntax);
    ExpectGood(source, syntax.items());
    const query::LintReport report = query::Lint(source, fixture_.catalog());
    EXPECT_FALSE(query::LintText(report).empty());
    EXPECT_EQ(syntax.has_errors(), report.results.empty() && !report.is_ok());
    if (syntax.has_errors()) return;
    ++counts_.parsed;
    ExpectPrintsAsItself(source, file);
    for (const query::ast::Query& written : file.queries) {
      const query::CheckOutcome outcome = query::Check(written, fixture_.catalog());
      EXPECT_EQ(outcome.query.has_value(), outcome.diagnostics.empty());
      ExpectGood(source, outcome.diagnostics);
      if (!outcome.query) continue;
      ++counts_.checked;
      RunIt(text, written);
    }
  }

  // Runs a query that checks; its arguments may be wrong.
  void RunIt(const std::string& text, const query::ast::Query& written) {
    const std::string arguments = mutator_->Arguments(written.parameters);
    engine::Caller caller;
    caller.deadline = Deadline::After(std::chrono::seconds(2));
    caller.memory_bytes_max = 16u << 20;
    Status status = Status::Ok();
    if (written.is_mutation()) {
      engine::MutationRequest request;
      request.source = text;
      request.name = written.name.text;
      request.params_json = arguments;
      status = fixture_.Copy()->Mutate(caller, request).status();
    } else {
      engine::QueryRequest request;
      request.source = text;
      request.name = written.name.text;
      request.params_json = arguments;
      const auto answer = fixture_.graph().Query(caller, request);
      status = answer.status();
    }
    ++(status.ok() ? counts_.answered : counts_.refused);
    EXPECT_TRUE(IsTyped(status)) << arguments << "\n" << (status.ok() ? "" : status.message());
  }

  // What a query may end with: an answer, a mistake of the caller's, or a limit.
  static bool IsTyped(const Status& status) {
    if (status.ok()) return true;
    switch (status.code()) {
      case ErrorCode::kInternal:
      case ErrorCode::kCorruption:
      case ErrorCode::kUnavailable:
        return false;
      default:
        return !status.message().empty();
    }
  }

  Fixture fixture_{"kinds"};
  Counts counts_;
  std::unique_ptr<QueryMutator> mutator_;
};

TEST_F(QueryFuzzTest, DamagedQueriesEndWithAnAnswerOrATypedError) {
  const std::vector<std::string> corpus = ReadCorpus();
  ASSERT_GT(corpus.size(), 100u);
  schemas::FuzzBudget budget("query fuzzer", 10);
  while (budget.Next()) {
    mutator_ = std::make_unique<QueryMutator>(budget.seed(), corpus);
    const std::string text = mutator_->Text();
    CheckText(text);
    ASSERT_FALSE(HasFailure()) << "seed " << budget.seed() << "\n" << text;
  }
  std::printf("parsed %zu, checked %zu, answered %zu, refused %zu\n", counts_.parsed,
              counts_.checked, counts_.answered, counts_.refused);
  EXPECT_GT(counts_.answered, 0u);
}

}  // namespace
}  // namespace omnigraph::queries
