// Implements query/lexer.h.

#include "query/lexer.h"

namespace omnigraph::query {
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
bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> Run() {
    while (SkipSpace()) {
      const std::size_t begin = at_;
      Push(Scan(), begin);
    }
    Push(TokenKind::kEnd, text_.size());
    return std::move(tokens_);
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void Push(TokenKind kind, std::size_t begin) {
    tokens_.push_back({kind, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)}});
  }

  // Skips white space and comments; false at the end of the text.
  bool SkipSpace() {
    while (at_ < text_.size()) {
      if (IsSpace(text_[at_])) {
        ++at_;
      } else if (text_.substr(at_, 2) == "//") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*") {
        const std::size_t close = text_.find("*/", at_ + 2);
        if (close == std::string_view::npos) return true;  // Scan() makes the broken token.
        at_ = close + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  TokenKind Scan() {
    const char c = text_[at_];
    if (IsWordStart(c)) return TakeWord(TokenKind::kWord);
    if (IsUpper(c)) return TakeWord(TokenKind::kTypeName);
    if (IsDigit(c)) return ScanNumber();
    if (c == '"') return ScanString();
    if (c == '$') {
      ++at_;
      const bool is_good = IsWordStart(Peek());
      return TakeWord(is_good ? TokenKind::kVariable : TokenKind::kBadVariable);
    }
    if (text_.substr(at_, 2) == "/*") {
      at_ = text_.size();
      return TokenKind::kUnterminatedComment;
    }
    return ScanSymbol();
  }

  TokenKind TakeWord(TokenKind kind) {
    while (IsWordPart(Peek()))
      ++at_;
    return kind;
  }

  TokenKind ScanNumber() {
    while (IsDigit(Peek()))
      ++at_;
    if (Peek() != '.' || !IsDigit(Peek(1))) return TokenKind::kInteger;
    ++at_;
    while (IsDigit(Peek()))
      ++at_;
    return TokenKind::kFloat;
  }

  TokenKind ScanString() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;  // Whatever is escaped does not close the string.
      } else if (text_[at_] == '"') {
        ++at_;
        return TokenKind::kString;
      }
    }
    at_ = text_.size();
    return TokenKind::kUnterminatedString;
  }

  TokenKind Take(std::size_t size_bytes, TokenKind kind) {
    at_ += size_bytes;
    return kind;
  }

  TokenKind ScanSymbol() {
    const bool is_followed_by_equal = Peek(1) == '=';
    switch (text_[at_]) {
      case '{':
        return Take(1, TokenKind::kOpenBrace);
      case '}':
        return Take(1, TokenKind::kCloseBrace);
      case '(':
        return Take(1, TokenKind::kOpenParen);
      case ')':
        return Take(1, TokenKind::kCloseParen);
      case '[':
        return Take(1, TokenKind::kOpenBracket);
      case ']':
        return Take(1, TokenKind::kCloseBracket);
      case ':':
        return Take(1, TokenKind::kColon);
      case ',':
        return Take(1, TokenKind::kComma);
      case '.':
        return Take(1, TokenKind::kDot);
      case '?':
        return Take(1, TokenKind::kQuestion);
      case '@':
        return Take(1, TokenKind::kAt);
      case '=':
        return Take(1, TokenKind::kEqual);
      case '!':
        if (is_followed_by_equal) return Take(2, TokenKind::kNotEqual);
        break;
      case '<':
        if (is_followed_by_equal) return Take(2, TokenKind::kLessOrEqual);
        return Take(1, TokenKind::kLess);
      case '>':
        if (is_followed_by_equal) return Take(2, TokenKind::kGreaterOrEqual);
        return Take(1, TokenKind::kGreater);
      default:
        break;
    }
    ++at_;
    while ((static_cast<unsigned char>(Peek()) & 0xc0) == 0x80)
      ++at_;  // The whole character.
    return TokenKind::kInvalid;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view text) {
  return Lexer(text).Run();
}

}  // namespace omnigraph::query
