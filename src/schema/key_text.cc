// Implements schema/key_text.h.

#include "schema/key_text.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/strings.h"
#include "types/datetime.h"

namespace omnigraph::schema {
namespace {

template <typename Float>
std::string FloatText(Float value) {
  if (value == 0) return "0";  // Also -0: both are one key.
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  return std::string(digits, end);
}

std::optional<double> ParseFloat(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// The value that `text` spells in the type of a key column.
std::optional<types::Value> ParseColumn(const types::Type& type, std::string_view text) {
  using types::Value;
  switch (type.scalar) {
    case types::Scalar::kString:
      return Value::String(std::string(text));
    case types::Scalar::kBool:
      if (text == "true" || text == "false") return Value::Bool(text == "true");
      return std::nullopt;
    case types::Scalar::kI32:
    case types::Scalar::kI64:
      if (const auto value = ParseInt64(text)) return Value::Int(*value);
      return std::nullopt;
    case types::Scalar::kU32:
    case types::Scalar::kU64:
      if (const auto value = ParseUint64(text)) return Value::Uint(*value);
      return std::nullopt;
    case types::Scalar::kF32:
    case types::Scalar::kF64:
      if (const auto value = ParseFloat(text)) return Value::Float(*value);
      return std::nullopt;
    case types::Scalar::kDate: {
      // A plain number is the epoch spelling unless it is a date such as 20240601.
      if (const auto days = types::ParseDate(text)) return Value(types::Date{*days});
      const auto days = ParseInt64(text);
      if (!days || *days < INT32_MIN || *days > INT32_MAX) return std::nullopt;
      return Value(types::Date{static_cast<std::int32_t>(*days)});
    }
    case types::Scalar::kDateTime: {
      if (const auto millis = types::ParseDateTime(text)) return Value(types::DateTime{*millis});
      const auto millis = ParseInt64(text);
      if (!millis) return std::nullopt;
      return Value(types::DateTime{*millis});
    }
    case types::Scalar::kVector:
    case types::Scalar::kBlob:
      break;
  }
  return std::nullopt;
}

std::optional<std::string> CanonicalColumn(const NodeType& node, PropertyOrdinal column,
                                           std::string_view text) {
  const Property& property = node.properties[column];
  const std::optional<types::Value> value = ParseColumn(property.type, text);
  if (!value) return std::nullopt;
  Result<std::string> canonical = KeyColumnText(node, property, *value);
  if (!canonical.ok()) return std::nullopt;
  return *std::move(canonical);
}

}  // namespace

Result<std::string> KeyColumnText(const NodeType& node, const Property& property,
                                  const types::Value& value) {
  const std::string target = node.name + "." + property.name;
  if (value.is_null()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "missing @key property '" + property.name + "' of " + node.name);
  }
  const double* number = value.As<double>();
  if (number == nullptr) return types::CanonicalText(value);
  const bool is_narrow = property.type.scalar == types::Scalar::kF32;
  const double stored = is_narrow ? static_cast<double>(static_cast<float>(*number)) : *number;
  if (!std::isfinite(stored)) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "@key property " + target + " must be a finite number");
  }
  return is_narrow ? FloatText(static_cast<float>(stored)) : FloatText(stored);
}

std::string JoinKeyTexts(std::span<const std::string> texts) {
  OG_CHECK(!texts.empty());
  if (texts.size() == 1) return texts.front();
  std::string id;
  JsonWriter json(id);
  json.BeginArray();
  for (const std::string& text : texts)
    json.String(text);
  json.EndArray();
  return id;
}

Result<std::string> KeyText(const NodeType& node, std::span<const types::Value> values) {
  OG_CHECK(node.has_key() && values.size() == node.key_spelling_order.size());
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Property& property = node.properties[node.key_spelling_order[i]];
    OG_ASSIGN_OR_RETURN(std::string text, KeyColumnText(node, property, values[i]));
    texts.push_back(std::move(text));
  }
  return JoinKeyTexts(texts);
}

std::optional<std::string> CanonicalId(const NodeType& node, std::string_view id) {
  if (!node.has_key()) return std::string(id);
  const ColumnGroup& columns = node.key_spelling_order;
  if (columns.size() == 1) return CanonicalColumn(node, columns.front(), id);

  const auto array = nlohmann::json::parse(id, nullptr, /*allow_exceptions=*/false);
  if (!array.is_array() || array.size() != columns.size()) return std::nullopt;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!array[i].is_string()) return std::nullopt;
    auto text = CanonicalColumn(node, columns[i], array[i].get_ref<const std::string&>());
    if (!text) return std::nullopt;
    texts.push_back(*std::move(text));
  }
  return JoinKeyTexts(texts);
}

}  // namespace omnigraph::schema
