// A console that keeps what is written, and an environment made of a map. For tests.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "cli/console.h"

namespace omnigraph::cli {

class RecordingConsole final : public Console {
 public:
  Status Write(std::string_view text) override {
    out += text;
    return Status::Ok();
  }
  void WriteError(std::string_view text) override { err += text; }
  std::optional<std::string> ReadLine() override { return input; }
  bool is_error_terminal() const override { return is_terminal; }

  std::string out;
  std::string err;
  std::optional<std::string> input;
  bool is_terminal = false;
};

inline Environment MakeEnvironment(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

}  // namespace omnigraph::cli
