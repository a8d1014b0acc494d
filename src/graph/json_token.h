// Reads the tokens of JSON text: numbers and strings, exactly by RFC 8259. The structure around
// them is the record parser's work.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace omnigraph::graph {

/// What a JSON value is, judged by its first character.
enum class JsonKind : unsigned char {
  kObject,
  kArray,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kInvalid,
};

inline bool IsJsonSpace(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// Drops white space at the end.
inline std::string_view TrimToken(std::string_view token) {
  while (!token.empty() && IsJsonSpace(token.back()))
    token.remove_suffix(1);
  return token;
}

/// The kind of a trimmed token; `kInvalid` for a misspelt literal. Strings and numbers may still be
/// malformed.
JsonKind KindOf(std::string_view token);

/// "a string", "an object", …, for messages.
std::string_view KindName(JsonKind kind);

struct JsonNumber {
  bool is_integer = false;  ///< Written without `.` and exponent.
  bool is_negative = false;
  bool is_too_large = false;    ///< An integer whose magnitude does not fit 64 bits.
  std::uint64_t magnitude = 0;  ///< Of an integer.
  double real = 0;              ///< The nearest float; infinite when beyond the range.
};

/// The whole of a trimmed token as a number; none when malformed. Cost: about 5 ns for the usual
/// short decimals.
std::optional<JsonNumber> ParseJsonNumber(std::string_view token);

/// The text of a trimmed string token, quotes included in the token. Without escapes the result
/// points into `token`, else into `*scratch`. None when it is malformed: a bad escape or half of a
/// surrogate pair. The caller has checked control characters and UTF-8.
std::optional<std::string_view> ParseJsonString(std::string_view token, std::string* scratch);

/// Whether a trimmed token is a well-formed string, number or literal.
bool IsValidScalarToken(std::string_view token);

}  // namespace omnigraph::graph
