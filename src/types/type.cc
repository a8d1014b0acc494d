// Implements types/type.h.

#include "types/type.h"

#include <array>

#include "base/check.h"
#include "base/strings.h"

namespace omnigraph::types {
namespace {

constexpr std::array<std::string_view, 12> kNames = {"String", "Bool",     "I32",    "I64",
                                                     "U32",    "U64",      "F32",    "F64",
                                                     "Date",   "DateTime", "Vector", "Blob"};

}  // namespace

std::string_view ScalarName(Scalar scalar) {
  return kNames[static_cast<std::size_t>(scalar)];
}

bool FindScalar(std::string_view name, Scalar* scalar) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name && static_cast<Scalar>(i) != Scalar::kVector) {
      *scalar = static_cast<Scalar>(i);
      return true;
    }
  }
  return false;
}

bool IsInteger(Scalar scalar) {
  return scalar >= Scalar::kI32 && scalar <= Scalar::kU64;
}

bool IsFloat(Scalar scalar) {
  return scalar == Scalar::kF32 || scalar == Scalar::kF64;
}

std::string EnumValuesText(const Type& type) {
  constexpr std::size_t kShownMax = 30;
  const std::size_t count = type.enum_values.size();
  if (count <= kShownMax) return Join(type.enum_values, ", ");
  const auto begin = type.enum_values.begin();
  return Join(std::vector<std::string>(begin, begin + kShownMax), ", ") + ", … (" +
         std::to_string(count - kShownMax) + " more)";
}

std::string TypeName(const Type& type) {
  std::string name;
  if (type.is_enum()) {
    name = "enum(" + EnumValuesText(type) + ")";
  } else if (type.is_vector()) {
    name = "Vector(" + std::to_string(type.dimensions) + ")";
  } else {
    name = ScalarName(type.scalar);
  }
  if (type.is_list) name = "[" + name + "]";
  if (type.is_nullable) name += "?";
  return name;
}

}  // namespace omnigraph::types
