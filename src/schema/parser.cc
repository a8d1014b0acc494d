// Recursive descent over the tokens, one method per rule of the grammar in S3. After a syntax error
// the parser skips to the next place where a property, a constraint or a declaration can begin.

#include "schema/parser.h"

#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "base/strings.h"
#include "schema/lexer.h"

namespace omnigraph::schema {
namespace {

constexpr std::size_t kTextSizeBytesMax = 16u << 20;
constexpr std::uint64_t kVectorDimensionMax = 2147483647;
constexpr std::array<std::string_view, 11> kScalarWords = {
    "String", "Bool", "I32", "I64", "U32", "U64", "F32", "F64", "Date", "DateTime", "Blob"};

std::optional<ConstraintKind> ConstraintOf(std::string_view word) {
  for (ConstraintKind kind : {ConstraintKind::kKey, ConstraintKind::kUnique, ConstraintKind::kIndex,
                              ConstraintKind::kRange, ConstraintKind::kCheck}) {
    if (word == ConstraintWord(kind)) return kind;
  }
  return std::nullopt;
}

std::optional<TypeKind> TypeKindOf(std::string_view word) {
  for (TypeKind kind : {TypeKind::kInterface, TypeKind::kNode, TypeKind::kEdge}) {
    if (word == TypeKindWord(kind)) return kind;
  }
  return std::nullopt;
}

// One argument of a body constraint, before its meaning is known.
struct ConstraintArgument {
  enum class Form : std::uint8_t { kWord, kString, kNumber, kBounds };
  Form form = Form::kWord;
  std::string text;
  std::optional<Bound> min, max;
  text::Span span;
};

class Parser {
 public:
  Parser(const text::Source& source, text::Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics), lexed_(Tokenize(source.text())) {}

  SchemaSyntax Run() {
    SchemaSyntax schema;
    while (Kind() != TokenKind::kEnd && !diagnostics_.is_full()) {
      if (AtDeclaration() || (TypeKindOf(Text()) && Kind() == TokenKind::kWord)) {
        schema.declarations.push_back(Declaration());
      } else {
        UnexpectedAtTopLevel();
        SkipToDeclaration();
      }
    }
    schema.comments = std::move(lexed_.comments);
    return schema;
  }

 private:
  // --- Tokens -----------------------------------------------------------------------------------

  const Token& Peek(std::size_t ahead = 0) const {
    return lexed_.tokens[std::min(at_ + ahead, lexed_.tokens.size() - 1)];
  }
  TokenKind Kind(std::size_t ahead = 0) const { return Peek(ahead).kind; }
  std::string_view Text(std::size_t ahead = 0) const { return source_.At(Peek(ahead).span); }
  bool AtWord(std::string_view word, std::size_t ahead = 0) const {
    return Kind(ahead) == TokenKind::kWord && Text(ahead) == word;
  }
  text::Span Take() {
    const text::Span span = Peek().span;
    if (Kind() != TokenKind::kEnd) ++at_;
    last_end_ = span.end;
    return span;
  }
  bool TakeIf(TokenKind kind) {
    if (Kind() != kind) return false;
    Take();
    return true;
  }
  text::Span Since(text::Span begin) const { return {begin.begin, std::max(last_end_, begin.end)}; }

  // A declaration begins here beyond doubt: `node` and so on may also be a property's name.
  bool AtDeclaration() const {
    return Kind() == TokenKind::kWord && TypeKindOf(Text()) && Kind(1) == TokenKind::kTypeName;
  }
  bool AtConstraint() const {
    return Kind() == TokenKind::kAt && Kind(1) == TokenKind::kWord && ConstraintOf(Text(1)) &&
           Kind(2) == TokenKind::kOpenParen;
  }
  bool AtProperty() const {
    return (Kind() == TokenKind::kWord || Kind() == TokenKind::kTypeName) &&
           Kind(1) == TokenKind::kColon;
  }

  // --- Errors and recovery ----------------------------------------------------------------------

