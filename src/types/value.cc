// Implements types/value.h.

#include "types/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/json_writer.h"
#include "base/strings.h"
#include "types/base64.h"
#include "types/datetime.h"

namespace omnigraph::types {
namespace {

template <typename... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overload(Cases...) -> Overload<Cases...>;

// A number as (is it integral, the integer, the float).
struct Number {
  bool is_integer = false;
  bool is_negative = false;     // Of an integer.
  std::uint64_t magnitude = 0;  // Of an integer.
  double real = 0;
};

bool ToNumber(const Value& value, Number* number) {
  if (const auto* signed_value = value.As<std::int64_t>()) {
    number->is_integer = true;
    number->is_negative = *signed_value < 0;
    number->magnitude = number->is_negative ? 0 - static_cast<std::uint64_t>(*signed_value)
                                            : static_cast<std::uint64_t>(*signed_value);
    number->real = static_cast<double>(*signed_value);
    return true;
  }
  if (const auto* unsigned_value = value.As<std::uint64_t>()) {
    *number = {true, false, *unsigned_value, static_cast<double>(*unsigned_value)};
    return true;
  }
  if (const auto* real = value.As<double>()) {
    number->real = *real;
    return true;
  }
  return false;
}

std::partial_ordering CompareIntegers(const Number& a, const Number& b) {
  const bool a_negative = a.is_negative && a.magnitude != 0;
  const bool b_negative = b.is_negative && b.magnitude != 0;
  if (a_negative != b_negative) {
    return a_negative ? std::partial_ordering::less : std::partial_ordering::greater;
  }
  return a_negative ? b.magnitude <=> a.magnitude : a.magnitude <=> b.magnitude;
}

// Compares an integer with a float exactly: by whole part first, then by the fraction.
std::partial_ordering CompareIntegerWithReal(const Number& integer, double real) {
  if (std::isnan(real)) return std::partial_ordering::unordered;
  if (real >= 18446744073709551616.0) return std::partial_ordering::less;
  if (real < -9223372036854775808.0) return std::partial_ordering::greater;
  const double whole = std::floor(real);
  Number floor;
  floor.is_integer = true;
  floor.is_negative = whole < 0;
  floor.magnitude = static_cast<std::uint64_t>(std::fabs(whole));
  const std::partial_ordering by_floor = CompareIntegers(integer, floor);
  if (by_floor != std::partial_ordering::equivalent) return by_floor;
  return whole < real ? std::partial_ordering::less : std::partial_ordering::equivalent;
}

std::partial_ordering CompareNumbers(const Number& a, const Number& b) {
  if (a.is_integer && b.is_integer) return CompareIntegers(a, b);
  if (a.is_integer) return CompareIntegerWithReal(a, b.real);
  if (b.is_integer) {
    const std::partial_ordering order = CompareIntegerWithReal(b, a.real);
    return order == std::partial_ordering::less      ? std::partial_ordering::greater
           : order == std::partial_ordering::greater ? std::partial_ordering::less
                                                     : order;
  }
  return a.real <=> b.real;
}

std::string ShortestFloat(double value) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof(text), value).ptr;
  return std::string(text, end);
}

std::string ShownValue(const Value& value) {
  std::string json;
  AppendJson(value, json);
  return Abbreviate(json, 80);
}

Status Expected(std::string_view what, const Type& type, const Value& value) {
  return Status::Error(
      ErrorCode::kInvalidArgument,
      std::string(what) + " expects " + TypeName(type) + ", got " + ShownValue(value));
}

struct IntegerRange {
  std::string_view name;
  std::int64_t min;
  std::uint64_t max;
};

IntegerRange RangeOf(Scalar scalar) {
  switch (scalar) {
    case Scalar::kI32:
      return {"Int32", INT32_MIN, INT32_MAX};
    case Scalar::kI64:
      return {"Int64", INT64_MIN, INT64_MAX};
    case Scalar::kU32:
      return {"UInt32", 0, UINT32_MAX};
    default:
      return {"UInt64", 0, UINT64_MAX};
  }
}

