// Reads and checks registries of stored queries.

#include "cli/stored_queries.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "cli/cluster_catalog.h"
#include "cli/files.h"
#include "cli/invocation.h"
#include "query/ast.h"
#include "query/check.h"
#include "query/parser.h"
#include "text/source.h"

namespace omnigraph::cli {
namespace {

// The query of that name in its file, which parses.
query::ast::Query ParseStored(const StoredQuery& stored) {
  const text::Source source(stored.file, stored.text);
  text::Diagnostics diagnostics;
  const query::ast::File file = query::Parse(source, diagnostics);
  for (const query::ast::Query& candidate : file.queries)
    if (candidate.name.text == stored.name) return candidate;
  return {};
}

// Adds the queries of one file, or says in `problems` why not.
void ReadQueryFile(const std::string& path, std::vector<StoredQuery>& queries,
                   std::vector<std::string>& problems) {
  auto bytes = ReadFile(path);
  if (!bytes.ok()) {
    problems.emplace_back(bytes.status().message());
    return;
  }
  const text::Source source(path, *bytes);
  text::Diagnostics diagnostics;
  const query::ast::File file = query::Parse(source, diagnostics);
  if (diagnostics.has_errors()) {
    const auto errors = std::move(diagnostics).Take();
    problems.push_back("'" + path + "': " + query::ParseErrorText(source, errors.front()));
    return;
  }
  for (const query::ast::Query& found : file.queries) {
    const auto earlier = std::find_if(queries.begin(), queries.end(), [&](const StoredQuery& q) {
      return q.name == found.name.text;
    });
    if (earlier == queries.end()) {
      queries.push_back({found.name.text, path, *bytes});
    } else {
      problems.push_back("stored query '" + found.name.text + "': declared in '" + earlier->file +
                         "' and in '" + path + "'");
    }
  }
}

// A file itself, or the `.gq` files of a folder, ascending.
Result<std::vector<std::string>> QueryFiles(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    if (entry.path().extension() == ".gq") files.push_back(entry.path().string());
  if (error) {
    return Status::Error(ErrorCode::kUnavailable, "cannot list '" + path + "': " + error.message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<StoredQuery>> ReadRegistry(const std::string& path) {
  OG_ASSIGN_OR_RETURN(const std::vector<std::string> files, QueryFiles(path));
  std::vector<StoredQuery> queries;
  std::vector<std::string> problems;
  for (const std::string& file : files)
    ReadQueryFile(file, queries, problems);
  if (!problems.empty()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "stored-query registry failed to load:\n  " + Join(problems, "\n  "));
  }
  return queries;
}

// "[String]", "Vector(3)", "I32": the type without `?`.
std::string TypeText(const query::ast::ParameterType& type) {
  std::string text = type.base;
  if (type.vector_dimension.has_value()) text += "(" + std::to_string(*type.vector_dimension) + ")";
  return type.is_list ? "[" + text + "]" : text;
}

}  // namespace

Result<std::vector<StoredQuery>> ReadStoredQueries(Invocation& invocation) {
  std::vector<StoredQuery> queries;
  if (const auto path = invocation.line().Find("queries")) {
    OG_ASSIGN_OR_RETURN(queries, ReadRegistry(*path));
  } else if (invocation.line().Has("cluster")) {
    OG_ASSIGN_OR_RETURN(const auto served, ReadClusterQueries(invocation));
    for (const cluster::ServedQuery& query : served)
      queries.push_back({query.name, "stored query '" + query.name + "'", *query.source});
  }
  std::sort(queries.begin(), queries.end(),
            [](const StoredQuery& a, const StoredQuery& b) { return a.name < b.name; });
  return queries;
}

StoredQueriesView DescribeStoredQueries(const std::vector<StoredQuery>& queries) {
  StoredQueriesView view;
  for (const StoredQuery& stored : queries) {
    const query::ast::Query parsed = ParseStored(stored);
    StoredQueriesView::Query described;
    described.name = stored.name;
    described.is_mutation = parsed.is_mutation();
    described.description = parsed.description;
    described.instruction = parsed.instruction;
    for (const query::ast::Parameter& parameter : parsed.parameters) {
      described.parameters.push_back(
          {parameter.name.text, TypeText(parameter.type), parameter.type.is_nullable});
    }
    view.queries.push_back(std::move(described));
  }
  return view;
}

StoredQueriesCheckView CheckStoredQueries(const std::vector<StoredQuery>& queries,
                                          const schema::Catalog& catalog) {
  StoredQueriesCheckView view;
  view.queries_count = queries.size();
  for (const StoredQuery& stored : queries) {
    const query::ast::Query parsed = ParseStored(stored);
    const query::CheckOutcome outcome = query::Check(parsed, catalog);
    if (!outcome.query.has_value() && !outcome.diagnostics.empty())
      view.breakages.push_back({stored.name, query::TypeErrorText(outcome.diagnostics.front())});
    for (const query::ast::Parameter& parameter : parsed.parameters) {
      if (!parameter.type.vector_dimension.has_value()) continue;
      view.warnings.push_back({stored.name, "parameter $" + parameter.name.text + " is a " +
                                                TypeText(parameter.type) +
                                                ", which a tool caller cannot supply; a String is "
                                                "embedded when the query runs"});
    }
  }
  return view;
}

}  // namespace omnigraph::cli
