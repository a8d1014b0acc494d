// Decodes a request body in the chunked transfer coding.

#include "net/http_chunks.h"

#include <algorithm>
#include <charconv>

namespace omnigraph::net {

namespace {

constexpr std::size_t kLineSizeBytesMax = 256;
constexpr std::uint64_t kTrailersSizeBytesMax = 8192;

/// The number at the start of a size line; extensions after ';' are dropped.
bool ParseSizeLine(std::string_view line, std::uint64_t& size_bytes) {
  const std::string_view digits = line.substr(0, line.find(';'));
  if (digits.empty() || digits.size() > 15) return false;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), size_bytes, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || digits[0] == '-')
    return false;
  return std::none_of(line.begin(), line.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

}  // namespace

bool ChunkDecoder::TakeLine(std::string_view bytes, std::size_t& at) {
  while (at < bytes.size()) {
    const char c = bytes[at++];
    if (!line_.empty() && line_.back() == '\r') {
      if (c != '\n') {
        is_malformed_ = true;
        return false;
      }
      line_.pop_back();
      return true;
    }
    if (c == '\n' || line_.size() == kLineSizeBytesMax) {
      is_malformed_ = true;
      return false;
    }
    line_ += c;
  }
  return false;
}

ChunkDecoder::State ChunkDecoder::EndLine() {
  const std::string line = std::move(line_);
  line_.clear();
  if (place_ == Place::kDataEnd) {
    if (!line.empty()) return State::kMalformed;
    place_ = Place::kSize;
    return State::kMore;
  }
  if (place_ == Place::kTrailer) {
    if (line.empty()) return State::kDone;
    trailers_size_bytes_ += line.size();
    return trailers_size_bytes_ > kTrailersSizeBytesMax ? State::kMalformed : State::kMore;
  }
  if (!ParseSizeLine(line, chunk_left_bytes_)) return State::kMalformed;
  place_ = chunk_left_bytes_ == 0 ? Place::kTrailer : Place::kData;
  return State::kMore;
}

ChunkDecoder::State ChunkDecoder::Decode(std::string_view bytes, std::string& body,
                                         std::size_t& used_count) {
  std::size_t at = 0;
  State state = State::kMore;
  while (at < bytes.size() && state == State::kMore) {
    if (place_ == Place::kData) {
      if (body.size() + chunk_left_bytes_ > size_bytes_max_) {
        state = State::kTooLarge;
        break;
      }
      const std::size_t count =
          static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size() - at, chunk_left_bytes_));
      body.append(bytes.substr(at, count));
      at += count;
      chunk_left_bytes_ -= count;
      if (chunk_left_bytes_ == 0) place_ = Place::kDataEnd;
    } else if (TakeLine(bytes, at)) {
      state = EndLine();
    } else if (is_malformed_) {
      state = State::kMalformed;
    }
  }
  used_count = at;
  return state;
}

}  // namespace omnigraph::net
