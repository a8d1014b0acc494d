// Implements cli/line_diff.h with the greedy algorithm of Myers.

#include "cli/line_diff.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace omnigraph::cli {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::ptrdiff_t kEditsMax = 4000;
constexpr std::size_t kContextLines = 3;

// Each line with its line break; the last one may have none.
Lines LinesOf(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// One line of the script: kept, or only in one of the texts.
struct Edit {
  char kind = ' ';  // ' ', '-' or '+'.
  std::string_view line;
};

class Comparison {
 public:
  Comparison(const Lines& before, const Lines& after)
      : before_(before),
        after_(after),
        size_before_(static_cast<std::ptrdiff_t>(before.size())),
        size_after_(static_cast<std::ptrdiff_t>(after.size())) {}

  std::vector<Edit> Script() {
    const std::ptrdiff_t edits_max = std::min(size_before_ + size_after_, kEditsMax);
    for (std::ptrdiff_t edits = 0; edits <= edits_max; ++edits) {
      if (Extend(edits)) return Walk(edits);
    }
    std::vector<Edit> script;
    for (const std::string_view line : before_)
      script.push_back({'-', line});
    for (const std::string_view line : after_)
      script.push_back({'+', line});
    return script;
  }

 private:
  // How far `before` is consumed on `diagonal` (position in `before` less that in `after`) with
  // `edits` edits: entries -edits, -edits+2, …, edits.
  std::ptrdiff_t Reached(std::ptrdiff_t edits, std::ptrdiff_t diagonal) const {
    return reached_[static_cast<std::size_t>(edits)]
                   [static_cast<std::size_t>(diagonal + edits) / 2];
  }

  // Whether the way to `diagonal` with `edits` edits ends with an insertion.
  bool EndsWithInsertion(std::ptrdiff_t edits, std::ptrdiff_t diagonal) const {
    if (diagonal == -edits) return true;
    if (diagonal == edits) return false;
    return Reached(edits - 1, diagonal - 1) < Reached(edits - 1, diagonal + 1);
  }

  // Finds how far one more edit leads; true if that is the end of both texts.
  bool Extend(std::ptrdiff_t edits) {
    std::vector<std::ptrdiff_t> row;
    for (std::ptrdiff_t diagonal = -edits; diagonal <= edits; diagonal += 2) {
      std::ptrdiff_t x = 0;
      if (edits > 0) {
        x = EndsWithInsertion(edits, diagonal) ? Reached(edits - 1, diagonal + 1)
                                               : Reached(edits - 1, diagonal - 1) + 1;
      }
      while (x < size_before_ && x - diagonal < size_after_ && IsSame(x, x - diagonal))
        ++x;
      row.push_back(x);
      if (x >= size_before_ && x - diagonal >= size_after_) {
        reached_.push_back(std::move(row));
        return true;
      }
    }
    reached_.push_back(std::move(row));
    return false;
  }

  bool IsSame(std::ptrdiff_t x, std::ptrdiff_t y) const {
    return before_[static_cast<std::size_t>(x)] == after_[static_cast<std::size_t>(y)];
  }

  // The script, read from its end.
  std::vector<Edit> Walk(std::ptrdiff_t edits) const {
    std::vector<Edit> script;
    std::ptrdiff_t x = size_before_;
    std::ptrdiff_t y = size_after_;
    const auto keep_down_to = [&](std::ptrdiff_t x_end) {
      for (; x > x_end; --x, --y)
        script.push_back({' ', before_[static_cast<std::size_t>(x - 1)]});
    };
    for (; edits > 0; --edits) {
      const std::ptrdiff_t diagonal = x - y;
      if (EndsWithInsertion(edits, diagonal)) {
        keep_down_to(Reached(edits - 1, diagonal + 1));
        script.push_back({'+', after_[static_cast<std::size_t>(--y)]});
      } else {
        keep_down_to(Reached(edits - 1, diagonal - 1) + 1);
        script.push_back({'-', before_[static_cast<std::size_t>(--x)]});
      }
    }
    keep_down_to(0);
    std::reverse(script.begin(), script.end());
    return script;
  }

  const Lines& before_;
  const Lines& after_;
  const std::ptrdiff_t size_before_;
  const std::ptrdiff_t size_after_;
  std::vector<std::vector<std::ptrdiff_t>> reached_;  // By edits.
};

// "12,3" as in the head of a hunk; an empty range stands before its line.
std::string RangeText(std::size_t lines_before, std::size_t count) {
  return std::to_string(count == 0 ? lines_before : lines_before + 1) + "," + std::to_string(count);
}

void AppendHunk(const std::vector<Edit>& script, std::size_t begin, std::size_t end,
                std::string& out) {
  std::size_t before_start = 0;
  std::size_t after_start = 0;
  for (std::size_t i = 0; i < begin; ++i) {
    before_start += script[i].kind != '+' ? 1 : 0;
    after_start += script[i].kind != '-' ? 1 : 0;
  }
  std::size_t before_count = 0;
  std::size_t after_count = 0;
  std::string body;
  for (std::size_t i = begin; i < end; ++i) {
    before_count += script[i].kind != '+' ? 1 : 0;
    after_count += script[i].kind != '-' ? 1 : 0;
    body += script[i].kind;
    body += script[i].line;
    if (!script[i].line.ends_with('\n')) body += "\n\\ No newline at end of file\n";
  }
  out += "@@ -" + RangeText(before_start, before_count) + " +" +
         RangeText(after_start, after_count) + " @@\n" + body;
}

}  // namespace

std::string LineDiff(std::string_view name, std::string_view before, std::string_view after) {
  if (before == after) return "";
  const Lines lines_before = LinesOf(before);
  const Lines lines_after = LinesOf(after);
  const std::vector<Edit> script = Comparison(lines_before, lines_after).Script();
  std::string out = "--- a/" + std::string(name) + "\n+++ b/" + std::string(name) + "\n";
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (script[i].kind == ' ') continue;
    const std::size_t begin = i - std::min(i, kContextLines);
    std::size_t last = i;  // The last edit that shares the hunk.
    for (std::size_t j = i; j < script.size() && j <= last + 2 * kContextLines; ++j) {
      if (script[j].kind != ' ') last = j;
    }
    AppendHunk(script, begin, std::min(last + 1 + kContextLines, script.size()), out);
    i = last;
  }
  return out;
}

}  // namespace omnigraph::cli
