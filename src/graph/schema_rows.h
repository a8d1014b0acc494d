// What a schema change asks of the stored rows, and the values that it gives them.

#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/status.h"
#include "format/row_batch.h"
#include "graph/snapshot.h"
#include "schema/catalog.h"
#include "schema/migration.h"

namespace omnigraph::graph {

/// One value per property that is new or becomes required, for the rows that have none, each as a
/// column of one cell; by desired type and property name.
using Backfills = std::map<std::pair<std::string, std::string>, format::ColumnBuilder>;

/// Refuses values for properties that the desired schema does not have, `kInvalidArgument` with the
/// nearest name. Values of properties that are there already are ignored: the same command may run
/// again.
Status CheckBackfillNames(const std::map<std::string, std::string>& backfills,
                          const schema::Catalog& desired);

/// Reads the values of the steps that have one.
/// Errors: `kInvalidArgument` naming the property whose value does not fit it.
Result<Backfills> ReadBackfills(const schema::MigrationPlan& plan, const schema::Catalog& desired);

/// Checks every requirement of `plan` over the rows of `accepted`, and turns the steps whose rows
/// do not meet it into unsupported ones that name the first ten rows and count all.
///
/// `desired` is compiled with the numbers that the plan leads to (`schema::EvolveIdentity`): they
/// say which stored column is meant. Cost: a scan of the columns per step with a requirement.
/// Errors: those of reading the tables.
Status CheckRows(const Snapshot& accepted, const schema::Catalog& desired,
                 const Backfills& backfills, schema::MigrationPlan* plan);

}  // namespace omnigraph::graph
