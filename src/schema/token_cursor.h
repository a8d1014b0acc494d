// Walks over the tokens of a `.pg` text: what stands here, one step on, an error about it, and
// where to go on after an error. The grammar is built on it (annotation_grammar.h, parser.cc).

#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/lexer.h"
#include "schema/syntax.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace omnigraph::schema {

/// The constraint or kind of type that the word names, or none.
std::optional<ConstraintKind> ConstraintOf(std::string_view word);
std::optional<TypeKind> TypeKindOf(std::string_view word);

/// `source` and `diagnostics` must outlive the cursor.
class TokenCursor {
 public:
  TokenCursor(const text::Source& source, text::Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics), lexed_(Tokenize(source.text())) {}

 protected:
  const text::Source& source() const { return source_; }
  bool is_full() const { return diagnostics_.is_full(); }
  std::vector<Comment> TakeComments() { return std::move(lexed_.comments); }
  void Report(text::Diagnostic diagnostic) { diagnostics_.Add(std::move(diagnostic)); }

  // Looking. At the end every further token is kEnd.
  const Token& Peek(std::size_t ahead = 0) const {
    return lexed_.tokens[std::min(at_ + ahead, lexed_.tokens.size() - 1)];
  }
  TokenKind Kind(std::size_t ahead = 0) const { return Peek(ahead).kind; }
  std::string_view Text(std::size_t ahead = 0) const { return source_.At(Peek(ahead).span); }
  bool AtWord(std::string_view word) const { return Kind() == TokenKind::kWord && Text() == word; }
  /// A declaration begins here beyond doubt: `node` and so on may also be a property's name. One
  /// whose name is spelled wrongly counts if it begins its line.
  bool AtDeclaration() const {
    if (Kind() != TokenKind::kWord || !TypeKindOf(Text())) return false;
    return Kind(1) == TokenKind::kTypeName || (Kind(1) == TokenKind::kWord && BeginsLine());
  }
  bool BeginsLine() const;
  /// `@key(` and so on: always a constraint of the body, never an annotation (S3, rule 1).
  bool AtConstraint() const {
    return Kind() == TokenKind::kAt && Kind(1) == TokenKind::kWord && ConstraintOf(Text(1)) &&
           Kind(2) == TokenKind::kOpenParen;
  }
  bool AtProperty() const {
    return (Kind() == TokenKind::kWord || Kind() == TokenKind::kTypeName) &&
           Kind(1) == TokenKind::kColon;
  }

  // Going on.
  std::size_t position() const { return at_; }
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
  /// The token as a name; any kind.
  Name TakeName() {
    Name name = {std::string(Text()), {}};
    name.span = Take();
    return name;
  }
  /// From `begin` to the end of the last taken token.
  text::Span Since(text::Span begin) const { return {begin.begin, std::max(last_end_, begin.end)}; }

  // Errors. `Fail` and `Expect` are syntax errors at the current token and return false.
  bool Fail(std::string_view expected, std::string help = {});
  bool Expect(TokenKind kind, std::string_view context, std::string help = {});
  void FailDeclaration(text::Span span, std::string summary, std::string help = {});
  /// The place of the current token; at the end of the file that of the last character, so that
  /// there is something to point at.
  text::Span Here() const;
  std::string Found() const;

  // Recovery.
  void SkipToDeclaration();
  /// To the next item of the body, its end, or the next declaration.
  void SkipToItem();
  void SkipToBody();
  /// Behind the parenthesis that is open here, if it is closed before anything else begins.
  void SkipParentheses();

 private:
  const text::Source& source_;
  text::Diagnostics& diagnostics_;
  TokenList lexed_;
  std::size_t at_ = 0;
  std::uint32_t last_end_ = 0;
};

}  // namespace omnigraph::schema
