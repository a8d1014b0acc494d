// One value outside of a column: a literal, a parameter, a key, a cell of a small result. Columns
// of rows are Arrow arrays, never vectors of these.

#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "types/type.h"

namespace omnigraph::types {

class Value;

struct Date {
  std::int32_t days = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};
struct DateTime {
  std::int64_t millis = 0;
  friend auto operator<=>(const DateTime&, const DateTime&) = default;
};
/// Stored bytes, or (`is_uri`) the URI of bytes that stay where they are.
struct Blob {
  std::string bytes;
  bool is_uri = false;
  friend bool operator==(const Blob&, const Blob&) = default;
};
using VectorValue = std::vector<float>;
using ListValue = std::vector<Value>;

/// Null, or a value of one of the scalars, or a list. Signed integers of both widths are
/// `std::int64_t`, unsigned ones `std::uint64_t`, floats of both widths `double`.
class Value {
 public:
  using Variant = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
                               std::string, Date, DateTime, VectorValue, Blob, ListValue>;

  Value() = default;
  explicit Value(Variant data) : data_(std::move(data)) {}
  static Value Null() { return Value(); }
  static Value Bool(bool value) { return Value(Variant(value)); }
  static Value Int(std::int64_t value) { return Value(Variant(value)); }
  static Value Uint(std::uint64_t value) { return Value(Variant(value)); }
  static Value Float(double value) { return Value(Variant(value)); }
  static Value String(std::string value) { return Value(Variant(std::move(value))); }
  static Value List(ListValue value) { return Value(Variant(std::move(value))); }

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const Variant& data() const { return data_; }
  /// The value as `T`, or null when it is something else.
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&data_);
  }
  friend bool operator==(const Value&, const Value&) = default;

 private:
  Variant data_;
};

/// Appends `value` as JSON in the encoding of query results: dates as ISO text, floats per
/// base/json_writer.h, F32 (vector elements) widened exactly, blobs as `base64:…` or their URI.
void AppendJson(const Value& value, std::string& out);

/// The canonical spelling of a key value: strings verbatim, integers in decimal, `true`/`false`,
/// `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM:SS.mmmZ`, floats shortest round trip. Null gives "null".
std::string CanonicalText(const Value& value);

/// Orders two non-null values of comparable kinds; numbers of different kinds compare by their
/// exact mathematical value. NaN and kinds that do not compare are `unordered`.
std::partial_ordering Compare(const Value& left, const Value& right);

/// Converts a literal or parameter to what a property of `type` stores (integer to float, text to
/// enum, …). `what` ("Person.age") names the target in errors.
/// Errors: `kInvalidArgument` naming `what`, the type and the value.
Result<Value> ConvertForStorage(const Value& value, const Type& type, std::string_view what);

}  // namespace omnigraph::types
