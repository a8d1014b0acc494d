// The envelope of commits and manifests: a JSON header for people and programs, binary sections
// for bytes, one checksum over everything. Layout: docs/formats/container.md.
//
//   "OGCT" | u32 format | u64 header bytes | u32 sections | u64 section bytes … | header | sections
//          | u64 XXH3 of all before
//
// Integers are little-endian. Sections start at multiples of 8, so that Arrow data in them can be
// used in place.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace omnigraph::format {

/// Number of the storage format that this build writes, and the newest that it reads.
inline constexpr std::uint32_t kFormatNumber = 1;

/// Views into the bytes that were decoded.
struct Container {
  std::string_view header_json;
  std::vector<std::string_view> sections;
};

std::string EncodeContainer(std::string_view header_json,
                            const std::vector<std::string_view>& sections);

/// Errors: `kCorruption` naming `object` when the bytes are cut, altered or no container;
/// `kPreconditionFailed` when a newer format wrote them.
Result<Container> DecodeContainer(std::string_view bytes, std::string_view object);

}  // namespace omnigraph::format
