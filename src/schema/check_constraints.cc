// Phase 5: which columns a constraint may name (S7.4).

#include <set>
#include <string>
#include <utility>

#include "schema/canonical.h"
#include "schema/check.h"
#include "schema/parser.h"
#include "schema/pattern.h"

namespace omnigraph::schema {
namespace {

// What all patterns of a schema may need together: a short text can ask for much (`.{0,999}`), and
// every process that opens the graph compiles them.
constexpr std::size_t kPatternsSizeMax = 1u << 20;  // Instructions, of some 16 bytes.

class ConstraintChecker {
 public:
  /// `patterns_size` is that of the patterns of the types before.
  ConstraintChecker(const EffectiveType& type, std::size_t& patterns_size,
                    text::Diagnostics& diagnostics)
      : type_(type),
        owner_(*type.declaration),
        patterns_size_(patterns_size),
        diagnostics_(diagnostics) {}

  void Run() {
    if (owner_.kind == TypeKind::kInterface) return;
    for (const EffectiveConstraint& constraint : type_.constraints)
      Check(constraint);
  }

 private:
  void Fail(text::Span span, std::string summary, std::string help = {}) {
    diagnostics_.Error(std::string(kConstraintCode), span, std::move(summary), std::move(help));
  }

  static std::string Word(const ConstraintSyntax& constraint) {
    return "@" + std::string(ConstraintWord(constraint.kind));
  }

  void Check(const EffectiveConstraint& constraint) {
    const ConstraintSyntax& syntax = constraint.syntax;
    const bool is_edge = owner_.kind == TypeKind::kEdge;
    if (is_edge && syntax.kind != ConstraintKind::kUnique &&
        syntax.kind != ConstraintKind::kIndex) {
      if (!constraint.is_from_annotation) {
        Fail(syntax.span,
             Word(syntax) + " constraint is not supported on edges: edge " + owner_.name.text);
      }
      return;
    }
    if (syntax.kind == ConstraintKind::kKey) CheckSingleKey(syntax);
    std::set<std::string_view> seen;
    for (const Name& column : syntax.columns) {
      if (!seen.insert(column.text).second) {
        Fail(column.span, Word(syntax) + " on " + owner_.name.text + " names property '" +
                              column.text + "' twice");
        continue;
      }
      if (is_edge && (column.text == "src" || column.text == "dst")) continue;
      const EffectiveProperty* property = type_.Find(column.text);
      if (property == nullptr) {
        UnknownProperty(syntax, column);
      } else {
        CheckColumn(constraint, column, *property);
      }
    }
  }

  void CheckSingleKey(const ConstraintSyntax& syntax) {
    if (!first_key_) {
      first_key_ = syntax.span;
      return;
    }
    text::Diagnostic diagnostic;
    diagnostic.code = kConstraintCode;
    diagnostic.summary = "node " + owner_.name.text + " has multiple @key declarations";
    diagnostic.primary = {syntax.span, ""};
    diagnostic.secondary = {{*first_key_, "the first one"}};
    diagnostic.help = "a key of several properties is one declaration: @key(a, b)";
    diagnostics_.Add(std::move(diagnostic));
  }

  void UnknownProperty(const ConstraintSyntax& syntax, const Name& column) {
    if (!type_.is_complete || diagnostics_.is_full()) return;
    std::vector<std::string_view> names;
    for (const EffectiveProperty& property : type_.properties) {
      names.push_back(property.syntax->name.text);
    }
    const std::string_view near = text::DidYouMean(column.text, names);
    Fail(column.span,
         Word(syntax) + " on " + owner_.name.text + " references unknown property '" + column.text +
             "'",
         near.empty() ? "" : "did you mean '" + std::string(near) + "'?");
  }

  void CheckColumn(const EffectiveConstraint& constraint, const Name& column,
                   const EffectiveProperty& property) {
    const ConstraintSyntax& syntax = constraint.syntax;
    const std::string target = owner_.name.text + "." + column.text;
    switch (syntax.kind) {
      case ConstraintKind::kRange:
        CheckRange(syntax, target, property.type);
        return;
      case ConstraintKind::kCheck:
        CheckPattern(syntax, target, property.type);
        return;
      case ConstraintKind::kKey:
        if (property.type.is_nullable) {
          Fail(column.span, "@key property " + target + " cannot be nullable",
               "remove the '?' behind its type");
        }
        break;
      case ConstraintKind::kUnique:
      case ConstraintKind::kIndex:
        break;
    }
    if (!constraint.is_from_annotation) CheckGroupColumn(syntax, column, target, property.type);
  }

  void CheckGroupColumn(const ConstraintSyntax& syntax, const Name& column,
                        const std::string& target, const types::Type& type) {
    std::string_view kind;
    if (type.is_list) {
      kind = "list";
    } else if (type.scalar == types::Scalar::kBlob) {
      kind = "blob";
    } else if (type.is_vector() && syntax.kind != ConstraintKind::kIndex) {
      kind = "vector";
    }
    if (kind.empty()) return;
    Fail(column.span,
         Word(syntax) + " is not supported on " + std::string(kind) + " property " + target);
  }

  void CheckRange(const ConstraintSyntax& syntax, const std::string& target,
                  const types::Type& type) {
    if (type.is_list || !types::IsNumeric(type.scalar)) {
      Fail(syntax.columns.front().span,
           "@range on " + target + " requires a numeric type, found " + types::TypeName(type));
    } else if (syntax.min && syntax.max && syntax.min->number > syntax.max->number) {
      Fail(syntax.span, "@range on " + target + " has bounds that no value meets: " +
                            BoundText(syntax.min) + " is greater than " + BoundText(syntax.max));
    }
  }

  void CheckPattern(const ConstraintSyntax& syntax, const std::string& target,
                    const types::Type& type) {
    if (type.is_list || type.scalar != types::Scalar::kString) {
      Fail(syntax.columns.front().span,
           "@check on " + target + " requires String type, found " + types::TypeName(type));
      return;
    }
    if (patterns_size_ > kPatternsSizeMax) return;  // Reported already.
    const Result<Pattern> pattern = Pattern::Compile(syntax.pattern);
    if (!pattern.ok()) {
      Fail(syntax.pattern_span,
           "@check on " + target + ": " + std::string(pattern.status().message()),
           "patterns use the RE2 syntax: no look-around and no back-references");
      return;
    }
    patterns_size_ += pattern->size();
    if (patterns_size_ <= kPatternsSizeMax) return;
    Fail(syntax.pattern_span,
         "@check on " + target + ": the patterns of the schema need more than " +
             std::to_string(kPatternsSizeMax) + " instructions together",
         "counted repetitions such as .{0,999} are the largest part");
  }

  const EffectiveType& type_;
  const DeclarationSyntax& owner_;
  std::size_t& patterns_size_;
  text::Diagnostics& diagnostics_;
  std::optional<text::Span> first_key_;
};

}  // namespace

void CheckConstraints(const std::vector<EffectiveType>& types, text::Diagnostics& diagnostics) {
  std::size_t patterns_size = 0;
  for (const EffectiveType& type : types)
    ConstraintChecker(type, patterns_size, diagnostics).Run();
}

}  // namespace omnigraph::schema
