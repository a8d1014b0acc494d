// Implements graph/json_token.h.

#include "graph/json_token.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace omnigraph::graph {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Powers of ten that a double holds exactly.
constexpr double kExactPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kExactPowerMax = 22;
constexpr std::uint64_t kExactIntegerMax = std::uint64_t{1} << 53;

// The parts of a number, as far as 64 bits hold them.
struct Parts {
  std::uint64_t digits = 0;
  int digits_count = 0;  // Significant ones, without leading zeros.
  std::int64_t exponent = 0;
};

void AddDigit(char c, Parts* parts) {
  const auto digit = static_cast<std::uint64_t>(c - '0');
  if (parts->digits_count == 0 && digit == 0) return;
  if (parts->digits_count < 19) parts->digits = parts->digits * 10 + digit;
  ++parts->digits_count;
}

// The general case: correctly rounded, whatever the length.
double SlowReal(std::string_view token, const Parts& parts) {
  double value = 0;
  const auto read = std::from_chars(token.data(), token.data() + token.size(), value);
  if (read.ec != std::errc::result_out_of_range) return value;
  const bool is_huge = parts.digits_count + parts.exponent > 0;
  value = is_huge ? std::numeric_limits<double>::infinity() : 0.0;
  return token.front() == '-' ? -value : value;
}

double RealOf(std::string_view token, const Parts& parts, bool is_negative) {
  // One rounding at most: exact digits times or over an exact power (Clinger's fast path).
  if (parts.digits_count <= 19 && parts.digits <= kExactIntegerMax &&
      parts.exponent >= -kExactPowerMax && parts.exponent <= kExactPowerMax) {
    const auto digits = static_cast<double>(parts.digits);
    const double value = parts.exponent < 0 ? digits / kExactPowers[-parts.exponent]
                                            : digits * kExactPowers[parts.exponent];
    return is_negative ? -value : value;
  }
  return SlowReal(token, parts);
}

// Reads "e-12"; false when malformed. Exponents beyond any double are clamped.
bool ReadExponent(std::string_view text, std::int64_t* exponent) {
  std::size_t at = 1;
  const bool is_negative = at < text.size() && text[at] == '-';
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  if (at == text.size()) return false;
  std::int64_t value = 0;
  for (; at < text.size(); ++at) {
    if (!IsDigit(text[at])) return false;
    if (value < 1'000'000'000) value = value * 10 + (text[at] - '0');
  }
  *exponent += is_negative ? -value : value;
  return true;
}

bool ReadHex4(std::string_view text, std::size_t at, std::uint32_t* unit) {
  if (at + 4 > text.size()) return false;
  const auto read = std::from_chars(text.data() + at, text.data() + at + 4, *unit, 16);
  return read.ec == std::errc() && read.ptr == text.data() + at + 4;
}

void AppendUtf8(std::uint32_t point, std::string* out) {
  const auto put = [out](std::uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 63));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 63));
    put(0x80 | (point >> 6 & 63));
    put(0x80 | (point & 63));
  }
}

// The escape of `\uXXXX` at `*at`, which points to the first digit and is moved behind the last.
bool ReadCodePoint(std::string_view text, std::size_t* at, std::uint32_t* point) {
  if (!ReadHex4(text, *at, point)) return false;
  *at += 4;
  if (*point < 0xd800 || *point > 0xdfff) return true;
  std::uint32_t low = 0;
  if (*point > 0xdbff || text.substr(*at, 2) != "\\u" || !ReadHex4(text, *at + 2, &low) ||
      low < 0xdc00 || low > 0xdfff) {
    return false;
  }
  *at += 6;
  *point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
  return true;
}

char PlainEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

}  // namespace

