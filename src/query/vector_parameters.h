// Takes long vectors out of the JSON of a call's parameters: a vector of some hundred numbers costs
// more as a document than the search that it is for.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/parameters.h"
#include "types/value.h"

namespace omnigraph::query {

struct VectorParameters {
  /// By declared parameter; none for those that are still in `rest`.
  std::vector<std::optional<types::VectorValue>> values;
  /// The other members of the object, as JSON.
  std::string rest;
};

/// None if no parameter is a vector, if the text is short, or if anything is not as it should be:
/// then the ordinary reader says what. Duplicate keys count as that.
std::optional<VectorParameters> TakeVectors(const std::vector<Parameter>& declared,
                                            std::string_view text);

}  // namespace omnigraph::query