  // The place of the current token; at the end of the file that of the last character, so that
  // there is something to point at.
  text::Span Here() const {
    const text::Span span = Peek().span;
    if (Kind() == TokenKind::kUnterminatedString || Kind() == TokenKind::kUnterminatedComment) {
      const std::size_t line_end = source_.text().find('\n', span.begin);
      return {span.begin, std::min(span.end, static_cast<std::uint32_t>(
                                                 std::min(line_end, source_.text().size())))};
    }
    if (Kind() != TokenKind::kEnd || source_.text().empty()) return span;
    std::size_t last = source_.text().find_last_not_of(" \t\r\n");
    if (last == std::string_view::npos) last = 0;
    const auto end = static_cast<std::uint32_t>(last + 1);
    while (last > 0 && (static_cast<unsigned char>(source_.text()[last]) & 0xC0) == 0x80)
      --last;
    return {static_cast<std::uint32_t>(last), end};
  }

  std::string Found() const {
    switch (Kind()) {
      case TokenKind::kEnd:
      case TokenKind::kUnterminatedString:
      case TokenKind::kUnterminatedComment:
        return std::string(TokenKindName(Kind()));
      default:
        return Quoted(Text());
    }
  }

  bool Fail(std::string_view expected, std::string help = {}) {
    diagnostics_.Error(std::string(kSyntaxCode), Here(),
                       "expected " + std::string(expected) + ", found " + Found(), std::move(help));
    return false;
  }
  void FailDeclaration(text::Span span, std::string summary, std::string help = {}) {
    diagnostics_.Error(std::string(kDeclarationCode), span, std::move(summary), std::move(help));
  }
  bool Expect(TokenKind kind, std::string_view context, std::string help = {}) {
    if (TakeIf(kind)) return true;
    return Fail(std::string(TokenKindName(kind)) + std::string(context), std::move(help));
  }

  void UnexpectedAtTopLevel() {
    std::string help;
    if (AtWord("enum")) {
      help = "an enum is written at its property: color: enum(red, green)";
    } else if (Text() == "#" || Text() == "-") {
      help = "a comment starts with //";
    } else if (Kind() == TokenKind::kWord) {
      const std::string_view near = text::DidYouMean(Text(), {"interface", "node", "edge"});
      if (!near.empty()) help = "did you mean '" + std::string(near) + "'?";
    }
    Fail("'interface', 'node' or 'edge'", std::move(help));
  }

  void SkipToDeclaration() {
    while (Kind() != TokenKind::kEnd && !AtDeclaration())
      Take();
  }
  // To the next item of the body, its end, or the next declaration.
  void SkipToItem() {
    while (Kind() != TokenKind::kEnd && Kind() != TokenKind::kCloseBrace && !AtDeclaration() &&
           !AtConstraint() && !AtProperty()) {
      Take();
    }
  }
  void SkipToBody() {
    while (Kind() != TokenKind::kEnd && Kind() != TokenKind::kOpenBrace && !AtDeclaration())
      Take();
  }
  // Behind the parenthesis that is open here, if it is closed before anything else begins.
  void SkipParentheses() {
    while (Kind() != TokenKind::kEnd && Kind() != TokenKind::kCloseParen &&
           Kind() != TokenKind::kCloseBrace && Kind() != TokenKind::kOpenBrace &&
           !AtDeclaration() && !AtProperty()) {
      Take();
    }
    TakeIf(TokenKind::kCloseParen);
  }

  // --- Declarations -----------------------------------------------------------------------------

  DeclarationSyntax Declaration() {
    DeclarationSyntax declaration;
    declaration.kind = *TypeKindOf(Text());
    const text::Span begin = Take();
    bool is_good =
        TypeName(" after '" + std::string(TypeKindWord(declaration.kind)) + "'", declaration.name);
    if (is_good && declaration.kind == TypeKind::kNode) is_good = NodeHeader(declaration);
    if (is_good && declaration.kind == TypeKind::kEdge) is_good = EdgeHeader(declaration);
    if (!is_good) SkipToBody();
    Body(declaration, is_good);
    declaration.span = Since(begin);
    return declaration;
  }

  bool TypeName(std::string_view context, Name& name) {
    if (Kind() == TokenKind::kTypeName) {
      name.text = Text();
      name.span = Take();
      return true;
    }
    std::string help = "a type name begins with A-Z and goes on with letters, digits and _";
    return Fail("a type name" + std::string(context), std::move(help));
  }

