// The part of the `.pg` grammar behind an `@`: annotations, and the constraints of bodies with
// their arguments (S2.3, S3, S7.2). parser.cc holds the rest.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/token_cursor.h"

namespace omnigraph::schema {

class AnnotationGrammar : public TokenCursor {
 public:
  using TokenCursor::TokenCursor;

 protected:
  /// At `@`: adds one annotation. False after a syntax error, with the cursor where it was met.
  bool Annotation(std::vector<AnnotationSyntax>& annotations);
  /// Where `AtConstraint()`: adds one constraint, or none after an error that it recovered from.
  /// False when the caller must recover.
  bool Constraint(std::vector<ConstraintSyntax>& constraints);

 private:
  // One argument of a constraint, before its meaning is known.
  struct ConstraintArgument {
    enum class Form : std::uint8_t { kWord, kString, kNumber, kBounds };
    Form form = Form::kWord;
    std::string text;
    std::optional<Bound> min, max;
    text::Span span;
  };

  bool AnnotationArguments(AnnotationSyntax& annotation);
  bool AnnotationArgument(AnnotationValue& value);
  bool IsBareConstraint(const AnnotationSyntax& annotation);
  std::string DecodeString();
  void UnsupportedEscape(std::uint32_t begin);
  bool Argument(ConstraintArgument& argument);
  bool Bounds(ConstraintArgument& argument);
  Bound Number();
  bool Interpret(const std::vector<ConstraintArgument>& arguments, ConstraintSyntax& constraint);
  bool InterpretPair(const std::vector<ConstraintArgument>& arguments,
                     ConstraintSyntax& constraint);
};

}  // namespace omnigraph::schema
