// Implements graph/row_reader.h.

#include "graph/row_reader.h"

#include <algorithm>

#include "base/strings.h"
#include "format/row_batch.h"
#include "schema/key_text.h"
#include "text/diagnostic.h"

namespace omnigraph::graph {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kIdMember = "id";

// Bytes that every row of the type takes.
std::size_t FixedWidth(const schema::TableType& type) {
  std::size_t width = 16;
  for (const schema::Property& property : type.properties) {
    width += 8 + 4 * std::size_t{property.type.dimensions};
  }
  return width;
}

bool IsFilled(const RowSlot& slot, schema::PropertyOrdinal property) {
  return slot.filled[property] == slot.row_number;
}

// The first key property without a value.
std::string MissingKey(const RowSlot& slot) {
  if (slot.node == nullptr) return {};
  for (const schema::PropertyOrdinal property : slot.node->key) {
    if (!IsFilled(slot, property)) {
      return slot.type->name + ": missing @key property '" + slot.type->properties[property].name +
             "'";
    }
  }
  return {};
}

std::string MissingRequired(const RowSlot& slot) {
  for (const schema::PropertyOrdinal ordinal : slot.type->DeclaredOrder()) {
    const schema::Property& property = slot.type->properties[ordinal];
    if (property.type.is_nullable || IsFilled(slot, ordinal)) continue;
    const std::string_view kind = property.type.is_vector()                      ? "vector "
                                  : property.type.scalar == types::Scalar::kBlob ? "blob "
                                                                                 : "";
    return slot.type->name + ": non-nullable " + std::string(kind) + "property '" + property.name +
           "' is null or missing";
  }
  return {};
}

// The id that the key of the slot's row spells. Requires that all of its columns are filled.
Result<std::string> KeyId(const RowSlot& slot) {
  std::vector<std::string> texts;
  for (const schema::PropertyOrdinal ordinal : slot.node->key_spelling_order) {
    const schema::Property& property = slot.node->properties[ordinal];
    OG_ASSIGN_OR_RETURN(
        std::string text,
        schema::KeyColumnText(*slot.node, property,
                              slot.piece->rows.column(ordinal).Value(slot.piece->rows.size())));
    texts.push_back(std::move(text));
  }
  return schema::JoinKeyTexts(texts);
}

// Checks an explicit id against the key's; `key_id` is how messages show it.
std::string IdMismatch(const RowSlot& slot, std::string_view key_id, bool is_strict) {
  if (!slot.explicit_id || *slot.explicit_id == key_id) return {};
  if (is_strict) {
    return slot.type->name + ": explicit id " + Quoted(*slot.explicit_id) +
           " does not match its canonical @key id " + Quoted(key_id) + " (@key property '" +
           slot.type->GroupName(slot.node->key) + "')";
  }
  if (schema::CanonicalId(*slot.node, *slot.explicit_id) == key_id) return {};
  return slot.type->name + ": explicit id " + Quoted(*slot.explicit_id) +
         " does not match @key property '" + slot.type->GroupName(slot.node->key) + "' value " +
         Quoted(key_id);
}

// Derives and checks the id of a keyed node; stores it where it has a column of its own.
std::string FinishKeyedId(RowSlot& slot, bool is_strict) {
  format::RowBatch& rows = slot.piece->rows;
  if (!slot.has_stored_key) {
    if (!slot.explicit_id) return {};
    return IdMismatch(slot, rows.column(slot.node->key[0]).Text(rows.size()), is_strict);
  }
  const Result<std::string> id = KeyId(slot);
  if (!id.ok()) return std::string(id.status().message());
  rows.AppendId(*id);
  return IdMismatch(slot, *id, is_strict);
}

std::string FinishGeneratedId(RowSlot& slot) {
  if (slot.explicit_id && slot.explicit_id->empty()) {
    return slot.type->name + ": explicit id must not be empty";
  }
  format::ColumnBuilder& ids = slot.piece->explicit_ids;
  if (slot.explicit_id) {
    while (ids.size() < slot.piece->size())
      ids.AppendNull();
    ids.AppendText(*slot.explicit_id);
    slot.table->has_explicit_ids = true;
  } else if (ids.size() > 0) {
    ids.AppendNull();
  }
  return {};
}

}  // namespace

RowSlot::RowSlot(const schema::TableType& table_type)
    : type(&table_type),
      node(schema::IsNodeTable(table_type) ? static_cast<const schema::NodeType*>(&table_type)
                                           : nullptr),
      is_edge(node == nullptr),
      has_stored_key(node != nullptr && node->has_key() &&
                     format::LayoutOf(table_type).ids == format::RowLayout::Ids::kColumn),
      rows_per_check(std::clamp<std::size_t>(kBlockPieceBytesMax / FixedWidth(table_type), 1, 256)),
      seen(table_type.properties.size()),
      filled(table_type.properties.size()),
      successor(table_type.properties.size() + 1) {}

void RowSlot::StartRow(RecordPlace at) {
  place = at;
  if (explicit_id) explicit_id.reset();
  id_problem.clear();
  value_problem.clear();
  last_property = static_cast<schema::PropertyOrdinal>(seen.size());
  if (++row_number == 0) {  // All marks are from 2^32 rows ago.
    std::fill(seen.begin(), seen.end(), 0);
    std::fill(filled.begin(), filled.end(), 0);
    row_number = 1;
  }
}

const schema::Property* RowSlot::FindProperty(std::string_view name) {
  if (type->properties.empty()) return nullptr;
  const schema::Property* property = &type->properties[successor[last_property]];
  if (property->name != name) property = type->FindProperty(name);
  if (property == nullptr) return nullptr;
  successor[last_property] = property->ordinal;
  last_property = property->ordinal;
  return property;
}

