// Checks every query of a file and finds what a schema offers but no query uses (S15). Reads no
// data and runs nothing.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/describe.h"
#include "schema/catalog.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::query {

/// What the check of one query found.
struct LintResult {
  std::string name;
  bool is_mutation = false;
  std::vector<std::string> warnings;
  std::string error;  ///< "type error: …", the first one; empty when the query is good.
  std::optional<OperationDescription> operation;  ///< Of a good query.
};

/// Something about the file, not about one query.
struct LintFinding {
  text::Severity severity = text::Severity::kWarning;
  std::string code;  ///< "Q000" (does not parse) or "L201" (property that no update sets).
  std::string message;
  std::string type_name;  ///< Empty for Q000, as the next two.
  std::string property;
  std::vector<std::string> query_names;  ///< Ascending.
};

struct LintReport {
  std::vector<LintResult> results;    ///< In source order; empty when the file does not parse.
  std::vector<LintFinding> findings;  ///< Errors first, then by type, property, message.
  /// Every mistake with its place, to be drawn for people.
  std::vector<text::Diagnostic> diagnostics;

  bool is_ok() const { return errors_count() == 0; }
  std::size_t errors_count() const;    ///< Failed results and error findings.
  std::size_t warnings_count() const;  ///< Of results and findings.
};

LintReport Lint(const text::Source& source, const schema::Catalog& catalog);

/// Where the schema came from: kind "file" with a path, or "graph" with a URI.
struct LintSchemaSource {
  bool is_graph = false;
  std::string location;
};

/// The report as one JSON object with the keys of S15.3, compact.
std::string LintJson(const LintReport& report, const LintSchemaSource& schema_source,
                     std::string_view query_path);

/// The report as lines for people (S15.4), each ending with a line break.
std::string LintText(const LintReport& report);

}  // namespace omnigraph::query
