// Implements query/layout.h.

#include "query/layout.h"

#include <algorithm>
#include <utility>

namespace omnigraph::query {

Layout::Layout(const text::Source& source) : source_(&source), tokens_(Tokenize(source.text())) {
  std::uint32_t begin = 0;
  for (const Token& token : tokens_) {
    CollectComments(begin, token.span.begin);
    begin = token.span.end;
  }
}

// Between two tokens there are only white space and comments.
void Layout::CollectComments(std::uint32_t begin, std::uint32_t end) {
  const std::string_view text = source_->text().substr(0, end);
  std::size_t at = begin;
  while ((at = text.find('/', at)) != std::string_view::npos) {
    const bool is_block = text.substr(at, 2) == "/*";
    const std::size_t close = is_block ? text.find("*/", at + 2) + 2 : text.find('\n', at);
    const std::size_t stop = std::min<std::size_t>(close, end);
    comments_.push_back(
        {{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(stop)}, is_block});
    at = stop;
  }
}

std::int64_t Layout::LineOf(std::uint32_t offset) const {
  return has_source() ? source_->PositionOf(offset).line : 0;
}

void Layout::BreakLine(std::int64_t line) {
  if (!out_.empty()) {
    out_ += '\n';
    const bool was_blank = line - last_line_ >= 2 && !is_block_start_ && !is_block_end_;
    if (was_blank || needs_blank_line_) out_ += '\n';
  }
  out_.append(depth_ * 2, ' ');
  needs_blank_line_ = false;
  is_block_start_ = false;
}

void Layout::FlushComments(std::uint32_t end) {
  for (; next_comment_ < comments_.size(); ++next_comment_) {
    const Comment& comment = comments_[next_comment_];
    if (comment.span.begin >= end) return;
    const std::int64_t line = LineOf(comment.span.begin);
    if (!out_.empty() && line <= last_line_ && !is_after_line_comment_) {
      out_ += ' ';
    } else {
      const bool is_block_end = std::exchange(is_block_end_, false);
      if (is_block_end) ++depth_;  // A comment before a closing brace belongs to the block.
      BreakLine(line);
      if (is_block_end) --depth_;
      is_block_end_ = is_block_end;
    }
    std::string text(source_->At(comment.span));
    std::erase(text, '\r');
    if (!comment.is_block) text.erase(text.find_last_not_of(" \t") + 1);
    out_ += text;
    last_line_ = std::max(last_line_, LineOf(comment.span.end - 1));
    is_after_line_comment_ = !comment.is_block;
  }
}

void Layout::NewLine(std::uint32_t offset) {
  if (has_source()) FlushComments(offset);
  const std::int64_t line = LineOf(offset);
  BreakLine(line);
  last_line_ = line;
  is_block_end_ = false;
  is_after_line_comment_ = false;
}

void Layout::ContinueLine() {
  out_ += '\n';
  out_.append((depth_ + 1) * 2, ' ');
}

void Layout::Indent() {
  ++depth_;
  is_block_start_ = true;
  is_block_end_ = false;
}

void Layout::Outdent() {
  --depth_;
  is_block_end_ = true;
}

std::size_t Layout::column() const {
  const std::size_t line_break = out_.rfind('\n');
  return line_break == std::string::npos ? out_.size() : out_.size() - line_break - 1;
}

std::string Layout::Take() && {
  if (has_source()) FlushComments(static_cast<std::uint32_t>(source_->text().size()) + 1);
  if (!out_.empty()) out_ += '\n';
  return std::move(out_);
}

// The first token that begins at `offset` or behind it.
std::size_t Layout::TokenAt(std::uint32_t offset) const {
  const auto token =
      std::partition_point(tokens_.begin(), tokens_.end(),
                           [&](const Token& candidate) { return candidate.span.begin < offset; });
  return static_cast<std::size_t>(token - tokens_.begin());
}

std::uint32_t Layout::Find(TokenKind kind, std::uint32_t offset) const {
  if (!has_source()) return 0;
  std::size_t token = TokenAt(offset);
  while (tokens_[token].kind != kind && tokens_[token].kind != TokenKind::kEnd)
    ++token;
  return tokens_[token].span.begin;
}

std::uint32_t Layout::After(std::uint32_t offset) const {
  return has_source() ? tokens_[TokenAt(offset) + 1].span.begin : 0;
}

std::uint32_t Layout::Before(std::uint32_t offset) const {
  return has_source() ? tokens_[TokenAt(offset) - 1].span.begin : 0;
}

bool Layout::HasCommentBetween(std::uint32_t begin, std::uint32_t end) const {
  return std::any_of(comments_.begin(), comments_.end(), [&](const Comment& comment) {
    return comment.span.begin >= begin && comment.span.end <= end;
  });
}

bool Layout::IsSplit(std::uint32_t begin, std::uint32_t end) const {
  return LineOf(begin) != LineOf(end);
}

}  // namespace omnigraph::query