Result<Value> ConvertInteger(const Value& value, const Type& type, std::string_view what) {
  Number number;
  if (!ToNumber(value, &number) || !number.is_integer) return Expected(what, type, value);
  const IntegerRange range = RangeOf(type.scalar);
  const auto min_magnitude = range.min == 0 ? 0 : 0 - static_cast<std::uint64_t>(range.min);
  if (number.magnitude > (number.is_negative ? min_magnitude : range.max)) {
    return Status::Error(ErrorCode::kInvalidArgument, std::string(what) + ": value " +
                                                          ShownValue(value) + " exceeds " +
                                                          std::string(range.name) + " range");
  }
  if (range.min == 0) return Value::Uint(number.magnitude);
  return Value::Int(number.is_negative ? static_cast<std::int64_t>(0 - number.magnitude)
                                       : static_cast<std::int64_t>(number.magnitude));
}

Result<Value> ConvertFloat(const Value& value, const Type& type, std::string_view what) {
  Number number;
  if (!ToNumber(value, &number)) return Expected(what, type, value);
  double real = number.real;
  if (type.scalar == Scalar::kF32) real = static_cast<double>(static_cast<float>(real));
  if (!std::isfinite(real)) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         std::string(what) + ": value exceeds " +
                             (type.scalar == Scalar::kF32 ? "Float32" : "Float64") + " range");
  }
  return Value::Float(real);
}

Result<Value> ConvertString(const Value& value, const Type& type, std::string_view what) {
  const auto* text = value.As<std::string>();
  if (text == nullptr) {
    Type plain = type;
    plain.enum_values.clear();
    return Expected(what, plain, value);
  }
  if (type.is_enum() &&
      !std::binary_search(type.enum_values.begin(), type.enum_values.end(), *text)) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "invalid enum value " + Quoted(*text) + " for " + std::string(what) +
                             "; expected one of " + EnumValuesText(type));
  }
  return value;
}

Result<Value> ConvertVector(const Value& value, const Type& type, std::string_view what) {
  VectorValue vector;
  if (const auto* ready = value.As<VectorValue>()) {
    vector = *ready;
  } else if (const auto* list = value.As<ListValue>()) {
    for (const Value& element : *list) {
      Number number;
      if (!ToNumber(element, &number)) {
        return Status::Error(
            ErrorCode::kInvalidArgument,
            std::string(what) + ": vector elements must be numeric, got " + ShownValue(element));
      }
      vector.push_back(static_cast<float>(number.real));
      if (!std::isfinite(vector.back())) {
        return Status::Error(ErrorCode::kInvalidArgument, std::string(what) + ": vector element " +
                                                              ShownValue(element) +
                                                              " exceeds Float32 range");
      }
    }
  } else {
    return Expected(what, type, value);
  }
  if (vector.size() != type.dimensions) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "vector property " + Quoted(what) + " expects " +
                             std::to_string(type.dimensions) + " dimensions, got " +
                             std::to_string(vector.size()));
  }
  return Value(Value::Variant(std::move(vector)));
}

Result<Value> ConvertScalar(const Value& value, const Type& type, std::string_view what) {
  switch (type.scalar) {
    case Scalar::kString:
      return ConvertString(value, type, what);
    case Scalar::kBool:
      if (value.As<bool>() == nullptr) return Expected(what, type, value);
      return value;
    case Scalar::kI32:
    case Scalar::kI64:
    case Scalar::kU32:
    case Scalar::kU64:
      return ConvertInteger(value, type, what);
    case Scalar::kF32:
    case Scalar::kF64:
      return ConvertFloat(value, type, what);
    case Scalar::kDate:
      if (value.As<Date>() != nullptr) return value;
      if (const auto* text = value.As<std::string>()) {
        if (const auto days = ParseDate(*text)) return Value(Value::Variant(Date{*days}));
        return Status::Error(ErrorCode::kInvalidArgument,
                             std::string(what) + ": invalid Date literal " + Quoted(*text));
      }
      return Expected(what, type, value);
    case Scalar::kDateTime:
      if (value.As<DateTime>() != nullptr) return value;
      if (const auto* text = value.As<std::string>()) {
        if (const auto millis = ParseDateTime(*text))
          return Value(Value::Variant(DateTime{*millis}));
        return Status::Error(ErrorCode::kInvalidArgument,
                             std::string(what) + ": invalid DateTime literal " + Quoted(*text));
      }
      return Expected(what, type, value);
    case Scalar::kVector:
      return ConvertVector(value, type, what);
    case Scalar::kBlob:
      if (value.As<Blob>() != nullptr) return value;
      if (const auto* text = value.As<std::string>()) {
        OG_ASSIGN_OR_RETURN(Blob blob, ParseBlob(*text, what));
        return Value(Value::Variant(std::move(blob)));
      }
      return Expected(what, type, value);
  }
  OG_CHECK(false);
}

}  // namespace

