// Implements text/diagnostic.h.

#include "text/diagnostic.h"

#include <algorithm>
#include <tuple>

#include "base/json_writer.h"
#include "base/strings.h"

namespace omnigraph::text {
namespace {

constexpr std::uint32_t kColumnsMax = 120;

bool IsContinuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// What a terminal would act on is shown as a space, except tabs, which keep carets in line.
char Printable(char c) {
  const auto value = static_cast<unsigned char>(c);
  return (value < 0x20 && c != '\t') || value == 0x7f ? ' ' : c;
}

struct Excerpt {
  std::string line;
  std::string carets;
};

// The part of the span's first line that fits, and the carets below it.
Excerpt MakeExcerpt(const Source& source, Span span) {
  const Position begin = source.PositionOf(span.begin);
  std::string line(source.Line(begin.line));
  if (!IsValidUtf8(line)) {
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
        '?');
  }
  const std::uint32_t line_start = source.LineStart(begin.line);
  const auto first = std::min<std::size_t>(span.begin - line_start, line.size());
  const auto last = std::min<std::size_t>(std::max(span.end, span.begin) - line_start, line.size());

  std::size_t from = 0;
  if (begin.column > kColumnsMax * 2 / 3) {
    from = first - std::min<std::size_t>(first, kColumnsMax / 3);
    while (from < first && IsContinuation(line[from]))
      ++from;
  }
  Excerpt excerpt;
  if (from > 0) {
    excerpt.line = "…";
    excerpt.carets = " ";
  }
  std::uint32_t column = 0;
  std::size_t i = from;
  bool has_caret = false;
  for (; i < line.size() && column < kColumnsMax; ++i) {
    excerpt.line += Printable(line[i]);
    if (IsContinuation(line[i])) continue;
    ++column;
    if (i < first) {
      excerpt.carets += line[i] == '\t' ? '\t' : ' ';
    } else if (i < last || !has_caret) {
      excerpt.carets += '^';
      has_caret = true;
    }
  }
  while (i < line.size() && IsContinuation(line[i]))
    excerpt.line += line[i++];
  if (i < line.size()) excerpt.line += "…";
  if (!has_caret) excerpt.carets += '^';
  return excerpt;
}

void RenderLabel(const Source& source, const Label& label, std::size_t gutter, std::string& out) {
  const Position begin = source.PositionOf(label.span.begin);
  const Excerpt excerpt = MakeExcerpt(source, label.span);
  const std::string number = std::to_string(begin.line);
  out += std::string(gutter - number.size(), ' ') + number + " | " + excerpt.line + "\n";
  out += std::string(gutter, ' ') + " | " + excerpt.carets;
  if (!label.text.empty()) out += " " + label.text;
  out += "\n";
}

// Optimal string alignment distance (Damerau 1964, Levenshtein 1966), without case.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

void Diagnostics::Add(Diagnostic diagnostic) {
  for (const Diagnostic& present : items_) {
    if (present.primary.span == diagnostic.primary.span && present.code == diagnostic.code) return;
  }
  if (diagnostic.severity == Severity::kError) {
    if (is_full()) return;
    ++errors_count_;
  }
  items_.push_back(std::move(diagnostic));
}

void Diagnostics::Error(std::string code, Span span, std::string summary, std::string help) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.summary = std::move(summary);
  diagnostic.primary.span = span;
  diagnostic.help = std::move(help);
  Add(std::move(diagnostic));
}

std::vector<Diagnostic> Diagnostics::Take() && {
  std::stable_sort(items_.begin(), items_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.primary.span.begin, a.primary.span.end) <
           std::tie(b.primary.span.begin, b.primary.span.end);
  });
  return std::move(items_);
}

std::string Render(const Source& source, const Diagnostic& diagnostic) {
  std::string out = diagnostic.severity == Severity::kError ? "error" : "warning";
  if (!diagnostic.code.empty()) out += "[" + diagnostic.code + "]";
  out += ": " + diagnostic.summary + "\n";
  const Position begin = source.PositionOf(diagnostic.primary.span.begin);
  std::vector<const Label*> labels = {&diagnostic.primary};
  for (const Label& label : diagnostic.secondary)
    labels.push_back(&label);
  std::stable_sort(labels.begin(), labels.end(),
                   [](const Label* a, const Label* b) { return a->span.begin < b->span.begin; });
  std::size_t gutter = 1;
  for (const Label* label : labels) {
    gutter = std::max(gutter, std::to_string(source.PositionOf(label->span.begin).line).size());
  }
  out += std::string(gutter, ' ') + "--> " + source.name() + ":" + std::to_string(begin.line) +
         ":" + std::to_string(begin.column) + "\n";
  out += std::string(gutter, ' ') + " |\n";
  for (const Label* label : labels)
    RenderLabel(source, *label, gutter, out);
  if (!diagnostic.help.empty()) {
    out += std::string(gutter, ' ') + " = help: " + diagnostic.help + "\n";
  }
  return out;
}

std::string Render(const Source& source, const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (!out.empty()) out += "\n";
    out += Render(source, diagnostic);
  }
  return out;
}

void AppendJson(const Source& source, const Diagnostic& diagnostic, std::string& out) {
  JsonWriter json(out);
  const auto append_position = [&](std::string_view key, std::uint32_t offset) {
    const Position position = source.PositionOf(offset);
    json.Key(key).BeginObject().Key("line").Uint(position.line).Key("column");
    json.Uint(position.column).EndObject();
  };
  const auto append_label = [&](const Label& label) {
    json.BeginObject().Key("path").String(source.name());
    append_position("begin", label.span.begin);
    append_position("end", label.span.end);
    json.Key("text").String(label.text).EndObject();
  };
  json.BeginObject().Key("code").String(diagnostic.code).Key("severity");
  json.String(diagnostic.severity == Severity::kError ? "error" : "warning");
  json.Key("summary").String(diagnostic.summary).Key("labels").BeginArray();
  append_label(diagnostic.primary);
  for (const Label& label : diagnostic.secondary)
    append_label(label);
  json.EndArray();
  if (!diagnostic.help.empty()) json.Key("help").String(diagnostic.help);
  json.EndObject();
}

Status ToStatus(const Source& source, const std::vector<Diagnostic>& diagnostics) {
  std::vector<Diagnostic> errors;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == Severity::kError) errors.push_back(diagnostic);
  }
  if (errors.empty()) return Status::Ok();
  std::string message = Render(source, errors);
  if (errors.size() >= Diagnostics::kErrorsMax) {
    message += "\nonly the first " + std::to_string(errors.size()) + " errors are shown\n";
  }
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

std::string_view DidYouMean(std::string_view name,
                            const std::vector<std::string_view>& candidates) {
  constexpr std::size_t kLengthMax = 64;  // Bounds the quadratic distance on hostile names.
  if (name.size() > kLengthMax) return {};
  const std::string wanted = ToLowerAscii(name);
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kLengthMax) continue;
    const std::size_t distance = EditDistance(wanted, ToLowerAscii(candidate));
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace omnigraph::text
