// Days and instants: text to number and back (proleptic Gregorian calendar, UTC).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace omnigraph::types {

/// Days since 1970-01-01 of a date or timestamp text; of a timestamp the day in UTC. None when the
/// text is malformed or the day does not fit 32 bits.
///
/// Accepted: `2024-06-01`, `2024-6-1`, `20240601`, `+12024-01-01`, `-0044-03-15`, and everything
/// that `ParseDateTime` takes. No surrounding white space.
std::optional<std::int32_t> ParseDate(std::string_view text);

/// Milliseconds since the epoch. Accepted: a date of at most 10 characters (midnight UTC), or date,
/// `T`/`t`/one space, `hh:mm:ss` or `hhmmss`, optional fraction of 1 to 9 digits (cut to
/// milliseconds, towards earlier time), optional `Z`/`z` or offset `+02:00`, `+0200`, `+02`, or
/// behind a space the name of a zone (` Europe/Paris`), in which the time must be there once. No
/// offset means UTC. Second 60 counts as the next minute's second 0.
std::optional<std::int64_t> ParseDateTime(std::string_view text);

/// `YYYY-MM-DD`; years outside 0 … 9999 carry a sign and at least 4 digits.
std::string FormatDate(std::int32_t days);

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`.
std::string FormatDateTime(std::int64_t millis);

}  // namespace omnigraph::types
