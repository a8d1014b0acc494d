// Implements history/receipts.h.
//
// A page is lines of "<key> <commit id>\n", all of one length, ascending.

#include "history/receipts.h"

#include <algorithm>

#include "base/hash.h"

namespace omnigraph::history {
namespace {

using format::ReceiptIndex;

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kCommitIdSize = 26;
constexpr std::size_t kLineSize = kKeySize + 1 + kCommitIdSize + 1;
constexpr std::uint64_t kPageBytesMax = kLineSize * kReceiptEntriesMax * kReceiptFanIn;
constexpr std::size_t kRememberedBytesMax = std::size_t{64} << 20;

// Pages of one level are about the same size: 32 entries, 256, 2,048, …
unsigned LevelOf(const ReceiptIndex::Page& page) {
  unsigned level = 0;
  for (std::uint64_t size = kReceiptRecentMax * kReceiptFanIn; size <= page.entries_count;
       size *= kReceiptFanIn) {
    ++level;
  }
  return level;
}

std::string_view LineAt(std::string_view page, std::size_t index) {
  return page.substr(index * kLineSize, kLineSize);
}

std::optional<std::string> FindInPage(std::string_view page, std::string_view key) {
  std::size_t begin = 0;
  std::size_t end = page.size() / kLineSize;
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if (LineAt(page, middle).substr(0, kKeySize) < key) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  const std::string_view line = LineAt(page, begin);
  if (!line.starts_with(key)) return std::nullopt;
  return std::string(line.substr(kKeySize + 1, kCommitIdSize));
}

// Lets go of the oldest pages as far as the limits allow.
void Forget(ReceiptIndex* index, std::int64_t now_micros) {
  std::uint64_t newer = index->recent.size();
  for (const ReceiptIndex::Page& page : index->pages)
    newer += page.entries_count;
  while (!index->pages.empty()) {
    const ReceiptIndex::Page& oldest = index->pages.front();
    newer -= oldest.entries_count;
    const bool is_old = oldest.newest_micros < now_micros - kReceiptAgeMicrosMax;
    if (!is_old && newer < kReceiptEntriesMax) return;
    index->pages.erase(index->pages.begin());
  }
}

}  // namespace

std::string ReceiptDigest(const std::vector<std::string_view>& pieces) {
  std::string text;
  for (const std::string_view piece : pieces) {
    text += std::to_string(piece.size()) + ":";
    text += piece;
  }
  return Sha256Hex(text).substr(0, kKeySize);
}

Result<ReceiptBook::PagePtr> ReceiptBook::ReadPage(const ReceiptIndex::Page& page) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(page.digest);
    if (found != pages_.end()) return found->second;
  }
  const std::string key = format::ReceiptPageKey(page.digest);
  OG_ASSIGN_OR_RETURN(store::Object object, store_->Read(key, kPageBytesMax));
  if (Sha256Hex(object.bytes) != page.digest) {
    return Status::Error(ErrorCode::kCorruption,
                         "object '" + key + "' is damaged: its content does not match its name");
  }
  auto bytes = std::make_shared<const std::string>(std::move(object.bytes));
  const std::lock_guard lock(mutex_);
  if (pages_size_bytes_ + bytes->size() > kRememberedBytesMax) {
    pages_.clear();
    pages_size_bytes_ = 0;
  }
  if (pages_.emplace(page.digest, bytes).second) pages_size_bytes_ += bytes->size();
  return bytes;
}

Result<std::optional<std::string>> ReceiptBook::Find(const ReceiptIndex& index,
                                                     std::string_view key) {
  for (const ReceiptIndex::Entry& entry : index.recent) {
    if (entry.key == key) return std::optional<std::string>(entry.commit_id);
  }
  for (auto page = index.pages.rbegin(); page != index.pages.rend(); ++page) {
    OG_ASSIGN_OR_RETURN(const PagePtr bytes, ReadPage(*page));
    if (std::optional<std::string> found = FindInPage(*bytes, key)) return found;
  }
  return std::optional<std::string>();
}

Status ReceiptBook::Add(ReceiptIndex* index, std::string_view key, std::string_view commit_id,
                        std::int64_t now_micros) {
  OG_CHECK(key.size() == kKeySize && commit_id.size() == kCommitIdSize);
  if (index->recent.size() >= kReceiptRecentMax) {
    ReceiptIndex next = *index;
    OG_RETURN_IF_ERROR(MakeRoom(&next, now_micros));
    *index = std::move(next);
  }
  index->recent.push_back({std::string(key), std::string(commit_id)});
  return Status::Ok();
}

Result<ReceiptIndex::Page> ReceiptBook::WritePage(std::vector<std::string> lines,
                                                  std::int64_t newest_micros) {
  std::sort(lines.begin(), lines.end());
  std::string bytes;
  bytes.reserve(lines.size() * kLineSize);
  for (const std::string& line : lines)
    bytes += line;
  ReceiptIndex::Page page{Sha256Hex(bytes), lines.size(), newest_micros};
  OG_RETURN_IF_ERROR(store_->PutImmutable(format::ReceiptPageKey(page.digest), bytes));
  return page;
}

Status ReceiptBook::MakeRoom(ReceiptIndex* index, std::int64_t now_micros) {
  std::vector<std::string> lines;
  for (const ReceiptIndex::Entry& entry : index->recent)
    lines.push_back(entry.key + " " + entry.commit_id + "\n");
  index->recent.clear();
  Forget(index, now_micros);
  // The pages that the new one completes to a larger one, newest first: 32 entries complete seven
  // pages of 32, these 256 complete seven of 256, and so on.
  std::vector<ReceiptIndex::Page>& pages = index->pages;
  for (unsigned level = 0;; ++level) {
    std::size_t count = 0;
    while (count < pages.size() && LevelOf(pages[pages.size() - 1 - count]) == level)
      ++count;
    if (count + 1 < kReceiptFanIn) break;
    for (; count > 0; --count) {
      OG_ASSIGN_OR_RETURN(const PagePtr bytes, ReadPage(pages.back()));
      for (std::size_t at = 0; at < bytes->size(); at += kLineSize)
        lines.emplace_back(bytes->substr(at, kLineSize));
      pages.pop_back();
    }
  }
  OG_ASSIGN_OR_RETURN(ReceiptIndex::Page page, WritePage(std::move(lines), now_micros));
  pages.push_back(std::move(page));
  return Status::Ok();
}

}  // namespace omnigraph::history
