// Implements graph/value_reader.h.

#include "graph/value_reader.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "graph/load_limits.h"
#include "types/base64.h"
#include "types/datetime.h"

namespace omnigraph::graph {
namespace {

namespace ondemand = simdjson::ondemand;
using types::Scalar;

bool IsScalarToken(JsonKind kind) {
  return kind != JsonKind::kObject && kind != JsonKind::kArray;
}

// How messages show a token; brackets stand for what is not shown.
std::string ShownToken(std::string_view token) {
  const JsonKind kind = KindOf(token);
  return IsScalarToken(kind) ? Abbreviate(token, 80) : std::string(KindName(kind));
}

// The number as a signed integer, if it is one.
bool FitsInt64(const JsonNumber& number, std::int64_t* value) {
  if (!number.is_integer || number.is_too_large) return false;
  const std::uint64_t limit = (std::uint64_t{1} << 63) - (number.is_negative ? 0 : 1);
  if (number.magnitude > limit) return false;
  *value = static_cast<std::int64_t>(number.is_negative ? 0 - number.magnitude : number.magnitude);
  return true;
}

std::string_view RangeName(Scalar scalar) {
  switch (scalar) {
    case Scalar::kI32:
      return "Int32";
    case Scalar::kI64:
      return "Int64";
    case Scalar::kU32:
      return "UInt32";
    case Scalar::kU64:
      return "UInt64";
    case Scalar::kF32:
      return "Float32";
    default:
      return "Float64";
  }
}

bool IsValidObject(ondemand::value& value, int depth) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return false;
  std::string scratch;
  for (auto field : object) {
    ondemand::field member;
    if (std::move(field).get(member) != simdjson::SUCCESS) return false;
    if (!KeyOf(member, &scratch)) return false;
    if (!IsValidJson(member.value(), depth)) return false;
  }
  return true;
}

bool IsValidArray(ondemand::value& value, int depth) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto item : array) {
    ondemand::value element;
    if (std::move(item).get(element) != simdjson::SUCCESS) return false;
    if (!IsValidJson(element, depth)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string_view> KeyOf(const ondemand::field& field, std::string* scratch) {
  const char* const begin = field.key().raw();
  // The block's string bounds were checked before: there is a closing quote.
  const char* end = begin;
  for (; *end != '"'; ++end) {
    if (*end == '\\') ++end;
  }
  return ParseJsonString({begin - 1, end + 1}, scratch);
}

std::string_view TokenOf(ondemand::value& value) {
  return TrimToken(value.raw_json_token());
}

bool IsValidJson(ondemand::value& value, int depth) {
  if (depth > kJsonNestingMax) return false;
  const std::string_view token = TokenOf(value);
  const JsonKind kind = KindOf(token);
  if (kind == JsonKind::kObject) return IsValidObject(value, depth + 1);
  if (kind == JsonKind::kArray) return IsValidArray(value, depth + 1);
  return IsValidScalarToken(token);
}

std::string ValueReader::Target() const {
  return type_->name + "." + property_->name;
}

ReadOutcome ValueReader::Refuse(std::string why) {
  if (message_.empty()) message_ = std::move(why);
  return ReadOutcome::kBadValue;
}

ReadOutcome ValueReader::RefuseKind(std::string_view token, const types::Type& type) {
  const JsonKind kind = KindOf(token);
  if (IsScalarToken(kind) && !IsValidScalarToken(token)) return ReadOutcome::kBadJson;
  types::Type plain = type;
  plain.enum_values.clear();
  plain.is_nullable = false;
  const std::string_view whole =
      types::IsInteger(type.scalar) && kind == JsonKind::kNumber ? " written as an integer" : "";
  return Refuse(Target() + " expects " + types::TypeName(plain) + std::string(whole) + ", got " +
                ShownToken(token));
}

ReadOutcome ValueReader::Read(ondemand::value& value, const schema::TableType& type,
                              const schema::Property& property, format::ColumnBuilder& column) {
  type_ = &type;
  property_ = &property;
  message_.clear();
  if (property.type.is_list) return ReadList(value, column);
  if (property.type.is_vector()) return ReadVector(value, column);
  const std::string_view token = TokenOf(value);
  const JsonKind kind = KindOf(token);
  if (IsScalarToken(kind)) return ReadScalar(token, property.type, column);
  if (!IsValidJson(value)) return ReadOutcome::kBadJson;
  if (property.type.scalar == Scalar::kBlob) return ReadBlob(token, column);
  return RefuseKind(token, property.type);
}

ReadOutcome ValueReader::ReadScalar(std::string_view token, const types::Type& type,
                                    format::ColumnBuilder& column) {
  if (token == "null") {
    column.AppendNull();
    return ReadOutcome::kNull;
  }
  switch (type.scalar) {
    case Scalar::kString: {
      if (token.empty() || token.front() != '"') return RefuseKind(token, type);
      const auto text = ParseJsonString(token, &scratch_);
      if (!text) return ReadOutcome::kBadJson;
      column.AppendText(*text);
      return ReadOutcome::kOk;
    }
    case Scalar::kBool:
      if (token != "true" && token != "false") return RefuseKind(token, type);
      column.AppendBool(token == "true");
      return ReadOutcome::kOk;
    case Scalar::kI32:
    case Scalar::kI64:
    case Scalar::kU32:
    case Scalar::kU64:
      return ReadInteger(token, type, column);
    case Scalar::kF32:
    case Scalar::kF64:
      return ReadFloat(token, type, column);
    case Scalar::kDate:
      return ReadDay(token, type, column);
    case Scalar::kDateTime:
      return ReadInstant(token, type, column);
    case Scalar::kBlob:
      return ReadBlob(token, column);
    case Scalar::kVector:
      break;  // Read as a whole, never as a scalar.
  }
  OG_CHECK(false);
}

ReadOutcome ValueReader::ReadInteger(std::string_view token, const types::Type& type,
                                     format::ColumnBuilder& column) {
  if (KindOf(token) != JsonKind::kNumber) return RefuseKind(token, type);
  const std::optional<JsonNumber> number = ParseJsonNumber(token);
  if (!number) return ReadOutcome::kBadJson;
  if (!number->is_integer) return RefuseKind(token, type);
  const auto refuse = [&] {
    return Refuse(Target() + ": value " + Abbreviate(token, 80) + " exceeds " +
                  std::string(RangeName(type.scalar)) + " range");
  };
  if (type.scalar == Scalar::kU32 || type.scalar == Scalar::kU64) {
    const std::uint64_t max = type.scalar == Scalar::kU32 ? UINT32_MAX : UINT64_MAX;
    const bool is_below = number->is_negative && number->magnitude != 0;
    if (number->is_too_large || is_below || number->magnitude > max) return refuse();
    column.AppendUint(number->magnitude);
    return ReadOutcome::kOk;
  }
  std::int64_t value = 0;
  if (!FitsInt64(*number, &value)) return refuse();
  if (type.scalar == Scalar::kI32 && (value < INT32_MIN || value > INT32_MAX)) return refuse();
  column.AppendInt(value);
  return ReadOutcome::kOk;
}

ReadOutcome ValueReader::ReadFloat(std::string_view token, const types::Type& type,
                                   format::ColumnBuilder& column) {
  if (KindOf(token) != JsonKind::kNumber) return RefuseKind(token, type);
  const std::optional<JsonNumber> number = ParseJsonNumber(token);
  if (!number) return ReadOutcome::kBadJson;
  const bool is_finite = type.scalar == Scalar::kF32
                             ? std::isfinite(static_cast<float>(number->real))
                             : std::isfinite(number->real);
  if (!is_finite) {
    return Refuse(Target() + ": value " + Abbreviate(token, 80) + " exceeds " +
                  std::string(RangeName(type.scalar)) + " range");
  }
  column.AppendFloat(number->real);
  return ReadOutcome::kOk;
}

ReadOutcome ValueReader::ReadDay(std::string_view token, const types::Type& type,
                                 format::ColumnBuilder& column) {
  const JsonKind kind = KindOf(token);
  if (kind == JsonKind::kString) {
    const auto text = ParseJsonString(token, &scratch_);
    if (!text) return ReadOutcome::kBadJson;
    const std::optional<std::int32_t> days = types::ParseDate(*text);
    if (!days) return Refuse(Target() + ": invalid Date literal " + Quoted(*text));
    column.AppendInt(*days);
    return ReadOutcome::kOk;
  }
  if (kind != JsonKind::kNumber) return RefuseKind(token, type);
  const std::optional<JsonNumber> number = ParseJsonNumber(token);
  if (!number) return ReadOutcome::kBadJson;
  if (!number->is_integer) return RefuseKind(token, type);
  std::int64_t value = 0;
  if (!FitsInt64(*number, &value) || value < INT32_MIN || value > INT32_MAX) {
    return Refuse(Target() + ": Date value out of range: " + Abbreviate(token, 80) +
                  " days since 1970-01-01");
  }
  column.AppendInt(value);
  return ReadOutcome::kOk;
}

ReadOutcome ValueReader::ReadInstant(std::string_view token, const types::Type& type,
                                     format::ColumnBuilder& column) {
  const JsonKind kind = KindOf(token);
  if (kind == JsonKind::kString) {
    const auto text = ParseJsonString(token, &scratch_);
    if (!text) return ReadOutcome::kBadJson;
    const std::optional<std::int64_t> millis = types::ParseDateTime(*text);
    if (!millis) return Refuse(Target() + ": invalid DateTime literal " + Quoted(*text));
    column.AppendInt(*millis);
    return ReadOutcome::kOk;
  }
  if (kind != JsonKind::kNumber) return RefuseKind(token, type);
  const std::optional<JsonNumber> number = ParseJsonNumber(token);
  if (!number) return ReadOutcome::kBadJson;
  if (!number->is_integer) return RefuseKind(token, type);
  std::int64_t value = 0;
  if (!FitsInt64(*number, &value)) {
    return Refuse(Target() + ": DateTime value out of range: " + Abbreviate(token, 80) +
                  " milliseconds since 1970-01-01");
  }
  column.AppendInt(value);
  return ReadOutcome::kOk;
}

ReadOutcome ValueReader::ReadBlob(std::string_view token, format::ColumnBuilder& column) {
  const JsonKind kind = KindOf(token);
  if (kind != JsonKind::kString) {
    if (IsScalarToken(kind) && !IsValidScalarToken(token)) return ReadOutcome::kBadJson;
    return Refuse(type_->name + ": blob property '" + property_->name +
                  "' must be a URI string or base64: prefixed data, got " + ShownToken(token));
  }
  const auto text = ParseJsonString(token, &scratch_);
  if (!text) return ReadOutcome::kBadJson;
  const Result<types::Blob> blob = types::ParseBlob(*text, Target());
  if (!blob.ok()) return Refuse(std::string(blob.status().message()));
  column.AppendBlob(blob->bytes, blob->is_uri);
  return ReadOutcome::kOk;
}

ReadOutcome ValueReader::ReadVector(ondemand::value& value, format::ColumnBuilder& column) {
  const std::string_view token = TokenOf(value);
  if (token == "null") {
    column.AppendNull();
    return ReadOutcome::kNull;
  }
  const auto subject = [this] {
    return type_->name + ": vector property '" + property_->name + "'";
  };
  if (KindOf(token) != JsonKind::kArray) {
    if (!IsValidJson(value)) return ReadOutcome::kBadJson;
    return Refuse(subject() + " expects a JSON array of numbers, got " + ShownToken(token));
  }
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return ReadOutcome::kBadJson;
  floats_.clear();
  for (auto item : array) {
    ondemand::value element;
    if (std::move(item).get(element) != simdjson::SUCCESS) return ReadOutcome::kBadJson;
    const std::string_view text = TokenOf(element);
    const std::optional<JsonNumber> number = ParseJsonNumber(text);
    if (!number) {
      if (!IsValidJson(element)) return ReadOutcome::kBadJson;
      Refuse(subject() + ": elements must be numeric, got " + ShownToken(text));
      continue;
    }
    floats_.push_back(static_cast<float>(number->real));
    if (!std::isfinite(floats_.back())) {
      Refuse(subject() + ": element " + Abbreviate(text, 80) + " exceeds Float32 range");
    }
  }
  if (!message_.empty()) return ReadOutcome::kBadValue;
  if (floats_.size() != property_->type.dimensions) {
    return Refuse(subject() + " expects " + std::to_string(property_->type.dimensions) +
                  " dimensions, got " + std::to_string(floats_.size()));
  }
  column.AppendVector(floats_.data());
  return ReadOutcome::kOk;
}

ReadOutcome ValueReader::ReadList(ondemand::value& value, format::ColumnBuilder& column) {
  const std::string_view token = TokenOf(value);
  if (token == "null") {
    column.AppendNull();
    return ReadOutcome::kNull;
  }
  if (KindOf(token) != JsonKind::kArray) {
    if (!IsValidJson(value)) return ReadOutcome::kBadJson;
    return Refuse(type_->name + ": list property '" + property_->name +
                  "' expects a JSON array, got " + ShownToken(token));
  }
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return ReadOutcome::kBadJson;
  const types::Type& element_type = column.elements().type();
  for (auto item : array) {
    ondemand::value element;
    if (std::move(item).get(element) != simdjson::SUCCESS) return ReadOutcome::kBadJson;
    const std::string_view text = TokenOf(element);
    if (!IsScalarToken(KindOf(text)) && !IsValidJson(element)) return ReadOutcome::kBadJson;
    if (ReadScalar(text, element_type, column.elements()) == ReadOutcome::kBadJson) {
      return ReadOutcome::kBadJson;
    }
  }
  if (!message_.empty()) return ReadOutcome::kBadValue;
  column.FinishList();
  return ReadOutcome::kOk;
}

}  // namespace omnigraph::graph
