// Changes the schema of a graph: plans it over the schema and the rows of a snapshot, and makes the
// tables of the next commit.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "graph/schema_rows.h"
#include "graph/snapshot.h"
#include "graph/working_graph.h"
#include "schema/compile.h"
#include "schema/migration.h"

namespace omnigraph::graph {

/// A change that was planned on one snapshot.
struct SchemaPlan {
  /// The steps, checked against the rows; unsupported ones say what is in the way.
  schema::MigrationPlan migration;
  /// The desired schema with the stable numbers that it has after the change.
  std::shared_ptr<const schema::Schema> desired;
  Backfills backfills;
  /// Whether the text differs from the accepted one, if only in its layout.
  bool changes_source = false;
};

/// Plans the change of `accepted` to the schema `source`. Nothing is written.
///
/// Errors: `kInvalidArgument` with all diagnostics of `source`, or for a backfill value that does
/// not fit; those of reading the tables. Cost: `CheckRows`.
Result<SchemaPlan> PlanSchemaChange(const Snapshot& accepted, std::string_view source,
                                    const schema::MigrationOptions& options);

/// Objects that a commit with hard drops makes useless, to be deleted once it is published.
using SupersededObjects = std::vector<std::string>;

/// Stores the schema and the tables of `plan`, which is supported and was planned on the base of
/// `working`, and makes them those of its commit. Rows are written anew only where a property is
/// dropped for good or gets a value; of other tables that change, only the tail.
///
/// Errors: those of the store.
Status ApplySchemaChange(const SchemaPlan& plan, WorkingGraph* working,
                         SupersededObjects* superseded);

}  // namespace omnigraph::graph
