// The tree that the parser makes of a `.pg` text: what was written, where it was written, and
// nothing else. Names are not resolved and interfaces are not expanded here; the catalog
// (schema/catalog.h) is what the rest of the engine works with.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/source.h"

namespace omnigraph::schema {

/// A word of the text and its place.
struct Name {
  std::string text;
  text::Span span;
  friend bool operator==(const Name& a, const Name& b) { return a.text == b.text; }
};

/// A value in parentheses after an annotation. `text` is the decoded text of a string and the
/// source text of everything else.
struct AnnotationValue {
  enum class Form : std::uint8_t { kString, kWord, kNumber };
  Form form = Form::kString;
  std::string text;
  text::Span span;
  /// A quoted string and a bare word mean the same (S2.3).
  friend bool operator==(const AnnotationValue& a, const AnnotationValue& b) {
    return a.text == b.text;
  }
};

/// `key = value` behind the first argument of an annotation.
struct KeywordArgument {
  Name key;
  AnnotationValue value;
  friend bool operator==(const KeywordArgument&, const KeywordArgument&) = default;
};

/// `@name`, `@name(value)` or `@name(value, key=value)`.
struct AnnotationSyntax {
  Name name;
  std::optional<AnnotationValue> value;
  std::vector<KeywordArgument> keywords;
  text::Span span;
  friend bool operator==(const AnnotationSyntax& a, const AnnotationSyntax& b) {
    return a.name == b.name && a.value == b.value && a.keywords == b.keywords;
  }
};

/// A bound of `@range`. Whole numbers beyond 64 bits are read as floats.
struct Bound {
  bool is_integer = true;
  std::int64_t integer = 0;
  double number = 0;  ///< The value as a float; set for integers too.
  std::string text;   ///< As written; does not count in comparisons.
  friend bool operator==(const Bound& a, const Bound& b) {
    return a.is_integer == b.is_integer && a.integer == b.integer && a.number == b.number;
  }
};

enum class ConstraintKind : std::uint8_t { kKey, kUnique, kIndex, kRange, kCheck };

/// "key", "unique", "index", "range" or "check".
std::string_view ConstraintWord(ConstraintKind kind);

/// A constraint of a node or edge body. A bare `@key`, `@unique` or `@index` on a property is an
/// annotation in the tree and becomes a constraint later.
struct ConstraintSyntax {
  ConstraintKind kind = ConstraintKind::kKey;
  std::vector<Name> columns;      ///< One for kRange and kCheck; in source order.
  std::optional<Bound> min, max;  ///< kRange only.
  std::string pattern;            ///< kCheck only; decoded.
  text::Span pattern_span;
  text::Span span;
  friend bool operator==(const ConstraintSyntax& a, const ConstraintSyntax& b) {
    return a.kind == b.kind && a.columns == b.columns && a.min == b.min && a.max == b.max &&
           a.pattern == b.pattern;
  }
};

struct TypeSyntax {
  enum class Form : std::uint8_t { kScalar, kVector, kEnum };
  Form form = Form::kScalar;
  std::string scalar;             ///< kScalar: the word, for example "I32".
  std::uint32_t dimension = 0;    ///< kVector.
  std::vector<Name> enum_values;  ///< kEnum: in source order.
  bool is_list = false;           ///< Only with kScalar.
  bool is_nullable = false;
  text::Span span;
  friend bool operator==(const TypeSyntax& a, const TypeSyntax& b) {
    return a.form == b.form && a.scalar == b.scalar && a.dimension == b.dimension &&
           a.enum_values == b.enum_values && a.is_list == b.is_list &&
           a.is_nullable == b.is_nullable;
  }
};

struct PropertySyntax {
  Name name;
  TypeSyntax type;
  std::vector<AnnotationSyntax> annotations;
  text::Span span;
  friend bool operator==(const PropertySyntax& a, const PropertySyntax& b) {
    return a.name == b.name && a.type == b.type && a.annotations == b.annotations;
  }
};

/// `@card(min..max)`; no `max` means no limit.
struct CardinalitySyntax {
  std::uint32_t min = 0;
  std::optional<std::uint32_t> max;
  text::Span span;
  friend bool operator==(const CardinalitySyntax& a, const CardinalitySyntax& b) {
    return a.min == b.min && a.max == b.max;
  }
};

enum class TypeKind : std::uint8_t { kInterface, kNode, kEdge };

/// "interface", "node" or "edge".
std::string_view TypeKindWord(TypeKind kind);

/// One `interface`, `node` or `edge` declaration; the unused parts stay empty.
struct DeclarationSyntax {
  TypeKind kind = TypeKind::kNode;
  Name name;
  std::vector<AnnotationSyntax> annotations;     ///< Of the header; never of interfaces.
  std::vector<Name> implements;                  ///< Nodes only.
  Name from, to;                                 ///< Edges only.
  std::optional<CardinalitySyntax> cardinality;  ///< Edges only.
  std::vector<PropertySyntax> properties;
  std::vector<ConstraintSyntax> constraints;
  bool has_body = false;  ///< False only for edges.
  text::Span body;        ///< From `{` to behind `}`; empty without a body.
  text::Span span;
  friend bool operator==(const DeclarationSyntax& a, const DeclarationSyntax& b) {
    return a.kind == b.kind && a.name == b.name && a.annotations == b.annotations &&
           a.implements == b.implements && a.from == b.from && a.to == b.to &&
           a.cardinality == b.cardinality && a.properties == b.properties &&
           a.constraints == b.constraints;
  }
};

/// A comment with its marks; a line comment does not hold its line end.
struct Comment {
  text::Span span;
  bool is_block = false;
};

/// A whole file. Equality compares what was said, not where: spans and comments do not count.
struct SchemaSyntax {
  std::vector<DeclarationSyntax> declarations;  ///< In source order.
  std::vector<Comment> comments;                ///< In source order.
  friend bool operator==(const SchemaSyntax& a, const SchemaSyntax& b) {
    return a.declarations == b.declarations;
  }
};

}  // namespace omnigraph::schema