  bool NodeHeader(DeclarationSyntax& node) {
    if (!HeaderAnnotations(node)) return false;
    if (!AtWord("implements")) return true;
    Take();
    do {
      if (!TypeName(" of an interface", node.implements.emplace_back())) return false;
    } while (TakeIf(TokenKind::kComma));
    if (Kind() == TokenKind::kAt) {
      return Fail("'{'", "annotations of a node stand before 'implements'");
    }
    return true;
  }

  bool EdgeHeader(DeclarationSyntax& edge) {
    if (!Expect(TokenKind::kColon, " after the edge's name",
                "an edge is written as: edge Knows: Person -> Person")) {
      return false;
    }
    if (!TypeName(" of the edge's source", edge.from) ||
        !Expect(TokenKind::kArrow, " between the edge's source and target") ||
        !TypeName(" of the edge's target", edge.to)) {
      return false;
    }
    if (Kind() == TokenKind::kAtCard && !Cardinality(edge)) return false;
    return HeaderAnnotations(edge);
  }

  bool HeaderAnnotations(DeclarationSyntax& declaration) {
    while (true) {
      if (Kind() == TokenKind::kAtCard) {
        return Fail("'{'", declaration.kind == TypeKind::kEdge
                               ? "@card(…) stands directly behind the edge's target"
                               : "@card limits edges: it belongs into the header of an edge");
      }
      if (Kind() != TokenKind::kAt) return true;
      if (AtConstraint()) {
        return Fail("'{'", "constraints with arguments stand in the body, between { and }");
      }
      if (!Annotation(declaration.annotations)) return false;
    }
  }

  bool Cardinality(DeclarationSyntax& edge) {
    constexpr std::string_view kHelp = "for example @card(0..3), or @card(1..) for no maximum";
    const text::Span begin = Take();
    if (Kind() != TokenKind::kOpenParen) {
      FailDeclaration(begin, "@card needs a range of edges per source", std::string(kHelp));
      return true;
    }
    Take();
    CardinalitySyntax card;
    const text::Span min_span = Peek().span;
    if (Kind() != TokenKind::kInteger || Text().front() == '-') {
      return Fail("the minimum of @card, a whole number", std::string(kHelp));
    }
    CardinalityBound("min", card.min);
    if (!Expect(TokenKind::kDotDot, " after the minimum of @card", std::string(kHelp)))
      return false;
    if (Kind() != TokenKind::kCloseParen) {
      if (Kind() != TokenKind::kInteger || Text().front() == '-') {
        return Fail("the maximum of @card or ')'", std::string(kHelp));
      }
      CardinalityBound("max", card.max.emplace());
    }
    if (!Expect(TokenKind::kCloseParen, " at the end of @card")) return false;
    card.span = Since(begin);
    if (card.max && card.min > *card.max) {
      FailDeclaration({min_span.begin, card.span.end - 1},
                      "cardinality min " + std::to_string(card.min) + " exceeds max " +
                          std::to_string(*card.max));
    }
    edge.cardinality = card;
    return true;
  }

  void CardinalityBound(std::string_view which, std::uint32_t& bound) {
    const std::optional<std::uint64_t> value = ParseUint64(Text());
    if (!value || *value > UINT32_MAX) {
      FailDeclaration(Peek().span, "invalid cardinality " + std::string(which) + " " +
                                       Quoted(Text()) + ": the largest is 4294967295");
    } else {
      bound = static_cast<std::uint32_t>(*value);
    }
    Take();
  }

  void Body(DeclarationSyntax& declaration, bool is_header_good) {
    if (Kind() != TokenKind::kOpenBrace) {
      if (!is_header_good || (declaration.kind == TypeKind::kEdge &&
                              (Kind() == TokenKind::kEnd || Kind() == TokenKind::kWord))) {
        return;
      }
      Fail(declaration.kind == TypeKind::kEdge ? "'{' or the next declaration" : "'{'");
      SkipToBody();
      if (Kind() != TokenKind::kOpenBrace) return;
    }
    const text::Span begin = Take();
    declaration.has_body = true;
    while (Kind() != TokenKind::kCloseBrace) {
      if (Kind() == TokenKind::kEnd || AtDeclaration()) {
        UnclosedBody(declaration, begin);
        break;
      }
      if (diagnostics_.is_full()) return;
      const std::size_t before = at_;
      if (!Item(declaration)) {
        if (at_ == before && !AtProperty() && !AtConstraint()) Take();
        SkipToItem();
      }
    }
    TakeIf(TokenKind::kCloseBrace);
    declaration.body = Since(begin);
  }

