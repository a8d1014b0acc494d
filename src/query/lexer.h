// Splits a `.gq` text into tokens (S2). Never fails: what belongs to no token becomes a token of
// one of the broken kinds, and the parser reports it where it meets it.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/source.h"

namespace omnigraph::query {

enum class TokenKind : std::uint8_t {
  kEnd,
  kWord,      ///< Begins with a-z or `_`: names, edge words, keywords.
  kTypeName,  ///< Begins with A-Z.
  kVariable,  ///< `$` and a word.
  kInteger,
  kFloat,
  kString,  ///< With its quotes.
  kOpenBrace,
  kCloseBrace,
  kOpenParen,
  kCloseParen,
  kOpenBracket,
  kCloseBracket,
  kColon,
  kComma,
  kDot,
  kQuestion,
  kAt,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  // The broken kinds.
  kBadVariable,          ///< `$` without a word.
  kUnterminatedString,   ///< To the end of the text.
  kUnterminatedComment,  ///< To the end of the text.
  kInvalid,              ///< One character.
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  text::Span span;
};

/// The tokens of `text`, ending with exactly one `kEnd`. Requires less than 4 GiB.
/// Cost: O(length of text).
std::vector<Token> Tokenize(std::string_view text);

}  // namespace omnigraph::query
