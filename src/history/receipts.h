// Remembers which commit was made for which idempotency key on a branch, at a flat cost per commit.
//
// The newest entries travel in the ref, so that a key becomes known by the swap that publishes its
// commit. When there are 32 of them they move into a page, an immutable sorted list; eight pages of
// one size become one page of the next (a log-structured merge tree, O'Neil et al. 1996). A look-up
// reads each page once per process.
//
// Thread safety: every method may be called from any thread at any time.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "format/records.h"
#include "store/object_store.h"

namespace omnigraph::history {

/// A key is remembered at least so long, unless so many newer ones came to its branch meanwhile
/// (limits `receipts.age_max` and `receipts.entries_max`).
inline constexpr std::int64_t kReceiptAgeMicrosMax = std::int64_t{7} * 24 * 3600 * 1'000'000;
inline constexpr std::uint64_t kReceiptEntriesMax = std::uint64_t{1} << 18;
/// Entries that a ref holds at most, and pages of one size.
inline constexpr std::size_t kReceiptRecentMax = 32;
inline constexpr std::size_t kReceiptFanIn = 8;

/// What `Receipt::key` and `Receipt::request` are made of: the first 32 hexadecimal digits of the
/// SHA-256 of the pieces, each with its length before it.
std::string ReceiptDigest(const std::vector<std::string_view>& pieces);

class ReceiptBook {
 public:
  explicit ReceiptBook(std::shared_ptr<store::ObjectStore> store) : store_(std::move(store)) {}

  /// The commit that was made for `key`. Errors: `kCorruption`, `kUnavailable`, `kNotFound` naming
  /// a page: then nobody can tell.
  Result<std::optional<std::string>> Find(const format::ReceiptIndex& index, std::string_view key);

  /// Adds an entry, which nobody knows before `index` is published. Writes a page first if the
  /// recent entries are full, and lets go of pages that are too old or too many.
  /// Errors: of reading and writing pages; `index` is as before then.
  Status Add(format::ReceiptIndex* index, std::string_view key, std::string_view commit_id,
             std::int64_t now_micros);

 private:
  using PagePtr = std::shared_ptr<const std::string>;

  Result<PagePtr> ReadPage(const format::ReceiptIndex::Page& page);
  Result<format::ReceiptIndex::Page> WritePage(std::vector<std::string> lines,
                                               std::int64_t newest_micros);
  Status MakeRoom(format::ReceiptIndex* index, std::int64_t now_micros);

  const std::shared_ptr<store::ObjectStore> store_;
  std::mutex mutex_;
  std::map<std::string, PagePtr, std::less<>> pages_;  // By digest. Guarded by mutex_.
  std::size_t pages_size_bytes_ = 0;                   // Guarded by mutex_.
};

}  // namespace omnigraph::history
