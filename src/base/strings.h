// Small text operations that the standard library lacks.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace omnigraph {

/// Drops leading and trailing ASCII white space.
std::string_view TrimSpace(std::string_view text);

/// The pieces between separators; "a,,b" gives three. An empty text gives one empty piece.
std::vector<std::string_view> Split(std::string_view text, char separator);

std::string Join(const std::vector<std::string>& parts, std::string_view separator);

/// ASCII only; other bytes stay.
std::string ToLowerAscii(std::string_view text);
bool EqualsIgnoreAsciiCase(std::string_view left, std::string_view right);

/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool IsValidUtf8(std::string_view text);

/// The whole text as a decimal integer; none when empty, malformed or out of range.
std::optional<std::int64_t> ParseInt64(std::string_view text);
std::optional<std::uint64_t> ParseUint64(std::string_view text);

/// At most `size_bytes_max` bytes of `text`, cut at a character, with "…" where cut. For messages.
std::string Abbreviate(std::string_view text, std::size_t size_bytes_max = 200);

/// `text` in single quotes, abbreviated, control characters as escapes. For messages.
std::string Quoted(std::string_view text);

}  // namespace omnigraph
