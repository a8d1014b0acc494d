// Pieces of JSON text: decoding strings, and checking what a user typed.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace omnigraph::cli {

/// A JSON value as the table formats show it: a string without quotes and escapes, everything else
/// as it is. `json` must be valid.
std::string ValueText(std::string_view json);

/// OK if `json` is one JSON object. Errors: `kInvalidArgument` with line and column of a mistake,
/// or "params JSON must be an object". `name` is what messages call the text.
Status CheckParameters(std::string_view json, std::string_view name);

/// The object `base` with `key` set to `value` for every member of the object `over`, compact.
/// Both must have passed `CheckParameters`.
std::string MergeParameters(std::string_view base, std::string_view over);

/// `{"key":value}` where `value` is `text` itself if that is JSON, else `text` as a JSON string.
std::string ArgumentAsParameter(std::string_view key, std::string_view text);

}  // namespace omnigraph::cli
