// Implements query/parameters.h. nlohmann-json stays inside this file.

#include "query/parameters.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json_nesting.h"
#include "base/strings.h"
#include "query/vector_parameters.h"
#include "types/base64.h"
#include "types/datetime.h"

namespace omnigraph::query {
namespace {

using Json = nlohmann::json;
using types::Scalar;
using types::Type;
using types::Value;

/// Parsers and printers of JSON recurse; no value of a parameter has more than three levels.
constexpr std::size_t kNestingMax = 128;

Status Invalid(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

Status Expected(std::string_view what, const Json& json) {
  // The replacing handler never throws, whatever bytes the text holds.
  const std::string found = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return Invalid("expected " + std::string(what) + ", found " + Abbreviate(found, 60));
}

Status Exceeds(const Json& json, const Type& type) {
  return Invalid(Abbreviate(json.dump(), 40) + " exceeds " + std::string(ScalarName(type.scalar)));
}

bool IsDecimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<Value> SignedValue(const Json& json, const Type& type) {
  std::int64_t value = 0;
  if (json.is_number_unsigned()) {
    if (json.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
      return Exceeds(json, type);
    }
    value = json.get<std::int64_t>();
  } else if (json.is_number_integer()) {
    value = json.get<std::int64_t>();
  } else if (json.is_string() && IsDecimal(json.get_ref<const std::string&>())) {
    const auto parsed = ParseInt64(json.get_ref<const std::string&>());
    if (!parsed) return Exceeds(json, type);
    value = *parsed;
  } else {
    return Expected("integer", json);
  }
  const bool is_narrow = type.scalar == Scalar::kI32;
  if (is_narrow && (value < std::numeric_limits<std::int32_t>::min() ||
                    value > std::numeric_limits<std::int32_t>::max())) {
    return Exceeds(json, type);
  }
  return Value::Int(value);
}

Result<Value> UnsignedValue(const Json& json, const Type& type) {
  std::uint64_t value = 0;
  if (json.is_number_unsigned()) {
    value = json.get<std::uint64_t>();
  } else if (json.is_string() && IsDecimal(json.get_ref<const std::string&>()) &&
             !json.get_ref<const std::string&>().starts_with('-')) {
    const auto parsed = ParseUint64(json.get_ref<const std::string&>());
    if (!parsed) return Exceeds(json, type);
    value = *parsed;
  } else {
    return Expected("unsigned integer", json);
  }
  if (type.scalar == Scalar::kU32 && value > std::numeric_limits<std::uint32_t>::max()) {
    return Exceeds(json, type);
  }
  return Value::Uint(value);
}

Result<Value> FloatValue(const Json& json, const Type& type) {
  if (!json.is_number()) return Expected("float", json);
  const double value = json.get<double>();
  if (type.scalar == Scalar::kF64) return Value::Float(value);
  const auto rounded = static_cast<float>(value);
  if (!std::isfinite(rounded)) return Exceeds(json, type);
  return Value::Float(static_cast<double>(rounded));
}

Result<Value> DateValue(const Json& json, const Type& type) {
  const bool is_date = type.scalar == Scalar::kDate;
  if (!json.is_string()) return Expected(is_date ? "date string" : "datetime string", json);
  const std::string& text = json.get_ref<const std::string&>();
  if (is_date) {
    if (const auto days = types::ParseDate(text)) {
      return Value(Value::Variant(types::Date{*days}));
    }
  } else if (const auto millis = types::ParseDateTime(text)) {
    return Value(Value::Variant(types::DateTime{*millis}));
  }
  return Invalid("invalid " + std::string(ScalarName(type.scalar)) + " " + Quoted(text) +
                 (is_date ? ": write YYYY-MM-DD" : ": write YYYY-MM-DDTHH:MM:SSZ"));
}

Result<Value> BlobValue(const Json& json) {
  if (!json.is_string()) return Expected("blob URI string", json);
  OG_ASSIGN_OR_RETURN(types::Blob blob,
                      types::ParseBlob(json.get_ref<const std::string&>(), "the value"));
  return Value(Value::Variant(std::move(blob)));
}

Result<Value> VectorOf(const Json& json, const Type& type) {
  const std::string wanted = std::to_string(type.dimensions) + " values";
  if (!json.is_array()) return Expected("array of " + wanted + " for " + TypeName(type), json);
  if (json.size() != type.dimensions) {
    return Invalid("expected " + wanted + " for " + TypeName(type) + ", found " +
                   std::to_string(json.size()));
  }
  types::VectorValue vector;
  vector.reserve(json.size());
  for (const Json& element : json) {
    if (!element.is_number()) {
      return Invalid("element " + std::to_string(vector.size()) + " of the vector is not numeric");
    }
    const auto value = static_cast<float>(element.get<double>());
    if (!std::isfinite(value)) {
      return Invalid("element " + std::to_string(vector.size()) + " of the vector exceeds F32");
    }
    vector.push_back(value);
  }
  return Value(Value::Variant(std::move(vector)));
}

Result<Value> ScalarOf(const Json& json, const Type& type) {
  switch (type.scalar) {
    case Scalar::kString:
      if (!json.is_string()) return Expected("string", json);
      return Value::String(json.get<std::string>());
    case Scalar::kBool:
      if (!json.is_boolean()) return Expected("boolean", json);
      return Value::Bool(json.get<bool>());
    case Scalar::kI32:
    case Scalar::kI64:
      return SignedValue(json, type);
    case Scalar::kU32:
    case Scalar::kU64:
      return UnsignedValue(json, type);
    case Scalar::kF32:
    case Scalar::kF64:
      return FloatValue(json, type);
    case Scalar::kDate:
    case Scalar::kDateTime:
      return DateValue(json, type);
    case Scalar::kVector:
      return VectorOf(json, type);
    case Scalar::kBlob:
      return BlobValue(json);
  }
  OG_CHECK(false);
}

Result<Value> ValueOf(const Json& json, const Type& type) {
  if (json.is_null()) {
    if (type.is_nullable) return Value::Null();
    return Invalid("null is not accepted for non-nullable parameter");
  }
  if (!type.is_list) return ScalarOf(json, type);
  Type element_type = type;
  element_type.is_list = false;
  if (!json.is_array()) return Expected("array for [" + TypeName(element_type) + "]", json);
  types::ListValue list;
  for (const Json& element : json) {
    auto value = ScalarOf(element, element_type);
    if (!value.ok()) {
      return std::move(value).status().WithContext("element " + std::to_string(list.size()));
    }
    list.push_back(std::move(value).value());
  }
  return Value::List(std::move(list));
}

// Types that the checker refuses; their values do not matter.
bool IsRefusedLater(const Parameter& parameter) {
  return parameter.name == kReservedParameter ||
         (parameter.type.is_vector() && parameter.type.dimensions == 0);
}

}  // namespace

std::vector<Parameter> DeclaredParameters(const ast::Query& query) {
  std::vector<Parameter> declared;
  for (const ast::Parameter& written : query.parameters) {
    Parameter& parameter = declared.emplace_back();
    parameter.name = written.name.text;
    parameter.type.is_list = written.type.is_list;
    parameter.type.is_nullable = written.type.is_nullable;
    if (written.type.vector_dimension) {
      parameter.type.scalar = Scalar::kVector;
      const std::uint64_t dimension = *written.type.vector_dimension;
      if (dimension <= kVectorDimensionMax) {
        parameter.type.dimensions = static_cast<std::uint32_t>(dimension);
      }
    } else {
      types::FindScalar(written.type.base, &parameter.type.scalar);
    }
  }
  return declared;
}

Result<std::vector<Value>> ParseParameters(const std::vector<Parameter>& declared,
                                           std::string_view text) {
  if (IsNestedDeeperThan(text, kNestingMax)) {
    return Invalid("params are nested deeper than " + std::to_string(kNestingMax) + " levels");
  }
  std::optional<VectorParameters> vectors = TakeVectors(declared, text);
  if (vectors) text = vectors->rest;
  Json json = Json::object();
  if (!TrimSpace(text).empty()) json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_null()) json = Json::object();
  if (!json.is_object()) {
    return Invalid(json.is_discarded()
                       ? "params must be a JSON object, and the text is not valid JSON"
                       : "params must be a JSON object, found " + Abbreviate(json.dump(), 60));
  }

  std::vector<Value> values;
  for (const Parameter& parameter : declared) {
    const auto found = json.find(parameter.name);
    if (IsRefusedLater(parameter)) {
      values.push_back(Value::Null());
    } else if (vectors && vectors->values[values.size()]) {
      values.emplace_back(Value::Variant(*std::move(vectors->values[values.size()])));
    } else if (found != json.end()) {
      auto value = ValueOf(*found, parameter.type);
      if (!value.ok()) {
        return std::move(value).status().WithContext("param '" + parameter.name + "'");
      }
      values.push_back(std::move(value).value());
    } else if (parameter.type.is_nullable) {
      values.push_back(Value::Null());
    } else {
      return Invalid("parameter '" + parameter.name + "' not provided: it is declared as " +
                     TypeName(parameter.type));
    }
  }
  for (const auto& [key, value] : json.items()) {
    if (!value.is_object() || key == kReservedParameter) continue;
    return Invalid("param '" + Abbreviate(key, 60) + "': object is not supported as a value");
  }
  return values;
}

}  // namespace omnigraph::query
