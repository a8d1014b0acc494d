// The tokenizer of `.pg`. Maximal munch throughout (S2.2); `enum(` opens a mode in which words may
// hold hyphens and begin with digits, and the matching `)` closes it.

#include "schema/lexer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace omnigraph::schema {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || c == '_';
}
bool IsWordPart(char c) {
  return IsWordStart(c) || IsUpper(c) || IsDigit(c);
}
bool IsEnumPart(char c) {
  return IsWordPart(c) || c == '-';
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {}

  TokenList Run() {
    while (true) {
      const bool is_complete = SkipTrivia();
      if (!is_complete) continue;
      if (at_ == text_.size()) break;
      Next();
    }
    Push(TokenKind::kEnd, text_.size());
    return std::move(out_);
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void Push(TokenKind kind, std::size_t begin) {
    out_.tokens.push_back(
        {kind, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)}});
  }

  template <typename Predicate>
  void SkipWhile(Predicate predicate) {
    while (at_ < text_.size() && predicate(text_[at_]))
      ++at_;
  }

  // Skips white space and comments. False when it produced a token for an unterminated comment.
  bool SkipTrivia() {
    while (true) {
      SkipWhile([](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
      if (Peek() != '/' || (Peek(1) != '/' && Peek(1) != '*')) return true;
      const std::size_t begin = at_;
      const bool is_block = Peek(1) == '*';
      const std::size_t end = is_block ? text_.find("*/", at_ + 2) : text_.find('\n', at_);
      if (is_block && end == std::string_view::npos) {
        at_ = text_.size();
        Push(TokenKind::kUnterminatedComment, begin);
        return false;
      }
      at_ = is_block ? end + 2 : std::min(end, text_.size());
      out_.comments.push_back(
          {{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)}, is_block});
    }
  }

  void Next() {
    const std::size_t begin = at_;
    const char c = Peek();
    if (is_in_enum_ && IsEnumPart(c)) {
      SkipWhile(IsEnumPart);
      return Push(TokenKind::kEnumValue, begin);
    }
    if (IsUpper(c) || IsWordStart(c)) {
      SkipWhile(IsWordPart);
      return Push(IsUpper(c) ? TokenKind::kTypeName : TokenKind::kWord, begin);
    }
    if (IsDigit(c) || (c == '-' && IsDigit(Peek(1)))) return Number();
    if (c == '"') return String();
    Symbol();
  }

  void Number() {
    const std::size_t begin = at_;
    if (Peek() == '-') ++at_;
    SkipWhile(IsDigit);
    const bool is_float = Peek() == '.' && IsDigit(Peek(1));
    if (is_float) {
      ++at_;
      SkipWhile(IsDigit);
    }
    Push(is_float ? TokenKind::kFloat : TokenKind::kInteger, begin);
  }

  void String() {
    const std::size_t begin = at_++;
    while (at_ < text_.size() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' ? 2 : 1;
    }
    if (at_ >= text_.size()) {
      at_ = text_.size();
      return Push(TokenKind::kUnterminatedString, begin);
    }
    ++at_;
    Push(TokenKind::kString, begin);
  }

  void Symbol() {
    const std::size_t begin = at_;
    const char c = text_[at_++];
    const char next = Peek();
    switch (c) {
      case '{':
        return CloseEnum(TokenKind::kOpenBrace, begin);
      case '}':
        return CloseEnum(TokenKind::kCloseBrace, begin);
      case ')':
        return CloseEnum(TokenKind::kCloseParen, begin);
      case '(':
        return OpenParen(begin);
      case '[':
        return Push(TokenKind::kOpenBracket, begin);
      case ']':
        return Push(TokenKind::kCloseBracket, begin);
      case ':':
        return Push(TokenKind::kColon, begin);
      case ',':
        return Push(TokenKind::kComma, begin);
      case '?':
        return Push(TokenKind::kQuestion, begin);
      case '=':
        return Push(TokenKind::kEquals, begin);
      case '@':
        return At(begin);
      default:
        break;
    }
    if ((c == '-' && next == '>') || (c == '.' && next == '.')) {
      ++at_;
      return Push(c == '-' ? TokenKind::kArrow : TokenKind::kDotDot, begin);
    }
    // A character of several bytes is one token, so that a caret never splits it.
    SkipWhile([](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; });
    Push(TokenKind::kInvalid, begin);
  }

  void At(std::size_t begin) {
    constexpr std::string_view kCard = "card";
    if (text_.substr(at_, kCard.size()) == kCard && !IsWordPart(Peek(kCard.size()))) {
      at_ += kCard.size();
      return Push(TokenKind::kAtCard, begin);
    }
    Push(TokenKind::kAt, begin);
  }

  // `@enum(…)` is an annotation, so the word only counts without an `@` before it.
  void OpenParen(std::size_t begin) {
    const auto& tokens = out_.tokens;
    const std::size_t count = tokens.size();
    is_in_enum_ = count > 0 && tokens.back().kind == TokenKind::kWord &&
                  TextOf(tokens.back()) == "enum" &&
                  (count == 1 || tokens[count - 2].kind != TokenKind::kAt);
    Push(TokenKind::kOpenParen, begin);
  }

  void CloseEnum(TokenKind kind, std::size_t begin) {
    is_in_enum_ = false;
    Push(kind, begin);
  }

  std::string_view TextOf(const Token& token) const {
    return text_.substr(token.span.begin, token.span.end - token.span.begin);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool is_in_enum_ = false;
  TokenList out_;
};

}  // namespace

TokenList Tokenize(std::string_view text) {
  return Tokenizer(text).Run();
}

std::string_view TokenKindName(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd:
      return "the end of the file";
    case TokenKind::kTypeName:
      return "a type name";
    case TokenKind::kWord:
      return "a lower-case name";
    case TokenKind::kEnumValue:
      return "an enum value";
    case TokenKind::kInteger:
      return "a whole number";
    case TokenKind::kFloat:
      return "a number";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kOpenBrace:
      return "'{'";
    case TokenKind::kCloseBrace:
      return "'}'";
    case TokenKind::kOpenParen:
      return "'('";
    case TokenKind::kCloseParen:
      return "')'";
    case TokenKind::kOpenBracket:
      return "'['";
    case TokenKind::kCloseBracket:
      return "']'";
    case TokenKind::kColon:
      return "':'";
    case TokenKind::kComma:
      return "','";
    case TokenKind::kQuestion:
      return "'?'";
    case TokenKind::kEquals:
      return "'='";
    case TokenKind::kArrow:
      return "'->'";
    case TokenKind::kDotDot:
      return "'..'";
    case TokenKind::kAt:
      return "'@'";
    case TokenKind::kAtCard:
      return "'@card'";
    case TokenKind::kUnterminatedString:
      return "a string without its closing quote";
    case TokenKind::kUnterminatedComment:
      return "a comment without its closing '*/'";
    case TokenKind::kInvalid:
      return "an unexpected character";
  }
  OG_CHECK(false);
}

}  // namespace omnigraph::schema
