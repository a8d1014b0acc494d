// Lays out JSON by its brackets and commas; values are copied as they are.

#include "cli/json_layout.h"

namespace omnigraph::cli {
namespace {

void BreakLine(std::size_t depth, std::string& out) {
  out += '\n';
  out.append(depth * 2, ' ');
}

// One past the string that starts at `begin`.
std::size_t EndOfString(std::string_view json, std::size_t begin) {
  std::size_t at = begin + 1;
  while (at < json.size() && json[at] != '"')
    at += json[at] == '\\' ? 2 : 1;
  return at < json.size() ? at + 1 : json.size();
}

}  // namespace

std::string LayOutJson(std::string_view json) {
  std::string out;
  out.reserve(json.size() + json.size() / 2);
  std::size_t depth = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      const std::size_t end = EndOfString(json, at);
      out.append(json.substr(at, end - at));
      at = end - 1;
    } else if (c == '{' || c == '[') {
      out += c;
      if (at + 1 < json.size() && (json[at + 1] == '}' || json[at + 1] == ']')) {
        out += json[++at];
      } else {
        BreakLine(++depth, out);
      }
    } else if (c == '}' || c == ']') {
      BreakLine(depth > 0 ? --depth : 0, out);
      out += c;
    } else if (c == ',') {
      out += c;
      BreakLine(depth, out);
    } else if (c == ':') {
      out += ": ";
    } else {
      out += c;
    }
  }
  out += '\n';
  return out;
}

}  // namespace omnigraph::cli
