// The type system of properties, parameters and literals.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace omnigraph::types {

/// What one value is. Enumerations are strings with a closed set of values.
enum class Scalar : unsigned char {
  kString,
  kBool,
  kI32,
  kI64,
  kU32,
  kU64,
  kF32,
  kF64,
  kDate,      ///< A calendar day: days since 1970-01-01, 32 bits.
  kDateTime,  ///< An instant: milliseconds since 1970-01-01T00:00:00Z, 64 bits.
  kVector,    ///< Exactly `dimensions` F32 values.
  kBlob,      ///< Opaque bytes, or the URI of bytes kept elsewhere.
};

/// "String", "I32", … ; "Vector" and "Blob" without their parts.
std::string_view ScalarName(Scalar scalar);

/// The scalar with that exact spelling ("Vector" is not among them); false if there is none.
bool FindScalar(std::string_view name, Scalar* scalar);

/// Whether values are whole numbers (`kI32 … kU64`) or any number.
bool IsInteger(Scalar scalar);
bool IsFloat(Scalar scalar);
inline bool IsNumeric(Scalar scalar) {
  return IsInteger(scalar) || IsFloat(scalar);
}

/// The type of a property or parameter.
struct Type {
  Scalar scalar = Scalar::kString;
  bool is_list = false;
  bool is_nullable = false;
  std::uint32_t dimensions = 0;            ///< Of a vector, else 0.
  std::vector<std::string> enum_values{};  ///< Ascending and distinct; empty when not an enum.

  bool is_enum() const { return !enum_values.empty(); }
  bool is_vector() const { return scalar == Scalar::kVector; }
  friend bool operator==(const Type&, const Type&) = default;
};

/// The spelling that messages use: `I32?`, `[String]`, `Vector(3)`, `enum(a, b)?`.
std::string TypeName(const Type& type);

/// The values of an enum for messages: "a, b, c"; of a large one the first, and how many more.
std::string EnumValuesText(const Type& type);

}  // namespace omnigraph::types
