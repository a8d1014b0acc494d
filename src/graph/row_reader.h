// Makes rows of the members of `data`: which property each belongs to, ids, keys, and what is
// missing. Internal to the record parser, since it shows simdjson.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/parsed_input.h"
#include "graph/value_reader.h"
#include "schema/catalog.h"

namespace omnigraph::graph {

/// Rows of one type in one block are started anew beyond this size.
inline constexpr std::size_t kBlockPieceBytesMax = std::size_t{32} << 20;

/// What the parser knows of one type, and the row of that type that it is reading.
struct RowSlot {
  explicit RowSlot(const schema::TableType& table_type);

  /// Begins a row of `table`, whose last piece is `piece`.
  void StartRow(RecordPlace place);
  /// The property with that name, or null. Records of one type list their keys in one order, so
  /// the one that followed last time is tried first.
  const schema::Property* FindProperty(std::string_view name);

  const schema::TableType* type;
  const schema::NodeType* node;  ///< Null for edges.
  bool is_edge;
  bool has_stored_key = false;  ///< The id is derived from the key, but is not one of its columns.
  std::size_t rows_per_check;   ///< After how many rows the size is looked at.

  ParsedTable* table = nullptr;
  ParsedRows* piece = nullptr;

  // Of the row.
  RecordPlace place;
  std::string source, target;  ///< Endpoint ids of an edge.
  std::optional<std::string> explicit_id;
  std::string id_problem;     ///< Why `data.id` is none.
  std::string value_problem;  ///< The first value that does not fit.

  // By property: the number of the last row that had the member, and that had a value in it.
  std::vector<std::uint32_t> seen, filled;
  std::uint32_t row_number = 0;
  std::vector<schema::PropertyOrdinal> successor;  // Of each property, and of the start (last).
  schema::PropertyOrdinal last_property = 0;
};

class RowReader {
 public:
  explicit RowReader(RecordRules rules) : rules_(rules) {}

  /// Counts ignored keys in `ignored` from now on.
  void StartBlock(std::map<std::pair<std::string, std::string>, std::uint64_t>* ignored) {
    ignored_ = ignored;
  }

  /// Reads the object `data` into the cells of the slot's row; false for malformed JSON.
  bool ReadMembers(simdjson::ondemand::value& data, RowSlot& slot);
  const std::string& json_problem() const { return json_problem_; }

  /// Completes the row, or makes it the fault of its table. Behind a fault nothing is kept but the
  /// endpoints of edges.
  void FinishRow(RowSlot& slot);

 private:
  bool ReadMember(simdjson::ondemand::field& member, RowSlot& slot);
  bool ReadId(simdjson::ondemand::value& value, RowSlot& slot);
  bool ReadUnknown(simdjson::ondemand::value& value, std::string_view key, RowSlot& slot);

  const RecordRules rules_;
  ValueReader values_;
  std::map<std::pair<std::string, std::string>, std::uint64_t>* ignored_ = nullptr;
  std::string key_scratch_, text_scratch_, json_problem_;
};

/// The id that an endpoint names, in the canonical spelling of the node's key. Numbers and booleans
/// spell ids where the key is a scalar other than a string. Otherwise says what is wrong, to be put
/// behind "edge missing 'from'".
std::optional<std::string> ReadEndpoint(const schema::NodeType& node, JsonKind kind,
                                        std::string_view text, std::string* id);

}  // namespace omnigraph::graph
