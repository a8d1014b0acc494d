// Implements corpus_runner.h.

#include "corpus_runner.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "compare_rows.h"
#include "embed/embedder.h"
#include "exec/result_table.h"
#include "query/check.h"
#include "query/parser.h"
#include "store/memory_store.h"

namespace omnigraph::language {
namespace {

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status::Error(ErrorCode::kNotFound, "cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

engine::LoadRequest LoadOf(std::string_view text) {
  engine::LoadRequest request;
  request.source_name = "fixture";
  request.mode = engine::LoadMode::kMerge;
  request.read = [text](char* buffer, std::size_t size_max) mutable -> Result<std::size_t> {
    const std::size_t size = std::min(size_max, text.size());
    std::memcpy(buffer, text.data(), size);
    text.remove_prefix(size);
    return size;
  };
  return request;
}

// An error that was found without data.
struct Found {
  std::string kind;
  std::string message;
  text::Span span;
};

std::vector<Found> CheckStatically(const Step& step, const schema::Catalog& catalog) {
  std::vector<Found> found;
  const text::Source source("case.gq", step.text);
  text::Diagnostics syntax;
  const query::ast::File file = query::Parse(source, syntax);
  for (const text::Diagnostic& error : syntax.items()) {
    found.push_back({"parse", query::ParseErrorText(source, error), error.primary.span});
  }
  if (!found.empty()) return found;
  for (const query::ast::Query& written : file.queries) {
    if (!step.query_name.empty() && written.name.text != step.query_name) continue;
    for (const text::Diagnostic& error : query::Check(written, catalog).diagnostics) {
      found.push_back({error.code.empty() ? "type" : error.code, query::TypeErrorText(error),
                       error.primary.span});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& left, const Found& right) {
    return left.span.begin < right.span.begin;
  });
  return found;
}

std::string CompareMessage(const ExpectedError& expected, std::string_view message) {
  for (const std::string& word : expected.words) {
    if (message.find(word) == std::string_view::npos) {
      return "the message does not hold '" + word + "': " + std::string(message);
    }
  }
  return {};
}

std::string Describe(const std::vector<Found>& found, std::string_view text) {
  std::string description;
  for (const Found& error : found) {
    description += "\n    " + error.kind + " at '" +
                   std::string(text.substr(error.span.begin, error.span.end - error.span.begin)) +
                   "': " + error.message;
  }
  return description;
}

std::string CompareStatic(const Step& step, const std::vector<Found>& found) {
  if (found.size() != step.marks.size() || found.size() != step.errors.size()) {
    return "expected " + std::to_string(step.errors.size()) + " errors at " +
           std::to_string(step.marks.size()) + " marks, found " + std::to_string(found.size()) +
           Describe(found, step.text);
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    // An empty mark says only where the error begins.
    const text::Span mark = step.marks[i];
    const bool is_there = found[i].span.begin == mark.begin &&
                          (mark.begin == mark.end || found[i].span.end == mark.end);
    if (found[i].kind != step.errors[i].kind || !is_there) {
      return "error " + std::to_string(i + 1) + " should be " + step.errors[i].kind + " at '" +
             step.text.substr(mark.begin, mark.end - mark.begin) + "', found" +
             Describe({found[i]}, step.text);
    }
    const std::string difference = CompareMessage(step.errors[i], found[i].message);
    if (!difference.empty()) return difference;
  }
  return {};
}

// What the gate answered to a query that is wrong.
std::string CompareStatus(const Step& step, const Status& status) {
  if (status.ok()) return "it succeeded, expected error " + step.errors.front().kind;
  const std::string message(status.message());
  if (status.code() != ErrorCode::kInvalidArgument) {
    return "the error is not the caller's mistake: " + message;
  }
  const bool is_parse = message.starts_with("parse error:");
  const bool is_type = message.starts_with("type error:");
  if (step.errors.front().kind == "run") {
    if (is_parse || is_type || !step.marks.empty()) return "found before running: " + message;
    return CompareMessage(step.errors.front(), message);
  }
  // The first error of the checks is the headline, which need not be the first of the text.
  const bool is_expected =
      std::any_of(step.errors.begin(), step.errors.end(), [&](const ExpectedError& expected) {
        if (expected.kind == "parse") return is_parse;
        if (expected.kind == "type") return is_type;
        return message.starts_with("type error: " + expected.kind + ":");
      });
  return is_expected ? "" : "the headline is of another kind: " + message;
}

bool IsStatic(const Step& step) {
  return !step.errors.empty() && step.errors.front().kind != "run";
}

// A type error is reported behind errors of arguments, so only a query that can run reaches it.
bool CanBeRun(const Step& step) {
  return step.text.find("()") != std::string::npos || step.arguments != "{}";
}

}  // namespace

Result<const CorpusRunner::Fixture*> CorpusRunner::Open(const std::string& name) {
  const auto known = fixtures_.find(name);
  if (known != fixtures_.end()) return &known->second;
  const std::string path = fixtures_folder_ + "/" + name;
  OG_ASSIGN_OR_RETURN(const std::string schema, ReadFile(path + ".pg"));
  OG_ASSIGN_OR_RETURN(const std::string data, ReadFile(path + ".jsonl"));
  const auto store = std::make_shared<store::MemoryStore>();
  OG_RETURN_IF_ERROR(engine::Graph::Init(store, name, schema, false));
  engine::OpenOptions options;
  options.embedder = embed::OfflineEmbedder();
  Fixture fixture;
  OG_ASSIGN_OR_RETURN(fixture.graph, engine::Graph::Open(store, options));
  if (!data.empty()) OG_RETURN_IF_ERROR(fixture.graph->Load({}, LoadOf(data)).status());
  OG_ASSIGN_OR_RETURN(const engine::SchemaAnswer answer, fixture.graph->Schema({}, {}));
  fixture.catalog = answer.catalog;
  return &fixtures_.emplace(name, std::move(fixture)).first->second;
}

std::vector<std::string> CorpusRunner::Run(const Case& item) {
  const auto fixture = Open(item.fixture);
  if (!fixture.ok()) {
    return {"fixture '" + item.fixture + "': " + std::string(fixture.status().message())};
  }
  std::string branch = "main";
  const bool writes = std::any_of(item.steps.begin(), item.steps.end(),
                                  [](const Step& step) { return step.is_mutation; });
  if (writes) {
    branch = "case-" + std::to_string(++branches_count_);
    const Status created = (*fixture)->graph->CreateBranch({}, branch, "main");
    if (!created.ok()) return {std::string(created.message())};
  }
  std::vector<std::string> failures;
  for (const Step& step : item.steps) {
    const std::string difference = RunStep(step, branch, **fixture);
    if (difference.empty()) continue;
    failures.push_back("line " + std::to_string(step.line) + ": " + item.title + "\n    " +
                       difference);
  }
  return failures;
}

std::string CorpusRunner::RunStep(const Step& step, const std::string& branch,
                                  const Fixture& fixture) {
  const std::vector<Found> found = CheckStatically(step, *fixture.catalog);
  if (IsStatic(step)) {
    const std::string difference = CompareStatic(step, found);
    if (!difference.empty() || !CanBeRun(step)) return difference;
  } else if (!found.empty()) {
    return "unexpected errors:" + Describe(found, step.text);
  }
  return step.is_mutation ? RunMutation(step, branch, fixture) : RunRead(step, branch, fixture);
}

std::string CorpusRunner::RunRead(const Step& step, const std::string& branch,
                                  const Fixture& fixture) {
  engine::QueryRequest request;
  request.source = step.text;
  request.name = step.query_name;
  request.params_json = step.arguments;
  request.target.branch = branch;
  const auto answer = fixture.graph->Query({}, request);
  if (!step.errors.empty()) return CompareStatus(step, answer.status());
  if (!answer.ok()) return "it failed: " + std::string(answer.status().message());
  if (step.columns) {
    std::string names;
    for (const exec::ResultColumn& column : answer->table->columns()) {
      names += (names.empty() ? "" : ", ") + column.name;
    }
    if (names != *step.columns) return "expected columns " + *step.columns + ", found " + names;
  }
  if (!step.rows) return step.columns ? "" : "a read needs rows or columns to compare with";
  return CompareRows(*answer->table, *step.rows, step.is_ordered);
}

std::string CorpusRunner::RunMutation(const Step& step, const std::string& branch,
                                      const Fixture& fixture) {
  engine::MutationRequest request;
  request.source = step.text;
  request.name = step.query_name;
  request.params_json = step.arguments;
  request.branch = branch;
  const auto answer = fixture.graph->Mutate({}, request);
  if (!step.errors.empty()) return CompareStatus(step, answer.status());
  if (!answer.ok()) return "it failed: " + std::string(answer.status().message());
  if (!step.affected) return "a mutation needs counts to compare with";
  const auto [nodes, edges] = *step.affected;
  if (answer->affected_nodes != nodes || answer->affected_edges != edges) {
    return "affected " + std::to_string(answer->affected_nodes) + " nodes and " +
           std::to_string(answer->affected_edges) + " edges";
  }
  const bool expects_commit = nodes + edges > 0;
  if (answer->commit.has_value() == expects_commit) return {};
  return expects_commit ? "there is no commit" : "there is a commit though nothing changed";
}

}  // namespace omnigraph::language
