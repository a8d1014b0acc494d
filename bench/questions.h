// What the benchmark asks a graph, from which nodes, and which answers it must get.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/engine.h"

namespace omnigraph::bench {

/// One query of the graph's `.gq` file.
struct Question {
  std::string_view name;   ///< Of the query.
  std::string_view title;  ///< Of the row in the table.
  bool has_seed = true;    ///< Whether it takes `$s`.
  int hops = 0;            ///< Of a walk count, whose answer can be known; else 0.
};

/// The questions that both graphs answer, cheapest first.
const std::vector<Question>& Questions();

/// Where the questions start, and what is known about the answers.
struct Seeds {
  std::vector<std::string> keys;
  /// walks[i][h - 1]: how many walks of h edges start at `keys[i]`; empty when nobody knows.
  std::vector<std::array<std::uint64_t, 3>> walks;
};

/// A graph together with the text of its queries.
class Asker {
 public:
  Asker(std::shared_ptr<engine::Graph> graph, std::string queries)
      : graph_(std::move(graph)), queries_(std::move(queries)) {}

  /// Asks from seed `i` (modulo their number). Errors: of the query.
  Result<engine::QueryAnswer> Ask(const Question& question, const Seeds& seeds,
                                  std::size_t i) const;

  /// Errors: `kInternal` when that answer is wrong.
  static Status Check(const Question& question, const Seeds& seeds, std::size_t i,
                      const engine::QueryAnswer& answer);

  /// Inserts one node with that key: one durable commit. Errors: of the mutation.
  Status Insert(const std::string& key) const;

  /// The first column of a query without parameters, as JSON texts. Errors: of the query.
  Result<std::vector<std::string>> FirstColumn(std::string_view query) const;

 private:
  std::shared_ptr<engine::Graph> graph_;
  std::string queries_;
};

}  // namespace omnigraph::bench
