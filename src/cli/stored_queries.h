// A registry of stored queries: `.gq` files of a folder, or what a cluster has applied.

#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/views.h"

namespace omnigraph::schema {
class Catalog;
}

namespace omnigraph::cli {

class Invocation;

struct StoredQuery {
  std::string name;
  std::string file;  ///< For messages.
  std::string text;  ///< Of the whole file.
};

/// Every query of `--queries` (a file, or the `.gq` files of a folder) or of `--cluster`, ascending
/// by name; none without either.
///
/// Errors: `kInvalidArgument` "stored-query registry failed to load:" with one line per file that
/// cannot be read or parsed and per name that stands twice.
Result<std::vector<StoredQuery>> ReadStoredQueries(Invocation& invocation);

/// What the queries say about themselves.
StoredQueriesView DescribeStoredQueries(const std::vector<StoredQuery>& queries);

/// Type-checks every query, and warns about parameters that tool callers cannot supply.
StoredQueriesCheckView CheckStoredQueries(const std::vector<StoredQuery>& queries,
                                          const schema::Catalog& catalog);

}  // namespace omnigraph::cli
