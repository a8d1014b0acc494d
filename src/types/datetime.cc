// Implements types/datetime.h.

#include "types/datetime.h"

#include <charconv>
#include <iterator>
#include <limits>

#include "types/time_zone.h"

namespace omnigraph::types {
namespace {

constexpr std::int64_t kMillisPerDay = 86'400'000;

// Days since 1970-01-01 and back (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
// 2013).
std::int64_t DaysFromCivil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

Civil CivilFromDays(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2), month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

unsigned DaysInMonth(std::int64_t year, unsigned month) {
  constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && is_leap ? 29 : kDays[month - 1];
}

// Reads a text from the left; each step says whether it matched.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool AtEnd() const { return rest_.empty(); }
  char Peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool Skip(char c) {
    if (Peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::size_t DigitsAhead() const {
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9')
      ++count;
    return count;
  }
  // The next `count` characters, which must be digits.
  bool Digits(std::size_t count, unsigned* value) {
    if (DigitsAhead() < count || count > 9) return false;
    *value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      *value = *value * 10 + static_cast<unsigned>(rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return true;
  }

 private:
  std::string_view rest_;
};

bool ReadDate(Reader& reader, std::int64_t* days) {
  bool is_negative = false;
  bool has_sign = false;
  if (reader.Skip('-')) {
    is_negative = has_sign = true;
  } else if (reader.Skip('+')) {
    has_sign = true;
  }
  const std::size_t digits = reader.DigitsAhead();
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!has_sign && digits == 8) {
    if (!reader.Digits(4, &year) || !reader.Digits(2, &month) || !reader.Digits(2, &day)) {
      return false;
    }
  } else {
    if (has_sign ? digits < 4 || digits > 7 : digits != 4) return false;
    if (!reader.Digits(digits, &year) || !reader.Skip('-')) return false;
    if (!reader.Digits(reader.DigitsAhead() == 1 ? 1 : 2, &month) || !reader.Skip('-')) {
      return false;
    }
    if (!reader.Digits(reader.DigitsAhead() == 1 ? 1 : 2, &day)) return false;
  }
  const std::int64_t signed_year = is_negative ? -static_cast<std::int64_t>(year) : year;
  if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(signed_year, month)) return false;
  *days = DaysFromCivil(signed_year, month, day);
  return true;
}

bool ReadTime(Reader& reader, std::int64_t* millis) {
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  const bool has_colons = reader.DigitsAhead() == 2;
  if (!reader.Digits(2, &hour) || (has_colons && !reader.Skip(':'))) return false;
  if (!reader.Digits(2, &minute) || (has_colons && !reader.Skip(':'))) return false;
  if (!reader.Digits(2, &second) || hour > 23 || minute > 59 || second > 60) return false;
  unsigned fraction_millis = 0;
  if (reader.Skip('.')) {
    const std::size_t digits = reader.DigitsAhead();
    unsigned fraction = 0;
    if (digits < 1 || digits > 9 || !reader.Digits(digits, &fraction)) return false;
    std::size_t scale = digits;
    for (; scale < 3; ++scale)
      fraction *= 10;
    for (; scale > 3; --scale)
      fraction /= 10;
    fraction_millis = fraction;
  }
  *millis = ((hour * 60 + minute) * 60 + second) * std::int64_t{1000} + fraction_millis;
  return true;
}

bool ReadOffset(Reader& reader, std::int64_t* offset_millis) {
  *offset_millis = 0;
  if (reader.AtEnd() || reader.Skip('Z') || reader.Skip('z')) return true;
  while (reader.Skip(' ')) {
  }
  const bool is_negative = reader.Peek() == '-';
  if (!reader.Skip('+') && !reader.Skip('-')) return false;
  unsigned hours = 0;
  unsigned minutes = 0;
  if (!reader.Digits(2, &hours)) return false;
  const bool has_colon = reader.Skip(':');
  if ((has_colon || !reader.AtEnd()) && !reader.Digits(2, &minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  *offset_millis = (hours * 60 + minutes) * std::int64_t{60'000};
  if (is_negative) *offset_millis = -*offset_millis;
  return true;
}

// The name of a zone at the end of `text`, which is separated by a space; empty if there is none.
std::string_view ZoneNameIn(std::string_view text) {
  const std::size_t space = text.rfind(' ');
  if (space == std::string_view::npos || space + 1 == text.size()) return {};
  const std::string_view name = text.substr(space + 1);
  const bool begins_like_a_name = (name[0] >= 'A' && name[0] <= 'Z') && name != "Z";
  return begins_like_a_name ? name : std::string_view();
}

std::optional<std::int64_t> ParseTimestamp(std::string_view text) {
  const std::string_view zone = ZoneNameIn(text);
  if (!zone.empty()) text.remove_suffix(zone.size() + 1);
  Reader reader(text);
  std::int64_t days = 0;
  std::int64_t time_millis = 0;
  std::int64_t offset_millis = 0;
  if (!ReadDate(reader, &days)) return std::nullopt;
  if (!reader.Skip('T') && !reader.Skip('t') && !reader.Skip(' ')) return std::nullopt;
  if (!ReadTime(reader, &time_millis)) return std::nullopt;
  if (!zone.empty()) {
    if (!reader.AtEnd()) return std::nullopt;
    return InstantOfLocalTime(zone, days * kMillisPerDay + time_millis);
  }
  if (!ReadOffset(reader, &offset_millis)) return std::nullopt;
  if (!reader.AtEnd()) return std::nullopt;
  return days * kMillisPerDay + time_millis - offset_millis;
}

std::optional<std::int64_t> ParseCalendarDay(std::string_view text) {
  Reader reader(text);
  std::int64_t days = 0;
  if (!ReadDate(reader, &days) || !reader.AtEnd()) return std::nullopt;
  return days;
}

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

// At least `width` digits.
void AppendPadded(std::uint64_t value, std::size_t width, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  const auto count = static_cast<std::size_t>(end - digits);
  if (count < width) out.append(width - count, '0');
  out.append(digits, count);
}

// Years beyond four digits have a sign.
void AppendDate(const Civil& civil, std::string& out) {
  if (civil.year < 0) {
    out += '-';
  } else if (civil.year > 9999) {
    out += '+';
  }
  AppendPadded(static_cast<std::uint64_t>(civil.year < 0 ? -civil.year : civil.year), 4, out);
  out += '-';
  AppendPadded(civil.month, 2, out);
  out += '-';
  AppendPadded(civil.day, 2, out);
}

}  // namespace

std::optional<std::int32_t> ParseDate(std::string_view text) {
  std::optional<std::int64_t> days = ParseCalendarDay(text);
  if (!days) {
    const std::optional<std::int64_t> millis = ParseTimestamp(text);
    if (!millis) return std::nullopt;
    days = FloorDivide(*millis, kMillisPerDay);
  }
  if (*days < std::numeric_limits<std::int32_t>::min() ||
      *days > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(*days);
}

std::optional<std::int64_t> ParseDateTime(std::string_view text) {
  if (text.size() <= 10) {
    const std::optional<std::int64_t> days = ParseCalendarDay(text);
    if (!days) return std::nullopt;
    return *days * kMillisPerDay;
  }
  return ParseTimestamp(text);
}

std::string FormatDate(std::int32_t days) {
  std::string text;
  AppendDate(CivilFromDays(days), text);
  return text;
}

std::string FormatDateTime(std::int64_t millis) {
  const std::int64_t days = FloorDivide(millis, kMillisPerDay);
  const auto of_day = static_cast<unsigned>(millis - days * kMillisPerDay);
  std::string text;
  AppendDate(CivilFromDays(days), text);
  text += 'T';
  AppendPadded(of_day / 3'600'000, 2, text);
  text += ':';
  AppendPadded(of_day / 60'000 % 60, 2, text);
  text += ':';
  AppendPadded(of_day / 1000 % 60, 2, text);
  text += '.';
  AppendPadded(of_day % 1000, 3, text);
  text += 'Z';
  return text;
}

}  // namespace omnigraph::types
