// Write-time constraints, ready to run, and the words of their violations (S13.3). Load, mutation,
// merge and schema change share both, so that a violation reads the same wherever it is found.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "schema/catalog.h"
#include "schema/pattern.h"

namespace omnigraph::schema {

/// `@range` with its bounds as 64-bit floats, in which values are compared (S6.4).
struct RangeCheck {
  const RangeConstraint* constraint = nullptr;
  const Property* property = nullptr;
  std::optional<double> min, max;
  /// False for NaN.
  bool Admits(double value) const {
    return !(min && !(value >= *min)) && !(max && !(value <= *max));
  }
};

struct PatternCheck {
  const CheckConstraint* constraint = nullptr;
  const Property* property = nullptr;
  Pattern pattern;
};

/// The checks of single values of one table; null values pass all of them. Points into the catalog,
/// which must outlive it. Immutable, thread safe.
class ValueConstraints {
 public:
  /// Edges have enums only. Cost: O(properties); the catalog holds the compiled patterns.
  static ValueConstraints Of(const TableType& table);

  std::span<const RangeCheck> ranges() const { return ranges_; }
  std::span<const PatternCheck> patterns() const { return patterns_; }
  /// Properties with an enum type, lists of enums do not exist.
  std::span<const Property* const> enums() const { return enums_; }
  bool empty() const { return ranges_.empty() && patterns_.empty() && enums_.empty(); }

 private:
  std::vector<RangeCheck> ranges_;
  std::vector<PatternCheck> patterns_;
  std::vector<const Property*> enums_;
};

/// Whether `value` is one of the values of an enum type. Cost: O(log values).
bool IsEnumValue(const types::Type& type, std::string_view value);

/// "@range violation on Pilot.age: 71 > max 70". `value_text` is how the message shows `value`.
std::string RangeViolation(const TableType& table, const RangeCheck& check, double value,
                           std::string_view value_text);
/// "@check violation on Pilot.phone: 'call' does not match '^[+]'".
std::string PatternViolation(const TableType& table, const PatternCheck& check,
                             std::string_view value);
/// "invalid enum value 'c' for Pilot.grade: expected one of a, b".
std::string EnumViolation(const TableType& table, const Property& property, std::string_view value);
/// "@unique violation on Pilot.(seat, zone): (4, s) …"; `values` in the order of `group`.
std::string UniqueViolation(const TableType& table, const ColumnGroup& group,
                            const std::vector<std::string>& values);
/// "@card violation on edge Steers: source 'p1' has 3 edges (max 2)", or nothing if `edges_count`
/// is within the limits. Sources without any edge violate a minimum only with `has_lost_edges`:
/// when the operation took the edges that there were.
std::optional<std::string> CardinalityViolation(const EdgeType& edge, std::string_view source_id,
                                                std::uint64_t edges_count,
                                                bool has_lost_edges = false);

}  // namespace omnigraph::schema
