// The project file `omnigraph.yaml`, as far as it still counts: defaults of the command line, names
// of graphs with their token variables, folders of query files, an environment file. It is
// deprecated; what else it holds is ignored here.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/environment.h"
#include "base/status.h"
#include "cli/settings.h"

namespace omnigraph::cli {

struct NamedGraph {
  std::string uri;  ///< Relative paths are joined with the folder of the file.
  std::optional<std::string> token_variable;
};

struct ProjectConfig {
  std::string path;          ///< Empty if no file was read.
  std::string folder = ".";  ///< Of the file; the working directory without one.
  std::map<std::string, NamedGraph> graphs;
  std::optional<std::string> graph;  ///< The default of `--target`.
  std::optional<std::string> branch;
  std::optional<std::string> actor;
  OutputSettings output;
  std::vector<std::string> query_folders;
  /// The assignments of `auth.env_file`, in order.
  std::vector<std::pair<std::string, std::string>> variables;
  /// Present keys with where they belong now, in the order of the notice.
  std::vector<std::pair<std::string, std::string>> deprecated_keys;
};

/// Reads `explicit_path`, else `$OMNIGRAPH_CONFIG`, else `./omnigraph.yaml`; an empty configuration
/// if none of them is set or there. Parent folders are never searched.
///
/// Errors: `kNotFound` if a named file is missing; `kInvalidArgument` if it is malformed, or if
/// `OMNIGRAPH_NO_LEGACY_CONFIG` is set.
Result<ProjectConfig> ReadProjectConfig(const std::optional<std::string>& explicit_path,
                                        const Environment& environment);

/// The notice about deprecated keys; empty if there are none.
std::string DeprecationNotice(const ProjectConfig& config);

/// Reads lines `NAME=VALUE`, with `export `, comments and one pair of quotes taken off.
std::vector<std::pair<std::string, std::string>> ParseVariables(std::string_view text);

}  // namespace omnigraph::cli
