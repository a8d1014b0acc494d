// Shows the plan of a schema change in a cluster plan.

#pragma once

#include "cluster/machine.h"
#include "schema/migration.h"

namespace omnigraph::cluster {

/// The steps as JSON and as the lines that stand under a schema update.
MigrationPreview DescribeMigration(const schema::MigrationPlan& plan);

}  // namespace omnigraph::cluster
