// From the key of a node to its id text and back (S11.2, S23.2).

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "schema/catalog.h"
#include "types/value.h"

namespace omnigraph::schema {

/// The text of one key column: strings verbatim, integers in decimal, dates and instants as ISO
/// text, floats as the shortest decimal that reads back in the width of the property, -0 as 0.
/// Errors: `kInvalidArgument` for null, NaN and infinities, naming `Type.property`.
Result<std::string> KeyColumnText(const NodeType& node, const Property& property,
                                  const types::Value& value);

/// The id of a node with a key. `values` stand in the order of `node.key_spelling_order`; one
/// column gives its text, several give a compact JSON array of the texts: `["9","B1"]`.
/// Requires `node.has_key()`.
Result<std::string> KeyText(const NodeType& node, std::span<const types::Value> values);

/// `KeyText` from column texts that are canonical already.
std::string JoinKeyTexts(std::span<const std::string> texts);

/// The canonical spelling of an id that somebody wrote: "007" of an I32 key is "7", the number of
/// a day is its date. None if `id` cannot be an id of `node`. Without a key, or with a String key,
/// every text is canonical.
std::optional<std::string> CanonicalId(const NodeType& node, std::string_view id);

}  // namespace omnigraph::schema
