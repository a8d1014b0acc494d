// Cuts a stream of JSON records into blocks that can be parsed independently of each other.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "graph/load_limits.h"

namespace omnigraph::graph {

/// Delivers the next bytes of a load into `buffer`; 0 at the end. Called from one thread.
using ByteReader = std::function<Result<std::size_t>(char* buffer, std::size_t size_bytes_max)>;

/// Bytes behind the text of a block that a parser may read (and finds zero or stale).
inline constexpr std::size_t kBlockPaddingBytes = 64;

/// Some whole records as text.
struct TextBlock {
  std::unique_ptr<char[]> bytes;
  std::size_t capacity = 0;  ///< Without the padding.
  std::size_t size = 0;
  std::string_view text() const { return {bytes.get(), size}; }
};

/// Where records of valid JSON may be cut apart: the highest offset in `text` (less than its size,
/// more than 0) at which a record begins or has just ended; none if there is no such place.
///
/// Strings hold no raw newline, so `}`, white space with a newline, `{` never stands inside a
/// record. That is looked for from the end first; only without it the text is scanned from its
/// start, which must be the start of a record, for closed brackets.
std::optional<std::size_t> FindCut(std::string_view text);

class BlockReader {
 public:
  BlockReader(ByteReader read, const LoadLimits& limits)
      : read_(std::move(read)), limits_(limits) {}

  /// The next block, at least one byte; none at the end of the input. A byte-order mark at the
  /// start is dropped. Errors: those of the reader; `kResourceExhausted` for a record that is too
  /// large.
  Result<std::optional<TextBlock>> Next();

  /// Takes back the memory of a block that has been parsed.
  void Recycle(TextBlock block);

  std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  TextBlock NewBlock(std::size_t capacity);
  Status Fill(TextBlock* block);
  void DropByteOrderMark(TextBlock* block) const;

  ByteReader read_;
  LoadLimits limits_;
  TextBlock rest_;  // Read, but behind the last cut.
  std::vector<TextBlock> free_;
  std::uint64_t bytes_read_ = 0;
  bool is_at_end_ = false;
  bool is_first_ = true;
};

}  // namespace omnigraph::graph
