// One value during evaluation: 16 bytes, refers to texts and lists instead of owning them.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "query/checked.h"
#include "query/operators.h"
#include "types/value.h"

namespace omnigraph::exec {

enum class DatumKind : unsigned char {
  kNull,
  kBool,      ///< `integer` is 0 or 1.
  kInt,       ///< `integer`.
  kNatural,   ///< `natural`; U32 and U64.
  kReal,      ///< `real`; F32 widened.
  kText,      ///< `text` with `size` bytes.
  kDate,      ///< `integer` in days.
  kDateTime,  ///< `integer` in milliseconds.
  kValue,     ///< `value`: a list or a vector.
};

struct Datum {
  DatumKind kind = DatumKind::kNull;
  std::uint32_t size = 0;
  union {
    std::int64_t integer = 0;
    std::uint64_t natural;
    double real;
    const char* text;
    const types::Value* value;
  };

  static Datum Null() { return Datum(); }
  static Datum Bool(bool value);
  static Datum Int(std::int64_t value, DatumKind kind = DatumKind::kInt);
  static Datum Natural(std::uint64_t value);
  static Datum Real(double value);
  static Datum Text(std::string_view value);
  /// Refers to `value` where it is a text, a list or a vector. A blob gives null.
  static Datum Of(const types::Value& value);

  bool is_null() const { return kind == DatumKind::kNull; }
  bool is_number() const {
    return kind == DatumKind::kInt || kind == DatumKind::kNatural || kind == DatumKind::kReal;
  }
  /// Requires kText.
  std::string_view AsText() const { return {text, size}; }
  /// Requires a number; rounds integers beyond 2^53.
  double AsReal() const;
};

/// Places a float in an integer order where -0.0 < 0.0, all NaN are one value, and that is above
/// +infinity (S7.5).
std::int64_t RealOrderKey(double value);

/// Negative, zero or positive. Compares two numbers by exact mathematical value, two floats in
/// total order.
int CompareNumbers(const Datum& left, const Datum& right);

/// The comparison of a filter; none (unknown) when a side is null.
std::optional<bool> Compare(query::CompareOp op, query::Comparison comparison, const Datum& left,
                            const Datum& right);

/// Whether `list` (kValue or null) has an element that equals `element`.
bool ListContains(const Datum& list, const Datum& element, query::Comparison comparison);

/// The order of results (S9.1): null below everything, lists by element with a prefix first.
int CompareForOrder(const Datum& left, const Datum& right);

/// The same for two values that are equal by `comparison`, and mostly different for others.
/// Requires values that are not null and that `comparison` compares.
std::uint64_t EqualityHash(query::Comparison comparison, const Datum& value);

/// Appends bytes that are equal for two values of one column iff they are one group (S8.3).
void AppendGroupKey(const Datum& value, std::string& key);

/// Appends the value in the JSON of results.
void AppendJson(const Datum& value, std::string& out);

}  // namespace omnigraph::exec
