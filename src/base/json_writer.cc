// Implements base/json_writer.h.

#include "base/json_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "base/check.h"

namespace omnigraph {
namespace {

constexpr bool NeedsEscape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

// Whether one of the next bytes needs an escape: eight of them at once, by arithmetic on a word.
bool HasEscape(const char* bytes) {
  constexpr std::uint64_t kOnes = ~std::uint64_t{0} / 255;
  constexpr std::uint64_t kHighBits = kOnes * 0x80;
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  const auto has_zero = [](std::uint64_t w) { return (w - kOnes) & ~w; };
  const std::uint64_t controls = (word - kOnes * 0x20) & ~word;
  const std::uint64_t quotes = has_zero(word ^ (kOnes * '"'));
  const std::uint64_t backslashes = has_zero(word ^ (kOnes * '\\'));
  return ((controls | quotes | backslashes) & kHighBits) != 0;
}

void AppendEscape(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default: {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned char>(c));
      out += escape;
    }
  }
}

template <typename Integer>
void AppendInteger(Integer value, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out.append(digits, end);
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  std::size_t copied = 0;
  std::size_t i = 0;
  while (true) {
    while (i + kWordBytes <= text.size() && !HasEscape(text.data() + i))
      i += kWordBytes;
    // The rest of a word that has one, or of the text.
    const std::size_t end = std::min(i + kWordBytes, text.size());
    if (i == end) break;
    for (; i < end; ++i) {
      if (!NeedsEscape(static_cast<unsigned char>(text[i]))) continue;
      out.append(text, copied, i - copied);
      AppendEscape(text[i], out);
      copied = i + 1;
    }
  }
  out.append(text, copied, text.size() - copied);
  out.push_back('"');
}

void AppendJsonInt(std::int64_t value, std::string& out) {
  AppendInteger(value, out);
}

void AppendJsonUint(std::uint64_t value, std::string& out) {
  AppendInteger(value, out);
}

void AppendJsonDouble(double value, std::string& out) {
  OG_CHECK(std::isfinite(value));
  const double magnitude = std::fabs(value);
  const bool is_plain = value == 0 || (magnitude >= 1e-5 && magnitude < 1e16);
  char digits[400];
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, format).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  if (is_plain) {
    out += text;
    if (text.find('.') == std::string_view::npos) out += ".0";
    return;
  }
  // "1e-07" reads "1e-7", the spelling of the other JSON writers of this format.
  const std::size_t e = text.find('e');
  out += text.substr(0, e + 1);
  std::size_t exponent = e + 1;
  if (text[exponent] == '-') out.push_back('-');
  if (text[exponent] == '-' || text[exponent] == '+') ++exponent;
  while (exponent + 1 < text.size() && text[exponent] == '0')
    ++exponent;
  out += text.substr(exponent);
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  AppendJsonString(key, out_);
  out_.push_back(':');
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  Separate();
  AppendJsonString(value, out_);
  return *this;
}

JsonWriter& JsonWriter::Int(std::int64_t value) {
  Separate();
  AppendJsonInt(value, out_);
  return *this;
}

JsonWriter& JsonWriter::Uint(std::uint64_t value) {
  Separate();
  AppendJsonUint(value, out_);
  return *this;
}

JsonWriter& JsonWriter::Double(double value) {
  Separate();
  AppendJsonDouble(value, out_);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool value) {
  return Raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::Null() {
  return Raw("null");
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::Open(char bracket) {
  Separate();
  out_.push_back(bracket);
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::Close(char bracket) {
  out_.push_back(bracket);
  needs_comma_ = true;
  return *this;
}

void JsonWriter::Separate() {
  if (needs_comma_) out_.push_back(',');
  needs_comma_ = true;
}

}  // namespace omnigraph
