// Implements index/key_index.h.

#include "index/key_index.h"

#include <bit>
#include <cstring>

#include "base/hash.h"

namespace omnigraph::index {
namespace {

constexpr std::uint64_t kMagic = 0x31'59'45'4b'47'4f;  // "OGKEY1".
constexpr std::size_t kHeaderSize = 16;                // Magic, slots.

}  // namespace

std::uint64_t KeyHash(std::string_view text) {
  return Checksum64(text);
}

std::string KeyIndex::Encode(std::size_t count,
                             const std::function<std::string_view(std::size_t)>& text_at) {
  OG_CHECK(count < UINT32_MAX);
  // At most three quarters full, so that a miss ends soon.
  const std::uint64_t slots_count = std::bit_ceil(count + count / 3 + 1);
  const std::uint64_t mask = slots_count - 1;
  std::vector<std::uint64_t> slots(slots_count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t hash = KeyHash(text_at(i));
    std::uint64_t slot = hash & mask;
    while (slots[slot] != 0)
      slot = (slot + 1) & mask;
    slots[slot] = (hash >> 32 << 32) | (i + 1);
  }
  std::string bytes(kHeaderSize + 8 * slots_count, '\0');
  std::memcpy(bytes.data(), &kMagic, 8);
  std::memcpy(bytes.data() + 8, &slots_count, 8);
  std::memcpy(bytes.data() + kHeaderSize, slots.data(), 8 * slots_count);
  return bytes;
}

Result<KeyIndex> KeyIndex::Open(std::shared_ptr<const store::MappedBytes> bytes,
                                std::size_t texts_count, std::string_view object) {
  const std::string_view view = bytes->view();
  std::uint64_t header[2] = {0, 0};
  if (view.size() >= kHeaderSize) std::memcpy(header, view.data(), kHeaderSize);
  const std::uint64_t slots_count = header[1];
  // A free slot must exist, or a search would not end.
  const bool is_whole = header[0] == kMagic && std::has_single_bit(slots_count) &&
                        slots_count > texts_count && slots_count <= view.size() / 8 &&
                        view.size() == kHeaderSize + 8 * slots_count;
  if (!is_whole) {
    return Status::Error(ErrorCode::kCorruption,
                         "object '" + std::string(object) +
                             "' is damaged: it is no key index; run `omnigraph repair`");
  }
  KeyIndex index;
  index.slots_ = reinterpret_cast<const std::uint64_t*>(bytes->data() + kHeaderSize);
  index.mask_ = slots_count - 1;
  index.bytes_ = std::move(bytes);
  return index;
}

}  // namespace omnigraph::index