  void UnclosedBody(const DeclarationSyntax& declaration, text::Span begin) {
    text::Diagnostic diagnostic;
    diagnostic.code = kSyntaxCode;
    diagnostic.summary = "expected '}' at the end of " +
                         std::string(TypeKindWord(declaration.kind)) + " " + declaration.name.text +
                         ", found " + Found();
    diagnostic.primary = {Here(), ""};
    diagnostic.secondary = {{begin, "opened here"}};
    diagnostics_.Add(std::move(diagnostic));
  }

  bool Item(DeclarationSyntax& declaration) {
    if (AtConstraint()) {
      if (declaration.kind == TypeKind::kInterface) {
        Fail("a property or '}'",
             "an interface has no constraints with arguments; write @key, "
             "@unique or @index behind the property");
        std::vector<ConstraintSyntax> ignored;
        return Constraint(ignored);
      }
      return Constraint(declaration.constraints);
    }
    return Property(declaration);
  }

  // --- Properties and their types ---------------------------------------------------------------

  bool Property(DeclarationSyntax& declaration) {
    PropertySyntax property;
    if (Kind() == TokenKind::kTypeName && Kind(1) == TokenKind::kColon) {
      Fail("a property name", "a property name begins with a-z or _");
    } else if (Kind() != TokenKind::kWord) {
      std::string help;
      if (Kind() == TokenKind::kComma || Text() == ";") {
        help = "properties are not separated by commas or semicolons; remove it";
      } else if (Text() == "#") {
        help = "a comment starts with //";
      }
      return Fail("a property, a constraint or '}'", std::move(help));
    }
    property.name.text = Text();
    property.name.span = Take();
    if (!Expect(TokenKind::kColon, " after the property's name") || !Type(property.type)) {
      return false;
    }
    while (Kind() == TokenKind::kAt || Kind() == TokenKind::kAtCard) {
      if (AtConstraint()) break;
      if (Kind() == TokenKind::kAtCard) {
        FailDeclaration(Take(),
                        "@card needs an edge header: its range limits the edges per source");
        if (TakeIf(TokenKind::kOpenParen)) SkipParentheses();
      } else if (!Annotation(property.annotations)) {
        return false;
      }
    }
    property.span = Since(property.name.span);
    declaration.properties.push_back(std::move(property));
    return true;
  }

  bool Type(TypeSyntax& type) {
    const text::Span begin = Peek().span;
    bool is_good = false;
    if (Kind() == TokenKind::kOpenBracket) {
      is_good = ListType(type);
    } else if (AtWord("enum") && Kind(1) == TokenKind::kOpenParen) {
      is_good = EnumType(type);
    } else if (Kind() == TokenKind::kTypeName && Text() == "Vector") {
      is_good = VectorType(type);
    } else {
      is_good = ScalarType("a type", type);
    }
    if (!is_good) return false;
    type.is_nullable = TakeIf(TokenKind::kQuestion);
    type.span = Since(begin);
    return true;
  }

  bool ScalarType(std::string_view expected, TypeSyntax& type) {
    for (std::string_view word : kScalarWords) {
      if (Kind() == TokenKind::kTypeName && Text() == word) {
        type.scalar = word;
        Take();
        return true;
      }
    }
    std::vector<std::string_view> words(kScalarWords.begin(), kScalarWords.end());
    words.insert(words.end(), {"Vector", "enum"});
    const std::string_view near = text::DidYouMean(Text(), words);
    std::string help =
        "the types are String, Bool, I32, I64, U32, U64, F32, F64, Date, DateTime, "
        "Blob, Vector(n), enum(a, b) and lists such as [String]";
    if (!near.empty()) help = "did you mean '" + std::string(near) + "'?";
    return Fail(expected, std::move(help));
  }

