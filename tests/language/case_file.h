// Reads the cases of the language corpus (README.md) from `.gqt` files and Markdown.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "text/source.h"

namespace omnigraph::language {

struct ExpectedError {
  std::string kind;                ///< "parse", "T6", "type" or "run".
  std::vector<std::string> words;  ///< All of them stand in the message.
};

/// One query text and what is expected of it.
struct Step {
  std::size_t line = 0;  ///< Of its first line in the file, from 1.
  std::string text;      ///< A whole `.gq` file, marks removed.
  bool is_mutation = false;
  std::vector<text::Span> marks;  ///< In `text`, in order of their beginnings.
  std::string query_name;         ///< Empty for the only query of the text.
  std::string arguments = "{}";
  std::optional<std::string> columns;  ///< Names joined by ", ".
  std::optional<std::string> rows;     ///< JSON values, separated by white space.
  bool is_ordered = true;
  std::optional<std::pair<unsigned long, unsigned long>> affected;  ///< Nodes and edges.
  std::vector<ExpectedError> errors;
};

struct Case {
  std::string title;
  std::string fixture;  ///< The name in "use people".
  std::size_t line = 0;
  std::vector<Step> steps;
};

/// Errors: `kInvalidArgument` with the line for anything that is not of the format, such as a step
/// without an expectation.
Result<std::vector<Case>> ReadCases(std::string_view text, bool is_markdown);

}  // namespace omnigraph::language
