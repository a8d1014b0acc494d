// ULIDs as numbers, for ids that count up from the id of their chunk's first row.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace omnigraph::table {

/// Appends the ULID that is `steps` after `base`.
void AppendUlidAfter(std::string_view base, std::uint32_t steps, std::string& out);

/// How many steps `id` is after `base`, if it is a ULID that is at least 0 and less than 2^32 - 1
/// steps away.
std::optional<std::uint32_t> UlidDistance(std::string_view base, std::string_view id);

}  // namespace omnigraph::table
