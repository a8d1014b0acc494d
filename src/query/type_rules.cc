// Implements query/type_rules.h.

#include "query/type_rules.h"

namespace omnigraph::query {

using types::Scalar;
using types::Type;

Type ScalarType(Scalar scalar) {
  Type type;
  type.scalar = scalar;
  return type;
}

bool IsCompatible(const Type& left, const Type& right) {
  if (left.is_list != right.is_list) return false;
  if (types::IsNumeric(left.scalar) && types::IsNumeric(right.scalar)) return true;
  return left.scalar == right.scalar && left.dimensions == right.dimensions;
}

bool IsPlain(const Type& type) {
  return !type.is_list && !type.is_vector();
}
bool IsPlainString(const Type& type) {
  return !type.is_list && type.scalar == Scalar::kString;
}
bool IsPlainInteger(const Type& type) {
  return !type.is_list && types::IsInteger(type.scalar);
}
bool IsPlainNumber(const Type& type) {
  return !type.is_list && types::IsNumeric(type.scalar);
}

Type ElementType(const Type& list) {
  Type element = list;
  element.is_list = false;
  element.is_nullable = true;
  return element;
}

Comparison ComparisonOf(const Type& left, const Type& right) {
  switch (left.scalar) {
    case Scalar::kBool:
      return Comparison::kBool;
    case Scalar::kDate:
      return Comparison::kDate;
    case Scalar::kDateTime:
      return Comparison::kDateTime;
    case Scalar::kString:
    case Scalar::kVector:
    case Scalar::kBlob:
      return Comparison::kText;
    default:
      break;
  }
  const bool has_f32 = left.scalar == Scalar::kF32 || right.scalar == Scalar::kF32;
  return has_f32 ? Comparison::kRoundedNumber : Comparison::kExactNumber;
}

}  // namespace omnigraph::query
