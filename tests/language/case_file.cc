// Implements case_file.h.

#include "case_file.h"

#include <sstream>

namespace omnigraph::language {
namespace {

constexpr std::string_view kOpenMark = "\u00ab";
constexpr std::string_view kCloseMark = "\u00bb";
constexpr std::string_view kDirectives = "@?=>~+!";

// The words of an error line; those in double quotes may hold spaces.
std::vector<std::string> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(' ', at)) != std::string_view::npos) {
    const bool is_quoted = text[at] == '"';
    if (is_quoted) ++at;
    const std::size_t end = std::min(text.find(is_quoted ? '"' : ' ', at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = std::min(end + 1, text.size());
  }
  return words;
}

class Reader {
 public:
  explicit Reader(bool is_markdown) : is_markdown_(is_markdown) {}

  Status Take(std::string_view line) {
    ++line_;
    if (is_markdown_ && line.starts_with("```")) {
      is_inside_ = line == "```gqt";
      return FinishStep();
    }
    if (is_markdown_ && !is_inside_) return Status::Ok();
    if (line.starts_with("#")) return Status::Ok();
    if (line.starts_with("--- ") || line.starts_with("use ")) {
      OG_RETURN_IF_ERROR(FinishStep());
      if (line.starts_with("use ")) {
        fixture_ = line.substr(4);
      } else {
        cases_.push_back({std::string(line.substr(4)), fixture_, line_, {}});
      }
      return Status::Ok();
    }
    if (!line.empty() && kDirectives.find(line[0]) != std::string_view::npos) {
      return TakeDirective(line[0], line.size() > 2 ? line.substr(2) : std::string_view());
    }
    if (is_after_text_) OG_RETURN_IF_ERROR(FinishStep());
    if (written_.empty() && line.empty()) return Status::Ok();
    if (written_.empty()) step_.line = line_;
    written_ += line;
    written_ += '\n';
    return Status::Ok();
  }

  Result<std::vector<Case>> Finish() {
    OG_RETURN_IF_ERROR(FinishStep());
    for (const Case& item : cases_) {
      if (item.steps.empty()) return Fail("case '" + item.title + "' has no step");
    }
    return std::move(cases_);
  }

 private:
  Status Fail(const std::string& why) const {
    return Status::Error(ErrorCode::kInvalidArgument, "line " + std::to_string(line_) + ": " + why);
  }

  Status TakeDirective(char directive, std::string_view rest) {
    if (written_.empty()) return Fail("an expectation without a query text before it");
    is_after_text_ = true;
    switch (directive) {
      case '@':
        step_.query_name = rest;
        return Status::Ok();
      case '?':
        step_.arguments = rest;
        return Status::Ok();
      case '=':
        step_.columns = rest;
        break;
      case '>':
      case '~':
        step_.is_ordered = directive == '>';
        step_.rows = step_.rows.value_or("") + (rest == "none" ? "" : std::string(rest) + " ");
        break;
      case '+':
        return TakeAffected(rest);
      default: {
        std::vector<std::string> words = SplitWords(rest);
        if (words.empty()) return Fail("an error needs a kind");
        ExpectedError& error = step_.errors.emplace_back();
        error.kind = words.front();
        error.words.assign(words.begin() + 1, words.end());
      }
    }
    is_complete_ = true;
    return Status::Ok();
  }

  Status TakeAffected(std::string_view rest) {
    std::istringstream numbers{std::string(rest)};
    unsigned long nodes = 0;
    unsigned long edges = 0;
    if (!(numbers >> nodes >> edges)) return Fail("expected the numbers of nodes and edges");
    step_.affected = {nodes, edges};
    is_complete_ = true;
    return Status::Ok();
  }

  // Makes a file of the text and takes the marks out of it.
  Status FinishText() {
    const std::string_view first =
        std::string_view(written_).substr(written_.starts_with(kOpenMark) ? kOpenMark.size() : 0);
    if (!first.starts_with("query ") && !first.starts_with("mutation")) {
      std::string parameters = "()";
      std::string body = written_;
      if (written_.starts_with("(")) {
        const std::size_t end = written_.find('\n');
        parameters = written_.substr(0, end);
        body = written_.substr(end + 1);
      }
      written_ = "query q" + parameters + " {\n" + body + "}\n";
    }
    std::vector<std::size_t> open;
    std::string_view rest = written_;
    while (!rest.empty()) {
      const auto at = static_cast<std::uint32_t>(step_.text.size());
      if (rest.starts_with(kOpenMark)) {
        open.push_back(step_.marks.size());
        step_.marks.push_back({at, at});
        rest.remove_prefix(kOpenMark.size());
      } else if (rest.starts_with(kCloseMark)) {
        if (open.empty()) return Fail("a closing mark without an opening one");
        step_.marks[open.back()].end = at;
        open.pop_back();
        rest.remove_prefix(kCloseMark.size());
      } else {
        step_.text += rest.front();
        rest.remove_prefix(1);
      }
    }
    return open.empty() ? Status::Ok() : Fail("a mark is not closed");
  }

  Status FinishStep() {
    if (written_.empty()) return Status::Ok();
    if (cases_.empty()) return Fail("a query text before the first case");
    if (!is_complete_) return Fail("the step before this line expects nothing");
    OG_RETURN_IF_ERROR(FinishText());
    step_.is_mutation = step_.affected.has_value() || step_.text.find("match") == std::string::npos;
    cases_.back().steps.push_back(std::move(step_));
    step_ = {};
    written_.clear();
    is_after_text_ = is_complete_ = false;
    return Status::Ok();
  }

  bool is_markdown_;
  bool is_inside_ = false;
  std::size_t line_ = 0;
  std::string fixture_;
  std::vector<Case> cases_;
  Step step_;
  std::string written_;  // The text of the step as it stands in the file.
  bool is_after_text_ = false;
  bool is_complete_ = false;
};

}  // namespace

Result<std::vector<Case>> ReadCases(std::string_view text, bool is_markdown) {
  Reader reader(is_markdown);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    OG_RETURN_IF_ERROR(reader.Take(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.Finish();
}

}  // namespace omnigraph::language
