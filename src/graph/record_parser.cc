// Implements graph/record_parser.h.

#include "graph/record_parser.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "graph/json_token.h"
#include "graph/row_reader.h"
#include "graph/value_reader.h"
#include "text/diagnostic.h"

namespace omnigraph::graph {
namespace {

namespace ondemand = simdjson::ondemand;

// A top-level member that matters: a text, or what stands there instead.
struct HeadField {
  JsonKind kind = JsonKind::kNull;  // Also when the member is missing.
  std::string_view text;            // Of a string, number or literal.
  std::string scratch;
};

// The offset behind the JSON value that starts at `begin`, by brackets and quotes alone.
std::size_t EndOfValue(std::string_view text, std::size_t begin) {
  std::size_t depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      if (depth == 0) return std::min(i + 1, text.size());
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return i + 1;
      --depth;
    } else if (depth == 0 && IsJsonSpace(c)) {
      return i;
    }
  }
  return text.size();
}

std::size_t SkipSpace(std::string_view text, std::size_t at) {
  while (at < text.size() && IsJsonSpace(text[at]))
    ++at;
  return at;
}

std::string PaddedCopy(std::string_view text) {
  std::string copy(text);
  copy.append(kBlockPaddingBytes, ' ');
  return copy;
}

}  // namespace

struct RecordParser::State {
  State(const schema::Catalog& the_catalog, RecordRules rules, Budget& the_memory)
      : catalog(the_catalog), memory(the_memory), rows(rules) {
    for (const schema::TableType& table : catalog.nodes())
      slots.emplace_back(table);
    for (const schema::TableType& table : catalog.edges())
      slots.emplace_back(table);
#ifdef SIMDJSON_THREADS_ENABLED
    parser.threaded = false;
#endif
  }

  const schema::Catalog& catalog;
  Budget& memory;
  ondemand::parser parser;
  RowReader rows;
  std::vector<RowSlot> slots;  // Nodes, then edges.

  // Of the block.
  std::string_view text;
  ParsedBlock* block = nullptr;
  std::size_t place_offset = 0;  // Up to where lines are counted.
  RecordPlace place;

  // Of the record.
  HeadField type, edge, from, to;
  std::vector<std::uint32_t> data_members;  // Positions of the members "data".
  std::string key_scratch;

  simdjson::error_code ParseDocuments(std::string_view documents);
  void FindBadRecord();
  bool ParseRecord(ondemand::document_reference document);
  bool RefuseNonObject(ondemand::document_reference document);
  bool ReadHead(ondemand::object& object);
  bool ReadHeadField(ondemand::value& value, HeadField* field);
  bool ReadData(ondemand::object& object, RowSlot& slot);
  RowSlot* FindSlot(std::string* why_not);
  bool ReadEndpoints(RowSlot& slot, std::string* why_not);
  bool CheckDataWithout(ondemand::object& object, std::string fault);
  bool StartRow(RowSlot& slot);
  bool Fail(std::string message, bool is_bad_json);
  bool FailJson(simdjson::error_code error) {
    return Fail(std::string(simdjson::error_message(error)), true);
  }
  bool FailJson(std::string reason) { return Fail(std::move(reason), true); }
  void MoveTo(std::size_t offset);
  Status ChargePieces();
};

bool RecordParser::State::Fail(std::string message, bool is_bad_json) {
  block->fault = RecordFault{place, std::move(message), is_bad_json};
  return false;
}

// Starts the next record at `offset`.
void RecordParser::State::MoveTo(std::size_t offset) {
  const auto begin = text.begin();
  place.line +=
      static_cast<std::uint32_t>(std::count(begin + static_cast<std::ptrdiff_t>(place_offset),
                                            begin + static_cast<std::ptrdiff_t>(offset), '\n'));
  place_offset = offset;
  ++place.record;
}

simdjson::error_code RecordParser::State::ParseDocuments(std::string_view documents) {
  // One batch for the whole block; of few different sizes, so that the parser keeps its memory.
  const std::size_t batch_size = std::bit_ceil(std::max<std::size_t>(documents.size(), 1024));
  ondemand::document_stream stream;
  const auto started =
      parser.iterate_many(documents.data(), documents.size(), batch_size).get(stream);
  if (started != simdjson::SUCCESS) return started;
  for (auto next = stream.begin(); next != stream.end(); ++next) {
    ondemand::document_reference document;
    if (const auto error = (*next).get(document); error != simdjson::SUCCESS) return error;
    MoveTo(SkipSpace(documents, next.current_index()));
    if (!ParseRecord(document)) return simdjson::SUCCESS;
    ++block->records_count;
  }
  // The parser leaves out what looks like a document cut short; nothing may be left out here.
  const bool is_whole = block->records_count == 0 ? SkipSpace(documents, 0) == documents.size()
                                                  : stream.truncated_bytes() == 0;
  return is_whole ? simdjson::SUCCESS : simdjson::INCOMPLETE_ARRAY_OR_OBJECT;
}