void AppendJson(const Value& value, std::string& out) {
  const auto append_real = [&out](double real) {
    if (std::isnan(real)) {
      out += "\"NaN\"";
    } else if (std::isinf(real)) {
      out += real > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    } else {
      AppendJsonDouble(real, out);
    }
  };
  std::visit(Overload{
                 [&](std::monostate) { out += "null"; },
                 [&](bool b) { out += b ? "true" : "false"; },
                 [&](std::int64_t i) { AppendJsonInt(i, out); },
                 [&](std::uint64_t u) { AppendJsonUint(u, out); },
                 [&](double real) { append_real(real); },
                 [&](const std::string& text) { AppendJsonString(text, out); },
                 [&](Date date) { out += "\"" + FormatDate(date.days) + "\""; },
                 [&](DateTime at) { out += "\"" + FormatDateTime(at.millis) + "\""; },
                 [&](const VectorValue& vector) {
                   out.push_back('[');
                   for (std::size_t i = 0; i < vector.size(); ++i) {
                     if (i > 0) out.push_back(',');
                     if (std::isfinite(vector[i])) {
                       AppendJsonDouble(static_cast<double>(vector[i]), out);
                     } else {
                       out += "null";
                     }
                   }
                   out.push_back(']');
                 },
                 [&](const Blob& blob) { AppendJsonString(BlobText(blob), out); },
                 [&](const ListValue& list) {
                   out.push_back('[');
                   for (std::size_t i = 0; i < list.size(); ++i) {
                     if (i > 0) out.push_back(',');
                     AppendJson(list[i], out);
                   }
                   out.push_back(']');
                 },
             },
             value.data());
}

std::string CanonicalText(const Value& value) {
  if (const auto* text = value.As<std::string>()) return *text;
  if (const auto* date = value.As<Date>()) return FormatDate(date->days);
  if (const auto* at = value.As<DateTime>()) return FormatDateTime(at->millis);
  if (const auto* real = value.As<double>()) return ShortestFloat(*real);
  std::string json;
  AppendJson(value, json);
  return json;
}

std::partial_ordering Compare(const Value& left, const Value& right) {
  Number a;
  Number b;
  if (ToNumber(left, &a) && ToNumber(right, &b)) return CompareNumbers(a, b);
  if (left.data().index() != right.data().index()) return std::partial_ordering::unordered;
  if (const auto* text = left.As<std::string>())
    return text->compare(*right.As<std::string>()) <=> 0;
  if (const auto* flag = left.As<bool>()) return *flag <=> *right.As<bool>();
  if (const auto* date = left.As<Date>()) return *date <=> *right.As<Date>();
  if (const auto* at = left.As<DateTime>()) return *at <=> *right.As<DateTime>();
  return std::partial_ordering::unordered;
}

Result<Value> ConvertForStorage(const Value& value, const Type& type, std::string_view what) {
  if (value.is_null()) {
    if (type.is_nullable) return value;
    return Status::Error(ErrorCode::kInvalidArgument,
                         "non-nullable property " + Quoted(what) + " cannot be null");
  }
  if (!type.is_list) return ConvertScalar(value, type, what);
  const auto* list = value.As<ListValue>();
  if (list == nullptr) return Expected(what, type, value);
  Type element_type = type;
  element_type.is_list = false;
  element_type.is_nullable = true;
  ListValue converted;
  converted.reserve(list->size());
  for (const Value& element : *list) {
    OG_ASSIGN_OR_RETURN(Value stored, ConvertForStorage(element, element_type, what));
    converted.push_back(std::move(stored));
  }
  return Value::List(std::move(converted));
}

}  // namespace omnigraph::types
