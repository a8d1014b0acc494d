// The stored queries of one graph: read and checked at start-up, fixed for the life of the process.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace omnigraph::schema {
class Catalog;
}

namespace omnigraph::server {

/// A query's text, before anything looked at it. The text may hold other queries too; those that
/// share it are parsed once and keep it once.
struct StoredQuerySource {
  StoredQuerySource(std::string query_name, std::shared_ptr<const std::string> shared_text)
      : name(std::move(query_name)), text(std::move(shared_text)) {}
  StoredQuerySource(std::string query_name, std::string own_text)
      : StoredQuerySource(std::move(query_name),
                          std::make_shared<const std::string>(std::move(own_text))) {}

  std::string name;
  std::shared_ptr<const std::string> text;
};

struct StoredQuery {
  std::string name;
  std::shared_ptr<const std::string> text;
  bool is_mutation = false;
  bool has_vector_parameter = false;
  std::string listing_json;  ///< Its entry in the answer of `GET /queries`.
};

class StoredQueries {
 public:
  /// Parses every text and picks the query of its name.
  ///
  /// Errors: `kInvalidArgument`, one paragraph per query that cannot be used.
  static Result<StoredQueries> Parse(std::vector<StoredQuerySource> sources);

  /// Type-checks every query against `catalog`. Errors: `kInvalidArgument` ("schema check") with
  /// the number of queries that fail and why, naming `graph_label`.
  Status CheckAgainst(const schema::Catalog& catalog, std::string_view graph_label) const;

  /// Null if there is none of that name.
  const StoredQuery* Find(std::string_view name) const;
  /// Ascending by name.
  const std::map<std::string, StoredQuery, std::less<>>& all() const { return queries_; }

 private:
  std::map<std::string, StoredQuery, std::less<>> queries_;
};

/// The queries of a `.gq` file or of all `.gq` files right in a folder.
///
/// Errors: `kInvalidArgument` for a path that cannot be read, a text that does not parse, and a
/// name that is declared twice.
Result<std::vector<StoredQuerySource>> ReadQueryFiles(const std::string& path);

}  // namespace omnigraph::server
