// Checks a parsed query against a catalog (S5) and makes its typed tree.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/ast.h"
#include "query/checked.h"
#include "schema/catalog.h"
#include "text/diagnostic.h"

namespace omnigraph::query {

struct CheckOutcome {
  std::optional<CheckedQuery> query;  ///< Present if there are no errors.
  /// In the order of the checks (S5.2): the first error is *the* error of the query. At most 20;
  /// what only follows from an earlier error is not reported.
  std::vector<text::Diagnostic> diagnostics;
};

/// Cost: O(length of the query * log of the catalog's size). Needs no store.
CheckOutcome Check(const ast::Query& query, const schema::Catalog& catalog);

/// The one-line form of an error: "type error: T6: type Person has no property 'emial' (…)".
std::string TypeErrorText(const text::Diagnostic& error);

}  // namespace omnigraph::query
