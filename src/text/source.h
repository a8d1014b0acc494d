// A text with a name, and places in it. Offsets are bytes; lines and columns are what an editor
// shows (1-based, columns count Unicode characters).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace omnigraph::text {

/// A half-open range of bytes in one text. An empty span points between two characters.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

/// The smallest span that holds both.
inline Span Cover(Span a, Span b) {
  return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(const Position&, const Position&) = default;
};

/// An immutable text and its line starts. At most 4 GiB.
class Source {
 public:
  /// `name` is what messages show: a file name, "<argument>", "stored query 'x'".
  Source(std::string name, std::string text);

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  std::string_view At(Span span) const;

  /// Where `offset` is; one past the end is allowed.
  Position PositionOf(std::uint32_t offset) const;
  /// The text of a 1-based line, without its line break.
  std::string_view Line(std::uint32_t line) const;
  std::uint32_t lines_count() const { return static_cast<std::uint32_t>(line_starts_.size()); }
  /// The offset at which a 1-based line starts.
  std::uint32_t LineStart(std::uint32_t line) const { return line_starts_[line - 1]; }

 private:
  std::string name_;
  std::string text_;
  std::vector<std::uint32_t> line_starts_;
};

}  // namespace omnigraph::text
