// One person's settings: `config.yaml` in the operator's folder. Never read by a server; never
// holds a token.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/status.h"
#include "cli/settings.h"

namespace omnigraph::cli {

/// A name for a stored query of a server, with parameters.
struct OperatorAlias {
  std::string server;  ///< A key of `OperatorConfig::servers`.
  std::optional<std::string> graph;
  std::string query;
  std::vector<std::string> arguments;  ///< Parameter names of the positional arguments.
  std::string params_json = "{}";      ///< Fixed parameters.
  std::optional<OutputFormat> format;
};

struct OperatorConfig {
  std::string path;  ///< Empty if there is no home folder.
  std::optional<std::string> actor;
  std::map<std::string, std::string> servers;  ///< URL by name, without slashes at its end.
  OutputSettings output;
  std::map<std::string, OperatorAlias> aliases;
  std::vector<std::string> unknown_keys;  ///< Dotted; ignored.
};

/// `$OMNIGRAPH_HOME`, else `.omnigraph` in the home folder; none if there is neither.
std::optional<std::string> OperatorFolder(const Environment& environment);

/// Reads the file; an empty configuration if there is none.
///
/// Errors: `kInvalidArgument` "could not parse operator config …" with the path.
Result<OperatorConfig> ReadOperatorConfig(const Environment& environment);

/// The name of the server that `url` belongs to: its URL or one below it; the longest match.
std::optional<std::string> ServerOfUrl(const OperatorConfig& config, std::string_view url);

}  // namespace omnigraph::cli
