// Implements table/ulid_number.h.

#include "table/ulid_number.h"

#include "base/check.h"
#include "base/clock.h"

namespace omnigraph::table {
namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

Uint128 NumberOf(std::string_view ulid) {
  Uint128 number = 0;
  for (const char c : ulid)
    number = number << 5 | kCrockford.find(c);
  return number;
}

}  // namespace

void AppendUlidAfter(std::string_view base, std::uint32_t steps, std::string& out) {
  OG_DCHECK(IsUlid(base));
  Uint128 number = NumberOf(base) + steps;
  char text[26];
  for (int i = 25; i >= 0; --i) {
    text[i] = kCrockford[static_cast<std::size_t>(number & 31)];
    number >>= 5;
  }
  out.append(text, sizeof(text));
}

std::optional<std::uint32_t> UlidDistance(std::string_view base, std::string_view id) {
  if (!IsUlid(id)) return std::nullopt;
  const Uint128 from = NumberOf(base);
  const Uint128 to = NumberOf(id);
  if (to < from || to - from >= UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(to - from);
}

}  // namespace omnigraph::table
