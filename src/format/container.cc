// Implements format/container.h.

#include "format/container.h"

#include <bit>
#include <cstring>

#include "base/hash.h"
#include "store/damage.h"

namespace omnigraph::format {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr std::string_view kMagic = "OGCT";
constexpr std::size_t kFixedSize = 4 + 4 + 8 + 4;
constexpr std::size_t kChecksumSize = 8;

template <typename Integer>
void Append(Integer value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

template <typename Integer>
Integer Load(std::string_view bytes, std::size_t offset) {
  Integer value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

std::size_t Aligned(std::size_t offset) {
  return (offset + 7) / 8 * 8;
}

Status Damaged(std::string_view object, std::string_view what) {
  return store::DamagedObject(object, what);
}

}  // namespace

std::string EncodeContainer(std::string_view header_json,
                            const std::vector<std::string_view>& sections) {
  std::string bytes;
  std::size_t size = kFixedSize + 8 * sections.size() + header_json.size() + kChecksumSize + 8;
  for (const std::string_view section : sections)
    size += section.size() + 8;
  bytes.reserve(size);
  bytes += kMagic;
  Append(kFormatNumber, bytes);
  Append(static_cast<std::uint64_t>(header_json.size()), bytes);
  Append(static_cast<std::uint32_t>(sections.size()), bytes);
  for (const std::string_view section : sections) {
    Append(static_cast<std::uint64_t>(section.size()), bytes);
  }
  bytes += header_json;
  for (const std::string_view section : sections) {
    bytes.resize(Aligned(bytes.size()), '\0');
    bytes += section;
  }
  Append(Checksum64(bytes), bytes);
  return bytes;
}

Result<Container> DecodeContainer(std::string_view bytes, std::string_view object) {
  if (bytes.size() < kFixedSize + kChecksumSize || !bytes.starts_with(kMagic)) {
    return Damaged(object, "it is cut or no container");
  }
  const auto format = Load<std::uint32_t>(bytes, 4);
  if (format > kFormatNumber) {
    return Status::Error(ErrorCode::kPreconditionFailed,
                         "object '" + std::string(object) + "' has storage format " +
                             std::to_string(format) + ", this build reads up to " +
                             std::to_string(kFormatNumber) + "; upgrade omnigraph");
  }
  const std::size_t body_size = bytes.size() - kChecksumSize;
  if (Load<std::uint64_t>(bytes, body_size) != Checksum64(bytes.substr(0, body_size))) {
    return Damaged(object, "its checksum does not match");
  }
  const auto header_size = Load<std::uint64_t>(bytes, 8);
  const auto sections_count = Load<std::uint32_t>(bytes, 16);
  // The checksum only proves that nothing changed by accident, so every length is still checked.
  std::size_t offset = kFixedSize;
  if (sections_count > (body_size - offset) / 8) return Damaged(object, "too many sections");
  std::vector<std::uint64_t> sizes(sections_count);
  for (std::uint64_t& size : sizes) {
    size = Load<std::uint64_t>(bytes, offset);
    offset += 8;
  }
  if (header_size > body_size - offset) return Damaged(object, "its header is cut");
  Container container;
  container.header_json = bytes.substr(offset, header_size);
  offset += header_size;
  for (const std::uint64_t size : sizes) {
    offset = Aligned(offset);
    if (offset > body_size || size > body_size - offset) return Damaged(object, "a section is cut");
    container.sections.push_back(bytes.substr(offset, size));
    offset += size;
  }
  if (offset != body_size) return Damaged(object, "bytes follow the last section");
  return container;
}

}  // namespace omnigraph::format