JsonKind KindOf(std::string_view token) {
  if (token.empty()) return JsonKind::kInvalid;
  switch (token.front()) {
    case '{':
      return JsonKind::kObject;
    case '[':
      return JsonKind::kArray;
    case '"':
      return JsonKind::kString;
    case 't':
      return token == "true" ? JsonKind::kTrue : JsonKind::kInvalid;
    case 'f':
      return token == "false" ? JsonKind::kFalse : JsonKind::kInvalid;
    case 'n':
      return token == "null" ? JsonKind::kNull : JsonKind::kInvalid;
    default:
      return token.front() == '-' || IsDigit(token.front()) ? JsonKind::kNumber
                                                            : JsonKind::kInvalid;
  }
}

std::string_view KindName(JsonKind kind) {
  switch (kind) {
    case JsonKind::kObject:
      return "an object";
    case JsonKind::kArray:
      return "an array";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kTrue:
      return "true";
    case JsonKind::kFalse:
      return "false";
    case JsonKind::kNull:
      return "null";
    case JsonKind::kInvalid:
      break;
  }
  return "no JSON value";
}

std::optional<JsonNumber> ParseJsonNumber(std::string_view token) {
  JsonNumber number;
  Parts parts;
  const char* at = token.data();
  const char* const end = at + token.size();
  number.is_negative = at != end && *at == '-';
  if (number.is_negative) ++at;
  if (at == end || !IsDigit(*at)) return std::nullopt;
  if (*at == '0' && at + 1 != end && IsDigit(at[1])) return std::nullopt;
  for (; at != end && IsDigit(*at); ++at)
    AddDigit(*at, &parts);
  number.is_integer = at == end;
  if (number.is_integer) {
    number.magnitude = parts.digits;
    if (parts.digits_count > 19) {
      const char* const first = token.data() + (number.is_negative ? 1 : 0);
      number.is_too_large =
          std::from_chars(first, end, number.magnitude).ec == std::errc::result_out_of_range;
    }
    if (parts.digits_count > 19) parts.exponent = parts.digits_count - 19;
    number.real = RealOf(token, parts, number.is_negative);
    return number;
  }
  if (*at == '.') {
    const char* const fraction = ++at;
    for (; at != end && IsDigit(*at); ++at)
      AddDigit(*at, &parts);
    if (at == fraction) return std::nullopt;
    parts.exponent = -(at - fraction);
  }
  if (at != end) {
    const std::string_view rest(at, static_cast<std::size_t>(end - at));
    if ((*at != 'e' && *at != 'E') || !ReadExponent(rest, &parts.exponent)) return std::nullopt;
  }
  number.real = RealOf(token, parts, number.is_negative);
  return number;
}

std::optional<std::string_view> ParseJsonString(std::string_view token, std::string* scratch) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return std::nullopt;
  const std::string_view body = token.substr(1, token.size() - 2);
  std::size_t next = body.find('\\');
  if (next == std::string_view::npos) return body;

  scratch->clear();
  std::size_t done = 0;
  while (next != std::string_view::npos) {
    scratch->append(body, done, next - done);
    if (next + 1 >= body.size()) return std::nullopt;
    const char escape = body[next + 1];
    std::size_t at = next + 2;
    if (escape == 'u') {
      std::uint32_t point = 0;
      if (!ReadCodePoint(body, &at, &point)) return std::nullopt;
      AppendUtf8(point, scratch);
    } else {
      const char plain = PlainEscape(escape);
      if (plain == '\0') return std::nullopt;
      scratch->push_back(plain);
    }
    done = at;
    next = body.find('\\', at);
  }
  scratch->append(body, done, body.size() - done);
  return std::string_view(*scratch);
}

bool IsValidScalarToken(std::string_view token) {
  std::string scratch;
  switch (KindOf(token)) {
    case JsonKind::kString:
      return ParseJsonString(token, &scratch).has_value();
    case JsonKind::kNumber:
      return ParseJsonNumber(token).has_value();
    case JsonKind::kTrue:
    case JsonKind::kFalse:
    case JsonKind::kNull:
      return true;
    case JsonKind::kObject:
    case JsonKind::kArray:
    case JsonKind::kInvalid:
      return false;
  }
  return false;
}

}  // namespace omnigraph::graph
