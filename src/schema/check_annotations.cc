// Phase 4: which annotation may stand where, and with what argument (S7.3).

#include <map>
#include <string>
#include <utility>

#include "base/strings.h"
#include "schema/check.h"
#include "schema/parser.h"

namespace omnigraph::schema {
namespace {

bool IsStructural(std::string_view name) {
  return name == "key" || name == "unique" || name == "index" || name == "embed";
}

bool IsBlank(const AnnotationSyntax& annotation) {
  return !annotation.value || TrimSpace(annotation.value->text).empty();
}

class AnnotationChecker {
 public:
  AnnotationChecker(const EffectiveType& type, text::Diagnostics& diagnostics)
      : type_(type), owner_(*type.declaration), diagnostics_(diagnostics) {}

  void Run() {
    CheckHeader();
    for (const EffectiveProperty& property : type_.properties) {
      if (property.injected_by == nullptr) {
        CheckProperty(property);
      } else if (property.type.is_vector() && !property.type.is_list) {
        for (const AnnotationSyntax& annotation : property.syntax->annotations) {
          if (annotation.name.text == "embed") CheckEmbedSource(annotation);
        }
      }
    }
  }

 private:
  using Counts = std::map<std::string_view, int>;

  void Fail(text::Span span, std::string summary, std::string help = {}) {
    diagnostics_.Error(std::string(kAnnotationCode), span, std::move(summary), std::move(help));
  }

  void CheckHeader() {
    Counts counts;
    const std::string target = std::string(TypeKindWord(owner_.kind)) + " " + owner_.name.text;
    for (const AnnotationSyntax& annotation : owner_.annotations) {
      const std::string word = "@" + annotation.name.text;
      if (!IsStructural(annotation.name.text)) {
        CheckMetadata(annotation, target, counts);
      } else if (owner_.kind == TypeKind::kEdge) {
        Fail(annotation.span, word + " is not supported on edges: " + target,
             annotation.name.text == "unique"
                 ? "write @unique(src, dst) in the edge's body to forbid parallel edges"
                 : "annotate a property of the edge instead");
      } else {
        Fail(annotation.span, word + " is only supported on node properties, not on " + target,
             "write it behind a property, or as " + word + "(…) in the body");
      }
    }
  }

  // Annotations that mean the same on types and properties.
  void CheckMetadata(const AnnotationSyntax& annotation, const std::string& target,
                     Counts& counts) {
    const std::string& name = annotation.name.text;
    if (name != "description" && name != "instruction" && name != "rename_from") return;
    if (++counts[name] == 2) {
      Fail(annotation.span, target + " declares @" + name + " multiple times");
      return;
    }
    if (IsBlank(annotation)) {
      Fail(annotation.span, "@" + name + " on " + target + " requires a non-empty value",
           name == "rename_from" ? "name what it was called: @rename_from(\"OldName\")" : "");
    } else if (!annotation.keywords.empty()) {
      Fail(annotation.keywords.front().key.span,
           "@" + name + " on " + target + " takes one value and nothing else");
    }
  }

  void CheckProperty(const EffectiveProperty& property) {
    Counts counts;
    const std::string target = owner_.name.text + "." + property.syntax->name.text;
    for (const AnnotationSyntax& annotation : property.syntax->annotations) {
      const std::string& name = annotation.name.text;
      if (name == "instruction") {
        Fail(annotation.span,
             "@instruction is only supported on node and edge types, not on " + target,
             "use @description for a property");
      } else if (!IsStructural(name)) {
        CheckMetadata(annotation, target, counts);
      } else if (CheckPropertyType(annotation, property.type, target)) {
        CheckStructural(annotation, property, target, counts);
      }
    }
  }

  // Lists, vectors and blobs first, then edges (S7.3, last line).
  bool CheckPropertyType(const AnnotationSyntax& annotation, const types::Type& type,
                         const std::string& target) {
    const std::string& name = annotation.name.text;
    std::string_view kind;
    if (type.is_list) {
      kind = "list";
    } else if (type.is_vector() && (name == "key" || name == "unique")) {
      kind = "vector";
    } else if (type.scalar == types::Scalar::kBlob) {
      kind = "blob";
    }
    if (!kind.empty()) {
      Fail(annotation.span,
           "@" + name + " is not supported on " + std::string(kind) + " property " + target);
      return false;
    }
    if (owner_.kind == TypeKind::kEdge && (name == "key" || name == "embed")) {
      Fail(annotation.span, "@" + name + " is not supported on edge properties: " + target);
      return false;
    }
    return true;
  }

  void CheckStructural(const AnnotationSyntax& annotation, const EffectiveProperty& property,
                       const std::string& target, Counts& counts) {
    const std::string& name = annotation.name.text;
    if (++counts[name] == 2) {
      Fail(annotation.span, target + " declares @" + name + " multiple times");
      return;
    }
    if (name != "embed") {
      if (annotation.value) {
        Fail(annotation.span, "@" + name + " on property " + target + " takes no value");
      }
      return;
    }
    if (!property.type.is_vector()) {
      Fail(annotation.span, "@embed is only supported on vector properties; " + target + " is " +
                                types::TypeName(property.type));
    } else if (!annotation.value) {
      Fail(annotation.span, "@embed on " + target + " requires a source property name",
           "for example @embed(text)");
    } else if (IsBlank(annotation)) {
      Fail(annotation.span, "@embed on " + target + " requires a non-empty source property name");
    } else if (CheckEmbedKeywords(annotation, target) && owner_.kind == TypeKind::kNode) {
      CheckEmbedSource(annotation);
    }
  }

  bool CheckEmbedKeywords(const AnnotationSyntax& annotation, const std::string& target) {
    bool has_model = false;
    for (const KeywordArgument& keyword : annotation.keywords) {
      if (keyword.key.text != "model") {
        Fail(keyword.key.span, "@embed on " + target + " has argument '" + keyword.key.text +
                                   "'; only 'model' is supported");
        return false;
      }
      if (has_model || TrimSpace(keyword.value.text).empty()) {
        Fail(keyword.value.span, "@embed on " + target + " takes one non-empty model",
             "for example model=\"provider/model\"");
        return false;
      }
      has_model = true;
    }
    return true;
  }

  void CheckEmbedSource(const AnnotationSyntax& annotation) {
    if (IsBlank(annotation)) return;  // Reported at the interface.
    const std::string& source = annotation.value->text;
    const EffectiveProperty* property = type_.Find(source);
    if (property == nullptr) {
      if (!type_.is_complete || diagnostics_.is_full()) return;
      std::vector<std::string_view> names;
      for (const EffectiveProperty& candidate : type_.properties) {
        names.push_back(candidate.syntax->name.text);
      }
      const std::string_view near = text::DidYouMean(source, names);
      Fail(annotation.value->span,
           "@embed on " + owner_.name.text + " references unknown source property '" + source + "'",
           near.empty() ? "" : "did you mean '" + std::string(near) + "'?");
    } else if (property->type.is_list || property->type.scalar != types::Scalar::kString) {
      Fail(annotation.value->span, "@embed source " + owner_.name.text + "." + source +
                                       " must be String, found " + types::TypeName(property->type));
    }
  }

  const EffectiveType& type_;
  const DeclarationSyntax& owner_;
  text::Diagnostics& diagnostics_;
};

}  // namespace

void CheckAnnotations(const std::vector<EffectiveType>& types, text::Diagnostics& diagnostics) {
  for (const EffectiveType& type : types)
    AnnotationChecker(type, diagnostics).Run();
}

}  // namespace omnigraph::schema
