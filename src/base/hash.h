// Content names (SHA-256), checksums (XXH3) and the table path hash (FNV-1a).

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace omnigraph {

/// Lower-case hexadecimal spelling of `bytes`.
std::string ToHex(std::string_view bytes);

/// SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

/// SHA-256 of `bytes`, raw.
std::array<unsigned char, 32> Sha256(std::string_view bytes);

/// XXH3 with 64 bits: finds accidental damage, not tampering.
std::uint64_t Checksum64(std::string_view bytes);

/// FNV-1a with 64 bits. Only for names that are part of the public contract.
std::uint64_t Fnv1a64(std::string_view bytes);

/// Compares in time that depends on the lengths alone, for secrets.
bool EqualInConstantTime(std::string_view left, std::string_view right);

}  // namespace omnigraph
