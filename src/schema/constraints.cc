// Implements schema/constraints.h.

#include "schema/constraints.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "schema/canonical.h"

namespace omnigraph::schema {
namespace {

std::string TargetOf(const TableType& table, const Property& property) {
  return table.name + "." + property.name;
}

std::optional<double> NumberOf(const std::optional<Bound>& bound) {
  if (!bound) return std::nullopt;
  return bound->number;
}

}  // namespace

ValueConstraints ValueConstraints::Of(const TableType& table) {
  ValueConstraints constraints;
  for (const Property& property : table.properties) {
    if (property.type.is_enum()) constraints.enums_.push_back(&property);
  }
  if (!IsNodeTable(table)) return constraints;
  const auto& node = static_cast<const NodeType&>(table);
  for (const RangeConstraint& range : node.ranges) {
    constraints.ranges_.push_back(
        {&range, &node.properties[range.property], NumberOf(range.min), NumberOf(range.max)});
  }
  for (const CheckConstraint& check : node.checks) {
    constraints.patterns_.push_back({&check, &node.properties[check.property], check.pattern});
  }
  return constraints;
}

bool IsEnumValue(const types::Type& type, std::string_view value) {
  return std::binary_search(type.enum_values.begin(), type.enum_values.end(), value);
}

std::string RangeViolation(const TableType& table, const RangeCheck& check, double value,
                           std::string_view value_text) {
  const std::string head = "@range violation on " + TargetOf(table, *check.property) + ": ";
  if (std::isnan(value)) return head + "NaN is not a number";
  const bool is_below = check.min && value < *check.min;
  return head + std::string(value_text) +
         (is_below ? " < min " + BoundText(check.constraint->min)
                   : " > max " + BoundText(check.constraint->max));
}

std::string PatternViolation(const TableType& table, const PatternCheck& check,
                             std::string_view value) {
  return "@check violation on " + TargetOf(table, *check.property) + ": " + Quoted(value) +
         " does not match '" + check.pattern.text() + "'";
}

std::string EnumViolation(const TableType& table, const Property& property,
                          std::string_view value) {
  return "invalid enum value " + Quoted(value) + " for " + TargetOf(table, property) +
         ": expected one of " + types::EnumValuesText(property.type);
}

std::string UniqueViolation(const TableType& table, const ColumnGroup& group,
                            const std::vector<std::string>& values) {
  const std::string value =
      values.size() == 1 ? Quoted(values.front()) : "(" + Abbreviate(Join(values, ", ")) + ")";
  return "@unique violation on " + table.name + "." + table.GroupName(group) + ": " + value +
         " is used more than once";
}

std::optional<std::string> CardinalityViolation(const EdgeType& edge, std::string_view source_id,
                                                std::uint64_t edges_count, bool has_lost_edges) {
  const Cardinality& card = edge.cardinality;
  const bool is_below = (edges_count > 0 || has_lost_edges) && edges_count < card.min;
  const bool is_above = card.max && edges_count > *card.max;
  if (!is_below && !is_above) return std::nullopt;
  return "@card violation on edge " + edge.name + ": source " + Quoted(source_id) + " has " +
         std::to_string(edges_count) + " edges (" +
         (is_above ? "max " + std::to_string(*card.max) : "min " + std::to_string(card.min)) + ")";
}

}  // namespace omnigraph::schema
