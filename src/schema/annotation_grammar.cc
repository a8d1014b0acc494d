// Implements schema/annotation_grammar.h.

#include "schema/annotation_grammar.h"

#include <charconv>
#include <utility>

#include "base/strings.h"
#include "schema/syntax_hints.h"

namespace omnigraph::schema {

bool AnnotationGrammar::Annotation(std::vector<AnnotationSyntax>& annotations) {
  AnnotationSyntax annotation;
  const text::Span begin = Take();
  if (Kind() != TokenKind::kWord) {
    return Fail("the annotation's name", "for example @description(\"…\")");
  }
  annotation.name = TakeName();
  if (TakeIf(TokenKind::kOpenParen) && !AnnotationArguments(annotation)) return false;
  annotation.span = Since(begin);
  if (IsBareConstraint(annotation)) return true;
  annotations.push_back(std::move(annotation));
  return true;
}

bool AnnotationGrammar::AnnotationArguments(AnnotationSyntax& annotation) {
  if (!AnnotationArgument(annotation.value.emplace())) return false;
  while (TakeIf(TokenKind::kComma)) {
    KeywordArgument& keyword = annotation.keywords.emplace_back();
    if (Kind() != TokenKind::kWord || Kind(1) != TokenKind::kEquals) {
      return Fail("name=value", "an annotation takes one argument without a name");
    }
    keyword.key = TakeName();
    Take();
    if (!AnnotationArgument(keyword.value)) return false;
  }
  return Expect(TokenKind::kCloseParen, " after the annotation's argument");
}

bool AnnotationGrammar::AnnotationArgument(AnnotationValue& value) {
  switch (Kind()) {
    case TokenKind::kString:
      value.form = AnnotationValue::Form::kString;
      value.text = DecodeString();
      break;
    case TokenKind::kWord:
      value.form = AnnotationValue::Form::kWord;
      value.text = Text();
      break;
    case TokenKind::kInteger:
    case TokenKind::kFloat:
      if (Text().front() != '-') {
        value.form = AnnotationValue::Form::kNumber;
        value.text = Text();
        break;
      }
      [[fallthrough]];
    default:
      return Fail("an argument: a string, a name, a number, true or false", CharacterHint(Text()));
  }
  value.span = Take();
  return true;
}

// `@range`, `@check` and `@card` mean nothing without their arguments (D2).
bool AnnotationGrammar::IsBareConstraint(const AnnotationSyntax& annotation) {
  const std::string& name = annotation.name.text;
  if (name == "range") {
    FailDeclaration(annotation.span, "@range needs a property name and bounds",
                    "for example @range(age, 0..130)");
  } else if (name == "check") {
    FailDeclaration(annotation.span, "@check needs a property name and pattern",
                    "for example @check(code, \"^[A-Z]+$\")");
  } else if (name == "card") {
    FailDeclaration(annotation.span, "@card needs a range of edges per source",
                    "written together in the header of an edge: @card(0..3)");
  } else {
    return false;
  }
  return true;
}

// The text of the string token here without quotes and escapes (S2.3).
std::string AnnotationGrammar::DecodeString() {
  const text::Span span = Peek().span;
  std::string decoded;
  for (std::uint32_t i = span.begin + 1; i + 1 < span.end; ++i) {
    const char c = source().text()[i];
    if (c != '\\') {
      decoded += c;
      continue;
    }
    const char escape = source().text()[++i];
    switch (escape) {
      case '"':
      case '\\':
        decoded += escape;
        break;
      case 'n':
        decoded += '\n';
        break;
      case 'r':
        decoded += '\r';
        break;
      case 't':
        decoded += '\t';
        break;
      default:
        UnsupportedEscape(i - 1);
        break;
    }
  }
  return decoded;
}

void AnnotationGrammar::UnsupportedEscape(std::uint32_t begin) {
  std::uint32_t end = begin + 2;
  while ((static_cast<unsigned char>(source().text()[end]) & 0xC0) == 0x80)
    ++end;
  const std::string_view escape = source().At({begin, end});
  FailDeclaration({begin, end}, "unsupported escape sequence '" + std::string(escape) + "'",
                  "the escapes are \\\" \\\\ \\n \\r \\t; a backslash is written twice");
}

bool AnnotationGrammar::Constraint(std::vector<ConstraintSyntax>& constraints) {
  const text::Span begin = Take();
  ConstraintSyntax constraint;
  constraint.kind = *ConstraintOf(Text());
  Take();
  Take();
  std::vector<ConstraintArgument> arguments;
  do {
    if (!Argument(arguments.emplace_back())) {
      SkipParentheses();
      return true;
    }
  } while (TakeIf(TokenKind::kComma));
  if (!Expect(TokenKind::kCloseParen, " or ',' after the constraint's argument")) return false;
  constraint.span = Since(begin);
  if (Interpret(arguments, constraint)) constraints.push_back(std::move(constraint));
  return true;
}

bool AnnotationGrammar::Argument(ConstraintArgument& argument) {
  argument.span = Peek().span;
  switch (Kind()) {
    case TokenKind::kDotDot:
      return Bounds(argument);
    case TokenKind::kInteger:
    case TokenKind::kFloat:
      if (Kind(1) == TokenKind::kDotDot) return Bounds(argument);
      if (Text().front() == '-') {
        Take();
        return Fail("'..' after a negative number");
      }
      argument.form = ConstraintArgument::Form::kNumber;
      break;
    case TokenKind::kString:
      argument.form = ConstraintArgument::Form::kString;
      argument.text = DecodeString();
      break;
    case TokenKind::kWord:
      argument.form = ConstraintArgument::Form::kWord;
      argument.text = Text();
      break;
    default:
      return Fail("an argument of the constraint");
  }
  Take();
  return true;
}

bool AnnotationGrammar::Bounds(ConstraintArgument& argument) {
  argument.form = ConstraintArgument::Form::kBounds;
  if (Kind() != TokenKind::kDotDot) argument.min = Number();
  Take();
  if (Kind() == TokenKind::kInteger || Kind() == TokenKind::kFloat) {
    argument.max = Number();
  } else if (!argument.min) {
    return Fail("a number after '..'");
  }
  argument.span = Since(argument.span);
  return true;
}

Bound AnnotationGrammar::Number() {
  Bound bound;
  const std::string_view digits = Text();
  const std::optional<std::int64_t> integer =
      Kind() == TokenKind::kInteger ? ParseInt64(digits) : std::nullopt;
  bound.text = digits;
  bound.is_integer = integer.has_value();
  bound.integer = integer.value_or(0);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bound.number);
  if (read.ec != std::errc()) {
    FailDeclaration(Peek().span,
                    "@range: expected range bounds that a 64-bit float can hold, "
                    "found " +
                        Quoted(digits));
  }
  Take();
  return bound;
}

