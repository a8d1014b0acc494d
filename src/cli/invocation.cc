// The lazily read layers of configuration.

#include "cli/invocation.h"

#include <utility>

#include "base/strings.h"

namespace omnigraph::cli {
namespace {

std::optional<std::string> NotBlank(const std::optional<std::string>& text) {
  if (!text.has_value()) return std::nullopt;
  const std::string_view trimmed = TrimSpace(*text);
  if (trimmed.empty()) return std::nullopt;
  return std::string(trimmed);
}

}  // namespace

Invocation::Invocation(CommandLine line, Console& console, Environment environment,
                       std::string version)
    : line_(std::move(line)),
      console_(console),
      environment_(std::move(environment)),
      version_(std::move(version)) {}

Result<const ProjectConfig*> Invocation::Project() {
  if (!project_.has_value()) {
    OG_ASSIGN_OR_RETURN(project_, ReadProjectConfig(line_.Find("config"), environment_));
    if (!environment_("OMNIGRAPH_SUPPRESS_YAML_DEPRECATION").has_value())
      console_.WriteError(DeprecationNotice(*project_));
  }
  return &*project_;
}

Result<const OperatorConfig*> Invocation::Operator() {
  if (!operator_.has_value()) {
    OG_ASSIGN_OR_RETURN(operator_, ReadOperatorConfig(environment_));
    for (const std::string& key : operator_->unknown_keys)
      Warn("unknown key '" + key + "' in " + operator_->path + " is ignored");
  }
  return &*operator_;
}

Result<std::optional<std::string>> Invocation::Variable(std::string_view name) {
  if (auto value = NotBlank(environment_(name))) return value;
  // A cluster says where its graphs are; a project file beside it has no say.
  if (line_.Has("cluster")) return std::optional<std::string>();
  OG_ASSIGN_OR_RETURN(const ProjectConfig* project, Project());
  for (const auto& [key, value] : project->variables)
    if (key == name) return NotBlank(value);
  return std::optional<std::string>();
}

Result<std::optional<std::string>> Invocation::Actor() {
  if (auto actor = NotBlank(line_.Find("as"))) return actor;
  if (!line_.Has("cluster")) {
    OG_ASSIGN_OR_RETURN(const ProjectConfig* project, Project());
    if (auto actor = NotBlank(project->actor)) return actor;
  }
  OG_ASSIGN_OR_RETURN(const OperatorConfig* person, Operator());
  return NotBlank(person->actor);
}

Result<engine::ReadTarget> Invocation::Target() {
  engine::ReadTarget target;
  if (const auto snapshot = line_.Find("snapshot")) {
    target.branch.clear();
    target.snapshot = TrimSpace(*snapshot);
    return target;
  }
  OG_ASSIGN_OR_RETURN(target.branch, Branch());
  return target;
}

Result<std::string> Invocation::Branch() {
  if (const auto branch = line_.Find("branch")) return std::string(TrimSpace(*branch));
  OG_ASSIGN_OR_RETURN(const ProjectConfig* project, Project());
  return std::string(TrimSpace(project->branch.value_or("main")));
}

void Invocation::Warn(std::string_view text) {
  console_.WriteError("warning: " + std::string(text) + "\n");
}

void Invocation::Note(std::string_view text) {
  console_.WriteError("note: " + std::string(text) + "\n");
}

}  // namespace omnigraph::cli
