// Optimize, repair and cleanup of `LocalGraph`.

#include "engine/local_graph.h"
#include "engine/maintenance.h"
#include "graph/cleanup.h"
#include "graph/optimize.h"
#include "graph/repair.h"
#include "history/branch_name.h"

namespace omnigraph::engine {

Result<OptimizeAnswer> LocalGraph::Optimize(const Caller& caller) {
  OG_RETURN_IF_ERROR(RequireWritable("optimize"));
  OG_ASSIGN_OR_RETURN(graph::OptimizeReport report,
                      graph::Optimize(*repository_, std::string(history::kMainBranch), caller.actor,
                                      caller.deadline));
  OptimizeAnswer answer;
  for (graph::OptimizedTable& table : report.tables) {
    answer.tables.push_back({std::move(table.table_key), table.fragments_removed,
                             table.fragments_added, table.is_committed, table.table_version});
  }
  return answer;
}

Result<RepairAnswer> LocalGraph::Repair(const Caller&, const RepairRequest& request) {
  if (request.is_confirmed) OG_RETURN_IF_ERROR(RequireWritable("repair"));
  OG_ASSIGN_OR_RETURN(auto report, graph::Repair(*repository_, request.is_confirmed));
  RepairAnswer answer;
  for (graph::CheckedTable& from : report.tables) {
    RepairAnswer::Table table;
    table.table_key = std::move(from.table_key);
    table.table_version = from.table_version;
    table.operations = std::move(from.operations);
    table.error = std::move(from.error);
    switch (from.health) {
      case graph::TableHealth::kSound:
        table.classification = "no_drift";
        table.action = "no_op";
        break;
      case graph::TableHealth::kDerivedDamaged:
        table.classification = "verified_maintenance";
        table.action = from.is_healed ? "healed" : "preview";
        break;
      case graph::TableHealth::kRowsDamaged:
        table.classification = "unverifiable";
        table.action = "refused";
        break;
    }
    answer.tables.push_back(std::move(table));
  }
  for (graph::CheckedObject& from : report.objects) {
    const char* const action = from.is_healed ? "healed" : from.is_derived ? "preview" : "refused";
    answer.objects.push_back({std::move(from.key), action, std::move(from.error)});
  }
  return answer;
}

Result<CleanupAnswer> LocalGraph::Cleanup(const Caller&, const CleanupRequest& request) {
  if (!request.is_dry_run) OG_RETURN_IF_ERROR(RequireWritable("cleanup"));
  graph::CleanupPolicy policy;
  policy.keep_versions = request.keep_versions;
  policy.older_than_secs = request.older_than_secs;
  policy.grace_secs = request.grace_secs;
  policy.is_dry_run = request.is_dry_run;
  policy.concurrency = request.concurrency;
  OG_ASSIGN_OR_RETURN(graph::CleanupReport report, graph::Cleanup(*repository_, policy));
  CleanupAnswer answer;
  for (graph::CleanedTable& table : report.tables) {
    answer.tables.push_back({std::move(table.table_key), table.bytes_removed,
                             table.old_versions_removed, std::move(table.error)});
  }
  answer.history_bytes = report.history_bytes;
  answer.unreferenced_bytes = report.unreferenced_bytes;
  answer.failures = std::move(report.failures);
  return answer;
}

}  // namespace omnigraph::engine
