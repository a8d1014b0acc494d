// Which query a `query` or `mutate` command means, and with which parameters.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace omnigraph::cli {

class Invocation;

enum class SourceKind : unsigned char {
  kText,    ///< `text` holds queries; `name` chooses one, if it is not empty.
  kStored,  ///< `name` is a stored query of a server.
  kAlias,   ///< `name` is an alias of the operator config, `arguments` are its values.
};

struct QuerySource {
  SourceKind kind = SourceKind::kText;
  std::string text;
  std::string name;
  /// The positional argument that turned out to be the graph.
  std::optional<std::string> uri;
  std::vector<std::string> arguments;
};

/// Reads `--query`, `-e` and `--alias` and tells the positional arguments apart: with a text, one
/// of them is the graph, or the name of the query if the graph is named otherwise; without one, the
/// last is a stored query.
///
/// Errors: `kInvalidArgument` if there is no source, a blank one, or too many arguments;
/// `kNotFound` for a missing file.
Result<QuerySource> ResolveSource(Invocation& invocation);

/// The object of `--params` or `--params-file`; none if neither is given.
///
/// Errors: `kInvalidArgument` unless it is a JSON object, with the place of a mistake.
Result<std::optional<std::string>> ReadParameters(Invocation& invocation);

/// The path of a query file: below the folder of the project file, then below each of its query
/// folders; the first that exists.
///
/// Errors: `kNotFound` naming the path.
Result<std::string> FindQueryFile(Invocation& invocation, const std::string& path);

}  // namespace omnigraph::cli
