// Implements query/token_cursor.h.

#include "query/token_cursor.h"

#include <algorithm>

#include "base/strings.h"
#include "query/parser.h"

namespace omnigraph::query {

TokenCursor::TokenCursor(const text::Source& source, text::Diagnostics& diagnostics)
    : source_(source), diagnostics_(diagnostics), tokens_(Tokenize(source.text())) {}

const Token& TokenCursor::Peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

bool TokenCursor::AtWord(std::string_view word, std::size_t ahead) const {
  return At(TokenKind::kWord, ahead) && Text(Peek(ahead)) == word;
}

const Token& TokenCursor::Take() {
  const Token& token = Peek();
  if (token.kind != TokenKind::kEnd) ++at_;
  return token;
}

bool TokenCursor::Accept(TokenKind kind) {
  if (!At(kind)) return false;
  Take();
  return true;
}

bool TokenCursor::AcceptWord(std::string_view word) {
  if (!AtWord(word)) return false;
  Take();
  return true;
}

bool TokenCursor::Expect(TokenKind kind, std::string_view what) {
  return Accept(kind) || FailExpected(what);
}

bool TokenCursor::ExpectWord(std::string_view word) {
  return AcceptWord(word) || FailExpected("'" + std::string(word) + "'");
}

bool TokenCursor::ExpectName(TokenKind kind, std::string_view what, Name* name) {
  if (!At(kind)) {
    const bool is_capital = kind == TokenKind::kWord && At(TokenKind::kTypeName);
    return FailExpected(what, is_capital ? "names start with a lower-case letter or '_'" : "");
  }
  const Token& token = Take();
  name->text = Text(token).substr(kind == TokenKind::kVariable ? 1 : 0);
  name->place = {token.span};
  return true;
}

bool TokenCursor::ExpectInteger(std::string_view what, std::uint64_t max, std::uint64_t* value) {
  if (!At(TokenKind::kInteger)) return FailExpected(what);
  const Token& token = Take();
  const auto parsed = ParseUint64(Text(token));
  if (!parsed || *parsed > max) {
    return Fail(token.span, "invalid integer " + Abbreviate(Text(token), 40) + " as " +
                                std::string(what) + ": the largest is " + std::to_string(max));
  }
  *value = *parsed;
  return true;
}

bool TokenCursor::ExpectString(std::string_view what, std::string* value) {
  if (!At(TokenKind::kString)) return FailExpected(what);
  DecodeString(Take(), value);
  return true;
}

void TokenCursor::DecodeString(const Token& token, std::string* value) {
  const std::string_view body = Text(token).substr(1, Text(token).size() - 2);
  value->clear();
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      *value += body[i];
      continue;
    }
    const char escaped = body[++i];  // The lexer never ends a string behind a backslash.
    switch (escaped) {
      case '"':
      case '\\':
        *value += escaped;
        break;
      case 'n':
        *value += '\n';
        break;
      case 'r':
        *value += '\r';
        break;
      case 't':
        *value += '\t';
        break;
      default: {
        std::size_t size_bytes = 1;
        while (i + size_bytes < body.size() &&
               (static_cast<unsigned char>(body[i + size_bytes]) & 0xc0) == 0x80) {
          ++size_bytes;
        }
        const auto begin = static_cast<std::uint32_t>(token.span.begin + i);
        // Not fatal: the rest of the text still reads well.
        Fail({begin, static_cast<std::uint32_t>(begin + 1 + size_bytes)},
             "unsupported escape '\\" + std::string(body.substr(i, size_bytes)) + "' in a string",
             R"(the escapes are \" \\ \n \r and \t)");
      }
    }
  }
}

bool TokenCursor::FailExpected(std::string_view what, std::string help) {
  const Token& token = Peek();
  if (token.kind >= TokenKind::kBadVariable) return FailBroken(token);
  return Fail(token.span, "expected " + std::string(what) + ", found " + Describe(token),
              std::move(help));
}

bool TokenCursor::FailBroken(const Token& token) {
  const std::string text(Text(token));
  switch (token.kind) {
    case TokenKind::kBadVariable:
      return Fail(token.span, "invalid variable " + Quoted(text),
                  "a variable is '$' and a name that starts with a lower-case letter or '_'");
    case TokenKind::kUnterminatedString:
      return Fail({token.span.begin, token.span.begin + 1}, "string is not closed",
                  "add the closing '\"'");
    case TokenKind::kUnterminatedComment:
      return Fail({token.span.begin, token.span.begin + 2}, "comment is not closed",
                  "add the closing '*/'");
    default:
      return Fail(token.span, "unexpected character " + Quoted(text),
                  text == "-"   ? "there are no negative literals: pass the value as a parameter"
                  : text == "'" ? "strings stand in double quotes"
                  : text == "*" ? "there is no '*': count a variable, as in count($p)"
                                : "");
  }
}

bool TokenCursor::Fail(text::Span span, std::string summary, std::string help) {
  if (span.begin == span.end && span.end < source_.text().size()) ++span.end;
  diagnostics_.Error("", span, std::move(summary), std::move(help));
  return false;
}

std::string TokenCursor::Describe(const Token& token) const {
  if (token.kind == TokenKind::kEnd) return "the end of the text";
  if (token.kind == TokenKind::kString) return "a string";
  return Quoted(Abbreviate(Text(token), 60));
}

Place TokenCursor::PlaceFrom(std::uint32_t begin) const {
  return {{begin, at_ > 0 ? std::max(begin, tokens_[at_ - 1].span.end) : begin}};
}

bool TokenCursor::Enter() {
  if (++depth_ <= kNestingDepthMax) return true;
  return Fail(Peek().span, "nested deeper than " + std::to_string(kNestingDepthMax) +
                               " levels (query.nesting_depth_max)");
}

}  // namespace omnigraph::query
