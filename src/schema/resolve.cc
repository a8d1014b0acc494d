// Implements interface resolution (S5.1, S23.5).

#include "schema/resolve.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "base/check.h"
#include "schema/parser.h"

namespace omnigraph::schema {
namespace {

using InterfaceMap = std::map<std::string_view, const DeclarationSyntax*>;

bool HaveSameAnnotations(const PropertySyntax& a, const PropertySyntax& b) {
  const auto key = [](const AnnotationSyntax& annotation) {
    std::string text =
        annotation.name.text + "\n" + (annotation.value ? annotation.value->text : "");
    for (const KeywordArgument& keyword : annotation.keywords) {
      text += "\n" + keyword.key.text + "=" + keyword.value.text;
    }
    return text;
  };
  std::vector<std::string> left, right;
  for (const AnnotationSyntax& annotation : a.annotations)
    left.push_back(key(annotation));
  for (const AnnotationSyntax& annotation : b.annotations)
    right.push_back(key(annotation));
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

// Adds the properties of one interface to one node.
class Injector {
 public:
  Injector(EffectiveType& node, text::Diagnostics& diagnostics)
      : node_(node), diagnostics_(diagnostics) {}

  void Inject(const Name& reference, const DeclarationSyntax& interface) {
    for (const PropertySyntax& property : interface.properties) {
      const types::Type type = TypeOf(property.type);
      const EffectiveProperty* present = node_.Find(property.name.text);
      if (present == nullptr) {
        node_.Add({&property, type, &interface});
      } else if (present->type != type) {
        ReportType(reference, interface, property, *present);
      } else if (present->injected_by != nullptr && present->injected_by != &interface &&
                 !HaveSameAnnotations(*present->syntax, property)) {
        ReportAnnotations(reference, interface, property, *present);
      }
    }
  }

 private:
  void ReportType(const Name& reference, const DeclarationSyntax& interface,
                  const PropertySyntax& property, const EffectiveProperty& present) {
    const std::string& node = node_.declaration->name.text;
    text::Diagnostic diagnostic;
    diagnostic.code = kInterfaceCode;
    diagnostic.summary = "node " + node + " has property '" + property.name.text + "' of type " +
                         types::TypeName(present.type) + ", but interface " + interface.name.text +
                         " declares it with type " + types::TypeName(TypeOf(property.type));
    const bool is_own = present.injected_by == nullptr;
    diagnostic.primary = {is_own ? present.syntax->type.span : reference.span, ""};
    diagnostic.secondary = {{property.type.span, "declared by the interface"}};
    diagnostic.help = is_own ? "give both the same type, or remove the property from the node"
                             : "interfaces of one node must agree on the type";
    diagnostics_.Add(std::move(diagnostic));
  }

  void ReportAnnotations(const Name& reference, const DeclarationSyntax& interface,
                         const PropertySyntax& property, const EffectiveProperty& present) {
    text::Diagnostic diagnostic;
    diagnostic.code = kInterfaceCode;
    diagnostic.summary = "incompatible property semantics: node " + node_.declaration->name.text +
                         " gets property '" + property.name.text + "' from interfaces " +
                         present.injected_by->name.text + " and " + interface.name.text +
                         " with different annotations";
    diagnostic.primary = {reference.span, ""};
    diagnostic.secondary = {{present.syntax->span, ""}, {property.span, ""}};
    diagnostic.help =
        "declare the property on the node itself, with the annotations it should have";
    diagnostics_.Add(std::move(diagnostic));
  }

  EffectiveType& node_;
  text::Diagnostics& diagnostics_;
};

void AddConstraints(EffectiveType& type) {
  for (const EffectiveProperty& property : type.properties) {
    for (const AnnotationSyntax& annotation : property.syntax->annotations) {
      EffectiveConstraint constraint;
      if (annotation.name.text == "key") {
        constraint.syntax.kind = ConstraintKind::kKey;
      } else if (annotation.name.text == "unique") {
        constraint.syntax.kind = ConstraintKind::kUnique;
      } else if (annotation.name.text == "index") {
        constraint.syntax.kind = ConstraintKind::kIndex;
      } else {
        continue;
      }
      constraint.is_from_annotation = true;
      constraint.syntax.columns = {{property.syntax->name.text, annotation.span}};
      constraint.syntax.span = annotation.span;
      type.constraints.push_back(std::move(constraint));
    }
  }
  for (const ConstraintSyntax& constraint : type.declaration->constraints) {
    type.constraints.push_back({constraint, false});
  }
}

void ReportUnknownInterface(const DeclarationSyntax& node, const Name& reference,
                            const InterfaceMap& interfaces, text::Diagnostics& diagnostics) {
  if (diagnostics.is_full()) return;
  std::vector<std::string_view> names;
  for (const auto& [name, declaration] : interfaces)
    names.push_back(name);
  const std::string_view near = text::DidYouMean(reference.text, names);
  diagnostics.Error(std::string(kInterfaceCode), reference.span,
                    "node " + node.name.text + " implements unknown interface " + reference.text,
                    near.empty() ? "" : "did you mean '" + std::string(near) + "'?");
}

}  // namespace

void EffectiveType::Add(const EffectiveProperty& property) {
  place_by_name_.emplace(property.syntax->name.text, properties.size());
  properties.push_back(property);
}

const EffectiveProperty* EffectiveType::Find(std::string_view name) const {
  const auto found = place_by_name_.find(name);
  return found == place_by_name_.end() ? nullptr : &properties[found->second];
}

types::Type TypeOf(const TypeSyntax& syntax) {
  types::Type type;
  type.is_list = syntax.is_list;
  type.is_nullable = syntax.is_nullable;
  switch (syntax.form) {
    case TypeSyntax::Form::kScalar:
      OG_CHECK(types::FindScalar(syntax.scalar, &type.scalar));
      break;
    case TypeSyntax::Form::kVector:
      type.scalar = types::Scalar::kVector;
      type.dimensions = syntax.dimension;
      break;
    case TypeSyntax::Form::kEnum:
      for (const Name& value : syntax.enum_values)
        type.enum_values.push_back(value.text);
      std::sort(type.enum_values.begin(), type.enum_values.end());
      type.enum_values.erase(std::unique(type.enum_values.begin(), type.enum_values.end()),
                             type.enum_values.end());
      break;
  }
  return type;
}

std::vector<EffectiveType> ResolveInterfaces(const SchemaSyntax& schema,
                                             text::Diagnostics& diagnostics) {
  InterfaceMap interfaces;
  for (const DeclarationSyntax& declaration : schema.declarations) {
    if (declaration.kind == TypeKind::kInterface) {
      interfaces.emplace(declaration.name.text, &declaration);
    }
  }
  std::vector<EffectiveType> types;
  for (const DeclarationSyntax& declaration : schema.declarations) {
    EffectiveType type;
    type.declaration = &declaration;
    for (const PropertySyntax& property : declaration.properties) {
      type.Add({&property, TypeOf(property.type), nullptr});
    }
    for (const Name& reference : declaration.implements) {
      const auto found = interfaces.find(reference.text);
      if (found == interfaces.end()) {
        ReportUnknownInterface(declaration, reference, interfaces, diagnostics);
        type.is_complete = false;
      } else {
        Injector(type, diagnostics).Inject(reference, *found->second);
      }
    }
    AddConstraints(type);
    types.push_back(std::move(type));
  }
  return types;
}

}  // namespace omnigraph::schema
