// Parses a block of JSON records into typed rows: the adapter of simdjson.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/budget.h"
#include "graph/parsed_input.h"

namespace omnigraph::graph {

/// What one block holds. Places count from the block's start: the first record is record 1, its
/// first line is line 1.
struct ParsedBlock {
  std::vector<ParsedTable> tables;  ///< Nodes, then edges, by ordinal; of untouched types empty.
  /// By type name and key.
  std::map<std::pair<std::string, std::string>, std::uint64_t> ignored;
  std::uint64_t records_count = 0;
  std::uint64_t newlines_count = 0;
  /// The record that ends the load. Rows before it are complete, nothing behind it was parsed.
  std::optional<RecordFault> fault;
  Status limit;  ///< An exceeded budget.
};

/// Holds the memory of a parser, so use one for many blocks. One thread at a time.
class RecordParser {
 public:
  /// `memory` is charged for the parsed rows. All arguments must outlive the parser.
  RecordParser(const schema::Catalog& catalog, RecordRules rules, Budget& memory);
  ~RecordParser();

  /// `text` holds whole records and is followed by `kBlockPaddingBytes` readable bytes.
  ParsedBlock Parse(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace omnigraph::graph