  bool ListType(TypeSyntax& type) {
    const text::Span begin = Take();
    type.is_list = true;
    if (!ScalarType("the scalar type of the list's elements", type)) return false;
    if (Kind() == TokenKind::kQuestion) {
      return Fail("']'", "elements cannot be marked; [String]? makes the list nullable");
    }
    if (!Expect(TokenKind::kCloseBracket, " after the type of the list's elements")) return false;
    if (type.scalar == "Blob") {
      FailDeclaration(Since(begin), "a list of Blob is not supported",
                      "give every blob a node of its own and connect it with an edge");
    }
    return true;
  }

  bool VectorType(TypeSyntax& type) {
    Take();
    type.form = TypeSyntax::Form::kVector;
    if (!Expect(TokenKind::kOpenParen, " with the dimension, for example Vector(384)"))
      return false;
    if (Kind() != TokenKind::kInteger || Text().front() == '-') {
      return Fail("the vector's dimension, a whole number");
    }
    const std::optional<std::uint64_t> value = ParseUint64(Text());
    if (!value || *value > UINT32_MAX) {
      FailDeclaration(Peek().span, "invalid Vector dimension " + Quoted(Text()));
    } else if (*value == 0) {
      FailDeclaration(Peek().span, "Vector dimension must be greater than zero");
    } else if (*value > kVectorDimensionMax) {
      FailDeclaration(Peek().span, "Vector dimension " + std::to_string(*value) +
                                       " exceeds maximum supported " +
                                       std::to_string(kVectorDimensionMax));
    } else {
      type.dimension = static_cast<std::uint32_t>(*value);
    }
    Take();
    return Expect(TokenKind::kCloseParen, " after the vector's dimension");
  }

  bool EnumType(TypeSyntax& type) {
    Take();
    Take();
    type.form = TypeSyntax::Form::kEnum;
    std::set<std::string> seen;
    do {
      if (Kind() != TokenKind::kEnumValue) {
        return Fail("an enum value",
                    "enum values are plain words of letters, digits, _ and -, "
                    "separated by commas: enum(low, high)");
      }
      Name& value = type.enum_values.emplace_back();
      value.text = Text();
      value.span = Take();
      if (!seen.insert(value.text).second) {
        FailDeclaration(value.span, "enum has duplicate values: '" + value.text + "'");
      }
    } while (TakeIf(TokenKind::kComma));
    return Expect(TokenKind::kCloseParen, " or ',' after the enum value");
  }

  // --- Annotations ------------------------------------------------------------------------------

  bool Annotation(std::vector<AnnotationSyntax>& annotations) {
    AnnotationSyntax annotation;
    const text::Span begin = Take();
    if (Kind() != TokenKind::kWord) {
      return Fail("the annotation's name", "for example @description(\"…\")");
    }
    annotation.name.text = Text();
    annotation.name.span = Take();
    if (TakeIf(TokenKind::kOpenParen) && !AnnotationArguments(annotation)) return false;
    annotation.span = Since(begin);
    if (IsBareConstraint(annotation)) return true;
    annotations.push_back(std::move(annotation));
    return true;
  }

  bool AnnotationArguments(AnnotationSyntax& annotation) {
    if (!AnnotationArgument(annotation.value.emplace())) return false;
    while (TakeIf(TokenKind::kComma)) {
      KeywordArgument& keyword = annotation.keywords.emplace_back();
      if (Kind() != TokenKind::kWord || Kind(1) != TokenKind::kEquals) {
        return Fail("name=value", "an annotation takes one argument without a name");
      }
      keyword.key.text = Text();
      keyword.key.span = Take();
      Take();
      if (!AnnotationArgument(keyword.value)) return false;
    }
    return Expect(TokenKind::kCloseParen, " after the annotation's argument");
  }

  bool AnnotationArgument(AnnotationValue& value) {
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
        return Fail("an argument: a string, a name, a number, true or false");
    }
    value.span = Take();
    return true;
  }

