// Reads the documents of diffs and change feeds.

#pragma once

#include <optional>
#include <string_view>

#include "base/status.h"
#include "engine/changes.h"

namespace omnigraph::client {

// Errors of all of these: `kInternal` "the server's answer … " if the document has another shape.

/// Hands the parts of a diff to the functions of `request`.
Result<engine::DiffStats> ReadDiff(std::string_view json, const engine::DiffRequest& request);
Result<engine::CommitChangesAnswer> ReadCommitChanges(std::string_view json);
Result<engine::ChangeFeedAnswer> ReadChangeFeed(std::string_view json);
/// The last line of a baseline.
Result<engine::BaselineAnswer> ReadBaselineEnd(std::string_view line);

/// Details of error documents; none if the document does not have them.
std::optional<engine::CommitChangesAnswer> ReadDiffRefusal(std::string_view json);
std::optional<engine::ChangeFeedGap> ReadChangeFeedGap(std::string_view json);

}  // namespace omnigraph::client
