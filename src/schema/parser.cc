// Recursive descent over the tokens, one method per rule of the grammar in S3. After a syntax error
// the parser skips to the next place where a property, a constraint or a declaration can begin.

#include "schema/parser.h"

#include <set>
#include <utility>

#include "base/strings.h"
#include "schema/annotation_grammar.h"
#include "schema/syntax_hints.h"

namespace omnigraph::schema {
namespace {

constexpr std::size_t kTextSizeBytesMax = 16u << 20;
constexpr std::uint64_t kVectorDimensionMax = 2147483647;

// Where a text that is not valid UTF-8 stops to be.
std::uint32_t FirstInvalidByte(std::string_view text) {
  std::size_t begin = 0;  // Of the line; sequences do not reach over its end.
  std::size_t end = text.find('\n');
  while (end != std::string_view::npos && IsValidUtf8(text.substr(begin, end - begin))) {
    begin = end + 1;
    end = text.find('\n', begin);
  }
  const std::string_view line = text.substr(begin, end - begin);
  constexpr std::size_t kSequenceLengthMax = 4;
  std::size_t at = 0;
  while (true) {
    std::size_t length = 1;
    while (length <= kSequenceLengthMax && !IsValidUtf8(line.substr(at, length)))
      ++length;
    if (length > kSequenceLengthMax) return static_cast<std::uint32_t>(begin + at);
    at += length;
  }
}

// "0xff".
std::string ByteText(char byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  return {'0', 'x', kDigits[value >> 4], kDigits[value & 15]};
}

class Parser : public AnnotationGrammar {
 public:
  using AnnotationGrammar::AnnotationGrammar;

  SchemaSyntax Run() {
    SchemaSyntax schema;
    while (Kind() != TokenKind::kEnd && !is_full()) {
      if (AtDeclaration() || (TypeKindOf(Text()) && Kind() == TokenKind::kWord)) {
        schema.declarations.push_back(Declaration());
      } else {
        Fail("'interface', 'node' or 'edge'", DeclarationHint(Text()));
        SkipToDeclaration();
      }
    }
    schema.comments = TakeComments();
    return schema;
  }

 private:
  // --- Declarations -----------------------------------------------------------------------------

  DeclarationSyntax Declaration() {
    DeclarationSyntax declaration;
    declaration.kind = *TypeKindOf(Text());
    const text::Span begin = Take();
    bool is_good =
        TypeName("a type name after '" + std::string(TypeKindWord(declaration.kind)) + "'",
                 declaration.name);
    if (is_good && declaration.kind == TypeKind::kNode) is_good = NodeHeader(declaration);
    if (is_good && declaration.kind == TypeKind::kEdge) is_good = EdgeHeader(declaration);
    if (!is_good) SkipToBody();
    Body(declaration, is_good);
    declaration.span = Since(begin);
    return declaration;
  }

  bool TypeName(std::string_view expected, Name& name) {
    if (Kind() == TokenKind::kTypeName) {
      name = TakeName();
      return true;
    }
    std::string help = "a type name begins with A-Z and goes on with letters, digits and _";
    return Fail(std::string(expected), std::move(help));
  }

  bool NodeHeader(DeclarationSyntax& node) {
    if (!HeaderAnnotations(node)) return false;
    if (!AtWord("implements")) return true;
    Take();
    do {
      if (!TypeName("the name of an interface", node.implements.emplace_back())) return false;
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
    if (!TypeName("the type of the edge's source", edge.from) ||
        !Expect(TokenKind::kArrow, " between the edge's source and target") ||
        !TypeName("the type of the edge's target", edge.to)) {
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
      Fail(declaration.kind == TypeKind::kEdge ? "'{' or the next declaration" : "'{'",
           HeaderHint(Text()));
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
      if (is_full()) return;
      const std::size_t before = position();
      if (!Item(declaration)) {
        if (position() == before && !AtProperty() && !AtConstraint()) Take();
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
    Report(std::move(diagnostic));
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
      return Fail("a property, a constraint or '}'", ItemHint(Text()));
    }
    property.name = TakeName();
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
    return Fail(expected, TypeHint(Text()));
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
    const std::uint32_t at = FirstInvalidByte(text);
    diagnostics.Error(std::string(kSyntaxCode), {at, at + 1},
                      "the schema is not valid UTF-8 text: byte " + ByteText(text[at]),
                      "save the file in UTF-8");
    return {};
  }
  return Parser(source, diagnostics).Run();
}

}  // namespace omnigraph::schema