// After an error that concerns the block as a whole: parses the records before the first bad one
// and faults that one.
void RecordParser::State::FindBadRecord() {
  std::size_t begin = SkipSpace(text, 0);
  std::uint32_t index = 0;
  simdjson::dom::parser strict;
  while (begin < text.size()) {
    const std::size_t end = EndOfValue(text, begin);
    const std::string_view value = text.substr(begin, end - begin);
    if (strict.parse(value.data(), value.size()).error() != simdjson::SUCCESS) break;
    begin = SkipSpace(text, end);
    ++index;
  }
  const std::string before = PaddedCopy(text.substr(0, begin));
  const std::string_view good = std::string_view(before).substr(0, begin);
  if (index > 0) {
    const auto error = ParseDocuments(good);
    if (block->fault || !block->limit.ok()) return;
    place.record = index;
    if (error != simdjson::SUCCESS) {
      FailJson(error);
      return;
    }
  }
  MoveTo(begin);
  const std::string_view value = text.substr(begin, EndOfValue(text, begin) - begin);
  FailJson(strict.parse(value.data(), value.size()).error());
}

bool RecordParser::State::ReadHeadField(ondemand::value& value, HeadField* field) {
  const std::string_view token = TokenOf(value);
  field->kind = KindOf(token);
  field->text = token;
  if (field->kind != JsonKind::kString) return IsValidJson(value);
  const auto content = ParseJsonString(token, &field->scratch);
  if (content) field->text = *content;
  return content.has_value();
}

bool RecordParser::State::ReadHead(ondemand::object& object) {
  type.kind = edge.kind = from.kind = to.kind = JsonKind::kNull;
  data_members.clear();
  std::uint32_t position = 0;
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field); error != simdjson::SUCCESS) {
      return FailJson(error);
    }
    const auto key = KeyOf(field, &key_scratch);
    if (!key) return FailJson("a key with a bad escape");
    bool is_valid = true;
    if (*key == "data") {
      data_members.push_back(position);  // Read when the type is known.
    } else if (*key == "type") {
      is_valid = ReadHeadField(field.value(), &type);
    } else if (*key == "edge") {
      is_valid = ReadHeadField(field.value(), &edge);
    } else if (*key == "from") {
      is_valid = ReadHeadField(field.value(), &from);
    } else if (*key == "to") {
      is_valid = ReadHeadField(field.value(), &to);
    } else {
      is_valid = IsValidJson(field.value());
    }
    if (!is_valid) return FailJson("the value of " + Quoted(*key) + " is malformed");
    ++position;
  }
  return true;
}

RowSlot* RecordParser::State::FindSlot(std::string* why_not) {
  const auto suggestion = [](std::string_view name, const std::vector<std::string_view>& names) {
    const std::string_view nearest = text::DidYouMean(name, names);
    return nearest.empty() ? std::string() : "; did you mean " + Quoted(nearest) + "?";
  };
  if (type.kind == JsonKind::kString) {
    const schema::NodeType* node = catalog.FindNode(type.text);
    if (node != nullptr) return &slots[node->ordinal];
    *why_not =
        "unknown node type " + Quoted(type.text) + suggestion(type.text, catalog.NodeNames());
  } else if (edge.kind == JsonKind::kString) {
    const schema::EdgeType* found = catalog.FindEdge(edge.text);
    if (found != nullptr) return &slots[catalog.nodes().size() + found->ordinal];
    *why_not =
        "unknown edge type " + Quoted(edge.text) + suggestion(edge.text, catalog.EdgeNames());
  } else {
    *why_not = "expected 'type' or 'edge' field with the name of a type";
  }
  return nullptr;
}

bool RecordParser::State::ReadEndpoints(RowSlot& slot, std::string* why_not) {
  const auto& edge_type = static_cast<const schema::EdgeType&>(*slot.type);
  const auto read = [&](const HeadField& field, std::string_view name, std::uint32_t node,
                        std::string* id) {
    const auto problem = ReadEndpoint(catalog.node(node), field.kind, field.text, id);
    if (!problem) return true;
    *why_not = "edge missing '" + std::string(name) + "'" + *problem;
    return false;
  };
  return read(from, "from", edge_type.from, &slot.source) &&
         read(to, "to", edge_type.to, &slot.target);
}

