// Finds the ends of JSON values by their brackets and quotes.

#include "client/json_slices.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace omnigraph::client {
namespace {

Status Malformed() {
  return Status::Error(ErrorCode::kInvalidArgument, "the JSON text is malformed");
}

class Cutter {
 public:
  explicit Cutter(std::string_view json) : json_(json) {}

  // Takes `c`, white space before it skipped.
  bool Take(char c) {
    SkipSpace();
    if (at_ >= json_.size() || json_[at_] != c) return false;
    ++at_;
    return true;
  }

  // The text of the next value; empty when there is none.
  std::string_view TakeValue() {
    SkipSpace();
    const std::size_t begin = at_;
    std::size_t depth = 0;
    while (at_ < json_.size()) {
      const char c = json_[at_];
      if (c == '"') {
        SkipString();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == ':' || IsSpace(c))) {
        break;
      } else {
        if (c == '}' || c == ']') --depth;
        ++at_;
      }
      if (depth == 0 && (c == '"' || c == '}' || c == ']')) break;
    }
    return depth == 0 ? json_.substr(begin, at_ - begin) : std::string_view();
  }

  bool IsAtEnd() {
    SkipSpace();
    return at_ == json_.size();
  }

 private:
  static bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

  void SkipSpace() {
    while (at_ < json_.size() && IsSpace(json_[at_]))
      ++at_;
  }

  void SkipString() {
    ++at_;
    while (at_ < json_.size() && json_[at_] != '"')
      at_ += json_[at_] == '\\' ? 2 : 1;
    at_ = at_ < json_.size() ? at_ + 1 : json_.size();
  }

  std::string_view json_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<JsonMember>> CutObject(std::string_view json) {
  Cutter cutter(json);
  std::vector<JsonMember> members;
  if (!cutter.Take('{')) return Malformed();
  if (cutter.Take('}')) return members;
  do {
    const std::string_view key_json = cutter.TakeValue();
    const auto key = nlohmann::json::parse(key_json.begin(), key_json.end(), nullptr, false);
    if (!key.is_string() || !cutter.Take(':')) return Malformed();
    const std::string_view value = cutter.TakeValue();
    if (value.empty()) return Malformed();
    members.push_back({key.get<std::string>(), value});
  } while (cutter.Take(','));
  if (!cutter.Take('}') || !cutter.IsAtEnd()) return Malformed();
  return members;
}

Result<std::vector<std::string_view>> CutArray(std::string_view json) {
  Cutter cutter(json);
  std::vector<std::string_view> elements;
  if (!cutter.Take('[')) return Malformed();
  if (cutter.Take(']')) return elements;
  do {
    elements.push_back(cutter.TakeValue());
    if (elements.back().empty()) return Malformed();
  } while (cutter.Take(','));
  if (!cutter.Take(']') || !cutter.IsAtEnd()) return Malformed();
  return elements;
}

}  // namespace omnigraph::client
