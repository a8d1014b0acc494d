// Implements types/time_zone.h with the zones that Arrow reads; the adapter of that part of it.

#include "types/time_zone.h"

#include <arrow/vendored/datetime.h>

#include <chrono>
#include <exception>

namespace omnigraph::types {

std::optional<std::int64_t> InstantOfLocalTime(std::string_view zone, std::int64_t local_millis) {
  namespace date = arrow_vendored::date;
  // The files list the changes of clocks up to 2037; behind that the answer would be a guess.
  constexpr std::int64_t kMillisMax = 2'145'916'800'000;    // 2038-01-01.
  constexpr std::int64_t kMillisMin = -62'135'596'800'000;  // 0001-01-01.
  if (local_millis >= kMillisMax || local_millis < kMillisMin) return std::nullopt;
  try {
    const date::local_time<std::chrono::milliseconds> local{
        std::chrono::milliseconds(local_millis)};
    const date::local_info info = date::locate_zone(zone)->get_info(local);
    if (info.result != date::local_info::unique) return std::nullopt;
    return local_millis - std::chrono::milliseconds(info.first.offset).count();
  } catch (const std::exception&) {
    return std::nullopt;  // There is no such zone, or no database.
  }
}

}  // namespace omnigraph::types