// The record is refused for `fault`, unless its `data` is not even JSON.
bool RecordParser::State::CheckDataWithout(ondemand::object& object, std::string fault) {
  if (!data_members.empty()) {
    bool has_members = false;
    if (object.reset().get(has_members) != simdjson::SUCCESS) return FailJson("it cannot be read");
    for (auto result : object) {
      ondemand::field field;
      if (const auto error = std::move(result).get(field); error != simdjson::SUCCESS) {
        return FailJson(error);
      }
      if (!IsValidJson(field.value())) return FailJson("a value is malformed");
    }
  }
  return Fail(std::move(fault), false);
}

bool RecordParser::State::RefuseNonObject(ondemand::document_reference document) {
  std::string_view token;
  if (document.raw_json_token().get(token) != simdjson::SUCCESS) return FailJson("it is no value");
  token = TrimToken(token);
  const JsonKind kind = KindOf(token);
  bool is_valid = IsValidScalarToken(token);
  if (kind == JsonKind::kArray) {
    ondemand::value value;
    is_valid = document.get_value().get(value) == simdjson::SUCCESS && IsValidJson(value);
  }
  if (!is_valid) return FailJson("a record must be a JSON object");
  return Fail("a record must be a JSON object with an expected 'type' or 'edge' field, got " +
                  std::string(KindName(kind)),
              false);
}

bool RecordParser::State::ReadData(ondemand::object& object, RowSlot& slot) {
  if (data_members.empty()) return true;
  bool has_members = false;
  if (object.reset().get(has_members) != simdjson::SUCCESS) return FailJson("it cannot be read");
  std::uint32_t position = 0;
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field); error != simdjson::SUCCESS) {
      return FailJson(error);
    }
    const bool is_last = position == data_members.back();
    if (is_last) {
      const JsonKind kind = KindOf(TokenOf(field.value()));
      if (kind != JsonKind::kObject) {
        if (!IsValidJson(field.value())) return FailJson("the value of 'data' is malformed");
        return Fail("'data' must be an object, got " + std::string(KindName(kind)), false);
      }
      if (rows.ReadMembers(field.value(), slot)) return true;
      return FailJson(rows.json_problem());
    }
    if (std::find(data_members.begin(), data_members.end(), position) != data_members.end() &&
        !IsValidJson(field.value())) {
      return FailJson("the value of 'data' is malformed");
    }
    ++position;
  }
  return true;
}

// Makes room for a row, in a new piece when the last one has grown large.
bool RecordParser::State::StartRow(RowSlot& slot) {
  ParsedTable& table = block->tables[static_cast<std::size_t>(&slot - slots.data())];
  table.type = slot.type;
  slot.table = &table;
  if (table.pieces.empty()) table.pieces.emplace_back(*slot.type);
  const ParsedRows& last = table.pieces.back();
  if (last.size() > 0 && last.size() % slot.rows_per_check == 0 &&
      last.size_bytes() > kBlockPieceBytesMax) {
    block->limit = memory.Take(last.size_bytes());
    if (!block->limit.ok()) return false;
    table.pieces.emplace_back(*slot.type);
  }
  ++table.records_count;
  slot.piece = &table.pieces.back();
  slot.StartRow(place);
  return true;
}

bool RecordParser::State::ParseRecord(ondemand::document_reference document) {
  ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return RefuseNonObject(document);
  if (!ReadHead(object)) return false;

  std::string why_not;
  RowSlot* slot = FindSlot(&why_not);
  if (slot == nullptr || (slot->is_edge && !ReadEndpoints(*slot, &why_not))) {
    return CheckDataWithout(object, std::move(why_not));
  }
  if (!StartRow(*slot)) return false;
  if (!ReadData(object, *slot)) return false;
  rows.FinishRow(*slot);
  return true;
}

Status RecordParser::State::ChargePieces() {
  for (ParsedTable& table : block->tables) {
    if (!table.pieces.empty()) OG_RETURN_IF_ERROR(memory.Take(table.pieces.back().size_bytes()));
  }
  return Status::Ok();
}

RecordParser::RecordParser(const schema::Catalog& catalog, RecordRules rules, Budget& memory)
    : state_(std::make_unique<State>(catalog, rules, memory)) {}

RecordParser::~RecordParser() = default;

ParsedBlock RecordParser::Parse(std::string_view text) {
  State& state = *state_;
  ParsedBlock block;
  const auto start = [&] {
    block = ParsedBlock();
    block.tables.resize(state.slots.size());
    state.block = &block;
    state.place = {0, 1};
    state.place_offset = 0;
    state.rows.StartBlock(&block.ignored);
  };
  state.text = text;
  start();
  if (state.ParseDocuments(text) != simdjson::SUCCESS) {
    start();
    state.FindBadRecord();
  }
  block.newlines_count = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  if (block.limit.ok()) block.limit = state.ChargePieces();
  state.block = nullptr;
  return block;
}

}  // namespace omnigraph::graph