bool RowReader::ReadMembers(ondemand::value& data, RowSlot& slot) {
  ondemand::object object;
  if (const auto error = data.get_object().get(object); error != simdjson::SUCCESS) {
    json_problem_ = simdjson::error_message(error);
    return false;
  }
  for (auto result : object) {
    ondemand::field member;
    if (const auto error = std::move(result).get(member); error != simdjson::SUCCESS) {
      json_problem_ = simdjson::error_message(error);
      return false;
    }
    if (!ReadMember(member, slot)) return false;
  }
  return true;
}

bool RowReader::ReadMember(ondemand::field& member, RowSlot& slot) {
  const auto key = KeyOf(member, &key_scratch_);
  if (!key) {
    json_problem_ = "a key with a bad escape";
    return false;
  }
  const auto finish = [&](bool is_valid) {
    if (!is_valid) json_problem_ = "the value of " + Quoted(*key) + " is malformed";
    return is_valid;
  };
  // Behind a fault rows are no longer needed.
  if (slot.table->fault) return finish(IsValidJson(member.value()));
  if (*key == kIdMember) return finish(ReadId(member.value(), slot));
  const schema::Property* property = slot.FindProperty(*key);
  if (property == nullptr) return finish(ReadUnknown(member.value(), *key, slot));

  format::ColumnBuilder& column = slot.piece->rows.column(property->ordinal);
  if (slot.seen[property->ordinal] == slot.row_number) column.Truncate(slot.piece->rows.size());
  slot.seen[property->ordinal] = slot.row_number;
  const ReadOutcome outcome = values_.Read(member.value(), *slot.type, *property, column);
  if (outcome == ReadOutcome::kBadJson) return finish(false);
  if (outcome == ReadOutcome::kBadValue && slot.value_problem.empty()) {
    slot.value_problem = values_.message();
  }
  slot.filled[property->ordinal] = slot.row_number - (outcome == ReadOutcome::kNull ? 1 : 0);
  return true;
}

bool RowReader::ReadId(ondemand::value& value, RowSlot& slot) {
  const std::string_view token = TokenOf(value);
  const JsonKind kind = KindOf(token);
  slot.explicit_id.reset();
  slot.id_problem.clear();
  if (kind == JsonKind::kNull) return true;
  if (kind != JsonKind::kString) {
    if (!IsValidJson(value)) return false;
    slot.id_problem =
        slot.type->name + ": explicit id must be a string, got " + std::string(KindName(kind));
    return true;
  }
  const auto text = ParseJsonString(token, &text_scratch_);
  if (text) slot.explicit_id = std::string(*text);
  return text.has_value();
}

bool RowReader::ReadUnknown(ondemand::value& value, std::string_view key, RowSlot& slot) {
  if (!IsValidJson(value)) return false;
  if (rules_.ignore_unknown) {
    ++(*ignored_)[{slot.type->name, std::string(key)}];
    return true;
  }
  if (!slot.value_problem.empty()) return true;
  std::vector<std::string_view> names;
  for (const schema::Property& property : slot.type->properties)
    names.push_back(property.name);
  const std::string_view nearest = text::DidYouMean(key, names);
  slot.value_problem = slot.type->name + " has no property " + Quoted(key);
  if (rules_.is_strict) slot.value_problem = "unknown input field: " + slot.value_problem;
  if (!nearest.empty()) slot.value_problem += "; did you mean " + Quoted(nearest) + "?";
  return true;
}

void RowReader::FinishRow(RowSlot& slot) {
  ParsedRows& piece = *slot.piece;
  if (slot.is_edge) {
    piece.sources.AppendText(slot.source);
    piece.targets.AppendText(slot.target);
  }
  if (!slot.table->fault) {
    std::string problem = MissingKey(slot);
    if (problem.empty()) problem = slot.id_problem;
    if (problem.empty()) problem = slot.value_problem;
    if (problem.empty()) problem = MissingRequired(slot);
    if (problem.empty()) {
      const bool is_keyed = slot.node != nullptr && slot.node->has_key();
      problem = is_keyed ? FinishKeyedId(slot, rules_.is_strict) : FinishGeneratedId(slot);
    }
    if (problem.empty()) {
      for (schema::PropertyOrdinal i = 0; i < slot.seen.size(); ++i) {
        if (slot.seen[i] != slot.row_number) piece.rows.column(i).AppendNull();
      }
      piece.rows.FinishRow();
    } else {
      slot.table->fault = RecordFault{slot.place, std::move(problem), false};
    }
  }
  piece.places.push_back(slot.place);
}

std::optional<std::string> ReadEndpoint(const schema::NodeType& node, JsonKind kind,
                                        std::string_view text, std::string* id) {
  const bool is_text_id =
      !node.has_key() ||
      (node.key.size() == 1 && node.properties[node.key[0]].type.scalar == types::Scalar::kString);
  const bool is_scalar =
      kind == JsonKind::kNumber || kind == JsonKind::kTrue || kind == JsonKind::kFalse;
  if (kind == JsonKind::kNull) return std::string();
  if (kind != JsonKind::kString && (!is_scalar || is_text_id || node.key.size() > 1)) {
    return ": expected the id of a " + node.name + " as a string, got " +
           std::string(KindName(kind));
  }
  if (is_text_id) {
    id->assign(text);
    return std::nullopt;
  }
  // A text that cannot be an id is looked up as it is, and not found.
  std::optional<std::string> canonical = schema::CanonicalId(node, text);
  *id = canonical ? *std::move(canonical) : std::string(text);
  return std::nullopt;
}

}  // namespace omnigraph::graph
