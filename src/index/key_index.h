// Finds the position of a text in one immutable list of texts: an open-addressing table of
// positions with hash tags, used in place from its mapped object. Layout:
// docs/formats/key_index.md.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/object_store.h"

namespace omnigraph::index {

/// Hash of a text in this index (XXH3 with 64 bits).
std::uint64_t KeyHash(std::string_view text);

class KeyIndex {
 public:
  /// Indexes `count` texts; `text_at(i)` gives the i-th. Equal texts are all kept.
  /// Cost: 8 to 16 bytes a text.
  static std::string Encode(std::size_t count,
                            const std::function<std::string_view(std::size_t)>& text_at);

  /// Errors: `kCorruption` naming `object` when the bytes are no index over `texts_count` texts.
  static Result<KeyIndex> Open(std::shared_ptr<const store::MappedBytes> bytes,
                               std::size_t texts_count, std::string_view object);

  /// Calls `is_match(position)` for positions whose text has this hash, probably, until one
  /// matches; returns it. Cost: one cache line or two.
  template <typename Predicate>
  std::optional<std::uint32_t> Find(std::uint64_t hash, Predicate is_match) const {
    const std::uint64_t tag = hash >> 32;
    for (std::uint64_t slot = hash & mask_;; slot = (slot + 1) & mask_) {
      const std::uint64_t entry = slots_[slot];
      if (entry == 0) return std::nullopt;
      if (entry >> 32 != tag) continue;
      const auto position = static_cast<std::uint32_t>(entry) - 1;
      if (is_match(position)) return position;
    }
  }

 private:
  std::shared_ptr<const store::MappedBytes> bytes_;
  const std::uint64_t* slots_ = nullptr;
  std::uint64_t mask_ = 0;
};

}  // namespace omnigraph::index
