// The output of the printer line by line, with the comments and blank lines of a source woven in.
// Internal to `query`.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "query/lexer.h"
#include "text/source.h"

namespace omnigraph::query {

/// Without a source only what is written comes out: places mean nothing then.
class Layout {
 public:
  Layout() = default;
  /// `source` must outlive the layout and hold no syntax error.
  explicit Layout(const text::Source& source);

  bool has_source() const { return source_ != nullptr; }

  /// Begins the line of something that stands at `offset` of the source; comments before it come
  /// first: behind what was written last if they stand on its line, else on lines of their own.
  void NewLine(std::uint32_t offset);
  /// Begins a line that goes on with what the line before began, one level deeper.
  void ContinueLine();
  void Write(std::string_view text) { out_ += text; }
  /// What was written last ends at `offset` of the source.
  void EndAt(std::uint32_t offset) { last_line_ = LineOf(offset); }
  /// The next line is the first of a block or the last: no blank line is kept before it.
  void Indent();
  void Outdent();
  /// One blank line before the next line, whatever the source has.
  void RequireBlankLine() { needs_blank_line_ = !out_.empty(); }

  std::size_t column() const;
  /// Everything, with the comments that are left, ending with a line break.
  std::string Take() &&;

  /// Where the first token of that kind at or behind `offset` begins; 0 without a source.
  std::uint32_t Find(TokenKind kind, std::uint32_t offset) const;
  /// Where the token behind, or before, the one at `offset` begins; 0 without a source.
  std::uint32_t After(std::uint32_t offset) const;
  std::uint32_t Before(std::uint32_t offset) const;
  bool HasCommentBetween(std::uint32_t begin, std::uint32_t end) const;
  /// Whether the two stand on different lines.
  bool IsSplit(std::uint32_t begin, std::uint32_t end) const;

 private:
  struct Comment {
    text::Span span;
    bool is_block = false;
  };

  std::size_t TokenAt(std::uint32_t offset) const;
  std::int64_t LineOf(std::uint32_t offset) const;
  void CollectComments(std::uint32_t begin, std::uint32_t end);
  void FlushComments(std::uint32_t end);
  void BreakLine(std::int64_t line);

  const text::Source* source_ = nullptr;
  std::vector<Token> tokens_;
  std::vector<Comment> comments_;
  std::size_t next_comment_ = 0;
  std::string out_;
  std::size_t depth_ = 0;
  std::int64_t last_line_ = 0;  // Of the source, where what was written last ends.
  bool needs_blank_line_ = false;
  bool is_block_start_ = false;
  bool is_block_end_ = false;
  bool is_after_line_comment_ = false;
};

}  // namespace omnigraph::query
