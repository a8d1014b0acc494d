// Implements graph/block_reader.h.

#include "graph/block_reader.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "graph/json_token.h"

namespace omnigraph::graph {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// The last place between `}` and `{` with a newline in the white space.
std::optional<std::size_t> FindLineCut(std::string_view text) {
  std::size_t newline = text.rfind('\n');
  while (newline != std::string_view::npos && newline > 0) {
    std::size_t next = newline + 1;
    while (next < text.size() && IsJsonSpace(text[next]))
      ++next;
    std::size_t before = newline;
    while (before > 0 && IsJsonSpace(text[before - 1]))
      --before;
    if (next < text.size() && text[next] == '{' && before > 0 && text[before - 1] == '}') {
      return next;
    }
    if (before == 0) break;
    newline = text.rfind('\n', before - 1);
  }
  return std::nullopt;
}

// The end of the last record that `text` holds completely.
std::optional<std::size_t> FindClosedEnd(std::string_view text) {
  std::optional<std::size_t> end;
  std::uint64_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
      if (depth == 0 && i + 1 < text.size()) end = i + 1;
    }
  }
  return end;
}

}  // namespace

std::optional<std::size_t> FindCut(std::string_view text) {
  const std::optional<std::size_t> cut = FindLineCut(text);
  return cut ? cut : FindClosedEnd(text);
}

namespace {

// What stands behind the text must not look like JSON: a parser that runs over the end of a broken
// record would take it for the record's.
std::optional<TextBlock> Padded(TextBlock block) {
  std::memset(block.bytes.get() + block.size, ' ', kBlockPaddingBytes);
  return block;
}

}  // namespace

TextBlock BlockReader::NewBlock(std::size_t capacity) {
  for (TextBlock& block : free_) {
    if (block.capacity < capacity) continue;
    TextBlock found = std::move(block);
    std::swap(block, free_.back());
    free_.pop_back();
    found.size = 0;
    return found;
  }
  TextBlock block;
  block.bytes = std::make_unique_for_overwrite<char[]>(capacity + kBlockPaddingBytes);
  block.capacity = capacity;
  return block;
}

void BlockReader::Recycle(TextBlock block) {
  constexpr std::size_t kFreeBlocksMax = 16;
  // Blocks of an unusual size would pile up.
  if (block.capacity <= 2 * limits_.block_bytes && free_.size() < kFreeBlocksMax) {
    free_.push_back(std::move(block));
  }
}

Status BlockReader::Fill(TextBlock* block) {
  while (block->size < block->capacity && !is_at_end_) {
    OG_ASSIGN_OR_RETURN(const std::size_t count,
                        read_(block->bytes.get() + block->size, block->capacity - block->size));
    if (count == 0) is_at_end_ = true;
    block->size += count;
    bytes_read_ += count;
  }
  return Status::Ok();
}

void BlockReader::DropByteOrderMark(TextBlock* block) const {
  if (!block->text().starts_with(kByteOrderMark)) return;
  block->size -= kByteOrderMark.size();
  std::memmove(block->bytes.get(), block->bytes.get() + kByteOrderMark.size(), block->size);
}

Result<std::optional<TextBlock>> BlockReader::Next() {
  // The rest of the block before may be larger than a block when records are.
  std::size_t capacity = std::max<std::size_t>(limits_.block_bytes, kByteOrderMark.size() + 1);
  if (rest_.size * 2 > capacity) capacity = std::max(capacity, rest_.size + rest_.size / 2);
  TextBlock block = NewBlock(capacity);
  block.size = rest_.size;
  if (rest_.size > 0) std::memcpy(block.bytes.get(), rest_.bytes.get(), rest_.size);
  rest_.size = 0;
  for (;;) {
    OG_RETURN_IF_ERROR(Fill(&block));
    if (std::exchange(is_first_, false)) {
      DropByteOrderMark(&block);
      if (block.size == 0 && !is_at_end_) {
        is_first_ = false;
        continue;
      }
    }
    if (is_at_end_) {
      if (block.size == 0) return std::optional<TextBlock>();
      return Padded(std::move(block));
    }
    if (const std::optional<std::size_t> cut = FindCut(block.text())) {
      if (rest_.capacity < block.size - *cut) rest_ = NewBlock(block.capacity);
      rest_.size = block.size - *cut;
      std::memcpy(rest_.bytes.get(), block.bytes.get() + *cut, rest_.size);
      block.size = *cut;
      return Padded(std::move(block));
    }
    if (block.size > limits_.record_bytes_max) {
      return Status::Error(ErrorCode::kResourceExhausted,
                           "a record is larger than the limit of " +
                               std::to_string(limits_.record_bytes_max) +
                               " bytes (load.record_bytes_max)");
    }
    TextBlock larger = NewBlock(block.capacity * 2);
    std::memcpy(larger.bytes.get(), block.bytes.get(), block.size);
    larger.size = block.size;
    block = std::move(larger);
  }
}

}  // namespace omnigraph::graph
