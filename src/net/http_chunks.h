// Decodes a request body in the chunked transfer coding, strictly and piece by piece.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace omnigraph::net {

class ChunkDecoder {
 public:
  enum class State : unsigned char { kMore, kDone, kMalformed, kTooLarge };

  /// A body of more than `size_bytes_max` bytes is too large.
  explicit ChunkDecoder(std::uint64_t size_bytes_max) : size_bytes_max_(size_bytes_max) {}

  /// Appends what `bytes` decodes to onto `body` and sets how many bytes were used: all of them
  /// unless the state is not kMore. Chunk extensions and trailers are read and dropped; all lines
  /// together have at most 8 KiB beyond what small chunks need.
  State Decode(std::string_view bytes, std::string& body, std::size_t& used_count);

 private:
  enum class Place : unsigned char { kSize, kData, kDataEnd, kTrailer };

  /// Collects a line in `line_`; true when its CRLF has come.
  bool TakeLine(std::string_view bytes, std::size_t& at);
  State EndLine();

  const std::uint64_t size_bytes_max_;
  Place place_ = Place::kSize;
  std::string line_;
  std::uint64_t chunk_left_bytes_ = 0;
  std::uint64_t trailers_size_bytes_ = 0;
  bool is_malformed_ = false;
};

}  // namespace omnigraph::net
