// Implements schema/canonical.h.

#include "schema/canonical.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/strings.h"

namespace omnigraph::schema {
namespace {

// FNV-1a with 32 bits, as the contract's numbers of the canonical form (S9.3); 0 becomes 1.
std::uint32_t NameNumber(std::string_view text) {
  std::uint32_t hash = 2166136261u;
  for (const char c : text)
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash == 0 ? 1 : hash;
}

void WriteBound(const std::optional<Bound>& bound, JsonWriter& json) {
  if (!bound) {
    json.Null();
  } else if (bound->is_integer) {
    json.BeginObject().Key("Integer").Int(bound->integer).EndObject();
  } else {
    json.BeginObject().Key("Float").Double(bound->number).EndObject();
  }
}

void WriteType(const types::Type& type, JsonWriter& json) {
  json.BeginObject().Key("scalar");
  if (type.is_vector()) {
    json.BeginObject().Key("Vector").Uint(type.dimensions).EndObject();
  } else {
    json.String(types::ScalarName(type.scalar));
  }
  json.Key("nullable").Bool(type.is_nullable).Key("list").Bool(type.is_list).Key("enum_values");
  if (type.is_enum()) {
    json.BeginArray();
    for (const std::string& value : type.enum_values)
      json.String(value);
    json.EndArray();
  } else {
    json.Null();
  }
  json.EndObject();
}

void WriteConstraint(const DeclaredConstraint& constraint, JsonWriter& json) {
  json.BeginObject();
  switch (constraint.kind) {
    case ConstraintKind::kRange:
      json.Key("Range").BeginObject().Key("property").String(constraint.columns.front());
      json.Key("min");
      WriteBound(constraint.min, json);
      json.Key("max");
      WriteBound(constraint.max, json);
      json.EndObject();
      break;
    case ConstraintKind::kCheck:
      json.Key("Check").BeginObject().Key("property").String(constraint.columns.front());
      json.Key("pattern").String(constraint.pattern).EndObject();
      break;
    case ConstraintKind::kKey:
    case ConstraintKind::kUnique:
    case ConstraintKind::kIndex: {
      std::string_view name = "Index";
      if (constraint.kind == ConstraintKind::kKey) name = "Key";
      if (constraint.kind == ConstraintKind::kUnique) name = "Unique";
      json.Key(name).BeginArray();
      for (const std::string& column : constraint.columns)
        json.String(column);
      json.EndArray();
      break;
    }
  }
  json.EndObject();
}

std::string AnnotationJson(const AnnotationSyntax& annotation) {
  std::string text;
  JsonWriter json(text);
  json.BeginObject().Key("name").String(annotation.name.text).Key("value");
  annotation.value ? json.String(annotation.value->text) : json.Null();
  if (!annotation.keywords.empty()) {
    std::vector<std::pair<std::string, std::string>> keywords;
    for (const KeywordArgument& keyword : annotation.keywords) {
      keywords.emplace_back(keyword.key.text, keyword.value.text);
    }
    std::sort(keywords.begin(), keywords.end());
    json.Key("kwargs").BeginObject();
    for (const auto& [key, value] : keywords)
      json.Key(key).String(value);
    json.EndObject();
  }
  json.EndObject();
  return text;
}

void WriteAnnotations(std::vector<AnnotationSyntax> annotations, JsonWriter& json) {
  std::stable_sort(annotations.begin(), annotations.end(),
                   [](const AnnotationSyntax& a, const AnnotationSyntax& b) {
                     const auto value = [](const AnnotationSyntax& annotation) {
                       return annotation.value ? std::optional(annotation.value->text)
                                               : std::nullopt;
                     };
                     return std::pair(a.name.text, value(a)) < std::pair(b.name.text, value(b));
                   });
  json.BeginArray();
  for (const AnnotationSyntax& annotation : annotations)
    json.Raw(AnnotationJson(annotation));
  json.EndArray();
}

void WriteProperties(const EffectiveType& type, JsonWriter& json) {
  std::vector<const EffectiveProperty*> properties;
  for (const EffectiveProperty& property : type.properties)
    properties.push_back(&property);
  std::sort(properties.begin(), properties.end(),
            [](const EffectiveProperty* a, const EffectiveProperty* b) {
              return a->syntax->name.text < b->syntax->name.text;
            });
  const std::string owner =
      std::string(TypeKindWord(type.declaration->kind)) + ":" + type.declaration->name.text + ":";
  json.Key("properties").BeginArray();
  for (const EffectiveProperty* property : properties) {
    const std::string& name = property->syntax->name.text;
    json.BeginObject().Key("name").String(name);
    json.Key("prop_id").Uint(NameNumber(owner + name)).Key("prop_type");
    WriteType(property->type, json);
    json.Key("annotations");
    WriteAnnotations(property->syntax->annotations, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteImplements(const DeclarationSyntax& node, JsonWriter& json) {
  std::set<std::string> names;
  for (const Name& name : node.implements)
    names.insert(name.text);
  json.Key("implements").BeginArray();
  for (const std::string& name : names)
    json.String(name);
  json.EndArray();
}

void WriteEndpoints(const DeclarationSyntax& edge, JsonWriter& json) {
  const CardinalitySyntax card = edge.cardinality.value_or(CardinalitySyntax());
  json.Key("from_type").String(edge.from.text).Key("to_type").String(edge.to.text);
  json.Key("cardinality").BeginObject().Key("min").Uint(card.min).Key("max");
  card.max ? json.Uint(*card.max) : json.Null();
  json.EndObject();
}

void WriteDeclaration(const EffectiveType& type, JsonWriter& json) {
  const DeclarationSyntax& declaration = *type.declaration;
  const std::string key = std::string(TypeKindWord(declaration.kind)) + ":" + declaration.name.text;
  json.BeginObject().Key("name").String(declaration.name.text);
  json.Key("type_id").Uint(NameNumber(key));
  if (declaration.kind == TypeKind::kEdge) WriteEndpoints(declaration, json);
  if (declaration.kind != TypeKind::kInterface) {
    json.Key("annotations");
    WriteAnnotations(declaration.annotations, json);
  }
  if (declaration.kind == TypeKind::kNode) WriteImplements(declaration, json);
  WriteProperties(type, json);
  if (declaration.kind != TypeKind::kInterface) {
    json.Key("constraints").BeginArray();
    for (const DeclaredConstraint& constraint : CanonicalConstraints(type)) {
      WriteConstraint(constraint, json);
    }
    json.EndArray();
  }
  json.EndObject();
}

}  // namespace

std::string TypeJson(const types::Type& type) {
  std::string text;
  JsonWriter json(text);
  WriteType(type, json);
  return text;
}

std::string ConstraintJson(const DeclaredConstraint& constraint) {
  std::string text;
  JsonWriter json(text);
  WriteConstraint(constraint, json);
  return text;
}

std::string BoundText(const std::optional<Bound>& bound) {
  if (!bound) return "";
  if (bound->is_integer) return std::to_string(bound->integer);
  std::string text;
  AppendJsonDouble(bound->number, text);
  return text;
}

std::string ConstraintKey(const DeclaredConstraint& constraint) {
  std::string key =
      std::string(ConstraintWord(constraint.kind)) + ":" + Join(constraint.columns, ",");
  if (constraint.kind == ConstraintKind::kRange) {
    key += ":" + BoundText(constraint.min) + ":" + BoundText(constraint.max);
  }
  if (constraint.kind == ConstraintKind::kCheck) key += ":" + constraint.pattern;
  return key;
}

std::vector<DeclaredConstraint> CanonicalConstraints(const EffectiveType& type) {
  std::map<std::string, DeclaredConstraint> by_key;
  for (const EffectiveConstraint& effective : type.constraints) {
    const ConstraintSyntax& syntax = effective.syntax;
    DeclaredConstraint constraint = {syntax.kind, {}, syntax.min, syntax.max, syntax.pattern};
    for (const Name& column : syntax.columns)
      constraint.columns.push_back(column.text);
    std::sort(constraint.columns.begin(), constraint.columns.end());
    std::string key = ConstraintKey(constraint);
    by_key.emplace(std::move(key), std::move(constraint));
  }
  std::vector<DeclaredConstraint> constraints;
  for (auto& [key, constraint] : by_key)
    constraints.push_back(std::move(constraint));
  return constraints;
}

std::string CanonicalJson(const std::vector<EffectiveType>& types) {
  std::vector<const EffectiveType*> sorted;
  for (const EffectiveType& type : types)
    sorted.push_back(&type);
  std::sort(sorted.begin(), sorted.end(), [](const EffectiveType* a, const EffectiveType* b) {
    return a->declaration->name.text < b->declaration->name.text;
  });
  std::string text;
  JsonWriter json(text);
  json.BeginObject().Key("ir_version").Int(1);
  for (const auto& [kind, key] :
       {std::pair(TypeKind::kInterface, "interfaces"), std::pair(TypeKind::kNode, "nodes"),
        std::pair(TypeKind::kEdge, "edges")}) {
    json.Key(key).BeginArray();
    for (const EffectiveType* type : sorted) {
      if (type->declaration->kind == kind) WriteDeclaration(*type, json);
    }
    json.EndArray();
  }
  json.EndObject();
  return text;
}

}  // namespace omnigraph::schema
