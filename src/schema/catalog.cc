// Implements the lookups of schema/catalog.h.

#include "schema/catalog.h"

#include <algorithm>

#include "base/check.h"
#include "base/strings.h"

namespace omnigraph::schema {

const Property* TableType::FindProperty(std::string_view property_name) const {
  const auto found = std::lower_bound(
      properties.begin(), properties.end(), property_name,
      [](const Property& property, std::string_view wanted) { return property.name < wanted; });
  return found != properties.end() && found->name == property_name ? &*found : nullptr;
}

const Property* TableType::FindPropertyById(StableId property_id) const {
  const auto found =
      std::find_if(properties.begin(), properties.end(),
                   [property_id](const Property& property) { return property.id == property_id; });
  return found == properties.end() ? nullptr : &*found;
}

std::string_view TableType::ColumnName(PropertyOrdinal column) const {
  if (column == kIdColumn) return "id";
  if (column == kSourceColumn) return "src";
  if (column == kTargetColumn) return "dst";
  return properties[column].name;
}

std::string TableType::GroupName(const ColumnGroup& group) const {
  std::vector<std::string> names;
  for (PropertyOrdinal column : group)
    names.emplace_back(ColumnName(column));
  return names.size() == 1 ? names.front() : "(" + Join(names, ", ") + ")";
}

std::vector<PropertyOrdinal> TableType::DeclaredOrder() const {
  std::vector<PropertyOrdinal> order(properties.size());
  for (const Property& property : properties)
    order[property.declared_position] = property.ordinal;
  return order;
}

Catalog::Catalog(std::vector<InterfaceType> interfaces, std::vector<NodeType> nodes,
                 std::vector<EdgeType> edges)
    : interfaces_(std::move(interfaces)), nodes_(std::move(nodes)), edges_(std::move(edges)) {
  for (const NodeType& node : nodes_) {
    node_by_name_.emplace(node.name, &node);
    by_table_key_.emplace(node.table_key, &node);
    by_id_.emplace(node.id, &node);
  }
  for (const EdgeType& edge : edges_) {
    edge_by_name_.emplace(edge.name, &edge);
    edge_by_folded_name_.emplace(ToLowerAscii(edge.name), &edge);
    by_table_key_.emplace(edge.table_key, &edge);
    by_id_.emplace(edge.id, &edge);
  }
  OG_CHECK(by_table_key_.size() == nodes_.size() + edges_.size());
  OG_CHECK(by_id_.size() == by_table_key_.size());
}

const NodeType* Catalog::FindNode(std::string_view name) const {
  const auto found = node_by_name_.find(name);
  return found == node_by_name_.end() ? nullptr : found->second;
}

const EdgeType* Catalog::FindEdge(std::string_view name) const {
  const auto exact = edge_by_name_.find(name);
  if (exact != edge_by_name_.end()) return exact->second;
  const auto folded = edge_by_folded_name_.find(ToLowerAscii(name));
  return folded == edge_by_folded_name_.end() ? nullptr : folded->second;
}

const InterfaceType* Catalog::FindInterface(std::string_view name) const {
  const auto found = std::lower_bound(interfaces_.begin(), interfaces_.end(), name,
                                      [](const InterfaceType& interface, std::string_view wanted) {
                                        return interface.name < wanted;
                                      });
  return found != interfaces_.end() && found->name == name ? &*found : nullptr;
}

const TableType* Catalog::FindTable(std::string_view table_key) const {
  const auto found = by_table_key_.find(table_key);
  return found == by_table_key_.end() ? nullptr : found->second;
}

const TableType* Catalog::FindTableById(StableId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<const TableType*> Catalog::Tables() const {
  std::vector<const TableType*> tables;
  for (const NodeType& node : nodes_)
    tables.push_back(&node);
  for (const EdgeType& edge : edges_)
    tables.push_back(&edge);
  return tables;
}

std::vector<std::string_view> Catalog::NodeNames() const {
  std::vector<std::string_view> names;
  for (const NodeType& node : nodes_)
    names.push_back(node.name);
  return names;
}

std::vector<std::string_view> Catalog::EdgeNames() const {
  std::vector<std::string_view> names;
  for (const EdgeType& edge : edges_)
    names.push_back(edge.name);
  return names;
}

std::vector<const EdgeType*> Catalog::EdgesOf(const NodeType& node) const {
  std::vector<const EdgeType*> edges;
  for (const EdgeType& edge : edges_) {
    if (edge.from == node.ordinal || edge.to == node.ordinal) edges.push_back(&edge);
  }
  return edges;
}

IndexKind IndexKindFor(const types::Type& type) {
  if (type.is_list || type.scalar == types::Scalar::kBlob) return IndexKind::kNone;
  if (type.is_vector()) return IndexKind::kVector;
  if (type.scalar == types::Scalar::kString && !type.is_enum()) return IndexKind::kText;
  return IndexKind::kOrdered;
}

}  // namespace omnigraph::schema
