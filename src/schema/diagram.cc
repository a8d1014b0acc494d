// Implements schema/diagram.h.

#include "schema/diagram.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"

namespace omnigraph::schema {
namespace {

// Mermaid types are one word, so that an enum's values go into the comment.
std::string TypeWord(const types::Type& type) {
  if (type.is_enum()) return "enum";
  if (type.is_vector()) return "Vector(" + std::to_string(type.dimensions) + ")";
  return std::string(types::ScalarName(type.scalar)) + (type.is_list ? "[]" : "");
}

bool IsUniqueAlone(const TableType& table, PropertyOrdinal column) {
  return std::find(table.unique_groups.begin(), table.unique_groups.end(), ColumnGroup{column}) !=
         table.unique_groups.end();
}

void AppendProperty(const NodeType& node, const Property& property, std::string& out) {
  out += "        " + TypeWord(property.type) + " " + property.name;
  if (property.is_key) {
    out += " PK";
  } else if (IsUniqueAlone(node, property.ordinal)) {
    out += " UK";
  }
  std::vector<std::string> notes = property.type.enum_values;
  if (property.type.is_nullable) notes.push_back("nullable");
  if (!notes.empty()) out += " \"" + Join(notes, ", ") + "\"";
  out += '\n';
}

// How many targets a source has, as the right end of the line.
std::string_view TargetEnd(const EdgeType& edge) {
  const bool is_one = edge.cardinality.max == 1 || IsUniqueAlone(edge, kSourceColumn);
  if (edge.cardinality.min > 0) return is_one ? "||" : "|{";
  return is_one ? "o|" : "o{";
}

std::string EdgeLabel(const EdgeType& edge) {
  std::vector<std::string> properties;
  for (PropertyOrdinal ordinal : edge.DeclaredOrder()) {
    const Property& property = edge.properties[ordinal];
    properties.push_back(property.name + ": " + types::TypeName(property.type));
  }
  if (properties.empty()) return edge.name;
  return "\"" + edge.name + " (" + Join(properties, ", ") + ")\"";
}

}  // namespace

std::string MermaidDiagram(const Catalog& catalog) {
  std::string out = "erDiagram\n";
  for (const NodeType& node : catalog.nodes()) {
    out += "    " + node.name + " {\n";
    for (PropertyOrdinal ordinal : node.DeclaredOrder()) {
      AppendProperty(node, node.properties[ordinal], out);
    }
    out += "    }\n";
  }
  for (const EdgeType& edge : catalog.edges()) {
    const std::string_view source_end = IsUniqueAlone(edge, kTargetColumn) ? "|o" : "}o";
    out += "    " + catalog.node(edge.from).name + " " + std::string(source_end) + "--" +
           std::string(TargetEnd(edge)) + " " + catalog.node(edge.to).name + " : " +
           EdgeLabel(edge) + "\n";
  }
  return out;
}

}  // namespace omnigraph::schema
