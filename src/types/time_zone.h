// Time zones by their names in the IANA database of the system.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace omnigraph::types {

/// The instant, in milliseconds since the epoch, at which clocks of `zone` ("Europe/Paris") show
/// `local_millis`, which are counted as if they were UTC. None for an unknown zone, for a time that
/// the zone skips or has twice, behind the year 2037 (as far as the database goes), and when the
/// system has no database of zones.
///
/// Cost: the first use of a zone reads its file.
std::optional<std::int64_t> InstantOfLocalTime(std::string_view zone, std::int64_t local_millis);

}  // namespace omnigraph::types
