// Implements query/compile.h.

#include "query/compile.h"

#include "base/strings.h"
#include "query/check.h"
#include "query/parser.h"

namespace omnigraph::query {
namespace {

Status Invalid(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

// The headline, then every error with its place; the first one's own headline is not repeated.
Status Drawn(std::string headline, const text::Source& source,
             const std::vector<text::Diagnostic>& errors) {
  const std::string drawing = text::Render(source, errors);
  return Invalid(std::move(headline) +
                 drawing.substr(std::min(drawing.find('\n'), drawing.size())));
}

// Help stands in the drawing.
text::Diagnostic WithoutHelp(text::Diagnostic diagnostic) {
  diagnostic.help.clear();
  return diagnostic;
}

}  // namespace

Result<ast::File> ParseFile(const text::Source& source) {
  text::Diagnostics diagnostics;
  ast::File file = Parse(source, diagnostics);
  if (!diagnostics.has_errors()) return file;
  const std::vector<text::Diagnostic> errors = std::move(diagnostics).Take();
  return Drawn(ParseErrorText(source, WithoutHelp(errors.front())), source, errors);
}

Result<const ast::Query*> SelectQuery(const ast::File& file, std::string_view name) {
  std::vector<std::string_view> names;
  for (const ast::Query& query : file.queries) {
    if (!name.empty() && query.name.text == name) return &query;
    names.push_back(query.name.text);
  }
  if (!name.empty()) {
    const std::string_view near = text::DidYouMean(name, names);
    return Invalid("query " + Quoted(name) + " not found" +
                   (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
  }
  if (file.queries.size() == 1) return &file.queries.front();
  return Invalid(file.queries.empty()
                     ? "the text holds no query, and running none or multiple queries is not "
                       "possible: give a text with one query"
                     : "the text holds multiple queries (" + std::to_string(names.size()) +
                           "): name the one to run with --name");
}

Status RequireRead(const ast::Query& query) {
  if (!query.is_mutation()) return Status::Ok();
  return Invalid("query '" + query.name.text +
                 "' contains mutations, which are not run here: use the mutate entry point "
                 "(omnigraph mutate, POST /mutate)");
}

Status RequireMutation(const ast::Query& query) {
  if (query.is_mutation()) return Status::Ok();
  return Invalid("mutation execution called on a read query: '" + query.name.text +
                 "' writes nothing; use the query entry point (omnigraph query, POST /query)");
}

Result<CheckedQuery> CheckQuery(const text::Source& source, const ast::Query& query,
                                const schema::Catalog& catalog) {
  CheckOutcome outcome = Check(query, catalog);
  if (!outcome.query) {
    return Drawn(TypeErrorText(WithoutHelp(outcome.diagnostics.front())), source,
                 outcome.diagnostics);
  }
  const MutationQuery* mutation = outcome.query->mutation();
  if (mutation != nullptr && mutation->has_constructive && mutation->has_destructive) {
    return Invalid("query '" + query.name.text +
                   "' mixes inserts/updates and deletes: split into separate mutations");
  }
  return std::move(*outcome.query);
}

}  // namespace omnigraph::query
