// Phase 6: the declarations together (S7.5).

#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/strings.h"
#include "schema/check.h"
#include "schema/parser.h"

namespace omnigraph::schema {
namespace {

using DeclarationMap = std::map<std::string, const DeclarationSyntax*>;

class CatalogChecker {
 public:
  explicit CatalogChecker(text::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void Run(const std::vector<EffectiveType>& types) {
    for (const EffectiveType& type : types)
      CheckName(*type.declaration);
    for (const EffectiveType& type : types)
      CheckProperties(*type.declaration);
    for (const EffectiveType& type : types) {
      const DeclarationSyntax& declaration = *type.declaration;
      if (declaration.kind != TypeKind::kEdge) continue;
      CheckEndpoint(declaration, declaration.from, "source");
      CheckEndpoint(declaration, declaration.to, "target");
    }
  }

 private:
  void Fail(text::Span span, std::string summary, text::Span earlier, std::string_view label,
            std::string help = {}) {
    text::Diagnostic diagnostic;
    diagnostic.code = kCatalogCode;
    diagnostic.summary = std::move(summary);
    diagnostic.primary = {span, ""};
    if (!label.empty()) diagnostic.secondary = {{earlier, std::string(label)}};
    diagnostic.help = std::move(help);
    diagnostics_.Add(std::move(diagnostic));
  }

  void CheckName(const DeclarationSyntax& declaration) {
    const std::string& name = declaration.name.text;
    DeclarationMap& names = declared_[declaration.kind];
    const auto [earlier, is_new] = names.emplace(name, &declaration);
    if (!is_new) {
      const std::string_view suffix = declaration.kind == TypeKind::kInterface ? ": " : " type: ";
      Fail(declaration.name.span,
           "duplicate " + std::string(TypeKindWord(declaration.kind)) + std::string(suffix) + name,
           earlier->second->name.span, "first declared here");
      return;
    }
    if (declaration.kind != TypeKind::kEdge) return;
    const auto [same, is_new_fold] = folded_edges_.emplace(ToLowerAscii(name), &declaration);
    if (!is_new_fold) {
      Fail(declaration.name.span,
           "edge types " + same->second->name.text + " and " + name +
               " have the same name after case folding",
           same->second->name.span, "first declared here",
           "edges are found without regard to case; rename one of them");
    }
  }

  void CheckProperties(const DeclarationSyntax& declaration) {
    std::map<std::string, text::Span> seen;
    for (const PropertySyntax& property : declaration.properties) {
      const std::string& name = property.name.text;
      const std::string target = declaration.name.text + "." + name;
      const bool is_edge = declaration.kind == TypeKind::kEdge;
      if (name == "id" || (is_edge && (name == "src" || name == "dst"))) {
        Fail(property.name.span, "property name '" + name + "' is reserved: " + target, {}, "",
             is_edge ? "every edge has id, src and dst by itself"
                     : "every node has an id by itself");
      }
      const auto [earlier, is_new] = seen.emplace(name, property.name.span);
      if (!is_new) {
        Fail(property.name.span, "duplicate property " + target, earlier->second,
             "first declared here");
      }
    }
  }

  void CheckEndpoint(const DeclarationSyntax& edge, const Name& endpoint, std::string_view which) {
    const DeclarationMap& nodes = declared_[TypeKind::kNode];
    if (nodes.contains(endpoint.text) || diagnostics_.is_full()) return;
    std::string help;
    if (declared_[TypeKind::kInterface].contains(endpoint.text)) {
      help = endpoint.text + " is an interface; an edge connects nodes";
    } else {
      std::vector<std::string_view> names;
      for (const auto& [name, declaration] : nodes)
        names.push_back(name);
      const std::string_view near = text::DidYouMean(endpoint.text, names);
      if (!near.empty()) help = "did you mean '" + std::string(near) + "'?";
    }
    Fail(endpoint.span,
         "edge " + edge.name.text + " references unknown " + std::string(which) +
             " type: " + endpoint.text,
         {}, "", std::move(help));
  }

  text::Diagnostics& diagnostics_;
  std::map<TypeKind, DeclarationMap> declared_;
  DeclarationMap folded_edges_;
};

}  // namespace

void CheckCatalog(const std::vector<EffectiveType>& types, text::Diagnostics& diagnostics) {
  CatalogChecker(diagnostics).Run(types);
}

}  // namespace omnigraph::schema
