// Splits a `.pg` text into tokens and comments (S2). Never fails: a character that belongs to no
// token becomes a `kInvalid` token, and the parser reports it where it meets it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/syntax.h"
#include "text/source.h"

namespace omnigraph::schema {

enum class TokenKind : std::uint8_t {
  kEnd,
  kTypeName,   ///< Begins with A-Z.
  kWord,       ///< Begins with a-z or `_`.
  kEnumValue,  ///< Only between the parentheses of `enum(…)`.
  kInteger,    ///< Digits, or `-` and digits.
  kFloat,      ///< Digits, a dot and digits, or `-` and these.
  kString,     ///< With its quotes.
  kOpenBrace,
  kCloseBrace,
  kOpenParen,
  kCloseParen,
  kOpenBracket,
  kCloseBracket,
  kColon,
  kComma,
  kQuestion,
  kEquals,
  kArrow,   ///< `->`
  kDotDot,  ///< `..`
  kAt,
  kAtCard,               ///< `@card`, written together.
  kUnterminatedString,   ///< To the end of the text.
  kUnterminatedComment,  ///< To the end of the text.
  kInvalid,              ///< One character.
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  text::Span span;
};

struct TokenList {
  std::vector<Token> tokens;  ///< Ends with exactly one kEnd.
  std::vector<Comment> comments;
};

/// Requires well-formed UTF-8 of less than 4 GiB. Cost: O(length of text).
TokenList Tokenize(std::string_view text);

/// "a property name", "'{'", …: what a message calls a token of this kind.
std::string_view TokenKindName(TokenKind kind);

}  // namespace omnigraph::schema
