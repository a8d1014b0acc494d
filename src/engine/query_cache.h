// Keeps queries compiled: the same text against the same schema is parsed and checked once.

#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "query/ast.h"
#include "query/checked.h"
#include "schema/compile.h"
#include "text/source.h"

namespace omnigraph::engine {

/// One query of a parsed text.
struct ParsedQuery {
  std::shared_ptr<const text::Source> source;
  std::shared_ptr<const query::ast::File> file;  ///< Owns `query`.
  const query::ast::Query* query = nullptr;
  std::vector<query::Parameter> parameters;
};

/// Thread-safe. At most `kEntriesMax` texts and as many checked queries; the oldest go first.
class QueryCache {
 public:
  static constexpr std::size_t kEntriesMax = 1024;

  /// Parses `source` and selects the query `name`. Errors: as `query::ParseFile`, `SelectQuery`.
  Result<std::shared_ptr<const ParsedQuery>> Parse(std::string_view source, std::string_view name);

  /// Checks a parsed query against a schema, which must outlive the cache.
  /// Errors: as `query::CheckQuery`.
  Result<std::shared_ptr<const query::CheckedQuery>> Check(
      const std::shared_ptr<const ParsedQuery>& parsed, const schema::Schema& schema);

 private:
  template <typename Value>
  struct Entries {
    std::unordered_map<std::string, std::shared_ptr<const Value>> by_key;
    std::list<std::string> order;

    std::shared_ptr<const Value> Find(const std::string& key) const {
      const auto found = by_key.find(key);
      return found == by_key.end() ? nullptr : found->second;
    }
    void Add(const std::string& key, std::shared_ptr<const Value> value) {
      if (by_key.insert_or_assign(key, std::move(value)).second) order.push_back(key);
      if (order.size() > kEntriesMax) {
        by_key.erase(order.front());
        order.pop_front();
      }
    }
  };

  std::mutex mutex_;
  Entries<ParsedQuery> parsed_;  // Guarded by mutex_. By name and text.
  // By the parsed query's address, which the entry keeps alive, and the schema's.
  struct Checked {
    std::shared_ptr<const ParsedQuery> parsed;
    std::shared_ptr<const query::CheckedQuery> query;
  };
  Entries<Checked> checked_;  // Guarded by mutex_.
};

}  // namespace omnigraph::engine