// Gives the arguments their meaning (S7.2); false after an error.
bool AnnotationGrammar::Interpret(const std::vector<ConstraintArgument>& arguments,
                                  ConstraintSyntax& constraint) {
  using Form = ConstraintArgument::Form;
  const std::string word = "@" + std::string(ConstraintWord(constraint.kind));
  if (constraint.kind == ConstraintKind::kRange || constraint.kind == ConstraintKind::kCheck) {
    return InterpretPair(arguments, constraint);
  }
  bool is_good = true;
  for (const ConstraintArgument& argument : arguments) {
    if (argument.form != Form::kWord) {
      FailDeclaration(
          argument.span,
          word + ": expected property name, found " + Quoted(source().At(argument.span)),
          "property names are written without quotes");
      is_good = false;
    }
    constraint.columns.push_back({argument.text, argument.span});
  }
  return is_good;
}

bool AnnotationGrammar::InterpretPair(const std::vector<ConstraintArgument>& arguments,
                                      ConstraintSyntax& constraint) {
  using Form = ConstraintArgument::Form;
  const bool is_range = constraint.kind == ConstraintKind::kRange;
  const std::string word = is_range ? "@range" : "@check";
  const std::string help =
      is_range ? "for example @range(age, 0..130)" : "for example @check(code, \"^[A-Z]+$\")";
  if (arguments.size() != 2) {
    FailDeclaration(constraint.span,
                    word + " takes a property name and " + (is_range ? "bounds" : "pattern") +
                        ", found " + std::to_string(arguments.size()) +
                        (arguments.size() == 1 ? " argument" : " arguments"),
                    help);
    return false;
  }
  if (arguments[0].form != Form::kWord) {
    FailDeclaration(
        arguments[0].span,
        word + ": expected property name, found " + Quoted(source().At(arguments[0].span)), help);
    return false;
  }
  if (arguments[1].form != (is_range ? Form::kBounds : Form::kString)) {
    FailDeclaration(arguments[1].span,
                    is_range ? "@range: expected range bounds such as 0..130"
                             : "@check: expected a string argument with the pattern",
                    help);
    return false;
  }
  constraint.columns.push_back({arguments[0].text, arguments[0].span});
  constraint.min = arguments[1].min;
  constraint.max = arguments[1].max;
  constraint.pattern = arguments[1].text;
  constraint.pattern_span = arguments[1].span;
  return true;
}

}  // namespace omnigraph::schema
