// Implements exec/datum.h.

#include "exec/datum.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "base/check.h"
#include "base/json_writer.h"
#include "table/order_key.h"

namespace omnigraph::exec {
namespace {

using query::CompareOp;
using query::Comparison;
using types::Value;

template <typename T>
int Order(const T& left, const T& right) {
  return left < right ? -1 : (right < left ? 1 : 0);
}

int CompareIntegers(const Datum& left, const Datum& right) {
  if (left.kind == DatumKind::kInt && right.kind == DatumKind::kInt) {
    return Order(left.integer, right.integer);
  }
  if (left.kind == DatumKind::kNatural && right.kind == DatumKind::kNatural) {
    return Order(left.natural, right.natural);
  }
  if (left.kind == DatumKind::kInt) {
    if (left.integer < 0) return -1;
    return Order(static_cast<std::uint64_t>(left.integer), right.natural);
  }
  if (right.integer < 0) return 1;
  return Order(left.natural, static_cast<std::uint64_t>(right.integer));
}

// Exact: first by the whole part of the float, then by its fraction.
int CompareIntegerWithReal(const Datum& integer, double real) {
  if (std::isnan(real) || real >= 18446744073709551616.0) return -1;
  if (real < -9223372036854775808.0) return 1;
  const double floor = std::floor(real);
  const Datum whole = floor < 0 ? Datum::Int(static_cast<std::int64_t>(floor))
                                : Datum::Natural(static_cast<std::uint64_t>(floor));
  const int by_whole = CompareIntegers(integer, whole);
  if (by_whole != 0) return by_whole;
  return floor < real ? -1 : 0;
}

Datum RoundToF32(const Datum& number) {
  switch (number.kind) {
    case DatumKind::kInt:
      return Datum::Real(static_cast<double>(static_cast<float>(number.integer)));
    case DatumKind::kNatural:
      return Datum::Real(static_cast<double>(static_cast<float>(number.natural)));
    default:
      return Datum::Real(static_cast<double>(static_cast<float>(number.real)));
  }
}

int CompareNonNull(Comparison comparison, const Datum& left, const Datum& right) {
  switch (comparison) {
    case Comparison::kExactNumber:
      return CompareNumbers(left, right);
    case Comparison::kRoundedNumber:
      return CompareNumbers(RoundToF32(left), RoundToF32(right));
    case Comparison::kText:
      return left.AsText().compare(right.AsText());
    case Comparison::kBool:
    case Comparison::kDate:
    case Comparison::kDateTime:
      return Order(left.integer, right.integer);
  }
  OG_CHECK(false);
}

int CompareLists(const Value& left, const Value& right) {
  if (const auto* vector = left.As<types::VectorValue>()) {
    const auto& other = *right.As<types::VectorValue>();
    for (std::size_t i = 0; i < vector->size() && i < other.size(); ++i) {
      const int order = Order(RealOrderKey(static_cast<double>((*vector)[i])),
                              RealOrderKey(static_cast<double>(other[i])));
      if (order != 0) return order;
    }
    return Order(vector->size(), other.size());
  }
  const auto& list = *left.As<types::ListValue>();
  const auto& other = *right.As<types::ListValue>();
  for (std::size_t i = 0; i < list.size() && i < other.size(); ++i) {
    const int order = CompareForOrder(Datum::Of(list[i]), Datum::Of(other[i]));
    if (order != 0) return order;
  }
  return Order(list.size(), other.size());
}

// Every bit depends on every bit of `bits`: the finish of MurmurHash3.
std::uint64_t Mixed(std::uint64_t bits) {
  bits ^= bits >> 33;
  bits *= 0xff51afd7ed558ccd;
  bits ^= bits >> 33;
  bits *= 0xc4ceb9fe1a85ec53;
  return bits ^ (bits >> 33);
}

void AppendBytes(std::uint64_t bits, std::string& key) {
  char bytes[sizeof(bits)];
  std::memcpy(bytes, &bits, sizeof(bits));
  key.append(bytes, sizeof(bytes));
}

}  // namespace

Datum Datum::Bool(bool value) {
  return Int(value ? 1 : 0, DatumKind::kBool);
}

Datum Datum::Int(std::int64_t value, DatumKind kind) {
  Datum datum;
  datum.kind = kind;
  datum.integer = value;
  return datum;
}

Datum Datum::Natural(std::uint64_t value) {
  Datum datum;
  datum.kind = DatumKind::kNatural;
  datum.natural = value;
  return datum;
}

Datum Datum::Real(double value) {
  Datum datum;
  datum.kind = DatumKind::kReal;
  datum.real = value;
  return datum;
}

Datum Datum::Text(std::string_view value) {
  Datum datum;
  datum.kind = DatumKind::kText;
  datum.size = static_cast<std::uint32_t>(value.size());
  datum.text = value.data();
  return datum;
}

Datum Datum::Of(const Value& value) {
  if (const auto* text = value.As<std::string>()) return Text(*text);
  if (const auto* integer = value.As<std::int64_t>()) return Int(*integer);
  if (const auto* natural = value.As<std::uint64_t>()) return Natural(*natural);
  if (const auto* real = value.As<double>()) return Real(*real);
  if (const auto* flag = value.As<bool>()) return Bool(*flag);
  if (const auto* date = value.As<types::Date>()) return Int(date->days, DatumKind::kDate);
  if (const auto* at = value.As<types::DateTime>()) return Int(at->millis, DatumKind::kDateTime);
  if (value.is_null() || value.As<types::Blob>() != nullptr) return Null();
  Datum datum;
  datum.kind = DatumKind::kValue;
  datum.value = &value;
  return datum;
}

double Datum::AsReal() const {
  if (kind == DatumKind::kReal) return real;
  return kind == DatumKind::kInt ? static_cast<double>(integer) : static_cast<double>(natural);
}

std::int64_t RealOrderKey(double value) {
  return table::RealKey(value);
}

int CompareNumbers(const Datum& left, const Datum& right) {
  const bool left_is_real = left.kind == DatumKind::kReal;
  const bool right_is_real = right.kind == DatumKind::kReal;
  if (left_is_real && right_is_real) {
    return Order(RealOrderKey(left.real), RealOrderKey(right.real));
  }
  if (left_is_real) return -CompareIntegerWithReal(right, left.real);
  if (right_is_real) return CompareIntegerWithReal(left, right.real);
  return CompareIntegers(left, right);
}

std::optional<bool> Compare(CompareOp op, Comparison comparison, const Datum& left,
                            const Datum& right) {
  if (left.is_null() || right.is_null()) return std::nullopt;
  const int order = CompareNonNull(comparison, left, right);
  switch (op) {
    case CompareOp::kEqual:
      return order == 0;
    case CompareOp::kNotEqual:
      return order != 0;
    case CompareOp::kLess:
      return order < 0;
    case CompareOp::kLessOrEqual:
      return order <= 0;
    case CompareOp::kGreater:
      return order > 0;
    case CompareOp::kGreaterOrEqual:
      return order >= 0;
  }
  OG_CHECK(false);
}

bool ListContains(const Datum& list, const Datum& element, Comparison comparison) {
  if (list.is_null() || element.is_null()) return false;
  const auto* values = list.value->As<types::ListValue>();
  if (values == nullptr) return false;
  for (const Value& value : *values) {
    if (value.is_null()) continue;
    if (CompareNonNull(comparison, Datum::Of(value), element) == 0) return true;
  }
  return false;
}

int CompareForOrder(const Datum& left, const Datum& right) {
  if (left.is_null() || right.is_null()) return Order(!left.is_null(), !right.is_null());
  if (left.is_number()) return CompareNumbers(left, right);
  if (left.kind == DatumKind::kText) return left.AsText().compare(right.AsText());
  if (left.kind == DatumKind::kValue) return CompareLists(*left.value, *right.value);
  return Order(left.integer, right.integer);
}

std::uint64_t EqualityHash(Comparison comparison, const Datum& value) {
  switch (comparison) {
    case Comparison::kText:
      return Mixed(std::hash<std::string_view>()(value.AsText()));
    case Comparison::kBool:
    case Comparison::kDate:
    case Comparison::kDateTime:
      return Mixed(value.natural);
    case Comparison::kExactNumber:
    case Comparison::kRoundedNumber:
      break;
  }
  const bool is_rounded = comparison == Comparison::kRoundedNumber;
  double real = is_rounded ? RoundToF32(value).real : value.AsReal();
  // Integers that round to one double share its hash. Both zeros equal the integer 0.
  if (real == 0) real = 0;
  if (std::isnan(real)) real = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t bits = 0;
  std::memcpy(&bits, &real, sizeof(bits));
  return Mixed(bits);
}

void AppendGroupKey(const Datum& value, std::string& key) {
  key.push_back(static_cast<char>(value.kind));
  switch (value.kind) {
    case DatumKind::kNull:
      return;
    case DatumKind::kText:
      AppendBytes(value.size, key);
      key += value.AsText();
      return;
    case DatumKind::kReal:
      AppendBytes(static_cast<std::uint64_t>(RealOrderKey(value.real)), key);
      return;
    case DatumKind::kValue:
      if (const auto* list = value.value->As<types::ListValue>()) {
        AppendBytes(list->size(), key);
        for (const Value& element : *list)
          AppendGroupKey(Datum::Of(element), key);
      } else {
        const auto& vector = *value.value->As<types::VectorValue>();
        for (const float x : vector)
          AppendGroupKey(Datum::Real(static_cast<double>(x)), key);
      }
      return;
    default:
      AppendBytes(value.natural, key);
  }
}

void AppendJson(const Datum& value, std::string& out) {
  switch (value.kind) {
    case DatumKind::kNull:
      out += "null";
      return;
    case DatumKind::kBool:
      out += value.integer != 0 ? "true" : "false";
      return;
    case DatumKind::kInt:
      AppendJsonInt(value.integer, out);
      return;
    case DatumKind::kNatural:
      AppendJsonUint(value.natural, out);
      return;
    case DatumKind::kText:
      AppendJsonString(value.AsText(), out);
      return;
    case DatumKind::kReal:
      types::AppendJson(Value::Float(value.real), out);
      return;
    case DatumKind::kDate: {
      const types::Date date{static_cast<std::int32_t>(value.integer)};
      types::AppendJson(Value(Value::Variant(date)), out);
      return;
    }
    case DatumKind::kDateTime:
      types::AppendJson(Value(Value::Variant(types::DateTime{value.integer})), out);
      return;
    case DatumKind::kValue:
      types::AppendJson(*value.value, out);
      return;
  }
}

}  // namespace omnigraph::exec
