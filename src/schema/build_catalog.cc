// Implements schema/build_catalog.h.

#include "schema/build_catalog.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "schema/canonical.h"

namespace omnigraph::schema {
namespace {

std::vector<Annotation> AnnotationsOf(const std::vector<AnnotationSyntax>& annotations) {
  std::vector<Annotation> result;
  for (const AnnotationSyntax& syntax : annotations) {
    Annotation& annotation = result.emplace_back();
    annotation.name = syntax.name.text;
    if (syntax.value) annotation.value = syntax.value->text;
    for (const KeywordArgument& keyword : syntax.keywords) {
      annotation.keywords.emplace_back(keyword.key.text, keyword.value.text);
    }
    std::sort(annotation.keywords.begin(), annotation.keywords.end());
  }
  return result;
}

std::vector<Property> PropertiesOf(const EffectiveType& type) {
  std::vector<Property> properties;
  for (const EffectiveProperty& effective : type.properties) {
    Property& property = properties.emplace_back();
    property.name = effective.syntax->name.text;
    property.type = effective.type;
    property.declared_position = static_cast<std::uint32_t>(properties.size() - 1);
    property.annotations = AnnotationsOf(effective.syntax->annotations);
  }
  std::sort(properties.begin(), properties.end(),
            [](const Property& a, const Property& b) { return a.name < b.name; });
  for (std::uint32_t i = 0; i < properties.size(); ++i)
    properties[i].ordinal = i;
  return properties;
}

// `@embed` names another property, so it waits until all are in place.
void LinkEmbeds(TableType& table) {
  for (Property& property : table.properties) {
    for (const Annotation& annotation : property.annotations) {
      if (annotation.name != "embed") continue;
      const Property* const source = table.FindProperty(annotation.value.value_or(""));
      if (source != nullptr) property.embed_source = source->ordinal;
      for (const auto& [key, value] : annotation.keywords) {
        if (key == "model") property.embed_model = value;
      }
    }
  }
}

ColumnGroup GroupOf(const TableType& table, const ConstraintSyntax& constraint) {
  ColumnGroup group;
  for (const Name& column : constraint.columns) {
    const Property* property = table.FindProperty(column.text);
    if (property != nullptr) {
      group.push_back(property->ordinal);
    } else {
      group.push_back(column.text == "src" ? kSourceColumn : kTargetColumn);
    }
  }
  std::sort(group.begin(), group.end(), [&table](PropertyOrdinal a, PropertyOrdinal b) {
    return table.ColumnName(a) < table.ColumnName(b);
  });
  return group;
}

void SortDistinct(std::vector<ColumnGroup>& groups) {
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
}

void FillTable(const EffectiveType& type, std::uint32_t declared_position, TableType& table) {
  const DeclarationSyntax& declaration = *type.declaration;
  table.name = declaration.name.text;
  table.table_key = TableKey(declaration.kind, table.name);
  table.declared_position = declared_position;
  table.annotations = AnnotationsOf(declaration.annotations);
  table.properties = PropertiesOf(type);
  for (const EffectiveConstraint& constraint : type.constraints) {
    const ColumnGroup group = GroupOf(table, constraint.syntax);
    if (constraint.syntax.kind == ConstraintKind::kUnique) table.unique_groups.push_back(group);
    if (constraint.syntax.kind == ConstraintKind::kIndex ||
        constraint.syntax.kind == ConstraintKind::kKey) {
      table.index_groups.push_back(group);
    }
  }
  SortDistinct(table.unique_groups);
  SortDistinct(table.index_groups);
  table.constraints = CanonicalConstraints(type);
}

NodeType NodeOf(const EffectiveType& type, std::uint32_t declared_position) {
  NodeType node;
  FillTable(type, declared_position, node);
  LinkEmbeds(node);
  const std::set<std::string> implements = [&type] {
    std::set<std::string> names;
    for (const Name& name : type.declaration->implements)
      names.insert(name.text);
    return names;
  }();
  node.implements.assign(implements.begin(), implements.end());
  for (const EffectiveConstraint& constraint : type.constraints) {
    const ConstraintSyntax& syntax = constraint.syntax;
    const ColumnGroup group = GroupOf(node, syntax);
    if (syntax.kind == ConstraintKind::kKey) node.key = group;
    if (syntax.kind == ConstraintKind::kRange) {
      node.ranges.push_back({group.front(), syntax.min, syntax.max});
    }
    if (syntax.kind == ConstraintKind::kCheck) {
      Result<Pattern> pattern = Pattern::Compile(syntax.pattern);
      OG_CHECK(pattern.ok());  // Compiled once before, by `CheckConstraints`.
      node.checks.push_back({group.front(), *std::move(pattern)});
    }
  }
  for (PropertyOrdinal column : node.key)
    node.properties[column].is_key = true;
  for (const ColumnGroup& group : node.index_groups) {
    if (group.size() != 1) continue;
    Property& property = node.properties[group.front()];
    property.index = IndexKindFor(property.type);
  }
  return node;
}

EdgeType EdgeOf(const EffectiveType& type, std::uint32_t declared_position,
                const std::vector<NodeType>& nodes) {
  EdgeType edge;
  FillTable(type, declared_position, edge);
  const auto ordinal_of = [&nodes](const std::string& name) {
    const auto found = std::lower_bound(
        nodes.begin(), nodes.end(), name,
        [](const NodeType& node, const std::string& wanted) { return node.name < wanted; });
    OG_CHECK(found != nodes.end() && found->name == name);
    return found->ordinal;
  };
  edge.from = ordinal_of(type.declaration->from.text);
  edge.to = ordinal_of(type.declaration->to.text);
  if (const auto& card = type.declaration->cardinality) edge.cardinality = {card->min, card->max};
  return edge;
}

template <typename Type>
void SortByName(std::vector<Type>& types) {
  std::sort(types.begin(), types.end(),
            [](const Type& a, const Type& b) { return a.name < b.name; });
}

template <typename Table>
void NumberInOrder(std::vector<Table>& tables) {
  SortByName(tables);
  for (std::uint32_t i = 0; i < tables.size(); ++i)
    tables[i].ordinal = i;
}

// Hands out the numbers of one schema.
class Numbering {
 public:
  explicit Numbering(SchemaIdentity& identity) : identity_(identity) {}

