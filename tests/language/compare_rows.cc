// Implements compare_rows.h.

#include "compare_rows.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.h"
#include "types/datetime.h"

namespace omnigraph::language {
namespace {

using Json = nlohmann::json;

constexpr double kRelativeTolerance = 1e-9;
constexpr std::int64_t kRecentMillis = 60'000;

bool IsRecent(const Json& value) {
  if (!value.is_string()) return false;
  const auto millis = types::ParseDateTime(value.get<std::string>());
  if (!millis) return false;
  const std::int64_t age_millis = Clock::System().NowMicros() / 1000 - *millis;
  return age_millis >= 0 && age_millis <= kRecentMillis;
}

bool IsSame(const Json& expected, const Json& found) {
  if (expected.is_string() && expected == "<now>") return IsRecent(found);
  if (expected.is_array()) {
    return found.is_array() &&
           std::equal(expected.begin(), expected.end(), found.begin(), found.end(), IsSame);
  }
  if (expected.is_number_float() && found.is_number_float()) {
    const double left = expected.get<double>();
    const double right = found.get<double>();
    return std::abs(left - right) <= kRelativeTolerance * std::max(std::abs(left), std::abs(right));
  }
  const auto is_whole = [](const Json& value) {
    return value.is_number_integer() || value.is_number_unsigned();
  };
  if (expected.is_number()) return is_whole(expected) && is_whole(found) && expected == found;
  return expected == found;
}

// `[…] […]` as one array of arrays.
std::string AsArray(std::string_view rows) {
  std::string text = "[";
  std::size_t depth = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const char c = rows[i];
    if (c == '[' && !is_in_string && depth++ == 0 && text.size() > 1) text += ',';
    text += c;
    if (c == '\\' && is_in_string && i + 1 < rows.size()) text += rows[++i];
    if (c == '"') is_in_string = !is_in_string;
    if (c == ']' && !is_in_string) --depth;
  }
  return text + "]";
}

std::vector<Json> RowsOf(const exec::ResultTable& table) {
  std::vector<Json> rows;
  for (std::uint64_t row = 0; row < table.rows_count(); ++row) {
    Json cells = Json::array();
    for (std::size_t column = 0; column < table.columns().size(); ++column) {
      cells.push_back(Json::parse(table.CellJson(row, column)));
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

std::string Print(const std::vector<Json>& rows) {
  std::string text;
  for (const Json& row : rows)
    text += row.dump() + " ";
  return text.empty() ? "none" : text;
}

}  // namespace

std::string CompareRows(const exec::ResultTable& table, std::string_view expected,
                        bool is_ordered) {
  const Json parsed = Json::parse(AsArray(expected), nullptr, false);
  if (parsed.is_discarded())
    return "the expected rows are not JSON arrays: " + std::string(expected);
  std::vector<Json> wanted(parsed.begin(), parsed.end());
  std::vector<Json> found = RowsOf(table);
  if (!is_ordered) {
    std::sort(wanted.begin(), wanted.end());
    std::sort(found.begin(), found.end());
  }
  if (std::equal(wanted.begin(), wanted.end(), found.begin(), found.end(), IsSame)) return {};
  return "expected " + Print(wanted) + "\n    found    " + Print(found);
}

}  // namespace omnigraph::language
