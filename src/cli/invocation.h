// What a running command has at hand: its arguments, the streams, the environment, and the layers
// of configuration, each read when first asked for.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "base/status.h"
#include "cli/command_line.h"
#include "cli/console.h"
#include "cli/json_layout.h"
#include "cli/operator_config.h"
#include "cli/project_config.h"
#include "cli/views.h"
#include "engine/engine.h"

namespace omnigraph::cli {

class Invocation {
 public:
  /// `console` must outlive the invocation.
  Invocation(CommandLine line, Console& console, Environment environment, std::string version);

  const CommandLine& line() const { return line_; }
  Console& console() const { return console_; }
  const Environment& environment() const { return environment_; }
  const std::string& version() const { return version_; }
  bool wants_json() const { return line_.Has("json"); }

  /// The project file; the notice about it is printed when it is first read.
  Result<const ProjectConfig*> Project();
  /// The operator's configuration; unknown keys are warned about when it is first read.
  Result<const OperatorConfig*> Operator();

  /// A variable of the environment, else of the project's environment file. Blank is unset.
  Result<std::optional<std::string>> Variable(std::string_view name);

  /// Who acts on storage: `--as`, `cli.actor`, `operator.actor`, or nobody.
  Result<std::optional<std::string>> Actor();

  /// `--branch`, `cli.branch`, "main"; trimmed.
  Result<std::string> Branch();

  /// The commit or tag of `--snapshot`, else `Branch`.
  Result<engine::ReadTarget> Target();

  /// Prints a view for people, or for programs if `--json` is given.
  template <typename View>
  Status Print(const View& view) {
    std::string out;
    if (!wants_json()) {
      AppendText(view, out);
      return console_.Write(out);
    }
    AppendJson(view, out);
    return console_.Write(LayOutJson(out));
  }

  /// One line on standard error, "warning: " or "note: " put before it.
  void Warn(std::string_view text);
  void Note(std::string_view text);

 private:
  CommandLine line_;
  Console& console_;
  Environment environment_;
  std::string version_;
  std::optional<ProjectConfig> project_;
  std::optional<OperatorConfig> operator_;
};

}  // namespace omnigraph::cli
