// From rows that differ to what callers see of them.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "engine/changes.h"
#include "engine/engine.h"
#include "format/records.h"
#include "graph/diff.h"

namespace omnigraph::engine {

/// The options of a diff that reports what `filter` asks for, while the caller waits.
graph::DiffOptions OptionsOf(const Caller& caller, const ChangeFilter& filter,
                             graph::DiffOrder order);

/// How many rows pass between two looks at the caller.
inline constexpr std::uint64_t kRowsBetweenChecks = 256;

/// Errors: `kDeadlineExceeded` when the caller has left.
Status CheckPresence(const Caller& caller);

Result<DiffChange> DiffChangeOf(const graph::RowDifference& row);
/// With full images.
Result<EntityChange> EntityChangeOf(const graph::RowDifference& row);
graph::DiffPosition PositionOf(const graph::RowDifference& row);

/// Errors: `kInvalidArgument` for a page of none or of too many changes.
Status CheckPageSize(std::uint64_t limit);

/// Two commits and what to tell of them in one page.
struct ChangeSpan {
  const graph::Snapshot& before;
  const graph::Snapshot& after;
  const ChangeFilter& filter;
  std::uint64_t limit;
};

/// Appends the changes behind `*position` (none: all of them) and moves it to the last one that was
/// appended. Whether these were all there are. Errors: as of `graph::VisitDifference`.
Result<bool> CollectChanges(const Caller& caller, const ChangeSpan& span,
                            std::optional<graph::DiffPosition>* position,
                            std::vector<EntityChange>* changes);

ChangeCause CauseOf(const format::Commit& commit);

/// Where a commit was made: its branch, `main` included.
std::string BranchOf(const format::Commit& commit);

}  // namespace omnigraph::engine
