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

/// Thread-safe. Keeps texts, and as many checked queries, up to `kEntriesMax` and up to
/// `kTextBytesMax` of text; the oldest go first. A compiled query holds many times the bytes of its
/// text. What is longer than `kTextMax` is a batch that does not come again, and is not kept.
class QueryCache {
 public:
  static constexpr std::size_t kEntriesMax = 1024;
  static constexpr std::size_t kTextBytesMax = std::size_t{4} << 20;
  static constexpr std::size_t kTextMax = std::size_t{256} << 10;

  /// Parses `source` and selects the query `name`. Errors: as `query::ParseFile`, `SelectQuery`.
  Result<std::shared_ptr<const ParsedQuery>> Parse(std::string_view source, std::string_view name);

  /// Checks a parsed query against a schema, which must outlive the cache.
  /// Errors: as `query::CheckQuery`.
  Result<std::shared_ptr<const query::CheckedQuery>> Check(
      const std::shared_ptr<const ParsedQuery>& parsed, const schema::Schema& schema);

 private:
  template <typename Value>
  struct Entries {
    struct Place {
      std::string key;
      std::size_t text_bytes;
    };
    std::unordered_map<std::string, std::shared_ptr<const Value>> by_key;
    std::list<Place> order;  // Oldest first.
    std::size_t text_bytes = 0;

    std::shared_ptr<const Value> Find(const std::string& key) const {
      const auto found = by_key.find(key);
      return found == by_key.end() ? nullptr : found->second;
    }
    void Add(const std::string& key, std::shared_ptr<const Value> value, std::size_t size) {
      if (size > kTextMax) return;
      if (by_key.insert_or_assign(key, std::move(value)).second) {
        order.push_back({key, size});
        text_bytes += size;
      }
      while (order.size() > kEntriesMax || text_bytes > kTextBytesMax) {
        text_bytes -= order.front().text_bytes;
        by_key.erase(order.front().key);
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
