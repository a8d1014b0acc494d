// Cuts JSON text into the texts of its parts, so that a value that only passes through keeps its
// spelling: 1e-07 stays 1e-07, whatever a parser would print for it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace omnigraph::client {

struct JsonMember {
  std::string key;        ///< Decoded.
  std::string_view json;  ///< Part of the text that was cut.
};

/// The members of an object, in order. Errors: `kInvalidArgument` if `json` is no object.
Result<std::vector<JsonMember>> CutObject(std::string_view json);

/// The elements of an array, in order. Errors: `kInvalidArgument` if `json` is no array.
Result<std::vector<std::string_view>> CutArray(std::string_view json);

}  // namespace omnigraph::client
