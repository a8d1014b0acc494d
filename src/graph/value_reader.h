// Reads one JSON value as a cell of a property: every rule of the typing of loaded values, and the
// words for what does not fit. Internal to the record parser, since it shows simdjson.

#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/row_batch.h"
#include "graph/json_token.h"
#include "schema/catalog.h"

namespace omnigraph::graph {

enum class ReadOutcome : unsigned char {
  kOk,        ///< One cell was appended.
  kNull,      ///< JSON null: a null cell was appended.
  kBadValue,  ///< Valid JSON that does not fit; `message()` says why. The column is spoilt.
  kBadJson,   ///< Malformed JSON.
};

/// The trimmed token at which `value` starts; of an array or object its bracket only.
std::string_view TokenOf(simdjson::ondemand::value& value);

/// The name of a member; none when its escapes are malformed. Valid as long as `*scratch` and the
/// block's text.
std::optional<std::string_view> KeyOf(const simdjson::ondemand::field& field, std::string* scratch);

/// Reads the rest of `value` and says whether it is valid JSON.
bool IsValidJson(simdjson::ondemand::value& value, int depth = 0);

class ValueReader {
 public:
  /// `type` names the table in messages.
  ReadOutcome Read(simdjson::ondemand::value& value, const schema::TableType& type,
                   const schema::Property& property, format::ColumnBuilder& column);

  const std::string& message() const { return message_; }

 private:
  ReadOutcome ReadScalar(std::string_view token, const types::Type& type,
                         format::ColumnBuilder& column);
  ReadOutcome ReadInteger(std::string_view token, const types::Type& type,
                          format::ColumnBuilder& column);
  ReadOutcome ReadFloat(std::string_view token, const types::Type& type,
                        format::ColumnBuilder& column);
  ReadOutcome ReadDay(std::string_view token, const types::Type& type,
                      format::ColumnBuilder& column);
  ReadOutcome ReadInstant(std::string_view token, const types::Type& type,
                          format::ColumnBuilder& column);
  ReadOutcome ReadBlob(std::string_view token, format::ColumnBuilder& column);
  ReadOutcome ReadVector(simdjson::ondemand::value& value, format::ColumnBuilder& column);
  ReadOutcome ReadList(simdjson::ondemand::value& value, format::ColumnBuilder& column);

  ReadOutcome Refuse(std::string why);
  ReadOutcome RefuseKind(std::string_view token, const types::Type& type);
  std::string Target() const;

  const schema::TableType* type_ = nullptr;
  const schema::Property* property_ = nullptr;
  std::string message_;
  std::string scratch_;
  std::vector<float> floats_;
};

}  // namespace omnigraph::graph