  StableId Number(const std::string& key, std::vector<Property>& properties) {
    const auto known = identity_.types.find(key);
    SchemaIdentity::Type before =
        known == identity_.types.end() ? SchemaIdentity::Type() : known->second;
    SchemaIdentity::Type& after = kept_[key];
    after.id = before.id != 0 ? before.id : identity_.next++;
    for (Property& property : properties) {
      const auto number = before.properties.find(property.name);
      property.id = number != before.properties.end() ? number->second : identity_.next++;
      after.properties[property.name] = property.id;
    }
    return after.id;
  }

  void Finish() { identity_.types = std::move(kept_); }

 private:
  SchemaIdentity& identity_;
  std::map<std::string, SchemaIdentity::Type> kept_;
};

}  // namespace

std::string TableKey(TypeKind kind, std::string_view name) {
  return std::string(TypeKindWord(kind)) + ":" + std::string(name);
}

std::shared_ptr<const Catalog> BuildCatalog(const std::vector<EffectiveType>& types,
                                            SchemaIdentity& identity) {
  std::vector<InterfaceType> interfaces;
  std::vector<NodeType> nodes;
  std::vector<EdgeType> edges;
  for (std::uint32_t i = 0; i < types.size(); ++i) {
    if (types[i].declaration->kind == TypeKind::kNode) nodes.push_back(NodeOf(types[i], i));
    if (types[i].declaration->kind == TypeKind::kInterface) {
      interfaces.push_back({types[i].declaration->name.text, 0, PropertiesOf(types[i])});
    }
  }
  SortByName(interfaces);
  NumberInOrder(nodes);
  for (std::uint32_t i = 0; i < types.size(); ++i) {
    if (types[i].declaration->kind == TypeKind::kEdge) edges.push_back(EdgeOf(types[i], i, nodes));
  }
  NumberInOrder(edges);

  Numbering numbering(identity);
  for (InterfaceType& interface : interfaces) {
    interface.id =
        numbering.Number(TableKey(TypeKind::kInterface, interface.name), interface.properties);
  }
  for (NodeType& node : nodes) {
    node.id = numbering.Number(node.table_key, node.properties);
    node.key_spelling_order = node.key;
    std::sort(node.key_spelling_order.begin(), node.key_spelling_order.end(),
              [&node](PropertyOrdinal a, PropertyOrdinal b) {
                return node.properties[a].id < node.properties[b].id;
              });
  }
  for (EdgeType& edge : edges)
    edge.id = numbering.Number(edge.table_key, edge.properties);
  numbering.Finish();
  return std::make_shared<const Catalog>(std::move(interfaces), std::move(nodes), std::move(edges));
}

}  // namespace omnigraph::schema
