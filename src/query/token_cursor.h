// Walks over the tokens of a `.gq` text and words the errors of the parser. Internal to `query`.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/ast.h"
#include "query/lexer.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::query {

/// All `Accept…` and `Expect…` return whether the token was there, and then stand behind it. After
/// a failed `Expect…` one error has been added; callers return false up to the file level.
class TokenCursor {
 public:
  TokenCursor(const text::Source& source, text::Diagnostics& diagnostics);

  const Token& Peek(std::size_t ahead = 0) const;
  std::string_view Text(const Token& token) const { return source_.At(token.span); }
  bool At(TokenKind kind, std::size_t ahead = 0) const { return Peek(ahead).kind == kind; }
  bool AtWord(std::string_view word, std::size_t ahead = 0) const;
  const Token& Take();

  bool Accept(TokenKind kind);
  bool AcceptWord(std::string_view word);
  /// `what` names what was expected: "'{'", "a query name".
  bool Expect(TokenKind kind, std::string_view what);
  bool ExpectWord(std::string_view word);
  /// A word, type name or variable (`$` is cut off).
  bool ExpectName(TokenKind kind, std::string_view what, Name* name);
  bool ExpectInteger(std::string_view what, std::uint64_t max, std::uint64_t* value);
  bool ExpectString(std::string_view what, std::string* value);

  /// Adds "expected …, found …" at the current token and returns false.
  bool FailExpected(std::string_view what, std::string help = {});
  /// Adds an error and returns false.
  bool Fail(text::Span span, std::string summary, std::string help = {});

  /// From `begin` to the end of the token taken last.
  Place PlaceFrom(std::uint32_t begin) const;
  std::uint32_t Begin() const { return Peek().span.begin; }

  /// Counts open brackets of the grammar; too deep is an error.
  bool Enter();
  void Leave() { --depth_; }

 private:
  bool FailBroken(const Token& token);
  std::string Describe(const Token& token) const;
  void DecodeString(const Token& token, std::string* value);

  const text::Source& source_;
  text::Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::uint32_t depth_ = 0;
};

}  // namespace omnigraph::query