  // `@range`, `@check` and `@card` mean nothing without their arguments (D2).
  bool IsBareConstraint(const AnnotationSyntax& annotation) {
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
  std::string DecodeString() {
    const text::Span span = Peek().span;
    std::string decoded;
    for (std::uint32_t i = span.begin + 1; i + 1 < span.end; ++i) {
      const char c = source_.text()[i];
      if (c != '\\') {
        decoded += c;
        continue;
      }
      const char escape = source_.text()[++i];
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

  void UnsupportedEscape(std::uint32_t begin) {
    std::uint32_t end = begin + 2;
    while ((static_cast<unsigned char>(source_.text()[end]) & 0xC0) == 0x80)
      ++end;
    const std::string_view escape = source_.At({begin, end});
    FailDeclaration({begin, end}, "unsupported escape sequence '" + std::string(escape) + "'",
                    "the escapes are \\\" \\\\ \\n \\r \\t; a backslash is written twice");
  }

  // --- Constraints ------------------------------------------------------------------------------

  bool Constraint(std::vector<ConstraintSyntax>& constraints) {
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

  bool Argument(ConstraintArgument& argument) {
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

  bool Bounds(ConstraintArgument& argument) {
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

  Bound Number() {
    Bound bound;
    const std::string_view digits = Text();
    const std::optional<std::int64_t> integer =
        Kind() == TokenKind::kInteger ? ParseInt64(digits) : std::nullopt;
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
  bool Interpret(const std::vector<ConstraintArgument>& arguments, ConstraintSyntax& constraint) {
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
            word + ": expected property name, found " + Quoted(source_.At(argument.span)),
            "property names are written without quotes");
        is_good = false;
      }
      constraint.columns.push_back({argument.text, argument.span});
    }
    return is_good;
  }

  bool InterpretPair(const std::vector<ConstraintArgument>& arguments,
                     ConstraintSyntax& constraint) {
    using Form = ConstraintArgument::Form;
    const bool is_range = constraint.kind == ConstraintKind::kRange;
    const std::string word = is_range ? "@range" : "@check";
    const std::string help =
        is_range ? "for example @range(age, 0..130)" : "for example @check(code, \"^[A-Z]+$\")";
    if (arguments.size() != 2) {
      FailDeclaration(constraint.span,
                      word + " takes a property name and " + (is_range ? "bounds" : "pattern") +
                          ", found " + std::to_string(arguments.size()) + " arguments",
                      help);
      return false;
    }
    if (arguments[0].form != Form::kWord) {
      FailDeclaration(
          arguments[0].span,
          word + ": expected property name, found " + Quoted(source_.At(arguments[0].span)), help);
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

  const text::Source& source_;
  text::Diagnostics& diagnostics_;
  TokenList lexed_;
  std::size_t at_ = 0;
  std::uint32_t last_end_ = 0;
};

}  // namespace

std::string_view ConstraintWord(ConstraintKind kind) {
  switch (kind) {
    case ConstraintKind::kKey:
      return "key";
    case ConstraintKind::kUnique:
      return "unique";
    case ConstraintKind::kIndex:
      return "index";
    case ConstraintKind::kRange:
      return "range";
    case ConstraintKind::kCheck:
      return "check";
  }
  OG_CHECK(false);
}

std::string_view TypeKindWord(TypeKind kind) {
  switch (kind) {
    case TypeKind::kInterface:
      return "interface";
    case TypeKind::kNode:
      return "node";
    case TypeKind::kEdge:
      return "edge";
  }
  OG_CHECK(false);
}

SchemaSyntax Parse(const text::Source& source, text::Diagnostics& diagnostics) {
  const std::string_view text = source.text();
  if (text.size() > kTextSizeBytesMax) {
    diagnostics.Error(std::string(kSyntaxCode), {0, 1},
                      "the schema has " + std::to_string(text.size()) + " bytes; the limit is " +
                          std::to_string(kTextSizeBytesMax));
    return {};
  }
  if (!IsValidUtf8(text)) {
    diagnostics.Error(std::string(kSyntaxCode), {0, 1}, "the schema is not valid UTF-8 text",
                      "save the file in UTF-8");
    return {};
  }
  return Parser(source, diagnostics).Run();
}

}  // namespace omnigraph::schema
