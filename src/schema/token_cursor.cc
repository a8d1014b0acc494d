// Implements schema/token_cursor.h.

#include "schema/token_cursor.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "schema/parser.h"
#include "schema/syntax_hints.h"

namespace omnigraph::schema {

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

bool TokenCursor::BeginsLine() const {
  const std::string_view before = source_.text().substr(0, Peek().span.begin);
  const std::size_t last = before.find_last_not_of(" \t\r");
  return last == std::string_view::npos || before[last] == '\n';
}

text::Span TokenCursor::Here() const {
  const text::Span span = Peek().span;
  if (Kind() == TokenKind::kUnterminatedString || Kind() == TokenKind::kUnterminatedComment) {
    const std::size_t line_end = source_.text().find('\n', span.begin);
    return {
        span.begin,
        std::min(span.end, static_cast<std::uint32_t>(std::min(line_end, source_.text().size())))};
  }
  if (Kind() != TokenKind::kEnd || source_.text().empty()) return span;
  std::size_t last = source_.text().find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) last = 0;
  const auto end = static_cast<std::uint32_t>(last + 1);
  while (last > 0 && (static_cast<unsigned char>(source_.text()[last]) & 0xC0) == 0x80)
    --last;
  return {static_cast<std::uint32_t>(last), end};
}

std::string TokenCursor::Found() const {
  switch (Kind()) {
    case TokenKind::kEnd:
    case TokenKind::kUnterminatedString:
    case TokenKind::kUnterminatedComment:
      return std::string(TokenKindName(Kind()));
    default:
      break;
  }
  // Characters that cannot be seen are named.
  if (Text() == "\ufeff") return "a byte-order mark (U+FEFF)";
  if (Text() == "\u00a0") return "a no-break space (U+00A0)";
  return Quoted(Text());
}

bool TokenCursor::Fail(std::string_view expected, std::string help) {
  diagnostics_.Error(std::string(kSyntaxCode), Here(),
                     "expected " + std::string(expected) + ", found " + Found(), std::move(help));
  return false;
}

void TokenCursor::FailDeclaration(text::Span span, std::string summary, std::string help) {
  diagnostics_.Error(std::string(kDeclarationCode), span, std::move(summary), std::move(help));
}

bool TokenCursor::Expect(TokenKind kind, std::string_view context, std::string help) {
  if (TakeIf(kind)) return true;
  if (help.empty()) help = CharacterHint(Text());
  return Fail(std::string(TokenKindName(kind)) + std::string(context), std::move(help));
}

void TokenCursor::SkipToDeclaration() {
  while (Kind() != TokenKind::kEnd && !AtDeclaration())
    Take();
}

void TokenCursor::SkipToItem() {
  while (Kind() != TokenKind::kEnd && Kind() != TokenKind::kCloseBrace && !AtDeclaration() &&
         !AtConstraint() && !AtProperty()) {
    Take();
  }
}

void TokenCursor::SkipToBody() {
  while (Kind() != TokenKind::kEnd && Kind() != TokenKind::kOpenBrace && !AtDeclaration())
    Take();
}

void TokenCursor::SkipParentheses() {
  while (Kind() != TokenKind::kEnd && Kind() != TokenKind::kCloseParen &&
         Kind() != TokenKind::kCloseBrace && Kind() != TokenKind::kOpenBrace && !AtDeclaration() &&
         !AtProperty()) {
    Take();
  }
  TakeIf(TokenKind::kCloseParen);
}

}  // namespace omnigraph::schema
